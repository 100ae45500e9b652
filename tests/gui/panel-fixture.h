/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a window's panel of the substation shows. */

#pragma once

#include "window-fixture.h"

#include "sy-station-panel.h"

SyStationPanel *panel_get(SyWindow *window);
/* Borrowed; `name` as in the template. */
GtkWidget *panel_child(SyWindow *window, const char *name);
/* The list of ports. */
GtkDropDown *panel_drop_down(SyWindow *window);
const char *panel_get_state_text(SyWindow *window);
/* Whether its substation's trouble is this one. */
gboolean panel_has_trouble(SyWindow *window, SyTroubleKind kind);
