/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the ARM images do besides upgrading: under a flood of requests, after the watchdog, in the
 * loader while somebody keeps asking. */

#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { FLOOD_MS = 6000, WATCHDOG_MS = 2000, START_MS = 500 };

/* IDENTIFY back to back: a request takes 1.1 ms of line, its answer 7 ms, so the ring is never
 * empty. */
static void flood(Rig *rig, unsigned ms)
{
  for (unsigned at = 0; at < ms; at += 2) {
    rig_send(rig, WIRE_IDENTIFY, NULL, 0);
    rig_run_ms(rig, 2);
  }
}

static void enter_loader(Rig *rig)
{
  WireEnter enter = {.product = WIRE_PRODUCT_DEMO};
  uint8_t payload[WIRE_ENTER_LENGTH];

  rig_send(rig, WIRE_ENTER_LOADER, payload, (uint16_t)wire_enter_write(&enter, payload));
  rig_run_ms(rig, 300);
  assert_int_equal(rig->announced.mode, WIRE_MODE_LOADER);
}

static void a_flood_of_requests_neither_resets_the_program_nor_stops_its_readings(void **state)
{
  Rig *rig = rig_new();
  SimChip *chip = sim_substation_get_chip(rig->substation);
  unsigned resets = sim_chip_count_resets(chip), readings = rig->readings;

  (void)state;
  flood(rig, FLOOD_MS);
  assert_int_equal(sim_chip_count_resets(chip), resets);
  assert_true(rig->readings >= readings + FLOOD_MS / 1000 - 1);
  rig_free(rig);
}

static void asking_who_is_there_does_not_keep_the_loader(void **state)
{
  Rig *rig = rig_new();

  (void)state;
  enter_loader(rig);
  flood(rig, 12000);
  assert_int_equal(rig->leavings, 1);
  assert_int_equal(rig->leaving.cause, WIRE_LEAVING_SILENCE);
  rig_run_ms(rig, START_MS);
  assert_int_equal(rig->announced.mode, WIRE_MODE_PROGRAM);
  rig_free(rig);
}

/* Hangs the program in its interrupt handlers, which lie in RAM from 0x40000640 on. */
static void hang(Rig *rig)
{
  static const uint8_t branch_to_itself[4] = {0xfe, 0xff, 0xff, 0xea};
  uint8_t *ram = sim_chip_ram(sim_substation_get_chip(rig->substation));

  for (unsigned at = 0x640; at < 0x700; at += sizeof branch_to_itself)
    memcpy(ram + at, branch_to_itself, sizeof branch_to_itself);
}

static void a_hanging_program_is_reset_and_says_so_until_the_next_reset(void **state)
{
  Rig *rig = rig_new();
  SimChip *chip = sim_substation_get_chip(rig->substation);

  (void)state;
  assert_int_equal(rig_identify(rig).reset_cause, WIRE_RESET_POWER_OR_PIN);
  hang(rig);
  rig_run_ms(rig, WATCHDOG_MS + START_MS);
  assert_int_equal(sim_chip_count_reports(chip, SIM_REPORT_WATCHDOG_RESET), 1);
  assert_int_equal(rig_identify(rig).reset_cause, WIRE_RESET_WATCHDOG);
  /* The loader was entered without a reset, and so is the program after it. */
  enter_loader(rig);
  assert_int_equal(rig->announced.reset_cause, WIRE_RESET_WATCHDOG);
  rig_send(rig, WIRE_ABORT, NULL, 0);
  rig_run_ms(rig, START_MS);
  assert_int_equal(rig->announced.mode, WIRE_MODE_PROGRAM);
  assert_int_equal(rig->announced.reset_cause, WIRE_RESET_WATCHDOG);
  sim_chip_reset_pin(chip);
  rig_run_ms(rig, START_MS);
  assert_int_equal(rig_identify(rig).reset_cause, WIRE_RESET_POWER_OR_PIN);
  rig_free(rig);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_flood_of_requests_neither_resets_the_program_nor_stops_its_readings),
      cmocka_unit_test(asking_who_is_there_does_not_keep_the_loader),
      cmocka_unit_test(a_hanging_program_is_reset_and_says_so_until_the_next_reset),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
