/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines at the end of a terminal that are drawn over as they change. One thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SyCliLive SyCliLive;

/* On standard output, which is a terminal. */
SyCliLive *sy_cli_live_new(void);
/* Takes the lines away and leaves the cursor where they began. */
void sy_cli_live_free(SyCliLive *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyCliLive, sy_cli_live_free)

/* How many lines there is room for now. */
guint sy_cli_live_get_room(SyCliLive *self);
/* Draws these lines in place of the last ones, each cut with an ellipsis where the terminal ends;
 * no more than there is room for. */
void sy_cli_live_draw(SyCliLive *self, char *const *lines);

/* Columns that a text takes on a terminal. */
guint sy_cli_count_columns(const char *text);
/* Appends a text and fills up to so many columns. */
void sy_cli_append_padded(GString *line, const char *text, guint columns);

G_END_DECLS
