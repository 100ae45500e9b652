/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyLogView: the log of a substation, newest line last. Follows the newest line unless the person
 * has scrolled up to read.
 */

#pragma once

#include "sy-station.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_LOG_VIEW (sy_log_view_get_type())
G_DECLARE_FINAL_TYPE(SyLogView, sy_log_view, SY, LOG_VIEW, GtkWidget)

/* `log`: GListModel of SyLogEntry, or NULL. Referenced. */
void sy_log_view_set_log(SyLogView *self, GListModel *log);
/* Time and level above the text instead of beside it. */
void sy_log_view_set_narrow(SyLogView *self, gboolean narrow);
/* Whether the newest line is kept in sight. */
gboolean sy_log_view_is_following(SyLogView *self);

/* The selected lines, or all when none is, as text: time, level and text, a line each. Free with
 * g_free. */
char *sy_log_view_dup_text(SyLogView *self);

G_END_DECLS
