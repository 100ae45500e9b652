/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyLogModel: the newest lines of a log, as a GListModel of SyLogEntry, newest last. Lines come in
 * bursts and the oldest go when there are too many: either costs the same however many there are.
 *
 * SyLogFilter: those of them that a person wants to see, from one level up and with a text in them;
 * and it can be paused. A GListModel of SyLogEntry too.
 *
 * Main thread.
 */

#pragma once

#include "sy-text.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* One line of the log; immutable. Any thread. */
#define SY_TYPE_LOG_ENTRY (sy_log_entry_get_type())
G_DECLARE_FINAL_TYPE(SyLogEntry, sy_log_entry, SY, LOG_ENTRY, GObject)
/* Of now. What is no UTF-8 in `text` is replaced. */
SyLogEntry *sy_log_entry_new(SyLogLevel level, const char *text);
SyLogLevel sy_log_entry_get_level(SyLogEntry *self);
gint64 sy_log_entry_get_time(SyLogEntry *self); /* g_get_real_time() */
const char *sy_log_entry_get_text(SyLogEntry *self);
/* "14:03:07.123", local time; free with g_free. */
char *sy_log_entry_dup_time_text(SyLogEntry *self);

#define SY_TYPE_LOG_MODEL (sy_log_model_get_type())
G_DECLARE_FINAL_TYPE(SyLogModel, sy_log_model, SY, LOG_MODEL, GObject)

/* Keeps `max` lines, or up to 1 in 64 less: when it is full so many go at once, because a list of
 * GTK takes milliseconds to get over it. */
SyLogModel *sy_log_model_new(guint max);
/* One items-changed for the lines that come, and one for those that go, if any do. Takes references
 * of its own. */
void sy_log_model_append(SyLogModel *self, SyLogEntry *const *entries, guint count);

/* Property "status": changes whenever get_present or get_held do. Signalled once a burst. */
#define SY_TYPE_LOG_FILTER (sy_log_filter_get_type())
G_DECLARE_FINAL_TYPE(SyLogFilter, sy_log_filter, SY, LOG_FILTER, GObject)

/* Whoever asks for other lines gets them at once when they are few; else the main loop looks for
 * them, and the list is told of them, in pieces when it is idle, so that no frame is late. Lines
 * that come meanwhile show up in the end too. */
SyLogFilter *sy_log_filter_new(void);
/* `log`: a SyLogModel, or NULL. Referenced. Ends a pause. */
void sy_log_filter_set_log(SyLogFilter *self, GListModel *log);
/* Lines of this level and worse. */
void sy_log_filter_set_level(SyLogFilter *self, SyLogLevel level);
SyLogLevel sy_log_filter_get_level(SyLogFilter *self);
/* Lines that have it in their text, in either case. "": all. */
void sy_log_filter_set_search(SyLogFilter *self, const char *search);
/* Waits no longer, and has what was asked for last. */
void sy_log_filter_finish(SyLogFilter *self);
/* While it is paused, what comes is counted and not shown; the end shows it. */
void sy_log_filter_set_paused(SyLogFilter *self, gboolean paused);
gboolean sy_log_filter_is_paused(SyLogFilter *self);
/* While it is frozen, lines that come are taken but not told: for a list that nobody sees, and
 * which GTK would only tidy up when it is. The end tells of them at once. */
void sy_log_filter_set_frozen(SyLogFilter *self, gboolean frozen);
/* Lines held back by the pause that would be shown. */
guint sy_log_filter_get_held(SyLogFilter *self);
/* Lines that are shown, also those that the list will only be told of. */
guint sy_log_filter_get_shown(SyLogFilter *self);
/* Lines there are, shown or not. */
guint sy_log_filter_get_present(SyLogFilter *self);

G_END_DECLS
