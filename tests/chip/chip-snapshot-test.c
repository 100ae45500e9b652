/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The same inputs at the same cycles give the same run: twice, in slices, and from a snapshot.
 */

#include "chip-bench.h"

#include <stdlib.h>
#include <string.h>

/* A busy chip: timer interrupts, an erase under way, bytes coming and going. */
static SimChip *new_busy(void)
{
  SimChip *chip = bench_new_started();
  bench_setup_uart(chip, 6, 1);
  bench_install_irq(chip, 3333);
  bench_poke(chip, WDTC, 5000000);
  bench_poke(chip, WDMOD, 3);
  bench_poke(chip, WDFEED, 0xaa);
  bench_poke(chip, WDFEED, 0x55);
  assert_int_equal(bench_prepare(chip, 2, 3), 0);
  uint8_t bytes[100];
  for (unsigned i = 0; i < sizeof bytes; i++)
    bytes[i] = (uint8_t)i;
  sim_chip_line_send(chip, bytes, sizeof bytes);
  for (unsigned i = 0; i < 9; i++)
    bench_poke(chip, U0THR, 'a' + i);
  bench_iap_begin(chip, (uint32_t[5]){52, 2, 3, 11059});
  return chip;
}

static void assert_equal_chips(SimChip *one, SimChip *two)
{
  assert_int_equal(one->cpu.cycles, two->cpu.cycles);
  assert_int_equal(one->cpu.instructions, two->cpu.instructions);
  assert_memory_equal(one->cpu.r, two->cpu.r, sizeof one->cpu.r);
  assert_int_equal(one->cpu.cpsr, two->cpu.cpsr);
  assert_memory_equal(one->ram, two->ram, sizeof one->ram);
  assert_memory_equal(one->flash_bytes, two->flash_bytes, sizeof one->flash_bytes);
  assert_memory_equal(one->cells, two->cells, sizeof one->cells);
  assert_memory_equal(one->events, two->events, sizeof one->events);
  assert_memory_equal(one->reports, two->reports, sizeof one->reports);
  assert_memory_equal(one->uart, two->uart, sizeof one->uart);
  assert_memory_equal(&one->vic, &two->vic, sizeof one->vic);
  assert_int_equal(one->random, two->random);
  uint8_t bytes_one[200], bytes_two[200];
  size_t length = sim_chip_line_receive(one, bytes_one, sizeof bytes_one);
  assert_int_equal(sim_chip_line_receive(two, bytes_two, sizeof bytes_two), length);
  assert_memory_equal(bytes_one, bytes_two, length);
}

static void two_runs_with_the_same_inputs_are_the_same(void **state)
{
  (void)state;
  SimChip *one = new_busy();
  SimChip *two = new_busy();
  sim_chip_run_until(one, 3000000);
  sim_chip_run_until(two, 3000000);
  assert_true(bench_get_word(one, BENCH_COUNTER) > 500);
  assert_equal_chips(one, two);
  sim_chip_free(one);
  sim_chip_free(two);
}

static void a_run_in_slices_is_the_same_run(void **state)
{
  (void)state;
  SimChip *one = new_busy();
  SimChip *two = new_busy();
  sim_chip_run_until(one, 3000000);
  uint64_t slice = 1;
  for (uint64_t cycle = sim_chip_get_cycle(two); cycle < 3000000; cycle += slice) {
    sim_chip_run_until(two, cycle);
    slice = (slice * 7 + 3) % 1009 + 1;
  }
  sim_chip_run_until(two, 3000000);
  assert_equal_chips(one, two);
  sim_chip_free(one);
  sim_chip_free(two);
}

static void a_fetch_stalled_by_busy_flash_is_the_same_run_in_slices(void **state)
{
  (void)state;
  SimChip *one = new_busy();
  bench_pass(one, 5000);
  while (sim_chip_get_pc(one) < SIM_BOOT_ADDR) /* out of the handler, back in the ROM */
    sim_chip_step(one);
  one->system.memmap = 1; /* the next interrupt goes to flash */
  SimChipConfig config;
  sim_chip_config_init(&config);
  SimChip *two = sim_chip_new(&config);
  sim_chip_copy(two, one);
  sim_chip_run_until(one, 3000000);
  assert_int_equal(sim_chip_count_reports(one, SIM_REPORT_FETCH_WHILE_BUSY), 1);
  for (uint64_t cycle = sim_chip_get_cycle(two); cycle < 3000000; cycle += 97)
    sim_chip_run_until(two, cycle);
  sim_chip_run_until(two, 3000000);
  assert_equal_chips(one, two);
  sim_chip_free(one);
  sim_chip_free(two);
}

static void steps_make_the_same_run(void **state)
{
  (void)state;
  SimChip *one = new_busy();
  SimChip *two = new_busy();
  while (sim_chip_get_cycle(two) < 2000000)
    sim_chip_step(two);
  sim_chip_run_until(one, sim_chip_get_cycle(two));
  assert_equal_chips(one, two);
  sim_chip_free(one);
  sim_chip_free(two);
}

static void a_restored_snapshot_goes_on_as_the_original_did(void **state)
{
  (void)state;
  SimChipConfig config;
  sim_chip_config_init(&config);
  SimChip *chip = new_busy();
  for (unsigned i = 0; i < 20; i++) {
    bench_pass(chip, 77777);
    SimChip *snapshot = sim_chip_new(&config);
    SimChip *other = sim_chip_new(&config);
    sim_chip_copy(snapshot, chip);
    bench_pass(chip, 200000);
    sim_chip_copy(other, snapshot);
    bench_pass(other, 200000);
    assert_equal_chips(chip, other);
    sim_chip_copy(chip, snapshot); /* and back into itself */
    sim_chip_copy(other, chip);
    sim_chip_free(snapshot);
    bench_pass(chip, 200000);
    bench_pass(other, 200000);
    assert_equal_chips(chip, other);
    sim_chip_free(other);
  }
  sim_chip_free(chip);
}

static void a_snapshot_in_slow_flash_keeps_the_cost_of_the_next_fetch(void **state)
{
  (void)state;
  SimChipConfig config;
  sim_chip_config_init(&config);
  for (uint32_t mamcr = 0; mamcr < 3; mamcr++) {
    SimChip *chip = bench_new_started();
    SimChip *copy = sim_chip_new(&config);
    bench_poke(chip, MAMTIM, 5);
    bench_poke(chip, MAMCR, mamcr);
    chip->cpu.r[15] = 0;
    bench_pass(chip, 1000);
    sim_chip_copy(copy, chip);
    bench_pass(chip, 1000);
    bench_pass(copy, 1000);
    assert_equal_chips(chip, copy);
    sim_chip_free(chip);
    sim_chip_free(copy);
  }
}

static SimFlashFate cut(void *context, const SimFlashOperation *operation, uint8_t *depth)
{
  (void)operation;
  (void)depth;
  ++*(unsigned *)context;
  return SIM_FLASH_CUT_BEFORE;
}

static void hooks_stay_those_of_the_copy(void **state)
{
  (void)state;
  unsigned cuts = 0;
  SimChip *chip = bench_new_started();
  SimChipConfig config;
  sim_chip_config_init(&config);
  config.hooks.context = &cuts;
  config.hooks.flash_operation = cut;
  SimChip *copy = sim_chip_new(&config);
  sim_chip_copy(copy, chip);
  assert_int_equal(bench_erase(chip, 1, 1), 0);
  bench_erase(copy, 1, 1);
  assert_int_equal(cuts, 1);
  assert_false(sim_chip_is_powered(copy));
  assert_true(sim_chip_is_powered(chip));
  sim_chip_free(chip);
  sim_chip_free(copy);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_runs_with_the_same_inputs_are_the_same),
      cmocka_unit_test(a_run_in_slices_is_the_same_run),
      cmocka_unit_test(a_fetch_stalled_by_busy_flash_is_the_same_run_in_slices),
      cmocka_unit_test(steps_make_the_same_run),
      cmocka_unit_test(a_restored_snapshot_goes_on_as_the_original_did),
      cmocka_unit_test(a_snapshot_in_slow_flash_keeps_the_cost_of_the_next_fetch),
      cmocka_unit_test(hooks_stay_those_of_the_copy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
