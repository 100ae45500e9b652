/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Which line of a file gave which byte of a buffer that only grows, or of memory. Lines one after
 * another that give equally many bytes cost one entry together, so that of a usual file costs next
 * to nothing.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SyLineTable SyLineTable;

SyLineTable *sy_line_table_new(void);
void sy_line_table_free(SyLineTable *table);

/* From `offset` on, each line from `line` on gave `per_line` bytes (not 0); until the next call
 * says otherwise. Offsets must rise. */
void sy_line_table_add(SyLineTable *table, guint32 offset, guint32 per_line, guint line);

/* Says of [to_offset, to_offset + length) of `to` what `from` says of `length` bytes from `offset`
 * on, which is where a line begins. */
void sy_line_table_copy(const SyLineTable *from, guint32 offset, guint32 length, SyLineTable *to,
                        guint32 to_offset);

/* Gives back memory that was set aside for more. */
void sy_line_table_trim(SyLineTable *table);

/* Bytes that the entries take. */
gsize sy_line_table_get_size(const SyLineTable *table);

/* The line that gave the byte at `offset`; there must have been one. */
guint sy_line_table_find(const SyLineTable *table, guint32 offset);

G_END_DECLS
