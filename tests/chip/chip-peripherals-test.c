/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A/D converter, GPIO, PLL registers, and the blocks that have registers only.
 */

#include "chip-bench.h"

#include <stdlib.h>

enum { ADC_BIT = 1 << SIM_CHANNEL_ADC };

static uint16_t level(void *context, unsigned channel, uint64_t cycle)
{
  (void)cycle;
  unsigned *asked = context;
  (*asked)++;
  return (uint16_t)(100 * channel + 7);
}

static SimChip *new_with_levels(unsigned *asked)
{
  SimChipConfig config;
  sim_chip_config_init(&config);
  config.hooks.context = asked;
  config.hooks.adc = level;
  SimChip *chip = bench_new_with(&config);
  bench_start(chip);
  return chip;
}

static void a_conversion_takes_11_adc_clocks(void **state)
{
  (void)state;
  unsigned asked = 0;
  SimChip *chip = new_with_levels(&asked);
  bench_poke(chip, ADCR, 0x01200200 | 1u << 3);
  uint64_t due = sim_chip_get_cycle(chip) + 33;
  assert_int_equal(bench_peek_at(chip, due - 10, ADDR) >> 31, 0);
  bench_sleep_until(chip, due);
  assert_int_equal(bench_peek(chip, VIC_RAW), ADC_BIT);
  uint32_t result = bench_peek(chip, ADDR);
  assert_int_equal(result, 1u << 31 | 3u << 24 | 307u << 6);
  assert_int_equal(bench_peek(chip, ADDR) >> 31, 0); /* reading cleared DONE */
  assert_int_equal(bench_peek(chip, VIC_RAW), 0);
  assert_int_equal(asked, 1);
  sim_chip_free(chip);
}

static void without_power_nothing_is_converted(void **state)
{
  (void)state;
  unsigned asked = 0;
  SimChip *chip = new_with_levels(&asked);
  bench_poke(chip, ADCR, 0x01000200 | 1u << 1);
  bench_pass(chip, 1000);
  assert_int_equal(bench_peek(chip, ADDR) >> 31, 0);
  sim_chip_free(chip);
}

static void burst_goes_round_the_selected_channels(void **state)
{
  (void)state;
  unsigned asked = 0;
  SimChip *chip = new_with_levels(&asked);
  bench_poke(chip, ADCR, 0x00210a00 | 1u << 1 | 1u << 2);
  unsigned seen = 0;
  for (unsigned i = 0; i < 4; i++) {
    bench_pass(chip, 121);
    seen |= 1u << (bench_peek(chip, ADDR) >> 24 & 7);
  }
  assert_int_equal(seen, 6);
  bench_pass(chip, 500);
  assert_true(bench_peek(chip, ADDR) & 1u << 30); /* not read in time: OVERRUN */
  sim_chip_free(chip);
}

static void the_chips_own_waves_differ_and_stay_in_range(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  for (unsigned round = 0; round < 50; round++) {
    uint32_t last = 0xffff;
    for (unsigned channel = 0; channel < SIM_ADC_CHANNELS; channel++) {
      bench_poke(chip, ADCR, 0x01200200 | 1u << channel);
      bench_pass(chip, 100);
      uint32_t value = bench_peek(chip, ADDR) >> 6 & 0x3ff;
      assert_in_range(value, 50, 900);
      assert_int_not_equal(value, last);
      last = value;
    }
    bench_pass(chip, 11059200);
  }
  sim_chip_free(chip);
}

static void ioset_ioclr_and_iopin_drive_the_outputs(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, 0xe0028008, 0xff0000); /* IO0DIR */
  bench_poke(chip, 0xe0028004, 0xf00001); /* IO0SET */
  assert_int_equal(sim_chip_get_port(chip, 0), 0xf00000);
  bench_poke(chip, 0xe002800c, 0x100000); /* IO0CLR */
  assert_int_equal(sim_chip_get_port(chip, 0), 0xe00000);
  bench_poke(chip, 0xe0028000, 0x0a0000); /* IO0PIN */
  assert_int_equal(sim_chip_get_port(chip, 0), 0x0a0000);
  assert_int_equal(bench_peek(chip, 0xe0028000), 0x0a4003); /* with the inputs P0.0, 1 and 14 */
  sim_chip_set_input(chip, 0, 5, true);
  assert_int_equal(bench_peek(chip, 0xe0028000), 0x0a4023);
  sim_chip_free(chip);
}

static void the_pll_registers_answer_to_a_right_feed_only(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, 0xe01fc084, 0x24);
  bench_poke(chip, 0xe01fc080, 1);
  bench_poke(chip, 0xe01fc08c, 0xaa);
  bench_poke(chip, 0xe01fc08c, 0xaa);
  assert_int_equal(bench_peek(chip, 0xe01fc088), 0);
  bench_poke(chip, 0xe01fc08c, 0x55);
  assert_int_equal(bench_peek(chip, 0xe01fc088), 0x524);
  sim_chip_free(chip);
}

static void other_blocks_have_registers_to_read_back(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, 0xe0024080, 336);   /* RTC PREINT */
  bench_poke(chip, 0xe0024084, 16384); /* RTC PREFRAC */
  assert_int_equal(bench_peek(chip, 0xe0024080), 336);
  assert_int_equal(bench_peek(chip, 0xe0024084), 16384);
  bench_poke(chip, 0xe001c00c, 0x5a); /* I2ADR */
  assert_int_equal(bench_peek(chip, 0xe001c00c), 0x5a);
  bench_poke(chip, 0xe002400c, 1);
  sim_chip_reset_pin(chip);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_UNKNOWN_REGISTER), 0);
  sim_chip_free(chip);
}

static void a_block_without_power_is_reported(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, 0xe01fc0c4, 0x1fbe & ~(1u << 3));
  bench_peek(chip, U0LSR);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_UNKNOWN_REGISTER), 1);
  sim_chip_free(chip);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_conversion_takes_11_adc_clocks),
      cmocka_unit_test(without_power_nothing_is_converted),
      cmocka_unit_test(burst_goes_round_the_selected_channels),
      cmocka_unit_test(the_chips_own_waves_differ_and_stay_in_range),
      cmocka_unit_test(ioset_ioclr_and_iopin_drive_the_outputs),
      cmocka_unit_test(the_pll_registers_answer_to_a_right_feed_only),
      cmocka_unit_test(other_blocks_have_registers_to_read_back),
      cmocka_unit_test(a_block_without_power_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
