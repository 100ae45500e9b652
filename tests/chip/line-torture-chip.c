/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The line torture with the ARM images on the chip: the same paths, engine and verdict as in
 * tests/loop/line-torture, fewer runs. */

#include "rig.h"
#include "sy-transfer.h"
#include "torture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <string.h>

enum {
  FEW = 2,
  FULL = 20,
  GATHER_US = 1500,
  REST_MS = 46000, /* the loader's patience, and a trial */
  QUIET_MS = 12000,
};

static SyRelease *release;

/* What a bank holds is exactly this program. */
static bool holds(Rig *rig, const SyProgram *program)
{
  return memcmp(sim_chip_flash(rig_chip(rig)) + program->addr,
                g_bytes_get_data(program->bytes, NULL), program->length) == 0;
}

/* Packing is at its best here, so there is less time to die in. */
static Rig *new_rig(const RelayPath *path, uint32_t seed)
{
  Rig *rig = rig_new_with_factory("factory.hex");
  RelayPath quick = *path;

  quick.dies_within_ms /= 3;
  rig->plain = seed % 3 == 2;
  rig_set_path(rig, &quick, seed);
  rig->relay->gather_us = GATHER_US;
  return rig;
}

static bool upgrade(Rig *rig)
{
  uint64_t start_us = rig_now_us(rig);
  SyUpload halves[2];

  sy_transfer_get_uploads(release, halves);
  rig_start_upgrade(rig, halves);
  while (!sy_session_is_finished(&rig->session) && rig_now_us(rig) - start_us < TORTURE_BOUND_US)
    rig_turn(rig);
  return sy_session_is_finished(&rig->session);
}

static uint64_t count_needed(uint32_t seed)
{
  Rig *rig = new_rig(&relay_paths[0], seed);
  uint64_t needed;

  if (!upgrade(rig) || rig->session.result.outcome != SY_OUTCOME_DONE)
    g_error("a clean line does not do");
  needed = rig->session.result.counts.bytes_sent;
  rig_free(rig);
  return needed;
}

/* What was said, and the substation's own word and flash when all is at rest. */
static void compare(TortureRun *run, Rig *rig, const uint8_t *old)
{
  const SyProgram *new = sy_release_get_program(release, WIRE_BANK_HIGH);
  WireIdentity identity = rig_identify(rig);
  bool at_work = identity.mode == WIRE_MODE_PROGRAM;
  bool runs_new = at_work && identity.running_bank == WIRE_BANK_HIGH && holds(rig, new) &&
                  identity.trial == WIRE_TRIAL_CONFIRMED;
  bool runs_old = at_work && identity.running_bank == WIRE_BANK_LOW &&
                  memcmp(old, sim_chip_flash(rig_chip(rig)) + wire_bank_get_addr(WIRE_BANK_LOW),
                         wire_bank_get_size(WIRE_BANK_LOW)) == 0;

  run->faults[TORTURE_HURT] = !runs_new && !runs_old;
  if (run->outcome == SY_OUTCOME_DONE)
    run->faults[TORTURE_FALSE_SUCCESS] = !runs_new;
  else if (run->outcome != SY_OUTCOME_UNKNOWN)
    run->faults[TORTURE_FALSE_FAILURE] = !runs_old;
}

static void make_run(TortureRun *run)
{
  Rig *rig = new_rig(run->path, run->seed);
  g_autofree uint8_t *old =
      g_memdup2(sim_chip_flash(rig_chip(rig)) + wire_bank_get_addr(WIRE_BANK_LOW),
                wire_bank_get_size(WIRE_BANK_LOW));

  run->needed = count_needed(run->seed);
  run->faults[TORTURE_ENDLESS] = !upgrade(rig);
  torture_note_result(run, &rig->session.result);
  rig_set_baud(rig, WIRE_RATE_DEFAULT);
  rig_run_ms(rig, REST_MS);
  torture_note_relay(run, rig->relay);
  rig_set_path(rig, &(RelayPath){0}, run->seed);
  rig_run_ms(rig, QUIET_MS);
  compare(run, rig, old);
  run->faults[TORTURE_NOT_AGAIN] = !upgrade(rig) || rig->session.result.outcome != SY_OUTCOME_DONE;
  rig_free(rig);
}

int main(int argc, char **argv)
{
  int status;

  release = rig_load_release("release.hex");
  status = torture_main(argc, argv, make_run, FEW, FULL);
  sy_release_unref(release);
  return status;
}
