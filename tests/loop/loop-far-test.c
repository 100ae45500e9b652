/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Substations that are far away, behind networks: paths that take up to a second and more both
 * ways, vary, stop for a moment as TCP does when it has to send something again, or lose frames.
 * What is only late is not sent twice, and the line is kept as busy as the loader's room allows. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "loop-bench.h"
#include "sy-link-quality.h"
#include "sy-session-private.h"

enum { MS = 1000 };

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

/* `style` is the substation's and the workstation's, as with the other tests' arguments. */
static void prepare(Loop *loop, LoopStyle style, LoopJob job, uint64_t trip_us)
{
  loop_reset_job(loop, job);
  loop->style = style;
  loop->rate_max = style == LOOP_FAST ? 691200 : 0;
  loop->packs = style == LOOP_FAST;
  loop->to_device.latency_us = trip_us / 2;
  loop->to_host.latency_us = trip_us - trip_us / 2;
}

static const unsigned trips_ms[] = {0, 1, 16, 50, 100, 150, 200, 300, 400, 500, 700, 1000, 1500};
enum { TRIPS = sizeof trips_ms / sizeof trips_ms[0] };

static void nothing_is_sent_twice_on_a_clean_path_of_any_length(void **state)
{
  Loop *loop = *state;

  for (LoopStyle style = LOOP_STREAM; style <= LOOP_ONE_BY_ONE; style++)
    for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++)
      for (unsigned i = 0; i < TRIPS; i++) {
        const SyCounts *counts = &loop->session.result.counts;

        prepare(loop, style, job, trips_ms[i] * MS);
        assert_int_equal(loop_run_job(loop, job), SY_OUTCOME_DONE);
        if (counts->retries + counts->timeouts + counts->bad_frames > 0)
          fail_msg("style %d, job %d, %u ms: %u retries, %u time-outs, %u damaged", style, job,
                   trips_ms[i], counts->retries, counts->timeouts, counts->bad_frames);
        assert_int_equal(loop->events[SY_EVENT_TIMEOUT], 0);
        assert_int_equal(sy_link_quality_of_result(&loop->session.result), SY_LINK_QUALITY_GOOD);
      }
}

/* What the engine found the path to take, against what it takes. */
static void the_round_trip_is_measured_as_it_is(void **state)
{
  Loop *loop = *state;

  for (LoopStyle style = LOOP_STREAM; style <= LOOP_ONE_BY_ONE; style++)
    for (unsigned i = 0; i < TRIPS; i++) {
      prepare(loop, style, LOOP_UPGRADE, trips_ms[i] * MS);
      assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
      assert_in_range(loop->session.result.life.wait_us, trips_ms[i] * MS,
                      trips_ms[i] * MS + 5 * MS);
    }
}

/* It is asked some times while the first answer is on its way. What those bring is late, and
 * neither taken for news of the path nor for losses. */
static void the_first_answer_may_take_two_seconds(void **state)
{
  Loop *loop = *state;

  prepare(loop, LOOP_STREAM, LOOP_UPGRADE, 2000 * MS);
  loop->start_us = loop->now_us;
  sy_session_start_upgrade(&loop->session, loop->halves, loop->now_us);
  while (loop->session.step == SY_STEP_NONE || loop->session.step == SY_STEP_IDENTIFY)
    loop_step(loop);
  assert_int_equal(loop->session.step, SY_STEP_ENTER);
  assert_in_range(loop_count_frames(loop, WIRE_IDENTIFY), 2, 6);
  assert_in_range(loop->session.trip.smoothed_us, 2000 * MS, 2005 * MS);
  assert_int_equal(loop->session.trip.samples, 1);
  while (loop->session.step == SY_STEP_ENTER)
    loop_step(loop);
  assert_in_range(loop->session.trip.smoothed_us, 2000 * MS, 2005 * MS);
  assert_int_equal(loop->session.trip.samples, 2);
  assert_int_equal(loop->session.progress.counts.retries, 0);
}

/* The upgrade command stops on its way until it has been repeated: nobody can tell which of the two
 * is answered. */
static void an_answer_to_a_repeated_question_tells_nothing_of_the_path(void **state)
{
  Loop *loop = *state;

  prepare(loop, LOOP_STREAM, LOOP_UPGRADE, 200 * MS);
  loop->to_device.fault = (LoopFault){
      .kind = LOOP_DELAY, .active = true, .frames = true, .first = 1, .delay_us = 990 * MS};
  loop->start_us = loop->now_us;
  sy_session_start_upgrade(&loop->session, loop->halves, loop->now_us);
  while (loop->session.step != SY_STEP_LOADER)
    loop_step(loop);
  assert_int_equal(loop_count_frames(loop, WIRE_ENTER_LOADER), 2);
  assert_int_equal(loop->session.trip.samples, 1);
  assert_in_range(loop->session.trip.smoothed_us, 200 * MS, 205 * MS);
}

/* A question that was lost is counted as such, although the next had its own number. */
static void a_first_question_that_was_lost_is_counted(void **state)
{
  Loop *loop = *state;

  for (unsigned lost = 1; lost <= 3; lost++)
    for (unsigned ms = 0; ms <= 300; ms += 100) {
      prepare(loop, LOOP_STREAM, LOOP_UPGRADE, ms * MS);
      loop->to_device.fault =
          (LoopFault){.kind = LOOP_DROP, .active = true, .frames = true, .every = 1, .times = lost};
      assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
      assert_int_equal(loop->session.result.counts.timeouts, lost);
      assert_int_equal(loop->events[SY_EVENT_TIMEOUT], lost);
      assert_in_range(loop->session.result.life.wait_us, ms * MS, ms * MS + 5 * MS);
    }
}

/* All that a longer path costs the writing is one round trip, until the loader's room is smaller
 * than what the line would carry meanwhile: then each round trip carries that room. */
static void the_line_is_kept_busy_as_far_as_the_room_goes(void **state)
{
  enum { ROOM_FRAMES = 7, ERASE_US = 500 * MS };
  Loop *loop = *state;
  uint64_t near_us;

  prepare(loop, LOOP_STREAM, LOOP_UPGRADE, 1 * MS);
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  near_us = loop->session.result.life.phases_us[SY_PHASE_WRITE];
  for (unsigned i = 0; i < TRIPS; i++) {
    uint64_t trip_us = trips_ms[i] * MS, write_us, bound_us;
    unsigned trips = LOOP_LONG_BLOCKS / (ROOM_FRAMES * WIRE_DATA_BLOCKS_MAX) + 1;

    prepare(loop, LOOP_STREAM, LOOP_UPGRADE, trip_us);
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    write_us = loop->session.result.life.phases_us[SY_PHASE_WRITE];
    bound_us = near_us * 102 / 100 + trip_us;
    if (trip_us > 500 * MS)
      bound_us = trips * (trip_us + trip_us / 10) + ERASE_US;
    if (write_us > bound_us)
      fail_msg("%u ms: %u ms, not %u", trips_ms[i], (unsigned)(write_us / MS),
               (unsigned)(bound_us / MS));
  }
}

/* ---- Paths that stop, vary and lose ---- */

/* Bytes of DATA on the wire in a clean run. */
static uint32_t count_needed(Loop *loop, LoopStyle style)
{
  prepare(loop, style, LOOP_UPGRADE, 0);
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  return loop->session.result.life.frame_bytes;
}

/* Each 30th frame and everything behind it, one way and the other, by 200 ms to a second. */
static void stop_now_and_then(Loop *loop, unsigned seed)
{
  LoopFault fault = {.kind = LOOP_DELAY,
                     .active = true,
                     .frames = true,
                     .first = seed % 30,
                     .every = 30,
                     .delay_us = 200 * MS + seed % 9 * 100 * MS};

  loop->to_device.fault = fault;
  fault.first = (seed + 15) % 30;
  loop->to_host.fault = fault;
}

/* No DATA goes out twice; what is asked meanwhile is counted, and is little. */
static void a_path_that_stops_for_a_moment_gets_nothing_twice(void **state)
{
  Loop *loop = *state;

  for (LoopStyle style = LOOP_STREAM; style <= LOOP_FAST; style++) {
    uint32_t needed = count_needed(loop, style);

    for (unsigned i = 0; i < TRIPS; i += 2)
      for (unsigned seed = 0; seed < 60; seed++) {
        const SyResult *result = &loop->session.result;
        unsigned stops;

        prepare(loop, style, LOOP_UPGRADE, trips_ms[i] * MS);
        stop_now_and_then(loop, seed);
        assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
        stops = loop->to_device.hits + loop->to_host.hits;
        assert_true(stops > 0);
        if (result->life.frame_bytes > needed || result->counts.timeouts > 4 * stops ||
            result->counts.retries > 2 * stops)
          fail_msg("style %d, %u ms, seed %u: %u bytes of %u, %u stops, %u time-outs, %u retries",
                   style, trips_ms[i], seed, result->life.frame_bytes, needed, stops,
                   result->counts.timeouts, result->counts.retries);
      }
  }
}

/* In the middle of a frame the substation gives that frame up, and it alone is sent again. */
static void a_path_that_stops_within_frames_costs_those(void **state)
{
  Loop *loop = *state;
  uint32_t needed = count_needed(loop, LOOP_STREAM);

  for (unsigned i = 0; i < TRIPS; i += 2)
    for (unsigned seed = 0; seed < 30; seed++) {
      const SyResult *result = &loop->session.result;
      LoopLine *line = seed % 2 == 0 ? &loop->to_device : &loop->to_host;

      prepare(loop, LOOP_STREAM, LOOP_UPGRADE, trips_ms[i] * MS);
      line->fault = (LoopFault){.kind = LOOP_DELAY,
                                .active = true,
                                .first = seed * 37,
                                .every = seed % 2 == 0 ? 9001 : 901,
                                .delay_us = 200 * MS + seed % 9 * 100 * MS};
      assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
      assert_true(line->hits > 0);
      assert_true(result->life.frame_bytes <= needed * 12ull / 10);
    }
}

static void a_path_that_varies_gets_nothing_twice(void **state)
{
  Loop *loop = *state;

  for (unsigned i = 0; i < TRIPS; i++)
    for (unsigned seed = 1; seed <= 20; seed++) {
      prepare(loop, LOOP_STREAM, LOOP_UPGRADE, trips_ms[i] * MS);
      loop->to_device.random = wire_random(seed);
      loop->to_device.jitter_us = loop->to_host.jitter_us = (20 + trips_ms[i] / 4) * MS;
      assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
      assert_int_equal(loop->session.result.counts.retries, 0);
      assert_int_equal(loop->session.result.counts.timeouts, 0);
    }
}

static void a_path_that_loses_frames_is_upgraded_with_few_more(void **state)
{
  Loop *loop = *state;
  uint32_t needed = count_needed(loop, LOOP_STREAM);

  for (unsigned i = 0; i < TRIPS; i++)
    for (unsigned seed = 1; seed <= 20; seed++) {
      prepare(loop, LOOP_STREAM, LOOP_UPGRADE, trips_ms[i] * MS);
      loop->to_device.random = wire_random(seed);
      loop->to_host.random = wire_random(seed + 100);
      loop->to_device.fault = loop->to_host.fault =
          (LoopFault){.kind = LOOP_DROP, .active = true, .frames = true, .random = 200};
      assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
      assert_true(loop->session.result.life.frame_bytes <= needed * 12ull / 10);
    }
}

/* ---- Rates ---- */

/* The loader waits 300 ms for the proof, and the port's owner far away takes a round trip too. */
static void no_rate_is_tried_that_could_not_be_proven(void **state)
{
  Loop *loop = *state;

  for (unsigned i = 0; i < TRIPS; i++) {
    bool far = trips_ms[i] >= 150;

    prepare(loop, LOOP_FAST, LOOP_UPGRADE, trips_ms[i] * MS);
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_int_equal(loop->events[SY_EVENT_RATE_FAR], far);
    assert_int_equal(loop->events[SY_EVENT_RATE_FAILED], 0);
    assert_int_equal(loop->raises, !far);
    assert_int_equal(loop->session.result.life.baud, far ? WIRE_RATE_DEFAULT : 691200);
  }
}

/* Nobody knows before the first how long the port takes. */
static void a_port_that_takes_too_long_for_a_rate_is_left_at_the_default_one(void **state)
{
  static const unsigned takes_ms[] = {50, 200, 290, 400, 700};
  Loop *loop = *state;

  for (unsigned i = 0; i < sizeof takes_ms / sizeof takes_ms[0]; i++) {
    bool late = takes_ms[i] > 250;

    prepare(loop, LOOP_FAST, LOOP_UPGRADE, 2 * MS);
    loop->host_takes_us = takes_ms[i] * MS;
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_int_equal(loop->events[SY_EVENT_RATE_FAR] + loop->events[SY_EVENT_RATE_FAILED] > 0,
                     late);
    assert_int_equal(loop->session.result.life.baud, late ? WIRE_RATE_DEFAULT : 691200);
    if (takes_ms[i] < 500)
      assert_int_equal(loop->session.result.counts.retries, 0);
  }
}

/* ---- Near ones ---- */

/* A local port is waited for as it was before anything was measured: each time-out is its base. */
static void a_local_port_is_waited_for_no_longer_than_without_measuring(void **state)
{
  Loop *loop = *state;

  for (LoopStyle style = LOOP_STREAM; style <= LOOP_ONE_BY_ONE; style++)
    for (unsigned ms = 0; ms <= 4; ms++) {
      prepare(loop, style, LOOP_UPGRADE, ms * MS);
      loop->start_us = loop->now_us;
      loop_allow(loop);
      sy_session_start_upgrade(&loop->session, loop->halves, loop->now_us);
      while (!sy_session_is_finished(&loop->session)) {
        loop_step(loop);
        assert_int_equal(sy_session_patience_us(&loop->session, 400 * MS), 400 * MS);
      }
      assert_int_equal(loop->session.result.outcome, SY_OUTCOME_DONE);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(nothing_is_sent_twice_on_a_clean_path_of_any_length),
      TEST(the_round_trip_is_measured_as_it_is),
      TEST(the_first_answer_may_take_two_seconds),
      TEST(an_answer_to_a_repeated_question_tells_nothing_of_the_path),
      TEST(a_first_question_that_was_lost_is_counted),
      TEST(the_line_is_kept_busy_as_far_as_the_room_goes),
      TEST(a_path_that_stops_for_a_moment_gets_nothing_twice),
      TEST(a_path_that_stops_within_frames_costs_those),
      TEST(a_path_that_varies_gets_nothing_twice),
      TEST(a_path_that_loses_frames_is_upgraded_with_few_more),
      TEST(no_rate_is_tried_that_could_not_be_proven),
      TEST(a_port_that_takes_too_long_for_a_rate_is_left_at_the_default_one),
      TEST(a_local_port_is_waited_for_no_longer_than_without_measuring),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
