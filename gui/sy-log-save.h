/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Saves lines of the log: as text, as they are seen, or as JSON: one array, an object a line, with
 * "time", "level" and "text" as in the journal (sy-journal.h). */

#pragma once

#include "sy-log-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Shows a file chooser, then saves, as the chosen name's end says, else as `json` does. Tells how
 * it went in a toast or a dialog, for as long as `widget` is there. */
void sy_log_save_ask(GtkWidget *widget, GPtrArray *entries, gboolean json);

/* In a thread. The file is written whole or not at all; an old one gives way. */
void sy_log_save_async(GPtrArray *entries, GFile *file, gboolean json, GAsyncReadyCallback callback,
                       gpointer user_data);
/* G_IO_ERROR or G_FILE_ERROR. */
gboolean sy_log_save_finish(GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
