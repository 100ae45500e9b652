/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyDrillRow: one drill with its button, what to expect of it, and what came of it. The button
 * activates win.drill with the drill's name.
 */

#pragma once

#include "sy-drill.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_DRILL_ROW (sy_drill_row_get_type())
G_DECLARE_FINAL_TYPE(SyDrillRow, sy_drill_row, SY, DRILL_ROW, GtkListBoxRow)

GtkWidget *sy_drill_row_new(const SyDrill *drill);
const SyDrill *sy_drill_row_get_drill(SyDrillRow *self);

void sy_drill_row_show_running(SyDrillRow *self, guint fired);
/* `text` as of sy_drill_dup_end_text. */
void sy_drill_row_show_end(SyDrillRow *self, SyDrillVerdict verdict, const char *text);
/* Forgets what came of it. */
void sy_drill_row_clear(SyDrillRow *self);

G_END_DECLS
