/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Watchdog.
 */

#include "chip-bench.h"

#include <stdlib.h>

static void feed(SimChip *chip)
{
  bench_poke(chip, WDFEED, 0xaa);
  bench_poke(chip, WDFEED, 0x55);
}

static SimChip *new_with_watchdog(uint32_t tc, uint32_t mod)
{
  SimChip *chip = bench_new_started();
  bench_poke(chip, WDTC, tc);
  bench_poke(chip, WDMOD, mod);
  feed(chip);
  return chip;
}

static void a_reset_comes_after_four_pclks_a_count(void **state)
{
  (void)state;
  SimChip *chip = new_with_watchdog(999, 3);
  uint64_t cycle = sim_chip_get_cycle(chip);
  bench_sleep_until(chip, cycle + 3999);
  assert_int_equal(sim_chip_count_resets(chip), 1);
  bench_sleep_until(chip, cycle + 4000);
  assert_int_equal(sim_chip_count_resets(chip), 2);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_WATCHDOG_RESET), 1);
  sim_chip_free(chip);
}

static void the_time_scales_with_vpbdiv(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, VPBDIV, 0);
  bench_poke(chip, WDTC, 0);
  bench_poke(chip, WDMOD, 3);
  feed(chip);
  uint64_t cycle = sim_chip_get_cycle(chip);
  bench_sleep_until(chip, cycle + 256 * 16 - 4);
  assert_int_equal(sim_chip_count_resets(chip), 1); /* 0 became 0xff */
  bench_sleep_until(chip, cycle + 256 * 16);
  assert_int_equal(sim_chip_count_resets(chip), 2);
  sim_chip_free(chip);
}

static void feeding_keeps_it_quiet(void **state)
{
  (void)state;
  SimChip *chip = new_with_watchdog(999, 3);
  for (unsigned i = 0; i < 20; i++) {
    bench_pass(chip, 3000);
    assert_in_range(bench_peek(chip, WDTV), 200, 300);
    feed(chip);
    assert_in_range(bench_peek(chip, WDTV), 990, 999);
  }
  assert_int_equal(sim_chip_count_resets(chip), 1);
  sim_chip_free(chip);
}

static void wdtof_survives_its_reset_and_goes_with_the_others(void **state)
{
  (void)state;
  SimChip *chip = new_with_watchdog(999, 3);
  bench_pass(chip, 5000);
  bench_boot(chip);
  bench_park(chip);
  assert_int_equal(bench_peek(chip, WDMOD), 4);
  sim_chip_reset_pin(chip);
  bench_boot(chip);
  bench_park(chip);
  assert_int_equal(bench_peek(chip, WDMOD), 0);
  sim_chip_free(chip);
}

static void wdtof_is_cleared_by_writing_0_and_the_others_are_not(void **state)
{
  (void)state;
  SimChip *chip = new_with_watchdog(999, 3);
  bench_pass(chip, 5000);
  bench_boot(chip);
  bench_park(chip);
  bench_poke(chip, WDMOD, 7);
  assert_int_equal(bench_peek(chip, WDMOD), 7);
  bench_poke(chip, WDMOD, 0);
  assert_int_equal(bench_peek(chip, WDMOD), 3);
  sim_chip_free(chip);
}

static void wdtof_makes_the_boot_rom_ignore_the_pin(void **state)
{
  (void)state;
  SimChip *chip = new_with_watchdog(999, 3);
  sim_chip_set_input(chip, 0, 14, false);
  bench_pass(chip, 5000);
  bench_boot(chip);
  assert_false(sim_chip_is_in_isp(chip));
  sim_chip_free(chip);
}

static void it_does_not_run_before_the_first_feed(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, WDMOD, 3);
  bench_poke(chip, WDFEED, 0xaa);
  bench_poke(chip, WDFEED, 0xaa); /* wrong, and ignored so far */
  bench_pass(chip, 100000);
  assert_int_equal(sim_chip_count_resets(chip), 1);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_WATCHDOG_FEED), 1);
  sim_chip_free(chip);
}

static void a_wrong_second_half_resets_at_once(void **state)
{
  (void)state;
  SimChip *chip = new_with_watchdog(99999, 3);
  bench_poke(chip, WDFEED, 0xaa);
  bench_poke(chip, WDFEED, 0x00);
  bench_pass(chip, 4);
  assert_int_equal(sim_chip_count_resets(chip), 2);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_WATCHDOG_FEED), 1);
  sim_chip_free(chip);
}

static void a_read_between_the_halves_resets_too(void **state)
{
  (void)state;
  SimChip *chip = new_with_watchdog(99999, 3);
  bench_poke(chip, WDFEED, 0xaa);
  bench_peek(chip, WDTV);
  bench_pass(chip, 4);
  assert_int_equal(sim_chip_count_resets(chip), 2);
  sim_chip_free(chip);
}

static void without_wdreset_it_interrupts_for_ever(void **state)
{
  (void)state;
  SimChip *chip = new_with_watchdog(999, 1);
  bench_pass(chip, 5000);
  assert_int_equal(sim_chip_count_resets(chip), 1);
  assert_int_equal(bench_peek(chip, VIC_RAW), 1);
  assert_int_equal(bench_peek(chip, WDMOD), 1 | 4 | 8);
  bench_poke(chip, WDMOD, 0);
  assert_int_equal(bench_peek(chip, VIC_RAW), 1);
  sim_chip_free(chip);
}

static void ram_survives_a_watchdog_reset(void **state)
{
  (void)state;
  SimChip *chip = new_with_watchdog(999, 3);
  bench_poke(chip, 0x40000200, 0xfeedbeef);
  bench_poke(chip, 0x40000200, 0xfeedbeef);
  bench_pass(chip, 5000);
  assert_int_equal(sim_chip_count_resets(chip), 2);
  assert_int_equal(bench_get_word(chip, 0x40000200), 0xfeedbeef);
  sim_chip_free(chip);
}

static void a_bite_is_the_end_of_the_count_now(void **state)
{
  (void)state;
  SimChip *chip = new_with_watchdog(999999, 3);
  uint64_t cycle = sim_chip_get_cycle(chip);
  assert_true(sim_chip_watchdog_bite(chip));
  assert_int_equal(sim_chip_get_cycle(chip), cycle);
  assert_int_equal(sim_chip_count_resets(chip), 2);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_WATCHDOG_RESET), 1);
  assert_false(sim_chip_watchdog_bite(chip)); /* the reset stopped it */
  bench_boot(chip);
  bench_park(chip);
  assert_int_equal(bench_peek(chip, WDMOD), 4);
  bench_pass(chip, 5000000);
  assert_int_equal(sim_chip_count_resets(chip), 2);
  sim_chip_free(chip);
}

static void a_bite_without_wdreset_only_interrupts(void **state)
{
  (void)state;
  SimChip *chip = new_with_watchdog(999999, 1);
  assert_true(sim_chip_watchdog_bite(chip));
  assert_false(sim_chip_watchdog_bite(chip));
  assert_int_equal(sim_chip_count_resets(chip), 1);
  assert_int_equal(bench_peek(chip, VIC_RAW), 1);
  assert_int_equal(bench_peek(chip, WDMOD), 1 | 4 | 8);
  sim_chip_free(chip);
}

static void a_watchdog_that_does_not_count_does_not_bite(void **state)
{
  (void)state;
  SimChip *chip = bench_new();
  assert_false(sim_chip_watchdog_bite(chip)); /* no power */
  bench_start(chip);
  assert_false(sim_chip_watchdog_bite(chip)); /* not enabled */
  bench_poke(chip, WDMOD, 3);
  assert_false(sim_chip_watchdog_bite(chip)); /* not fed */
  feed(chip);
  bench_poke(chip, PCON, 2);
  assert_false(sim_chip_watchdog_bite(chip)); /* no oscillator */
  sim_chip_reset_pin(chip);
  bench_boot(chip);
  bench_park(chip);
  assert_int_equal(bench_peek(chip, WDMOD), 0);
  assert_int_equal(sim_chip_count_resets(chip), 2);
  sim_chip_free(chip);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_reset_comes_after_four_pclks_a_count),
      cmocka_unit_test(the_time_scales_with_vpbdiv),
      cmocka_unit_test(feeding_keeps_it_quiet),
      cmocka_unit_test(wdtof_survives_its_reset_and_goes_with_the_others),
      cmocka_unit_test(wdtof_is_cleared_by_writing_0_and_the_others_are_not),
      cmocka_unit_test(wdtof_makes_the_boot_rom_ignore_the_pin),
      cmocka_unit_test(it_does_not_run_before_the_first_feed),
      cmocka_unit_test(a_wrong_second_half_resets_at_once),
      cmocka_unit_test(a_read_between_the_halves_resets_too),
      cmocka_unit_test(without_wdreset_it_interrupts_for_ever),
      cmocka_unit_test(ram_survives_a_watchdog_reset),
      cmocka_unit_test(a_bite_is_the_end_of_the_count_now),
      cmocka_unit_test(a_bite_without_wdreset_only_interrupts),
      cmocka_unit_test(a_watchdog_that_does_not_count_does_not_bite),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
