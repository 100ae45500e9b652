/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The loader's errand, to count a start of the program on trial; also on flash that takes no record
 * or holds no program beside it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "fw-bench.h"
#include "fw-errand.h"

enum { LENGTH = 0x500, OLD = WIRE_VERSION(1, 0, 0), NEW = WIRE_VERSION(1, 1, 0) };

#define LOW  WIRE_BANK_LOW
#define HIGH WIRE_BANK_HIGH

#define NO_EVIDENCE WIRE_TRIAL_CAUSE_NONE

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

static WireBank count_start(BenchFlash *flash, WireBank bank, WireTrialCause evidence)
{
  _Alignas(4) uint8_t scratch[WIRE_BLOCK_SIZE];

  memset(scratch, 0x5a, sizeof scratch);
  return fw_errand_count_start(&flash->flash, bank, evidence, scratch);
}

static void fail_every_record(BenchFlash *flash)
{
  flash->fail_addr = WIRE_RECORD_ADDR;
  flash->fail_sector = true;
  flash->fail_times = 1000;
}

static void spoil(BenchFlash *flash, WireBank bank)
{
  flash->memory[wire_bank_map(bank)->addr + LENGTH - 1] ^= 1;
}

/* The newest record, all of it. */
static void check_record(BenchFlash *flash, WireBank bank, WireRecordState state, uint8_t starts,
                         WireTrialCause cause)
{
  WireRecord record = bench_flash_get_record(flash);
  const uint8_t *image = flash->memory + wire_bank_map(bank)->addr;

  assert_int_equal(record.bank, bank);
  assert_int_equal(record.state, state);
  assert_int_equal(record.starts, starts);
  assert_int_equal(record.cause, cause);
  assert_int_equal(record.version, wire_image_get_version(image));
  assert_int_equal(record.crc, wire_image_get_crc(image));
}

static void each_start_on_trial_is_counted_and_the_fourth_is_of_the_other_program(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_record(flash, 0, LOW, 1);
  bench_flash_put_trial(flash, 1, HIGH, 2, 0);
  for (uint8_t starts = 1; starts <= WIRE_TRIAL_STARTS; starts++) {
    assert_int_equal(fw_boot_choose(flash->memory), fw_entry_make(FW_ENTRY_START, HIGH));
    assert_int_equal(count_start(flash, HIGH, NO_EVIDENCE), HIGH);
    check_record(flash, HIGH, WIRE_RECORD_TRIAL, starts, NO_EVIDENCE);
    assert_int_equal(bench_flash_get_record(flash).sequence, 2 + starts);
  }
  assert_int_equal(fw_boot_choose(flash->memory), fw_entry_make(FW_ENTRY_PROGRAM, LOW));
}

/* Nothing is written, so nothing runs out: neither the starts nor the places of the log. */
static void
a_program_not_proven_and_alone_is_listened_for_and_its_starts_are_not_counted(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_erase_bank(flash, LOW);
  for (unsigned kind = 0; kind < 3; kind++) {
    if (kind == 0)
      bench_flash_put_first(flash, 0, HIGH, 1);
    else
      bench_flash_put_trial(flash, 0, HIGH, 1, kind == 1 ? 0 : WIRE_TRIAL_STARTS);
    for (unsigned boot = 0; boot < 2 * WIRE_RECORD_COUNT; boot++) {
      assert_int_equal(fw_boot_choose(flash->memory), fw_entry_make(FW_ENTRY_LISTEN, HIGH));
      assert_int_equal(bench_flash_boot(flash, WIRE_TRIAL_CAUSE_HANG), HIGH);
    }
  }
  assert_int_equal(flash->count, 0);
}

/* What the first start finds happened before the program had ever run. What is known of an earlier
 * start is not lost by one that ended without a trace. */
static void what_ended_a_start_is_noted_but_not_at_the_first(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_trial(flash, 0, HIGH, 1, 0);
  count_start(flash, HIGH, WIRE_TRIAL_CAUSE_HANG);
  check_record(flash, HIGH, WIRE_RECORD_TRIAL, 1, NO_EVIDENCE);
  count_start(flash, HIGH, WIRE_TRIAL_CAUSE_CRASH);
  check_record(flash, HIGH, WIRE_RECORD_TRIAL, 2, WIRE_TRIAL_CAUSE_CRASH);
  count_start(flash, HIGH, NO_EVIDENCE);
  check_record(flash, HIGH, WIRE_RECORD_TRIAL, 3, WIRE_TRIAL_CAUSE_CRASH);
}

static void a_start_that_cannot_be_counted_is_not_made(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_trial(flash, 0, HIGH, 1, 1);
  fail_every_record(flash);
  for (unsigned round = 0; round < 3; round++)
    assert_int_equal(count_start(flash, HIGH, NO_EVIDENCE), LOW);
  check_record(flash, HIGH, WIRE_RECORD_TRIAL, 1, NO_EVIDENCE);
}

static void a_full_log_starts_the_other_program(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_trial(flash, WIRE_RECORD_COUNT - 1, HIGH, 1, 0);
  assert_int_equal(count_start(flash, HIGH, NO_EVIDENCE), LOW);
  assert_int_equal(flash->count, 0);
}

/* Flash that fails and takes the other program with it. */
static uint32_t fail_and_spoil_low(void *context, uint32_t addr, const uint8_t *block)
{
  BenchFlash *flash = context;

  (void)addr;
  (void)block;
  if (fw_boot_judge(flash->memory, NULL, LOW) == WIRE_BANK_VALID)
    spoil(flash, LOW);
  return 10;
}

static void an_uncounted_start_with_nothing_beside_it_leaves_the_loader_in_charge(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_trial(flash, 0, HIGH, 1, 1);
  flash->flash.program = fail_and_spoil_low;
  assert_int_equal(fw_boot_choose(flash->memory), fw_entry_make(FW_ENTRY_START, HIGH));
  assert_int_equal(count_start(flash, HIGH, NO_EVIDENCE), WIRE_BANK_NONE);
  check_record(flash, HIGH, WIRE_RECORD_TRIAL, 1, NO_EVIDENCE);
}

static void without_a_record_nothing_is_counted_and_the_other_program_starts(void **state)
{
  BenchFlash *flash = *state;

  assert_int_equal(count_start(flash, HIGH, NO_EVIDENCE), LOW);
  spoil(flash, LOW);
  assert_int_equal(count_start(flash, HIGH, NO_EVIDENCE), WIRE_BANK_NONE);
  assert_int_equal(flash->count, 0);
}

static void a_start_is_counted_behind_garbage_as_far_as_there_is_room(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_trial(flash, 0, HIGH, 1, 0);
  bench_flash_put_garbage(flash, 1, WIRE_RECORD_COUNT - 2, 1);
  assert_int_equal(count_start(flash, HIGH, NO_EVIDENCE), HIGH);
  check_record(flash, HIGH, WIRE_RECORD_TRIAL, 1, NO_EVIDENCE);
  assert_int_equal(count_start(flash, HIGH, NO_EVIDENCE), LOW);
  check_record(flash, HIGH, WIRE_RECORD_TRIAL, 1, NO_EVIDENCE);
}

static void a_counted_start_keeps_what_the_record_says_of_the_program(void **state)
{
  BenchFlash *flash = *state;
  WireRecord record = bench_record_make(flash, HIGH, WIRE_RECORD_TRIAL, 9), counted;

  record.cause = WIRE_TRIAL_CAUSE_HANG;
  bench_flash_put_any_record(flash, 0, &record);
  assert_int_equal(count_start(flash, HIGH, NO_EVIDENCE), HIGH);
  counted = bench_flash_get_record(flash);
  record.sequence++;
  record.starts++;
  assert_int_equal(counted.bank, record.bank);
  assert_int_equal(counted.sequence, record.sequence);
  assert_int_equal(counted.state, record.state);
  assert_int_equal(counted.version, record.version);
  assert_int_equal(counted.crc, record.crc);
  assert_int_equal(counted.starts, record.starts);
  assert_int_equal(counted.cause, record.cause);
  assert_int_equal(counted.incoming, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(each_start_on_trial_is_counted_and_the_fourth_is_of_the_other_program),
      TEST(a_program_not_proven_and_alone_is_listened_for_and_its_starts_are_not_counted),
      TEST(what_ended_a_start_is_noted_but_not_at_the_first),
      TEST(a_start_that_cannot_be_counted_is_not_made),
      TEST(a_full_log_starts_the_other_program),
      TEST(an_uncounted_start_with_nothing_beside_it_leaves_the_loader_in_charge),
      TEST(without_a_record_nothing_is_counted_and_the_other_program_starts),
      TEST(a_start_is_counted_behind_garbage_as_far_as_there_is_room),
      TEST(a_counted_start_keeps_what_the_record_says_of_the_program),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
