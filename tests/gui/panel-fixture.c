/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a window's panel of the substation shows. */

#include "panel-fixture.h"

SyStationPanel *panel_get(SyWindow *window)
{
  return SY_STATION_PANEL(test_child(window, SY_TYPE_WINDOW, "station_panel"));
}

GtkWidget *panel_child(SyWindow *window, const char *name)
{
  return test_child(panel_get(window), SY_TYPE_STATION_PANEL, name);
}

GtkDropDown *panel_drop_down(SyWindow *window)
{
  return GTK_DROP_DOWN(gtk_widget_get_first_child(panel_child(window, "port_chooser")));
}

const char *panel_get_state_text(SyWindow *window)
{
  return gtk_label_get_text(GTK_LABEL(panel_child(window, "state_label")));
}

gboolean panel_has_trouble(SyWindow *window, SyTroubleKind kind)
{
  const SyTrouble *trouble = sy_station_get_trouble(sy_window_get_station(window));

  return trouble && trouble->kind == kind;
}
