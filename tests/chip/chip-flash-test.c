/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The flash cells: erase, program, ECC, times, fates, the state as a whole.
 */

#include "chip-bench.h"

#include <stdlib.h>
#include <string.h>

enum { SOURCE = BENCH_SOURCE, KHZ = BENCH_KHZ, SECTOR_3 = BENCH_SECTOR_3 };

static void erase_makes_the_whole_range_blank_in_one_erase_time(void **state)
{
  (void)state;
  BenchPlan plan = {0};
  SimChip *chip = bench_new_with_plan(&plan, 1);
  assert_int_equal(bench_prepare(chip, 1, 7), 0);
  uint64_t cycle = sim_chip_get_cycle(chip);
  bench_iap_begin(chip, (uint32_t[5]){52, 1, 7, KHZ});
  sim_chip_step(chip);
  uint64_t begin = chip->flash.begin;
  assert_in_range(begin, cycle, cycle + 100);
  sim_chip_run_until(chip, begin + 100 * KHZ - 1);
  assert_true(chip->flash.busy);
  assert_int_equal(sim_chip_flash(chip)[SECTOR_3], BENCH_OLD);
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
  BenchPlan plan = {0};
  SimChip *chip = bench_new_with_plan(&plan, 1);
  bench_fill_source(chip, 1024);
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
  bench_fill_source(chip, 512);
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
  bench_fill_source(chip, 512);
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
  BenchPlan plan = {.kind = SIM_FLASH_PROGRAM, .number = 1, .fate = SIM_FLASH_GOES_BAD};
  SimChip *chip = bench_new_with_plan(&plan, 1);
  bench_fill_source(chip, 512);
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
  BenchPlan plan = {.kind = SIM_FLASH_PROGRAM, .number = 2, .fate = SIM_FLASH_GOES_WELL};
  SimChip *chip = bench_new_with_plan(&plan, 1);
  bench_program(chip, 0x2000, SOURCE, 512);
  bench_program(chip, 0x4200, SOURCE, 512);
  assert_int_equal(plan.fired, 1);
  assert_int_equal(plan.seen.addr, 0x4200);
  assert_int_equal(plan.seen.length, 512);
  sim_chip_free(chip);
}

static void the_hook_hears_of_what_is_done_but_not_of_what_is_torn_or_refused(void **state)
{
  (void)state;
  static const struct {
    SimFlashFate fate;
    unsigned done;
  } cases[] = {
      {SIM_FLASH_GOES_WELL, 1}, {SIM_FLASH_GOES_BAD, 1},   {SIM_FLASH_GOES_WEAK, 1},
      {SIM_FLASH_REFUSED, 0},   {SIM_FLASH_CUT_BEFORE, 0}, {SIM_FLASH_CUT_INSIDE, 0},
      {SIM_FLASH_CUT_AFTER, 1},
  };
  for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    BenchPlan plan = {.kind = SIM_FLASH_PROGRAM, .number = 1, .fate = cases[i].fate, .depth = 90};
    SimChip *chip = bench_new_with_plan(&plan, 1);
    bench_program(chip, 0x4200, SOURCE, 1024);
    assert_int_equal(plan.fired, 1);
    assert_int_equal(plan.done, cases[i].done);
    if (plan.done > 0)
      assert_memory_equal(&plan.seen_done, &plan.seen, sizeof plan.seen);
    sim_chip_free(chip);
  }
}

static void a_refused_operation_answers_busy_at_once_and_stays_prepared(void **state)
{
  (void)state;
  for (unsigned kind = SIM_FLASH_ERASE; kind <= SIM_FLASH_PROGRAM; kind++) {
    BenchPlan plan = {.kind = kind, .number = 1, .fate = SIM_FLASH_REFUSED};
    SimChip *chip = bench_new_with_plan(&plan, 1);
    uint32_t erase[5] = {52, 3, 3, KHZ};
    uint32_t program[5] = {51, 0x2000, SOURCE, 512, KHZ};
    const uint32_t *command = kind == SIM_FLASH_ERASE ? erase : program;
    uint64_t hash = sim_chip_hash_flash(chip);
    bench_prepare(chip, 1, 3);
    uint64_t cycle = sim_chip_get_cycle(chip);
    assert_int_equal(bench_iap(chip, command, NULL), 11);
    assert_in_range(sim_chip_get_cycle(chip) - cycle, 1, 100);
    assert_int_equal(plan.fired, 1);
    assert_false(chip->flash.busy);
    assert_true(sim_chip_hash_flash(chip) == hash);
    assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_IAP),
                     0); /* not the firmware's doing */
    assert_int_equal(bench_iap(chip, command, NULL), 0);
    assert_true(sim_chip_hash_flash(chip) != hash);
    assert_int_equal(sim_chip_count_operations(chip, kind), 2);
    sim_chip_free(chip);
  }
}

static unsigned count_cells(const SimChip *chip, uint32_t addr, uint32_t length, SimCells cells)
{
  unsigned count = 0;
  for (uint32_t line = addr / 16; line < (addr + length) / 16; line++)
    count += chip->cells[line] == cells;
  return count;
}

static void a_weak_operation_reads_right_and_changes_at_some_later_reset(void **state)
{
  (void)state;
  for (unsigned kind = SIM_FLASH_ERASE; kind <= SIM_FLASH_PROGRAM; kind++) {
    unsigned changed = 0, more_than_one = 0;
    for (uint64_t seed = 0; seed < 256; seed++) {
      BenchPlan plan = {.kind = kind, .number = 1, .fate = SIM_FLASH_GOES_WEAK};
      SimChip *chip = bench_new_with_plan(&plan, seed);
      bench_fill_source(chip, 512);
      assert_int_equal(bench_program(chip, 0x2000, SOURCE, 512), 0);
      assert_int_equal(bench_erase(chip, 3, 3), 0);
      assert_memory_equal(sim_chip_flash(chip) + 0x2000, sim_chip_ram(chip) + 0x800, 512);
      for (unsigned i = 0; i < WIRE_SECTOR_SIZE; i++)
        assert_int_equal(sim_chip_flash(chip)[SECTOR_3 + i], 0xff);
      unsigned weak = kind == SIM_FLASH_ERASE
                          ? count_cells(chip, SECTOR_3, WIRE_SECTOR_SIZE, SIM_CELLS_WEAK)
                          : count_cells(chip, 0x2000, 512, SIM_CELLS_WEAK);
      assert_true(weak >= 1);
      assert_int_equal(count_cells(chip, 0, WIRE_FLASH_SIZE, SIM_CELLS_WEAK), weak);
      more_than_one += weak > 1;
      uint64_t hash = sim_chip_hash_flash(chip);
      for (unsigned i = 0; i < 8; i++)
        sim_chip_reset_pin(chip);
      changed += sim_chip_hash_flash(chip) != hash;
      sim_chip_free(chip);
    }
    assert_in_range(changed, 200, 256);
    assert_in_range(more_than_one, 200, 256);
  }
}

static void a_weak_program_weakens_what_it_wrote_and_not_what_it_left_blank(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 64; seed++) {
    BenchPlan plan = {.kind = SIM_FLASH_PROGRAM, .number = 1, .fate = SIM_FLASH_GOES_WEAK};
    SimChip *chip = bench_new_with_plan(&plan, seed);
    memset(sim_chip_ram(chip) + 0x800, 0xff, 512);
    sim_chip_ram(chip)[0x800 + 5 * 16] = 0;
    assert_int_equal(bench_program(chip, 0x2000, SOURCE, 512), 0);
    assert_int_equal(chip->cells[0x2000 / 16 + 5], SIM_CELLS_WEAK);
    assert_int_equal(count_cells(chip, 0x2000, 512, SIM_CELLS_BLANK), 31);
    sim_chip_free(chip);
  }
}

static void a_bad_erase_leaves_a_line_that_is_not_blank(void **state)
{
  (void)state;
  BenchPlan plan = {.kind = SIM_FLASH_ERASE, .number = 1, .fate = SIM_FLASH_GOES_BAD};
  SimChip *chip = bench_new_with_plan(&plan, 1);
  assert_int_equal(bench_erase(chip, 3, 3), 0);
  uint32_t results[2];
  assert_int_equal(bench_iap(chip, (uint32_t[5]){53, 3, 3}, results), 8);
  assert_int_equal(chip->cells[(SECTOR_3 + results[0]) / 16], SIM_CELLS_WEAK);
  assert_int_equal(count_cells(chip, 0, WIRE_FLASH_SIZE, SIM_CELLS_WEAK), 1);
  sim_chip_free(chip);
}

static void the_hash_sees_every_bit_and_the_cells(void **state)
{
  (void)state;
  SimChip *chip = bench_new();
  SimChip *copy = bench_new();
  uint8_t *flash = sim_chip_flash(chip);
  uint64_t hash = sim_chip_hash_flash(chip);
  sim_chip_copy(copy, chip);
  assert_true(sim_chip_hash_flash(copy) == hash);
  for (uint32_t bit = 0; bit < 8 * WIRE_FLASH_SIZE; bit += 8 * 1021 + 1) {
    flash[bit / 8] ^= (uint8_t)(1u << bit % 8);
    assert_true(sim_chip_hash_flash(chip) != hash);
    flash[bit / 8] ^= (uint8_t)(1u << bit % 8);
  }
  flash[7] ^= 0x80; /* two changes that a plain product would let cancel out */
  flash[15] ^= 0x80;
  assert_true(sim_chip_hash_flash(chip) != hash);
  flash[7] ^= 0x80;
  flash[15] ^= 0x80;
  assert_true(sim_chip_hash_flash(chip) == hash);
  chip->cells[4000] = SIM_CELLS_WEAK;
  assert_true(sim_chip_hash_flash(chip) != hash);
  sim_chip_free(chip);
  sim_chip_free(copy);
}

/* A chip with all four kinds of cells. */
static SimChip *new_torn(void)
{
  BenchPlan plan = {
      .kind = SIM_FLASH_ERASE, .number = 1, .fate = SIM_FLASH_CUT_INSIDE, .depth = 99};
  SimChip *chip = bench_new_with_plan(&plan, 3);
  bench_fill_source(chip, 512);
  bench_program(chip, 0x2000, SOURCE, 512);
  bench_program(chip, 0x2000, SOURCE, 512);
  bench_erase(chip, 3, 3);
  assert_false(sim_chip_is_powered(chip));
  for (unsigned cells = SIM_CELLS_BLANK; cells <= SIM_CELLS_WEAK; cells++)
    assert_true(count_cells(chip, 0, WIRE_FLASH_SIZE, cells) > 0);
  chip->config.hooks = (SimChipHooks){.context = NULL}; /* the plan ends here */
  return chip;
}

static void a_saved_flash_is_restored_with_its_cells(void **state)
{
  (void)state;
  static uint8_t saved[SIM_SAVED_FLASH_SIZE];
  SimChip *chip = new_torn();
  SimChip *other = bench_new();
  sim_chip_save_flash(chip, saved);
  assert_true(sim_chip_hash_flash(other) != sim_chip_hash_flash(chip));
  assert_true(sim_chip_restore_flash(other, saved, sizeof saved));
  assert_true(sim_chip_hash_flash(other) == sim_chip_hash_flash(chip));
  assert_true(sim_chip_restore_flash(other, saved, WIRE_FLASH_SIZE)); /* bytes alone: all good */
  assert_memory_equal(sim_chip_flash(other), sim_chip_flash(chip), WIRE_FLASH_SIZE);
  assert_int_equal(count_cells(other, 0, WIRE_FLASH_SIZE, SIM_CELLS_WEAK), 0);
  assert_int_equal(count_cells(other, 0, WIRE_FLASH_SIZE, SIM_CELLS_BROKEN), 0);
  sim_chip_free(chip);
  sim_chip_free(other);
}

static void what_cannot_be_a_saved_flash_is_refused_and_changes_nothing(void **state)
{
  (void)state;
  static uint8_t saved[SIM_SAVED_FLASH_SIZE + 1];
  static const size_t lengths[] = {0, WIRE_FLASH_SIZE - 1, WIRE_FLASH_SIZE + 1,
                                   SIM_SAVED_FLASH_SIZE - 1, SIM_SAVED_FLASH_SIZE + 1};
  static const uint8_t none[] = {SIM_CELLS_WEAK + 1, 0xff};
  SimChip *chip = new_torn();
  SimChip *other = bench_new();
  uint64_t hash = sim_chip_hash_flash(other);
  sim_chip_save_flash(chip, saved);
  for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
    assert_false(sim_chip_restore_flash(other, saved, lengths[i]));
  for (unsigned line = 0; line < SIM_LINE_COUNT; line += 2047) {
    uint8_t *cells = saved + WIRE_FLASH_SIZE + line, good = *cells;
    for (unsigned i = 0; i < 2; i++) {
      *cells = none[i];
      assert_false(sim_chip_restore_flash(other, saved, SIM_SAVED_FLASH_SIZE));
    }
    *cells = good;
  }
  static const struct {
    uint32_t addr;
    uint8_t cells;
  } lies[] = {{0, SIM_CELLS_BLANK}, {0x4000, SIM_CELLS_PROGRAMMED}};
  for (unsigned i = 0; i < 2; i++) {
    uint8_t *cells = saved + WIRE_FLASH_SIZE + lies[i].addr / 16, good = *cells;
    *cells = lies[i].cells;
    assert_false(sim_chip_restore_flash(other, saved, SIM_SAVED_FLASH_SIZE));
    *cells = good;
  }
  assert_true(sim_chip_hash_flash(other) == hash);
  assert_true(sim_chip_restore_flash(other, saved, SIM_SAVED_FLASH_SIZE));
  sim_chip_free(chip);
  sim_chip_free(other);
}

static void a_copy_of_weak_flash_changes_as_the_original_does(void **state)
{
  (void)state;
  SimChip *chip = new_torn();
  SimChip *copy = bench_new();
  uint64_t hash = sim_chip_hash_flash(chip);
  sim_chip_copy(copy, chip);
  for (unsigned i = 0; i < 8; i++) {
    SimChip *both[2] = {chip, copy};
    for (unsigned j = 0; j < 2; j++) {
      sim_chip_power_on(both[j]);
      sim_chip_power_off(both[j]);
    }
    assert_true(sim_chip_hash_flash(copy) == sim_chip_hash_flash(chip));
  }
  assert_true(sim_chip_hash_flash(chip) != hash);
  sim_chip_free(chip);
  sim_chip_free(copy);
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
      cmocka_unit_test(the_hook_hears_of_what_is_done_but_not_of_what_is_torn_or_refused),
      cmocka_unit_test(a_refused_operation_answers_busy_at_once_and_stays_prepared),
      cmocka_unit_test(a_weak_operation_reads_right_and_changes_at_some_later_reset),
      cmocka_unit_test(a_weak_program_weakens_what_it_wrote_and_not_what_it_left_blank),
      cmocka_unit_test(a_bad_erase_leaves_a_line_that_is_not_blank),
      cmocka_unit_test(the_hash_sees_every_bit_and_the_cells),
      cmocka_unit_test(a_saved_flash_is_restored_with_its_cells),
      cmocka_unit_test(what_cannot_be_a_saved_flash_is_refused_and_changes_nothing),
      cmocka_unit_test(a_copy_of_weak_flash_changes_as_the_original_does),
      cmocka_unit_test(the_boot_block_is_readable_and_stays),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
