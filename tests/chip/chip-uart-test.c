/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * UART0 and its line: times to the cycle, FIFOs, interrupts, and rates that do not agree.
 */

#include "chip-bench.h"

#include <stdlib.h>
#include <string.h>

enum { BYTE_CYCLES = 10 * 16 * 6, BIT = 16 * 6 }; /* 115200 at 11.0592 MHz */

static SimChip *new_with_uart(unsigned trigger)
{
  SimChip *chip = bench_new_started();
  bench_setup_uart(chip, 6, trigger);
  return chip;
}

static void send(SimChip *chip, const char *text)
{
  sim_chip_line_send(chip, (const uint8_t *)text, strlen(text));
}

static size_t receive(SimChip *chip, char *text)
{
  size_t length = sim_chip_line_receive(chip, (uint8_t *)text, 64);
  text[length] = '\0';
  return length;
}

static void a_byte_sent_takes_ten_bits_to_the_cycle(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(0);
  char text[65];
  bench_poke(chip, U0THR, 'A');
  uint64_t cycle = sim_chip_get_cycle(chip);
  bench_sleep_until(chip, cycle + BYTE_CYCLES - 1);
  assert_int_equal(receive(chip, text), 0);
  bench_sleep_until(chip, cycle + BYTE_CYCLES);
  assert_int_equal(receive(chip, text), 1);
  assert_int_equal(text[0], 'A');
  sim_chip_free(chip);
}

static void bytes_in_the_fifo_follow_without_a_gap(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(0);
  char text[65];
  uint64_t cycle = 0;
  for (unsigned i = 0; i < 16; i++) {
    bench_poke(chip, U0THR, 'a' + i);
    if (i == 0)
      cycle = sim_chip_get_cycle(chip);
  }
  assert_int_equal(bench_lsr(chip) & 0x60, 0);
  uint64_t end = cycle + 16 * BYTE_CYCLES;
  /* THRE, with the last one still in the shift register */
  assert_int_equal(bench_peek_at(chip, end - 10, U0LSR), 0x20);
  assert_int_equal(receive(chip, text), 15);
  assert_int_equal(bench_peek_at(chip, end, U0LSR), 0x60);
  assert_int_equal(receive(chip, text), 1);
  sim_chip_free(chip);
}

static void a_full_transmit_fifo_loses_the_next_byte_and_reports(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(0);
  for (unsigned i = 0; i < 18; i++)
    bench_poke(chip, U0THR, 'a' + i);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_UART_TX_OVERRUN), 1);
  bench_pass(chip, 20 * BYTE_CYCLES);
  char text[65];
  assert_int_equal(receive(chip, text), 17);
  assert_string_equal(text, "abcdefghijklmnopq");
  sim_chip_free(chip);
}

static void a_byte_received_shows_when_its_stop_bit_has_passed(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(0);
  uint64_t cycle = sim_chip_get_cycle(chip);
  send(chip, "Xy");
  assert_int_equal(sim_chip_line_get_queued(chip), 2);
  assert_int_equal(bench_peek_at(chip, cycle + BYTE_CYCLES - 10, U0LSR), 0x60);
  assert_int_equal(bench_peek_at(chip, cycle + BYTE_CYCLES, U0LSR), 0x61);
  assert_int_equal(sim_chip_line_get_queued(chip), 1);
  assert_int_equal(bench_peek(chip, U0RBR), 'X');
  assert_int_equal(bench_lsr(chip), 0x60);
  sim_chip_run_until(chip, cycle + 2 * BYTE_CYCLES);
  assert_int_equal(bench_peek(chip, U0RBR), 'y');
  sim_chip_free(chip);
}

static void the_seventeenth_byte_overruns_and_the_fifo_is_kept(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(0);
  send(chip, "0123456789abcdefg");
  bench_pass(chip, 16 * BYTE_CYCLES);
  assert_int_equal(bench_lsr(chip), 0x61);
  bench_pass(chip, BYTE_CYCLES);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_UART_OVERRUN), 1);
  assert_int_equal(bench_lsr(chip), 0x63);
  assert_int_equal(bench_lsr(chip), 0x61); /* reading cleared OE */
  for (unsigned i = 0; i < 16; i++)
    assert_int_equal(bench_peek(chip, U0RBR), "0123456789abcdef"[i]);
  assert_int_equal(bench_lsr(chip), 0x60);
  sim_chip_free(chip);
}

static void trigger_levels_are_1_4_8_and_14(void **state)
{
  (void)state;
  static const unsigned levels[4] = {1, 4, 8, 14};
  for (unsigned setting = 0; setting < 4; setting++) {
    SimChip *chip = new_with_uart(setting);
    bench_poke(chip, U0IER, 1);
    uint64_t cycle = sim_chip_get_cycle(chip);
    send(chip, "0123456789abcdef");
    uint64_t due = cycle + levels[setting] * BYTE_CYCLES;
    assert_int_equal(bench_peek_at(chip, due - 10, U0IIR), 0xc1);
    assert_int_equal(bench_peek_at(chip, due, U0IIR), 0xc4);
    assert_int_equal(bench_peek(chip, VIC_RAW), 1u << SIM_CHANNEL_UART0);
    bench_peek(chip, U0RBR);
    assert_int_equal(bench_peek(chip, U0IIR), 0xc1);
    assert_int_equal(bench_peek(chip, VIC_RAW), 0);
    sim_chip_free(chip);
  }
}

static void a_tail_below_the_trigger_is_announced_by_the_time_out(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(2);
  bench_poke(chip, U0IER, 1);
  uint64_t cycle = sim_chip_get_cycle(chip);
  send(chip, "abc");
  /* (8 * 7 - 2) * 8 + (8 - 3) * 8 + 1 RCLKs of 6 PCLKs after the last byte */
  uint64_t due = cycle + 3 * BYTE_CYCLES + ((8 * 7 - 2) * 8 + (8 - 3) * 8 + 1) * 6;
  assert_int_equal(bench_peek_at(chip, due - 10, U0IIR), 0xc1);
  assert_int_equal(bench_peek_at(chip, due, U0IIR), 0xcc);
  assert_int_equal(bench_peek(chip, U0RBR), 'a');
  assert_int_equal(bench_peek(chip, U0IIR), 0xc1);
  bench_pass(chip, 10 * BYTE_CYCLES); /* and again for the rest */
  assert_int_equal(bench_peek(chip, U0IIR), 0xcc);
  sim_chip_free(chip);
}

static void a_new_byte_restarts_the_time_out(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(3);
  bench_poke(chip, U0IER, 1);
  for (unsigned i = 0; i < 5; i++) {
    send(chip, "x");
    bench_pass(chip, 3 * BYTE_CYCLES);
    assert_int_equal(bench_peek(chip, U0IIR), 0xc1);
  }
  bench_pass(chip, 3 * BYTE_CYCLES);
  assert_int_equal(bench_peek(chip, U0IIR), 0xcc);
  sim_chip_free(chip);
}

static void thre_comes_at_once_after_two_characters(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(0);
  bench_poke(chip, U0IER, 2);
  bench_poke(chip, U0THR, 'a');
  uint64_t cycle = sim_chip_get_cycle(chip);
  bench_poke(chip, U0THR, 'b');
  bench_poke(chip, U0THR, 'c');
  assert_int_equal(bench_peek(chip, U0IIR), 0xc1);
  /* 'c' leaves the FIFO when 'b' has been sent */
  assert_int_equal(bench_peek_at(chip, cycle + 2 * BYTE_CYCLES - 10, U0IIR), 0xc1);
  bench_sleep_until(chip, cycle + 2 * BYTE_CYCLES);
  assert_int_equal(bench_peek(chip, VIC_RAW), 1u << SIM_CHANNEL_UART0);
  assert_int_equal(bench_peek(chip, U0IIR), 0xc2);
  assert_int_equal(bench_peek(chip, U0IIR), 0xc1); /* reading it was the answer */
  assert_int_equal(bench_peek(chip, VIC_RAW), 0);
  sim_chip_free(chip);
}

static void thre_comes_late_after_one_character(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(0);
  bench_poke(chip, U0IER, 2);
  bench_poke(chip, U0THR, 'a');
  uint64_t cycle = sim_chip_get_cycle(chip);
  assert_int_equal(bench_peek_at(chip, cycle + 9 * BIT - 10, U0IIR), 0xc1);
  assert_int_equal(bench_peek_at(chip, cycle + 9 * BIT, U0IIR), 0xc2);
  sim_chip_free(chip);
}

static void enabling_thre_with_nothing_to_send_raises_it_late(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(0);
  bench_poke(chip, U0IER, 2);
  assert_int_equal(bench_peek(chip, U0IIR), 0xc1);
  bench_pass(chip, 9 * BIT);
  assert_int_equal(bench_peek(chip, VIC_RAW), 1u << SIM_CHANNEL_UART0);
  bench_poke(chip, U0THR, 'a'); /* writing clears it */
  assert_int_equal(bench_peek(chip, VIC_RAW), 0);
  sim_chip_free(chip);
}

static void a_rate_that_does_not_agree_garbles_both_ways(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, VPBDIV, 0); /* forgotten: PCLK is a quarter */
  bench_setup_uart(chip, 6, 0);
  send(chip, "U");
  bench_pass(chip, 20 * BYTE_CYCLES);
  assert_int_equal(bench_lsr(chip) & 0x88, 0x88); /* FE and RXFE */
  assert_int_equal(bench_lsr(chip) & 0x88, 0);
  assert_int_not_equal(bench_peek(chip, U0RBR), 'U');
  bench_poke(chip, U0THR, 'V');
  bench_pass(chip, 20 * BYTE_CYCLES);
  char text[65];
  assert_int_equal(receive(chip, text), 1);
  assert_int_not_equal(text[0], 'V');
  sim_chip_free(chip);
}

static void a_much_slower_sender_looks_like_a_break(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(0);
  sim_chip_line_set_baud(chip, 9600);
  send(chip, "x");
  bench_pass(chip, 20 * 12 * BYTE_CYCLES);
  assert_int_equal(bench_lsr(chip) & 0x18, 0x18);
  sim_chip_free(chip);
}

static void each_standard_rate_is_understood_at_its_divisor(void **state)
{
  (void)state;
  static const uint32_t rates[][2] = {{9600, 72},  {57600, 12}, {115200, 6},
                                      {230400, 3}, {345600, 2}, {691200, 1}};
  for (unsigned i = 0; i < sizeof rates / sizeof rates[0]; i++) {
    SimChip *chip = bench_new_started();
    bench_setup_uart(chip, rates[i][1], 0);
    sim_chip_line_set_baud(chip, rates[i][0]);
    uint64_t cycle = sim_chip_get_cycle(chip);
    send(chip, "k");
    sim_chip_run_until(chip, cycle + 160 * rates[i][1]);
    assert_int_equal(bench_lsr(chip), 0x61);
    assert_int_equal(bench_peek(chip, U0RBR), 'k');
    sim_chip_free(chip);
  }
}

static void a_pin_not_connected_hears_and_says_nothing(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(0);
  bench_poke(chip, PINSEL0, 0);
  send(chip, "abc");
  bench_poke(chip, U0THR, 'x');
  bench_pass(chip, 10 * BYTE_CYCLES);
  char text[65];
  assert_int_equal(bench_lsr(chip), 0x60);
  assert_int_equal(receive(chip, text), 0);
  sim_chip_free(chip);
}

static void fcr_resets_empty_the_fifos(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(0);
  bench_poke(chip, U0IER, 1);
  send(chip, "abc");
  for (unsigned i = 0; i < 5; i++)
    bench_poke(chip, U0THR, 'x');
  bench_pass(chip, 4 * BYTE_CYCLES);
  bench_poke(chip, U0FCR, 7);
  assert_int_equal(bench_lsr(chip) & 0x21, 0x20);
  assert_int_equal(bench_peek(chip, U0IIR), 0xc1);
  sim_chip_free(chip);
}

static void dlab_shows_the_divisor(void **state)
{
  (void)state;
  SimChip *chip = bench_new_started();
  bench_poke(chip, U0LCR, 0x83);
  assert_int_equal(bench_peek(chip, U0DLL), 1);
  bench_poke(chip, U0DLL, 0x34);
  bench_poke(chip, U0DLM, 0x12);
  assert_int_equal(bench_peek(chip, U0DLL), 0x34);
  assert_int_equal(bench_peek(chip, U0DLM), 0x12);
  bench_poke(chip, U0LCR, 0x03);
  assert_int_equal(bench_peek(chip, U0IER), 0);
  sim_chip_free(chip);
}

static void line_status_outranks_data_and_data_outranks_thre(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(0);
  send(chip, "0123456789abcdefg");
  bench_pass(chip, 17 * BYTE_CYCLES);
  bench_poke(chip, U0IER, 7);
  bench_pass(chip, 10 * BIT);
  assert_int_equal(bench_peek(chip, U0IIR), 0xc6);
  bench_lsr(chip);
  assert_int_equal(bench_peek(chip, U0IIR), 0xc4);
  for (unsigned i = 0; i < 16; i++)
    bench_peek(chip, U0RBR);
  assert_int_equal(bench_peek(chip, U0IIR), 0xc2);
  sim_chip_free(chip);
}

static void bytes_sent_without_power_are_lost(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(0);
  sim_chip_power_off(chip);
  send(chip, "abc");
  bench_pass(chip, 2 * BYTE_CYCLES);
  assert_int_equal(sim_chip_line_get_queued(chip), 1);
  bench_pass(chip, 2 * BYTE_CYCLES);
  assert_int_equal(sim_chip_line_get_queued(chip), 0);
  sim_chip_free(chip);
}

static void a_very_long_queue_arrives_whole_and_in_time(void **state)
{
  (void)state;
  SimChip *chip = new_with_uart(0);
  uint8_t *bytes = malloc(10000);
  for (unsigned i = 0; i < 10000; i++)
    bytes[i] = (uint8_t)(i * 31);
  uint64_t cycle = sim_chip_get_cycle(chip);
  sim_chip_line_send(chip, bytes, 5000);
  sim_chip_line_send(chip, bytes + 5000, 5000);
  for (unsigned i = 0; i < 10000; i++) {
    sim_chip_run_until(chip, cycle + (i + 1) * BYTE_CYCLES);
    assert_int_equal(bench_peek(chip, U0RBR), bytes[i]);
  }
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_UART_OVERRUN), 0);
  free(bytes);
  sim_chip_free(chip);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_byte_sent_takes_ten_bits_to_the_cycle),
      cmocka_unit_test(bytes_in_the_fifo_follow_without_a_gap),
      cmocka_unit_test(a_full_transmit_fifo_loses_the_next_byte_and_reports),
      cmocka_unit_test(a_byte_received_shows_when_its_stop_bit_has_passed),
      cmocka_unit_test(the_seventeenth_byte_overruns_and_the_fifo_is_kept),
      cmocka_unit_test(trigger_levels_are_1_4_8_and_14),
      cmocka_unit_test(a_tail_below_the_trigger_is_announced_by_the_time_out),
      cmocka_unit_test(a_new_byte_restarts_the_time_out),
      cmocka_unit_test(thre_comes_at_once_after_two_characters),
      cmocka_unit_test(thre_comes_late_after_one_character),
      cmocka_unit_test(enabling_thre_with_nothing_to_send_raises_it_late),
      cmocka_unit_test(a_rate_that_does_not_agree_garbles_both_ways),
      cmocka_unit_test(a_much_slower_sender_looks_like_a_break),
      cmocka_unit_test(each_standard_rate_is_understood_at_its_divisor),
      cmocka_unit_test(a_pin_not_connected_hears_and_says_nothing),
      cmocka_unit_test(fcr_resets_empty_the_fifos),
      cmocka_unit_test(dlab_shows_the_divisor),
      cmocka_unit_test(line_status_outranks_data_and_data_outranks_thre),
      cmocka_unit_test(bytes_sent_without_power_are_lost),
      cmocka_unit_test(a_very_long_queue_arrives_whole_and_in_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
