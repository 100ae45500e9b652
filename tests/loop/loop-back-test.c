/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The job of going back: from a program that has settled, from one on trial, and into programs that
 * fail. */

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

static void going_back_from_a_settled_program_puts_the_other_on_trial_and_confirms_it(void **state)
{
  Loop *loop = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++) {
    loop_reset_both(loop, running, true);
    assert_int_equal(loop_run_back(loop), SY_OUTCOME_DONE);
    assert_int_equal(loop->running, wire_bank_other(running));
    assert_int_equal(bench_flash_get_record(&loop->flash).state, WIRE_RECORD_CONFIRMED);
    assert_int_equal(loop->events[SY_EVENT_CONFIRMED], 1);
    assert_false(loop_is_erased(loop));
  }
}

static void going_back_from_a_trial_ends_it_for_the_operator(void **state)
{
  Loop *loop = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++) {
    WireRecord record;

    loop_reset_both(loop, running, false);
    assert_int_equal(loop_run_back(loop), SY_OUTCOME_DONE);
    record = bench_flash_get_record(&loop->flash);
    assert_int_equal(record.state, WIRE_RECORD_RETURNED);
    assert_int_equal(record.cause, WIRE_TRIAL_CAUSE_OPERATOR);
    assert_int_equal(loop->session.result.identity.trial_cause, WIRE_TRIAL_CAUSE_OPERATOR);
  }
}

static void going_back_and_back_again_ends_where_it_began(void **state)
{
  Loop *loop = *state;
  LoopImage old;

  loop_reset_both(loop, WIRE_BANK_LOW, true);
  for (unsigned i = 0; i < 4; i++) { /* as often as the log has places for */
    assert_int_equal(loop_run_back(loop), SY_OUTCOME_DONE);
    loop_start_anew(loop);
    old = loop->old;
    loop->old = loop->other;
    loop->other = old;
  }
  assert_int_equal(loop->running, WIRE_BANK_LOW);
}

/* A log of sixteen places that takes no more is refused before anything is left. */
static void going_back_too_often_is_refused_and_changes_nothing(void **state)
{
  Loop *loop = *state;
  unsigned frames = 0;
  uint32_t newest = 0;
  LoopImage old;
  SyOutcome outcome;

  loop_reset_both(loop, WIRE_BANK_LOW, true);
  while ((outcome = loop_run_back(loop)) == SY_OUTCOME_DONE) {
    loop_start_anew(loop);
    frames = loop->to_device.frames;
    newest = bench_flash_get_record(&loop->flash).sequence;
    old = loop->old;
    loop->old = loop->other;
    loop->other = old;
  }
  assert_int_equal(outcome, SY_OUTCOME_REFUSED);
  assert_int_equal(loop->session.result.reason, SY_REASON_NAK);
  assert_int_equal(loop->session.result.nak.cause, WIRE_CAUSE_RECORD_FAILED);
  assert_false(loop->session.result.touched);
  assert_int_equal(loop->to_device.job_frames - frames, 2); /* IDENTIFY, GO_BACK */
  assert_int_equal(bench_flash_get_record(&loop->flash).sequence, newest);
}

/* However full the log is: what the other program may need for all its starts and its end is there,
 * or it is refused. */
static void another_program_that_fails_is_recorded_however_full_the_log_is(void **state)
{
  static const LoopCharacter characters[] = {LOOP_HANGS, LOOP_CRASHES, LOOP_FAILS};
  Loop *loop = *state;
  unsigned refused = 0;

  for (unsigned which = 0; which < 3; which++)
    for (unsigned records = 1; records < WIRE_RECORD_COUNT; records++) {
      loop_reset_both(loop, WIRE_BANK_LOW, true);
      for (unsigned slot = 0; slot < records; slot++)
        bench_flash_put_record(&loop->flash, slot, WIRE_BANK_LOW, slot + 1);
      loop->other_character = characters[which];
      refused += loop_run_back(loop) == SY_OUTCOME_REFUSED;
      assert_int_not_equal(loop->session.result.outcome, SY_OUTCOME_DONE);
      if (loop->session.result.outcome == SY_OUTCOME_OLD_RUNS)
        assert_int_equal(bench_flash_get_record(&loop->flash).state, WIRE_RECORD_RETURNED);
    }
  assert_in_range(refused, 3, 3 * 6);
}

static void with_no_whole_other_program_nothing_is_asked(void **state)
{
  Loop *loop = *state;

  for (unsigned damaged = 0; damaged < 2; damaged++) {
    loop_reset_both(loop, WIRE_BANK_LOW, true);
    if (damaged)
      loop->flash.memory[WIRE_HIGH_ADDR + 0x200] ^= 1;
    else
      bench_flash_erase_bank(&loop->flash, WIRE_BANK_HIGH);
    loop_station_boot(loop);
    loop_station_settle(loop);
    loop->other.length = 0;
    assert_int_equal(loop_run_back(loop), SY_OUTCOME_REFUSED);
    assert_int_equal(loop->session.result.reason, SY_REASON_NO_OTHER);
    assert_int_equal(loop->to_device.job_frames, 1);
  }
}

static void a_loader_and_a_substation_without_trials_are_refused(void **state)
{
  Loop *loop = *state;

  loop_reset_both(loop, WIRE_BANK_LOW, true);
  loop_station_enter_loader(loop);
  assert_int_equal(loop_run_back(loop), SY_OUTCOME_REFUSED);
  assert_int_equal(loop->session.result.reason, SY_REASON_NO_OTHER);
  loop_reset_both(loop, WIRE_BANK_LOW, true);
  loop->no_trials = true;
  assert_int_equal(loop_run_back(loop), SY_OUTCOME_REFUSED);
  assert_int_equal(loop->session.result.reason, SY_REASON_NO_TRIAL);
}

/* It runs on trial like any other, and is left. */
static void another_program_that_fails_brings_the_first_back(void **state)
{
  static const WireTrialCause causes[LOOP_CHARACTERS] = {
      [LOOP_HANGS] = WIRE_TRIAL_CAUSE_HANG,
      [LOOP_CRASHES] = WIRE_TRIAL_CAUSE_CRASH,
      [LOOP_MUTE] = WIRE_TRIAL_CAUSE_NOT_HEARD,
      [LOOP_FAILS] = WIRE_TRIAL_CAUSE_SELF_TEST,
  };
  Loop *loop = *state;

  for (LoopCharacter character = LOOP_HANGS; character < LOOP_CHARACTERS; character++) {
    loop_reset_both(loop, WIRE_BANK_LOW, true);
    loop->other_character = character;
    assert_int_equal(loop_run_back(loop), SY_OUTCOME_OLD_RUNS);
    assert_int_equal(loop->session.result.reason, SY_REASON_RETURNED);
    assert_int_equal(loop->session.result.identity.trial_cause, causes[character]);
  }
}

/* How often the records of the log, in the order they were written, go on to the other bank. */
static unsigned count_turns(const Loop *loop)
{
  WireBank bank = WIRE_BANK_NONE;
  unsigned turns = 0;

  for (unsigned slot = 0; slot < WIRE_RECORD_COUNT; slot++) {
    WireRecord record;

    if (!wire_record_read(loop->flash.memory + WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE, &record))
      continue;
    turns += bank != WIRE_BANK_NONE && record.bank != bank;
    bank = record.bank;
  }
  return turns;
}

/* A request that is obeyed twice would lead back to where it began. */
static void an_answer_that_is_lost_does_not_send_it_back_and_forth(void **state)
{
  Loop *loop = *state;

  for (LoopJob job = LOOP_BACK; job <= LOOP_BACK_FROM_TRIAL; job++)
    for (unsigned lost = 1; lost <= 6; lost++) {
      loop_reset_job(loop, job);
      loop->to_host.fault = (LoopFault){
          .kind = LOOP_DROP, .active = true, .frames = true, .first = 1, .every = 1, .times = lost};
      assert_int_equal(loop_run_back(loop), SY_OUTCOME_DONE);
      assert_int_equal(loop->to_host.hits, lost);
      /* TRIAL, its start and CONFIRMED; RETURNED, twice */
      assert_int_equal(loop->flash.count, job == LOOP_BACK ? 3 : 2);
      assert_int_equal(count_turns(loop), job == LOOP_BACK ? 1 : 2); /* one was there before */
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      TEST(going_back_from_a_settled_program_puts_the_other_on_trial_and_confirms_it),
      TEST(going_back_from_a_trial_ends_it_for_the_operator),
      TEST(going_back_and_back_again_ends_where_it_began),
      TEST(going_back_too_often_is_refused_and_changes_nothing),
      TEST(another_program_that_fails_is_recorded_however_full_the_log_is),
      TEST(with_no_whole_other_program_nothing_is_asked),
      TEST(a_loader_and_a_substation_without_trials_are_refused),
      TEST(another_program_that_fails_brings_the_first_back),
      TEST(an_answer_that_is_lost_does_not_send_it_back_and_forth),
  };

  loop_set_style(argc, argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
