/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Going faster: rates that both ends make and the line carries, and all the ways in which one of
 * the three does not. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "loop-bench.h"

static int set_up(void **state)
{
  *state = loop_new(WIRE_BANK_LOW);
  loop_set_length(LOOP_LONG);
  return 0;
}

static int tear_down(void **state)
{
  free(*state);
  return 0;
}

static void prepare(Loop *loop)
{
  loop_reset(loop, WIRE_BANK_LOW);
  loop->rate_max = 691200;
}

static void check_rate(const Loop *loop, uint32_t baud, unsigned failed)
{
  assert_int_equal(loop->session.result.outcome, SY_OUTCOME_DONE);
  assert_int_equal(loop->session.result.life.baud, baud);
  assert_int_equal(loop->events[SY_EVENT_RATE], baud != WIRE_RATE_DEFAULT);
  assert_int_equal(loop->events[SY_EVENT_RATE_FAILED], failed);
  assert_int_equal(loop->host_baud, WIRE_RATE_DEFAULT);
  assert_int_equal(loop->station_baud, WIRE_RATE_DEFAULT);
}

static void the_highest_rate_that_all_carry_is_proven_and_used(void **state)
{
  Loop *loop = *state;
  uint64_t slow_us;

  loop_run_clean(loop, LOOP_UPGRADE);
  slow_us = loop->session.result.life.phases_us[SY_PHASE_WRITE];
  prepare(loop);
  loop_run(loop);
  check_rate(loop, 691200, 0);
  assert_int_equal(loop_count_frames(loop, WIRE_ECHO), 1);
  assert_int_equal(loop->to_device.sizes[loop_find_frame(loop, WIRE_ECHO)],
                   WIRE_FRAME_OVERHEAD + 128);
  assert_int_equal(loop->session.result.counts.retries, 0);
  assert_true(loop->session.result.life.phases_us[SY_PHASE_WRITE] < slow_us / 2);
}

static void no_higher_rate_than_allowed_is_tried(void **state)
{
  static const uint32_t highest[] = {0, 115200, 230400, 345600, 400000, 691200};
  static const uint32_t used[] = {115200, 115200, 230400, 345600, 345600, 691200};
  Loop *loop = *state;

  for (unsigned i = 0; i < 6; i++) {
    prepare(loop);
    loop->rate_max = highest[i];
    loop_run(loop);
    check_rate(loop, used[i], 0);
  }
}

static void a_rate_that_the_port_does_not_make_is_left_for_the_next(void **state)
{
  static const uint32_t makes[] = {115200, 230400, 345600};
  static const uint32_t says[] = {0, 115200, 300000, 715000};
  Loop *loop = *state;

  for (unsigned i = 0; i < 3; i++)
    for (unsigned j = 0; j < 4; j++) {
      prepare(loop);
      loop->host_makes = makes[i];
      loop->host_says = says[j];
      loop_run(loop);
      check_rate(loop, makes[i], 3 - i);
    }
}

static void a_rate_that_the_substation_does_not_make_is_left_for_the_next(void **state)
{
  static const uint32_t makes[] = {115200, 230400, 345600};
  Loop *loop = *state;

  for (unsigned i = 0; i < 3; i++) {
    prepare(loop);
    loop->station_makes = makes[i];
    loop_run(loop);
    check_rate(loop, makes[i], 3 - i);
    assert_int_equal(loop->session.result.counts.naks, 3 - i);
    assert_int_equal(loop->session.result.reason, SY_REASON_NONE);
  }
}

/* In one direction or both. */
static void a_rate_that_the_line_does_not_carry_is_left_for_the_next(void **state)
{
  static const uint32_t carries[] = {115200, 230400, 345600};
  Loop *loop = *state;

  for (unsigned i = 0; i < 3; i++)
    for (unsigned way = 1; way < 4; way++) {
      prepare(loop);
      loop->to_device.carries = way & 1 ? carries[i] : 0;
      loop->to_host.carries = way & 2 ? carries[i] : 0;
      loop_run(loop);
      check_rate(loop, carries[i], 3 - i);
    }
}

/* From any frame on, in one direction or both: the upgrade comes back to the default rate, where it
 * goes on with what is there. */
static void a_rate_that_dies_at_any_frame_is_left_and_the_upgrade_done(void **state)
{
  Loop *loop = *state;
  unsigned slowed = 0, kept = 0;

  for (unsigned way = 1; way < 4; way++) {
    unsigned frames;

    prepare(loop);
    loop_run(loop);
    frames = loop->to_device.job_frames;
    for (unsigned at = 0; at < frames; at++) {
      prepare(loop);
      loop->to_device.dies_at = way & 1 ? at : UINT_MAX;
      loop->to_host.dies_at = way & 2 ? at : UINT_MAX;
      if (loop_run(loop) != SY_OUTCOME_DONE)
        fail_msg("way %u, frame %u: outcome %d, reason %d", way, at, loop->session.result.outcome,
                 loop->session.result.reason);
      assert_int_equal(loop->host_baud, WIRE_RATE_DEFAULT);
      assert_true(loop->session.result.duration_us < 30 * 1000000ull);
      slowed += loop->events[SY_EVENT_RATE] > 0 && loop->events[SY_EVENT_RATE_FAILED] > 0;
      kept += loop->session.result.life.blocks_kept > 0;
    }
  }
  assert_true(slowed >= 30);
  assert_true(kept >= 20);
}

/* The same near and far, and with packing, at some places. */
static void a_rate_that_dies_far_away_or_packed_is_left_too(void **state)
{
  Loop *loop = *state;

  for (unsigned ms = 0; ms <= 100; ms += 50)
    for (unsigned at = 3; at < 40; at += 3) {
      prepare(loop);
      loop->packs = true;
      loop->to_device.latency_us = loop->to_host.latency_us = ms * 500;
      loop->to_device.dies_at = loop->to_host.dies_at = at;
      if (loop_run(loop) != SY_OUTCOME_DONE)
        fail_msg("%u ms, frame %u: outcome %d, reason %d", ms, at, loop->session.result.outcome,
                 loop->session.result.reason);
    }
}

static void any_frame_of_the_rates_lost_once_or_twice_is_no_failure(void **state)
{
  Loop *loop = *state;

  for (unsigned direction = 0; direction < 2; direction++)
    for (unsigned type = WIRE_ECHO; type <= WIRE_RATE; type += WIRE_RATE - WIRE_ECHO)
      for (unsigned times = 1; times <= 2; times++) {
        LoopLine *line = direction == 0 ? &loop->to_device : &loop->to_host;
        unsigned first;

        prepare(loop);
        loop_run(loop);
        first = line->type_firsts[direction == 0 ? type : type | WIRE_REPLY];
        prepare(loop);
        line->fault = (LoopFault){.kind = LOOP_DROP,
                                  .active = true,
                                  .frames = true,
                                  .first = first,
                                  .every = 1,
                                  .times = times};
        assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
        assert_int_equal(line->hits, times);
        assert_true(loop->session.result.life.baud >= 230400);
      }
}

/* The substation is fast already and the workstation does not know. */
static void an_answer_to_rate_that_is_lost_leaves_nobody_behind(void **state)
{
  Loop *loop = *state;

  for (unsigned times = 1; times <= 9; times++) {
    prepare(loop);
    loop->mute_rates = times;
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_true(loop->raises >= 1);
    assert_true(loop->session.result.duration_us < 15 * 1000000ull);
  }
}

/* The next session finds a loader at a raised rate, which comes back by itself. */
static void a_link_lost_at_a_raised_rate_is_found_again(void **state)
{
  Loop *loop = *state;
  unsigned frames;

  prepare(loop);
  loop_run(loop);
  frames = loop->to_device.job_frames;
  for (unsigned at = 0; at < frames; at++) {
    prepare(loop);
    loop->lose_at = at;
    loop_run_to_end(loop);
    loop_start_anew(loop);
    loop_run_to_end(loop);
    if (loop->session.result.outcome != SY_OUTCOME_DONE) /* it came back too late to answer */
      assert_int_equal(loop->session.result.outcome, SY_OUTCOME_LINK);
    loop_start_anew(loop);
    if (loop_run(loop) != SY_OUTCOME_DONE)
      fail_msg("lost at %u: reason %d", at, loop->session.result.reason);
  }
}

/* Asked for once more before any answer came: the loader is found at either rate. */
static void a_cancel_at_a_raised_rate_leaves_the_old_program(void **state)
{
  Loop *loop = *state;
  unsigned first, last;

  prepare(loop);
  loop_run(loop);
  first = loop_find_frame(loop, WIRE_RATE);
  last = loop_find_frame(loop, WIRE_COMMIT) - 8;
  for (unsigned at = first; at < last; at++) {
    prepare(loop);
    loop->cancel_at = at;
    loop_run(loop);
    assert_int_equal(loop->session.result.reason, SY_REASON_CANCELLED);
    assert_int_equal(loop->session.result.outcome,
                     loop->session.result.touched ? SY_OUTCOME_OLD_RUNS : SY_OUTCOME_REFUSED);
  }
}

/* A loader that has committed a program and will leave for it is found, and asked for a rate before
 * it says that it minds: who comes then speaks at the default one. */
static void a_loader_that_minds_a_trial_is_waited_for_at_the_default_rate(void **state)
{
  Loop *loop = *state;
  unsigned run;

  prepare(loop);
  loop_run(loop);
  run = loop_find_frame(loop, WIRE_RUN);
  prepare(loop);
  loop->lose_at = run;
  loop->to_device.silent_from = run; /* it never hears it */
  loop_run_to_end(loop);
  loop->to_device.silent_from = UINT_MAX;
  loop_rest(loop, 2 * 1000000); /* back at the default rate, and not gone yet */
  assert_int_equal(loop->mode, LOOP_LOADER);
  loop_start_anew(loop);
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  assert_int_equal(loop->events[SY_EVENT_CONFIRMED], 2);
}

/* A rate that died takes the transfer to a BEGIN of its own. That this one is refused, because the
 * substation has restarted since, does not undo the first. */
static void what_was_erased_is_told_although_the_last_begin_was_refused(void **state)
{
  Loop *loop = *state;
  unsigned data;

  prepare(loop);
  loop_run(loop);
  data = loop_find_frame(loop, WIRE_DATA);
  for (unsigned at = 1; at < 12; at++) {
    prepare(loop);
    loop->mute_announce = true; /* else it is told by that */
    loop->power_cut_before = data + at;
    loop_run(loop);
    assert_int_equal(loop->cuts, 1);
    assert_int_equal(loop->session.result.outcome, SY_OUTCOME_OLD_RUNS);
    assert_true(loop->session.result.touched);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      TEST(the_highest_rate_that_all_carry_is_proven_and_used),
      TEST(no_higher_rate_than_allowed_is_tried),
      TEST(a_rate_that_the_port_does_not_make_is_left_for_the_next),
      TEST(a_rate_that_the_substation_does_not_make_is_left_for_the_next),
      TEST(a_rate_that_the_line_does_not_carry_is_left_for_the_next),
      TEST(a_rate_that_dies_at_any_frame_is_left_and_the_upgrade_done),
      TEST(a_rate_that_dies_far_away_or_packed_is_left_too),
      TEST(any_frame_of_the_rates_lost_once_or_twice_is_no_failure),
      TEST(an_answer_to_rate_that_is_lost_leaves_nobody_behind),
      TEST(a_link_lost_at_a_raised_rate_is_found_again),
      TEST(a_cancel_at_a_raised_rate_leaves_the_old_program),
      TEST(a_loader_that_minds_a_trial_is_waited_for_at_the_default_rate),
      TEST(what_was_erased_is_told_although_the_last_begin_was_refused),
  };

  loop_set_style(argc, argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
