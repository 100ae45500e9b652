/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyLogView: the log of a substation, newest line last. Follows the newest line unless the person
 * has scrolled up to read; shows lines of one level and worse, and with a text in them; can be
 * paused. A line that is too long for its row is cut there, and shown whole below the list when it
 * is the one that is selected. While frames are shown it has the substation trace them.
 *
 * Actions: "log.copy", "log.find" (takes the focus to the search), "log.paused" (toggles),
 * "log.save" (s: "text" or "json"), "log.folder", "log.show-all".
 */

#pragma once

#include "sy-station.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_LOG_VIEW (sy_log_view_get_type())
G_DECLARE_FINAL_TYPE(SyLogView, sy_log_view, SY, LOG_VIEW, GtkWidget)

/* Whose log it is; may be NULL. Referenced. */
void sy_log_view_set_station(SyLogView *self, SyStation *station);
/* Time and level above the text instead of beside it. */
void sy_log_view_set_narrow(SyLogView *self, gboolean narrow);
/* Whether the newest line is kept in sight. */
gboolean sy_log_view_is_following(SyLogView *self);

/* The selected lines, or all that are shown when none is, as text: time, level and text, a line
 * each. Free with g_free. */
char *sy_log_view_dup_text(SyLogView *self);

G_END_DECLS
