/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines of the log: as rows of a list, and as text. */

#pragma once

#include "sy-log-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* "Warning". Borrowed. */
const char *sy_log_level_get_word(SyLogLevel level);
/* Rows with time, level and text, the text below the others when narrow. */
GtkListItemFactory *sy_log_rows_new_factory(gboolean narrow);
/* "14:03:07.123 Warning: Something odd"; free with g_free. */
char *sy_log_rows_dup_sentence(SyLogEntry *entry);
/* "14:03:07.123 Warning Something odd", and a line end. */
void sy_log_rows_append_text(GString *to, SyLogEntry *entry);

G_END_DECLS
