/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The program's side of its trial: when it is confirmed, when it gives itself up, what the operator
 * may ask for, and what it says of itself meanwhile. LOW settled, HIGH is the program on trial. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "fw-bench.h"

enum { NOW_MS = 5000 }; /* when the program under test starts */

enum { LENGTH = 0x500, OLD = WIRE_VERSION(1, 0, 0), NEW = WIRE_VERSION(1, 1, 0) };

#define LOW  WIRE_BANK_LOW
#define HIGH WIRE_BANK_HIGH

typedef struct {
  BenchFlash flash;
  FwTrial trial;
  uint8_t reply[WIRE_FRAME_MAX];
  WireDecoder decoder;
  WireFrame answer; /* the reply, read again */
} TrialBench;

static void start(TrialBench *bench, WireBank bank)
{
  bench->flash.now_us = NOW_MS * 1000;
  bench_trial_start(&bench->trial, &bench->flash, bank);
}

static void prepare(TrialBench *bench)
{
  BenchImage image;

  bench_flash_init(&bench->flash);
  bench_image_make(&image, LOW, OLD, LENGTH);
  bench_flash_put(&bench->flash, &image);
  bench_image_make(&image, HIGH, NEW, LENGTH);
  bench_flash_put(&bench->flash, &image);
  bench_flash_put_record(&bench->flash, 0, LOW, 1);
  bench_flash_put_trial(&bench->flash, 1, HIGH, 2, 1);
  start(bench, HIGH);
}

static int set_up(void **state)
{
  *state = malloc(sizeof(TrialBench));
  assert_non_null(*state);
  prepare(*state);
  return 0;
}

static int tear_down(void **state)
{
  free(*state);
  return 0;
}

/* There never was another program, and the program under test starts again. */
static void leave_alone(TrialBench *bench)
{
  bench_flash_erase_bank(&bench->flash, LOW);
  bench_flash_put_first(&bench->flash, 1, HIGH, 2);
  start(bench, HIGH);
}

static void fail_every_record(TrialBench *bench)
{
  bench->flash.fail_addr = WIRE_RECORD_ADDR;
  bench->flash.fail_sector = true;
  bench->flash.fail_times = 1000;
}

/* Sends a request, the payload in an allocation of its own; returns the reply's type. */
static unsigned ask(TrialBench *bench, uint8_t type, const uint8_t *payload, size_t length)
{
  uint8_t *copy = malloc(length ? length : 1);
  WireFrame request = {type, 0x31, 0x07, (uint16_t)length, copy};
  size_t replied;

  assert_non_null(copy);
  memcpy(copy, payload, length);
  replied = type == WIRE_CONFIRM ? fw_trial_handle_confirm(&bench->trial, &request, bench->reply)
                                 : fw_trial_handle_go_back(&bench->trial, &request, bench->reply);
  free(copy);
  wire_decoder_init(&bench->decoder);
  wire_decoder_push(&bench->decoder, bench->reply, replied);
  assert_true(wire_decoder_next(&bench->decoder, &bench->answer));
  assert_int_equal(bench->answer.token, 0x31);
  assert_int_equal(bench->answer.seq, 0x07);
  return bench->answer.type;
}

static unsigned ask_confirm(TrialBench *bench, uint32_t crc)
{
  uint8_t payload[WIRE_CONFIRM_LENGTH];

  return ask(bench, WIRE_CONFIRM, payload, wire_confirm_write(&(WireConfirm){crc}, payload));
}

static unsigned ask_go_back(TrialBench *bench, uint32_t crc)
{
  uint8_t payload[WIRE_CONFIRM_LENGTH];

  return ask(bench, WIRE_GO_BACK, payload, wire_confirm_write(&(WireConfirm){crc}, payload));
}

static uint32_t crc_of(const TrialBench *bench, WireBank bank)
{
  return wire_image_get_crc(bench->flash.memory + wire_bank_map(bank)->addr);
}

static void check_nak(const TrialBench *bench, unsigned type, WireCause cause, uint32_t detail)
{
  WireNak nak = {0};

  assert_int_equal(bench->answer.type, WIRE_NAK);
  assert_true(wire_nak_read(&bench->answer, &nak));
  assert_int_equal(nak.type, type);
  assert_int_equal(nak.cause, cause);
  assert_int_equal(nak.detail, detail);
}

/* Confirmed with this sequence. */
static void check_confirmed(TrialBench *bench, uint32_t sequence)
{
  WireConfirmed confirmed = {.sequence = UINT32_MAX};

  assert_int_equal(ask_confirm(bench, crc_of(bench, bench->trial.bank)), WIRE_CONFIRM | WIRE_REPLY);
  assert_true(wire_confirmed_read(&bench->answer, &confirmed));
  assert_int_equal(confirmed.sequence, sequence);
}

static uint32_t get_exit(const TrialBench *bench, uint32_t after_ms)
{
  return fw_trial_get_exit(&bench->trial, NOW_MS + after_ms);
}

static WireIdentity tell(const TrialBench *bench, uint32_t after_ms)
{
  WireIdentity identity = {.trial_starts = 1, .trial_cause = WIRE_TRIAL_CAUSE_HANG, .flags = 1};

  fw_trial_tell(&bench->trial, NOW_MS + after_ms, &identity);
  return identity;
}

static void a_program_is_confirmed_when_it_was_heard_and_its_self_test_passed(void **state)
{
  TrialBench *bench = *state;
  WireRecord record;

  fw_trial_end_self_test(&bench->trial, 0);
  assert_int_equal(bench->flash.count, 0); /* the self-test alone confirms nothing */
  check_confirmed(bench, 3);
  record = bench_flash_get_record(&bench->flash);
  assert_int_equal(record.bank, HIGH);
  assert_int_equal(record.state, WIRE_RECORD_CONFIRMED);
  assert_int_equal(record.crc, crc_of(bench, HIGH));
  assert_int_equal(record.version, NEW);
  assert_int_equal(record.starts, 0);
  assert_int_equal(record.cause, WIRE_TRIAL_CAUSE_NONE);
  assert_int_equal(bench_flash_get_start(&bench->flash), HIGH);
  assert_int_equal(get_exit(bench, 10 * WIRE_TRIAL_MS), 0);
}

static void a_confirm_before_the_self_test_is_done_is_refused_and_may_come_again(void **state)
{
  TrialBench *bench = *state;

  ask_confirm(bench, crc_of(bench, HIGH));
  check_nak(bench, WIRE_CONFIRM, WIRE_CAUSE_SELF_TEST, 0);
  assert_int_equal(bench->flash.count, 0);
  fw_trial_end_self_test(&bench->trial, 0);
  check_confirmed(bench, 3);
}

static void a_failed_self_test_is_told_and_nothing_confirms_it(void **state)
{
  TrialBench *bench = *state;

  fw_trial_end_self_test(&bench->trial, WIRE_SELF_TEST_IMAGE | WIRE_SELF_TEST_INPUTS);
  ask_confirm(bench, crc_of(bench, HIGH));
  check_nak(bench, WIRE_CONFIRM, WIRE_CAUSE_SELF_TEST, 3);
  assert_int_equal(bench->flash.count, 0);
  assert_int_equal(get_exit(bench, 0),
                   fw_entry_make(FW_ENTRY_RETURN, LOW, WIRE_TRIAL_CAUSE_SELF_TEST));
}

static void a_confirm_of_another_image_is_refused_with_the_right_crc(void **state)
{
  TrialBench *bench = *state;

  fw_trial_end_self_test(&bench->trial, 0);
  ask_confirm(bench, crc_of(bench, LOW));
  check_nak(bench, WIRE_CONFIRM, WIRE_CAUSE_WRONG_IMAGE, crc_of(bench, HIGH));
  assert_int_equal(bench->flash.count, 0);
  check_confirmed(bench, 3);
  ask_confirm(bench, crc_of(bench, LOW)); /* and behind that, too */
  check_nak(bench, WIRE_CONFIRM, WIRE_CAUSE_WRONG_IMAGE, crc_of(bench, HIGH));
}

static void short_payloads_are_refused(void **state)
{
  TrialBench *bench = *state;
  const uint8_t payload[4] = {0};

  for (unsigned length = 0; length < 4; length++) {
    ask(bench, WIRE_CONFIRM, payload, length);
    check_nak(bench, WIRE_CONFIRM, WIRE_CAUSE_BAD_LENGTH, length);
    ask(bench, WIRE_GO_BACK, payload, length);
    check_nak(bench, WIRE_GO_BACK, WIRE_CAUSE_BAD_LENGTH, length);
  }
  assert_int_equal(get_exit(bench, 0), 0);
}

static void a_repeated_confirm_is_answered_alike_and_writes_nothing(void **state)
{
  TrialBench *bench = *state;

  fw_trial_end_self_test(&bench->trial, 0);
  for (unsigned round = 0; round < 4; round++)
    check_confirmed(bench, 3);
  assert_int_equal(bench->flash.count, 1);
}

/* There is no record to write: the answer is yes all the same, with sequence 0. */
static void a_program_that_is_not_on_trial_says_yes_to_confirm(void **state)
{
  TrialBench *bench = *state;
  WireRecord record = bench_record_make(&bench->flash, LOW, WIRE_RECORD_RETURNED, 3);

  bench_flash_put_any_record(&bench->flash, 2, &record);
  start(bench, LOW);
  assert_int_equal(bench->trial.state, WIRE_TRIAL_RETURNED);
  check_confirmed(bench, 0);
  bench_flash_put_record(&bench->flash, 3, LOW, 4);
  start(bench, LOW);
  check_confirmed(bench, 0);
  bench_flash_erase_log(&bench->flash);
  start(bench, LOW);
  assert_int_equal(bench->trial.state, WIRE_TRIAL_NONE);
  check_confirmed(bench, 0);
  assert_int_equal(bench->flash.count, 1); /* the copy of what was returned to */
}

static void a_confirmation_that_cannot_be_recorded_is_refused_and_may_be_tried_again(void **state)
{
  TrialBench *bench = *state;

  fw_trial_end_self_test(&bench->trial, 0);
  fail_every_record(bench);
  bench->flash.fail_times = WIRE_RECORD_COUNT - 2 - 1; /* all places but the last */
  check_confirmed(bench, 3);
  prepare(bench);
  fw_trial_end_self_test(&bench->trial, 0);
  fail_every_record(bench);
  for (unsigned round = 0; round < 2; round++) {
    ask_confirm(bench, crc_of(bench, HIGH));
    check_nak(bench, WIRE_CONFIRM, WIRE_CAUSE_RECORD_FAILED, 0);
    assert_int_equal(tell(bench, 0).trial, WIRE_TRIAL_RUNNING);
  }
  assert_int_equal(get_exit(bench, WIRE_TRIAL_MS),
                   fw_entry_make(FW_ENTRY_RETURN, LOW, WIRE_TRIAL_CAUSE_NOT_HEARD));
}

static void a_program_that_nobody_hears_in_time_goes_back(void **state)
{
  TrialBench *bench = *state;

  fw_trial_end_self_test(&bench->trial, 0);
  assert_int_equal(get_exit(bench, 0), 0);
  assert_int_equal(get_exit(bench, WIRE_TRIAL_MS - 1), 0);
  assert_int_equal(get_exit(bench, WIRE_TRIAL_MS),
                   fw_entry_make(FW_ENTRY_RETURN, LOW, WIRE_TRIAL_CAUSE_NOT_HEARD));
  assert_int_equal(bench->flash.count, 0); /* the loader records it */
}

static void a_self_test_that_never_ends_is_over_in_time_too(void **state)
{
  assert_int_equal(get_exit(*state, WIRE_TRIAL_MS),
                   fw_entry_make(FW_ENTRY_RETURN, LOW, WIRE_TRIAL_CAUSE_NOT_HEARD));
}

static void the_time_counts_across_the_clocks_wrap(void **state)
{
  TrialBench *bench = *state;

  bench->trial.start_ms = UINT32_MAX - 999;
  assert_int_equal(fw_trial_get_exit(&bench->trial, WIRE_TRIAL_MS - 1001), 0);
  assert_int_not_equal(fw_trial_get_exit(&bench->trial, WIRE_TRIAL_MS - 1000), 0);
}

static void with_no_other_program_the_self_test_alone_confirms(void **state)
{
  TrialBench *bench = *state;

  leave_alone(bench);
  fw_trial_end_self_test(&bench->trial, 0);
  assert_int_equal(bench->flash.count, 1);
  assert_int_equal(bench_flash_get_record(&bench->flash).state, WIRE_RECORD_CONFIRMED);
  assert_int_equal(bench_flash_get_start(&bench->flash), HIGH);
  assert_int_equal(tell(bench, 0).trial, WIRE_TRIAL_CONFIRMED);
  check_confirmed(bench, 3); /* the workstation's own is answered with that record */
  assert_int_equal(bench->flash.count, 1);
}

static void with_no_other_program_it_never_gives_up(void **state)
{
  TrialBench *bench = *state;

  leave_alone(bench);
  assert_int_equal(get_exit(bench, WIRE_TRIAL_MS), 0);
  assert_int_equal(get_exit(bench, 100 * WIRE_TRIAL_MS), 0);
  fw_trial_end_self_test(&bench->trial, WIRE_SELF_TEST_INPUTS);
  assert_int_equal(get_exit(bench, 100 * WIRE_TRIAL_MS), 0);
  assert_int_equal(bench->flash.count, 0); /* and a failed self-test confirms nothing */
  ask_go_back(bench, crc_of(bench, HIGH));
  check_nak(bench, WIRE_GO_BACK, WIRE_CAUSE_NO_OTHER, 0);
  assert_int_equal(get_exit(bench, 0), 0);
}

static void with_no_other_program_a_failed_record_leaves_confirm_another_chance(void **state)
{
  TrialBench *bench = *state;

  leave_alone(bench);
  fail_every_record(bench);
  bench->flash.fail_times = WIRE_RECORD_COUNT - 2;
  fw_trial_end_self_test(&bench->trial, 0);
  assert_int_equal(tell(bench, 0).trial, WIRE_TRIAL_RUNNING);
  ask_confirm(bench, crc_of(bench, HIGH));
  check_nak(bench, WIRE_CONFIRM, WIRE_CAUSE_RECORD_FAILED, 0);
  assert_int_equal(get_exit(bench, WIRE_TRIAL_MS), 0);
}

static void with_no_other_program_one_that_is_not_on_trial_is_not_confirmed_again(void **state)
{
  TrialBench *bench = *state;

  bench_flash_erase_bank(&bench->flash, LOW);
  bench_flash_put_record(&bench->flash, 2, HIGH, 3);
  bench_flash_put_record(&bench->flash, 3, HIGH, 4);
  start(bench, HIGH);
  fw_trial_end_self_test(&bench->trial, 0);
  bench_flash_erase_log(&bench->flash);
  start(bench, HIGH);
  fw_trial_end_self_test(&bench->trial, 0);
  assert_int_equal(bench->flash.count, 0);
  assert_int_equal(tell(bench, 0).trial, WIRE_TRIAL_NONE);
}

/* What it would go back to has gone. */
static void with_no_other_program_the_self_test_ends_a_trial_of_any_age(void **state)
{
  TrialBench *bench = *state;

  for (uint8_t starts = 0; starts <= WIRE_TRIAL_STARTS; starts++) {
    prepare(bench);
    bench_flash_erase_bank(&bench->flash, LOW);
    bench_flash_put_trial(&bench->flash, 1, HIGH, 2, starts);
    start(bench, HIGH);
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
  start(bench, HIGH);
  ask_go_back(bench, crc_of(bench, HIGH));
  check_nak(bench, WIRE_GO_BACK, WIRE_CAUSE_NO_OTHER, 0);
  assert_int_equal(get_exit(bench, 100 * WIRE_TRIAL_MS), 0);
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
  prepare(bench);
  fw_trial_end_self_test(&bench->trial, 0);
  assert_true(fw_trial_is_proven(&bench->trial));
  start(bench, HIGH);
  assert_false(fw_trial_is_proven(&bench->trial)); /* each start anew */
  bench_trial_confirm(&bench->flash, HIGH);
  start(bench, HIGH);
  assert_true(fw_trial_is_proven(&bench->trial));
  bench_flash_erase_log(&bench->flash);
  start(bench, HIGH);
  assert_true(fw_trial_is_proven(&bench->trial)); /* nothing says that it is on trial */
  leave_alone(bench);
  assert_false(fw_trial_is_proven(&bench->trial));
}

/* A damaged one is none. */
static void a_damaged_other_program_is_none_to_go_back_to(void **state)
{
  TrialBench *bench = *state;

  bench->flash.memory[wire_bank_map(LOW)->addr + LENGTH - 1] ^= 1;
  start(bench, HIGH);
  ask_go_back(bench, crc_of(bench, HIGH));
  check_nak(bench, WIRE_GO_BACK, WIRE_CAUSE_NO_OTHER, 0);
}

static void the_operator_ends_a_trial(void **state)
{
  TrialBench *bench = *state;

  for (unsigned round = 0; round < 2; round++) {
    assert_int_equal(ask_go_back(bench, crc_of(bench, HIGH)), WIRE_GO_BACK | WIRE_REPLY);
    assert_int_equal(bench->answer.length, 0);
  }
  assert_int_equal(get_exit(bench, 0),
                   fw_entry_make(FW_ENTRY_RETURN, LOW, WIRE_TRIAL_CAUSE_OPERATOR));
  assert_int_equal(bench->flash.count, 0);
}

static void the_operator_switches_to_the_other_program_when_this_one_has_settled(void **state)
{
  TrialBench *bench = *state;
  WireRecord record = bench_record_make(&bench->flash, LOW, WIRE_RECORD_RETURNED, 4);

  bench_trial_confirm(&bench->flash, HIGH);
  start(bench, HIGH);
  assert_int_equal(ask_go_back(bench, crc_of(bench, HIGH)), WIRE_GO_BACK | WIRE_REPLY);
  assert_int_equal(get_exit(bench, 0), fw_entry_make(FW_ENTRY_SWITCH, LOW, 0));
  bench_flash_put_any_record(&bench->flash, 3, &record);
  start(bench, LOW);
  assert_int_equal(ask_go_back(bench, crc_of(bench, LOW)), WIRE_GO_BACK | WIRE_REPLY);
  assert_int_equal(get_exit(bench, 0), fw_entry_make(FW_ENTRY_SWITCH, HIGH, 0));
  bench_flash_erase_log(&bench->flash); /* nothing is known: not on trial */
  start(bench, LOW);
  assert_int_equal(ask_go_back(bench, crc_of(bench, LOW)), WIRE_GO_BACK | WIRE_REPLY);
  assert_int_equal(get_exit(bench, 0), fw_entry_make(FW_ENTRY_SWITCH, HIGH, 0));
}

static void a_program_confirmed_just_now_is_switched_from_not_returned_from(void **state)
{
  TrialBench *bench = *state;

  fw_trial_end_self_test(&bench->trial, 0);
  check_confirmed(bench, 3);
  assert_int_equal(ask_go_back(bench, crc_of(bench, HIGH)), WIRE_GO_BACK | WIRE_REPLY);
  assert_int_equal(get_exit(bench, 0), fw_entry_make(FW_ENTRY_SWITCH, LOW, 0));
}

static void going_back_needs_room_for_what_it_will_record(void **state)
{
  TrialBench *bench = *state;

  for (unsigned used = 2; used <= WIRE_RECORD_COUNT; used++) {
    prepare(bench);
    bench_flash_put_trial(&bench->flash, used - 1, HIGH, 10, 1);
    start(bench, HIGH);
    ask_go_back(bench, crc_of(bench, HIGH));
    if (used < WIRE_RECORD_COUNT)
      assert_int_equal(bench->answer.type, WIRE_GO_BACK | WIRE_REPLY);
    else
      check_nak(bench, WIRE_GO_BACK, WIRE_CAUSE_RECORD_FAILED, 0);
    bench_flash_put_record(&bench->flash, used - 1, HIGH, 10);
    start(bench, HIGH);
    ask_go_back(bench, crc_of(bench, HIGH));
    /* The start took a place for a copy of the record that settled it. */
    if (used + 1 + WIRE_TRIAL_STARTS + 1 <= WIRE_RECORD_COUNT)
      assert_int_equal(bench->answer.type, WIRE_GO_BACK | WIRE_REPLY);
    else
      check_nak(bench, WIRE_GO_BACK, WIRE_CAUSE_RECORD_FAILED, 0);
  }
}

static void going_back_from_another_program_is_refused(void **state)
{
  TrialBench *bench = *state;

  ask_go_back(bench, crc_of(bench, LOW));
  check_nak(bench, WIRE_GO_BACK, WIRE_CAUSE_WRONG_IMAGE, crc_of(bench, HIGH));
  assert_int_equal(get_exit(bench, 0), 0);
}

static void a_settled_program_neither_gives_up_nor_counts_seconds(void **state)
{
  TrialBench *bench = *state;

  bench_flash_put_record(&bench->flash, 2, HIGH, 3);
  start(bench, HIGH);
  fw_trial_end_self_test(&bench->trial, WIRE_SELF_TEST_INPUTS);
  assert_int_equal(get_exit(bench, 100 * WIRE_TRIAL_MS), 0);
  assert_int_equal(tell(bench, 0).trial_left_s, 0);
}

static void the_seconds_left_are_rounded_up_and_end_at_none(void **state)
{
  TrialBench *bench = *state;

  assert_int_equal(tell(bench, 0).trial_left_s, 30);
  assert_int_equal(tell(bench, 1).trial_left_s, 30);
  assert_int_equal(tell(bench, 999).trial_left_s, 30);
  assert_int_equal(tell(bench, 1000).trial_left_s, 29);
  assert_int_equal(tell(bench, WIRE_TRIAL_MS - 1000).trial_left_s, 1);
  assert_int_equal(tell(bench, WIRE_TRIAL_MS - 1).trial_left_s, 1);
  assert_int_equal(tell(bench, WIRE_TRIAL_MS).trial_left_s, 0);
  assert_int_equal(tell(bench, 10 * WIRE_TRIAL_MS).trial_left_s, 0);
  fw_trial_end_self_test(&bench->trial, 0);
  check_confirmed(bench, 3);
  assert_int_equal(tell(bench, 10).trial_left_s, 0);
}

static void it_tells_how_its_trial_stands(void **state)
{
  TrialBench *bench = *state;
  WireIdentity identity = tell(bench, 0);

  assert_int_equal(identity.trial, WIRE_TRIAL_RUNNING);
  assert_int_equal(identity.trial_starts, 1);
  assert_int_equal(identity.trial_cause, WIRE_TRIAL_CAUSE_HANG); /* why the last start ended */
  assert_int_equal(identity.flags, WIRE_FLAG_WATCHDOG);          /* others' flags stay */
  fw_trial_end_self_test(&bench->trial, 0);
  assert_int_equal(tell(bench, 0).flags, WIRE_FLAG_WATCHDOG | WIRE_FLAG_SELF_TEST);
  check_confirmed(bench, 3);
  identity = tell(bench, 0);
  assert_int_equal(identity.trial, WIRE_TRIAL_CONFIRMED);
  assert_int_equal(identity.trial_cause, WIRE_TRIAL_CAUSE_NONE);
  prepare(bench);
  fw_trial_end_self_test(&bench->trial, WIRE_SELF_TEST_INPUTS);
  assert_int_equal(tell(bench, 0).flags, WIRE_FLAG_WATCHDOG);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
      TEST(a_program_that_nobody_hears_in_time_goes_back),
      TEST(a_self_test_that_never_ends_is_over_in_time_too),
      TEST(the_time_counts_across_the_clocks_wrap),
      TEST(with_no_other_program_the_self_test_alone_confirms),
      TEST(with_no_other_program_it_never_gives_up),
      TEST(with_no_other_program_a_failed_record_leaves_confirm_another_chance),
      TEST(with_no_other_program_one_that_is_not_on_trial_is_not_confirmed_again),
      TEST(with_no_other_program_the_self_test_ends_a_trial_of_any_age),
      TEST(a_first_program_is_alone_whatever_lies_beside_it),
      TEST(a_program_is_proven_when_it_settled_or_passed_its_self_test),
      TEST(a_damaged_other_program_is_none_to_go_back_to),
      TEST(the_operator_ends_a_trial),
      TEST(the_operator_switches_to_the_other_program_when_this_one_has_settled),
      TEST(a_program_confirmed_just_now_is_switched_from_not_returned_from),
      TEST(going_back_needs_room_for_what_it_will_record),
      TEST(going_back_from_another_program_is_refused),
      TEST(a_settled_program_neither_gives_up_nor_counts_seconds),
      TEST(the_seconds_left_are_rounded_up_and_end_at_none),
      TEST(it_tells_how_its_trial_stands),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
