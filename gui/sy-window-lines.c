/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: how DTR and RTS of serial ports are, for all that are open. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-line-dialog.h"
#include "sy-settings.h"

static void activate_lines(GtkWidget *widget, const char *action, GVariant *parameter)
{
  gtk_window_present(GTK_WINDOW(sy_line_dialog_new(GTK_WINDOW(widget))));
}

/* Those on the board are asked again when somebody wants something of them. */
static void on_changed(SyWindow *self)
{
  SyLinkSettings lines = sy_window_get_link_settings();
  SyBoardRow *row;

  for (guint n = 0; (row = sy_board_get_row(self->board, n)); n++)
    sy_station_set_link_settings(sy_board_row_get_station(row), &lines);
  if (self->station)
    sy_station_set_link_settings(self->station, &lines);
  sy_window_identify(self);
}

void sy_window_class_init_lines(GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action(widget_class, "win.lines", NULL, activate_lines);
}

void sy_window_init_lines(SyWindow *self)
{
  static const char *const changes[] = {"changed::dtr", "changed::rts"};

  for (guint n = 0; n < G_N_ELEMENTS(changes); n++)
    g_signal_connect_object(sy_settings_get(), changes[n], G_CALLBACK(on_changed), self,
                            G_CONNECT_SWAPPED);
}
