/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Round numbers for the axes of a plot. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* From `low` to `high` in steps of `step`, all of them tenths, as readings are. */
typedef struct {
  int low, high, step;
} SyPlotScale;

/* The smallest that holds min and max, in round steps of half a unit or more, at most `steps_max`
 * (2 or more) of them. */
SyPlotScale sy_plot_scale_new(int min, int max, int steps_max);

/* How many seconds are shown when the oldest reading came `age_s` ago: a minute at least, five at
 * most. */
int sy_plot_choose_span(double age_s);
/* Seconds between two times on the axis so that each has `room` of `width` pixels. */
int sy_plot_choose_time_step(int span_s, double width, double room);

G_END_DECLS
