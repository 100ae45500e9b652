/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The IAP ROM: commands, checks in their order, what a call destroys, and life while it waits.
 */

#include "chip-bench.h"

#include <stdlib.h>
#include <string.h>

enum { SOURCE = 0x40000800, KHZ = 11059 };

static uint32_t call(SimChip *chip, uint32_t code, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
  return bench_iap(chip, (uint32_t[5]){code, a, b, c, d}, NULL);
}

static void part_id_and_boot_version_are_answered(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  uint32_t results[2];
  assert_int_equal(bench_iap(chip, (uint32_t[5]){54}, results), 0);
  assert_int_equal(results[0], 16908050);
  assert_int_equal(bench_iap(chip, (uint32_t[5]){55}, results), 0);
  assert_int_equal(results[0], 0x0145);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_IAP), 0);
  sim_chip_free(chip);
}

static void unknown_commands_are_invalid(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  assert_int_equal(call(chip, 57, 0, 0, 0, 0), 1);
  assert_int_equal(call(chip, 49, 0, 0, 0, 0), 1);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_IAP), 2);
  sim_chip_free(chip);
}

static void sector_15_and_reversed_ranges_are_invalid(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  assert_int_equal(bench_prepare(chip, 15, 15), 7);
  assert_int_equal(bench_prepare(chip, 8, 15), 7);
  assert_int_equal(bench_prepare(chip, 3, 2), 7);
  assert_int_equal(call(chip, 52, 15, 15, KHZ, 0), 7);
  assert_int_equal(call(chip, 53, 15, 16, 0, 0), 7);
  sim_chip_free(chip);
}

static void copy_checks_in_the_order_of_the_sheet(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  assert_int_equal(call(chip, 51, 0x2001, SOURCE + 1, 100, KHZ), 2);
  assert_int_equal(call(chip, 51, 0x2100, SOURCE, 512, KHZ), 3);
  assert_int_equal(call(chip, 51, 0x2000, 0x1000, 512, KHZ), 4);
  assert_int_equal(call(chip, 51, 0x2000, 0x40003f00, 512, KHZ), 4);
  assert_int_equal(call(chip, 51, 0x20000, SOURCE, 512, KHZ), 5);
  assert_int_equal(call(chip, 51, 0x2000, SOURCE, 256, KHZ), 6);
  assert_int_equal(call(chip, 51, 0x2000, SOURCE, 0, KHZ), 6);
  assert_int_equal(call(chip, 51, 0x2000, SOURCE, 512, KHZ), 9);
  assert_int_equal(sim_chip_count_operations(chip, SIM_FLASH_PROGRAM), 0);
  sim_chip_free(chip);
}

static void the_um_copy_sizes_allow_256_and_refuse_8192(void **state)
{
  (void)state;
  SimChipConfig config;
  sim_chip_config_init(&config);
  config.um_copy_sizes = true;
  SimChip *chip = bench_new_with(&config);
  bench_start(chip);
  assert_int_equal(bench_program(chip, 0x2100, SOURCE, 256), 0);
  assert_int_equal(bench_program(chip, 0x4000, SOURCE, 8192), 6);
  sim_chip_free(chip);
}

static void erase_and_copy_need_their_own_prepare(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  assert_int_equal(call(chip, 52, 3, 3, KHZ, 0), 9);
  assert_int_equal(bench_prepare(chip, 3, 4), 0);
  assert_int_equal(call(chip, 52, 3, 5, KHZ, 0), 9);
  assert_int_equal(call(chip, 52, 3, 4, KHZ, 0), 0); /* kept after the failure */
  assert_int_equal(call(chip, 52, 3, 4, KHZ, 0), 9); /* gone after the success */
  assert_int_equal(bench_prepare(chip, 3, 3), 0);
  assert_int_equal(call(chip, 51, 0x6000, SOURCE, 512, KHZ), 0);
  assert_int_equal(call(chip, 51, 0x6200, SOURCE, 512, KHZ), 9);
  sim_chip_free(chip);
}

static void blank_check_tells_the_first_word_that_is_not(void **state)
{
  (void)state;
  SimChip *chip = bench_new();
  static const uint32_t word = 0xfffffffe;
  bench_put_words(chip, 0x6124, &word, 1);
  sim_chip_flash_loaded(chip);
  bench_start(chip);
  uint32_t results[2];
  assert_int_equal(bench_iap(chip, (uint32_t[5]){53, 1, 2}, results), 0);
  assert_int_equal(bench_iap(chip, (uint32_t[5]){53, 2, 4}, results), 8);
  assert_int_equal(results[0], 0x2124); /* from the start of the range */
  assert_int_equal(results[1], 0xfffffffe);
  sim_chip_free(chip);
}

static void compare_tells_the_first_difference(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  uint32_t results[2];
  memset(sim_chip_ram(chip) + 0x800, 0xff, 512);
  assert_int_equal(bench_iap(chip, (uint32_t[5]){56, 0x2000, SOURCE, 512}, results), 0);
  sim_chip_ram(chip)[0x800 + 0x85] = 0;
  assert_int_equal(bench_iap(chip, (uint32_t[5]){56, 0x2000, SOURCE, 512}, results), 10);
  assert_int_equal(results[0], 0x84);
  assert_int_equal(call(chip, 56, 0x2002, SOURCE, 512, 0), 13);
  assert_int_equal(call(chip, 56, 0x2000, 0x50000000, 512, 0), 14);
  assert_int_equal(call(chip, 56, 0x2000, SOURCE, 510, 0), 6);
  sim_chip_free(chip);
}

static void compare_sees_the_window_that_memmap_shows(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  memset(sim_chip_ram(chip), 0x5a, 64);
  bench_poke(chip, MEMMAP, 2);
  assert_int_equal(call(chip, 56, 0, SIM_RAM_ADDR, 64, 0), 0);
  bench_poke(chip, MEMMAP, 1);
  assert_int_equal(call(chip, 56, 0, SIM_RAM_ADDR, 64, 0), 10);
  sim_chip_free(chip);
}

static void a_call_destroys_scratch_registers_and_stack_and_the_top_of_ram(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  uint8_t *ram = sim_chip_ram(chip);
  memset(ram + 0x3f00, 0x77, 0x100);
  chip->cpu.r[2] = chip->cpu.r[3] = chip->cpu.r[12] = 0x77777777;
  chip->cpu.r[4] = chip->cpu.r[11] = 0x55555555;
  assert_int_equal(bench_prepare(chip, 1, 1), 0);
  assert_int_not_equal(chip->cpu.r[2], 0x77777777);
  assert_int_not_equal(chip->cpu.r[3], 0x77777777);
  assert_int_not_equal(chip->cpu.r[12], 0x77777777);
  assert_int_equal(chip->cpu.r[4], 0x55555555);
  assert_int_equal(chip->cpu.r[11], 0x55555555);
  assert_int_equal(chip->cpu.r[13], BENCH_STACK);
  assert_int_equal(ram[0x3f5f], 0x77);
  uint32_t word = bench_get_word(chip, BENCH_STACK - 128);
  assert_int_not_equal(word, 0x77777777);
  assert_int_equal(bench_get_word(chip, BENCH_STACK),
                   0x77777777); /* prepare leaves the top alone */
  assert_int_equal(bench_erase(chip, 1, 1), 0);
  assert_int_not_equal(bench_get_word(chip, BENCH_STACK), 0x77777777);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_STACK), 0);
  sim_chip_free(chip);
}

static void a_stack_in_the_roms_own_area_is_reported(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  chip->cpu.r[13] = 0x40004000;
  bench_prepare(chip, 1, 1);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_STACK), 1);
  sim_chip_free(chip);
}

static void the_result_table_may_be_the_command_table(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_iap_begin(chip, (uint32_t[5]){54});
  chip->cpu.r[1] = BENCH_TABLE;
  bench_pass(chip, 200);
  assert_true(bench_iap_is_over(chip));
  assert_int_equal(bench_get_word(chip, BENCH_TABLE), 0);
  assert_int_equal(bench_get_word(chip, BENCH_TABLE + 4), SIM_PART_ID);
  sim_chip_free(chip);
}

static void a_call_from_thumb_state_returns_to_thumb_state(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_iap_begin(chip, (uint32_t[5]){54});
  chip->cpu.r[14] = 0x40003201;
  static const uint32_t thumb_self = 0xe7fee7fe; /* b . */
  bench_put_words(chip, 0x40003200, &thumb_self, 1);
  bench_pass(chip, 200);
  assert_int_equal(sim_chip_get_pc(chip), 0x40003200);
  assert_true(chip->cpu.cpsr & SIM_PSR_T);
  sim_chip_free(chip);
}

static void a_second_call_while_busy_is_refused_as_busy(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  assert_int_equal(bench_prepare(chip, 1, 1), 0);
  bench_iap_begin(chip, (uint32_t[5]){52, 1, 1, KHZ});
  bench_pass(chip, 1000);
  assert_false(bench_iap_is_over(chip));
  chip->cpu.r[15] = BENCH_PARK; /* as a handler would leave the wait */
  chip->cpu.cpsr &= ~(uint32_t)SIM_PSR_T;
  assert_int_equal(bench_prepare(chip, 2, 2), 11);
  sim_chip_free(chip);
}

static void interrupts_are_served_from_ram_during_an_erase(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_install_irq(chip, 11059);
  uint32_t before = bench_get_word(chip, BENCH_COUNTER);
  uint64_t cycle = sim_chip_get_cycle(chip);
  assert_int_equal(bench_erase(chip, 1, 7), 0);
  uint64_t elapsed = sim_chip_get_cycle(chip) - cycle;
  uint32_t served = bench_get_word(chip, BENCH_COUNTER) - before;
  assert_in_range(served, elapsed / 11059 - 1, elapsed / 11059 + 1);
  assert_true(served > 95);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_FETCH_WHILE_BUSY), 0);
  sim_chip_free(chip);
}

static void an_interrupt_through_flash_vectors_stalls_until_the_end_and_is_reported(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_install_irq(chip, 11059);
  bench_poke(chip, MEMMAP, 1); /* vectors in flash: "b ." there */
  chip->cpu.cpsr |= SIM_PSR_I;
  assert_int_equal(bench_prepare(chip, 1, 1), 0);
  bench_iap_begin(chip, (uint32_t[5]){52, 1, 1, KHZ});
  chip->cpu.cpsr &= ~(uint32_t)SIM_PSR_I;
  uint64_t cycle = sim_chip_get_cycle(chip);
  bench_pass(chip, 50 * KHZ);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_FETCH_WHILE_BUSY), 1);
  uint64_t instructions = sim_chip_get_instructions(chip);
  bench_pass(chip, 49 * KHZ);
  assert_int_equal(sim_chip_get_instructions(chip), instructions); /* the core stands still */
  sim_chip_run_until(chip, cycle + 100 * KHZ + 200);
  assert_true(sim_chip_get_instructions(chip) > instructions);
  assert_int_equal(sim_chip_get_pc(chip), 0x18);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_FETCH_WHILE_BUSY), 1);
  sim_chip_free(chip);
}

static void a_data_access_to_busy_flash_waits_for_the_end_and_is_reported(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  assert_int_equal(bench_prepare(chip, 1, 1), 0);
  bench_iap_begin(chip, (uint32_t[5]){52, 1, 1, KHZ});
  uint64_t cycle = sim_chip_get_cycle(chip);
  bench_pass(chip, 1000);
  chip->cpu.cpsr &= ~(uint32_t)SIM_PSR_T;
  bench_peek(chip, 0x10000);
  assert_in_range(sim_chip_get_cycle(chip), cycle + 100 * KHZ, cycle + 100 * KHZ + 100);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_FETCH_WHILE_BUSY), 1);
  sim_chip_free(chip);
}

static void the_uart_receives_during_an_erase_and_overruns(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_setup_uart(chip, 6, 0);
  uint8_t bytes[40] = {0};
  assert_int_equal(bench_prepare(chip, 1, 1), 0);
  bench_iap_begin(chip, (uint32_t[5]){52, 1, 1, KHZ});
  sim_chip_line_send(chip, bytes, sizeof bytes);
  bench_pass(chip, 100 * KHZ + 1000);
  assert_true(bench_iap_is_over(chip));
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_UART_OVERRUN), 24);
  sim_chip_free(chip);
}

static void the_watchdog_runs_out_during_an_erase(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, WDTC, 27648); /* 10 ms */
  bench_poke(chip, WDMOD, 3);
  bench_poke(chip, WDFEED, 0xaa);
  bench_poke(chip, WDFEED, 0x55);
  assert_int_equal(bench_prepare(chip, 1, 1), 0);
  bench_iap_begin(chip, (uint32_t[5]){52, 1, 1, KHZ});
  bench_pass(chip, 20 * KHZ);
  assert_int_equal(sim_chip_count_resets(chip), 2);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_WATCHDOG_RESET), 1);
  sim_chip_free(chip);
}

static void a_wrong_clock_parameter_is_reported_and_scales_the_time(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  assert_int_equal(bench_prepare(chip, 1, 1), 0);
  uint64_t cycle = sim_chip_get_cycle(chip);
  assert_int_equal(call(chip, 52, 1, 1, 60000, 0), 0);
  assert_in_range(sim_chip_get_cycle(chip) - cycle, 6000000, 6000200);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_IAP_CLOCK), 1);
  sim_chip_free(chip);
}

static void a_clock_parameter_of_0_never_returns(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  assert_int_equal(bench_prepare(chip, 1, 1), 0);
  bench_iap_begin(chip, (uint32_t[5]){52, 1, 1, 0});
  bench_pass(chip, 1000 * 11059200ull);
  assert_false(bench_iap_is_over(chip));
  sim_chip_step(chip);
  sim_chip_reset_pin(chip);
  bench_boot(chip);
  assert_int_equal(chip->state, SIM_STATE_RUNNING);
  sim_chip_free(chip);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(part_id_and_boot_version_are_answered),
      cmocka_unit_test(unknown_commands_are_invalid),
      cmocka_unit_test(sector_15_and_reversed_ranges_are_invalid),
      cmocka_unit_test(copy_checks_in_the_order_of_the_sheet),
      cmocka_unit_test(the_um_copy_sizes_allow_256_and_refuse_8192),
      cmocka_unit_test(erase_and_copy_need_their_own_prepare),
      cmocka_unit_test(blank_check_tells_the_first_word_that_is_not),
      cmocka_unit_test(compare_tells_the_first_difference),
      cmocka_unit_test(compare_sees_the_window_that_memmap_shows),
      cmocka_unit_test(a_call_destroys_scratch_registers_and_stack_and_the_top_of_ram),
      cmocka_unit_test(a_stack_in_the_roms_own_area_is_reported),
      cmocka_unit_test(the_result_table_may_be_the_command_table),
      cmocka_unit_test(a_call_from_thumb_state_returns_to_thumb_state),
      cmocka_unit_test(a_second_call_while_busy_is_refused_as_busy),
      cmocka_unit_test(interrupts_are_served_from_ram_during_an_erase),
      cmocka_unit_test(an_interrupt_through_flash_vectors_stalls_until_the_end_and_is_reported),
      cmocka_unit_test(a_data_access_to_busy_flash_waits_for_the_end_and_is_reported),
      cmocka_unit_test(the_uart_receives_during_an_erase_and_overruns),
      cmocka_unit_test(the_watchdog_runs_out_during_an_erase),
      cmocka_unit_test(a_wrong_clock_parameter_is_reported_and_scales_the_time),
      cmocka_unit_test(a_clock_parameter_of_0_never_returns),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
