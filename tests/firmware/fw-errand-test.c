/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The loader's errands: the start that is counted, the trial that is over, the operator's wish; and
 * each of them on flash that takes no record or holds no program. */

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

static WireBank run(BenchFlash *flash, uint32_t word, WireTrialCause evidence)
{
  _Alignas(4) uint8_t scratch[WIRE_BLOCK_SIZE];
  FwEntry entry = fw_entry_read(word);

  return fw_errand_run(&flash->flash, &entry, evidence, scratch);
}

static WireBank go_back(BenchFlash *flash, WireTrialCause cause, WireTrialCause evidence)
{
  return run(flash, fw_entry_make(FW_ENTRY_RETURN, LOW, cause), evidence);
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

static void each_start_on_trial_is_counted_and_the_fourth_goes_back(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_record(flash, 0, LOW, 1);
  bench_flash_put_trial(flash, 1, HIGH, 2, 0);
  for (uint8_t starts = 1; starts <= WIRE_TRIAL_STARTS; starts++) {
    assert_int_equal(fw_boot_choose(flash->memory), fw_entry_make(FW_ENTRY_TRIAL, HIGH, 0));
    assert_int_equal(run(flash, fw_boot_choose(flash->memory), NO_EVIDENCE), HIGH);
    check_record(flash, HIGH, WIRE_RECORD_TRIAL, starts, NO_EVIDENCE);
    assert_int_equal(bench_flash_get_record(flash).sequence, 2 + starts);
  }
  assert_int_equal(fw_boot_choose(flash->memory), fw_entry_make(FW_ENTRY_RETURN, LOW, 0));
  assert_int_equal(run(flash, fw_boot_choose(flash->memory), NO_EVIDENCE), LOW);
  check_record(flash, LOW, WIRE_RECORD_RETURNED, 0, WIRE_TRIAL_CAUSE_STARTS);
  assert_int_equal(fw_boot_choose(flash->memory), fw_entry_make(FW_ENTRY_PROGRAM, LOW, 0));
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
      assert_int_equal(fw_boot_choose(flash->memory), fw_entry_make(FW_ENTRY_LISTEN, HIGH, 0));
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
  run(flash, fw_boot_choose(flash->memory), WIRE_TRIAL_CAUSE_HANG);
  check_record(flash, HIGH, WIRE_RECORD_TRIAL, 1, NO_EVIDENCE);
  run(flash, fw_boot_choose(flash->memory), WIRE_TRIAL_CAUSE_CRASH);
  check_record(flash, HIGH, WIRE_RECORD_TRIAL, 2, WIRE_TRIAL_CAUSE_CRASH);
  run(flash, fw_boot_choose(flash->memory), NO_EVIDENCE);
  check_record(flash, HIGH, WIRE_RECORD_TRIAL, 3, WIRE_TRIAL_CAUSE_CRASH);
}

static void a_start_that_cannot_be_counted_is_not_made(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_trial(flash, 0, HIGH, 1, 1);
  fail_every_record(flash);
  for (unsigned round = 0; round < 3; round++)
    assert_int_equal(run(flash, fw_boot_choose(flash->memory), NO_EVIDENCE), LOW);
  check_record(flash, HIGH, WIRE_RECORD_TRIAL, 1, NO_EVIDENCE);
}

static void a_full_log_starts_the_other_program(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_trial(flash, WIRE_RECORD_COUNT - 1, HIGH, 1, 0);
  assert_int_equal(run(flash, fw_boot_choose(flash->memory), NO_EVIDENCE), LOW);
  assert_int_equal(flash->count, 0);
}

/* Flash that fails and takes the other program with it. */
static uint32_t fail_and_spoil_low(void *context, uint32_t addr, const uint8_t *block)
{
  BenchFlash *flash = context;

  (void)addr;
  (void)block;
  if (fw_boot_judge(flash->memory, LOW) == WIRE_BANK_VALID)
    spoil(flash, LOW);
  return 10;
}

static void an_uncounted_start_with_nothing_beside_it_leaves_the_loader_in_charge(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_trial(flash, 0, HIGH, 1, 1);
  flash->flash.program = fail_and_spoil_low;
  assert_int_equal(fw_boot_choose(flash->memory), fw_entry_make(FW_ENTRY_TRIAL, HIGH, 0));
  assert_int_equal(run(flash, fw_boot_choose(flash->memory), NO_EVIDENCE), WIRE_BANK_NONE);
  check_record(flash, HIGH, WIRE_RECORD_TRIAL, 1, NO_EVIDENCE);
}

/* An errand of the jump program's that it would not send now: it starts what it names, or another
 * whole one, and leaves the log as it is. */
static void check_not_asked(BenchFlash *flash, FwEntryKind kind)
{
  /* A cause is for a RETURN of the program's own; beside a TRIAL it means nothing. */
  uint32_t cause = kind == FW_ENTRY_TRIAL ? WIRE_TRIAL_CAUSE_CRASH : NO_EVIDENCE;

  for (WireBank bank = LOW; bank <= HIGH; bank++) {
    WireBank other = wire_bank_other(bank);
    uint32_t word = fw_entry_make(kind, bank, 0), sent = fw_entry_make(kind, bank, cause);

    if (fw_boot_choose(flash->memory) == word)
      continue;
    assert_int_equal(run(flash, sent, WIRE_TRIAL_CAUSE_HANG), bank);
    spoil(flash, bank);
    if (fw_boot_choose(flash->memory) != word)
      assert_int_equal(run(flash, sent, WIRE_TRIAL_CAUSE_HANG), other);
    spoil(flash, other);
    assert_int_equal(run(flash, sent, WIRE_TRIAL_CAUSE_HANG), WIRE_BANK_NONE);
    spoil(flash, bank);
    if (fw_boot_choose(flash->memory) != word)
      assert_int_equal(run(flash, sent, WIRE_TRIAL_CAUSE_HANG), bank);
    spoil(flash, other);
  }
  assert_int_equal(flash->count, 0);
}

static void what_the_jump_program_would_not_ask_for_now_is_started_and_not_recorded(void **state)
{
  BenchFlash *flash = *state;

  for (FwEntryKind kind = FW_ENTRY_TRIAL; kind <= FW_ENTRY_RETURN; kind++)
    for (WireBank bank = LOW; bank <= HIGH; bank++) {
      WireRecord record = bench_record_make(flash, bank, WIRE_RECORD_RETURNED, 1);

      bench_flash_erase_log(flash);
      check_not_asked(flash, kind);
      bench_flash_put_record(flash, 0, bank, 1);
      check_not_asked(flash, kind);
      bench_flash_put_any_record(flash, 0, &record);
      check_not_asked(flash, kind);
      bench_flash_put_first(flash, 0, bank, 1);
      check_not_asked(flash, kind);
      for (uint8_t starts = 0; starts <= WIRE_TRIAL_STARTS; starts++) {
        bench_flash_put_trial(flash, 0, bank, 1, starts);
        check_not_asked(flash, kind);
      }
      bench_flash_put_garbage(flash, 0, 15, 1);
      check_not_asked(flash, kind);
    }
}

static void the_cause_that_the_program_names_is_believed(void **state)
{
  BenchFlash *flash = *state;

  for (int cause = WIRE_TRIAL_CAUSE_HANG; cause <= WIRE_TRIAL_CAUSE_OPERATOR; cause++) {
    bench_flash_erase_log(flash);
    bench_flash_put_trial(flash, 0, HIGH, 1, 2);
    assert_int_equal(go_back(flash, (WireTrialCause)cause, WIRE_TRIAL_CAUSE_CRASH), LOW);
    check_record(flash, LOW, WIRE_RECORD_RETURNED, 0, (WireTrialCause)cause);
  }
}

static void without_a_word_the_evidence_of_this_start_counts(void **state)
{
  BenchFlash *flash = *state;
  WireRecord record = bench_record_make(flash, HIGH, WIRE_RECORD_TRIAL, 1);

  record.starts = WIRE_TRIAL_STARTS;
  record.cause = WIRE_TRIAL_CAUSE_HANG;
  bench_flash_put_any_record(flash, 0, &record);
  assert_int_equal(go_back(flash, NO_EVIDENCE, WIRE_TRIAL_CAUSE_CRASH), LOW);
  check_record(flash, LOW, WIRE_RECORD_RETURNED, 0, WIRE_TRIAL_CAUSE_CRASH);
}

static void without_evidence_the_cause_of_the_start_before_counts(void **state)
{
  BenchFlash *flash = *state;
  WireRecord record = bench_record_make(flash, HIGH, WIRE_RECORD_TRIAL, 1);

  record.starts = WIRE_TRIAL_STARTS;
  record.cause = WIRE_TRIAL_CAUSE_HANG;
  bench_flash_put_any_record(flash, 0, &record);
  assert_int_equal(go_back(flash, NO_EVIDENCE, NO_EVIDENCE), LOW);
  check_record(flash, LOW, WIRE_RECORD_RETURNED, 0, WIRE_TRIAL_CAUSE_HANG);
}

static void without_anything_known_the_starts_are_the_cause(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_trial(flash, 0, HIGH, 1, WIRE_TRIAL_STARTS);
  assert_int_equal(go_back(flash, NO_EVIDENCE, NO_EVIDENCE), LOW);
  check_record(flash, LOW, WIRE_RECORD_RETURNED, 0, WIRE_TRIAL_CAUSE_STARTS);
}

/* It may be what made it hang, too. */
static void an_image_that_is_no_longer_whole_is_the_cause_before_all_evidence(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_trial(flash, 0, HIGH, 1, 1);
  spoil(flash, HIGH);
  assert_int_equal(fw_boot_choose(flash->memory), fw_entry_make(FW_ENTRY_RETURN, LOW, 0));
  assert_int_equal(go_back(flash, NO_EVIDENCE, WIRE_TRIAL_CAUSE_HANG), LOW);
  check_record(flash, LOW, WIRE_RECORD_RETURNED, 0, WIRE_TRIAL_CAUSE_DAMAGED);
  bench_flash_erase_log(flash);
  bench_flash_put_trial(flash, 0, HIGH, 1, 1);
  bench_flash_erase_bank(flash, HIGH);
  assert_int_equal(fw_boot_choose(flash->memory), fw_entry_make(FW_ENTRY_RETURN, LOW, 0));
  assert_int_equal(go_back(flash, NO_EVIDENCE, NO_EVIDENCE), LOW);
  check_record(flash, LOW, WIRE_RECORD_RETURNED, 0, WIRE_TRIAL_CAUSE_DAMAGED);
}

static void a_return_that_cannot_be_recorded_is_made_all_the_same_each_time(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_trial(flash, 0, HIGH, 1, WIRE_TRIAL_STARTS);
  fail_every_record(flash);
  for (unsigned round = 0; round < 3; round++) {
    assert_int_equal(fw_boot_choose(flash->memory), fw_entry_make(FW_ENTRY_RETURN, LOW, 0));
    assert_int_equal(run(flash, fw_boot_choose(flash->memory), NO_EVIDENCE), LOW);
  }
}

/* The program on trial gives itself up and meanwhile what it would go back to has gone. */
static void a_return_to_a_bank_that_is_not_whole_stays_where_it_is(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_trial(flash, 0, HIGH, 1, 1);
  spoil(flash, LOW);
  assert_int_equal(go_back(flash, WIRE_TRIAL_CAUSE_NOT_HEARD, NO_EVIDENCE), HIGH);
  assert_int_equal(flash->count, 0);
  check_record(flash, HIGH, WIRE_RECORD_TRIAL, 1, NO_EVIDENCE);
}

static void a_switch_starts_the_other_program_on_trial_with_its_first_start_counted(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_record(flash, 0, HIGH, 1);
  assert_int_equal(run(flash, fw_entry_make(FW_ENTRY_SWITCH, LOW, 0), WIRE_TRIAL_CAUSE_HANG), LOW);
  check_record(flash, LOW, WIRE_RECORD_TRIAL, 1, NO_EVIDENCE);
  assert_int_equal(fw_boot_choose(flash->memory), fw_entry_make(FW_ENTRY_TRIAL, LOW, 0));
  for (unsigned start = 1; start < WIRE_TRIAL_STARTS; start++)
    assert_int_equal(bench_flash_boot(flash, NO_EVIDENCE), LOW);
  assert_int_equal(bench_flash_boot(flash, NO_EVIDENCE), HIGH);
  check_record(flash, HIGH, WIRE_RECORD_RETURNED, 0, WIRE_TRIAL_CAUSE_STARTS);
}

static void a_switch_that_cannot_be_recorded_stays_with_the_program_that_asked(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_record(flash, 0, HIGH, 1);
  fail_every_record(flash);
  assert_int_equal(run(flash, fw_entry_make(FW_ENTRY_SWITCH, LOW, 0), NO_EVIDENCE), HIGH);
  assert_int_equal(fw_boot_choose(flash->memory), fw_entry_make(FW_ENTRY_PROGRAM, HIGH, 0));
}

static void a_switch_to_a_bank_that_is_not_whole_stays_with_the_program_that_asked(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_record(flash, 0, HIGH, 1);
  spoil(flash, LOW);
  assert_int_equal(run(flash, fw_entry_make(FW_ENTRY_SWITCH, LOW, 0), NO_EVIDENCE), HIGH);
  assert_int_equal(flash->count, 0);
}

static void an_errand_works_in_a_log_of_garbage_as_far_as_there_is_room(void **state)
{
  BenchFlash *flash = *state;

  bench_flash_put_garbage(flash, 0, 9, 1);
  assert_int_equal(run(flash, fw_entry_make(FW_ENTRY_SWITCH, HIGH, 0), NO_EVIDENCE), HIGH);
  check_record(flash, HIGH, WIRE_RECORD_TRIAL, 1, NO_EVIDENCE);
  assert_int_equal(go_back(flash, WIRE_TRIAL_CAUSE_SELF_TEST, NO_EVIDENCE), LOW);
  check_record(flash, LOW, WIRE_RECORD_RETURNED, 0, WIRE_TRIAL_CAUSE_SELF_TEST);
  bench_flash_put_garbage(flash, 0, 15, 2);
  assert_int_equal(run(flash, fw_entry_make(FW_ENTRY_SWITCH, HIGH, 0), NO_EVIDENCE), LOW);
  assert_int_equal(go_back(flash, WIRE_TRIAL_CAUSE_SELF_TEST, NO_EVIDENCE), LOW);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(each_start_on_trial_is_counted_and_the_fourth_goes_back),
      TEST(a_program_not_proven_and_alone_is_listened_for_and_its_starts_are_not_counted),
      TEST(what_ended_a_start_is_noted_but_not_at_the_first),
      TEST(a_start_that_cannot_be_counted_is_not_made),
      TEST(a_full_log_starts_the_other_program),
      TEST(an_uncounted_start_with_nothing_beside_it_leaves_the_loader_in_charge),
      TEST(what_the_jump_program_would_not_ask_for_now_is_started_and_not_recorded),
      TEST(the_cause_that_the_program_names_is_believed),
      TEST(without_a_word_the_evidence_of_this_start_counts),
      TEST(without_evidence_the_cause_of_the_start_before_counts),
      TEST(without_anything_known_the_starts_are_the_cause),
      TEST(an_image_that_is_no_longer_whole_is_the_cause_before_all_evidence),
      TEST(a_return_that_cannot_be_recorded_is_made_all_the_same_each_time),
      TEST(a_return_to_a_bank_that_is_not_whole_stays_where_it_is),
      TEST(a_switch_starts_the_other_program_on_trial_with_its_first_start_counted),
      TEST(a_switch_that_cannot_be_recorded_stays_with_the_program_that_asked),
      TEST(a_switch_to_a_bank_that_is_not_whole_stays_with_the_program_that_asked),
      TEST(an_errand_works_in_a_log_of_garbage_as_far_as_there_is_room),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
