/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyPlot: the readings of the last minutes as lines, a strip for each channel, up to the instant it
 * is drawn. Where readings were lost, or the program began anew, the line is broken.
 *
 * It draws itself again when readings come and it is seen; for the time to go on while none come,
 * call gtk_widget_queue_draw.
 */

#pragma once

#include "sy-console.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_PLOT (sy_plot_get_type())
G_DECLARE_FINAL_TYPE(SyPlot, sy_plot, SY, PLOT, GtkWidget)

/* Referenced; NULL: nothing to show. */
void sy_plot_set_console(SyPlot *self, SyConsole *console);

G_END_DECLS
