/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: how it looked when it was last closed, and the port that was chosen last. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-port-list.h"
#include "sy-settings.h"

/* By its stable name: the adapter, whatever number it gets next time. */
static void on_port_chosen(SyWindow *self)
{
  const char *name = sy_station_panel_get_stable_port(self->station_panel);
  g_autoptr(SyPortList) ports = sy_port_list_new();

  /* What was named by hand is not found again by itself. */
  if (name && sy_port_list_find_stable(ports, name) != G_MAXUINT)
    g_settings_set_string(sy_settings_get(), "last-port", name);
}

/* An adapter that is not plugged in yet is waited for: it is what this computer works with. */
static void restore_port(SyWindow *self)
{
  g_autofree char *last = g_settings_get_string(sy_settings_get(), "last-port");

  if (*last)
    sy_station_panel_set_port(self->station_panel, last);
}

/* The window may have been closed on a larger screen than there is today. */
static void restore_size(SyWindow *self)
{
  GSettings *settings = sy_settings_get();
  GListModel *monitors = gdk_display_get_monitors(gtk_widget_get_display(GTK_WIDGET(self)));
  int width = g_settings_get_int(settings, "window-width");
  int height = g_settings_get_int(settings, "window-height");
  GdkRectangle largest = {0};

  for (guint n = 0; n < g_list_model_get_n_items(monitors); n++) {
    g_autoptr(GdkMonitor) monitor = g_list_model_get_item(monitors, n);
    GdkRectangle screen;

    gdk_monitor_get_geometry(monitor, &screen);
    largest.width = MAX(largest.width, screen.width);
    largest.height = MAX(largest.height, screen.height);
  }
  if (largest.width > 0)
    gtk_window_set_default_size(GTK_WINDOW(self), MIN(width, largest.width),
                                MIN(height, largest.height));
  if (g_settings_get_boolean(settings, "window-maximized"))
    gtk_window_maximize(GTK_WINDOW(self));
}

void sy_window_restore_state(SyWindow *self)
{
  g_autofree char *page = g_settings_get_string(sy_settings_get(), "page");

  restore_size(self);
  if (adw_view_stack_get_child_by_name(self->pages, page))
    adw_view_stack_set_visible_child_name(self->pages, page);
  restore_port(self);
  g_signal_connect_object(self->station_panel, "notify::port", G_CALLBACK(on_port_chosen), self,
                          G_CONNECT_SWAPPED);
}

void sy_window_save_state(SyWindow *self)
{
  GSettings *settings = sy_settings_get();
  const char *page = adw_view_stack_get_visible_child_name(self->pages);
  int width, height;

  gtk_window_get_default_size(GTK_WINDOW(self), &width, &height);
  g_settings_delay(settings);
  g_settings_set_boolean(settings, "window-maximized", gtk_window_is_maximized(GTK_WINDOW(self)));
  g_settings_set_int(settings, "window-width", width);
  g_settings_set_int(settings, "window-height", height);
  if (page)
    g_settings_set_string(settings, "page", page);
  g_settings_apply(settings);
}
