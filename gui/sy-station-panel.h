/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyStationPanel: who is at the other end. Port, state of the link in words, the two banks with the
 * running one largest and how they stand, what to do about a trial, what else the substation said
 * of itself, and its flash.
 */

#pragma once

#include "sy-finder-box.h"
#include "sy-flash-map.h"
#include "sy-station.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_STATION_PANEL (sy_station_panel_get_type())
G_DECLARE_FINAL_TYPE(SyStationPanel, sy_station_panel, SY, STATION_PANEL, GtkWidget)

/* Property "port": what is chosen, as sy_link_open takes it. */
const char *sy_station_panel_get_port(SyStationPanel *self);
void sy_station_panel_set_port(SyStationPanel *self, const char *port);
/* What to remember of it; sy_station_panel_set_port takes that another day. The port may change
 * while this stays: the same adapter, plugged in anew. */
const char *sy_station_panel_get_stable_port(SyStationPanel *self);

/* Shows a substation; may be NULL. Referenced. */
void sy_station_panel_set_station(SyStationPanel *self, SyStation *station);

/* Keeps the port as it is while a job runs. */
void sy_station_panel_set_locked(SyStationPanel *self, gboolean locked);

/* Puts the list of ports before a person. */
void sy_station_panel_choose_port(SyStationPanel *self);

/* Below the list; whoever looks for a substation shows how it goes. */
SyFinderBox *sy_station_panel_get_finder_box(SyStationPanel *self);

SyFlashMap *sy_station_panel_get_flash_map(SyStationPanel *self);

G_END_DECLS
