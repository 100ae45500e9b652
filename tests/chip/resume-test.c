/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An interrupted upgrade goes on where it was, on the ARM images: by what the loader remembers
 * while it waits, and behind a reset by what lies in flash. What is kept is neither sent nor
 * programmed again. */

#include "rig.h"
#include "sy-transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum {
  LOADER_LEAVES_MS = 12 * 1000,
  POWER_BACK_MS = 1500, /* and the program is up */
  SHORT_PAUSE_MS = 1000,
};

static const char *const image = "release-large-1.3.0.hex";
static const char *const other_image = "release-large-1.3.1.hex";

typedef enum { PLAIN, FAST, WAYS } Way;

static Rig *make_rig(Way way)
{
  Rig *rig = rig_new_with_slow_erase();

  rig->plain = way == PLAIN;
  return rig;
}

/* An upgrade that falls silent behind so many DATA frames. */
static void drop_link_after(Rig *rig, unsigned frames)
{
  g_autoptr(SyRelease) release = rig_load_release(image);

  rig->stop_after = frames;
  rig_upgrade(rig, release);
  assert_true(rig->stopped);
  assert_int_equal(rig->data_frames, frames);
  rig->stop_after = 0;
}

/* An upgrade whose power fails while the n-th block from now on is programmed, records too. */
static void cut_power_at(Rig *rig, unsigned n)
{
  g_autoptr(SyRelease) release = rig_load_release(image);
  unsigned before = sim_substation_count_fired(rig->substation, SIM_FAULT_POWER_CUT_BLOCK);

  rig_add_fault(rig, SIM_FAULT_POWER_CUT_BLOCK, n);
  rig_upgrade(rig, release);
  assert_int_equal(sim_substation_count_fired(rig->substation, SIM_FAULT_POWER_CUT_BLOCK),
                   before + 1);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_OLD_RUNS);
  rig_run_ms(rig, POWER_BACK_MS);
}

/* Times that blocks of HIGH's image were programmed since `programs` was cleared: each that was not
 * kept once and no other, with block 0 last, behind the check of all. Returns how many were not. */
static unsigned count_kept_in_flash(Rig *rig, SyRelease *release)
{
  const uint8_t *programs = rig->programs + WIRE_HIGH_ADDR / WIRE_BLOCK_SIZE;
  unsigned blocks = rig_count_blocks(release, WIRE_BANK_HIGH);
  unsigned kept = 0;

  for (unsigned block = 0; block < blocks; block++) {
    assert_true(programs[block] <= 1);
    kept += programs[block] == 0;
  }
  assert_int_equal(programs[0], 1);
  return kept;
}

/* Upgrades to the end; returns how many blocks were kept. */
static unsigned resume_with(Rig *rig, const char *name)
{
  g_autoptr(SyRelease) release = rig_load_release(name);
  unsigned blocks = rig_count_blocks(release, WIRE_BANK_HIGH);
  uint8_t token = rig->session.token;

  memset(rig->programs, 0, sizeof rig->programs);
  rig_upgrade(rig, release);
  assert_int_not_equal(rig->session.token, token);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_DONE);
  assert_int_equal(rig->session.result.identity.running_bank, WIRE_BANK_HIGH);
  assert_int_equal(rig->reports, 0);
  rig_assert_bank_holds(rig, release, WIRE_BANK_HIGH);

  const SyLife *life = &rig->session.result.life;

  assert_int_equal(life->blocks_kept + life->blocks_sent, blocks);
  return life->blocks_kept;
}

/* ---- While the loader waits ---- */

static void a_dropped_link_is_gone_on_with_by_another_session(void **state)
{
  static const unsigned frames[] = {1, 2, 12, 24, 36, 47};

  (void)state;
  for (Way way = PLAIN; way < WAYS; way++) {
    for (unsigned i = 0; i < G_N_ELEMENTS(frames); i++) {
      g_autoptr(SyRelease) release = rig_load_release(image);
      Rig *rig = make_rig(way);

      drop_link_after(rig, frames[i]);
      rig_run_ms(rig, SHORT_PAUSE_MS);
      assert_int_equal(rig->leavings, 0);

      unsigned kept = resume_with(rig, image);

      /* All that had been sent; what waits in RAM for the seal too. */
      assert_int_equal(kept, frames[i] * WIRE_DATA_BLOCKS_MAX);
      assert_int_equal(count_kept_in_flash(rig, release), kept - 1);
      rig_free(rig);
    }
  }
}

static void a_link_that_drops_again_and_again_gets_there(void **state)
{
  enum { DROPS = 4, FRAMES = 10 };
  Rig *rig = make_rig(PLAIN);

  (void)state;
  for (unsigned i = 0; i < DROPS; i++) {
    drop_link_after(rig, FRAMES);
    rig_run_ms(rig, SHORT_PAUSE_MS);
    assert_int_equal(rig->session.result.life.blocks_kept, i * FRAMES * WIRE_DATA_BLOCKS_MAX);
  }
  assert_int_equal(rig->leavings, 0);
  assert_int_equal(resume_with(rig, image), DROPS * FRAMES * WIRE_DATA_BLOCKS_MAX);
  rig_free(rig);
}

static void another_image_finds_nothing_of_the_first_one_while_the_loader_waits(void **state)
{
  g_autoptr(SyRelease) other = rig_load_release(other_image);
  Rig *rig = make_rig(PLAIN);
  unsigned erases;

  (void)state;
  drop_link_after(rig, 24);
  rig_run_ms(rig, SHORT_PAUSE_MS);
  erases = sim_chip_count_operations(rig_chip(rig), SIM_FLASH_ERASE);
  assert_int_equal(resume_with(rig, other_image), 0);
  assert_int_equal(count_kept_in_flash(rig, other), 0);
  assert_true(sim_chip_count_operations(rig_chip(rig), SIM_FLASH_ERASE) > erases);
  rig_free(rig);
}

/* ---- From flash ---- */

/* Whole sectors below what the loader's window leaves in doubt, and block 0 was only in RAM. */
static unsigned expect_kept(unsigned programmed, unsigned window)
{
  unsigned sure = programmed > window ? programmed - window : 0;
  unsigned kept = sure / WIRE_BLOCKS_PER_SECTOR * WIRE_BLOCKS_PER_SECTOR;

  return kept > 0 ? kept - 1 : 0;
}

static void an_upgrade_is_gone_on_with_when_the_loader_has_long_left(void **state)
{
  static const unsigned frames[] = {21, 24, 32, 40, 47};

  (void)state;
  for (Way way = PLAIN; way < WAYS; way++) {
    for (unsigned i = 0; i < G_N_ELEMENTS(frames); i++) {
      g_autoptr(SyRelease) release = rig_load_release(image);
      Rig *rig = make_rig(way);
      unsigned window;

      drop_link_after(rig, frames[i]);
      window = rig->session.result.identity.window;
      rig_run_ms(rig, LOADER_LEAVES_MS);
      assert_int_equal(rig->leavings, 1);
      assert_int_equal(rig->leaving.cause, WIRE_LEAVING_SILENCE);
      assert_int_equal(rig_identify(rig).mode, WIRE_MODE_PROGRAM);

      unsigned kept = resume_with(rig, image);

      assert_true(kept > 0);
      assert_int_equal(kept, expect_kept(frames[i] * WIRE_DATA_BLOCKS_MAX, window));
      assert_int_equal(count_kept_in_flash(rig, release), kept);
      rig_free(rig);
    }
  }
}

static void a_power_cut_loses_only_what_it_may_have_spoilt(void **state)
{
  static const unsigned cuts[] = {44, 50, 64, 72, 80, 90, 95};

  (void)state;
  for (Way way = PLAIN; way < WAYS; way++) {
    for (unsigned i = 0; i < G_N_ELEMENTS(cuts); i++) {
      g_autoptr(SyRelease) release = rig_load_release(image);
      Rig *rig = make_rig(way);

      cut_power_at(rig, cuts[i]);

      unsigned kept = resume_with(rig, image);

      assert_true(kept > 0);
      assert_int_equal(count_kept_in_flash(rig, release), kept);
      print_message("# power cut at program %u: %u of %u blocks kept\n", cuts[i], kept,
                    rig_count_blocks(release, WIRE_BANK_HIGH));
      rig_free(rig);
    }
  }
}

static void power_cuts_one_behind_the_other_get_there(void **state)
{
  static const unsigned cuts[] = {50, 60, 45};
  unsigned kept[G_N_ELEMENTS(cuts)];
  Rig *rig = make_rig(PLAIN);

  (void)state;
  for (unsigned i = 0; i < G_N_ELEMENTS(cuts); i++) {
    cut_power_at(rig, cuts[i]);
    kept[i] = rig->session.result.life.blocks_kept;
    print_message("# power cut %u, at program %u: %u blocks had been kept\n", i + 1, cuts[i],
                  kept[i]);
  }
  assert_int_equal(kept[0], 0);
  assert_true(kept[1] > 0);
  assert_true(kept[2] > kept[1]);
  /* By now the record log has no room for more: it is emptied, and may be with it what is kept. */
  print_message("# in the end %u are\n", resume_with(rig, image));
  rig_free(rig);
}

static void behind_a_power_cut_another_image_finds_nothing_of_the_first_one(void **state)
{
  g_autoptr(SyRelease) other = rig_load_release(other_image);
  Rig *rig = make_rig(PLAIN);

  (void)state;
  cut_power_at(rig, 80);
  assert_int_equal(resume_with(rig, other_image), 0);
  assert_int_equal(count_kept_in_flash(rig, other), 0);
  rig_free(rig);
}

static void a_cut_while_the_rest_is_erased_leaves_nothing_that_is_trusted(void **state)
{
  g_autoptr(SyRelease) release = rig_load_release(image);
  Rig *rig = make_rig(PLAIN);

  (void)state;
  cut_power_at(rig, 80);
  rig_add_fault(rig, SIM_FAULT_POWER_CUT_ERASE, 1);
  rig_upgrade(rig, release);
  assert_int_equal(sim_substation_count_fired(rig->substation, SIM_FAULT_POWER_CUT_ERASE), 1);
  assert_int_equal(rig->session.result.outcome, SY_OUTCOME_OLD_RUNS);
  rig_run_ms(rig, POWER_BACK_MS);

  /* The log marks the image only when what it is not to keep has been erased. */
  assert_int_equal(resume_with(rig, image), 0);
  assert_int_equal(count_kept_in_flash(rig, release), 0);
  rig_free(rig);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_dropped_link_is_gone_on_with_by_another_session),
      cmocka_unit_test(a_link_that_drops_again_and_again_gets_there),
      cmocka_unit_test(another_image_finds_nothing_of_the_first_one_while_the_loader_waits),
      cmocka_unit_test(an_upgrade_is_gone_on_with_when_the_loader_has_long_left),
      cmocka_unit_test(a_power_cut_loses_only_what_it_may_have_spoilt),
      cmocka_unit_test(power_cuts_one_behind_the_other_get_there),
      cmocka_unit_test(behind_a_power_cut_another_image_finds_nothing_of_the_first_one),
      cmocka_unit_test(a_cut_while_the_rest_is_erased_leaves_nothing_that_is_trusted),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
