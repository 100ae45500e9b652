/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a trial ends otherwise than well: the program gives itself up or the operator leaves it, and
 * what the program that is started then records of it. LOW settled, HIGH is the program on trial.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "trial-bench.h"

/* That it is on trial, each of its starts, and what settles it. */
enum { RECORDS_OF_A_SWITCH = 1 + WIRE_TRIAL_STARTS + 1 };

static void a_program_that_nobody_hears_in_time_goes_back(void **state)
{
  TrialBench *bench = *state;

  fw_trial_end_self_test(&bench->trial, 0);
  assert_false(trial_is_over(bench, 0));
  assert_false(trial_is_over(bench, WIRE_TRIAL_MS - 1));
  assert_int_equal(bench->flash.count, 0);
  trial_check_returned(bench, WIRE_TRIAL_MS, WIRE_TRIAL_CAUSE_NOT_HEARD);
}

static void a_self_test_that_never_ends_is_over_in_time_too(void **state)
{
  trial_check_returned(*state, WIRE_TRIAL_MS, WIRE_TRIAL_CAUSE_NOT_HEARD);
}

static void the_time_counts_across_the_clocks_wrap(void **state)
{
  TrialBench *bench = *state;

  bench->trial.start_ms = UINT32_MAX - 999;
  assert_false(fw_trial_is_over(&bench->trial, WIRE_TRIAL_MS - 1001));
  assert_true(fw_trial_is_over(&bench->trial, WIRE_TRIAL_MS - 1000));
}

static void with_no_other_program_it_never_gives_up(void **state)
{
  TrialBench *bench = *state;

  trial_leave_alone(bench);
  assert_false(trial_is_over(bench, WIRE_TRIAL_MS));
  assert_false(trial_is_over(bench, 100 * WIRE_TRIAL_MS));
  fw_trial_end_self_test(&bench->trial, WIRE_SELF_TEST_INPUTS);
  assert_false(trial_is_over(bench, 100 * WIRE_TRIAL_MS));
  assert_int_equal(bench->flash.count, 0); /* and a failed self-test confirms nothing */
  trial_ask_go_back(bench, trial_crc_of(bench, HIGH));
  trial_check_nak(bench, WIRE_GO_BACK, WIRE_CAUSE_NO_OTHER, 0);
  assert_false(trial_is_over(bench, 0));
}

/* A damaged one is none. */
static void a_damaged_other_program_is_none_to_go_back_to(void **state)
{
  TrialBench *bench = *state;

  bench->flash.memory[wire_bank_map(LOW)->addr + LENGTH - 1] ^= 1;
  trial_start(bench, HIGH);
  trial_ask_go_back(bench, trial_crc_of(bench, HIGH));
  trial_check_nak(bench, WIRE_GO_BACK, WIRE_CAUSE_NO_OTHER, 0);
}

static void the_operator_ends_a_trial(void **state)
{
  TrialBench *bench = *state;

  for (unsigned round = 0; round < 2; round++) {
    assert_int_equal(trial_ask_go_back(bench, trial_crc_of(bench, HIGH)),
                     WIRE_GO_BACK | WIRE_REPLY);
    assert_int_equal(bench->answer.length, 0);
  }
  assert_int_equal(bench->flash.count, 0);
  trial_check_returned(bench, 0, WIRE_TRIAL_CAUSE_OPERATOR);
}

static void the_operator_switches_to_the_other_program_when_this_one_has_settled(void **state)
{
  TrialBench *bench = *state;
  WireRecord record = bench_record_make(&bench->flash, LOW, WIRE_RECORD_RETURNED, 20);

  bench_trial_confirm(&bench->flash, HIGH);
  trial_start(bench, HIGH);
  assert_int_equal(trial_ask_go_back(bench, trial_crc_of(bench, HIGH)), WIRE_GO_BACK | WIRE_REPLY);
  trial_check_switched(bench, LOW);
  bench_flash_put_any_record(&bench->flash, 6, &record);
  trial_start(bench, LOW);
  assert_int_equal(trial_ask_go_back(bench, trial_crc_of(bench, LOW)), WIRE_GO_BACK | WIRE_REPLY);
  trial_check_switched(bench, HIGH);
  bench_flash_erase_log(&bench->flash); /* nothing is known: not on trial */
  trial_start(bench, LOW);
  assert_int_equal(trial_ask_go_back(bench, trial_crc_of(bench, LOW)), WIRE_GO_BACK | WIRE_REPLY);
  trial_check_switched(bench, HIGH);
}

static void a_program_confirmed_just_now_is_switched_from_not_returned_from(void **state)
{
  TrialBench *bench = *state;

  fw_trial_end_self_test(&bench->trial, 0);
  trial_check_confirmed(bench, 3);
  assert_int_equal(trial_ask_go_back(bench, trial_crc_of(bench, HIGH)), WIRE_GO_BACK | WIRE_REPLY);
  trial_check_switched(bench, LOW);
}

static void going_back_needs_room_for_what_it_will_record(void **state)
{
  TrialBench *bench = *state;

  for (unsigned used = 2; used <= WIRE_RECORD_COUNT; used++) {
    trial_prepare(bench);
    bench_flash_put_trial(&bench->flash, used - 1, HIGH, 10, 1);
    trial_start(bench, HIGH);
    trial_ask_go_back(bench, trial_crc_of(bench, HIGH));
    if (used < WIRE_RECORD_COUNT)
      assert_int_equal(bench->answer.type, WIRE_GO_BACK | WIRE_REPLY);
    else
      trial_check_nak(bench, WIRE_GO_BACK, WIRE_CAUSE_RECORD_FAILED, 0);
    bench_flash_put_record(&bench->flash, used - 1, HIGH, 10);
    trial_start(bench, HIGH);
    trial_ask_go_back(bench, trial_crc_of(bench, HIGH));
    /* The start took a place for a copy of the record that settled it. */
    if (used + 1 + RECORDS_OF_A_SWITCH <= WIRE_RECORD_COUNT)
      assert_int_equal(bench->answer.type, WIRE_GO_BACK | WIRE_REPLY);
    else
      trial_check_nak(bench, WIRE_GO_BACK, WIRE_CAUSE_RECORD_FAILED, 0);
  }
}

static void going_back_from_another_program_is_refused(void **state)
{
  TrialBench *bench = *state;

  trial_ask_go_back(bench, trial_crc_of(bench, LOW));
  trial_check_nak(bench, WIRE_GO_BACK, WIRE_CAUSE_WRONG_IMAGE, trial_crc_of(bench, HIGH));
  assert_false(trial_is_over(bench, 0));
}

static void a_settled_program_neither_gives_up_nor_counts_seconds(void **state)
{
  TrialBench *bench = *state;

  bench_flash_put_record(&bench->flash, 2, HIGH, 3);
  trial_start(bench, HIGH);
  fw_trial_end_self_test(&bench->trial, WIRE_SELF_TEST_INPUTS);
  assert_false(trial_is_over(bench, 100 * WIRE_TRIAL_MS));
  assert_int_equal(trial_tell(bench, 0).trial_left_s, 0);
}

/* HIGH's newest record: on trial, `starts` counted, an earlier start ended for `cause`. */
static void check_put_trial(TrialBench *bench, uint8_t starts, WireTrialCause cause)
{
  WireRecord record = bench_record_make(&bench->flash, HIGH, WIRE_RECORD_TRIAL, 2);

  trial_prepare(bench);
  record.starts = starts;
  record.cause = (uint8_t)cause;
  bench_flash_put_any_record(&bench->flash, 1, &record);
}

/* LOW starts: it records its return, and tells of it, with this cause. */
static void check_return_at_start(TrialBench *bench, WireTrialCause evidence, WireTrialCause cause)
{
  unsigned before = bench->flash.count;
  WireIdentity identity = bench_trial_start_with(&bench->trial, &bench->flash, LOW, evidence);
  WireRecord record = bench_flash_get_record(&bench->flash);

  assert_int_equal(bench->flash.count, before + 1);
  assert_int_equal(record.bank, LOW);
  assert_int_equal(record.state, WIRE_RECORD_RETURNED);
  assert_int_equal(record.cause, cause);
  assert_int_equal(record.starts, 0);
  assert_int_equal(record.incoming, 0);
  assert_int_equal(record.version, OLD);
  assert_int_equal(record.crc, trial_crc_of(bench, LOW));
  assert_int_equal(identity.trial, WIRE_TRIAL_RETURNED);
  assert_int_equal(identity.trial_cause, cause);
  assert_int_equal(bench->trial.state, WIRE_TRIAL_RETURNED);
  assert_int_equal(fw_boot_choose(bench->flash.memory), fw_entry_make(FW_ENTRY_PROGRAM, LOW));
}

static void the_evidence_of_the_start_that_ends_a_trial_is_its_cause(void **state)
{
  TrialBench *bench = *state;

  for (int cause = WIRE_TRIAL_CAUSE_HANG; cause <= WIRE_TRIAL_CAUSE_CRASH; cause++) {
    check_put_trial(bench, WIRE_TRIAL_STARTS, WIRE_TRIAL_CAUSE_NONE);
    check_return_at_start(bench, (WireTrialCause)cause, (WireTrialCause)cause);
  }
  check_put_trial(bench, WIRE_TRIAL_STARTS, WIRE_TRIAL_CAUSE_HANG); /* the newer evidence counts */
  check_return_at_start(bench, WIRE_TRIAL_CAUSE_CRASH, WIRE_TRIAL_CAUSE_CRASH);
}

static void without_evidence_the_cause_of_the_start_before_counts(void **state)
{
  TrialBench *bench = *state;

  for (int cause = WIRE_TRIAL_CAUSE_HANG; cause <= WIRE_TRIAL_CAUSE_CRASH; cause++) {
    check_put_trial(bench, WIRE_TRIAL_STARTS, (WireTrialCause)cause);
    check_return_at_start(bench, WIRE_TRIAL_CAUSE_NONE, (WireTrialCause)cause);
  }
}

static void without_anything_known_the_starts_are_the_cause(void **state)
{
  TrialBench *bench = *state;

  check_put_trial(bench, WIRE_TRIAL_STARTS, WIRE_TRIAL_CAUSE_NONE);
  check_return_at_start(bench, WIRE_TRIAL_CAUSE_NONE, WIRE_TRIAL_CAUSE_STARTS);
}

/* It may be what made it hang, too. */
static void an_image_that_is_no_longer_whole_is_the_cause_before_all_evidence(void **state)
{
  TrialBench *bench = *state;

  check_put_trial(bench, 1, WIRE_TRIAL_CAUSE_CRASH);
  bench->flash.memory[WIRE_HIGH_ADDR + LENGTH - 1] ^= 1;
  assert_int_equal(fw_boot_choose(bench->flash.memory), fw_entry_make(FW_ENTRY_PROGRAM, LOW));
  check_return_at_start(bench, WIRE_TRIAL_CAUSE_HANG, WIRE_TRIAL_CAUSE_DAMAGED);
  check_put_trial(bench, 1, WIRE_TRIAL_CAUSE_NONE);
  bench_flash_erase_bank(&bench->flash, HIGH);
  check_return_at_start(bench, WIRE_TRIAL_CAUSE_NONE, WIRE_TRIAL_CAUSE_DAMAGED);
}

/* At the next start what it recorded is written once more, and then no more. */
static void a_return_is_recorded_once_and_copied_once(void **state)
{
  TrialBench *bench = *state;
  WireRecord first, copy;

  check_put_trial(bench, WIRE_TRIAL_STARTS, WIRE_TRIAL_CAUSE_NONE);
  check_return_at_start(bench, WIRE_TRIAL_CAUSE_CRASH, WIRE_TRIAL_CAUSE_CRASH);
  first = bench_flash_get_record(&bench->flash);
  for (unsigned start = 0; start < 4; start++) {
    WireIdentity identity =
        bench_trial_start_with(&bench->trial, &bench->flash, LOW, WIRE_TRIAL_CAUSE_HANG);

    copy = bench_flash_get_record(&bench->flash);
    assert_int_equal(bench->flash.count, 2);
    assert_int_equal(copy.sequence, first.sequence + 1);
    assert_int_equal(copy.state, first.state);
    assert_int_equal(copy.cause, first.cause); /* this start's evidence is of something else */
    assert_int_equal(identity.trial_cause, first.cause);
  }
}

/* The decision of the next start is the same, and the cause is told all the same. */
static void a_return_that_cannot_be_recorded_is_made_and_told_each_time(void **state)
{
  TrialBench *bench = *state;

  check_put_trial(bench, WIRE_TRIAL_STARTS, WIRE_TRIAL_CAUSE_NONE);
  for (unsigned round = 0; round < 3; round++) {
    WireIdentity identity;

    trial_fail_every_record(bench);
    bench_flash_put_trial(&bench->flash, WIRE_RECORD_COUNT - 1, HIGH, 9, WIRE_TRIAL_STARTS);
    assert_int_equal(fw_boot_choose(bench->flash.memory), fw_entry_make(FW_ENTRY_PROGRAM, LOW));
    identity = bench_trial_start_with(&bench->trial, &bench->flash, LOW, WIRE_TRIAL_CAUSE_HANG);
    assert_int_equal(identity.trial, WIRE_TRIAL_RETURNED);
    assert_int_equal(identity.trial_cause, WIRE_TRIAL_CAUSE_HANG);
    assert_true(fw_trial_is_proven(&bench->trial));
  }
}

/* Neither HIGH itself at its next start, nor LOW when HIGH never was on trial beside it. */
static void a_start_that_ends_no_trial_records_no_end(void **state)
{
  TrialBench *bench = *state;

  for (uint8_t starts = 0; starts <= WIRE_TRIAL_STARTS; starts++) {
    check_put_trial(bench, starts, WIRE_TRIAL_CAUSE_NONE);
    bench_trial_start_with(&bench->trial, &bench->flash, HIGH, WIRE_TRIAL_CAUSE_CRASH);
    assert_int_equal(bench->trial.state, WIRE_TRIAL_RUNNING);
    assert_int_equal(bench->flash.count, 0);
  }
  trial_prepare(bench);
  bench_flash_put_first(&bench->flash, 1, HIGH, 2); /* the other bank's, listened before */
  bench_trial_start_with(&bench->trial, &bench->flash, LOW, WIRE_TRIAL_CAUSE_CRASH);
  assert_int_equal(bench->flash.count, 0);
  bench_flash_erase_log(&bench->flash);
  bench_trial_start_with(&bench->trial, &bench->flash, LOW, WIRE_TRIAL_CAUSE_CRASH);
  assert_int_equal(bench->flash.count, 0);
}

/* From the first start to the return, as the chip goes through it: what ended each start is known
 * to the loader that counts the next, and the last one's to the program that is gone back to. */
static void three_starts_of_a_program_that_crashes_end_in_a_return_that_says_so(void **state)
{
  TrialBench *bench = *state;

  check_put_trial(bench, 0, WIRE_TRIAL_CAUSE_NONE);
  assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE), HIGH);
  for (unsigned start = 1; start < WIRE_TRIAL_STARTS; start++)
    assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_CRASH), HIGH);
  assert_int_equal(bench_flash_get_record(&bench->flash).cause, WIRE_TRIAL_CAUSE_CRASH);
  assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_HANG), LOW);
  assert_int_equal(bench_flash_get_record(&bench->flash).state, WIRE_RECORD_RETURNED);
  assert_int_equal(bench_flash_get_record(&bench->flash).cause, WIRE_TRIAL_CAUSE_HANG);
}

/* It leaves, is started once more by a loader that counts that, and in the end is not any more. */
static void a_program_whose_end_cannot_be_recorded_uses_up_its_starts(void **state)
{
  TrialBench *bench = *state;

  fw_trial_end_self_test(&bench->trial, WIRE_SELF_TEST_INPUTS);
  for (unsigned starts = 1; starts < WIRE_TRIAL_STARTS; starts++) {
    trial_fail_every_record(bench);
    bench->flash.cut = BENCH_CUT_BEFORE; /* none of the places takes it … */
    bench->flash.cut_at = bench->flash.count;
    assert_true(trial_is_over(bench, 0));
    assert_true(bench->flash.dead);
    bench_flash_power_on(&bench->flash); /* … but one takes what the loader writes */
    bench->flash.fail_times = 0;
    assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE), HIGH);
    assert_int_equal(bench_flash_get_record(&bench->flash).starts, starts + 1);
    trial_start(bench, HIGH);
    fw_trial_end_self_test(&bench->trial, WIRE_SELF_TEST_INPUTS);
  }
  assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE), LOW);
}

static void a_switch_that_cannot_be_recorded_stays_with_the_program_that_asked(void **state)
{
  TrialBench *bench = *state;

  bench_trial_confirm(&bench->flash, HIGH);
  trial_start(bench, HIGH);
  assert_int_equal(trial_ask_go_back(bench, trial_crc_of(bench, HIGH)), WIRE_GO_BACK | WIRE_REPLY);
  trial_fail_every_record(bench);
  assert_true(trial_is_over(bench, 0));
  assert_int_equal(fw_boot_choose(bench->flash.memory), fw_entry_make(FW_ENTRY_PROGRAM, HIGH));
}

static void a_program_that_was_switched_to_has_three_starts_and_then_the_other_runs(void **state)
{
  TrialBench *bench = *state;

  bench_trial_confirm(&bench->flash, HIGH);
  trial_start(bench, HIGH);
  trial_ask_go_back(bench, trial_crc_of(bench, HIGH));
  trial_check_switched(bench, LOW);
  for (unsigned start = 0; start < WIRE_TRIAL_STARTS; start++)
    assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE), LOW);
  assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE), HIGH);
  assert_int_equal(bench_flash_get_record(&bench->flash).state, WIRE_RECORD_RETURNED);
  assert_int_equal(bench_flash_get_record(&bench->flash).bank, HIGH);
  assert_int_equal(bench_flash_get_record(&bench->flash).cause, WIRE_TRIAL_CAUSE_STARTS);
}

/* The room that GO_BACK asked for is for its whole trial: whichever start it is that is heard. */
static void a_switch_that_was_granted_can_be_confirmed_at_the_last_start(void **state)
{
  TrialBench *bench = *state;
  unsigned granted = 0;

  for (unsigned used = 2; used < WIRE_RECORD_COUNT; used++) {
    trial_prepare(bench);
    bench_flash_put_record(&bench->flash, used - 2, HIGH, 9);
    bench_flash_put_record(&bench->flash, used - 1, HIGH, 10);
    trial_start(bench, HIGH);
    if (trial_ask_go_back(bench, trial_crc_of(bench, HIGH)) == WIRE_NAK)
      continue;
    granted++;
    trial_check_switched(bench, LOW);
    for (unsigned start = 0; start < WIRE_TRIAL_STARTS; start++)
      assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE), LOW);
    trial_start(bench, LOW);
    fw_trial_end_self_test(&bench->trial, 0);
    if (trial_ask_confirm(bench, trial_crc_of(bench, LOW)) != (WIRE_CONFIRM | WIRE_REPLY))
      fail_msg("with %u places of the log used GO_BACK was granted, and CONFIRM is not", used);
  }
  assert_true(granted > 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, trial_set_up, trial_tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_program_that_nobody_hears_in_time_goes_back),
      TEST(a_self_test_that_never_ends_is_over_in_time_too),
      TEST(the_time_counts_across_the_clocks_wrap),
      TEST(with_no_other_program_it_never_gives_up),
      TEST(a_damaged_other_program_is_none_to_go_back_to),
      TEST(the_operator_ends_a_trial),
      TEST(the_operator_switches_to_the_other_program_when_this_one_has_settled),
      TEST(a_program_confirmed_just_now_is_switched_from_not_returned_from),
      TEST(going_back_needs_room_for_what_it_will_record),
      TEST(going_back_from_another_program_is_refused),
      TEST(a_settled_program_neither_gives_up_nor_counts_seconds),
      TEST(the_evidence_of_the_start_that_ends_a_trial_is_its_cause),
      TEST(without_evidence_the_cause_of_the_start_before_counts),
      TEST(without_anything_known_the_starts_are_the_cause),
      TEST(an_image_that_is_no_longer_whole_is_the_cause_before_all_evidence),
      TEST(a_return_is_recorded_once_and_copied_once),
      TEST(a_return_that_cannot_be_recorded_is_made_and_told_each_time),
      TEST(a_start_that_ends_no_trial_records_no_end),
      TEST(three_starts_of_a_program_that_crashes_end_in_a_return_that_says_so),
      TEST(a_program_whose_end_cannot_be_recorded_uses_up_its_starts),
      TEST(a_switch_that_cannot_be_recorded_stays_with_the_program_that_asked),
      TEST(a_program_that_was_switched_to_has_three_starts_and_then_the_other_runs),
      TEST(a_switch_that_was_granted_can_be_confirmed_at_the_last_start),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
