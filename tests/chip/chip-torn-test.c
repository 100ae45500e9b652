/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What a power cut or a reset in the middle leaves of the flash.
 */

#include "chip-bench.h"

#include <stdlib.h>
#include <string.h>

enum {
  SOURCE = BENCH_SOURCE,
  KHZ = BENCH_KHZ,
  SECTOR_3 = BENCH_SECTOR_3,
  LINES = WIRE_SECTOR_SIZE / 16, /* of a sector */
  SEEDS = 256,
};

static bool is_full_of(const uint8_t *bytes, unsigned length, uint8_t byte)
{
  for (unsigned i = 0; i < length; i++)
    if (bytes[i] != byte)
      return false;
  return true;
}

/* ---- A torn erase ---- */

typedef struct {
  unsigned old, blank, other, weak_old, weak_blank;
} Lines;

static Lines count_lines(SimChip *chip)
{
  Lines lines = {0};
  for (uint32_t addr = SECTOR_3; addr < SECTOR_3 + WIRE_SECTOR_SIZE; addr += 16) {
    bool weak = chip->cells[addr / 16] == SIM_CELLS_WEAK;
    bool old = is_full_of(sim_chip_flash(chip) + addr, 16, BENCH_OLD);
    bool blank = is_full_of(sim_chip_flash(chip) + addr, 16, 0xff);
    lines.old += old;
    lines.blank += blank;
    lines.other += !old && !blank;
    lines.weak_old += old && weak;
    lines.weak_blank += blank && weak;
    if (!old && !blank)
      assert_true(weak);
  }
  return lines;
}

/* Cut in the middle of erasing sector 3. */
static SimChip *new_with_torn_erase(uint64_t seed, uint8_t depth)
{
  BenchPlan plan = {
      .kind = SIM_FLASH_ERASE, .number = 1, .fate = SIM_FLASH_CUT_INSIDE, .depth = depth};
  SimChip *chip = bench_new_with_plan(&plan, seed);
  bench_erase(chip, 3, 3);
  assert_int_equal(plan.fired, 1);
  assert_false(sim_chip_is_powered(chip));
  chip->config.hooks = (SimChipHooks){.context = NULL}; /* the plan ends here */
  return chip;
}

static void a_torn_erase_leaves_a_mixture_or_what_looks_erased_or_untouched(void **state)
{
  (void)state;
  unsigned mixed = 0, all_weak = 0, most_weak = 0, untouched = 0;
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    SimChip *chip = new_with_torn_erase(seed, 128);
    Lines lines = count_lines(chip);
    if (lines.blank == LINES) {
      assert_true(lines.weak_blank > LINES / 2);
      all_weak += lines.weak_blank == LINES;
      most_weak += lines.weak_blank < LINES;
    } else if (lines.old == LINES) {
      assert_true(lines.weak_old > LINES / 2);
      untouched++;
    } else {
      assert_true(lines.old > 20 && lines.blank > 100 && lines.other > 20);
      assert_true(lines.weak_old > 0 && lines.weak_old < lines.old / 2);
      assert_true(lines.weak_blank > 5 && lines.weak_blank < lines.blank / 2);
      mixed++;
    }
    assert_int_equal(sim_chip_flash(chip)[SECTOR_3 - 1], 0xff);
    assert_int_equal(sim_chip_flash(chip)[SECTOR_3 + WIRE_SECTOR_SIZE], 0xff);
    sim_chip_free(chip);
  }
  assert_int_equal(mixed + all_weak + most_weak + untouched, SEEDS);
  assert_in_range(all_weak, SEEDS / 32, SEEDS / 8);
  assert_in_range(most_weak, SEEDS / 32, SEEDS / 8);
  assert_in_range(untouched, SEEDS / 32, SEEDS / 8);
}

static void the_seed_alone_says_how_an_erase_is_torn(void **state)
{
  (void)state;
  unsigned different = 0;
  uint64_t before = 0;
  for (uint64_t seed = 0; seed < 16; seed++) {
    SimChip *one = new_with_torn_erase(seed, 70);
    SimChip *two = new_with_torn_erase(seed, 70);
    uint64_t hash = sim_chip_hash_flash(one);
    assert_true(sim_chip_hash_flash(two) == hash);
    different += hash != before;
    before = hash;
    sim_chip_free(one);
    sim_chip_free(two);
  }
  assert_true(different > 8);
}

/* This is what makes a blank check worthless after an unknown history. */
static void a_torn_sector_may_pass_a_blank_check_and_then_not_take_a_program(void **state)
{
  (void)state;
  unsigned passed = 0;
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    SimChip *chip = new_with_torn_erase(seed, 128);
    bench_start(chip);
    if (bench_iap(chip, (uint32_t[5]){53, 3, 3}, NULL) == 0) {
      passed++;
      bench_fill_source(chip, 4096);
      assert_int_equal(bench_program(chip, SECTOR_3, SOURCE, 4096), 0);
      assert_memory_not_equal(sim_chip_flash(chip) + SECTOR_3, sim_chip_ram(chip) + 0x800, 4096);
      assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_LINE_PROGRAMMED_TWICE), 0);
    }
    sim_chip_free(chip);
  }
  assert_in_range(passed, 3, SEEDS / 8);
}

static void a_cut_before_an_erase_leaves_all_as_it_was(void **state)
{
  (void)state;
  BenchPlan plan = {.kind = SIM_FLASH_ERASE, .number = 1, .fate = SIM_FLASH_CUT_BEFORE};
  SimChip *chip = bench_new_with_plan(&plan, 1);
  bench_erase(chip, 3, 3);
  assert_false(sim_chip_is_powered(chip));
  assert_int_equal(plan.fired, 1);
  for (unsigned i = 0; i < WIRE_SECTOR_SIZE; i++)
    assert_int_equal(sim_chip_flash(chip)[SECTOR_3 + i], BENCH_OLD);
  sim_chip_free(chip);
}

static void a_cut_after_an_erase_leaves_it_done(void **state)
{
  (void)state;
  BenchPlan plan = {.kind = SIM_FLASH_ERASE, .number = 1, .fate = SIM_FLASH_CUT_AFTER};
  SimChip *chip = bench_new_with_plan(&plan, 1);
  bench_erase(chip, 3, 3);
  assert_false(sim_chip_is_powered(chip));
  for (unsigned i = 0; i < WIRE_SECTOR_SIZE; i++)
    assert_int_equal(sim_chip_flash(chip)[SECTOR_3 + i], 0xff);
  sim_chip_free(chip);
}

static void an_erase_after_a_torn_one_makes_the_sector_good(void **state)
{
  (void)state;
  BenchPlan plan = {
      .kind = SIM_FLASH_ERASE, .number = 1, .fate = SIM_FLASH_CUT_INSIDE, .depth = 200};
  SimChip *chip = bench_new_with_plan(&plan, 1);
  bench_erase(chip, 3, 3);
  assert_false(sim_chip_is_powered(chip));
  bench_start(chip);
  bench_fill_source(chip, 512);
  assert_int_equal(bench_erase(chip, 3, 3), 0);
  for (unsigned block = 0; block < WIRE_BLOCKS_PER_SECTOR; block++) {
    uint32_t addr = SECTOR_3 + block * WIRE_BLOCK_SIZE;
    assert_int_equal(bench_program(chip, addr, SOURCE, 512), 0);
    assert_memory_equal(sim_chip_flash(chip) + addr, sim_chip_ram(chip) + 0x800, 512);
  }
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_LINE_PROGRAMMED_TWICE), 0);
  sim_chip_free(chip);
}

static void a_cut_happens_at_its_depth_in_time(void **state)
{
  (void)state;
  BenchPlan plan = {
      .kind = SIM_FLASH_ERASE, .number = 1, .fate = SIM_FLASH_CUT_INSIDE, .depth = 64};
  SimChip *chip = bench_new_with_plan(&plan, 1);
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

/* ---- A torn program ---- */

enum { TORN_LINE = 16, TORN_ADDR = 0x2000 + 16 * TORN_LINE };

typedef enum { SEEN, NOT_SEEN, READS_RIGHT, WAYS } Way;

/* Cut in the middle of programming the block at 0x2000. */
static SimChip *new_with_torn_program(uint64_t seed, Way *way)
{
  BenchPlan plan = {
      .kind = SIM_FLASH_PROGRAM, .number = 1, .fate = SIM_FLASH_CUT_INSIDE, .depth = 128};
  SimChip *chip = bench_new_with_plan(&plan, seed);
  bench_fill_source(chip, 512);
  bench_program(chip, 0x2000, SOURCE, 512);
  assert_int_equal(plan.fired, 1);
  assert_false(sim_chip_is_powered(chip));
  chip->config.hooks = (SimChipHooks){.context = NULL}; /* the plan ends here */
  const uint8_t *flash = sim_chip_flash(chip) + TORN_ADDR;
  const uint8_t *data = sim_chip_ram(chip) + 0x800 + 16 * TORN_LINE;
  *way = is_full_of(flash, 16, 0xff) ? NOT_SEEN : memcmp(flash, data, 16) == 0 ? READS_RIGHT : SEEN;
  return chip;
}

static void a_torn_program_leaves_good_lines_one_touched_and_blank_ones(void **state)
{
  (void)state;
  unsigned ways[WAYS] = {0};
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    Way way;
    SimChip *chip = new_with_torn_program(seed, &way);
    const uint8_t *flash = sim_chip_flash(chip) + 0x2000;
    assert_memory_equal(flash, sim_chip_ram(chip) + 0x800, 16 * TORN_LINE);
    assert_true(is_full_of(flash + 16 * (TORN_LINE + 1), 512 - 16 * (TORN_LINE + 1), 0xff));
    assert_int_equal(chip->cells[TORN_ADDR / 16], way == SEEN ? SIM_CELLS_BROKEN : SIM_CELLS_WEAK);
    assert_int_equal(chip->cells[TORN_ADDR / 16 - 1], SIM_CELLS_PROGRAMMED);
    assert_int_equal(chip->cells[TORN_ADDR / 16 + 1], SIM_CELLS_BLANK);
    ways[way]++;
    sim_chip_free(chip);
  }
  assert_in_range(ways[NOT_SEEN], SEEDS / 16, SEEDS / 4);
  assert_in_range(ways[READS_RIGHT], SEEDS / 16, SEEDS / 4);
  assert_true(ways[SEEN] > SEEDS / 2);
}

static void the_depth_says_how_many_lines_are_good(void **state)
{
  (void)state;
  for (unsigned depth = 0; depth < 256; depth += 51) {
    BenchPlan plan = {.kind = SIM_FLASH_PROGRAM,
                      .number = 1,
                      .fate = SIM_FLASH_CUT_INSIDE,
                      .depth = (uint8_t)depth};
    SimChip *chip = bench_new_with_plan(&plan, 1);
    bench_fill_source(chip, 512);
    bench_program(chip, 0x2000, SOURCE, 512);
    assert_false(sim_chip_is_powered(chip));
    for (unsigned line = 0; line < 32; line++) {
      uint8_t cells = chip->cells[0x2000 / 16 + line];
      if (line == 32 * depth / 256)
        assert_true(cells == SIM_CELLS_BROKEN || cells == SIM_CELLS_WEAK);
      else
        assert_int_equal(cells, line < 32 * depth / 256 ? SIM_CELLS_PROGRAMMED : SIM_CELLS_BLANK);
    }
    sim_chip_free(chip);
  }
}

static void a_torn_line_goes_wrong_when_programmed_and_is_reported_if_it_could_be_seen(void **state)
{
  (void)state;
  unsigned seen[2] = {0};
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    Way way;
    SimChip *chip = new_with_torn_program(seed, &way);
    bench_start(chip);
    bool reads_blank = is_full_of(sim_chip_flash(chip) + TORN_ADDR, 16, 0xff);
    memset(sim_chip_ram(chip) + 0x800, 0xff, 512);
    memset(sim_chip_ram(chip) + 0x800 + 16 * TORN_LINE, 0x5a, 16);
    assert_int_equal(bench_program(chip, 0x2000, SOURCE, 512), 0);
    assert_int_equal(chip->cells[TORN_ADDR / 16], SIM_CELLS_BROKEN);
    assert_false(is_full_of(sim_chip_flash(chip) + TORN_ADDR, 16, 0x5a));
    assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_LINE_PROGRAMMED_TWICE), !reads_blank);
    seen[reads_blank]++;
    sim_chip_free(chip);
  }
  assert_true(seen[0] > SEEDS / 2 && seen[1] > SEEDS / 32);
}

static void a_torn_line_that_reads_right_may_read_otherwise_after_a_reset(void **state)
{
  (void)state;
  unsigned right = 0, changed_at_once = 0, changed = 0;
  for (uint64_t seed = 0; seed < SEEDS; seed++) {
    Way way;
    SimChip *chip = new_with_torn_program(seed, &way);
    uint64_t hash = sim_chip_hash_flash(chip);
    sim_chip_power_on(chip);
    changed_at_once += way == READS_RIGHT && sim_chip_hash_flash(chip) != hash;
    for (unsigned i = 0; i < 30; i++)
      sim_chip_reset_pin(chip);
    right += way == READS_RIGHT;
    changed += way == READS_RIGHT && sim_chip_hash_flash(chip) != hash;
    if (way == SEEN)
      assert_true(sim_chip_hash_flash(chip) == hash);
    sim_chip_free(chip);
  }
  assert_true(changed_at_once > 0 && changed_at_once < right / 2);
  assert_true(changed > right / 2);
}

/* ---- Torn by a reset ---- */

static void erase_and_wait(SimChip *chip, uint64_t cycles)
{
  bench_poke(chip, WDTC, 5000000);
  bench_poke(chip, WDMOD, 3);
  bench_poke(chip, WDFEED, 0xaa);
  bench_poke(chip, WDFEED, 0x55);
  bench_prepare(chip, 3, 3);
  bench_iap_begin(chip, (uint32_t[5]){52, 3, 3, KHZ});
  sim_chip_step(chip);
  assert_true(chip->flash.busy);
  sim_chip_run_until(chip, chip->flash.begin + cycles);
}

static void pin_and_watchdog_tear_an_erase_as_power_does(void **state)
{
  (void)state;
  for (uint64_t seed = 0; seed < 32; seed++) {
    BenchPlan plan = {0};
    SimChip *chip = bench_new_with_plan(&plan, seed);
    SimChip *pin = bench_new(), *dog = bench_new();
    erase_and_wait(chip, 50 * KHZ);
    uint64_t hash = sim_chip_hash_flash(chip);
    sim_chip_copy(pin, chip);
    sim_chip_copy(dog, chip);
    sim_chip_power_off(chip);
    assert_true(sim_chip_hash_flash(chip) != hash);
    sim_chip_power_on(chip);
    sim_chip_reset_pin(pin);
    assert_true(sim_chip_watchdog_bite(dog));
    assert_true(sim_chip_hash_flash(pin) == sim_chip_hash_flash(chip));
    assert_true(sim_chip_hash_flash(dog) == sim_chip_hash_flash(chip));
    assert_false(pin->flash.busy || dog->flash.busy);
    assert_int_equal(pin->flash.prepared, 0);
    assert_int_equal(plan.done, 0);
    sim_chip_run_until(dog, sim_chip_get_cycle(dog) + 200 * KHZ); /* and nothing comes later */
    assert_true(sim_chip_hash_flash(dog) == sim_chip_hash_flash(chip));
    sim_chip_free(chip);
    sim_chip_free(pin);
    sim_chip_free(dog);
  }
}

static void a_watchdog_that_runs_out_tears_at_that_depth(void **state)
{
  (void)state;
  SimChip *cut = new_with_torn_erase(5, 128);
  BenchPlan plan = {0};
  SimChip *chip = bench_new_with_plan(&plan, 5);
  /* A 256th is 4320 cycles; the count ends some hundred after the 128th began. */
  bench_poke(chip, WDTC, 50 * KHZ / 4 + 250);
  bench_poke(chip, WDMOD, 3);
  bench_poke(chip, WDFEED, 0xaa);
  bench_poke(chip, WDFEED, 0x55);
  bench_prepare(chip, 3, 3);
  bench_iap_begin(chip, (uint32_t[5]){52, 3, 3, KHZ});
  bench_pass(chip, 100 * KHZ);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_WATCHDOG_RESET), 1);
  sim_chip_power_on(cut);
  assert_true(count_lines(chip).old < LINES && count_lines(chip).blank < LINES);
  assert_true(sim_chip_hash_flash(chip) == sim_chip_hash_flash(cut));
  sim_chip_free(chip);
  sim_chip_free(cut);
}

static void a_reset_in_a_program_leaves_the_lines_that_were_written_by_then(void **state)
{
  (void)state;
  for (unsigned way = 0; way < 3; way++) {
    BenchPlan plan = {0};
    SimChip *chip = bench_new_with_plan(&plan, 1);
    bench_fill_source(chip, 512);
    bench_poke(chip, WDMOD, 3);
    bench_poke(chip, WDTC, 5000000);
    bench_poke(chip, WDFEED, 0xaa);
    bench_poke(chip, WDFEED, 0x55);
    bench_prepare(chip, 1, 1);
    bench_iap_begin(chip, (uint32_t[5]){51, 0x2000, SOURCE, 512, KHZ});
    sim_chip_step(chip);
    sim_chip_run_until(chip, chip->flash.begin + KHZ * 10 / 32 + KHZ / 64);
    if (way == 0)
      sim_chip_power_off(chip);
    else if (way == 1)
      sim_chip_reset_pin(chip);
    else
      assert_true(sim_chip_watchdog_bite(chip));
    for (unsigned line = 0; line < 32; line++)
      if (line != 10)
        assert_int_equal(chip->cells[0x2000 / 16 + line],
                         line < 10 ? SIM_CELLS_PROGRAMMED : SIM_CELLS_BLANK);
    assert_true(chip->cells[0x2000 / 16 + 10] >= SIM_CELLS_BROKEN);
    sim_chip_free(chip);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_torn_erase_leaves_a_mixture_or_what_looks_erased_or_untouched),
      cmocka_unit_test(the_seed_alone_says_how_an_erase_is_torn),
      cmocka_unit_test(a_torn_sector_may_pass_a_blank_check_and_then_not_take_a_program),
      cmocka_unit_test(a_cut_before_an_erase_leaves_all_as_it_was),
      cmocka_unit_test(a_cut_after_an_erase_leaves_it_done),
      cmocka_unit_test(an_erase_after_a_torn_one_makes_the_sector_good),
      cmocka_unit_test(a_cut_happens_at_its_depth_in_time),
      cmocka_unit_test(a_torn_program_leaves_good_lines_one_touched_and_blank_ones),
      cmocka_unit_test(the_depth_says_how_many_lines_are_good),
      cmocka_unit_test(a_torn_line_goes_wrong_when_programmed_and_is_reported_if_it_could_be_seen),
      cmocka_unit_test(a_torn_line_that_reads_right_may_read_otherwise_after_a_reset),
      cmocka_unit_test(pin_and_watchdog_tear_an_erase_as_power_does),
      cmocka_unit_test(a_watchdog_that_runs_out_tears_at_that_depth),
      cmocka_unit_test(a_reset_in_a_program_leaves_the_lines_that_were_written_by_then),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
