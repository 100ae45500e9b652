/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a substation says of itself: banks as they are, and the trial as the newest record has it,
 * in the light of who runs. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "fw-bench.h"

enum { LENGTH = 0x500, OLD = WIRE_VERSION(1, 0, 0), NEW = WIRE_VERSION(1, 1, 0) };

#define LOW  WIRE_BANK_LOW
#define HIGH WIRE_BANK_HIGH

static int set_up(void **state)
{
  BenchFlash *flash = malloc(sizeof *flash);
  BenchImage image;

  assert_non_null(flash);
  bench_flash_init(flash);
  bench_image_make(&image, LOW, OLD, LENGTH);
  bench_flash_put(flash, &image);
  bench_image_make(&image, HIGH, NEW, LENGTH);
  bench_flash_put(flash, &image);
  *state = flash;
  return 0;
}

static int tear_down(void **state)
{
  free(*state);
  return 0;
}

#define NONE WIRE_BANK_NONE

static const FwSelf self = {
    .mode = WIRE_MODE_PROGRAM,
    .part_id = 0x0102ff25,
    .reset_cause = WIRE_RESET_WATCHDOG,
    .boots = 0x1234,
    .flags = WIRE_FLAG_WATCHDOG | WIRE_FLAG_USER_MODE,
};

/* Filled into memory that is not zero. */
static WireIdentity fill(const BenchFlash *flash, WireBank running)
{
  WireIdentity identity;

  bench_identity_fill(&identity, flash, &self, running);
  return identity;
}

static void check_trial(const BenchFlash *flash, WireBank running, WireTrial trial, uint8_t starts,
                        WireTrialCause cause)
{
  WireIdentity identity = fill(flash, running);
  WireRecord record = bench_flash_get_record(flash);

  if (identity.trial != trial || identity.trial_starts != starts || identity.trial_cause != cause)
    fail_msg("record of bank %d, state %u, %u starts, cause %u; bank %d runs: trial %u, %u starts, "
             "cause %u",
             record.bank, record.state, record.starts, record.cause, running, identity.trial,
             identity.trial_starts, identity.trial_cause);
  assert_int_equal(identity.trial_left_s, 0); /* the program fills that in */
}

static void put(BenchFlash *flash, WireBank bank, WireRecordState state, uint8_t starts,
                WireTrialCause cause)
{
  WireRecord record = bench_record_make(flash, bank, state, 1);

  record.starts = starts;
  record.cause = (uint8_t)cause;
  bench_flash_put_any_record(flash, 0, &record);
}

static void what_the_caller_knows_is_passed_on(void **state)
{
  WireIdentity identity = fill(*state, HIGH);

  assert_int_equal(identity.protocol_major, 1);
  assert_int_equal(identity.protocol_minor, 3);
  assert_int_equal(identity.mode, WIRE_MODE_PROGRAM);
  assert_int_equal(identity.part_id, 0x0102ff25);
  assert_int_equal(identity.reset_cause, WIRE_RESET_WATCHDOG);
  assert_int_equal(identity.boots, 0x1234);
  assert_int_equal(identity.flags, WIRE_FLAG_WATCHDOG | WIRE_FLAG_USER_MODE);
  assert_int_equal(identity.product, WIRE_PRODUCT_DEMO);
  assert_int_equal(identity.loader_version, FW_LOADER_VERSION);
  assert_int_equal(identity.loader_version, WIRE_VERSION(1, 3, 0));
  /* upgrade, trial, stream, packed, rate, resume, read */
  assert_int_equal(identity.capabilities, 0x7f);
  assert_int_equal(identity.payload_max, WIRE_PAYLOAD_MAX);
  assert_int_equal(identity.window, 24);
  assert_int_equal(identity.room, 7936);
}

/* The workstation sends no more than either allows, and counts whole frames. What is packed is
 * smaller: then it is the window that ends first. */
static void
the_room_for_frames_holds_many_that_are_not_packed_and_is_less_than_the_ring(void **state)
{
  WireIdentity identity = fill(*state, HIGH);
  unsigned frame = WIRE_FRAME_OVERHEAD + WIRE_DATA_LENGTH_MAX;

  assert_true(identity.room < 8192); /* the ring that the loader is built with */
  assert_true(identity.room >= 7 * frame);
  assert_true(identity.window * WIRE_BLOCK_SIZE >= identity.room); /* the window is no limit then */
}

/* DATA's status tells of all blocks that may be under way. */
static void the_window_is_not_longer_than_what_a_status_tells(void **state)
{
  WireIdentity identity = fill(*state, HIGH);

  assert_true(identity.window <= 1 + 8 * sizeof(((WireDataStatus *)0)->following));
}

/* What fw_identity_fill writes is no matter of who judged what, and the other way round. */
static void each_part_of_an_identity_is_filled_by_one_function(void **state)
{
  BenchFlash *flash = *state;
  WireIdentity identity;

  memset(&identity, 0xa5, sizeof identity);
  fw_identity_fill_bank(&identity, flash->memory, HIGH, WIRE_BANK_DAMAGED);
  assert_int_equal(identity.banks[1].state, WIRE_BANK_DAMAGED); /* somebody else has judged */
  assert_int_equal(identity.banks[1].version, NEW);
  assert_int_equal(identity.banks[0].state, 0xa5a5a5a5);
  assert_int_equal(identity.running_bank, 0xa5);
  fw_identity_fill_bank(&identity, flash->memory, LOW,
                        WIRE_BANK_EMPTY); /* though a header stands */
  assert_int_equal(identity.banks[0].version | identity.banks[0].length | identity.banks[0].crc, 0);
  fw_identity_set_running(&identity, flash->memory, LOW);
  assert_int_equal(identity.running_bank, LOW);
  assert_int_equal(identity.program_version, 0); /* as the bank was told */
  assert_int_equal(identity.protocol_major, 0xa5);
  fw_identity_fill(&identity, &self);
  assert_int_equal(identity.protocol_major, 1);
  assert_int_equal(identity.running_bank, LOW);
  assert_int_equal(identity.banks[1].state, WIRE_BANK_DAMAGED);
}

static void the_running_program_is_the_one_that_runs_and_no_other(void **state)
{
  BenchFlash *flash = *state;

  assert_int_equal(fill(flash, LOW).running_bank, LOW);
  assert_int_equal(fill(flash, LOW).program_version, OLD);
  assert_int_equal(fill(flash, HIGH).running_bank, HIGH);
  assert_int_equal(fill(flash, HIGH).program_version, NEW);
  assert_int_equal(fill(flash, NONE).running_bank, NONE);
  assert_int_equal(fill(flash, NONE).program_version, 0);
}

static void banks_are_told_as_they_are(void **state)
{
  BenchFlash *flash = *state;
  WireIdentity identity;

  flash->memory[wire_bank_map(LOW)->addr + LENGTH - 1] ^= 1;
  identity = fill(flash, HIGH);
  assert_int_equal(identity.banks[0].state, WIRE_BANK_DAMAGED);
  assert_int_equal(identity.banks[0].version, OLD);
  assert_int_equal(identity.banks[0].length, LENGTH);
  assert_int_equal(identity.banks[0].crc,
                   wire_image_get_crc(flash->memory + wire_bank_map(LOW)->addr));
  assert_int_equal(identity.banks[1].state, WIRE_BANK_VALID);
  bench_flash_erase_bank(flash, LOW);
  identity = fill(flash, HIGH);
  assert_int_equal(identity.banks[0].state, WIRE_BANK_EMPTY);
  assert_int_equal(identity.banks[0].version, 0);
  assert_int_equal(identity.banks[0].length, 0);
  assert_int_equal(identity.banks[0].crc, 0);
}

/* Nothing is told of what lies there, whatever its header says; nor which program runs from there.
 */
static void a_bank_that_nobody_has_judged_is_told_without_its_header(void **state)
{
  BenchFlash *flash = *state;
  WireIdentity identity = fill(flash, HIGH);

  assert_int_equal(identity.banks[0].state, WIRE_BANK_VALID);
  fw_identity_fill_bank(&identity, flash->memory, LOW, WIRE_BANK_UNCHECKED);
  assert_int_equal(identity.banks[0].state, WIRE_BANK_UNCHECKED);
  assert_int_equal(identity.banks[0].version, 0);
  assert_int_equal(identity.banks[0].length, 0);
  assert_int_equal(identity.banks[0].crc, 0);
  assert_int_equal(identity.banks[1].state, WIRE_BANK_VALID);
  assert_int_equal(identity.banks[1].version, NEW);
}

static void without_a_record_nothing_is_known(void **state)
{
  for (WireBank running = NONE; running <= HIGH; running++)
    check_trial(*state, running, WIRE_TRIAL_NONE, 0, 0);
}

static void with_nothing_running_nothing_is_told_of_a_trial(void **state)
{
  for (WireBank bank = LOW; bank <= HIGH; bank++)
    for (int kind = WIRE_RECORD_CONFIRMED; kind <= WIRE_RECORD_FIRST; kind++) {
      put(*state, bank, (WireRecordState)kind, 3, WIRE_TRIAL_CAUSE_HANG);
      check_trial(*state, NONE, WIRE_TRIAL_NONE, 0, 0);
    }
}

static void a_confirmed_program_is_confirmed_while_it_is_the_one_that_runs(void **state)
{
  for (WireBank bank = LOW; bank <= HIGH; bank++) {
    put(*state, bank, WIRE_RECORD_CONFIRMED, 0, WIRE_TRIAL_CAUSE_NONE);
    check_trial(*state, bank, WIRE_TRIAL_CONFIRMED, 0, 0);
    check_trial(*state, wire_bank_other(bank), WIRE_TRIAL_NONE, 0, 0);
  }
}

static void a_trial_runs_while_its_program_runs_and_else_is_over(void **state)
{
  for (WireBank bank = LOW; bank <= HIGH; bank++)
    for (uint8_t starts = 0; starts <= WIRE_TRIAL_STARTS; starts++)
      for (int cause = WIRE_TRIAL_CAUSE_NONE; cause <= WIRE_TRIAL_CAUSE_OPERATOR; cause++) {
        WireTrialCause why = (WireTrialCause)cause;

        put(*state, bank, WIRE_RECORD_TRIAL, starts, why);
        check_trial(*state, bank, WIRE_TRIAL_RUNNING, starts, why);
        check_trial(*state, wire_bank_other(bank), WIRE_TRIAL_RETURNED, starts,
                    why == WIRE_TRIAL_CAUSE_NONE ? WIRE_TRIAL_CAUSE_STARTS : why);
      }
}

static void spoil(BenchFlash *flash, WireBank bank)
{
  flash->memory[wire_bank_map(bank)->addr + LENGTH - 1] ^= 1;
}

/* What it would go back to has gone: only its settling record ends it. */
static void a_trial_runs_too_without_the_program_to_go_back_to(void **state)
{
  BenchFlash *flash = *state;

  for (WireBank bank = LOW; bank <= HIGH; bank++)
    for (uint8_t starts = 0; starts <= WIRE_TRIAL_STARTS; starts++) {
      put(flash, bank, WIRE_RECORD_TRIAL, starts, WIRE_TRIAL_CAUSE_CRASH);
      spoil(flash, wire_bank_other(bank));
      check_trial(flash, bank, WIRE_TRIAL_RUNNING, starts, WIRE_TRIAL_CAUSE_CRASH);
      spoil(flash, wire_bank_other(bank));
    }
}

static void a_first_program_is_on_trial_whatever_lies_beside_it(void **state)
{
  BenchFlash *flash = *state;

  for (WireBank bank = LOW; bank <= HIGH; bank++)
    for (uint8_t starts = 0; starts <= WIRE_TRIAL_STARTS; starts++) {
      put(flash, bank, WIRE_RECORD_FIRST, starts, WIRE_TRIAL_CAUSE_CRASH);
      check_trial(flash, bank, WIRE_TRIAL_RUNNING, starts, WIRE_TRIAL_CAUSE_CRASH);
      check_trial(flash, wire_bank_other(bank), WIRE_TRIAL_RETURNED, starts,
                  WIRE_TRIAL_CAUSE_CRASH);
      spoil(flash, wire_bank_other(bank));
      check_trial(flash, bank, WIRE_TRIAL_RUNNING, starts, WIRE_TRIAL_CAUSE_CRASH);
      spoil(flash, wire_bank_other(bank));
    }
}

static void a_record_of_what_was_in_the_running_bank_before_tells_nothing(void **state)
{
  BenchFlash *flash = *state;

  for (WireBank bank = LOW; bank <= HIGH; bank++)
    for (int kind = WIRE_RECORD_CONFIRMED; kind <= WIRE_RECORD_FIRST; kind++) {
      WireRecord record = bench_record_make(flash, bank, (WireRecordState)kind, 1);

      record.crc ^= 1;
      record.starts = 2;
      record.cause = WIRE_TRIAL_CAUSE_HANG;
      bench_flash_put_any_record(flash, 0, &record);
      check_trial(flash, bank, WIRE_TRIAL_NONE, 0, 0);
    }
}

static void a_return_is_told_by_the_program_that_was_returned_to(void **state)
{
  for (WireBank bank = LOW; bank <= HIGH; bank++)
    for (int cause = WIRE_TRIAL_CAUSE_HANG; cause <= WIRE_TRIAL_CAUSE_OPERATOR; cause++) {
      put(*state, bank, WIRE_RECORD_RETURNED, 0, (WireTrialCause)cause);
      check_trial(*state, bank, WIRE_TRIAL_RETURNED, 0, (WireTrialCause)cause);
      check_trial(*state, wire_bank_other(bank), WIRE_TRIAL_NONE, 0, 0);
    }
}

static void only_the_newest_record_is_told(void **state)
{
  BenchFlash *flash = *state;
  WireRecord record = bench_record_make(flash, HIGH, WIRE_RECORD_CONFIRMED, 9);

  put(flash, HIGH, WIRE_RECORD_TRIAL, 2, WIRE_TRIAL_CAUSE_CRASH);
  bench_flash_put_any_record(flash, 7, &record);
  check_trial(flash, HIGH, WIRE_TRIAL_CONFIRMED, 0, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(what_the_caller_knows_is_passed_on),
      TEST(the_room_for_frames_holds_many_that_are_not_packed_and_is_less_than_the_ring),
      TEST(the_window_is_not_longer_than_what_a_status_tells),
      TEST(each_part_of_an_identity_is_filled_by_one_function),
      TEST(the_running_program_is_the_one_that_runs_and_no_other),
      TEST(banks_are_told_as_they_are),
      TEST(a_bank_that_nobody_has_judged_is_told_without_its_header),
      TEST(without_a_record_nothing_is_known),
      TEST(with_nothing_running_nothing_is_told_of_a_trial),
      TEST(a_confirmed_program_is_confirmed_while_it_is_the_one_that_runs),
      TEST(a_trial_runs_while_its_program_runs_and_else_is_over),
      TEST(a_trial_runs_too_without_the_program_to_go_back_to),
      TEST(a_first_program_is_on_trial_whatever_lies_beside_it),
      TEST(a_record_of_what_was_in_the_running_bank_before_tells_nothing),
      TEST(a_return_is_told_by_the_program_that_was_returned_to),
      TEST(only_the_newest_record_is_told),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
