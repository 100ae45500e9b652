/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: looks for the substation among all ports. */

#include "sy-config.h"

#include "sy-window-private.h"

#include <glib/gi18n.h>

static SyFinderBox *get_box(SyWindow *self)
{
  return sy_station_panel_get_finder_box(self->station_panel);
}

static gboolean is_connected(SyWindow *self)
{
  return self->station && sy_station_get_state(self->station) == SY_STATION_CONNECTED;
}

/* Its name is as the search knows it, and leads to the port if it is still there. */
static void choose(SyWindow *self, const char *port)
{
  sy_finder_box_clear(get_box(self));
  sy_station_panel_set_port(self->station_panel, port);
}

/* NULL unless exactly one can be used. */
static const SyFinderPort *get_only(GPtrArray *ports)
{
  const SyFinderPort *only = NULL;
  guint count = 0;

  for (guint n = 0; n < ports->len; n++) {
    const SyFinderPort *port = g_ptr_array_index(ports, n);

    if (!sy_finder_port_is_usable(port))
      continue;
    only = port;
    count++;
  }
  return count == 1 ? only : NULL;
}

static void show_found(SyWindow *self, GPtrArray *ports)
{
  const SyFinderPort *only = get_only(ports);
  g_autofree char *text = NULL;

  if (!only) {
    sy_finder_box_show_ports(get_box(self), ports);
    return;
  }
  choose(self, only->port);
  /* Translators: a port. */
  text = g_strdup_printf(_("A substation was found on %s"), only->label);
  sy_window_tell(self, text);
}

static void on_found(GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(SyWindow) self = g_weak_ref_get(user_data);
  g_autoptr(GPtrArray) ports = sy_finder_find_finish(SY_FINDER(source), result, NULL);

  g_weak_ref_clear(user_data);
  g_free(user_data);
  if (!self || !self->station) /* closed meanwhile */
    return;
  g_clear_object(&self->find_cancellable);
  g_clear_object(&self->finder);
  if (ports)
    show_found(self, ports);
  else
    sy_finder_box_clear(get_box(self)); /* given up */
  sy_window_update_plan(self);
  sy_window_identify(self);
}

static void on_progress(SyFinder *finder, SyWindow *self)
{
  guint waiting = sy_finder_count_waiting(finder);

  if (waiting > 0 && self->station && !g_cancellable_is_cancelled(self->find_cancellable))
    sy_finder_box_show_progress(get_box(self), waiting, sy_finder_is_trying_rates(finder));
}

/* Who answers is not asked again; who does not, is as all others are. */
static void tell_board_ports(SyWindow *self)
{
  SyBoardRow *row;

  for (guint n = 0; (row = sy_board_get_row(self->board, n)); n++) {
    SyStation *station = sy_board_row_get_station(row);
    const WireIdentity *identity = sy_station_get_identity(station);

    if (identity && sy_station_get_state(station) != SY_STATION_UNREACHABLE)
      sy_finder_know(self->finder, sy_station_get_port(station), identity);
    else
      sy_station_release(station);
  }
}

void sy_window_begin_find(SyWindow *self)
{
  /* A search takes long, and must not keep a window that is closed. */
  GWeakRef *window = g_new(GWeakRef, 1);
  SyLinkSettings settings = sy_window_get_link_settings();

  g_weak_ref_init(window, self);
  self->finder = sy_finder_new();
  sy_finder_set_link_settings(self->finder, &settings);
  tell_board_ports(self);
  if (is_connected(self))
    sy_finder_know(self->finder, self->stable_port, sy_station_get_identity(self->station));
  else if (self->station)
    sy_station_release(self->station);
  g_signal_connect_object(self->finder, "progress-changed", G_CALLBACK(on_progress), self, 0);
  sy_finder_find_async(self->finder, NULL, self->find_cancellable, on_found, window);
}

void sy_window_cancel_find(SyWindow *self)
{
  if (self->find_cancellable)
    g_cancellable_cancel(self->find_cancellable);
}

void sy_window_dispose_finder(SyWindow *self)
{
  sy_window_cancel_find(self);
  g_clear_object(&self->find_cancellable);
  g_clear_object(&self->finder);
}

static void activate_find_station(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);

  if (self->job_cancellable || self->find_cancellable)
    return;
  self->find_cancellable = g_cancellable_new();
  adw_view_stack_set_visible_child_name(self->narrow_pages, "substation");
  sy_finder_box_clear(get_box(self));
  sy_window_update_plan(self);
  /* A station does one thing at a time: the end of the question begins the search. */
  if (self->identify_cancellable)
    g_cancellable_cancel(self->identify_cancellable);
  else
    sy_window_begin_find(self);
}

/* That none was found is over with an answer, from wherever; a choice is its owner's. */
void sy_window_update_finder(SyWindow *self)
{
  if (!self->find_cancellable && is_connected(self) && !sy_finder_box_is_choosing(get_box(self)))
    sy_finder_box_clear(get_box(self));
}

/* Whoever chooses a port by hand looks for none. */
static void on_port(SyWindow *self)
{
  sy_window_cancel_find(self);
  if (sy_finder_box_is_choosing(get_box(self)))
    sy_finder_box_clear(get_box(self));
}

void sy_window_class_init_finder(GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action(widget_class, "win.find-station", NULL, activate_find_station);
}

void sy_window_init_finder(SyWindow *self)
{
  SyFinderBox *box = get_box(self);

  g_signal_connect_object(box, "stop", G_CALLBACK(sy_window_cancel_find), self, G_CONNECT_SWAPPED);
  g_signal_connect_object(box, "chosen", G_CALLBACK(choose), self, G_CONNECT_SWAPPED);
  g_signal_connect_object(self->station_panel, "notify::port", G_CALLBACK(on_port), self,
                          G_CONNECT_SWAPPED);
}
