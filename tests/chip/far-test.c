/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A substation far away, on the ARM images: the path takes 300 ms and a second both ways. Nothing
 * is sent twice, no time-out of either side runs out, and the line is kept busy. */

#include "rig.h"
#include "sy-read-back.h"
#include "sy-transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

enum { MS = 1000, HIGHEST = 691200 };

static const unsigned trips_ms[] = {1, 100, 300, 1000};

static void assert_nothing_twice(const Rig *rig, unsigned trip_ms)
{
  const SyResult *result = &rig->session.result;

  assert_int_equal(result->outcome, SY_OUTCOME_DONE);
  assert_int_equal(result->counts.retries, 0);
  assert_int_equal(result->counts.timeouts, 0);
  assert_int_equal(result->counts.naks, 0);
  assert_int_equal(rig->reports, 0);
  assert_in_range(result->life.wait_us, trip_ms * MS, (trip_ms + 20) * MS);
}

static uint64_t upgrade(Rig *rig, unsigned trip_ms, WireBank bank)
{
  const SyLife *life = &rig->session.result.life;
  g_autoptr(SyRelease) release =
      rig_load_release(bank == WIRE_BANK_HIGH ? "release-large-1.3.0.hex" : "release.hex");
  SyUpload halves[2];

  sy_transfer_get_uploads(release, halves);
  rig_start_fast_upgrade(rig, halves, trip_ms < 300 ? WIRE_RATE_DEFAULT : HIGHEST, NULL);
  rig_finish(rig);
  assert_nothing_twice(rig, trip_ms);
  assert_int_equal(life->baud, WIRE_RATE_DEFAULT); /* which could not be proven to be better */
  assert_int_equal(rig->session.result.identity.running_bank, bank);
  assert_int_equal(rig->session.result.identity.trial, WIRE_TRIAL_CONFIRMED);
  rig_assert_bank_holds(rig, release, bank);
  print_message("# %u ms, %u blocks: %u ms, of them writing %u ms; round trip %u ms; %u bytes\n",
                trip_ms, life->blocks_sent, (unsigned)(rig->session.result.duration_us / MS),
                (unsigned)(life->phases_us[SY_PHASE_WRITE] / MS), (unsigned)(life->wait_us / MS),
                life->frame_bytes);
  return life->phases_us[SY_PHASE_WRITE];
}

static void both_ways_are_upgraded_with_nothing_sent_twice(void **state)
{
  uint64_t near_us = 0;

  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(trips_ms); i++) {
    Rig *rig = rig_new();
    uint64_t write_us;

    rig_set_line(rig, trips_ms[i] * MS / 2, 0, 1);
    write_us = upgrade(rig, trips_ms[i], WIRE_BANK_HIGH);
    if (near_us == 0)
      near_us = write_us;
    if (trips_ms[i] <= 300)
      assert_true(write_us <= near_us * 101 / 100 + trips_ms[i] * MS);
    upgrade(rig, trips_ms[i], WIRE_BANK_LOW);
    rig_free(rig);
  }
}

/* Nearby the chip is what takes time at the highest rate, and that is no news of the path. */
static void what_the_chip_takes_is_not_taken_for_the_path(void **state)
{
  g_autoptr(SyRelease) release = rig_load_release("release-large-1.3.0.hex");
  Rig *rig = rig_new();
  SyUpload halves[2];

  (void)state;
  sy_transfer_get_uploads(release, halves);
  rig_start_fast_upgrade(rig, halves, HIGHEST, NULL);
  while (!sy_session_is_finished(&rig->session)) {
    rig_turn(rig);
    assert_int_equal(sy_round_trip_get_patience_us(&rig->session.trip), 0);
  }
  assert_int_equal(rig->session.result.life.baud, HIGHEST);
  assert_nothing_twice(rig, 0);
  rig_free(rig);
}

static void both_banks_are_read_back_with_nothing_asked_twice(void **state)
{
  static const SyRange everything = {.addr = 0, .length = 1ull << 32};
  static uint8_t flash[WIRE_FLASH_SIZE];
  uint8_t pages[SY_READ_MAP_SIZE];

  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(trips_ms); i++) {
    Rig *rig = rig_new();

    rig_move_to_high(rig);
    sim_chip_power_off(rig_chip(rig)); /* what its next start has to record is recorded */
    sim_chip_power_on(rig_chip(rig));
    rig_run_ms(rig, 3000);
    rig_set_line(rig, trips_ms[i] * MS / 2, 0, 1);
    memset(flash, 0, sizeof flash);
    sy_read_back_get_pages(&everything, 1, pages);
    rig_start_read(rig, pages, flash, WIRE_RATE_DEFAULT);
    rig_finish(rig);
    assert_nothing_twice(rig, trips_ms[i]);
    assert_memory_equal(flash + WIRE_READABLE_START,
                        sim_chip_flash(rig_chip(rig)) + WIRE_READABLE_START,
                        WIRE_READABLE_END - WIRE_READABLE_START);
    print_message("# %u ms: read in %u ms\n", trips_ms[i],
                  (unsigned)(rig->session.result.life.phases_us[SY_PHASE_READ] / MS));
    rig_free(rig);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(both_ways_are_upgraded_with_nothing_sent_twice),
      cmocka_unit_test(what_the_chip_takes_is_not_taken_for_the_path),
      cmocka_unit_test(both_banks_are_read_back_with_nothing_asked_twice),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
