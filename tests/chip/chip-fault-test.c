/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The virtual substation's faults in flash, without any firmware; and its hooks.
 */

#include "chip-bench.h"

#include "substation.h"

#include <stdlib.h>
#include <string.h>

enum { SOURCE = BENCH_SOURCE, BLOCK_ADDR = 0x4400, BLOCK = 0x4400 / 512, BUSY = 11 };

typedef struct {
  unsigned told[SIM_FAULT_COUNT];
  uint32_t number; /* of the last */
  unsigned asked, done;
  SimFlashFate fate;
} Watch;

static void note_fault(void *context, SimFaultKind kind, uint32_t number)
{
  Watch *watch = context;
  watch->told[kind]++;
  watch->number = number;
}

static SimFlashFate decide(void *context, const SimFlashOperation *operation, uint8_t *depth)
{
  Watch *watch = context;
  (void)operation;
  (void)depth;
  watch->asked++;
  return watch->fate;
}

static void note_done(void *context, const SimFlashOperation *operation)
{
  Watch *watch = context;
  (void)operation;
  watch->done++;
}

static SimSubstation *new_started(Watch *watch)
{
  SimSubstationConfig config;
  sim_substation_config_init(&config);
  config.context = watch;
  config.fault_fired = note_fault;
  config.chip.hooks =
      (SimChipHooks){.context = watch, .flash_operation = decide, .flash_done = note_done};
  SimSubstation *substation = sim_substation_new(&config);
  assert_non_null(substation);
  SimChip *chip = sim_substation_get_chip(substation);
  bench_put_vectors(chip);
  bench_start(chip);
  bench_fill_source(chip, 1024);
  return substation;
}

static bool holds(SimChip *chip, uint32_t addr)
{
  return memcmp(sim_chip_flash(chip) + addr, sim_chip_ram(chip) + 0x800, 512) == 0;
}

static void each_kind_has_a_name_of_its_own_and_a_range(void **state)
{
  (void)state;
  assert_null(sim_fault_name(SIM_FAULT_COUNT));
  for (SimFaultKind kind = 0; kind < SIM_FAULT_COUNT; kind++) {
    uint32_t first, last;
    for (SimFaultKind other = 0; other < kind; other++)
      assert_string_not_equal(sim_fault_name(kind), sim_fault_name(other));
    sim_fault_get_range(kind, &first, &last);
    bool is_block = kind == SIM_FAULT_WORN_BLOCK || kind == SIM_FAULT_WEAK_BLOCK;
    uint32_t most = kind == SIM_FAULT_NOISE     ? 100000
                    : kind == SIM_FAULT_LATENCY ? 1000
                                                : UINT32_MAX;
    assert_int_equal(last, is_block ? 239 : most);
    assert_int_equal(first, is_block || kind == SIM_FAULT_SILENT_AFTER ? 0 : 1);
  }
}

static void a_number_that_the_kind_does_not_take_is_refused(void **state)
{
  (void)state;
  Watch watch = {.fate = SIM_FLASH_GOES_WELL};
  SimSubstation *substation = new_started(&watch);
  assert_false(sim_substation_add_fault(substation, SIM_FAULT_WORN_BLOCK, 240));
  assert_false(sim_substation_add_fault(substation, SIM_FAULT_REFUSE_ERASE, 0));
  for (unsigned i = 0; i < SIM_FAULTS_MAX; i++)
    assert_true(sim_substation_add_fault(substation, SIM_FAULT_WEAK_BLOCK, i));
  assert_false(sim_substation_add_fault(substation, SIM_FAULT_WEAK_BLOCK, 100));
  sim_substation_free(substation);
}

static void a_worn_block_never_holds_and_is_told_once(void **state)
{
  (void)state;
  Watch watch = {.fate = SIM_FLASH_GOES_WELL};
  SimSubstation *substation = new_started(&watch);
  SimChip *chip = sim_substation_get_chip(substation);
  assert_true(sim_substation_add_fault(substation, SIM_FAULT_WORN_BLOCK, BLOCK));
  for (unsigned i = 1; i <= 4; i++) {
    assert_int_equal(bench_erase(chip, 2, 2), 0);
    assert_int_equal(bench_program(chip, BLOCK_ADDR - 512, SOURCE, 512), 0);
    assert_int_equal(bench_program(chip, BLOCK_ADDR, SOURCE, 512), 0);
    assert_int_equal(bench_program(chip, BLOCK_ADDR + 512, SOURCE, 512), 0);
    assert_false(holds(chip, BLOCK_ADDR));
    assert_true(holds(chip, BLOCK_ADDR - 512) && holds(chip, BLOCK_ADDR + 512));
    assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_WORN_BLOCK), i);
  }
  assert_int_equal(watch.told[SIM_FAULT_WORN_BLOCK], 1);
  assert_int_equal(watch.number, BLOCK);
  sim_substation_free(substation);
}

static void a_worn_block_is_met_by_a_program_of_several_blocks(void **state)
{
  (void)state;
  Watch watch = {.fate = SIM_FLASH_GOES_WELL};
  SimSubstation *substation = new_started(&watch);
  SimChip *chip = sim_substation_get_chip(substation);
  sim_substation_add_fault(substation, SIM_FAULT_WORN_BLOCK, BLOCK);
  bench_program(chip, BLOCK_ADDR - 1024, SOURCE, 1024);
  assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_WORN_BLOCK), 0);
  bench_program(chip, BLOCK_ADDR, SOURCE, 1024);
  assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_WORN_BLOCK), 1);
  bench_erase(chip, 2, 2);
  bench_program(chip, BLOCK_ADDR - 512, SOURCE, 1024);
  assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_WORN_BLOCK), 2);
  sim_substation_free(substation);
}

static void a_weak_block_holds_until_some_reset_each_time(void **state)
{
  (void)state;
  Watch watch = {.fate = SIM_FLASH_GOES_WELL};
  SimSubstation *substation = new_started(&watch);
  SimChip *chip = sim_substation_get_chip(substation);
  sim_substation_add_fault(substation, SIM_FAULT_WEAK_BLOCK, BLOCK);
  for (unsigned i = 1; i <= 2; i++) {
    bench_erase(chip, 2, 2);
    bench_fill_source(chip, 512);
    assert_int_equal(bench_program(chip, BLOCK_ADDR, SOURCE, 512), 0);
    assert_true(holds(chip, BLOCK_ADDR));
    assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_WEAK_BLOCK), i);
    uint64_t hash = sim_chip_hash_flash(chip);
    unsigned resets = 0;
    for (; sim_chip_hash_flash(chip) == hash && resets < 100; resets++)
      sim_chip_reset_pin(chip);
    assert_in_range(resets, 1, 99);
    bench_boot(chip);
    bench_park(chip);
  }
  assert_int_equal(watch.told[SIM_FAULT_WEAK_BLOCK], 1);
  sim_substation_free(substation);
}

static void the_nth_erase_and_program_are_refused_once(void **state)
{
  (void)state;
  Watch watch = {.fate = SIM_FLASH_GOES_WELL};
  SimSubstation *substation = new_started(&watch);
  SimChip *chip = sim_substation_get_chip(substation);
  sim_substation_add_fault(substation, SIM_FAULT_REFUSE_ERASE, 2);
  sim_substation_add_fault(substation, SIM_FAULT_REFUSE_PROGRAM, 1);
  assert_int_equal(bench_program(chip, BLOCK_ADDR, SOURCE, 512), BUSY);
  assert_false(holds(chip, BLOCK_ADDR));
  assert_int_equal(bench_program(chip, BLOCK_ADDR, SOURCE, 512), 0);
  assert_int_equal(bench_erase(chip, 3, 3), 0);
  assert_int_equal(bench_erase(chip, 2, 2), BUSY);
  assert_true(holds(chip, BLOCK_ADDR));
  assert_int_equal(bench_erase(chip, 2, 2), 0);
  assert_false(holds(chip, BLOCK_ADDR));
  assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_REFUSE_ERASE), 1);
  assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_REFUSE_PROGRAM), 1);
  sim_substation_free(substation);
}

static void the_nth_erase_goes_bad_once(void **state)
{
  (void)state;
  Watch watch = {.fate = SIM_FLASH_GOES_WELL};
  SimSubstation *substation = new_started(&watch);
  SimChip *chip = sim_substation_get_chip(substation);
  sim_substation_add_fault(substation, SIM_FAULT_BAD_ERASE, 1);
  assert_int_equal(bench_erase(chip, 2, 2), 0);
  assert_int_equal(bench_iap(chip, (uint32_t[5]){53, 2, 2}, NULL), 8);
  assert_int_equal(bench_erase(chip, 2, 2), 0);
  assert_int_equal(bench_iap(chip, (uint32_t[5]){53, 2, 2}, NULL), 0);
  assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_BAD_ERASE), 1);
  sim_substation_free(substation);
}

static void power_fails_in_the_nth_erase_and_comes_back(void **state)
{
  (void)state;
  Watch watch = {.fate = SIM_FLASH_GOES_WELL};
  SimSubstation *substation = new_started(&watch);
  SimChip *chip = sim_substation_get_chip(substation);
  sim_substation_add_fault(substation, SIM_FAULT_POWER_CUT_ERASE, 1);
  bench_prepare(chip, 2, 2);
  bench_iap_begin(chip, (uint32_t[5]){52, 2, 2, BENCH_KHZ});
  uint64_t begin = sim_chip_get_cycle(chip);
  sim_substation_run_until(substation, begin + 50 * BENCH_KHZ - 100);
  assert_true(sim_chip_is_powered(chip));
  sim_substation_run_until(substation, begin + 50 * BENCH_KHZ + 100);
  assert_false(sim_chip_is_powered(chip));
  sim_substation_run_until(substation, begin + (50 + SIM_POWER_BACK_MS + 1) * BENCH_KHZ);
  assert_true(sim_chip_is_powered(chip));
  assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_POWER_CUT_ERASE), 1);
  assert_int_equal(watch.done, 0);
  sim_substation_free(substation);
}

static void the_configs_own_hook_decides_where_no_fault_does(void **state)
{
  (void)state;
  Watch watch = {.fate = SIM_FLASH_REFUSED};
  SimSubstation *substation = new_started(&watch);
  SimChip *chip = sim_substation_get_chip(substation);
  sim_substation_add_fault(substation, SIM_FAULT_BAD_PROGRAM, 1);
  assert_int_equal(bench_program(chip, BLOCK_ADDR, SOURCE, 512), 0);
  assert_false(holds(chip, BLOCK_ADDR));
  assert_int_equal(watch.asked, 0);
  assert_int_equal(watch.done, 1);
  assert_int_equal(bench_program(chip, BLOCK_ADDR + 512, SOURCE, 512), BUSY);
  assert_int_equal(watch.asked, 1);
  assert_int_equal(watch.done, 1);
  sim_substation_free(substation);
}

static void a_counted_fault_goes_before_a_bad_block(void **state)
{
  (void)state;
  Watch watch = {.fate = SIM_FLASH_GOES_WELL};
  SimSubstation *substation = new_started(&watch);
  SimChip *chip = sim_substation_get_chip(substation);
  sim_substation_add_fault(substation, SIM_FAULT_WORN_BLOCK, BLOCK);
  sim_substation_add_fault(substation, SIM_FAULT_REFUSE_PROGRAM, 1);
  assert_int_equal(bench_program(chip, BLOCK_ADDR, SOURCE, 512), BUSY);
  assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_WORN_BLOCK), 0);
  assert_int_equal(bench_program(chip, BLOCK_ADDR, SOURCE, 512), 0);
  assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_WORN_BLOCK), 1);
  sim_substation_free(substation);
}

static void send_zeros(SimSubstation *substation, unsigned count)
{
  for (unsigned i = 0; i < count; i++)
    sim_substation_send(substation, (const uint8_t[]){0}, 1);
}

static void noise_is_as_much_as_it_says_and_its_first_is_soon(void **state)
{
  (void)state;
  Watch watch = {.fate = SIM_FLASH_GOES_WELL};
  SimSubstation *substation = new_started(&watch);
  assert_true(sim_substation_add_fault_now(substation, SIM_FAULT_NOISE, 1000));
  send_zeros(substation, 125);
  assert_true(sim_substation_count_fired(substation, SIM_FAULT_NOISE) >= 1);
  send_zeros(substation, 125000);
  unsigned fired = sim_substation_count_fired(substation, SIM_FAULT_NOISE);
  assert_in_range(fired, 950, 1050);
  assert_int_equal(watch.told[SIM_FAULT_NOISE], 1);
  sim_substation_clear_faults(substation);
  send_zeros(substation, 1000);
  assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_NOISE), fired);
  sim_substation_free(substation);
}

static void of_so_many_bytes_sixteen_are_lost(void **state)
{
  (void)state;
  Watch watch = {.fate = SIM_FLASH_GOES_WELL};
  SimSubstation *substation = new_started(&watch);
  SimChip *chip = sim_substation_get_chip(substation);
  size_t before = sim_chip_line_get_queued(chip);
  assert_true(sim_substation_add_fault(substation, SIM_FAULT_DROP_EVERY, 100));
  send_zeros(substation, 3 * 116);
  assert_int_equal(sim_chip_line_get_queued(chip) - before, 300);
  assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_DROP_EVERY), 3);
  sim_substation_free(substation);
}

static void what_is_late_comes_in_its_order_when_it_is_time(void **state)
{
  (void)state;
  Watch watch = {.fate = SIM_FLASH_GOES_WELL};
  SimSubstation *substation = new_started(&watch);
  SimChip *chip = sim_substation_get_chip(substation);
  uint64_t start = sim_chip_get_cycle(chip);
  uint64_t late = sim_chip_cycles_from_us(chip, 200 * 1000);
  assert_true(sim_substation_add_fault(substation, SIM_FAULT_LATENCY, 200));
  send_zeros(substation, 3);
  sim_substation_clear_faults(substation);
  send_zeros(substation, 2); /* behind the others, though the line is short again */
  assert_true(sim_substation_is_late(substation));
  sim_substation_run_until(substation, start + late - 1000); /* an instruction may go further */
  assert_int_equal(sim_chip_line_get_queued(chip), 0);
  sim_substation_run_until(substation, start + late + 100); /* the first is on the line */
  assert_int_equal(sim_chip_line_get_queued(chip), 5);
  assert_false(sim_substation_is_late(substation));
  assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_LATENCY), 3);
  assert_int_equal(watch.told[SIM_FAULT_LATENCY], 1);
  sim_substation_free(substation);
}

static void a_fault_of_now_does_not_count_what_was(void **state)
{
  (void)state;
  Watch watch = {.fate = SIM_FLASH_GOES_WELL};
  SimSubstation *substation = new_started(&watch);
  SimChip *chip = sim_substation_get_chip(substation);
  send_zeros(substation, 10);
  assert_true(sim_substation_add_fault_now(substation, SIM_FAULT_DROP_RX, 2));
  assert_true(sim_substation_add_fault(substation, SIM_FAULT_DROP_RX, 2)); /* has been */
  send_zeros(substation, 1);
  assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_DROP_RX), 0);
  send_zeros(substation, 1);
  assert_int_equal(sim_substation_count_fired(substation, SIM_FAULT_DROP_RX), 1);
  assert_int_equal(watch.number, 2);
  assert_int_equal(sim_chip_line_get_queued(chip), 11);
  sim_substation_free(substation);
}

static void a_pulled_cable_and_a_dead_line_carry_nothing_until_they_are_mended(void **state)
{
  (void)state;
  Watch watch = {.fate = SIM_FLASH_GOES_WELL};
  SimSubstation *substation = new_started(&watch);
  SimChip *chip = sim_substation_get_chip(substation);
  send_zeros(substation, 5);
  sim_substation_set_plugged(substation, false);
  assert_int_equal(sim_chip_line_get_queued(chip), 0); /* lost on its way */
  send_zeros(substation, 5);
  sim_substation_set_plugged(substation, true);
  assert_true(sim_substation_add_fault_now(substation, SIM_FAULT_SILENT_AFTER, 0));
  send_zeros(substation, 5);
  assert_int_equal(sim_chip_line_get_queued(chip), 0);
  sim_substation_clear_faults(substation);
  send_zeros(substation, 5);
  assert_int_equal(sim_chip_line_get_queued(chip), 5);
  sim_substation_free(substation);
}

static void power_that_was_switched_off_does_not_come_back_by_itself(void **state)
{
  (void)state;
  Watch watch = {.fate = SIM_FLASH_GOES_WELL};
  SimSubstation *substation = new_started(&watch);
  SimChip *chip = sim_substation_get_chip(substation);
  sim_substation_set_power(substation, false);
  sim_substation_run_until(substation,
                           sim_chip_get_cycle(chip) + sim_chip_cycles_from_us(chip, 2000000));
  assert_false(sim_chip_is_powered(chip));
  sim_substation_set_power(substation, true);
  assert_true(sim_chip_is_powered(chip));
  sim_substation_free(substation);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_kind_has_a_name_of_its_own_and_a_range),
      cmocka_unit_test(a_number_that_the_kind_does_not_take_is_refused),
      cmocka_unit_test(noise_is_as_much_as_it_says_and_its_first_is_soon),
      cmocka_unit_test(of_so_many_bytes_sixteen_are_lost),
      cmocka_unit_test(what_is_late_comes_in_its_order_when_it_is_time),
      cmocka_unit_test(a_fault_of_now_does_not_count_what_was),
      cmocka_unit_test(a_pulled_cable_and_a_dead_line_carry_nothing_until_they_are_mended),
      cmocka_unit_test(power_that_was_switched_off_does_not_come_back_by_itself),
      cmocka_unit_test(a_worn_block_never_holds_and_is_told_once),
      cmocka_unit_test(a_worn_block_is_met_by_a_program_of_several_blocks),
      cmocka_unit_test(a_weak_block_holds_until_some_reset_each_time),
      cmocka_unit_test(the_nth_erase_and_program_are_refused_once),
      cmocka_unit_test(the_nth_erase_goes_bad_once),
      cmocka_unit_test(power_fails_in_the_nth_erase_and_comes_back),
      cmocka_unit_test(the_configs_own_hook_decides_where_no_fault_does),
      cmocka_unit_test(a_counted_fault_goes_before_a_bad_block),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
