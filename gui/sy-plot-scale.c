/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Round numbers for the axes of a plot. */

#include "sy-config.h"

#include "sy-plot-scale.h"

static int floor_to(int value, int step)
{
  int rest = value % step;

  return value - (rest < 0 ? rest + step : rest);
}

static SyPlotScale scale_with(int min, int max, int step)
{
  SyPlotScale scale = {floor_to(min, step), -floor_to(-max, step), step};

  if (scale.low == scale.high) {
    scale.low -= step;
    scale.high += step;
  }
  return scale;
}

SyPlotScale sy_plot_scale_new(int min, int max, int steps_max)
{
  static const int factors[] = {5, 10, 20};

  for (int power = 1;; power *= 10)
    for (guint n = 0; n < G_N_ELEMENTS(factors); n++) {
      SyPlotScale scale = scale_with(min, max, factors[n] * power);

      if ((scale.high - scale.low) / scale.step <= steps_max)
        return scale;
    }
}

int sy_plot_choose_span(double age_s)
{
  static const int spans[] = {60, 120, 300};
  guint n = 0;

  while (n + 1 < G_N_ELEMENTS(spans) && age_s > spans[n])
    n++;
  return spans[n];
}

int sy_plot_choose_time_step(int span_s, double width, double room)
{
  static const int steps[] = {15, 30, 60, 120, 300};
  guint n = 0;

  while (n + 1 < G_N_ELEMENTS(steps) && steps[n] * width / span_s < room)
    n++;
  return steps[n];
}
