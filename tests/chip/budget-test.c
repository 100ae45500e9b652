/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Space and time of the firmware as it runs: stacks painted and read back after an upgrade, with a
 * quarter to spare; no byte lost at any rate; what interrupts cost and how long they wait; no code
 * fetched from busy flash; a line that never waits for flash. Figures are printed. */

#include "rig-probe.h"
#include "sy-transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* STACK_SIZE and IRQ_STACK_SIZE come from the build, which gives them to the linker too. */
enum {
  STACK_TOP = 0x3fe0, /* below the 32 bytes that IAP uses */
  IRQ_STACK_TOP = STACK_TOP - STACK_SIZE,
  PAINT = 0xa7,
};

enum {
  BAUD_MAX = 691200,
  BYTE_CLOCKS = 160, /* from one byte to the next at that rate: 11059200 * 10 / 691200 */
  /* Interrupts begin at 8 bytes of 16 in the FIFO; with the one in the shift register there is room
   * for 9 more, and a tenth that is complete is lost. */
  SILENCE_CLOCKS = 10 * BYTE_CLOCKS,
  CLOCKS_PER_MS = 11059,
};

/* Bytes below `top` that no longer hold paint. */
static unsigned used(const uint8_t *ram, unsigned top, unsigned size)
{
  unsigned at = top - size;

  while (at < top && ram[at] == PAINT)
    at++;
  return top - at;
}

static void assert_spare(const char *what, unsigned bytes, unsigned size)
{
  print_message("# %s: %u of %u bytes\n", what, bytes, size);
  assert_true(bytes > 0);
  assert_true(bytes * 4 <= size * 3);
}

static void stacks_keep_a_quarter_to_spare_through_upgrades_both_ways(void **state)
{
  g_autoptr(SyRelease) newer = rig_load_release("release.hex");
  g_autoptr(SyRelease) older = rig_load_release("release-1.0.0.hex");
  Rig *rig = rig_new();
  SimChip *chip = sim_substation_get_chip(rig->substation);
  uint8_t *ram = sim_chip_ram(chip);

  (void)state;
  /* Painted while the boot ROM still waits for the crystal; upgrades hand over without a reset, so
   * what is left is the most of jump, program and loader. */
  sim_chip_power_off(chip);
  sim_chip_power_on(chip);
  memset(ram + IRQ_STACK_TOP - IRQ_STACK_SIZE, PAINT, IRQ_STACK_SIZE + STACK_SIZE);
  rig_run_ms(rig, 300);
  rig_upgrade(rig, newer);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  rig_upgrade(rig, older);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  assert_spare("main stack", used(ram, STACK_TOP, STACK_SIZE), STACK_SIZE);
  assert_spare("interrupt stack", used(ram, IRQ_STACK_TOP, IRQ_STACK_SIZE), IRQ_STACK_SIZE);
  assert_int_equal(rig->reports, 0);
  rig_free(rig);
}

static void no_byte_is_lost_and_no_busy_flash_is_read_during_an_upgrade(void **state)
{
  g_autoptr(SyRelease) release = rig_load_release("release.hex");
  Rig *rig = rig_new();
  SimChip *chip = sim_substation_get_chip(rig->substation);

  (void)state;
  rig_upgrade(rig, release);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  for (SimReportKind kind = 0; kind < SIM_REPORT_COUNT; kind++)
    assert_int_equal(sim_chip_count_reports(chip, kind), 0);
  /* So that this cannot pass on a chip that did nothing. */
  assert_true(sim_chip_count_operations(chip, SIM_FLASH_PROGRAM) >
              rig_count_blocks(release, WIRE_BANK_HIGH));
  rig_free(rig);
}

/* An upgrade with the large release, as fast as this rate allows. */
static void upgrade_at(Rig *rig, uint32_t baud)
{
  g_autoptr(SyRelease) release = rig_load_release("release-large-1.3.0.hex");
  SyUpload halves[2];

  sy_transfer_get_uploads(release, halves);
  rig_start_fast_upgrade(rig, halves, baud, NULL);
  rig_finish(rig);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  assert_int_equal(rig->session.result.life.baud, baud);
  assert_int_equal(rig->session.result.counts.retries, 0);
  assert_int_equal(rig->reports, 0);
}

static void no_byte_is_lost_at_any_rate_with_frame_behind_frame(void **state)
{
  static const uint32_t rates[] = {WIRE_RATE_DEFAULT, 230400, 345600, BAUD_MAX};

  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(rates); i++) {
    Rig *rig = rig_new_with_slow_erase();

    upgrade_at(rig, rates[i]);

    const SyLife *life = &rig->session.result.life;

    assert_int_equal(sim_chip_count_reports(rig_chip(rig), SIM_REPORT_UART_OVERRUN), 0);
    assert_int_equal(life->loader.fields[WIRE_LIFE_OVERRUNS], 0);
    assert_true(life->loader.fields[WIRE_LIFE_BYTES] >= life->frame_bytes);
    print_message("# %u baud: %u bytes of DATA, none lost\n", rates[i], life->frame_bytes);
    rig_free(rig);
  }
}

static void the_receive_interrupt_takes_less_than_a_byte_takes_at_the_highest_rate(void **state)
{
  Rig *rig = rig_new_with_slow_erase();
  RigProbe probe;

  (void)state;
  rig_probe_set_up(&probe, rig);
  upgrade_at(rig, BAUD_MAX);

  const uint32_t *fields = rig->session.result.life.loader.fields;
  double measured = (double)probe.uart_clocks / (double)probe.bytes;
  double told = (double)fields[WIRE_LIFE_UART_CLOCKS] / fields[WIRE_LIFE_BYTES];

  print_message(
      "# UART interrupt: %.1f of %d clocks a byte, %.1f to spare; the loader counts %.1f\n",
      measured, BYTE_CLOCKS, BYTE_CLOCKS - measured, told);
  assert_true(probe.bytes > 48000 && probe.uart_count > probe.bytes / 16);
  assert_true(measured <= BYTE_CLOCKS);
  /* The loader's count leaves out the exception itself, and registers saved and restored. */
  assert_true(told <= measured && told >= measured * 0.8);
  rig_free(rig);
}

static void nothing_keeps_the_line_waiting_until_bytes_are_lost(void **state)
{
  Rig *rig = rig_new_with_slow_erase();
  RigProbe probe;

  (void)state;
  rig_probe_set_up(&probe, rig);
  upgrade_at(rig, BAUD_MAX);
  print_message("# longest with interrupts off: %u of %d clocks, to pc %08x\n",
                (unsigned)probe.longest_masked, SILENCE_CLOCKS, probe.longest_masked_pc);
  print_message("# longest interrupt: %u of %d clocks\n", (unsigned)probe.longest_interrupt,
                SILENCE_CLOCKS);
  assert_true(probe.longest_masked > 0 && probe.longest_interrupt > 0);
  assert_true(probe.longest_masked <= SILENCE_CLOCKS);
  assert_true(probe.longest_interrupt <= SILENCE_CLOCKS);
  /* One behind the other, as they may come. */
  assert_true(probe.longest_masked + probe.longest_interrupt <= SILENCE_CLOCKS);
  rig_free(rig);
}

static RigProbe watch_line(uint32_t baud)
{
  Rig *rig = rig_new_with_slow_erase();
  RigProbe probe;

  rig_probe_set_up(&probe, rig);
  upgrade_at(rig, baud);
  rig_free(rig);
  print_message("# %u baud: idle for %.1f ms of the %.1f in which blocks are sent\n", baud,
                (double)probe.blocks_idle_clocks / CLOCKS_PER_MS,
                (double)probe.blocks_clocks / CLOCKS_PER_MS);
  return probe;
}

static void the_line_does_not_wait_for_flash(void **state)
{
  RigProbe usual = watch_line(WIRE_RATE_DEFAULT);
  RigProbe fastest = watch_line(BAUD_MAX);

  (void)state;
  assert_true(usual.blocks_clocks > 4000u * CLOCKS_PER_MS); /* 49,000 bytes and more at 86.8 us */
  assert_true(usual.blocks_idle_clocks * 100 <= usual.blocks_clocks);
  /* The probe sees it: at the highest rate the bank is not yet erased when the loader is full. */
  assert_true(fastest.blocks_idle_clocks > 200u * CLOCKS_PER_MS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stacks_keep_a_quarter_to_spare_through_upgrades_both_ways),
      cmocka_unit_test(no_byte_is_lost_and_no_busy_flash_is_read_during_an_upgrade),
      cmocka_unit_test(no_byte_is_lost_at_any_rate_with_frame_behind_frame),
      cmocka_unit_test(the_receive_interrupt_takes_less_than_a_byte_takes_at_the_highest_rate),
      cmocka_unit_test(nothing_keeps_the_line_waiting_until_bytes_are_lost),
      cmocka_unit_test(the_line_does_not_wait_for_flash),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
