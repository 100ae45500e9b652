/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The flash cells: erase, program, ECC, times, and what a power cut leaves.
 */

#include "chip-bench.h"

#include <stdlib.h>
#include <string.h>

enum { SOURCE = 0x40000800, KHZ = 11059, SECTOR_3 = 0x6000 };

/* Fate of the operation with this number; others go well. */
typedef struct {
  SimFlashOperationKind kind;
  unsigned number;
  SimFlashFate fate;
  uint8_t depth;
  unsigned fired;
  SimFlashOperation seen;
} Plan;

static SimFlashFate decide(void *context, const SimFlashOperation *operation, uint8_t *depth)
{
  Plan *plan = context;
  if (operation->kind != plan->kind || operation->number != plan->number)
    return SIM_FLASH_GOES_WELL;
  plan->fired++;
  plan->seen = *operation;
  *depth = plan->depth;
  return plan->fate;
}

static SimChip *new_with_plan(Plan *plan)
{
  SimChipConfig config;
  sim_chip_config_init(&config);
  config.hooks.context = plan;
  config.hooks.flash_operation = decide;
  SimChip *chip = bench_new_with(&config);
  memset(sim_chip_flash(chip) + SECTOR_3, 0x3c, WIRE_SECTOR_SIZE);
  sim_chip_flash_loaded(chip);
  bench_start(chip);
  return chip;
}

static void fill_source(SimChip *chip, unsigned length)
{
  for (unsigned i = 0; i < length; i++)
    sim_chip_ram(chip)[SOURCE - SIM_RAM_ADDR + i] = (uint8_t)(i * 7 + i / 256);
}

static void erase_makes_the_whole_range_blank_in_one_erase_time(void **state)
{
  (void)state;
  Plan plan = {0};
  SimChip *chip = new_with_plan(&plan);
  assert_int_equal(bench_prepare(chip, 1, 7), 0);
  uint64_t cycle = sim_chip_get_cycle(chip);
  bench_iap_begin(chip, (uint32_t[5]){52, 1, 7, KHZ});
  sim_chip_step(chip);
  uint64_t begin = chip->flash.begin;
  assert_in_range(begin, cycle, cycle + 100);
  sim_chip_run_until(chip, begin + 100 * KHZ - 1);
  assert_true(chip->flash.busy);
  assert_int_equal(sim_chip_flash(chip)[SECTOR_3], 0x3c);
  sim_chip_run_until(chip, begin + 100 * KHZ);
  assert_false(chip->flash.busy);
  for (unsigned i = 0; i < WIRE_SECTOR_SIZE; i++)
    assert_int_equal(sim_chip_flash(chip)[SECTOR_3 + i], 0xff);
  assert_int_equal(sim_chip_count_operations(chip, SIM_FLASH_ERASE), 1);
  sim_chip_free(chip);
}

static void program_takes_its_time_per_512_bytes_and_writes_what_stood_in_ram(void **state)
{
  (void)state;
  Plan plan = {0};
  SimChip *chip = new_with_plan(&plan);
  fill_source(chip, 1024);
  assert_int_equal(bench_prepare(chip, 1, 1), 0);
  uint64_t cycle = sim_chip_get_cycle(chip);
  assert_int_equal(bench_iap(chip, (uint32_t[5]){51, 0x2000, SOURCE, 1024, KHZ}, NULL), 0);
  assert_in_range(sim_chip_get_cycle(chip) - cycle, 2 * KHZ, 2 * KHZ + 100);
  assert_memory_equal(sim_chip_flash(chip) + 0x2000, sim_chip_ram(chip) + 0x800, 1024);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_LINE_PROGRAMMED_TWICE), 0);
  sim_chip_free(chip);
}

static void a_line_programmed_twice_is_reported_and_garbled(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  fill_source(chip, 512);
  memset(sim_chip_ram(chip) + 0x800 + 16, 0xff, 496);
  assert_int_equal(bench_program(chip, 0x2000, SOURCE, 512), 0);
  assert_int_equal(bench_program(chip, 0x2000, SOURCE, 512), 0); /* the ROM does not notice */
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_LINE_PROGRAMMED_TWICE), 1);
  assert_memory_not_equal(sim_chip_flash(chip) + 0x2000, sim_chip_ram(chip) + 0x800, 16);
  assert_memory_equal(sim_chip_flash(chip) + 0x2010, sim_chip_ram(chip) + 0x810, 496);
  sim_chip_free(chip);
}

static void a_line_left_blank_can_be_programmed_later(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  memset(sim_chip_ram(chip) + 0x800, 0xff, 512);
  memset(sim_chip_ram(chip) + 0x800, 0x12, 16);
  assert_int_equal(bench_program(chip, 0x2000, SOURCE, 512), 0);
  memset(sim_chip_ram(chip) + 0x800, 0xff, 16);
  memset(sim_chip_ram(chip) + 0x810, 0x34, 16);
  assert_int_equal(bench_program(chip, 0x2000, SOURCE, 512), 0);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_LINE_PROGRAMMED_TWICE), 0);
  assert_int_equal(sim_chip_flash(chip)[0x2000], 0x12);
  assert_int_equal(sim_chip_flash(chip)[0x2010], 0x34);
  sim_chip_free(chip);
}

static void an_erase_makes_a_broken_line_good_again(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  fill_source(chip, 512);
  bench_program(chip, 0x2000, SOURCE, 512);
  bench_program(chip, 0x2000, SOURCE, 512);
  unsigned reports = sim_chip_count_reports(chip, SIM_REPORT_LINE_PROGRAMMED_TWICE);
  assert_int_equal(bench_erase(chip, 1, 1), 0);
  assert_int_equal(bench_program(chip, 0x2000, SOURCE, 512), 0);
  assert_memory_equal(sim_chip_flash(chip) + 0x2000, sim_chip_ram(chip) + 0x800, 512);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_LINE_PROGRAMMED_TWICE), reports);
  sim_chip_free(chip);
}

static void a_bad_program_answers_success_with_one_line_wrong(void **state)
{
  (void)state;
  Plan plan = {.kind = SIM_FLASH_PROGRAM, .number = 1, .fate = SIM_FLASH_GOES_BAD};
  SimChip *chip = new_with_plan(&plan);
  fill_source(chip, 512);
  assert_int_equal(bench_program(chip, 0x2000, SOURCE, 512), 0);
  unsigned wrong = 0;
  for (unsigned line = 0; line < 32; line++)
    wrong += memcmp(sim_chip_flash(chip) + 0x2000 + 16 * line,
                    sim_chip_ram(chip) + 0x800 + 16 * line, 16) != 0;
  assert_int_equal(wrong, 1);
  assert_int_equal(plan.fired, 1);
  sim_chip_free(chip);
}

static void the_hook_sees_kind_number_and_range(void **state)
{
  (void)state;
  Plan plan = {.kind = SIM_FLASH_PROGRAM, .number = 2, .fate = SIM_FLASH_GOES_WELL};
  SimChip *chip = new_with_plan(&plan);
  bench_program(chip, 0x2000, SOURCE, 512);
  bench_program(chip, 0x4200, SOURCE, 512);
  assert_int_equal(plan.fired, 1);
  assert_int_equal(plan.seen.addr, 0x4200);
  assert_int_equal(plan.seen.length, 512);
  sim_chip_free(chip);
}

static void a_cut_before_an_erase_leaves_all_as_it_was(void **state)
{
  (void)state;
  Plan plan = {.kind = SIM_FLASH_ERASE, .number = 1, .fate = SIM_FLASH_CUT_BEFORE};
  SimChip *chip = new_with_plan(&plan);
  bench_erase(chip, 3, 3);
  assert_false(sim_chip_is_powered(chip));
  assert_int_equal(plan.fired, 1);
  for (unsigned i = 0; i < WIRE_SECTOR_SIZE; i++)
    assert_int_equal(sim_chip_flash(chip)[SECTOR_3 + i], 0x3c);
  sim_chip_free(chip);
}

static void a_cut_after_an_erase_leaves_it_done(void **state)
{
  (void)state;
  Plan plan = {.kind = SIM_FLASH_ERASE, .number = 1, .fate = SIM_FLASH_CUT_AFTER};
  SimChip *chip = new_with_plan(&plan);
  bench_erase(chip, 3, 3);
  assert_false(sim_chip_is_powered(chip));
  for (unsigned i = 0; i < WIRE_SECTOR_SIZE; i++)
    assert_int_equal(sim_chip_flash(chip)[SECTOR_3 + i], 0xff);
  sim_chip_free(chip);
}

static void a_cut_inside_an_erase_leaves_old_blank_and_random_lines(void **state)
{
  (void)state;
  Plan plan = {.kind = SIM_FLASH_ERASE, .number = 1, .fate = SIM_FLASH_CUT_INSIDE, .depth = 128};
  SimChip *chip = new_with_plan(&plan);
  bench_erase(chip, 3, 3);
  assert_false(sim_chip_is_powered(chip));
  unsigned old = 0, blank = 0, other = 0, weak = 0;
  for (unsigned line = SECTOR_3 / 16; line < (SECTOR_3 + WIRE_SECTOR_SIZE) / 16; line++) {
    static const uint8_t old_line[16] = {0x3c, 0x3c, 0x3c, 0x3c, 0x3c, 0x3c, 0x3c, 0x3c,
                                         0x3c, 0x3c, 0x3c, 0x3c, 0x3c, 0x3c, 0x3c, 0x3c};
    const uint8_t *bytes = sim_chip_flash(chip) + 16 * line;
    unsigned ones = 0;
    for (unsigned i = 0; i < 16; i++)
      ones += bytes[i] == 0xff;
    old += memcmp(bytes, old_line, 16) == 0;
    blank += ones == 16;
    other += ones < 16 && memcmp(bytes, old_line, 16) != 0;
    weak += ones == 16 && chip->cells[line] == SIM_CELLS_WEAK;
  }
  assert_true(old > 20 && blank > 100 && other > 20);
  assert_true(weak > 5); /* they read blank and are not */
  assert_int_equal(sim_chip_flash(chip)[SECTOR_3 - 1], 0xff);
  assert_int_equal(sim_chip_flash(chip)[SECTOR_3 + WIRE_SECTOR_SIZE], 0xff);
  sim_chip_free(chip);
}

static void an_erase_after_a_torn_one_makes_the_sector_good(void **state)
{
  (void)state;
  Plan plan = {.kind = SIM_FLASH_ERASE, .number = 1, .fate = SIM_FLASH_CUT_INSIDE, .depth = 200};
  SimChip *chip = new_with_plan(&plan);
  bench_erase(chip, 3, 3);
  bench_start(chip);
  fill_source(chip, 512);
  assert_int_equal(bench_erase(chip, 3, 3), 0);
  for (unsigned block = 0; block < WIRE_BLOCKS_PER_SECTOR; block++) {
    uint32_t addr = SECTOR_3 + block * WIRE_BLOCK_SIZE;
    assert_int_equal(bench_program(chip, addr, SOURCE, 512), 0);
    assert_memory_equal(sim_chip_flash(chip) + addr, sim_chip_ram(chip) + 0x800, 512);
  }
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_LINE_PROGRAMMED_TWICE), 0);
  sim_chip_free(chip);
}

static void programming_a_sector_torn_by_an_erase_goes_wrong(void **state)
{
  (void)state;
  Plan plan = {.kind = SIM_FLASH_ERASE, .number = 1, .fate = SIM_FLASH_CUT_INSIDE, .depth = 255};
  SimChip *chip = new_with_plan(&plan);
  bench_erase(chip, 3, 3);
  bench_start(chip);
  fill_source(chip, 512);
  unsigned wrong = 0;
  for (unsigned block = 0; block < WIRE_BLOCKS_PER_SECTOR; block++) {
    uint32_t addr = SECTOR_3 + block * WIRE_BLOCK_SIZE;
    bench_program(chip, addr, SOURCE, 512);
    wrong += memcmp(sim_chip_flash(chip) + addr, sim_chip_ram(chip) + 0x800, 512) != 0;
  }
  assert_true(wrong > 0);
  sim_chip_free(chip);
}

static void a_cut_inside_a_program_leaves_good_lines_one_torn_and_blank_ones(void **state)
{
  (void)state;
  for (unsigned depth = 0; depth < 256; depth += 51) {
    Plan plan = {.kind = SIM_FLASH_PROGRAM,
                 .number = 1,
                 .fate = SIM_FLASH_CUT_INSIDE,
                 .depth = (uint8_t)depth};
    SimChip *chip = new_with_plan(&plan);
    fill_source(chip, 512);
    bench_program(chip, 0x2000, SOURCE, 512);
    assert_false(sim_chip_is_powered(chip));
    unsigned good = 32 * depth / 256;
    const uint8_t *flash = sim_chip_flash(chip) + 0x2000;
    const uint8_t *ram = sim_chip_ram(chip) + 0x800;
    assert_memory_equal(flash, ram, 16 * good);
    assert_memory_not_equal(flash + 16 * good, ram + 16 * good, 16);
    assert_int_equal(chip->cells[(0x2000 + 16 * good) / 16], SIM_CELLS_BROKEN);
    for (unsigned i = 16 * (good + 1); i < 512; i++)
      assert_int_equal(flash[i], 0xff);
    sim_chip_free(chip);
  }
}

static void a_cut_happens_at_its_depth_in_time(void **state)
{
  (void)state;
  Plan plan = {.kind = SIM_FLASH_ERASE, .number = 1, .fate = SIM_FLASH_CUT_INSIDE, .depth = 64};
  SimChip *chip = new_with_plan(&plan);
  bench_prepare(chip, 3, 3);
  bench_iap_begin(chip, (uint32_t[5]){52, 3, 3, KHZ});
  uint64_t cycle = sim_chip_get_cycle(chip);
  sim_chip_run_until(chip, cycle + 100 * KHZ);
  assert_false(sim_chip_is_powered(chip));
  assert_in_range(sim_chip_get_cycle(chip), cycle + 25 * KHZ, cycle + 25 * KHZ + 100);
  sim_chip_run_until(chip, cycle + 200 * KHZ); /* time goes on without power */
  assert_int_equal(sim_chip_get_cycle(chip), cycle + 200 * KHZ);
  sim_chip_free(chip);
}

static void power_off_and_reset_tear_what_is_under_way(void **state)
{
  (void)state;
  for (unsigned way = 0; way < 2; way++) {
    Plan plan = {0};
    SimChip *chip = new_with_plan(&plan);
    bench_prepare(chip, 3, 3);
    bench_iap_begin(chip, (uint32_t[5]){52, 3, 3, KHZ});
    bench_pass(chip, 60 * KHZ);
    if (way == 0)
      sim_chip_power_off(chip);
    else
      sim_chip_reset_pin(chip);
    unsigned blank = 0, old = 0;
    for (unsigned i = SECTOR_3; i < SECTOR_3 + WIRE_SECTOR_SIZE; i += 16) {
      blank += sim_chip_flash(chip)[i] == 0xff;
      old += sim_chip_flash(chip)[i] == 0x3c;
    }
    assert_true(blank > 100 && old > 20);
    assert_false(chip->flash.busy);
    sim_chip_free(chip);
  }
}

static void the_boot_block_is_readable_and_stays(void **state)
{
  (void)state;
  SimChip *chip = bench_new();
  memset(sim_chip_flash(chip) + 0x1e000, 0xff, WIRE_SECTOR_SIZE);
  sim_chip_flash_loaded(chip);
  bench_start(chip);
  assert_int_equal(bench_peek(chip, 0x1e000), bench_peek(chip, SIM_BOOT_ADDR));
  assert_int_equal(bench_prepare(chip, 1, 1), 0);
  sim_chip_free(chip);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(erase_makes_the_whole_range_blank_in_one_erase_time),
      cmocka_unit_test(program_takes_its_time_per_512_bytes_and_writes_what_stood_in_ram),
      cmocka_unit_test(a_line_programmed_twice_is_reported_and_garbled),
      cmocka_unit_test(a_line_left_blank_can_be_programmed_later),
      cmocka_unit_test(an_erase_makes_a_broken_line_good_again),
      cmocka_unit_test(a_bad_program_answers_success_with_one_line_wrong),
      cmocka_unit_test(the_hook_sees_kind_number_and_range),
      cmocka_unit_test(a_cut_before_an_erase_leaves_all_as_it_was),
      cmocka_unit_test(a_cut_after_an_erase_leaves_it_done),
      cmocka_unit_test(a_cut_inside_an_erase_leaves_old_blank_and_random_lines),
      cmocka_unit_test(an_erase_after_a_torn_one_makes_the_sector_good),
      cmocka_unit_test(programming_a_sector_torn_by_an_erase_goes_wrong),
      cmocka_unit_test(a_cut_inside_a_program_leaves_good_lines_one_torn_and_blank_ones),
      cmocka_unit_test(a_cut_happens_at_its_depth_in_time),
      cmocka_unit_test(power_off_and_reset_tear_what_is_under_way),
      cmocka_unit_test(the_boot_block_is_readable_and_stays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
