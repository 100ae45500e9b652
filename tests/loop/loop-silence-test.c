/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames that are lost, repeated or late, at every place of every job: one or some in a row, and
 * from there on for good. A line that heals in time is no reason to fail. */

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
  return 0;
}

static int tear_down(void **state)
{
  free(*state);
  return 0;
}

typedef enum { TO_DEVICE, TO_HOST, BOTH, WAYS } Way;

static void set_fault(Loop *loop, Way way, const LoopFault *fault)
{
  if (way != TO_HOST)
    loop->to_device.fault = *fault;
  if (way != TO_DEVICE)
    loop->to_host.fault = *fault;
}

static unsigned count_hits(const Loop *loop)
{
  return loop->to_device.hits + loop->to_host.hits;
}

/* Frames that the busier side sends in a clean run of the job. */
static unsigned count_frames(Loop *loop, LoopJob job)
{
  loop_run_clean(loop, job);
  return loop->to_device.job_frames > loop->to_host.job_frames ? loop->to_device.job_frames
                                                               : loop->to_host.job_frames;
}

/* Every question is asked five times and more, BEGIN four times, RUN may be lost. One in
 * each direction are two. */
static void some_frames_lost_in_a_row_at_any_place_of_any_job_heal(void **state)
{
  Loop *loop = *state;

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++) {
    unsigned frames = count_frames(loop, job);

    for (Way way = TO_DEVICE; way < WAYS; way++)
      for (unsigned from = 0; from < frames; from++)
        for (unsigned times = 1; times <= (way == BOTH ? 1 : 3); times++) {
          const LoopFault fault = {.kind = LOOP_DROP,
                                   .active = true,
                                   .frames = true,
                                   .first = from,
                                   .every = 1,
                                   .times = times};

          loop_reset_job(loop, job);
          set_fault(loop, way, &fault);
          if (loop_run_job(loop, job) != SY_OUTCOME_DONE)
            fail_msg("job %d, way %d, %u from %u: reason %d", job, way, times, from,
                     loop->session.result.reason);
        }
  }
}

static void any_frame_of_any_job_damaged_doubled_or_late_heals(void **state)
{
  Loop *loop = *state;

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++) {
    unsigned frames = count_frames(loop, job);

    for (Way way = TO_DEVICE; way < WAYS; way++)
      for (LoopFaultKind kind = LOOP_FLIP; kind <= LOOP_DELAY; kind++)
        for (unsigned at = 0; at < frames; at++) {
          const LoopFault fault = {
              .kind = kind, .active = true, .frames = true, .first = at, .delay_us = 550000};

          loop_reset_job(loop, job);
          set_fault(loop, way, &fault);
          if (loop_run_job(loop, job) != SY_OUTCOME_DONE)
            fail_msg("job %d, way %d, kind %d, at %u: reason %d", job, way, kind, at,
                     loop->session.result.reason);
        }
  }
}

static void every_frame_of_any_job_doubled_heals(void **state)
{
  Loop *loop = *state;

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++)
    for (Way way = TO_DEVICE; way < WAYS; way++) {
      const LoopFault fault = {
          .kind = LOOP_DOUBLE, .active = true, .frames = true, .first = 0, .every = 1};

      loop_reset_job(loop, job);
      set_fault(loop, way, &fault);
      assert_int_equal(loop_run_job(loop, job), SY_OUTCOME_DONE);
      assert_true(count_hits(loop) >= 3);
    }
}

/* A DAMAGED for each request that came damaged: it is sent again at once, not after its time-out.
 */
static void a_damaged_request_is_sent_again_at_once(void **state)
{
  Loop *loop = *state;
  uint64_t clean_us;
  unsigned data;

  loop_set_length(LOOP_LONG);
  loop_run_clean(loop, LOOP_UPGRADE);
  clean_us = loop->session.result.duration_us;
  data = loop_find_frame(loop, WIRE_DATA);
  loop_reset(loop, WIRE_BANK_LOW);
  loop->to_device.fault = (LoopFault){
      .kind = LOOP_FLIP, .active = true, .frames = true, .first = data, .every = 3, .times = 3};
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  assert_int_equal(loop->to_device.hits, 3);
  if (loop_get_style() == LOOP_FAST) { /* what leans on it is not taken either */
    assert_in_range(loop->session.result.counts.naks, 3, 12);
  } else {
    assert_int_equal(loop->session.result.counts.naks, 3);
    assert_int_equal(loop->session.result.counts.retries, 3);
  }
  assert_int_equal(loop->session.result.counts.timeouts, 0);
  assert_true(loop->session.result.duration_us < clean_us + 3 * 200000);
}

/* Behind each frame comes one from before it once more. An ANNOUNCE or a reading that comes again
 * in the middle must look like a restart; what is asked or answered again falls on nobody. */
static void every_frame_repeated_some_frames_later_confuses_nobody(void **state)
{
  Loop *loop = *state;

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++)
    for (Way way = TO_DEVICE; way < WAYS; way++)
      for (unsigned later = 1; later < LOOP_RECENT; later++) {
        loop_reset_job(loop, job);
        if (way != TO_HOST)
          loop->to_device.replay = later;
        if (way != TO_DEVICE)
          loop->to_host.replay = later;
        loop_run_job(loop, job);
        assert_true(loop->to_device.replays + loop->to_host.replays > 0 || later > 2);
        assert_int_not_equal(loop->session.result.outcome, SY_OUTCOME_LINK);
        assert_int_not_equal(loop->session.result.outcome, SY_OUTCOME_UNKNOWN);
      }
}

/* Longer than any one answer's time-out, so that each comes to a later try, step or session. */
static void answers_later_than_their_time_outs_are_taken_or_fall_on_nobody(void **state)
{
  Loop *loop = *state;

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++)
    for (unsigned ms = 100; ms <= 6000; ms += ms < 1000 ? 100 : 500) {
      loop_reset_job(loop, job);
      loop->to_host.latency_us = ms * 1000;
      loop_run_job(loop, job);
      if (ms <= 1500) /* less than any step's patience */
        assert_int_equal(loop->session.result.outcome, SY_OUTCOME_DONE);
    }
}

/* The line is late until somewhere in the middle and then in time. */
static void a_line_that_is_late_and_then_in_time_again_is_no_failure(void **state)
{
  Loop *loop = *state;

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++)
    for (unsigned until_ms = 200; until_ms <= 6000; until_ms += 200)
      for (unsigned ms = 500; ms <= 1500; ms += 500) {
        loop_reset_job(loop, job);
        loop->to_host.latency_us = ms * 1000;
        loop->to_device.latency_us = ms * 300;
        loop->to_host.prompt_us = loop->to_device.prompt_us = loop->now_us + until_ms * 1000;
        assert_int_equal(loop_run_job(loop, job), SY_OUTCOME_DONE);
      }
}

/* A session is given up at every frame while all its answers are on their way; the next one hears
 * them all, with another token, and none is taken for one of its own. */
static void answers_to_the_session_before_are_not_taken_for_its_own(void **state)
{
  Loop *loop = *state;
  unsigned done = 0, run;

  loop_run_clean(loop, LOOP_UPGRADE);
  run = loop_find_frame(loop, WIRE_RUN);
  for (unsigned at = 0; at < run; at++)
    for (unsigned ms = 200; ms <= 1400; ms += 400) {
      loop_reset(loop, WIRE_BANK_LOW);
      loop->to_host.latency_us = ms * 1000;
      loop->lose_at = at;
      loop_run_to_end(loop);
      loop->to_host.latency_us = 0; /* but nothing overtakes what is under way */
      loop_start_anew(loop);
      loop_run(loop);
      assert_true(loop->session.result.outcome == SY_OUTCOME_DONE ||
                  loop->session.result.touched == false);
      done += loop->session.result.outcome == SY_OUTCOME_DONE;
    }
  assert_int_equal(done, 4 * run);
}

/* Silence for good from each frame on, in one direction or both. Nothing is said that is not so;
 * with both directions gone it is the link's fault or nobody knows. */
static void silence_for_good_from_any_frame_of_any_job_is_told_as_it_is(void **state)
{
  Loop *loop = *state;
  unsigned outcomes[WAYS][5] = {{0}};

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++) {
    unsigned frames = count_frames(loop, job);

    for (Way way = TO_DEVICE; way < WAYS; way++)
      for (unsigned from = 0; from < frames; from++) {
        loop_reset_job(loop, job);
        if (way != TO_HOST)
          loop->to_device.silent_from = from;
        if (way != TO_DEVICE)
          loop->to_host.silent_from = from;
        outcomes[way][loop_run_job(loop, job)]++;
        if (count_hits(loop) == 0)
          assert_int_equal(loop->session.result.outcome, SY_OUTCOME_DONE);
        if (loop->session.result.outcome != SY_OUTCOME_DONE)
          assert_int_not_equal(loop->session.result.reason, SY_REASON_NONE);
      }
  }
  assert_int_equal(outcomes[BOTH][SY_OUTCOME_REFUSED] + outcomes[BOTH][SY_OUTCOME_OLD_RUNS], 0);
  assert_true(outcomes[TO_DEVICE][SY_OUTCOME_OLD_RUNS] >= 2 * 3);
  assert_true(outcomes[TO_HOST][SY_OUTCOME_UNKNOWN] >= 2 * 3);
}

/* The workstation is not heard any more behind the commit: the program on trial gives up after 30
 * s, and the session still listens. */
static void a_trial_that_nobody_confirmed_is_heard_to_end(void **state)
{
  Loop *loop = *state;
  unsigned run;

  loop_run_clean(loop, LOOP_UPGRADE);
  run = loop_find_frame(loop, WIRE_RUN);
  loop_reset(loop, WIRE_BANK_LOW);
  loop->to_device.silent_from = run + 1;
  assert_int_equal(loop_run(loop), SY_OUTCOME_OLD_RUNS);
  assert_int_equal(loop->session.result.reason, SY_REASON_RETURNED);
  assert_int_equal(loop->session.result.identity.trial_cause, WIRE_TRIAL_CAUSE_NOT_HEARD);
}

static void a_link_lost_at_any_frame_of_any_job_ends_it_at_once(void **state)
{
  Loop *loop = *state;

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++) {
    unsigned frames;

    loop_run_clean(loop, job);
    frames = loop->to_device.job_frames;
    for (unsigned at = 0; at < frames; at++) {
      const SyResult *result = &loop->session.result;

      loop_reset_job(loop, job);
      loop->lose_at = at;
      loop_run_job(loop, job);
      if (result->outcome == SY_OUTCOME_DONE) {
        assert_int_equal(at, frames - 1);
        continue;
      }
      assert_int_equal(result->reason, SY_REASON_LINK_LOST);
      assert_int_equal(result->outcome, result->touched ? SY_OUTCOME_UNKNOWN : SY_OUTCOME_LINK);
    }
  }
}

/* Whatever became of a job that was broken off at any frame, the next upgrade is done. */
static void after_a_link_lost_at_any_frame_the_next_upgrade_is_done(void **state)
{
  Loop *loop = *state;
  unsigned frames;

  loop_run_clean(loop, LOOP_UPGRADE);
  frames = loop->to_device.job_frames;
  for (unsigned at = 0; at < frames; at++)
    for (unsigned rest_s = 0; rest_s <= 40; rest_s += 8) {
      loop_reset(loop, WIRE_BANK_LOW);
      loop->lose_at = at;
      loop_run_to_end(loop);
      for (unsigned i = 0; i < rest_s * 50 + 10 || loop->starting; i++) {
        loop->now_us += 20000;
        loop_station_run(loop);
      }
      loop_start_anew(loop);
      if (loop_run(loop) != SY_OUTCOME_DONE)
        fail_msg("lost at %u, %u s later: reason %d", at, rest_s, loop->session.result.reason);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      TEST(some_frames_lost_in_a_row_at_any_place_of_any_job_heal),
      TEST(any_frame_of_any_job_damaged_doubled_or_late_heals),
      TEST(every_frame_of_any_job_doubled_heals),
      TEST(a_damaged_request_is_sent_again_at_once),
      TEST(every_frame_repeated_some_frames_later_confuses_nobody),
      TEST(answers_later_than_their_time_outs_are_taken_or_fall_on_nobody),
      TEST(a_line_that_is_late_and_then_in_time_again_is_no_failure),
      TEST(answers_to_the_session_before_are_not_taken_for_its_own),
      TEST(silence_for_good_from_any_frame_of_any_job_is_told_as_it_is),
      TEST(a_trial_that_nobody_confirmed_is_heard_to_end),
      TEST(a_link_lost_at_any_frame_of_any_job_ends_it_at_once),
      TEST(after_a_link_lost_at_any_frame_the_next_upgrade_is_done),
  };

  loop_set_style(argc, argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
