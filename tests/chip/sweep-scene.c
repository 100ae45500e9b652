/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where the upgrades that are cut begin, and what they do when nobody cuts them. */

#include "sweep.h"

#include "sy-transfer.h"

#include <stdio.h>
#include <string.h>

/* With the first reading the self-test ends; the oldest release reads every two seconds. */
enum { SELF_TEST_MS = 3000 };

enum { JOB_MS = 100 * 1000, RECORDS_TORN_MAX = 8, TELLS_MAX = 12 };

/* A log from the factory is blank, which a torn erase could have left: it is emptied as well. */
const SweepScene sweep_scenes[] = {
    {.name = "LOW to an empty HIGH, blank record log emptied",
     .release = "release.hex",
     .empties = true},
    {.name = "HIGH to LOW", .before = {"release.hex"}, .release = "release-0.9.0.hex"},
    {.name = "LOW to HIGH, record log emptied",
     .before = {"release.hex", "release-0.9.0.hex"},
     .release = "release-1.0.0.hex",
     .empties = true},
    {.name = "LOW to HIGH, record log emptied, confirmed at its last start",
     .before = {"release.hex", "release-0.9.0.hex"},
     .release = "release-1.0.0.hex",
     .late = true,
     .empties = true},
    {.name = "HIGH to LOW, record log with a torn record emptied",
     .before = {"release.hex"},
     .release = "release-0.9.0.hex",
     .empties = true},
    {.name = "LOW to HIGH, record log of a first program emptied",
     .before = {"release-0.9.0.hex"},
     .release = "release.hex",
     .blank = true,
     .empties = true},
    /* Of this one an interrupted transfer leaves something, with which the next goes on. */
    {.name = "LOW to HIGH, a large image", .release = "release-large-1.3.0.hex"},
    {.name = "HIGH to LOW, a large image as a difference",
     .before = {"release-large-1.3.0.hex"},
     .release = "release-large-1.3.1.hex"},
};
const unsigned sweep_scene_count = G_N_ELEMENTS(sweep_scenes);

void sweep_tell(const Sweep *sweep, const char *format, ...)
{
  static unsigned told;
  va_list arguments;

  if (told++ >= TELLS_MAX)
    return;
  printf("# %s: %s: ", sweep->scene->name, sweep->what);
  va_start(arguments, format);
  vfprintf(stdout, format, arguments);
  va_end(arguments);
  fputs("\n", stdout);
}

static void tell_broken(Sweep *sweep, const char *text)
{
  sweep_tell(sweep, "%s", text);
  sweep->broken = true;
}

const SweepOperation *sweep_get_operation(const Sweep *sweep, unsigned n)
{
  return &g_array_index(sweep->operations, SweepOperation, n - 1);
}

/* ---- What has happened before ---- */

bool sweep_upgrade(Rig *rig, const SyUpload halves[2])
{
  rig_start_upgrade(rig, halves);
  for (unsigned i = 0; i < JOB_MS * 10 && !sy_session_is_finished(&rig->session); i++)
    rig_turn(rig);
  return sy_session_is_finished(&rig->session) && rig->session.result.outcome == SY_OUTCOME_DONE;
}

/* Whether the log holds a record of a last start, and a newer one that confirms the program. */
static bool was_confirmed_late(Rig *rig)
{
  const uint8_t *log = sim_chip_flash(rig_chip(rig)) + WIRE_RECORD_ADDR;
  uint32_t last_start = 0, confirmed = 0;
  WireRecord record;

  for (unsigned slot = 0; slot < WIRE_RECORD_COUNT; slot++) {
    if (!wire_record_read(log + slot * WIRE_BLOCK_SIZE, &record))
      continue;
    if (record.state == WIRE_RECORD_TRIAL && record.starts == WIRE_TRIAL_STARTS)
      last_start = record.sequence;
    if (record.state == WIRE_RECORD_CONFIRMED)
      confirmed = record.sequence;
  }
  return last_start != 0 && confirmed > last_start;
}

/* An upgrade whose program is confirmed only when no start is left to it. */
static bool upgrade_late(Rig *rig, const SyUpload halves[2])
{
  rig_start_upgrade(rig, halves);
  for (unsigned i = 0; i < JOB_MS * 10 && rig->session.progress.phase != SY_PHASE_TRIAL; i++)
    rig_turn(rig);
  rig->stopped = true;
  for (unsigned start = 2; start <= WIRE_TRIAL_STARTS; start++) {
    sim_chip_power_off(rig_chip(rig));
    sim_chip_power_on(rig_chip(rig));
    rig_run_ms(rig, 1000);
  }
  rig_run_ms(rig, SELF_TEST_MS);
  return rig_confirm(rig) && was_confirmed_late(rig);
}

static void prepare(Sweep *sweep)
{
  const SweepScene *scene = sweep->scene;

  for (unsigned i = 0; scene->before[i]; i++) {
    g_autoptr(SyRelease) release = rig_load_release(scene->before[i]);
    bool late = scene->late && !scene->before[i + 1];
    SyUpload halves[2];

    sy_transfer_get_uploads(release, halves);
    if (!(late ? upgrade_late : sweep_upgrade)(sweep->start, halves))
      tell_broken(sweep, "could not be prepared");
  }
}

/* The record with which an upgrade begins is torn in its second half: a place of the log is gone
 * for good, and no more than that has happened. */
static void tear_record(Sweep *sweep)
{
  enum { DEPTH = 12 };
  Rig *rig = sweep->start;

  rig->cut = (RigCut){.at = 1, .fate = SIM_FLASH_CUT_INSIDE, .depth = DEPTH};
  rig_start_upgrade(rig, sweep->halves);
  for (unsigned i = 0; i < JOB_MS * 10 && sim_chip_is_powered(rig_chip(rig)); i++)
    rig_turn(rig);
  if (rig->cut.erase || rig->cut.addr < WIRE_RECORD_ADDR || !rig->cut.fired)
    tell_broken(sweep, "an upgrade does not begin with a record");
  if (!sweep_recover(rig))
    tell_broken(sweep, "does not recover from a torn record");
}

/* ---- What happens when nobody cuts ---- */

static void note_operations(Sweep *sweep, const RigCut *before, const RigCut *now)
{
  if (now->begun != before->begun) {
    SweepOperation operation = {.addr = now->addr, .erase = now->erase, .begun_at = now->begun_at};

    g_array_append_val(sweep->operations, operation);
  }
  if (now->done != before->done)
    g_array_index(sweep->operations, SweepOperation, now->done - 1).done_at = now->done_at;
}

/* How many operations there are, and where. Returns whether one empties the log. */
static bool measure(Sweep *sweep)
{
  Rig *rig = sweep->work;
  RigCut before;
  bool empties = false;

  rig_copy(rig, sweep->start);
  rig->cut = (RigCut){0};
  g_array_set_size(sweep->operations, 0);
  sweep->begin = rig_count_instructions(rig);
  rig_start_upgrade(rig, sweep->halves);
  for (unsigned i = 0; i < JOB_MS * 10 && !sy_session_is_finished(&rig->session); i++) {
    before = rig->cut;
    rig_turn(rig);
    note_operations(sweep, &before, &rig->cut);
  }
  sweep->end = rig_count_instructions(rig);
  if (rig->session.result.outcome != SY_OUTCOME_DONE)
    tell_broken(sweep, "the upgrade fails although nobody cuts it");
  if (rig->cut.begun != sweep->operations->len || rig->cut.done != rig->cut.begun)
    tell_broken(sweep, "flash operations were missed");
  for (unsigned n = 1; n <= sweep->operations->len; n++) {
    const SweepOperation *operation = sweep_get_operation(sweep, n);

    empties |= operation->erase && operation->addr == WIRE_RECORD_ADDR;
  }
  return empties;
}

static void measure_as_named(Sweep *sweep)
{
  bool empties = measure(sweep);

  for (unsigned i = 0; i < RECORDS_TORN_MAX && sweep->scene->empties && !empties; i++) {
    if (sweep->broken)
      return;
    tear_record(sweep);
    empties = measure(sweep);
  }
  if (empties != sweep->scene->empties)
    tell_broken(sweep, empties ? "the record log is emptied" : "the record log is not emptied");
}

/* ---- A sweep ---- */

Sweep *sweep_new(const SweepScene *scene, const char *factory, bool remembers)
{
  Sweep *sweep = g_new0(Sweep, 1);

  sweep->scene = scene;
  g_strlcpy(sweep->what, "preparation", sizeof sweep->what);
  sweep->release = rig_load_release(scene->release);
  sy_transfer_get_uploads(sweep->release, sweep->halves);
  sweep->start = scene->blank ? rig_new_blank(factory) : rig_new_with_factory(factory);
  sweep->work = rig_new_with_factory(factory);
  sweep->cut = rig_new_with_factory(factory);
  sweep->leader = rig_new_with_factory(factory);
  sweep->operations = g_array_new(FALSE, FALSE, sizeof(SweepOperation));
  sweep->remembers = remembers;
  sweep->seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  sweep->lasted = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  prepare(sweep);
  if (!sweep->broken)
    measure_as_named(sweep);
  sweep->before = rig_identify(sweep->start);
  rig_run_ms(sweep->start, 100);
  if (!sweep->broken)
    measure_as_named(sweep); /* asking and waiting has moved the instruction counts */
  sweep->start->cut = (RigCut){0};
  sweep->old_flash = g_memdup2(sim_chip_flash(rig_chip(sweep->start)), WIRE_FLASH_SIZE);
  sweep->wrongs = sweep_count_wrongs(sweep->start);
  if (sweep->wrongs != 0)
    tell_broken(sweep, "the firmware did something wrong in the preparation");
  return sweep;
}

void sweep_free(Sweep *sweep)
{
  sy_release_unref(sweep->release);
  rig_free(sweep->start);
  rig_free(sweep->work);
  rig_free(sweep->cut);
  rig_free(sweep->leader);
  g_free(sweep->old_flash);
  g_array_unref(sweep->operations);
  g_hash_table_unref(sweep->seen);
  g_hash_table_unref(sweep->lasted);
  g_free(sweep);
}
