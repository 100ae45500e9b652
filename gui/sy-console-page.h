/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyConsolePage: what the substation's program sends by itself: its readings as numbers and as
 * lines, and messages: who started, what was lost, what came and was no frame.
 *
 * Does its work only while it is seen.
 */

#pragma once

#include "sy-station.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_CONSOLE_PAGE (sy_console_page_get_type())
G_DECLARE_FINAL_TYPE(SyConsolePage, sy_console_page, SY, CONSOLE_PAGE, GtkWidget)

/* Signals
 *   "message" (string)   something was done, for a toast
 *   "save" (void)        the readings shall be saved: those of the station that was set */

/* Referenced; NULL: no port is chosen. */
void sy_console_page_set_station(SyConsolePage *self, SyStation *station);

G_END_DECLS
