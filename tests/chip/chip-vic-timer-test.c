/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Interrupt controller and timers.
 */

#include "chip-bench.h"

#include <stdlib.h>

enum { TIMER0_BIT = 1 << SIM_CHANNEL_TIMER0 };

/* Slots 0 to 2 for software channels 20 to 22, handlers 0x100 apart; 23 in no slot. */
static SimChip *new_with_slots(void)
{
  SimChip *chip = bench_new_started();
  for (unsigned slot = 0; slot < 3; slot++) {
    bench_poke(chip, VIC_VECT_ADDR_N(slot), 0x1000 + 0x100 * slot);
    bench_poke(chip, VIC_VECT_CNTL_N(slot), 0x20 | (20 + slot));
  }
  bench_poke(chip, VIC_DEF_VECT_ADDR, 0x2000);
  bench_poke(chip, VIC_ENABLE, 0xf00000);
  return chip;
}

static void the_lowest_slot_that_asks_gives_its_vector(void **state)
{
  (void)state;
  SimChip *chip = new_with_slots();
  bench_poke(chip, VIC_SOFT, 1u << 22 | 1u << 21);
  assert_true(chip->cpu.irq_line);
  assert_int_equal(bench_peek(chip, VIC_VECT_ADDR), 0x1100);
  sim_chip_free(chip);
}

static void same_and_lower_priorities_stay_quiet_until_the_end_is_written(void **state)
{
  (void)state;
  SimChip *chip = new_with_slots();
  bench_poke(chip, VIC_SOFT, 1u << 21);
  assert_int_equal(bench_peek(chip, VIC_VECT_ADDR), 0x1100);
  assert_false(chip->cpu.irq_line);
  bench_poke(chip, VIC_SOFT, 1u << 22 | 1u << 23);
  assert_false(chip->cpu.irq_line);
  bench_poke(chip, VIC_SOFT, 1u << 20); /* a higher one gets through */
  assert_true(chip->cpu.irq_line);
  assert_int_equal(bench_peek(chip, VIC_VECT_ADDR), 0x1000);
  bench_poke(chip, VIC_SOFT_CLEAR, 1u << 20);
  bench_poke(chip, VIC_VECT_ADDR, 0);
  assert_false(chip->cpu.irq_line); /* slot 1 is still in service */
  bench_poke(chip, VIC_SOFT_CLEAR, 1u << 21);
  bench_poke(chip, VIC_VECT_ADDR, 0);
  assert_true(chip->cpu.irq_line);
  assert_int_equal(bench_peek(chip, VIC_VECT_ADDR), 0x1200);
  sim_chip_free(chip);
}

static void a_channel_in_no_slot_gets_the_default_vector(void **state)
{
  (void)state;
  SimChip *chip = new_with_slots();
  bench_poke(chip, VIC_SOFT, 1u << 23);
  assert_int_equal(bench_peek(chip, VIC_VECT_ADDR), 0x2000);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_SPURIOUS_IRQ), 0);
  assert_false(chip->cpu.irq_line);
  bench_poke(chip, VIC_VECT_ADDR, 0);
  assert_true(chip->cpu.irq_line);
  sim_chip_free(chip);
}

static void a_request_that_has_gone_is_spurious_and_reported(void **state)
{
  (void)state;
  SimChip *chip = new_with_slots();
  bench_poke(chip, VIC_SOFT, 1u << 21);
  bench_poke(chip, VIC_SOFT_CLEAR, 1u << 21);
  assert_false(chip->cpu.irq_line);
  assert_int_equal(bench_peek(chip, VIC_VECT_ADDR), 0x2000);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_SPURIOUS_IRQ), 1);
  bench_poke(chip, VIC_VECT_ADDR, 0);
  bench_poke(chip, VIC_SOFT, 1u << 23);
  assert_true(chip->cpu.irq_line);
  sim_chip_free(chip);
}

static void fiq_class_goes_to_the_fiq_line(void **state)
{
  (void)state;
  SimChip *chip = new_with_slots();
  bench_poke(chip, VIC_SELECT, 1u << 21);
  bench_poke(chip, VIC_SOFT, 1u << 21);
  assert_true(chip->cpu.fiq_line);
  assert_false(chip->cpu.irq_line);
  assert_int_equal(bench_peek(chip, 0xfffff004), 1u << 21);
  assert_int_equal(bench_peek(chip, VIC_IRQ_STATUS), 0);
  sim_chip_free(chip);
}

static void the_vic_takes_words_only(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  static const uint32_t strb = 0xe5c01000; /* strb r1, [r0] */
  bench_put_words(chip, 0x40002000, &strb, 1);
  chip->cpu.r[0] = VIC_ENABLE;
  chip->cpu.r[1] = 0x10;
  chip->cpu.r[15] = 0x40002000;
  sim_chip_step(chip);
  assert_int_equal(chip->vic.enable, 0);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_UNKNOWN_REGISTER), 1);
  sim_chip_free(chip);
}

/* Cycle at which channel TIMER0 asks, from `cycle` on. */
static uint64_t wait_for_request(SimChip *chip)
{
  while ((chip->vic.requests & TIMER0_BIT) == 0)
    sim_chip_run_until(chip, sim_chip_get_cycle(chip) + 1);
  return chip->cpu.cycles;
}

static void a_match_with_reset_repeats_every_mr_plus_1_times_pr_plus_1(void **state)
{
  (void)state;
  static const uint32_t settings[][3] = {/* VPBDIV setting and its divider, PR; MR = 99 */
                                         {1, 1, 0},
                                         {1, 1, 2},
                                         {2, 2, 0},
                                         {0, 4, 0},
                                         {0, 4, 6}};
  for (unsigned i = 0; i < sizeof settings / sizeof settings[0]; i++) {
    SimChip *chip = bench_new_started();
    bench_poke(chip, VPBDIV, settings[i][0]);
    bench_poke(chip, T0PR, settings[i][2]);
    bench_poke(chip, T0MR0, 99);
    bench_poke(chip, T0MCR, 3);
    bench_poke(chip, T0TCR, 1);
    chip->idle = true; /* asleep: time runs without instructions, to the cycle */
    uint64_t first = wait_for_request(chip);
    for (unsigned n = 1; n <= 20; n++) {
      chip->idle = false;
      bench_poke(chip, T0IR, 1);
      assert_int_equal(chip->vic.requests, 0);
      chip->idle = true;
      uint64_t period = 100ull * settings[i][1] * (settings[i][2] + 1);
      assert_int_equal(wait_for_request(chip), first + n * period);
    }
    sim_chip_free(chip);
  }
}

static void tc_shows_the_match_value_for_a_whole_count(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, T0PR, 99);
  bench_poke(chip, T0MR0, 3);
  bench_poke(chip, T0MCR, 3);
  bench_poke(chip, T0TCR, 1);
  uint64_t begin = sim_chip_get_cycle(chip);
  sim_chip_run_until(chip, begin + 290);
  assert_int_equal(bench_peek(chip, T0TC), 2);
  sim_chip_run_until(chip, begin + 302);
  assert_int_equal(bench_peek(chip, T0TC), 3);
  assert_int_equal(bench_peek(chip, T0IR), 1);
  sim_chip_run_until(chip, begin + 390);
  assert_int_equal(bench_peek(chip, T0TC), 3);
  sim_chip_run_until(chip, begin + 400);
  assert_int_equal(bench_peek(chip, T0TC), 0);
  sim_chip_free(chip);
}

static void stop_on_match_stops_at_the_match_value(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, T0MR0, 50);
  bench_poke(chip, T0MCR, 5);
  bench_poke(chip, T0TCR, 1);
  bench_pass(chip, 1000);
  assert_int_equal(bench_peek(chip, T0TC), 50);
  assert_int_equal(bench_peek(chip, T0TCR), 0);
  assert_int_equal(bench_peek(chip, T0IR), 1);
  sim_chip_free(chip);
}

static void tc_written_past_the_match_counts_on_to_the_wrap(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, T0MR0, 50);
  bench_poke(chip, T0MCR, 3);
  bench_poke(chip, T0TC, 60);
  bench_poke(chip, T0TCR, 1);
  bench_pass(chip, 1000);
  assert_in_range(bench_peek(chip, T0TC), 1060, 1080);
  bench_poke(chip, T0TC, 0xffffff00);
  bench_pass(chip, 280);
  assert_int_equal(bench_peek(chip, T0IR), 0);
  bench_pass(chip, 60);
  assert_int_equal(bench_peek(chip, T0IR), 1);
  sim_chip_free(chip);
}

static void a_free_running_counter_counts_pclk(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, T0TCR, 2);
  bench_poke(chip, T0TCR, 1);
  uint32_t one = bench_peek(chip, T0TC);
  uint64_t cycle = sim_chip_get_cycle(chip);
  bench_pass(chip, 1234567);
  uint32_t two = bench_peek(chip, T0TC);
  assert_int_equal(two - one, sim_chip_get_cycle(chip) - cycle);
  bench_poke(chip, T0TCR, 0);
  one = bench_peek(chip, T0TC);
  bench_pass(chip, 1000);
  assert_int_equal(bench_peek(chip, T0TC), one);
  bench_poke(chip, T0TCR, 2);
  assert_int_equal(bench_peek(chip, T0TC), 0);
  sim_chip_free(chip);
}

static void an_interrupt_interrupts_the_parked_core(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_install_irq(chip, 1000);
  bench_pass(chip, 100000);
  assert_in_range(bench_get_word(chip, BENCH_COUNTER), 99, 101);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_SPURIOUS_IRQ), 0);
  sim_chip_free(chip);
}

static void idle_sleeps_until_an_enabled_request_even_with_irqs_masked(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_install_irq(chip, 100000);
  chip->cpu.cpsr |= SIM_PSR_I;
  uint64_t instructions = sim_chip_get_instructions(chip);
  bench_poke(chip, PCON, 1);
  assert_true(sim_chip_is_idle(chip));
  bench_pass(chip, 50000);
  assert_int_equal(sim_chip_get_instructions(chip), instructions + 1);
  bench_pass(chip, 60000);
  assert_false(sim_chip_is_idle(chip));
  assert_true(sim_chip_get_instructions(chip) > instructions + 1000);
  uint64_t before = sim_chip_get_cycle(chip);
  bench_poke(chip, PCON, 1); /* still pending: does not sleep */
  assert_false(sim_chip_is_idle(chip));
  assert_in_range(sim_chip_get_cycle(chip), before, before + 10);
  sim_chip_free(chip);
}

static void an_interrupt_wakes_the_core_at_its_very_cycle(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, VIC_ENABLE, TIMER0_BIT);
  bench_poke(chip, T0MR0, 5000);
  bench_poke(chip, T0MCR, 3);
  bench_poke(chip, T0TCR, 1);
  uint64_t due = sim_chip_get_cycle(chip) + 5001;
  bench_poke(chip, PCON, 1);
  while (sim_chip_is_idle(chip))
    sim_chip_step(chip);
  assert_int_equal(sim_chip_get_cycle(chip), due);
  sim_chip_free(chip);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_lowest_slot_that_asks_gives_its_vector),
      cmocka_unit_test(same_and_lower_priorities_stay_quiet_until_the_end_is_written),
      cmocka_unit_test(a_channel_in_no_slot_gets_the_default_vector),
      cmocka_unit_test(a_request_that_has_gone_is_spurious_and_reported),
      cmocka_unit_test(fiq_class_goes_to_the_fiq_line),
      cmocka_unit_test(the_vic_takes_words_only),
      cmocka_unit_test(a_match_with_reset_repeats_every_mr_plus_1_times_pr_plus_1),
      cmocka_unit_test(tc_shows_the_match_value_for_a_whole_count),
      cmocka_unit_test(stop_on_match_stops_at_the_match_value),
      cmocka_unit_test(tc_written_past_the_match_counts_on_to_the_wrap),
      cmocka_unit_test(a_free_running_counter_counts_pclk),
      cmocka_unit_test(an_interrupt_interrupts_the_parked_core),
      cmocka_unit_test(idle_sleeps_until_an_enabled_request_even_with_irqs_masked),
      cmocka_unit_test(an_interrupt_wakes_the_core_at_its_very_cycle),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
