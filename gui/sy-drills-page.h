/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyDrillsPage: the drills of a virtual substation, and a notice while a fault stands. Its buttons
 * activate win.drill, win.end-fault and win.reset-virtual.
 */

#pragma once

#include "sy-drill.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_DRILLS_PAGE (sy_drills_page_get_type())
G_DECLARE_FINAL_TYPE(SyDrillsPage, sy_drills_page, SY, DRILLS_PAGE, GtkWidget)

/* Why none can be started, a sentence; NULL: they can. */
void sy_drills_page_set_reason(SyDrillsPage *self, const char *reason);
/* The drill whose fault stands; NULL: none does. */
void sy_drills_page_set_standing(SyDrillsPage *self, const SyDrill *drill);
/* As in sy-drill-row.h; NULL when there is no row for it. */
GtkWidget *sy_drills_page_get_row(SyDrillsPage *self, const SyDrill *drill);
/* Scrolls to a drill, now and whenever the room changes, until the next. */
void sy_drills_page_follow(SyDrillsPage *self, const SyDrill *drill);
/* Forgets what came of all of them. */
void sy_drills_page_clear(SyDrillsPage *self);

G_END_DECLS
