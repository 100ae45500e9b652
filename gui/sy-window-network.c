/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyWindow: a port behind a network. */

#include "sy-config.h"

#include "sy-window-private.h"

#include "sy-network-port-dialog.h"

static void activate_network_port(GtkWidget *widget, const char *action, GVariant *parameter)
{
  SyWindow *self = SY_WINDOW(widget);
  SyNetworkPortDialog *dialog =
      sy_network_port_dialog_new(GTK_WINDOW(self), sy_station_panel_get_port(self->station_panel));

  g_signal_connect_object(dialog, "chosen", G_CALLBACK(sy_window_set_port), self,
                          G_CONNECT_SWAPPED);
  gtk_window_present(GTK_WINDOW(dialog));
}

void sy_window_class_init_network(GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action(widget_class, "win.network-port", NULL, activate_network_port);
}
