/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Space and time of the firmware as it runs: stacks painted and read back after an upgrade, with a
 * quarter to spare; no byte lost; no code fetched from busy flash. Figures are printed. */

#include "rig.h"

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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(stacks_keep_a_quarter_to_spare_through_upgrades_both_ways),
      cmocka_unit_test(no_byte_is_lost_and_no_busy_flash_is_read_during_an_upgrade),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
