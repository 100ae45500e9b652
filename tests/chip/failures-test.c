/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Failures by the book, on the ARM images: each has its own cause on the wire, and leaves the old
 * program. */

#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { SILENCE_MS = 10000, BACK_MS = 600, IAP_BUSY = 11 };

static Rig *rig_in_loader(void)
{
  WireEnter enter = {.product = WIRE_PRODUCT_DEMO};
  uint8_t payload[WIRE_ENTER_LENGTH];
  Rig *rig = rig_new();

  rig_send(rig, WIRE_ENTER_LOADER, payload, (uint16_t)wire_enter_write(&enter, payload));
  rig_run_ms(rig, 300);
  assert_int_equal(rig->announced.mode, WIRE_MODE_LOADER);
  return rig;
}

static unsigned count_operations(Rig *rig)
{
  SimChip *chip = sim_substation_get_chip(rig->substation);

  return sim_chip_count_operations(chip, SIM_FLASH_ERASE) +
         sim_chip_count_operations(chip, SIM_FLASH_PROGRAM);
}

static void assert_old_runs(Rig *rig)
{
  WireIdentity identity = rig_identify(rig);

  assert_int_equal(identity.mode, WIRE_MODE_PROGRAM);
  assert_int_equal(identity.running_bank, WIRE_BANK_LOW);
  assert_int_equal(identity.program_version, WIRE_VERSION(1, 0, 0));
}

static void assert_upgrades(Rig *rig)
{
  g_autoptr(SyRelease) release = rig_load_release("release.hex");

  rig_upgrade(rig, release);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
}

static void ten_seconds_of_rubbish_end_the_upgrade(void **state)
{
  Rig *rig = rig_in_loader();
  GRand *random = g_rand_new_with_seed(7);
  uint64_t start_us = rig_now_us(rig);

  (void)state;
  while (rig->leavings == 0) {
    uint8_t noise[100];

    for (unsigned i = 0; i < sizeof noise; i++)
      noise[i] = (uint8_t)g_rand_int(random);
    sim_substation_send(rig->substation, noise, sizeof noise);
    rig_run_ms(rig, 100);
    assert_true(rig_now_us(rig) - start_us < (SILENCE_MS + 500) * 1000ull);
  }
  assert_true(rig_now_us(rig) - start_us > (SILENCE_MS - 500) * 1000ull);
  assert_int_equal(rig->leaving.cause, WIRE_LEAVING_RUBBISH);
  rig_run_ms(rig, BACK_MS);
  assert_old_runs(rig);
  g_rand_free(random);
  rig_free(rig);
}

static void ten_seconds_of_refused_frames_are_rubbish_too(void **state)
{
  Rig *rig = rig_in_loader();

  (void)state;
  for (unsigned i = 0; i < 22 && rig->leavings == 0; i++) {
    rig_send(rig, 0x3f, NULL, 0);
    rig_run_ms(rig, 500);
  }
  assert_int_equal(rig->leavings, 1);
  assert_int_equal(rig->leaving.cause, WIRE_LEAVING_RUBBISH);
  rig_run_ms(rig, BACK_MS);
  assert_old_runs(rig);
  rig_free(rig);
}

static void silence_is_told_from_rubbish(void **state)
{
  Rig *rig = rig_in_loader();

  (void)state;
  rig_run_ms(rig, SILENCE_MS + BACK_MS);
  assert_int_equal(rig->leaving.cause, WIRE_LEAVING_SILENCE);
  assert_old_runs(rig);
  rig_free(rig);
}

/* In the loader and in the program. */
static void a_frame_with_a_wrong_crc_is_refused_as_damaged(void **state)
{
  (void)state;
  for (unsigned i = 0; i < 2; i++) {
    Rig *rig = i == 0 ? rig_new() : rig_in_loader();
    uint8_t bytes[WIRE_FRAME_MAX], payload[4] = {1, 2, 3, 4};
    WireFrame frame = {.type = WIRE_ECHO, .token = 9, .seq = 3, .length = 4, .payload = payload};
    size_t length = wire_frame_write(&frame, bytes);

    bytes[length - 1] ^= 1;
    sim_substation_send(rig->substation, bytes, length);
    rig_run_ms(rig, 100);
    assert_int_equal(rig->naks, 1);
    assert_int_equal(rig->nak.cause, WIRE_CAUSE_DAMAGED);
    assert_int_equal(rig->nak.type, WIRE_ECHO);
    assert_int_equal(rig->reports, 0);
    rig_free(rig);
  }
}

/* The workstation does not wait for its time-out when it is told. */
static void a_damaged_block_costs_no_time_out(void **state)
{
  g_autoptr(SyRelease) release = rig_load_release("release.hex");
  Rig *rig = rig_new();

  (void)state;
  rig->plain = true;
  assert_true(sim_substation_add_fault(rig->substation, SIM_FAULT_FLIP_RX, 2000));
  rig_upgrade(rig, release);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  assert_int_equal(sim_substation_count_fired(rig->substation, SIM_FAULT_FLIP_RX), 1);
  assert_int_equal(rig->session.result.counts.timeouts, 0);
  assert_int_equal(rig->session.result.counts.retries, 1);
  rig_free(rig);
}

static void a_begin_that_does_not_fit_is_refused_with_its_cause_and_erases_nothing(void **state)
{
  static const WireBegin right = {.bank = WIRE_BANK_HIGH,
                                  .blocks = 3,
                                  .product = WIRE_PRODUCT_DEMO,
                                  .version = WIRE_VERSION(1, 1, 0),
                                  .length = 0x600};
  static const struct {
    uint8_t bank, encoding;
    uint16_t blocks;
    uint32_t product, length;
    WireCause cause;
    uint32_t detail;
  } begins[] = {
      {WIRE_BANK_LOW, 0, 3, WIRE_PRODUCT_DEMO, 0x600, WIRE_CAUSE_WRONG_BANK, WIRE_BANK_HIGH},
      {WIRE_BANK_NONE, 0, 3, WIRE_PRODUCT_DEMO, 0x600, WIRE_CAUSE_WRONG_BANK, WIRE_BANK_HIGH},
      {14, 0, 3, WIRE_PRODUCT_DEMO, 0x600, WIRE_CAUSE_WRONG_BANK, WIRE_BANK_HIGH},
      {255, 0, 3, WIRE_PRODUCT_DEMO, 0x600, WIRE_CAUSE_WRONG_BANK, WIRE_BANK_HIGH},
      {WIRE_BANK_HIGH, 0, 3, 0, 0x600, WIRE_CAUSE_WRONG_PRODUCT, WIRE_PRODUCT_DEMO},
      {WIRE_BANK_HIGH, 0, 97, WIRE_PRODUCT_DEMO, 0xc200, WIRE_CAUSE_WRONG_SIZE, 0xc000},
      {WIRE_BANK_HIGH, 0, 0, WIRE_PRODUCT_DEMO, 0, WIRE_CAUSE_WRONG_SIZE, 0xc000},
      {WIRE_BANK_HIGH, 0, 2, WIRE_PRODUCT_DEMO, 0x600, WIRE_CAUSE_WRONG_SIZE, 0xc000},
      {WIRE_BANK_HIGH, 0, 3, WIRE_PRODUCT_DEMO, 0xffffffff, WIRE_CAUSE_WRONG_SIZE, 0xc000},
      {WIRE_BANK_HIGH, 2, 3, WIRE_PRODUCT_DEMO, 0x600, WIRE_CAUSE_BAD_ENCODING, 2},
  };
  Rig *rig = rig_in_loader();
  unsigned operations = count_operations(rig);
  uint8_t payload[WIRE_BEGIN_LENGTH];

  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(begins); i++) {
    WireBegin begin = right;

    begin.bank = begins[i].bank;
    begin.encoding = begins[i].encoding;
    begin.blocks = begins[i].blocks;
    begin.product = begins[i].product;
    begin.length = begins[i].length;
    rig_send(rig, WIRE_BEGIN, payload, (uint16_t)wire_begin_write(&begin, payload));
    rig_run_ms(rig, 50);
    assert_int_equal(rig->naks, i + 1);
    assert_int_equal(rig->nak.cause, begins[i].cause);
    assert_int_equal(rig->nak.detail, begins[i].detail);
  }
  rig_send(rig, WIRE_BEGIN, payload, WIRE_BEGIN_LENGTH - 1);
  rig_run_ms(rig, 50);
  assert_int_equal(rig->nak.cause, WIRE_CAUSE_BAD_LENGTH);
  assert_int_equal(count_operations(rig), operations);
  assert_int_equal(rig->reports, 0);
  rig_free(rig);
}

static void a_block_out_of_range_or_too_early_is_refused_with_its_cause(void **state)
{
  uint8_t bytes[WIRE_BLOCK_SIZE] = {0}, payload[WIRE_DATA_LENGTH_MAX];
  WireData data = {.block = 96, .count = 1, .length = sizeof bytes, .bytes = bytes};
  WireBegin begin = {.bank = WIRE_BANK_HIGH,
                     .blocks = 96,
                     .product = WIRE_PRODUCT_DEMO,
                     .length = WIRE_RELEASE_SIZE_MAX};
  uint8_t begin_payload[WIRE_BEGIN_LENGTH];
  Rig *rig = rig_in_loader();
  unsigned operations;

  (void)state;
  rig_send(rig, WIRE_DATA, payload, (uint16_t)wire_data_write(&data, payload));
  rig_run_ms(rig, 100);
  assert_int_equal(rig->nak.cause, WIRE_CAUSE_NOT_NOW);
  rig_send(rig, WIRE_BEGIN, begin_payload, (uint16_t)wire_begin_write(&begin, begin_payload));
  rig_run_ms(rig, 500);
  operations = count_operations(rig);
  rig_send(rig, WIRE_DATA, payload, (uint16_t)wire_data_write(&data, payload));
  rig_run_ms(rig, 100);
  assert_int_equal(rig->nak.cause, WIRE_CAUSE_OUT_OF_RANGE);
  assert_int_equal(rig->nak.detail, 96);
  data.block = 0x3ff;
  rig_send(rig, WIRE_DATA, payload, (uint16_t)wire_data_write(&data, payload));
  rig_run_ms(rig, 100);
  assert_int_equal(rig->nak.cause, WIRE_CAUSE_OUT_OF_RANGE);
  assert_int_equal(count_operations(rig), operations);
  rig_free(rig);
}

static void an_erase_that_the_rom_refuses_is_told_with_its_status(void **state)
{
  g_autoptr(SyRelease) release = rig_load_release("release.hex");
  Rig *rig = rig_new();

  (void)state;
  rig_add_fault(rig, SIM_FAULT_REFUSE_ERASE, 1);
  rig_upgrade(rig, release);
  assert_int_equal(sim_substation_count_fired(rig->substation, SIM_FAULT_REFUSE_ERASE), 1);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_OLD_RUNS);
  assert_int_equal(rig->session.result.nak.cause, WIRE_CAUSE_ERASE_FAILED);
  assert_int_equal(rig->session.result.nak.detail, IAP_BUSY);
  assert_old_runs(rig);
  assert_upgrades(rig);
  rig_free(rig);
}

/* Once, and the block goes in at the second attempt; three times in one sector, and the status is
 * told. Two records come first. */
static void a_program_that_the_rom_refuses_is_tried_three_times(void **state)
{
  g_autoptr(SyRelease) release = rig_load_release("release.hex");

  (void)state;
  for (unsigned times = 1; times <= 3; times++) {
    Rig *rig = rig_new();

    for (unsigned i = 0; i < times; i++)
      rig_add_fault(rig, SIM_FAULT_REFUSE_PROGRAM, 3 + i);
    rig_upgrade(rig, release);
    assert_int_equal(sim_substation_count_fired(rig->substation, SIM_FAULT_REFUSE_PROGRAM), times);
    if (times < 3) {
      assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
    } else {
      assert_int_equal(rig->session.result.outcome, SY_OUTCOME_OLD_RUNS);
      assert_int_equal(rig->session.result.nak.cause, WIRE_CAUSE_PROGRAM_FAILED);
      assert_int_equal(rig->session.result.nak.detail >> 16, IAP_BUSY);
      assert_old_runs(rig);
      assert_upgrades(rig);
    }
    rig_free(rig);
  }
}

static void a_worn_block_ends_the_upgrade_with_its_number(void **state)
{
  enum { BLOCK = 5 };
  g_autoptr(SyRelease) release = rig_load_release("release.hex");
  Rig *rig = rig_new();
  uint32_t flash_block = WIRE_HIGH_ADDR / WIRE_BLOCK_SIZE + BLOCK;

  (void)state;
  assert_true(sim_substation_add_fault(rig->substation, SIM_FAULT_WORN_BLOCK, flash_block));
  rig_upgrade(rig, release);
  assert_int_equal(sim_substation_count_fired(rig->substation, SIM_FAULT_WORN_BLOCK), 3);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_OLD_RUNS);
  assert_int_equal(rig->session.result.nak.cause, WIRE_CAUSE_PROGRAM_FAILED);
  assert_int_equal(rig->session.result.nak.detail, BLOCK);
  assert_int_equal(rig->session.result.counts.repeats, 2);
  assert_old_runs(rig);
  rig_free(rig);
}

/* A worn place of the record log is stepped over; a log that is worn from end to end takes no
 * upgrade, and the old program runs. */
static void a_worn_record_log_costs_no_program(void **state)
{
  g_autoptr(SyRelease) release = rig_load_release("release.hex");

  (void)state;
  for (unsigned worn = 1; worn <= WIRE_RECORD_COUNT; worn += WIRE_RECORD_COUNT - 1) {
    Rig *rig = rig_new();

    for (unsigned i = 0; i < worn; i++)
      assert_true(sim_substation_add_fault(rig->substation, SIM_FAULT_WORN_BLOCK,
                                           WIRE_RECORD_ADDR / WIRE_BLOCK_SIZE +
                                               (2 + i) % WIRE_RECORD_COUNT));
    rig_upgrade(rig, release);
    assert_true(sim_substation_count_fired(rig->substation, SIM_FAULT_WORN_BLOCK) >= worn);
    if (worn == 1) {
      assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
    } else {
      assert_int_equal(rig->session.result.outcome, SY_OUTCOME_OLD_RUNS);
      assert_int_equal(rig->session.result.nak.cause, WIRE_CAUSE_RECORD_FAILED);
      assert_old_runs(rig);
    }
    rig_free(rig);
  }
}

/* What was verified may read otherwise after a reset: then the other program runs. */
static void a_weak_block_never_runs_a_program_that_is_not_whole(void **state)
{
  g_autoptr(SyRelease) release = rig_load_release("release.hex");
  Rig *rig = rig_new();
  SimChip *chip = sim_substation_get_chip(rig->substation);
  unsigned resets = 0;

  (void)state;
  assert_true(sim_substation_add_fault(rig->substation, SIM_FAULT_WEAK_BLOCK,
                                       WIRE_HIGH_ADDR / WIRE_BLOCK_SIZE + 3));
  rig_upgrade(rig, release);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  assert_int_equal(sim_substation_count_fired(rig->substation, SIM_FAULT_WEAK_BLOCK), 1);
  while (rig->announced.running_bank == WIRE_BANK_HIGH && ++resets < 100) {
    rig_assert_bank_holds(rig, release, WIRE_BANK_HIGH);
    sim_chip_power_off(chip);
    sim_chip_power_on(chip);
    rig_run_ms(rig, 400);
  }
  assert_true(resets < 100);
  assert_old_runs(rig);
  rig_free(rig);
}

static void an_erase_that_goes_bad_is_made_good(void **state)
{
  Rig *rig = rig_new();

  (void)state;
  rig_add_fault(rig, SIM_FAULT_BAD_ERASE, 1);
  assert_upgrades(rig);
  assert_int_equal(sim_substation_count_fired(rig->substation, SIM_FAULT_BAD_ERASE), 1);
  rig_free(rig);
}

/* The program started it with two seconds; an erase of 400 ms and ten seconds of waiting pass. */
static void the_watchdog_that_runs_on_entry_is_fed_and_told(void **state)
{
  WireEnter enter = {.product = WIRE_PRODUCT_DEMO};
  uint8_t payload[WIRE_ENTER_LENGTH];
  Rig *rig = rig_new_with_slow_erase();
  SimChip *chip = sim_substation_get_chip(rig->substation);

  (void)state;
  rig_send(rig, WIRE_ENTER_LOADER, payload, (uint16_t)wire_enter_write(&enter, payload));
  rig_run_ms(rig, 300);
  assert_int_equal(rig->announced.mode, WIRE_MODE_LOADER);
  assert_true(rig->announced.flags & WIRE_FLAG_WATCHDOG);
  assert_false(rig->announced.flags & WIRE_FLAG_USER_MODE);
  rig_run_ms(rig, SILENCE_MS + BACK_MS);
  assert_upgrades(rig);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_WATCHDOG_RESET), 0);
  assert_int_equal(rig->reports, 0);
  rig_free(rig);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ten_seconds_of_rubbish_end_the_upgrade),
      cmocka_unit_test(ten_seconds_of_refused_frames_are_rubbish_too),
      cmocka_unit_test(silence_is_told_from_rubbish),
      cmocka_unit_test(a_frame_with_a_wrong_crc_is_refused_as_damaged),
      cmocka_unit_test(a_damaged_block_costs_no_time_out),
      cmocka_unit_test(a_begin_that_does_not_fit_is_refused_with_its_cause_and_erases_nothing),
      cmocka_unit_test(a_block_out_of_range_or_too_early_is_refused_with_its_cause),
      cmocka_unit_test(an_erase_that_the_rom_refuses_is_told_with_its_status),
      cmocka_unit_test(a_program_that_the_rom_refuses_is_tried_three_times),
      cmocka_unit_test(a_worn_block_ends_the_upgrade_with_its_number),
      cmocka_unit_test(a_worn_record_log_costs_no_program),
      cmocka_unit_test(a_weak_block_never_runs_a_program_that_is_not_whole),
      cmocka_unit_test(an_erase_that_goes_bad_is_made_good),
      cmocka_unit_test(the_watchdog_that_runs_on_entry_is_fed_and_told),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
