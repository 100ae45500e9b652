/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How good a line is, from numbers by hand. */

#include "sy-text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { SECOND_US = 1000 * 1000, STEP_US = 50 * 1000, WHOLE_A_STEP = 5 };

static const SyCounts nothing;

static SyLinkQuality judge(guint32 whole, guint32 bad, guint32 timeouts, guint32 retries)
{
  const SyCounts counts = {
      .frames = whole, .bad_frames = bad, .timeouts = timeouts, .retries = retries};

  return sy_link_quality_judge(&nothing, &counts);
}

static void what_was_never_asked_is_not_judged(void **state)
{
  (void)state;
  assert_int_equal(judge(0, 0, 0, 0), SY_LINK_QUALITY_UNKNOWN);
  assert_null(sy_link_quality_get_label(SY_LINK_QUALITY_UNKNOWN));
}

static void losses_decide_between_good_fair_and_poor(void **state)
{
  (void)state;
  assert_int_equal(judge(100, 0, 0, 0), SY_LINK_QUALITY_GOOD);
  assert_int_equal(judge(1000, 2, 1, 0), SY_LINK_QUALITY_GOOD);
  assert_int_equal(judge(100, 4, 1, 0), SY_LINK_QUALITY_FAIR);
  assert_int_equal(judge(100, 10, 8, 0), SY_LINK_QUALITY_POOR);
}

static void one_loss_among_few_frames_is_no_poor_line(void **state)
{
  (void)state;
  assert_int_equal(judge(3, 1, 0, 0), SY_LINK_QUALITY_FAIR);
  assert_int_equal(judge(3, 2, 1, 0), SY_LINK_QUALITY_POOR);
}

static void silence_is_dead_and_so_is_nothing_but_damage(void **state)
{
  (void)state;
  assert_int_equal(judge(0, 0, 1, 1), SY_LINK_QUALITY_UNKNOWN);
  assert_int_equal(judge(0, 0, 2, 2), SY_LINK_QUALITY_DEAD);
  assert_int_equal(judge(0, 5, 0, 0), SY_LINK_QUALITY_DEAD);
}

static void what_vanished_without_a_trace_counts_but_not_flash_that_failed(void **state)
{
  const SyCounts vanished = {.frames = 50, .retries = 10};
  const SyCounts flash = {.frames = 50, .retries = 10, .repeats = 1};
  SyCounts damaged = {.frames = 50};

  (void)state;
  damaged.naks_by_cause[WIRE_CAUSE_DAMAGED] = 10;
  assert_int_equal(sy_link_quality_judge(&nothing, &vanished), SY_LINK_QUALITY_POOR);
  assert_int_equal(sy_link_quality_judge(&nothing, &flash), SY_LINK_QUALITY_GOOD);
  assert_int_equal(sy_link_quality_judge(&nothing, &damaged), SY_LINK_QUALITY_POOR);
}

/* `lost` of each step's frames are. */
static SyLinkQuality run(SyLinkMeter *meter, SyCounts *counts, guint64 *now_us, guint seconds,
                         guint32 whole, guint32 lost)
{
  SyLinkQuality quality = SY_LINK_QUALITY_UNKNOWN;

  for (guint n = 0; n < seconds * SECOND_US / STEP_US; n++) {
    *now_us += STEP_US;
    counts->frames += whole;
    counts->bad_frames += lost;
    quality = sy_link_meter_update(meter, counts, *now_us);
  }
  return quality;
}

static void the_meter_forgets_what_is_older_than_some_seconds(void **state)
{
  SyLinkMeter meter;
  SyCounts counts = nothing;
  guint64 now_us = 12345;

  (void)state;
  sy_link_meter_init(&meter);
  assert_int_equal(run(&meter, &counts, &now_us, 1, 0, 0), SY_LINK_QUALITY_UNKNOWN);
  assert_int_equal(run(&meter, &counts, &now_us, 4, WHOLE_A_STEP, 0), SY_LINK_QUALITY_GOOD);
  assert_int_equal(run(&meter, &counts, &now_us, 1, WHOLE_A_STEP, 2), SY_LINK_QUALITY_POOR);
  assert_int_equal(run(&meter, &counts, &now_us, 4, WHOLE_A_STEP, 0), SY_LINK_QUALITY_GOOD);
  assert_int_equal(run(&meter, &counts, &now_us, 4, 0, 1), SY_LINK_QUALITY_DEAD);
  /* While nothing is asked it stays what it was. */
  assert_int_equal(run(&meter, &counts, &now_us, 5, 0, 0), SY_LINK_QUALITY_DEAD);
}

static void a_job_that_silence_ended_had_a_dead_line(void **state)
{
  SyResult result = {.reason = SY_REASON_SILENT, .counts = {.frames = 500}};

  (void)state;
  assert_int_equal(sy_link_quality_of_result(&result), SY_LINK_QUALITY_DEAD);
  result.reason = SY_REASON_LINK_LOST;
  assert_int_equal(sy_link_quality_of_result(&result), SY_LINK_QUALITY_DEAD);
  result.reason = SY_REASON_CANCELLED;
  assert_int_equal(sy_link_quality_of_result(&result), SY_LINK_QUALITY_GOOD);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_never_asked_is_not_judged),
      cmocka_unit_test(losses_decide_between_good_fair_and_poor),
      cmocka_unit_test(one_loss_among_few_frames_is_no_poor_line),
      cmocka_unit_test(silence_is_dead_and_so_is_nothing_but_damage),
      cmocka_unit_test(what_vanished_without_a_trace_counts_but_not_flash_that_failed),
      cmocka_unit_test(the_meter_forgets_what_is_older_than_some_seconds),
      cmocka_unit_test(a_job_that_silence_ended_had_a_dead_line),
  };

  return cmocka_run_group_tests_name("link quality", tests, NULL, NULL);
}
