/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyLogLine: one line of the log in a list. All lines are of the same height and ask for no width,
 * whatever they say, as a list must measure each anew that does: a text that does not fit is cut
 * with an ellipsis, and a tooltip has all of it. Main thread.
 */

#pragma once

#include "sy-log-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_LOG_LINE (sy_log_line_get_type())
G_DECLARE_FINAL_TYPE(SyLogLine, sy_log_line, SY, LOG_LINE, GtkWidget)

/* Time, level and text beside each other, or the text below the others when narrow. */
GtkWidget *sy_log_line_new(gboolean narrow);
void sy_log_line_set_entry(SyLogLine *self, SyLogEntry *entry);
/* Whether the text does not fit into the width that the line has now. */
gboolean sy_log_line_is_cut(SyLogLine *self);

G_END_DECLS
