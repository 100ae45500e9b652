/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cutting upgrades. */

#include "sweep.h"

#include "sy-transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

enum {
  JOB_MS = 100 * 1000,
  RECOVERY_MS = 15 * 1000, /* three hangs of two seconds, and then some */
  TELLS_MAX = 12,
};

const SweepScene sweep_scenes[] = {
    {.name = "LOW to an empty HIGH", .release = "release.hex"},
    {.name = "HIGH to LOW", .before = {"release.hex"}, .release = "release-0.9.0.hex"},
    {.name = "LOW to HIGH, record log emptied",
     .before = {"release.hex", "release-0.9.0.hex"},
     .release = "release-1.0.0.hex"},
    {.name = "HIGH to LOW, record log emptied, confirmed at its last start",
     .before = {"release.hex"},
     .release = "release-0.9.0.hex",
     .late = true},
    {.name = "HIGH to LOW, record log emptied",
     .before = {"release-0.9.0.hex", "release-1.0.0.hex", "release.hex"},
     .release = "release-0.9.0.hex"},
};
const unsigned sweep_scene_count = G_N_ELEMENTS(sweep_scenes);

void sweep_count_add(SweepCount *to, const SweepCount *from)
{
  const uint64_t *more = (const uint64_t *)from;
  uint64_t *sum = (uint64_t *)to;

  for (unsigned i = 0; i < sizeof *to / sizeof *sum; i++)
    sum[i] += more[i];
}

bool sweep_count_is_clean(const SweepCount *count)
{
  return count->cases > 0 && count->fired >= count->cases && count->dead == 0 &&
         count->wrong == 0 && count->not_upgraded == 0 && count->reports == 0 &&
         count->old + count->new == count->cases;
}

static SimChip *chip_of(Rig *rig)
{
  return sim_substation_get_chip(rig->substation);
}

static uint64_t instructions(Rig *rig)
{
  return sim_chip_get_instructions(chip_of(rig));
}

static void tell(const char *format, ...) G_GNUC_PRINTF(1, 2);

static void tell(const char *format, ...)
{
  static unsigned told;
  va_list arguments;

  if (told++ >= TELLS_MAX)
    return;
  va_start(arguments, format);
  fputs("# ", stdout);
  vfprintf(stdout, format, arguments);
  fputs("\n", stdout);
  va_end(arguments);
}

/* ---- A scene ---- */

static bool upgrade(Rig *rig, const SyUpload halves[2])
{
  rig_start_upgrade(rig, halves);
  for (unsigned i = 0; i < JOB_MS * 10 && !sy_session_is_finished(&rig->session); i++)
    rig_turn(rig);
  return sy_session_is_finished(&rig->session) && rig->session.result.outcome == SY_OUTCOME_DONE;
}

/* An upgrade whose program is confirmed only when no start is left to it. */
static bool upgrade_late(Rig *rig, const SyUpload halves[2])
{
  rig_start_upgrade(rig, halves);
  for (unsigned i = 0; i < JOB_MS * 10 && rig->session.progress.phase != SY_PHASE_TRIAL; i++)
    rig_turn(rig);
  rig->stopped = true;
  for (unsigned start = 2; start <= WIRE_TRIAL_STARTS; start++) {
    sim_chip_power_off(chip_of(rig));
    sim_chip_power_on(chip_of(rig));
    rig_run_ms(rig, 1000);
  }
  return rig_confirm(rig);
}

/* Once without a cut: how many operations there are, and where. */
static void measure(Sweep *sweep)
{
  Rig *rig = sweep->work;
  RigCut before;

  rig_copy(rig, sweep->start);
  rig->cut = (RigCut){0};
  sweep->begin = instructions(rig);
  rig_start_upgrade(rig, sweep->halves);
  while (!sy_session_is_finished(&rig->session)) {
    before = rig->cut;
    rig_turn(rig);
    if (rig->cut.begun != before.begun)
      g_array_append_val(sweep->edges, rig->cut.begun_at);
    if (rig->cut.done != before.done)
      g_array_append_val(sweep->edges, rig->cut.done_at);
  }
  sweep->operations = rig->cut.begun;
  sweep->end = instructions(rig);
}

Sweep *sweep_new(const SweepScene *scene, const char *factory, bool remembers)
{
  Sweep *sweep = g_new0(Sweep, 1);

  sweep->scene = scene;
  sweep->release = rig_load_release(scene->release);
  sy_transfer_get_uploads(sweep->release, sweep->halves);
  sweep->start = rig_new_with_factory(factory);
  sweep->work = rig_new_with_factory(factory);
  sweep->cut = rig_new_with_factory(factory);
  sweep->leader = rig_new_with_factory(factory);
  for (unsigned i = 0; scene->before[i]; i++) {
    g_autoptr(SyRelease) release = rig_load_release(scene->before[i]);
    SyUpload halves[2];

    sy_transfer_get_uploads(release, halves);
    bool late = scene->late && !scene->before[i + 1];

    if (!(late ? upgrade_late : upgrade)(sweep->start, halves))
      tell("%s: could not be prepared", scene->name);
  }
  rig_run_ms(sweep->start, 100);
  sweep->before = rig_identify(sweep->start);
  sweep->old_flash = g_memdup2(sim_chip_flash(chip_of(sweep->start)), WIRE_FLASH_SIZE);
  sweep->edges = g_array_new(FALSE, FALSE, sizeof(uint64_t));
  sweep->remembers = remembers;
  sweep->seen = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  measure(sweep);
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
  g_array_unref(sweep->edges);
  g_hash_table_unref(sweep->seen);
  g_free(sweep);
}

/* ---- What became of it ---- */

/* Runs until a program says who it is. */
static bool recover(Rig *rig)
{
  SimChip *chip = chip_of(rig);
  unsigned announcements = rig->announcements;

  rig->stopped = true; /* the workstation is gone */
  rig->announced.mode = 0;
  if (!sim_chip_is_powered(chip))
    sim_chip_power_on(chip);
  for (unsigned i = 0; i < RECOVERY_MS * 10; i++) {
    rig_turn(rig);
    if (rig->announcements != announcements && rig->announced.mode == WIRE_MODE_PROGRAM)
      return true;
  }
  return false;
}

static bool is_old(const Sweep *sweep, Rig *rig)
{
  const WireIdentity *now = &rig->announced;
  const WireBankMap *map = wire_bank_map((WireBank)sweep->before.running_bank);
  const WireBankIdentity *was = &sweep->before.banks[sweep->before.running_bank - WIRE_BANK_LOW];

  return now->running_bank == sweep->before.running_bank &&
         now->program_version == sweep->before.program_version &&
         memcmp(sim_chip_flash(chip_of(rig)) + map->addr, sweep->old_flash + map->addr,
                was->length) == 0;
}

static bool is_new(const Sweep *sweep, Rig *rig)
{
  WireBank bank = wire_bank_other((WireBank)sweep->before.running_bank);
  const SyUpload *half = &sweep->halves[bank - WIRE_BANK_LOW];

  return rig->announced.running_bank == bank && rig->announced.program_version == half->version &&
         memcmp(sim_chip_flash(chip_of(rig)) + wire_bank_map(bank)->addr, half->bytes,
                half->length) == 0;
}

/* Whether the upgrade that follows succeeds. What it finds is flash only: RAM was lost or does not
 * matter, so the same flash need not be tried twice where that is wanted. */
static bool upgrades_again(Sweep *sweep, Rig *rig, SweepCount *count)
{
  gint64 hash = (gint64)sim_chip_hash_flash(chip_of(rig));

  if (sweep->remembers && g_hash_table_contains(sweep->seen, &hash)) {
    count->known++;
    return true;
  }
  if (!upgrade(rig, sweep->halves))
    return false;
  g_hash_table_add(sweep->seen, g_memdup2(&hash, sizeof hash));
  return true;
}

/* What the firmware did wrong. That bytes come while nobody listens, after a reset in the middle of
 * a frame, is not its fault, nor that the watchdog bites when told to. */
static unsigned count_wrongs(Rig *rig)
{
  unsigned wrongs = 0;

  for (SimReportKind kind = 0; kind < SIM_REPORT_COUNT; kind++)
    if (kind != SIM_REPORT_UART_OVERRUN && kind != SIM_REPORT_WATCHDOG_RESET)
      wrongs += sim_chip_count_reports(chip_of(rig), kind);
  return wrongs;
}

void sweep_judge(Sweep *sweep, Rig *rig, bool was_confirming, SweepCount *count)
{
  unsigned wrongs = count_wrongs(rig);
  bool runs = recover(rig);
  bool old = runs && is_old(sweep, rig);
  bool new = runs &&is_new(sweep, rig);
  bool on_trial = rig->announced.trial == WIRE_TRIAL_RUNNING;

  count->cases++;
  count->old += old;
  count->new += new && (on_trial || was_confirming);
  count->dead += !runs;
  count->wrong += runs && !old && !(new && (on_trial || was_confirming));
  if (!runs || (!old && !new))
    tell("%s: %s, bank %u version %08x", sweep->scene->name, runs ? "wrong" : "dead",
         rig->announced.running_bank, rig->announced.program_version);
  else if (new && !on_trial && !was_confirming)
    tell("%s: the new program runs without a trial", sweep->scene->name);
  if (runs && upgrades_again(sweep, rig, count)) {
    count->upgraded++;
  } else {
    count->not_upgraded++;
    tell("%s: cannot be upgraded again: outcome %d reason %d cause %u", sweep->scene->name,
         rig->session.result.outcome, rig->session.result.reason, rig->session.result.nak.cause);
  }
  count->reports += count_wrongs(rig) - wrongs;
}

/* ---- Proof 1 ---- */

static bool may_be_confirmed(const Rig *rig)
{
  return rig->session.progress.phase == SY_PHASE_TRIAL ||
         rig->session.progress.phase == SY_PHASE_FINISHED;
}

/* The recovery once more, from where the first cut left it, cut by itself at one of its flash
 * operations or instructions. */
static void cut_recovery(Sweep *sweep, const RigCut *second, uint64_t after, SweepCount *count)
{
  Rig *work = sweep->work;

  rig_copy(work, sweep->cut);
  work->stopped = true;
  work->cut = *second;
  if (!sim_chip_is_powered(chip_of(work)))
    sim_chip_power_on(chip_of(work));
  if (second->at != 0) {
    for (unsigned i = 0; i < RECOVERY_MS * 10 && !work->cut.fired; i++)
      rig_turn(work);
    count->fired += work->cut.fired;
  } else {
    uint64_t end = instructions(work) + after;

    while (instructions(work) < end)
      sim_chip_step(chip_of(work));
    sim_chip_power_off(chip_of(work));
    count->fired++;
  }
  sweep_judge(sweep, work, may_be_confirmed(sweep->cut), count);
}

static void cut_recoveries(Sweep *sweep, SweepCount *count)
{
  static const struct {
    SimFlashFate fate;
    uint8_t depth;
  } fates[] = {{SIM_FLASH_CUT_BEFORE, 0}, {SIM_FLASH_CUT_INSIDE, 4}, {SIM_FLASH_CUT_AFTER, 0}};
  enum { PLACES = 6 };
  Rig *work = sweep->work;
  uint64_t length;
  unsigned operations;

  rig_copy(work, sweep->cut);
  work->cut = (RigCut){0};
  length = instructions(work);
  recover(work);
  length = instructions(work) - length;
  operations = work->cut.begun;
  for (unsigned n = 1; n <= operations; n++)
    for (unsigned i = 0; i < G_N_ELEMENTS(fates); i++) {
      RigCut second = {.at = n, .fate = fates[i].fate, .depth = fates[i].depth};

      cut_recovery(sweep, &second, 0, count);
    }
  for (unsigned place = 0; place < PLACES; place++) {
    RigCut none = {0};

    cut_recovery(sweep, &none, 1 + length * place / PLACES, count);
  }
}

void sweep_cut_operation(Sweep *sweep, unsigned n, SimFlashFate fate, uint8_t depth,
                         bool recovery_too, SweepCount *count)
{
  Rig *work = sweep->work;

  rig_copy(work, sweep->start);
  work->cut = (RigCut){.at = n, .fate = fate, .depth = depth};
  rig_start_upgrade(work, sweep->halves);
  while (!work->cut.fired || sim_chip_is_powered(chip_of(work))) {
    if (sy_session_is_finished(&work->session))
      break;
    rig_turn(work);
  }
  count->fired += work->cut.fired;
  rig_copy(sweep->cut, work);
  sweep_judge(sweep, work, may_be_confirmed(sweep->cut), count);
  if (recovery_too)
    cut_recoveries(sweep, count);
}

/* ---- Proof 2 and 3 ---- */

static bool strike(Rig *rig, SweepKind kind)
{
  SimChip *chip = chip_of(rig);

  switch (kind) {
  case SWEEP_PIN:
    sim_chip_reset_pin(chip);
    return true;
  case SWEEP_WATCHDOG:
    return sim_chip_watchdog_bite(chip);
  case SWEEP_POWER:
  default:
    sim_chip_power_off(chip);
    return true;
  }
}

/* From the start of a turn to one instruction in it, and cut. */
static void cut_within(Sweep *sweep, uint64_t at, SweepKind kind, SweepCount *count)
{
  Rig *work = sweep->work;

  rig_copy(work, sweep->cut);
  rig_pump(work);
  while (instructions(work) < at)
    sim_chip_step(chip_of(work));
  if (!strike(work, kind))
    return; /* the watchdog does not run yet: no case */
  count->fired++;
  sweep_judge(sweep, work, may_be_confirmed(work), count);
}

void sweep_cut_instructions(Sweep *sweep, const uint64_t *at, unsigned at_count, SweepKind kind,
                            unsigned part, unsigned parts, SweepCount *count)
{
  Rig *leader = sweep->leader;
  unsigned next = 0;

  rig_copy(leader, sweep->start);
  rig_start_upgrade(leader, sweep->halves);
  while (next < at_count && !sy_session_is_finished(&leader->session)) {
    rig_copy(sweep->cut, leader);
    rig_turn(leader);
    for (; next < at_count && at[next] <= instructions(leader); next++)
      if (next % parts == part)
        cut_within(sweep, at[next], kind, count);
  }
}

void sweep_reset_inside(Sweep *sweep, unsigned n, SweepKind kind, unsigned percent,
                        SweepCount *count)
{
  Rig *work = sweep->work;
  uint64_t begun_us, length_us;

  rig_copy(work, sweep->start);
  work->cut = (RigCut){.at = n, .fate = SIM_FLASH_GOES_WELL};
  rig_start_upgrade(work, sweep->halves);
  while (!work->cut.fired && !sy_session_is_finished(&work->session))
    rig_turn(work);
  begun_us = rig_now_us(work);
  length_us = work->cut.erase ? 100 * 1000 : 1000;
  while (work->cut.done < n && rig_now_us(work) - begun_us < length_us * percent / 100)
    rig_turn(work);
  if (work->cut.done < n && strike(work, kind)) {
    count->fired++;
    sweep_judge(sweep, work, may_be_confirmed(work), count);
  }
}

/* ---- Proof 4 ---- */

/* One attempt at an upgrade, struck `strikes` times at random. */
static void attempt(Sweep *sweep, Rig *rig, const SyUpload halves[2], GRand *random,
                    unsigned strikes, SweepCount *count)
{
  uint64_t span = sweep->end - sweep->begin;
  uint64_t at = instructions(rig) + (uint64_t)(g_rand_double(random) * (double)span);

  rig_start_upgrade(rig, halves);
  for (unsigned i = 0; i < JOB_MS * 10 && !sy_session_is_finished(&rig->session); i++) {
    if (strikes > 0 && instructions(rig) >= at) {
      at = instructions(rig) + (uint64_t)(g_rand_double(random) * (double)span);
      if (strike(rig, (SweepKind)g_rand_int_range(random, 0, 3))) {
        count->fired++;
        strikes--;
      }
    }
    if (!sim_chip_is_powered(chip_of(rig)) && g_rand_int_range(random, 0, 1000) == 0)
      sim_chip_power_on(chip_of(rig));
    rig_turn(rig);
  }
}

/* One upgrade under fire, a power cut at its end in any case, and then in peace. */
static void upgrade_under_fire(Sweep *sweep, Rig *rig, const SyUpload halves[2], GRand *random,
                               SweepCount *count)
{
  WireBank from = (WireBank)rig->announced.running_bank, to = wire_bank_other(from);
  uint32_t length = rig->announced.banks[from - WIRE_BANK_LOW].length;
  const uint8_t *flash = sim_chip_flash(chip_of(rig));
  g_autofree uint8_t *old = g_memdup2(flash + wire_bank_map(from)->addr, length);
  const SyUpload *half = &halves[to - WIRE_BANK_LOW];
  bool done = false;

  attempt(sweep, rig, halves, random, 1 + (unsigned)g_rand_int_range(random, 0, 3), count);
  if (sim_chip_is_powered(chip_of(rig)))
    sim_chip_power_off(chip_of(rig));
  count->cases++;
  count->fired++;

  bool runs = recover(rig);
  bool is_from = runs && rig->announced.running_bank == from &&
                 memcmp(flash + wire_bank_map(from)->addr, old, length) == 0;
  bool is_to = runs && rig->announced.running_bank == to &&
               memcmp(flash + wire_bank_map(to)->addr, half->bytes, half->length) == 0;

  count->old += is_from;
  count->new += is_to;
  count->dead += !runs;
  count->wrong += runs && !is_from && !is_to;
  if (is_from || is_to)
    done = upgrade(rig, halves);
  else
    tell("%s, random cuts: bank %u runs", sweep->scene->name, rig->announced.running_bank);
  count->upgraded += done;
  count->not_upgraded += !done;
}

void sweep_random(Sweep *sweep, SyRelease *second, uint32_t seed, SweepCount *count)
{
  Rig *rig = sweep->work;
  GRand *random = g_rand_new_with_seed(seed);
  SyUpload halves[2];

  rig_copy(rig, sweep->start);
  /* Another number of power cycles makes another stream of everything that is random in the chip.
   */
  for (unsigned i = 0; i <= seed % 13; i++) {
    sim_chip_power_off(chip_of(rig));
    sim_chip_power_on(chip_of(rig));
  }
  rig_run_ms(rig, 200 + seed % 500);
  upgrade_under_fire(sweep, rig, sweep->halves, random, count);
  sy_transfer_get_uploads(second, halves);
  if (rig->session.result.outcome == SY_OUTCOME_DONE) {
    rig->announced = rig->session.result.identity;
    upgrade_under_fire(sweep, rig, halves, random, count);
  }
  g_rand_free(random);
}
