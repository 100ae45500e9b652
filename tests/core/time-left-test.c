/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A time left that does not jump, over series as upgrades give them. */

#include "sy-time-left.h"

#include <glib.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { TICK_US = 100 * 1000, TOTAL = 48 * 1024, BLOCK = 512 };

/* An upgrade whose blocks come at `rate` with noise, and what the engine would estimate of it: the
 * mean since the beginning. */
typedef struct {
  SyTimeLeft left;
  guint32 done;    /* bytes */
  double carry;    /* bytes that do not make a block yet */
  double estimate; /* at the last block */
  guint64 start_us, now_us;
  GRand *random;
  double told, most_risen, most_fallen;
} Series;

static void series_init(Series *series, guint32 seed)
{
  *series = (Series){.now_us = 5000000, .start_us = 5000000, .estimate = -1, .told = -1};
  sy_time_left_init(&series->left);
  series->random = g_rand_new_with_seed(seed);
}

static void tick(Series *series, double rate)
{
  double before = series->told;

  series->now_us += TICK_US;
  series->carry += rate * TICK_US / 1e6 * g_rand_double_range(series->random, 0.3, 1.7);
  for (; series->carry >= BLOCK && series->done < TOTAL; series->carry -= BLOCK)
    series->done += BLOCK;
  if (rate > 0 && series->done > 0)
    series->estimate = (TOTAL - series->done) /
                       (series->done / ((double)(series->now_us - series->start_us) / 1e6));
  series->told = sy_time_left_update(&series->left, series->done, series->estimate, series->now_us);
  if (before < 0 || series->told < 0)
    return;
  series->most_risen = MAX(series->most_risen, series->told - before);
  series->most_fallen = MAX(series->most_fallen, before - series->told);
}

static void series_clear(Series *series)
{
  g_rand_free(series->random);
}

static void it_never_rises_and_never_falls_faster_than_three_seconds_a_second(void **state)
{
  (void)state;
  for (guint32 seed = 1; seed <= 50; seed++) {
    Series series;

    series_init(&series, seed);
    while (series.done < TOTAL)
      tick(&series, g_rand_double_range(series.random, 2000, 12000));
    assert_true(series.most_risen <= 1e-9);
    assert_true(series.most_fallen <= SY_TIME_LEFT_FALL_MAX * TICK_US / 1e6 + 1e-9);
    assert_true(series.most_fallen > 0);
    series_clear(&series);
  }
}

static void on_a_steady_line_it_is_right_within_a_second(void **state)
{
  Series series;

  (void)state;
  series_init(&series, 7);
  while (series.done < TOTAL) {
    double really;

    tick(&series, 4000);
    really = (TOTAL - series.done) / 4000.0;
    if (series.told >= 0 && really < 8 && really > 0.6 && fabs(series.told - really) > 1)
      fail_msg("%.2f s told, %.2f s left", series.told, really);
  }
  series_clear(&series);
}

static void it_is_not_told_before_there_was_time_to_estimate(void **state)
{
  SyTimeLeft left;

  (void)state;
  sy_time_left_init(&left);
  assert_true(sy_time_left_update(&left, 0, -1, 1000) < 0);
  assert_true(sy_time_left_update(&left, BLOCK, 90, 2000) < 0);
  assert_true(sy_time_left_update(&left, 2 * BLOCK, 20, 2000 + SY_TIME_LEFT_SETTLE_US / 2) < 0);
  assert_true(sy_time_left_update(&left, 9 * BLOCK, 6, 2000 + SY_TIME_LEFT_SETTLE_US) == 6);
}

static void
in_a_stall_it_rises_no_faster_than_the_clock_and_comes_back_to_what_is_left(void **state)
{
  Series series;
  double before, estimate;

  (void)state;
  series_init(&series, 3);
  for (guint n = 0; n < 40; n++)
    tick(&series, 4000);
  before = series.told;
  estimate = series.estimate;
  for (guint n = 0; n < 100; n++)
    tick(&series, 0);
  assert_true(series.most_risen > 0);
  assert_true(series.most_risen <= TICK_US / 1e6 + 1e-9);
  assert_true(fabs(series.told - estimate) < 2);
  assert_true(series.told <= before + 10);
  series_clear(&series);
}

static void a_short_pause_does_not_make_it_rise(void **state)
{
  Series series;

  (void)state;
  series_init(&series, 5);
  for (guint n = 0; n < 40; n++)
    tick(&series, 4000);
  for (guint n = 0; n < 6; n++)
    tick(&series, 0);
  assert_true(series.most_risen <= 1e-9);
  series_clear(&series);
}

static void while_work_goes_on_it_is_never_over(void **state)
{
  SyTimeLeft left;
  guint64 now_us = 0;
  double told = 0;

  (void)state;
  sy_time_left_init(&left);
  for (guint n = 0; n < 200; n++)
    told = sy_time_left_update(&left, n, 0.01, now_us += TICK_US);
  assert_true(told >= 0.5);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_never_rises_and_never_falls_faster_than_three_seconds_a_second),
      cmocka_unit_test(on_a_steady_line_it_is_right_within_a_second),
      cmocka_unit_test(it_is_not_told_before_there_was_time_to_estimate),
      cmocka_unit_test(in_a_stall_it_rises_no_faster_than_the_clock_and_comes_back_to_what_is_left),
      cmocka_unit_test(a_short_pause_does_not_make_it_rise),
      cmocka_unit_test(while_work_goes_on_it_is_never_over),
  };

  return cmocka_run_group_tests_name("time left", tests, NULL, NULL);
}
