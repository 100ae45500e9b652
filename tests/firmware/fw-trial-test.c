/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The program's side of its trial: when it is confirmed, and what it says of itself meanwhile. LOW
 * settled, HIGH is the program on trial. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "trial-bench.h"

static void a_program_is_confirmed_when_it_was_heard_and_its_self_test_passed(void **state)
{
  TrialBench *bench = *state;
  WireRecord record;

  fw_trial_end_self_test(&bench->trial, 0);
  assert_int_equal(bench->flash.count, 0); /* the self-test alone confirms nothing */
  trial_check_confirmed(bench, 3);
  record = bench_flash_get_record(&bench->flash);
  assert_int_equal(record.bank, HIGH);
  assert_int_equal(record.state, WIRE_RECORD_CONFIRMED);
  assert_int_equal(record.crc, trial_crc_of(bench, HIGH));
  assert_int_equal(record.version, NEW);
  assert_int_equal(record.starts, 0);
  assert_int_equal(record.cause, WIRE_TRIAL_CAUSE_NONE);
  assert_int_equal(bench_flash_get_start(&bench->flash), HIGH);
  assert_false(trial_is_over(bench, 10 * WIRE_TRIAL_MS));
}

static void a_confirm_before_the_self_test_is_done_is_refused_and_may_come_again(void **state)
{
  TrialBench *bench = *state;

  trial_ask_confirm(bench, trial_crc_of(bench, HIGH));
  trial_check_nak(bench, WIRE_CONFIRM, WIRE_CAUSE_SELF_TEST, 0);
  assert_int_equal(bench->flash.count, 0);
  fw_trial_end_self_test(&bench->trial, 0);
  trial_check_confirmed(bench, 3);
}

static void a_failed_self_test_is_told_and_nothing_confirms_it(void **state)
{
  TrialBench *bench = *state;

  fw_trial_end_self_test(&bench->trial, WIRE_SELF_TEST_IMAGE | WIRE_SELF_TEST_INPUTS);
  trial_ask_confirm(bench, trial_crc_of(bench, HIGH));
  trial_check_nak(bench, WIRE_CONFIRM, WIRE_CAUSE_SELF_TEST, 3);
  assert_int_equal(bench->flash.count, 0);
  trial_check_returned(bench, 0, WIRE_TRIAL_CAUSE_SELF_TEST);
}

static void a_confirm_of_another_image_is_refused_with_the_right_crc(void **state)
{
  TrialBench *bench = *state;

  fw_trial_end_self_test(&bench->trial, 0);
  trial_ask_confirm(bench, trial_crc_of(bench, LOW));
  trial_check_nak(bench, WIRE_CONFIRM, WIRE_CAUSE_WRONG_IMAGE, trial_crc_of(bench, HIGH));
  assert_int_equal(bench->flash.count, 0);
  trial_check_confirmed(bench, 3);
  trial_ask_confirm(bench, trial_crc_of(bench, LOW)); /* and behind that, too */
  trial_check_nak(bench, WIRE_CONFIRM, WIRE_CAUSE_WRONG_IMAGE, trial_crc_of(bench, HIGH));
}

static void short_payloads_are_refused(void **state)
{
  TrialBench *bench = *state;
  const uint8_t payload[4] = {0};

  for (unsigned length = 0; length < 4; length++) {
    trial_ask(bench, WIRE_CONFIRM, payload, length);
    trial_check_nak(bench, WIRE_CONFIRM, WIRE_CAUSE_BAD_LENGTH, length);
    trial_ask(bench, WIRE_GO_BACK, payload, length);
    trial_check_nak(bench, WIRE_GO_BACK, WIRE_CAUSE_BAD_LENGTH, length);
  }
  assert_false(trial_is_over(bench, 0));
}

static void a_repeated_confirm_is_answered_alike_and_writes_nothing(void **state)
{
  TrialBench *bench = *state;

  fw_trial_end_self_test(&bench->trial, 0);
  for (unsigned round = 0; round < 4; round++)
    trial_check_confirmed(bench, 3);
  assert_int_equal(bench->flash.count, 1);
}

/* There is no record to write: the answer is yes all the same, with sequence 0. */
static void a_program_that_is_not_on_trial_says_yes_to_confirm(void **state)
{
  TrialBench *bench = *state;
  WireRecord record = bench_record_make(&bench->flash, LOW, WIRE_RECORD_RETURNED, 3);

  bench_flash_put_any_record(&bench->flash, 2, &record);
  trial_start(bench, LOW);
  assert_int_equal(bench->trial.state, WIRE_TRIAL_RETURNED);
  trial_check_confirmed(bench, 0);
  bench_flash_put_record(&bench->flash, 3, LOW, 4);
  trial_start(bench, LOW);
  trial_check_confirmed(bench, 0);
  bench_flash_erase_log(&bench->flash);
  trial_start(bench, LOW);
  assert_int_equal(bench->trial.state, WIRE_TRIAL_NONE);
  trial_check_confirmed(bench, 0);
  assert_int_equal(bench->flash.count, 1); /* the copy of what was returned to */
}

static void a_confirmation_that_cannot_be_recorded_is_refused_and_may_be_tried_again(void **state)
{
  TrialBench *bench = *state;

  fw_trial_end_self_test(&bench->trial, 0);
  trial_fail_every_record(bench);
  bench->flash.fail_times = WIRE_RECORD_COUNT - 2 - 1; /* all places but the last */
  trial_check_confirmed(bench, 3);
  trial_prepare(bench);
  fw_trial_end_self_test(&bench->trial, 0);
  trial_fail_every_record(bench);
  for (unsigned round = 0; round < 2; round++) {
    trial_ask_confirm(bench, trial_crc_of(bench, HIGH));
    trial_check_nak(bench, WIRE_CONFIRM, WIRE_CAUSE_RECORD_FAILED, 0);
    assert_int_equal(trial_tell(bench, 0).trial, WIRE_TRIAL_RUNNING);
  }
  /* It has used up all places, so its end is not recorded either, nor another start counted. */
  assert_true(trial_is_over(bench, WIRE_TRIAL_MS));
  assert_int_equal(bench_flash_boot(&bench->flash, WIRE_TRIAL_CAUSE_NONE), LOW);
}

static void with_no_other_program_the_self_test_alone_confirms(void **state)
{
  TrialBench *bench = *state;

  trial_leave_alone(bench);
  fw_trial_end_self_test(&bench->trial, 0);
  assert_int_equal(bench->flash.count, 1);
  assert_int_equal(bench_flash_get_record(&bench->flash).state, WIRE_RECORD_CONFIRMED);
  assert_int_equal(bench_flash_get_start(&bench->flash), HIGH);
  assert_int_equal(trial_tell(bench, 0).trial, WIRE_TRIAL_CONFIRMED);
  trial_check_confirmed(bench, 3); /* the workstation's own is answered with that record */
  assert_int_equal(bench->flash.count, 1);
}

static void with_no_other_program_a_failed_record_leaves_confirm_another_chance(void **state)
{
  TrialBench *bench = *state;

  trial_leave_alone(bench);
  trial_fail_every_record(bench);
  bench->flash.fail_times = WIRE_RECORD_COUNT - 2;
  fw_trial_end_self_test(&bench->trial, 0);
  assert_int_equal(trial_tell(bench, 0).trial, WIRE_TRIAL_RUNNING);
  trial_ask_confirm(bench, trial_crc_of(bench, HIGH));
  trial_check_nak(bench, WIRE_CONFIRM, WIRE_CAUSE_RECORD_FAILED, 0);
  assert_false(trial_is_over(bench, WIRE_TRIAL_MS));
}

static void with_no_other_program_one_that_is_not_on_trial_is_not_confirmed_again(void **state)
{
  TrialBench *bench = *state;

  bench_flash_erase_bank(&bench->flash, LOW);
  bench_flash_put_record(&bench->flash, 2, HIGH, 3);
  bench_flash_put_record(&bench->flash, 3, HIGH, 4);
  trial_start(bench, HIGH);
  fw_trial_end_self_test(&bench->trial, 0);
  bench_flash_erase_log(&bench->flash);
  trial_start(bench, HIGH);
  fw_trial_end_self_test(&bench->trial, 0);
  assert_int_equal(bench->flash.count, 0);
  assert_int_equal(trial_tell(bench, 0).trial, WIRE_TRIAL_NONE);
}

/* What it would go back to has gone. */
static void with_no_other_program_the_self_test_ends_a_trial_of_any_age(void **state)
{
  TrialBench *bench = *state;

  for (uint8_t starts = 0; starts <= WIRE_TRIAL_STARTS; starts++) {
    trial_prepare(bench);
    bench_flash_erase_bank(&bench->flash, LOW);
    bench_flash_put_trial(&bench->flash, 1, HIGH, 2, starts);
    trial_start(bench, HIGH);
    assert_int_equal(bench->trial.state, WIRE_TRIAL_RUNNING);
    fw_trial_end_self_test(&bench->trial, 0);
    assert_int_equal(bench->flash.count, 1);
    assert_int_equal(bench_flash_get_record(&bench->flash).state, WIRE_RECORD_CONFIRMED);
    assert_int_equal(bench_flash_get_start(&bench->flash), HIGH);
  }
}

/* Another lies beside it, but nobody knows it as one to go back to. */
static void a_first_program_is_alone_whatever_lies_beside_it(void **state)
{
  TrialBench *bench = *state;

  bench_flash_put_first(&bench->flash, 1, HIGH, 2);
  trial_start(bench, HIGH);
  trial_ask_go_back(bench, trial_crc_of(bench, HIGH));
  trial_check_nak(bench, WIRE_GO_BACK, WIRE_CAUSE_NO_OTHER, 0);
  assert_false(trial_is_over(bench, 100 * WIRE_TRIAL_MS));
  fw_trial_end_self_test(&bench->trial, 0);
  assert_int_equal(bench->flash.count, 1);
  assert_int_equal(bench_flash_get_record(&bench->flash).state, WIRE_RECORD_CONFIRMED);
  assert_int_equal(bench_flash_get_start(&bench->flash), HIGH);
}

static void a_program_is_proven_when_it_settled_or_passed_its_self_test(void **state)
{
  TrialBench *bench = *state;

  assert_false(fw_trial_is_proven(&bench->trial));
  fw_trial_end_self_test(&bench->trial, WIRE_SELF_TEST_IMAGE);
  assert_false(fw_trial_is_proven(&bench->trial));
  trial_prepare(bench);
  fw_trial_end_self_test(&bench->trial, 0);
  assert_true(fw_trial_is_proven(&bench->trial));
  trial_start(bench, HIGH);
  assert_false(fw_trial_is_proven(&bench->trial)); /* each start anew */
  bench_trial_confirm(&bench->flash, HIGH);
  trial_start(bench, HIGH);
  assert_true(fw_trial_is_proven(&bench->trial));
  bench_flash_erase_log(&bench->flash);
  trial_start(bench, HIGH);
  assert_true(fw_trial_is_proven(&bench->trial)); /* nothing says that it is on trial */
  trial_leave_alone(bench);
  assert_false(fw_trial_is_proven(&bench->trial));
}

static void the_seconds_left_are_rounded_up_and_end_at_none(void **state)
{
  TrialBench *bench = *state;

  assert_int_equal(trial_tell(bench, 0).trial_left_s, 30);
  assert_int_equal(trial_tell(bench, 1).trial_left_s, 30);
  assert_int_equal(trial_tell(bench, 999).trial_left_s, 30);
  assert_int_equal(trial_tell(bench, 1000).trial_left_s, 29);
  assert_int_equal(trial_tell(bench, WIRE_TRIAL_MS - 1000).trial_left_s, 1);
  assert_int_equal(trial_tell(bench, WIRE_TRIAL_MS - 1).trial_left_s, 1);
  assert_int_equal(trial_tell(bench, WIRE_TRIAL_MS).trial_left_s, 0);
  assert_int_equal(trial_tell(bench, 10 * WIRE_TRIAL_MS).trial_left_s, 0);
  fw_trial_end_self_test(&bench->trial, 0);
  trial_check_confirmed(bench, 3);
  assert_int_equal(trial_tell(bench, 10).trial_left_s, 0);
}

static void it_tells_how_its_trial_stands(void **state)
{
  TrialBench *bench = *state;
  WireIdentity identity = trial_tell(bench, 0);

  assert_int_equal(identity.trial, WIRE_TRIAL_RUNNING);
  assert_int_equal(identity.trial_starts, 1);
  assert_int_equal(identity.trial_cause, WIRE_TRIAL_CAUSE_HANG); /* why the last start ended */
  assert_int_equal(identity.flags, WIRE_FLAG_WATCHDOG);          /* others' flags stay */
  fw_trial_end_self_test(&bench->trial, 0);
  assert_int_equal(trial_tell(bench, 0).flags, WIRE_FLAG_WATCHDOG | WIRE_FLAG_SELF_TEST);
  trial_check_confirmed(bench, 3);
  identity = trial_tell(bench, 0);
  assert_int_equal(identity.trial, WIRE_TRIAL_CONFIRMED);
  assert_int_equal(identity.trial_cause, WIRE_TRIAL_CAUSE_NONE);
  trial_prepare(bench);
  fw_trial_end_self_test(&bench->trial, WIRE_SELF_TEST_INPUTS);
  assert_int_equal(trial_tell(bench, 0).flags, WIRE_FLAG_WATCHDOG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, trial_set_up, trial_tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_program_is_confirmed_when_it_was_heard_and_its_self_test_passed),
      TEST(a_confirm_before_the_self_test_is_done_is_refused_and_may_come_again),
      TEST(a_failed_self_test_is_told_and_nothing_confirms_it),
      TEST(a_confirm_of_another_image_is_refused_with_the_right_crc),
      TEST(short_payloads_are_refused),
      TEST(a_repeated_confirm_is_answered_alike_and_writes_nothing),
      TEST(a_program_that_is_not_on_trial_says_yes_to_confirm),
      TEST(a_confirmation_that_cannot_be_recorded_is_refused_and_may_be_tried_again),
      TEST(with_no_other_program_the_self_test_alone_confirms),
      TEST(with_no_other_program_a_failed_record_leaves_confirm_another_chance),
      TEST(with_no_other_program_one_that_is_not_on_trial_is_not_confirmed_again),
      TEST(with_no_other_program_the_self_test_ends_a_trial_of_any_age),
      TEST(a_first_program_is_alone_whatever_lies_beside_it),
      TEST(a_program_is_proven_when_it_settled_or_passed_its_self_test),
      TEST(the_seconds_left_are_rounded_up_and_end_at_none),
      TEST(it_tells_how_its_trial_stands),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
