/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The five experiments of the source design's lab data, on the ARM images on the modelled chip,
 * from LOW to HIGH and from HIGH to LOW; E3 and E4 at every block. */

#include "rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Silence of 10 s, a tick of the firmware's clock, and its start. */
enum { SILENCE_MS = 10000, SILENCE_SLACK_MS = 100, BACK_MS = 600 };

/* One direction: what runs, and the release that goes into the other bank. */
typedef struct {
  WireBank from, to;
  const char *release;
  uint32_t old_version, new_version;
} Direction;

static const Direction directions[] = {
    {WIRE_BANK_LOW, WIRE_BANK_HIGH, "release.hex", WIRE_VERSION(1, 0, 0), WIRE_VERSION(1, 1, 0)},
    {WIRE_BANK_HIGH, WIRE_BANK_LOW, "release-1.0.0.hex", WIRE_VERSION(1, 1, 0),
     WIRE_VERSION(1, 0, 0)},
};

static Rig *rig_running(const Direction *direction)
{
  Rig *rig = rig_new();

  if (direction->from == WIRE_BANK_HIGH)
    rig_move_to_high(rig);
  return rig;
}

static void assert_old_runs(Rig *rig, const Direction *direction)
{
  WireIdentity identity = rig_identify(rig);

  assert_int_equal(identity.mode, WIRE_MODE_PROGRAM);
  assert_int_equal(identity.running_bank, direction->from);
  assert_int_equal(identity.program_version, direction->old_version);
}

static void assert_upgrades(Rig *rig, const Direction *direction, SyRelease *release)
{
  rig->stop_after = 0;
  rig->one_block = false;
  rig_upgrade(rig, release);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  assert_int_equal(rig->session.result.identity.running_bank, direction->to);
  assert_int_equal(rig->session.result.identity.program_version, direction->new_version);
  rig_assert_bank_holds(rig, release, direction->to);
}

static void enter_loader(Rig *rig)
{
  WireEnter enter = {.product = WIRE_PRODUCT_DEMO};
  uint8_t payload[WIRE_ENTER_LENGTH];

  rig_send(rig, WIRE_ENTER_LOADER, payload, (uint16_t)wire_enter_write(&enter, payload));
  rig_run_ms(rig, 300);
}

static void e1_power_up_and_reset_reach_the_program(void **state)
{
  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(directions); i++) {
    Rig *rig = rig_running(&directions[i]);
    SimChip *chip = sim_substation_get_chip(rig->substation);
    unsigned resets = sim_chip_count_resets(chip);

    sim_chip_power_off(chip);
    sim_chip_power_on(chip);
    rig_run_ms(rig, 300);
    assert_old_runs(rig, &directions[i]);
    assert_int_equal(rig->announced.boots, 1); /* power-on forgets the count */
    sim_chip_reset_pin(chip);
    rig_run_ms(rig, 300);
    assert_old_runs(rig, &directions[i]);
    assert_int_equal(rig->announced.boots, 2);
    assert_int_equal(sim_chip_count_resets(chip), resets + 2);
    assert_int_equal(rig->reports, 0);
    rig_free(rig);
  }
}

static void e2_upgrade_command_without_data_returns_after_10_s(void **state)
{
  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(directions); i++) {
    Rig *rig = rig_running(&directions[i]);
    uint64_t start_us;

    enter_loader(rig);
    assert_int_equal(rig->announced.mode, WIRE_MODE_LOADER);
    assert_int_equal(rig->announced.running_bank, directions[i].from);
    start_us = rig_now_us(rig) - 300 * 1000;
    rig_run_ms(rig, SILENCE_MS + BACK_MS);
    assert_int_equal(rig->leaving.cause, WIRE_LEAVING_SILENCE);
    assert_in_range(rig->leaving_us - start_us, SILENCE_MS * 1000ull,
                    (SILENCE_MS + SILENCE_SLACK_MS) * 1000ull);
    assert_int_equal(rig->announced.mode, WIRE_MODE_PROGRAM);
    assert_old_runs(rig, &directions[i]);
    assert_int_equal(rig->reports, 0);
    rig_free(rig);
  }
}

static void e3_data_that_stops_at_any_block_leaves_the_old_program(void **state)
{
  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(directions); i++) {
    const Direction *direction = &directions[i];
    g_autoptr(SyRelease) release = rig_load_release(direction->release);
    unsigned blocks = rig_count_blocks(release, direction->to);

    /* The first frame has block 0, which stays in RAM, and block 1. */
    for (unsigned frames = 1; frames < blocks - 1; frames++) {
      Rig *rig = rig_running(direction);
      unsigned leavings = rig->leavings;

      rig->stop_after = frames;
      rig->one_block = true;
      rig_upgrade(rig, release);
      assert_true(rig->stopped);
      assert_int_equal(rig->data_frames, frames);
      rig_run_ms(rig, SILENCE_MS + BACK_MS);
      assert_int_equal(rig->leavings, leavings + 1);
      assert_int_equal(rig->leaving.cause, WIRE_LEAVING_SILENCE);
      assert_old_runs(rig, direction);
      assert_upgrades(rig, direction, release);
      assert_int_equal(rig->reports, 0);
      rig_free(rig);
    }
  }
}

/* Block programs of one upgrade: the running program's record twice, all blocks but the first, the
 * record of the trial, then the first block, which is the seal. */
static void e4_power_cut_at_any_block_leaves_the_old_program(void **state)
{
  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(directions); i++) {
    const Direction *direction = &directions[i];
    g_autoptr(SyRelease) release = rig_load_release(direction->release);
    unsigned blocks = rig_count_blocks(release, direction->to);

    for (unsigned block = 1; block <= blocks + 3; block++) {
      Rig *rig = rig_running(direction);

      rig_add_fault(rig, SIM_FAULT_POWER_CUT_BLOCK, block);
      rig_upgrade(rig, release);
      assert_int_equal(sim_substation_count_fired(rig->substation, SIM_FAULT_POWER_CUT_BLOCK), 1);
      assert_int_equal(rig->session.result.outcome, SY_OUTCOME_OLD_RUNS);
      assert_old_runs(rig, direction);
      assert_upgrades(rig, direction, release);
      assert_int_equal(rig->reports, 0);
      rig_free(rig);
    }
  }
}

/* The record fills the first two 16-byte lines of its block. It comes before the seal: cut inside
 * it, wherever, or behind it, the image has no header and the old program runs. */
static void a_power_cut_inside_the_record_leaves_the_old_program(void **state)
{
  static const uint8_t depths[] = {4, 12, 30, 128};

  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(depths); i++) {
    const Direction *direction = &directions[0];
    g_autoptr(SyRelease) release = rig_load_release(direction->release);
    Rig *rig = rig_new_with_cut_depth(depths[i]);
    /* The running program's fresh records come first, then all blocks but the first. */
    unsigned record = rig_count_blocks(release, direction->to) + 2;

    rig_add_fault(rig, SIM_FAULT_POWER_CUT_BLOCK, record);
    rig_upgrade(rig, release);
    assert_int_equal(sim_substation_count_fired(rig->substation, SIM_FAULT_POWER_CUT_BLOCK), 1);
    assert_int_equal(rig->session.result.outcome, SY_OUTCOME_OLD_RUNS);
    assert_old_runs(rig, direction);
    assert_upgrades(rig, direction, release);
    rig_free(rig);
  }
}

static void e5_a_full_upgrade_runs_the_new_program_in_the_other_bank(void **state)
{
  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(directions); i++) {
    g_autoptr(SyRelease) release = rig_load_release(directions[i].release);
    Rig *rig = rig_running(&directions[i]);

    assert_old_runs(rig, &directions[i]);
    assert_upgrades(rig, &directions[i], release);
    assert_int_equal(rig->session.result.counts.retries, 0);
    assert_int_equal(rig->session.result.counts.bad_frames, 0);
    assert_int_equal(rig->reports, 0);
    rig_free(rig);
  }
}

/* The source design's own figure; the record log of 16 places is filled and emptied many times. */
static void fifty_upgrades_in_a_row_lose_none(void **state)
{
  g_autoptr(SyRelease) newer = rig_load_release("release.hex");
  g_autoptr(SyRelease) older = rig_load_release("release-1.0.0.hex");
  Rig *rig = rig_new();

  (void)state;
  for (unsigned i = 0; i < 50; i++)
    assert_upgrades(rig, &directions[i % 2], i % 2 == 0 ? newer : older);
  assert_int_equal(rig->reports, 0);
  rig_free(rig);
}

static void a_block_that_fails_once_is_erased_and_sent_again(void **state)
{
  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(directions); i++) {
    const Direction *direction = &directions[i];
    g_autoptr(SyRelease) release = rig_load_release(direction->release);
    Rig *rig = rig_running(direction);

    rig_add_fault(rig, SIM_FAULT_BAD_PROGRAM, 5);
    assert_upgrades(rig, direction, release);
    assert_int_equal(sim_substation_count_fired(rig->substation, SIM_FAULT_BAD_PROGRAM), 1);
    assert_int_equal(rig->session.result.counts.repeats, 1);
    rig_free(rig);
  }
}

static void a_block_that_fails_three_times_leaves_the_old_program(void **state)
{
  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(directions); i++) {
    const Direction *direction = &directions[i];
    g_autoptr(SyRelease) release = rig_load_release(direction->release);
    Rig *rig = rig_running(direction);

    assert_true(sim_substation_add_fault(rig->substation, SIM_FAULT_WORN_BLOCK,
                                         wire_bank_get_addr(direction->to) / WIRE_BLOCK_SIZE + 1));
    rig_upgrade(rig, release);
    assert_int_equal(sim_substation_count_fired(rig->substation, SIM_FAULT_WORN_BLOCK), 3);
    assert_int_equal(rig->session.result.outcome, SY_OUTCOME_OLD_RUNS);
    assert_int_equal(rig->session.result.nak.cause, WIRE_CAUSE_PROGRAM_FAILED);
    assert_old_runs(rig, direction);
    rig_free(rig);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(e1_power_up_and_reset_reach_the_program),
      cmocka_unit_test(e2_upgrade_command_without_data_returns_after_10_s),
      cmocka_unit_test(e3_data_that_stops_at_any_block_leaves_the_old_program),
      cmocka_unit_test(e4_power_cut_at_any_block_leaves_the_old_program),
      cmocka_unit_test(a_power_cut_inside_the_record_leaves_the_old_program),
      cmocka_unit_test(e5_a_full_upgrade_runs_the_new_program_in_the_other_bank),
      cmocka_unit_test(fifty_upgrades_in_a_row_lose_none),
      cmocka_unit_test(a_block_that_fails_once_is_erased_and_sent_again),
      cmocka_unit_test(a_block_that_fails_three_times_leaves_the_old_program),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
