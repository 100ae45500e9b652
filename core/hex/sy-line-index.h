/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyLineIndex: where in a file some of its lines begin, so that any line can be found again by
 * reading a little.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

enum { SY_LINE_INDEX_SPACING = 64 * 1024 }; /* bytes between two that are kept, at least */

typedef struct _SyLineIndex SyLineIndex;

SyLineIndex *sy_line_index_new(void);
void sy_line_index_free(SyLineIndex *index);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyLineIndex, sy_line_index_free)

/* Line `line` (from 1) begins at `offset`; both must rise. Those too near the one before are not
 * kept. */
void sy_line_index_note(SyLineIndex *index, guint line, guint64 offset);

/* How many lines there are; 0 until it is set. */
void sy_line_index_set_n_lines(SyLineIndex *index, guint n_lines);
guint sy_line_index_get_n_lines(const SyLineIndex *index);

/* The nearest line at or before `line` whose place is known, and that place. Line 1 at 0 is. */
guint sy_line_index_find(const SyLineIndex *index, guint line, guint64 *offset);

G_END_DECLS
