/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: follows the chosen port. A new substation is asked at once who it is, then quietly
 * again every two seconds while nothing else is going on, and at once when ports have news. */

#include "sy-config.h"

#include "sy-settings.h"
#include "sy-window-private.h"

#include <glib/gi18n.h>

enum { IDENTIFY_S = 2 };

typedef struct {
  SyWindow *window;
  GCancellable *cancellable;
} Asking;

static void on_identified(GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autofree Asking *asking = user_data;
  g_autoptr(SyWindow) self = asking->window;
  g_autoptr(GCancellable) cancellable = asking->cancellable;
  g_autoptr(GError) error = NULL;

  /* What went wrong shows in the station's state, trouble and log. */
  if (!sy_station_identify_finish(SY_STATION(source), result, &error))
    g_debug("identify: %s", error->message);
  if (self->identify_cancellable != cancellable) /* of a substation left since */
    return;
  g_clear_object(&self->identify_cancellable);
  if (self->job_cancellable)
    sy_window_begin_job(self);
  else if (self->find_cancellable && !self->finder)
    sy_window_begin_find(self);
}

static void identify(SyWindow *self, gboolean quiet)
{
  Asking *asking = g_new0(Asking, 1);

  self->identify_cancellable = g_cancellable_new();
  asking->window = g_object_ref(self);
  asking->cancellable = g_object_ref(self->identify_cancellable);
  sy_station_identify_async(self->station, quiet, asking->cancellable, on_identified, asking);
}

void sy_window_identify(SyWindow *self)
{
  if (self->station && !self->job_cancellable && !self->identify_cancellable &&
      !self->find_cancellable && sy_station_get_state(self->station) != SY_STATION_BUSY)
    identify(self, TRUE);
}

static gboolean on_identify_time(gpointer user_data)
{
  sy_window_identify(user_data);
  return G_SOURCE_CONTINUE;
}

/* What nobody could reach may be there now, or may be used now, under the name that it had. */
static void on_ports_changed(SyWindow *self)
{
  if (self->station && sy_station_get_state(self->station) == SY_STATION_UNREACHABLE)
    sy_window_identify(self);
}

static void on_identity(SyWindow *self)
{
  if (!self->job_cancellable)
    sy_window_update_image(self);
  sy_window_resolve_doubt(self);
  sy_window_update_plan(self);
}

static void on_progress(SyWindow *self)
{
  const SyProgress *progress = sy_station_get_progress(self->station);

  if (!self->job_cancellable)
    return;
  sy_progress_panel_set_progress(self->progress_panel, progress);
  sy_flash_map_set_progress(sy_station_panel_get_flash_map(self->station_panel), progress);
}

static void drop_station(SyWindow *self)
{
  if (self->identify_cancellable)
    g_cancellable_cancel(self->identify_cancellable);
  g_clear_object(&self->identify_cancellable);
  g_signal_group_set_target(self->station_signals, NULL);
  g_clear_object(&self->station);
}

/* A log belongs to a port: what became of the last one is said at the head of the next. */
static void log_port(SyStation *station, const char *last_port)
{
  g_autofree char *text = NULL;

  if (last_port)
    text = g_strdup_printf(_("Port %s is chosen; the log of %s is no longer shown"),
                           sy_station_get_port(station), last_port);
  else
    text = g_strdup_printf(_("Port %s is chosen"), sy_station_get_port(station));
  sy_station_log(station, SY_LOG_INFO, text);
}

/* Pulled out, plugged in anew, or known by its stable name only now. */
static gboolean is_same_adapter(SyWindow *self, const char *port, const char *stable_port)
{
  const char *last_port = self->station ? sy_station_get_port(self->station) : NULL;
  gboolean named_only_now =
      g_strcmp0(port, last_port) == 0 && g_strcmp0(self->stable_port, last_port) == 0;

  return self->station && (named_only_now || g_strcmp0(stable_port, self->stable_port) == 0);
}

SyLinkSettings sy_window_get_link_settings(void)
{
  GSettings *settings = sy_settings_get();

  return (SyLinkSettings){.dtr = g_settings_get_boolean(settings, "dtr"),
                          .rts = g_settings_get_boolean(settings, "rts")};
}

SyStation *sy_window_station_new(const char *port)
{
  SyLinkSettings settings = sy_window_get_link_settings();
  SyStation *station = sy_station_new(port);

  sy_station_set_link_settings(station, &settings);
  sy_station_keep_log(station, NULL);
  return station;
}

/* One that is on the board is taken from there: a port can be opened once. */
static void take_port(SyWindow *self, const char *port, const char *last_port)
{
  self->station = self->offered_station ? g_object_ref(self->offered_station)
                                        : sy_window_dup_board_station(self, port);
  if (!self->station)
    self->station = sy_window_station_new(port);
  log_port(self->station, last_port);
}

static void on_port(SyWindow *self)
{
  const char *port = sy_station_panel_get_port(self->station_panel);
  const char *stable_port = sy_station_panel_get_stable_port(self->station_panel);
  g_autofree char *last_port = self->station ? g_strdup(sy_station_get_port(self->station)) : NULL;
  gboolean same = !self->offered_station && is_same_adapter(self, port, stable_port);

  g_free(self->stable_port);
  self->stable_port = g_strdup(stable_port);
  if (same) { /* all that was heard of it stays */
    sy_station_set_port(self->station, port);
    on_identify_time(self);
    return;
  }
  drop_station(self);
  if (port)
    take_port(self, port, last_port);
  g_signal_group_set_target(self->station_signals, self->station);
  sy_station_panel_set_station(self->station_panel, self->station);
  sy_flash_map_set_progress(sy_station_panel_get_flash_map(self->station_panel), NULL);
  sy_log_view_set_station(self->log_view, self->station);
  sy_console_page_set_station(self->console_page, self->station);
  sy_window_forget_end(self);
  sy_window_update_image(self);
  sy_window_update_plan(self);
  if (self->station)
    identify(self, FALSE);
}

void sy_window_take_station(SyWindow *self, SyStation *station)
{
  g_return_if_fail(!self->job_cancellable);

  if (station == self->station)
    return;
  self->offered_station = station;
  sy_station_panel_set_port(self->station_panel, sy_station_get_port(station));
  if (self->station != station) /* behind a port of the same name */
    on_port(self);
  self->offered_station = NULL;
}

void sy_window_init_station(SyWindow *self)
{
  self->station_signals = g_signal_group_new(SY_TYPE_STATION);
  g_signal_group_connect_swapped(self->station_signals, "notify::state",
                                 G_CALLBACK(sy_window_update_plan), self);
  g_signal_group_connect_swapped(self->station_signals, "notify::state",
                                 G_CALLBACK(sy_window_update_finder), self);
  g_signal_group_connect_swapped(self->station_signals, "identity-changed", G_CALLBACK(on_identity),
                                 self);
  g_signal_group_connect_swapped(self->station_signals, "progress-changed", G_CALLBACK(on_progress),
                                 self);
  g_signal_connect_object(self->station_panel, "notify::port", G_CALLBACK(on_port), self,
                          G_CONNECT_SWAPPED);
  self->identify_source = g_timeout_add_seconds(IDENTIFY_S, on_identify_time, self);
  self->port_watch = sy_port_watch_new();
  g_signal_connect_object(self->port_watch, "changed", G_CALLBACK(on_ports_changed), self,
                          G_CONNECT_SWAPPED);
  on_port(self);
}

void sy_window_dispose_station(SyWindow *self)
{
  g_clear_handle_id(&self->identify_source, g_source_remove);
  g_clear_object(&self->port_watch);
  if (self->station_signals)
    drop_station(self);
  g_clear_object(&self->station_signals);
  g_clear_pointer(&self->stable_port, g_free);
}
