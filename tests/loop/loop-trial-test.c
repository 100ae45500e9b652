/* SPDX-License-Identifier: GPL-3.0-or-later */

/* New programs on trial: good ones that are slow or restarted, and such as hang, crash, stay mute
 * or fail their self-test. Which of the two programs runs in the end, and why, is told. */

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

static const WireTrialCause causes[LOOP_CHARACTERS] = {
    [LOOP_HANGS] = WIRE_TRIAL_CAUSE_HANG,
    [LOOP_CRASHES] = WIRE_TRIAL_CAUSE_CRASH,
    [LOOP_MUTE] = WIRE_TRIAL_CAUSE_NOT_HEARD,
    [LOOP_FAILS] = WIRE_TRIAL_CAUSE_SELF_TEST,
};

/* RUN's place in a clean upgrade. */
static unsigned find_run(Loop *loop)
{
  loop_run_clean(loop, LOOP_UPGRADE);
  return loop_find_frame(loop, WIRE_RUN);
}

static void check_returned(const Loop *loop, WireTrialCause cause)
{
  const SyResult *result = &loop->session.result;

  assert_int_equal(result->outcome, SY_OUTCOME_OLD_RUNS);
  assert_int_equal(result->reason, SY_REASON_RETURNED);
  assert_int_equal(result->identity.trial, WIRE_TRIAL_RETURNED);
  assert_int_equal(result->identity.trial_cause, cause);
}

static void a_clean_upgrade_is_confirmed_and_says_so_once(void **state)
{
  Loop *loop = *state;

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++) {
    loop_run_clean(loop, job);
    assert_int_equal(loop->events[SY_EVENT_COMMITTED], job <= LOOP_UPGRADE_ON_TRIAL);
    assert_int_equal(loop->events[SY_EVENT_CONFIRMED],
                     job == LOOP_UPGRADE_ON_TRIAL ? 2 : job != LOOP_BACK_FROM_TRIAL);
    assert_int_equal(loop_is_erased(loop), job <= LOOP_UPGRADE_ON_TRIAL);
    assert_int_equal(loop->session.result.identity.trial,
                     job == LOOP_BACK_FROM_TRIAL ? WIRE_TRIAL_RETURNED : WIRE_TRIAL_CONFIRMED);
  }
}

static void a_program_that_fails_is_left_and_the_cause_is_told(void **state)
{
  Loop *loop = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++)
    for (LoopCharacter character = LOOP_HANGS; character < LOOP_CHARACTERS; character++) {
      loop_reset(loop, running);
      loop->new_character = character;
      loop_run(loop);
      check_returned(loop, causes[character]);
    }
}

/* Nobody announces itself: the same is learnt by asking. */
static void a_program_that_fails_is_told_from_the_old_one_by_asking_too(void **state)
{
  Loop *loop = *state;

  for (LoopCharacter character = LOOP_HANGS; character < LOOP_CHARACTERS; character++) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->new_character = character;
    loop->mute_announce = true;
    loop_run(loop);
    check_returned(loop, causes[character]);
  }
}

/* A program that hangs or crashes is there for a second or two of twelve. */
static void check_loader_answers(Loop *loop)
{
  loop_start_anew(loop);
  for (unsigned i = 0; i < 50 && (loop->mode != LOOP_LOADER || loop->starting); i++)
    loop_rest(loop, 100000);
  sy_session_start_identify(&loop->session, loop->now_us);
  loop_rest(loop, 1000000);
  assert_true(sy_session_is_finished(&loop->session));
  assert_int_equal(loop->session.result.outcome, SY_OUTCOME_DONE);
  assert_int_equal(loop->session.result.identity.mode, WIRE_MODE_LOADER);
  assert_int_equal(loop->session.result.identity.trial, WIRE_TRIAL_RUNNING);
}

/* There is no old one to go back to. One that hangs or crashes is started again and again, for
 * ever, and the loader listens each time before; one that fails its self-test runs, is not proven,
 * and is listened for at its next start too. Only one that passes and is mute is proven to itself.
 */
static void a_first_program_that_fails_is_no_success_and_the_loader_answers(void **state)
{
  Loop *loop = *state;

  for (LoopCharacter character = LOOP_HANGS; character < LOOP_CHARACTERS; character++) {
    loop_reset(loop, WIRE_BANK_NONE);
    loop->new_character = character;
    assert_int_equal(loop_run(loop), SY_OUTCOME_UNKNOWN);
    if (character == LOOP_MUTE) {
      assert_int_equal(bench_flash_get_record(&loop->flash).state, WIRE_RECORD_CONFIRMED);
      continue;
    }
    for (unsigned i = 0; i < 8; i++) {
      if (character == LOOP_FAILS) {
        assert_int_equal(loop->mode, LOOP_PROGRAM);
        loop_station_cut_power(loop);
      }
      check_loader_answers(loop);
      loop_rest(loop, 30 * 1000000);
      assert_int_equal(bench_flash_get_record(&loop->flash).state, WIRE_RECORD_FIRST);
    }
  }
}

/* Starts of a first program are not counted: power that goes and comes does not use it up. */
static void a_first_program_is_confirmed_however_often_it_was_started(void **state)
{
  Loop *loop = *state;
  unsigned run;

  loop_reset(loop, WIRE_BANK_NONE);
  loop_run(loop);
  run = loop_find_frame(loop, WIRE_RUN);
  loop_reset(loop, WIRE_BANK_NONE);
  loop->self_test_us = 5 * 1000000;
  loop->lose_at = run;
  loop_run_to_end(loop);
  for (unsigned i = 0; i < 6; i++) {
    loop_station_cut_power(loop);
    loop_rest(loop, 13 * 1000000);
    assert_int_equal(loop->mode, LOOP_PROGRAM);
    assert_int_equal(bench_flash_get_record(&loop->flash).state, WIRE_RECORD_FIRST);
  }
  loop_rest(loop, 5 * 1000000);
  assert_int_equal(bench_flash_get_record(&loop->flash).state, WIRE_RECORD_CONFIRMED);
}

/* The next upgrade is taken, by the loader that listens or through a program that is not proven,
 * also when the next ones fail in the same way. */
static void after_first_programs_that_failed_the_next_is_taken(void **state)
{
  static const LoopCharacter characters[] = {LOOP_HANGS, LOOP_CRASHES, LOOP_FAILS};
  Loop *loop = *state;

  for (unsigned which = 0; which < 3; which++)
    for (unsigned failed = 1; failed <= 4; failed++) {
      LoopCharacter character = characters[which];

      loop_reset(loop, WIRE_BANK_NONE);
      loop->old_character = loop->new_character = character;
      for (unsigned i = 0; i < failed; i++) {
        if (loop_run(loop) != SY_OUTCOME_UNKNOWN)
          fail_msg("character %d, %u failed at %u: outcome %d, reason %d", character, failed, i,
                   loop->session.result.outcome, loop->session.result.reason);
        loop_start_anew(loop);
      }
      loop->new_character = LOOP_GOOD;
      if (loop_run(loop) != SY_OUTCOME_DONE)
        fail_msg("character %d, %u failed: outcome %d, reason %d", character, failed,
                 loop->session.result.outcome, loop->session.result.reason);
    }
}

static void a_self_test_that_takes_long_is_waited_for(void **state)
{
  Loop *loop = *state;

  for (unsigned seconds = 0; seconds <= 28; seconds += 2) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->self_test_us = seconds * 1000000ull;
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  }
}

static void a_self_test_that_takes_longer_than_the_trial_is_told_as_such(void **state)
{
  Loop *loop = *state;

  loop->self_test_us = 40 * 1000000ull;
  loop_run(loop);
  check_returned(loop, WIRE_TRIAL_CAUSE_NOT_HEARD);
}

static void a_substation_that_knows_no_trials_is_upgraded_without_one(void **state)
{
  Loop *loop = *state;

  for (WireBank running = WIRE_BANK_NONE; running <= WIRE_BANK_HIGH; running++) {
    loop_reset(loop, running);
    loop->no_trials = true;
    loop_station_boot(loop);
    loop_station_settle(loop);
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_int_equal(loop->events[SY_EVENT_CONFIRMED], 0);
    assert_int_equal(loop->session.result.counts.naks, 0);
  }
}

/* It runs well and cannot confirm itself, so it will be left: that is no success, and after its
 * starts the old one is there again. */
static void a_new_program_that_knows_no_trials_is_not_confirmed_and_will_be_left(void **state)
{
  Loop *loop = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++) {
    loop_reset(loop, running);
    loop->new_is_plain = true;
    assert_int_equal(loop_run_to_end(loop), SY_OUTCOME_UNKNOWN);
    assert_int_equal(loop->session.result.reason, SY_REASON_NOT_CONFIRMED);
    assert_int_equal(loop->events[SY_EVENT_CONFIRMED], 0);
    for (unsigned start = 1; start <= WIRE_TRIAL_STARTS; start++) {
      assert_int_equal(loop->running, wire_bank_other(running));
      assert_int_equal(bench_flash_get_record(&loop->flash).starts, start);
      loop_station_cut_power(loop);
      loop_rest(loop, 5 * 1000000);
    }
    assert_int_equal(loop->mode, LOOP_PROGRAM);
    assert_int_equal(loop->running, running);
    assert_int_equal(bench_flash_get_record(&loop->flash).cause, WIRE_TRIAL_CAUSE_STARTS);
  }
}

/* Its answer to CONFIRM does not come because it was restarted first; it has two starts more. */
static void a_restart_or_two_during_the_trial_are_no_failure(void **state)
{
  Loop *loop = *state;
  unsigned run = find_run(loop);

  for (unsigned cuts = 1; cuts <= 2; cuts++)
    for (unsigned again_ms = 0; again_ms <= 600; again_ms += 200) {
      loop_reset(loop, WIRE_BANK_LOW);
      loop->power_cut_before = run + 1; /* the first that the new program hears */
      loop->power_cut_times = cuts;
      loop->power_cut_again_us = again_ms * 1000;
      assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
      assert_int_equal(loop->cuts, cuts);
    }
}

static void a_program_that_never_stays_up_is_left(void **state)
{
  Loop *loop = *state;
  unsigned run = find_run(loop);

  loop_reset(loop, WIRE_BANK_LOW);
  loop->power_cut_before = run + 1;
  loop->power_cut_times = 4;
  loop->power_cut_again_us = 500 * 1000;
  loop_run(loop);
  assert_in_range(loop->cuts, 3, 4);
  check_returned(loop, WIRE_TRIAL_CAUSE_STARTS);
}

/* Cut before a request is handled, before its answer is sent, and before or behind each frame that
 * the substation sends. */
typedef enum { CUT_BEFORE, CUT_AFTER, CUT_BEFORE_SEND, CUT_AFTER_SEND, CUT_PLACES } CutPlace;

static bool run_cut(Loop *loop, LoopJob job, CutPlace place, unsigned at)
{
  unsigned *const cuts[CUT_PLACES] = {&loop->power_cut_before, &loop->power_cut_after,
                                      &loop->power_cut_before_send, &loop->power_cut_after_send};

  loop_reset_job(loop, job);
  *cuts[place] = at;
  loop_run_job(loop, job);
  return loop->cuts > 0;
}

/* One cut uses up one start at the most, so what was committed stands. Before that the old program
 * runs, and the cut is told. */
static void a_power_cut_at_any_frame_leaves_old_or_new_and_says_which(void **state)
{
  Loop *loop = *state;
  unsigned outcomes[5] = {0}, cuts = 0;

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++)
    for (CutPlace place = CUT_BEFORE; place < CUT_PLACES; place++)
      for (unsigned at = 0; run_cut(loop, job, place, at); at++) {
        const SyResult *result = &loop->session.result;

        cuts++;
        outcomes[result->outcome]++;
        assert_int_not_equal(result->outcome, SY_OUTCOME_UNKNOWN);
        assert_int_not_equal(result->outcome, SY_OUTCOME_LINK);
        assert_int_not_equal(result->reason, SY_REASON_RETURNED);
        if (result->outcome == SY_OUTCOME_OLD_RUNS)
          assert_int_equal(loop->events[SY_EVENT_COMMITTED], 0);
      }
  assert_true(cuts >= LOOP_JOBS * CUT_PLACES * 3);
  assert_true(outcomes[SY_OUTCOME_DONE] >= 20);
  assert_true(outcomes[SY_OUTCOME_OLD_RUNS] >= 2 * 3);
}

static void a_power_cut_inside_the_records_of_a_trial_leaves_old_or_new(void **state)
{
  Loop *loop = *state;

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++)
    for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_AFTER; cut++)
      for (unsigned at = 0;; at++) {
        loop_reset_job(loop, job);
        loop->flash.cut = cut;
        loop->flash.cut_at = at;
        loop_run_job(loop, job);
        if (loop->cuts == 0)
          break;
        assert_true(loop->session.result.outcome <= SY_OUTCOME_REFUSED ||
                    loop->session.result.outcome == SY_OUTCOME_OLD_RUNS);
      }
}

/* The workstation went away behind the commit; the next one finds a program on trial and no fault
 * in that. */
static void an_upgrade_of_a_program_still_on_trial_confirms_it_first(void **state)
{
  Loop *loop = *state;
  unsigned run = find_run(loop);

  loop_reset(loop, WIRE_BANK_LOW);
  loop->lose_at = run;
  assert_int_equal(loop_run_to_end(loop), SY_OUTCOME_UNKNOWN);
  assert_int_equal(loop->session.result.reason, SY_REASON_LINK_LOST);
  for (unsigned i = 0; i < 100 && loop->mode != LOOP_PROGRAM; i++) {
    loop->now_us += 20000;
    loop_station_run(loop);
  }
  loop_start_anew(loop);
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  assert_int_equal(loop->events[SY_EVENT_CONFIRMED], 2);
  assert_int_equal(loop->running, WIRE_BANK_LOW);
}

/* The program on trial is bad: it is not upgraded, but left, as it would be anyway. */
static void an_upgrade_of_a_program_that_fails_its_trial_touches_nothing(void **state)
{
  Loop *loop = *state;

  for (LoopCharacter character = LOOP_CRASHES; character < LOOP_CHARACTERS; character++) {
    loop_reset_both(loop, WIRE_BANK_LOW, false);
    loop->old_character = character;
    loop_run_to_end(loop);
    assert_int_not_equal(loop->session.result.outcome, SY_OUTCOME_DONE);
    assert_false(loop->session.result.touched);
    assert_false(loop_is_erased(loop));
  }
}

/* Behind the commit, too: the new program is heard, is confirmed and cancelled at once. */
static void a_cancel_at_any_moment_goes_back_or_was_too_late(void **state)
{
  static const uint64_t delays_us[] = {0, 5000, 30000, 60000, 130000, 700000};
  Loop *loop = *state;

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++) {
    unsigned frames, outcomes[5] = {0};

    loop_run_clean(loop, job);
    frames = loop->to_device.job_frames;
    for (unsigned at = 0; at < frames; at++)
      for (unsigned i = 0; i < 6; i++) {
        const SyResult *result = &loop->session.result;

        loop_reset_job(loop, job);
        loop->cancel_at = at;
        loop->act_delay_us = delays_us[i];
        outcomes[loop_run_job(loop, job)]++;
        if (result->outcome == SY_OUTCOME_DONE)
          continue; /* check_claim has seen that it was confirmed */
        assert_int_equal(result->reason, SY_REASON_CANCELLED);
        assert_int_equal(result->outcome,
                         result->touched ? SY_OUTCOME_OLD_RUNS : SY_OUTCOME_REFUSED);
      }
    assert_true(outcomes[SY_OUTCOME_REFUSED] >= 2);
    if (job == LOOP_CONFIRM)
      assert_int_equal(outcomes[SY_OUTCOME_OLD_RUNS], 0);
    else
      assert_true(outcomes[SY_OUTCOME_OLD_RUNS] >= 5 || job == LOOP_BACK_FROM_TRIAL);
    assert_true(outcomes[SY_OUTCOME_DONE] >= 2);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      TEST(a_clean_upgrade_is_confirmed_and_says_so_once),
      TEST(a_program_that_fails_is_left_and_the_cause_is_told),
      TEST(a_program_that_fails_is_told_from_the_old_one_by_asking_too),
      TEST(a_first_program_that_fails_is_no_success_and_the_loader_answers),
      TEST(a_first_program_is_confirmed_however_often_it_was_started),
      TEST(after_first_programs_that_failed_the_next_is_taken),
      TEST(a_self_test_that_takes_long_is_waited_for),
      TEST(a_self_test_that_takes_longer_than_the_trial_is_told_as_such),
      TEST(a_substation_that_knows_no_trials_is_upgraded_without_one),
      TEST(a_new_program_that_knows_no_trials_is_not_confirmed_and_will_be_left),
      TEST(a_restart_or_two_during_the_trial_are_no_failure),
      TEST(a_program_that_never_stays_up_is_left),
      TEST(a_power_cut_at_any_frame_leaves_old_or_new_and_says_which),
      TEST(a_power_cut_inside_the_records_of_a_trial_leaves_old_or_new),
      TEST(an_upgrade_of_a_program_still_on_trial_confirms_it_first),
      TEST(an_upgrade_of_a_program_that_fails_its_trial_touches_nothing),
      TEST(a_cancel_at_any_moment_goes_back_or_was_too_late),
  };

  loop_set_style(argc, argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
