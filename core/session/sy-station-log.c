/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A substation's log: its lines, their copy on disk, and the frames among them. */

#include "sy-config.h"

#include "sy-station-private.h"

#include <glib/gi18n-lib.h>

/* In the thread that has the link. */
static void on_frame(const SyFrameLine *line, gpointer user_data)
{
  SyStation *self = user_data;

  g_mutex_lock(&self->mutex);
  g_ptr_array_add(self->news.log, sy_log_entry_new(SY_LOG_TRACE, line->text));
  sy_station_queue_flush(self);
  g_mutex_unlock(&self->mutex);
}

void sy_station_init_log(SyStation *self)
{
  self->log = sy_log_model_new(SY_STATION_LOG_MAX);
  self->trace = sy_frame_trace_new(on_frame, self);
}

void sy_station_clear_log(SyStation *self)
{
  g_clear_object(&self->log);
  g_clear_pointer(&self->journal, sy_journal_free);
  g_clear_pointer(&self->trace, sy_frame_trace_free);
}

GListModel *sy_station_get_log(SyStation *self)
{
  return G_LIST_MODEL(self->log);
}

static gboolean write_journal(SyStation *self, SyLogEntry *const *entries, guint count,
                              GError **error)
{
  g_autofree SyJournalLine *lines = g_new(SyJournalLine, count);

  for (guint i = 0; i < count; i++)
    lines[i] = (SyJournalLine){
        .time_us = sy_log_entry_get_time(entries[i]),
        .level = sy_log_level_to_string(sy_log_entry_get_level(entries[i])),
        .text = sy_log_entry_get_text(entries[i]),
    };
  return sy_journal_append(self->journal, lines, count, error);
}

void sy_station_append_log(SyStation *self, SyLogEntry *const *entries, guint count)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = NULL;

  /* First to disk: what was seen is there, whatever happens next. */
  if (self->journal && !write_journal(self, entries, count, &error) && !self->journal_trouble) {
    self->journal_trouble = TRUE;
    text = g_strdup_printf(_("The log is not kept on disk: %s. Everything else goes on."),
                           error->message);
  }
  sy_log_model_append(self->log, entries, count);
  if (text)
    sy_station_log(self, SY_LOG_WARNING, text);
}

void sy_station_log(SyStation *self, SyLogLevel level, const char *text)
{
  g_autoptr(SyLogEntry) entry = sy_log_entry_new(level, text);

  sy_station_append_log(self, &entry, 1);
}

void sy_station_keep_log(SyStation *self, const char *folder)
{
  g_clear_pointer(&self->journal, sy_journal_free);
  self->journal_trouble = FALSE;
  self->journal = sy_journal_new(folder, SY_VERSION, self->port);
}

void sy_station_set_tracing(SyStation *self, gboolean tracing)
{
  if (sy_station_is_tracing(self) == tracing)
    return;
  sy_frame_trace_set_on(self->trace, tracing);
  sy_station_log(self, SY_LOG_INFO,
                 tracing ? _("Each frame is logged from here on")
                         : _("Frames are no longer logged"));
}

gboolean sy_station_is_tracing(SyStation *self)
{
  return sy_frame_trace_is_on(self->trace);
}

void sy_station_trace(SyStation *self, SyDirection direction, const guint8 *bytes, gsize length)
{
  sy_frame_trace_feed(self->trace, direction, bytes, length);
}
