/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What happens from power to the first instruction, and what a reset keeps.
 */

#include "chip-bench.h"

#include <stdlib.h>
#include <string.h>

#define U1FDR 0xe0010028u

static void valid_vectors_start_the_program_in_supervisor_mode(void **state)
{
  (void)state;
  SimChip *chip = bench_new();
  sim_chip_power_on(chip);
  bench_boot(chip);
  assert_int_equal(chip->state, SIM_STATE_RUNNING);
  assert_int_equal(sim_chip_get_pc(chip), 0);
  assert_int_equal(chip->cpu.cpsr & 0xff, SIM_MODE_SVC | SIM_PSR_I | SIM_PSR_F);
  assert_int_equal(chip->system.memmap, 1);
  uint64_t us = sim_chip_us_from_cycles(chip, sim_chip_get_cycle(chip));
  assert_in_range(us, 3000, 4000);
  sim_chip_free(chip);
}

static void a_wrong_vector_sum_stays_in_isp_and_is_reported(void **state)
{
  (void)state;
  SimChip *chip = bench_new();
  sim_chip_flash(chip)[0x14] ^= 1;
  sim_chip_power_on(chip);
  sim_chip_run_until(chip, 11059200);
  assert_true(sim_chip_is_in_isp(chip));
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_NO_PROGRAM), 1);
  assert_int_equal(sim_chip_get_instructions(chip), 0);
  assert_int_equal(sim_chip_get_cycle(chip), 11059200);
  sim_chip_free(chip);
}

static void blank_flash_stays_in_isp(void **state)
{
  (void)state;
  SimChipConfig config;
  sim_chip_config_init(&config);
  SimChip *chip = sim_chip_new(&config);
  sim_chip_power_on(chip);
  bench_boot(chip);
  assert_true(sim_chip_is_in_isp(chip));
  sim_chip_free(chip);
}

static void a_low_p0_14_stays_in_isp(void **state)
{
  (void)state;
  SimChip *chip = bench_new();
  sim_chip_set_input(chip, 0, 14, false);
  sim_chip_power_on(chip);
  bench_boot(chip);
  assert_true(sim_chip_is_in_isp(chip));
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_NO_PROGRAM), 0);
  sim_chip_set_input(chip, 0, 14, true);
  sim_chip_reset_pin(chip);
  bench_boot(chip);
  assert_false(sim_chip_is_in_isp(chip));
  sim_chip_free(chip);
}

static void a_crp_word_is_reported(void **state)
{
  (void)state;
  SimChip *chip = bench_new();
  static const uint32_t crp3 = 0x43218765;
  bench_put_words(chip, WIRE_CRP_ADDR, &crp3, 1);
  sim_chip_flash_loaded(chip);
  sim_chip_set_input(chip, 0, 14, false);
  sim_chip_power_on(chip);
  bench_boot(chip);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_CRP), 1);
  assert_false(sim_chip_is_in_isp(chip)); /* CRP3 ignores the pin */
  sim_chip_free(chip);
}

static void ram_is_random_at_power_on_and_the_same_for_the_same_seed(void **state)
{
  (void)state;
  SimChip *one = bench_new_started();
  SimChip *two = bench_new_started();
  assert_memory_equal(sim_chip_ram(one), sim_chip_ram(two), SIM_RAM_SIZE);
  uint8_t before[256];
  memcpy(before, sim_chip_ram(one) + 0x1000, sizeof before);
  sim_chip_power_off(one);
  sim_chip_power_on(one);
  assert_memory_not_equal(sim_chip_ram(one) + 0x1000, before, sizeof before);
  sim_chip_free(one);
  sim_chip_free(two);
}

static void a_reset_keeps_ram_but_for_the_word_written_last(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, 0x40001000, 0x11111111);
  bench_poke(chip, 0x40001004, 0x22222222);
  bench_poke(chip, 0x40001004, 0x33333333);
  sim_chip_reset_pin(chip);
  assert_int_equal(bench_get_word(chip, 0x40001000), 0x11111111);
  assert_int_equal(bench_get_word(chip, 0x40001004), 0x22222222);
  sim_chip_free(chip);
}

static void a_word_written_twice_survives_a_reset(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, 0x40001004, 0x33333333);
  bench_poke(chip, 0x40001004, 0x33333333);
  sim_chip_reset_pin(chip);
  assert_int_equal(bench_get_word(chip, 0x40001004), 0x33333333);
  sim_chip_free(chip);
}

static void a_reset_puts_registers_back(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, PINSEL0, 5);
  bench_poke(chip, VIC_ENABLE, 0xff);
  sim_chip_reset_pin(chip);
  bench_boot(chip);
  bench_park(chip);
  assert_int_equal(bench_peek(chip, MAMTIM), 7);
  assert_int_equal(bench_peek(chip, VPBDIV), 0);
  assert_int_equal(bench_peek(chip, MEMMAP), 1);
  assert_int_equal(bench_peek(chip, PINSEL0), 0);
  assert_int_equal(bench_peek(chip, VIC_ENABLE), 0);
  assert_int_equal(bench_peek(chip, U0LSR), 0x60);
  assert_int_equal(bench_peek(chip, U0IIR), 0x01);
  assert_int_equal(bench_peek(chip, WDTV), 0xff);
  assert_int_equal(sim_chip_count_resets(chip), 2);
  sim_chip_free(chip);
}

static void memmap_chooses_what_the_first_64_bytes_show(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, SIM_RAM_ADDR + 0x3c, 0x12345678);
  assert_int_equal(bench_peek(chip, 0x3c), 0xffffffff);
  bench_poke(chip, MEMMAP, 2);
  assert_int_equal(bench_peek(chip, 0x3c), 0x12345678);
  assert_int_equal(bench_peek(chip, 0x40), 0xffffffff);
  bench_poke(chip, 0x20, 0xabcdef01); /* the window takes stores too */
  assert_int_equal(bench_peek(chip, SIM_RAM_ADDR + 0x20), 0xabcdef01);
  bench_poke(chip, MEMMAP, 0);
  assert_int_equal(bench_peek(chip, 0), bench_peek(chip, SIM_BOOT_ADDR));
  sim_chip_free(chip);
}

static void a_fetch_goes_through_the_memmap_window_too(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  static const uint32_t code[] = {0xe3a0202a, 0xeafffffe}; /* mov r2, #42; b . */
  bench_put_words(chip, SIM_RAM_ADDR, code, 2);
  bench_poke(chip, MEMMAP, 2);
  chip->cpu.r[15] = 0;
  bench_pass(chip, 10);
  assert_int_equal(chip->cpu.r[2], 42);
  assert_int_equal(sim_chip_get_pc(chip), 4);
  sim_chip_free(chip);
}

/* Cycles that 100 rounds of "b ." take in flash. */
static uint64_t cycles_of_branches(SimChip *chip, uint32_t mamcr, uint32_t mamtim)
{
  bench_poke(chip, MAMCR, mamcr);
  bench_poke(chip, MAMTIM, mamtim);
  chip->cpu.r[15] = 0;
  sim_chip_step(chip);
  uint64_t before = sim_chip_get_cycle(chip);
  for (unsigned i = 0; i < 100; i++)
    sim_chip_step(chip);
  return sim_chip_get_cycle(chip) - before;
}

static void mamtim_is_the_cost_of_a_flash_fetch(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  assert_int_equal(cycles_of_branches(chip, 0, 1), 300); /* 2S + 1N each */
  assert_int_equal(cycles_of_branches(chip, 0, 4), 1200);
  assert_int_equal(cycles_of_branches(chip, 0, 7), 2100);
  assert_in_range(cycles_of_branches(chip, 2, 7), 300, 400);
  sim_chip_free(chip);
}

static void vpbdiv_3_is_ignored(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, VPBDIV, 2);
  bench_poke(chip, VPBDIV, 3);
  assert_int_equal(bench_peek(chip, VPBDIV), 2);
  sim_chip_free(chip);
}

static void nothing_at_an_address_is_a_data_abort_and_reported(void **state)
{
  (void)state;
  static const uint32_t places[] = {0x00020000, 0x3fffc000, 0x40004000, 0x7fffdffc, 0x80000000,
                                    0xe0018000, 0xe005c000, 0xe0200000, 0xffffbffc};
  for (unsigned i = 0; i < sizeof places / sizeof places[0]; i++) {
    SimChip *chip = bench_new_started();
    bench_peek(chip, places[i]);
    assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_ABORT), 1);
    assert_int_equal(chip->cpu.cpsr & SIM_PSR_MODE, SIM_MODE_ABORT);
    sim_chip_free(chip);
  }
}

static void a_jump_into_nothing_is_a_prefetch_abort_and_reported_once(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  chip->cpu.r[15] = 0x50000000;
  bench_pass(chip, 100);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_ABORT), 1);
  assert_int_equal(sim_chip_get_pc(chip), 0x0c);
  sim_chip_free(chip);
}

static void an_undefined_instruction_is_reported_with_its_place(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  static const uint32_t undefined = 0xe7f000f0;
  bench_put_words(chip, 0x40002000, &undefined, 1);
  chip->cpu.r[15] = 0x40002000;
  bench_pass(chip, 100);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_UNDEFINED), 1);
  assert_int_equal(sim_chip_get_pc(chip), 0x04);
  sim_chip_free(chip);
}

static void a_breakpoint_outside_the_rom_is_undefined(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  static const uint32_t breakpoint = 0xbe00be00;
  bench_put_words(chip, 0x40002000, &breakpoint, 1);
  chip->cpu.r[15] = 0x40002000;
  chip->cpu.cpsr |= SIM_PSR_T;
  bench_pass(chip, 100);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_UNDEFINED), 1);
  sim_chip_free(chip);
}

static void unknown_registers_read_zero_and_are_reported(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  static const uint32_t places[] = {0xe000c028 /* U0FDR, /01 only */,
                                    U1FDR,
                                    0xe0004070 /* T0CTCR, /01 only */,
                                    0xe0034010 /* ADDR0 */,
                                    0xe01fc1a0 /* SCS */,
                                    0xe0000010,
                                    0xe0028030,
                                    0xfffff050};
  unsigned count = sizeof places / sizeof places[0];
  for (unsigned i = 0; i < count; i++)
    assert_int_equal(bench_peek(chip, places[i]), 0);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_UNKNOWN_REGISTER), count);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_ABORT), 0);
  sim_chip_free(chip);
}

static void a_store_to_flash_changes_nothing_and_is_reported(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, 0x2000, 0);
  assert_int_equal(bench_peek(chip, 0x2000), 0xffffffff);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_FLASH_STORE), 1);
  sim_chip_free(chip);
}

static void an_unaligned_access_is_reported(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, 0x40001000, 0x44332211);
  assert_int_equal(bench_peek(chip, 0x40001001), 0x11443322);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_UNALIGNED), 1);
  sim_chip_free(chip);
}

static void each_report_has_a_name(void **state)
{
  (void)state;
  for (unsigned kind = 0; kind < SIM_REPORT_COUNT; kind++)
    assert_non_null(sim_report_name(kind));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(valid_vectors_start_the_program_in_supervisor_mode),
      cmocka_unit_test(a_wrong_vector_sum_stays_in_isp_and_is_reported),
      cmocka_unit_test(blank_flash_stays_in_isp),
      cmocka_unit_test(a_low_p0_14_stays_in_isp),
      cmocka_unit_test(a_crp_word_is_reported),
      cmocka_unit_test(ram_is_random_at_power_on_and_the_same_for_the_same_seed),
      cmocka_unit_test(a_reset_keeps_ram_but_for_the_word_written_last),
      cmocka_unit_test(a_word_written_twice_survives_a_reset),
      cmocka_unit_test(a_reset_puts_registers_back),
      cmocka_unit_test(memmap_chooses_what_the_first_64_bytes_show),
      cmocka_unit_test(a_fetch_goes_through_the_memmap_window_too),
      cmocka_unit_test(mamtim_is_the_cost_of_a_flash_fetch),
      cmocka_unit_test(vpbdiv_3_is_ignored),
      cmocka_unit_test(nothing_at_an_address_is_a_data_abort_and_reported),
      cmocka_unit_test(a_jump_into_nothing_is_a_prefetch_abort_and_reported_once),
      cmocka_unit_test(an_undefined_instruction_is_reported_with_its_place),
      cmocka_unit_test(a_breakpoint_outside_the_rom_is_undefined),
      cmocka_unit_test(unknown_registers_read_zero_and_are_reported),
      cmocka_unit_test(a_store_to_flash_changes_nothing_and_is_reported),
      cmocka_unit_test(an_unaligned_access_is_reported),
      cmocka_unit_test(each_report_has_a_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
