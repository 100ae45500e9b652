/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a substation says by itself. All bytes that come, in jobs and between them, go through the
 * same ear, so that no frame is cut in two where a job begins or ends. */

#include "sy-station-private.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>

enum {
  READ_SIZE = 4096,       /* bytes a turn of the main loop */
  CATCH_UP_MAX = 1 << 16, /* bytes: more has not waited, it is coming */
  WAITING_MAX = 4096,     /* readings or lines, while the main thread does not take them */
};

static char *dup_start_text(const WireIdentity *identity)
{
  g_autofree char *version = sy_version_to_string(
      identity->mode == WIRE_MODE_LOADER ? identity->loader_version : identity->program_version);
  g_autofree char *who = NULL;
  const char *reset =
      identity->reset_cause == WIRE_RESET_WATCHDOG ? _("the watchdog") : _("power or reset pin");

  if (identity->mode == WIRE_MODE_LOADER)
    /* Translators: with its version. */
    who = g_strdup_printf(_("The loader %s"), version);
  else
    who = g_strdup_printf("%s %s", sy_bank_to_string((WireBank)identity->running_bank), version);
  /* Translators: who started, as in "LOW 1.0.0"; how often since power came; "the watchdog" or
   * "power or reset pin". */
  return g_strdup_printf(_("%s started (boot %u, last reset: %s)"), who, identity->boots, reset);
}

/* The mutex is held. */
static void add_console_line(SyStation *self, SyLogLevel level, const char *text)
{
  if (self->news.console->len < WAITING_MAX)
    g_ptr_array_add(self->news.console, sy_log_entry_new(level, text));
}

/* While a job may change the substation, what its starts mean is the job's to say. */
static void take_announce(SyStation *self, const WireIdentity *identity)
{
  SyLogLevel level = identity->reset_cause == WIRE_RESET_WATCHDOG ? SY_LOG_WARNING : SY_LOG_INFO;
  g_autofree char *text = dup_start_text(identity);

  add_console_line(self, level, text);
  if (self->changing)
    return;
  self->news.identity = *identity;
  self->news.identity_news = self->news.announced = TRUE;
  g_ptr_array_add(self->news.log, sy_log_entry_new(level, text));
}

static void on_frame(const WireFrame *frame, gpointer user_data)
{
  SyStation *self = user_data;
  SyConsoleReading heard = {.time_us = g_get_real_time()};
  WireIdentity identity;

  g_mutex_lock(&self->mutex);
  if (frame->type == WIRE_READING && wire_reading_read(frame, &heard.reading)) {
    if (self->news.readings->len < WAITING_MAX)
      g_array_append_val(self->news.readings, heard);
  } else if (frame->type == WIRE_ANNOUNCE && wire_identity_read(frame, &identity)) {
    take_announce(self, &identity);
  }
  sy_station_queue_flush(self);
  g_mutex_unlock(&self->mutex);
}

static void on_text(const char *line, gpointer user_data)
{
  SyStation *self = user_data;

  g_mutex_lock(&self->mutex);
  add_console_line(self, SY_LOG_DEBUG, line);
  sy_station_queue_flush(self);
  g_mutex_unlock(&self->mutex);
}

void sy_station_init_listening(SyStation *self)
{
  static const SyEarFuncs funcs = {.frame = on_frame, .text = on_text};

  self->ear = sy_ear_new(&funcs, self);
}

/* Reads between jobs, where no transfer tells the trace what comes. */
static gssize read_some(SyStation *self, GError **error)
{
  guint8 bytes[READ_SIZE];
  gssize length = sy_link_read(self->link, bytes, sizeof bytes, error);

  if (length > 0)
    sy_station_trace(self, SY_DIRECTION_IN, bytes, (gsize)length);
  return length;
}

/* Here all bytes come in. */
static void on_bytes(const guint8 *bytes, gsize length, gpointer user_data)
{
  SyStation *self = user_data;

  self->heard_us = g_get_monotonic_time();
  sy_ear_feed(self->ear, bytes, length, self->heard_us);
}

void sy_station_hear_link(SyStation *self)
{
  sy_ear_forget(self->ear);
  sy_link_set_tap(self->link, on_bytes, self);
}

gboolean sy_station_catch_up(SyStation *self, GError **error)
{
  gsize total = 0;
  gssize length;

  do {
    length = read_some(self, error);
    total += (gsize)MAX(length, 0);
  } while (length > 0 && total < CATCH_UP_MAX);
  return length >= 0;
}

static gboolean on_gap(gpointer user_data)
{
  SyStation *self = user_data;

  if (g_get_monotonic_time() - self->heard_us >= SY_EAR_GAP_MS * 1000)
    sy_ear_gap(self->ear);
  if (sy_ear_is_waiting(self->ear))
    return G_SOURCE_CONTINUE;
  self->gap_id = 0;
  return G_SOURCE_REMOVE;
}

static void expect_gap(SyStation *self)
{
  if (self->gap_id == 0 && sy_ear_is_waiting(self->ear))
    self->gap_id = g_timeout_add(SY_EAR_GAP_MS, on_gap, self);
}

static void lose_link(SyStation *self, const GError *error)
{
  g_autoptr(SyStation) held = g_object_ref(self); /* who is told may choose another port */
  SyTrouble *carried = sy_link_error_get_trouble(error);
  g_autoptr(SyTrouble) trouble =
      carried ? sy_trouble_ref(carried)
              : sy_trouble_find(SY_TROUBLE_OTHER, self->port, error->message);
  g_autofree char *sentence = sy_trouble_dup_sentence(trouble);

  sy_station_stop_listening(self, FALSE);
  g_clear_object(&self->link);
  sy_station_set_state(self, SY_STATION_UNREACHABLE, trouble);
  sy_station_log(self, SY_LOG_ERROR, sentence);
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer user_data)
{
  SyStation *self = user_data;
  g_autoptr(GError) error = NULL;

  (void)fd, (void)condition;
  if (read_some(self, &error) < 0) {
    self->listen_id = 0;
    lose_link(self, error);
    return G_SOURCE_REMOVE;
  }
  expect_gap(self);
  return G_SOURCE_CONTINUE;
}

/* With less priority than drawing: a line that never stops must not stop the window. */
void sy_station_start_listening(SyStation *self)
{
  if (self->has_job || !self->link) /* who is told that a job ended may have begun another */
    return;
  self->changing = FALSE;
  sy_ear_set_deaf_to_text(self->ear, FALSE);
  self->listen_id = g_unix_fd_add_full(G_PRIORITY_LOW, sy_link_get_fd(self->link),
                                       G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, self, NULL);
  expect_gap(self);
}

void sy_station_stop_listening(SyStation *self, gboolean changing)
{
  self->changing = changing;
  sy_ear_set_deaf_to_text(self->ear, changing);
  g_clear_handle_id(&self->listen_id, g_source_remove);
  g_clear_handle_id(&self->gap_id, g_source_remove);
}
