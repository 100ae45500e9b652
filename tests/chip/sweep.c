/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Cutting upgrades. */

#include "sweep.h"

#include "sy-transfer.h"

#include <string.h>

enum {
  JOB_MS = 100 * 1000,
  /* Ten seconds of listening to who might be there, hangs of two seconds, and then some. */
  RECOVERY_MS = 25 * 1000,
  /* Once its self-test is over the program may write a record; the oldest release reads first
   * two seconds after its start. */
  SETTLE_MS = 300,
  LASTING_CYCLES = 6,
  TURN_US = 100,
};

void sweep_count_add(SweepCount *to, const SweepCount *from)
{
  const uint64_t *more = (const uint64_t *)from;
  uint64_t *sum = (uint64_t *)to;

  for (unsigned i = 0; i < sizeof *to / sizeof *sum; i++)
    sum[i] += more[i];
}

bool sweep_count_has_caught(const SweepCount *count)
{
  return count->dead > 0 || count->wrong > 0 || count->not_upgraded > 0 || count->reports > 0;
}

bool sweep_count_is_clean(const SweepCount *count)
{
  return count->broken == 0 && !sweep_count_has_caught(count) && count->cases > 0 &&
         count->cases + count->skipped == count->planned && count->fired >= count->cases &&
         count->old + count->new == count->cases && count->upgraded == count->cases;
}

/* ---- What became of it ---- */

bool sweep_recover(Rig *rig)
{
  unsigned announcements = rig->announcements;

  rig_hang_up(rig);
  rig->announced.mode = 0;
  if (!sim_chip_is_powered(rig_chip(rig)))
    sim_chip_power_on(rig_chip(rig));
  for (unsigned i = 0; i < RECOVERY_MS * 10; i++) {
    rig_turn(rig);
    if (rig->announcements != announcements && rig->announced.mode == WIRE_MODE_PROGRAM)
      return true;
  }
  return false;
}

void sweep_power_cycle(Rig *rig, unsigned times)
{
  for (unsigned i = 0; i < times; i++) {
    sim_chip_power_off(rig_chip(rig));
    sim_chip_power_on(rig_chip(rig));
  }
}

static bool is_old(const Sweep *sweep, Rig *rig)
{
  const WireIdentity *now = &rig->announced;
  const WireBankMap *map = wire_bank_map((WireBank)sweep->before.running_bank);
  const WireBankIdentity *was = &sweep->before.banks[sweep->before.running_bank - WIRE_BANK_LOW];

  return now->running_bank == sweep->before.running_bank &&
         now->program_version == sweep->before.program_version &&
         memcmp(sim_chip_flash(rig_chip(rig)) + map->addr, sweep->old_flash + map->addr,
                was->length) == 0;
}

static bool is_new(const Rig *rig, const uint8_t *flash, WireBank from, const SyUpload halves[2])
{
  WireBank bank = wire_bank_other(from);
  const SyUpload *half = &halves[bank - WIRE_BANK_LOW];

  return rig->announced.running_bank == bank && rig->announced.program_version == half->version &&
         memcmp(flash + wire_bank_map(bank)->addr, half->bytes, half->length) == 0;
}

/* Whether the new program may be the one that runs: on trial, unless it was confirmed for certain,
 * or confirmed, unless the workstation had not come to that. */
static bool may_be_new(const Rig *rig, SweepConfirmed confirmed)
{
  bool on_trial = rig->announced.trial == WIRE_TRIAL_RUNNING;

  return on_trial ? confirmed != SWEEP_CONFIRMED : confirmed != SWEEP_NOT_CONFIRMED;
}

static SweepConfirmed how_confirmed(const Rig *rig)
{
  const SySession *session = &rig->session;

  if (session->progress.phase == SY_PHASE_FINISHED && session->result.outcome == SY_OUTCOME_DONE)
    return SWEEP_CONFIRMED;
  return session->progress.phase == SY_PHASE_TRIAL || session->progress.phase == SY_PHASE_FINISHED
             ? SWEEP_MAY_BE_CONFIRMED
             : SWEEP_NOT_CONFIRMED;
}

/* What a program says once it says for good: cells of a torn record may read otherwise after each
 * reset, so it is asked again and again. */
static bool lasts(Sweep *sweep, Rig *rig, SweepCount *count)
{
  gint64 hash = (gint64)sim_chip_hash_flash(rig_chip(rig));

  if (rig->announced.trial == WIRE_TRIAL_RUNNING || g_hash_table_contains(sweep->lasted, &hash))
    return true;
  count->lasted++;
  for (unsigned i = 0; i < LASTING_CYCLES; i++) {
    rig_run_ms(rig, SETTLE_MS);
    sweep_power_cycle(rig, 1);
    if (!sweep_recover(rig) || rig->announced.trial == WIRE_TRIAL_RUNNING ||
        !is_new(rig, sim_chip_flash(rig_chip(rig)), (WireBank)sweep->before.running_bank,
                sweep->halves)) {
      sweep_tell(sweep, "confirmed, but bank %u runs with trial state %u %u power cycles later",
                 rig->announced.running_bank, rig->announced.trial, i + 1);
      return false;
    }
  }
  g_hash_table_add(sweep->lasted, g_memdup2(&hash, sizeof hash));
  return true;
}

/* Whether the upgrade that follows succeeds. What it finds is flash only: RAM was lost or does not
 * matter, so the same flash need not be tried twice where that is wanted. */
static bool upgrades_again(Sweep *sweep, Rig *rig, SweepCount *count)
{
  gint64 hash = (gint64)sim_chip_hash_flash(rig_chip(rig));

  if (sweep->remembers && g_hash_table_contains(sweep->seen, &hash)) {
    count->known++;
    return true;
  }
  if (!sweep_upgrade(rig, sweep->halves))
    return false;
  g_hash_table_add(sweep->seen, g_memdup2(&hash, sizeof hash));
  return true;
}

/* That bytes come while nobody listens, after a reset in the middle of a frame, is not its fault,
 * nor that the watchdog bites when told to. */
unsigned sweep_count_wrongs(Rig *rig)
{
  unsigned wrongs = 0;

  for (SimReportKind kind = 0; kind < SIM_REPORT_COUNT; kind++)
    if (kind != SIM_REPORT_UART_OVERRUN && kind != SIM_REPORT_WATCHDOG_RESET)
      wrongs += sim_chip_count_reports(rig_chip(rig), kind);
  return wrongs;
}

static void count_reports(Sweep *sweep, Rig *rig, SweepCount *count)
{
  unsigned wrongs = sweep_count_wrongs(rig) - sweep->wrongs;

  if (wrongs != 0)
    sweep_tell(sweep, "firmware errors: %u", wrongs);
  count->reports += wrongs;
}

void sweep_judge(Sweep *sweep, Rig *rig, SweepConfirmed confirmed, SweepCount *count)
{
  bool runs = sweep_recover(rig);
  bool old = runs && confirmed != SWEEP_CONFIRMED && is_old(sweep, rig);
  bool new = runs &&may_be_new(rig, confirmed) &&
             is_new(rig, sim_chip_flash(rig_chip(rig)), (WireBank)sweep->before.running_bank,
                    sweep->halves);

  if (runs && !old && !new)
    sweep_tell(sweep, "wrong: bank %u, version %08x, trial state %u; confirmed: %u",
               rig->announced.running_bank, rig->announced.program_version, rig->announced.trial,
               confirmed);
  if (!runs)
    sweep_tell(sweep, "dead");
  if (new)
    new = lasts(sweep, rig, count);
  count->cases++;
  count->old += old;
  count->new += new;
  count->dead += !runs;
  count->wrong += runs && !old && !new;
  if (runs && upgrades_again(sweep, rig, count)) {
    count->upgraded++;
  } else {
    count->not_upgraded++;
    sweep_tell(sweep, "cannot be upgraded again: outcome %d reason %d cause %u",
               rig->session.result.outcome, rig->session.result.reason,
               rig->session.result.nak.cause);
  }
  count_reports(sweep, rig, count);
}

/* ---- Proof 1 ---- */

/* The recovery once more, from where the first cut left it, cut by itself at one of its flash
 * operations or instructions. */
static void cut_recovery(Sweep *sweep, const RigCut *second, uint64_t after, SweepCount *count)
{
  Rig *work = sweep->work;

  count->planned++;
  rig_copy(work, sweep->cut);
  work->stopped = true;
  work->cut = *second;
  if (!sim_chip_is_powered(rig_chip(work)))
    sim_chip_power_on(rig_chip(work));
  if (second->at != 0) {
    for (unsigned i = 0; i < RECOVERY_MS * 10 && !work->cut.fired; i++)
      rig_turn(work);
    count->fired += work->cut.fired;
  } else {
    uint64_t end = rig_count_instructions(work) + after;

    while (rig_count_instructions(work) < end)
      sim_chip_step(rig_chip(work));
    sim_chip_power_off(rig_chip(work));
    count->fired++;
  }
  sweep_judge(sweep, work, how_confirmed(sweep->cut), count);
}

static void cut_recoveries(Sweep *sweep, SweepCount *count)
{
  static const struct {
    SimFlashFate fate;
    uint8_t depth;
  } fates[] = {{SIM_FLASH_CUT_BEFORE, 0}, {SIM_FLASH_CUT_INSIDE, 4}, {SIM_FLASH_CUT_AFTER, 0}};
  enum { PLACES = 6 };
  Rig *work = sweep->work;
  size_t what = strlen(sweep->what);
  uint64_t length;
  unsigned operations;

  rig_copy(work, sweep->cut);
  work->cut = (RigCut){0};
  length = rig_count_instructions(work);
  sweep_recover(work);
  length = rig_count_instructions(work) - length;
  rig_run_ms(work, SETTLE_MS);
  operations = work->cut.begun;
  for (unsigned n = 1; n <= operations; n++)
    for (unsigned i = 0; i < G_N_ELEMENTS(fates); i++) {
      RigCut second = {.at = n, .fate = fates[i].fate, .depth = fates[i].depth};

      g_snprintf(sweep->what + what, sizeof sweep->what - what, ", recovery: operation %u fate %d",
                 n, (int)fates[i].fate);
      cut_recovery(sweep, &second, 0, count);
    }
  for (unsigned place = 0; place < PLACES; place++) {
    RigCut none = {0};

    g_snprintf(sweep->what + what, sizeof sweep->what - what, ", recovery: place %u", place);
    cut_recovery(sweep, &none, 1 + length * place / PLACES, count);
  }
}

void sweep_cut_operation(Sweep *sweep, const SweepCut *cut, bool recovery_too, SweepCount *count)
{
  Rig *work = sweep->work;

  g_snprintf(sweep->what, sizeof sweep->what, "operation %u fate %d depth %u after %u power cycles",
             cut->n, (int)cut->fate, cut->depth, cut->power_cycles);
  count->planned++;
  rig_copy(work, sweep->start);
  if (cut->power_cycles > 0) {
    sweep_power_cycle(work, cut->power_cycles);
    sweep_recover(work);
    rig_run_ms(work, SETTLE_MS);
  }
  work->cut = (RigCut){.at = cut->n, .fate = cut->fate, .depth = cut->depth};
  rig_start_upgrade(work, sweep->halves);
  while (!work->cut.fired || sim_chip_is_powered(rig_chip(work))) {
    if (sy_session_is_finished(&work->session))
      break;
    rig_turn(work);
  }
  if (work->cut.erase != sweep_get_operation(sweep, cut->n)->erase)
    count->broken++; /* the power cycles have made another upgrade of it */
  count->fired += work->cut.fired;
  rig_copy(sweep->cut, work);
  sweep_judge(sweep, work, how_confirmed(sweep->cut), count);
  if (recovery_too)
    cut_recoveries(sweep, count);
}

/* ---- Proof 2 and 3 ---- */

static bool strike(Rig *rig, SweepKind kind)
{
  SimChip *chip = rig_chip(rig);

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

static void strike_and_judge(Sweep *sweep, Rig *rig, SweepKind kind, SweepCount *count)
{
  if (!strike(rig, kind)) {
    count->skipped++; /* the watchdog does not run yet */
    return;
  }
  count->fired++;
  sweep_judge(sweep, rig, how_confirmed(rig), count);
}

/* From the start of a turn to one instruction in it, and cut. */
static void cut_within(Sweep *sweep, uint64_t at, SweepKind kind, SweepCount *count)
{
  Rig *work = sweep->work;

  g_snprintf(sweep->what, sizeof sweep->what, "kind %d at instruction %" G_GUINT64_FORMAT,
             (int)kind, at - sweep->begin);
  rig_copy(work, sweep->cut);
  rig_pump(work);
  while (rig_count_instructions(work) < at)
    sim_chip_step(rig_chip(work));
  strike_and_judge(sweep, work, kind, count);
}

void sweep_cut_instructions(Sweep *sweep, const uint64_t *at, unsigned at_count, SweepKind kind,
                            unsigned part, unsigned parts, SweepCount *count)
{
  Rig *leader = sweep->leader;
  unsigned next = 0;

  for (unsigned i = part; i < at_count; i += parts)
    count->planned++;
  rig_copy(leader, sweep->start);
  rig_start_upgrade(leader, sweep->halves);
  /* Also where the workstation has finished: points just behind its end are cases like others. */
  for (unsigned i = 0; next < at_count && i < JOB_MS * 10; i++) {
    rig_copy(sweep->cut, leader);
    rig_turn(leader);
    for (; next < at_count && at[next] <= rig_count_instructions(leader); next++)
      if (next % parts == part)
        cut_within(sweep, at[next], kind, count);
  }
}

void sweep_reset_inside(Sweep *sweep, unsigned n, SweepKind kind, unsigned percent,
                        SweepCount *count)
{
  Rig *work = sweep->work;
  uint64_t begun_us, length_us;

  g_snprintf(sweep->what, sizeof sweep->what, "kind %d in operation %u at %u %%", (int)kind, n,
             percent);
  count->planned++;
  rig_copy(work, sweep->start);
  work->cut = (RigCut){.at = n, .fate = SIM_FLASH_GOES_WELL};
  rig_start_upgrade(work, sweep->halves);
  while (!work->cut.fired && !sy_session_is_finished(&work->session))
    rig_turn(work);
  begun_us = rig_now_us(work);
  length_us = work->cut.erase ? 100 * 1000 : 1000;
  /* A turn runs on to its end, so it may not begin any later. */
  while (work->cut.done < n && rig_now_us(work) - begun_us + TURN_US < length_us * percent / 100)
    rig_turn(work);
  if (work->cut.done < n)
    strike_and_judge(sweep, work, kind, count);
}

/* ---- Proof 4 ---- */

/* One attempt at an upgrade, struck up to `strikes` times at random: how often it was. */
static unsigned attempt(Sweep *sweep, Rig *rig, const SyUpload halves[2], GRand *random,
                        unsigned strikes)
{
  uint64_t span = sweep->end - sweep->begin;
  uint64_t at = rig_count_instructions(rig) + (uint64_t)(g_rand_double(random) * (double)span);
  unsigned struck = 0;

  rig_start_upgrade(rig, halves);
  for (unsigned i = 0; i < JOB_MS * 10 && !sy_session_is_finished(&rig->session); i++) {
    if (struck < strikes && rig_count_instructions(rig) >= at) {
      at = rig_count_instructions(rig) + (uint64_t)(g_rand_double(random) * (double)span);
      struck += strike(rig, (SweepKind)g_rand_int_range(random, 0, 3));
    }
    if (!sim_chip_is_powered(rig_chip(rig)) && g_rand_int_range(random, 0, 1000) == 0)
      sim_chip_power_on(rig_chip(rig));
    rig_turn(rig);
  }
  return struck;
}

/* One upgrade under fire, a power cut at its end in any case, and then in peace. */
static void upgrade_under_fire(Sweep *sweep, Rig *rig, const SyUpload halves[2], GRand *random,
                               SweepCount *count)
{
  WireBank from = (WireBank)rig->announced.running_bank;
  uint32_t length = rig->announced.banks[from - WIRE_BANK_LOW].length;
  const uint8_t *flash = sim_chip_flash(rig_chip(rig));
  g_autofree uint8_t *old = g_memdup2(flash + wire_bank_map(from)->addr, length);
  unsigned strikes = 1 + (unsigned)g_rand_int_range(random, 0, 3);
  unsigned struck = attempt(sweep, rig, halves, random, strikes);
  SweepConfirmed confirmed = how_confirmed(rig);

  count->planned++;
  if (struck == 0) {
    count->skipped++;
    if (confirmed != SWEEP_CONFIRMED)
      count->broken++; /* nobody did anything to it */
    return;
  }
  if (sim_chip_is_powered(rig_chip(rig)))
    sim_chip_power_off(rig_chip(rig));
  count->cases++;
  count->fired += struck;

  bool runs = sweep_recover(rig);
  bool is_from = runs && confirmed != SWEEP_CONFIRMED && rig->announced.running_bank == from &&
                 memcmp(flash + wire_bank_map(from)->addr, old, length) == 0;
  bool is_to = runs && may_be_new(rig, confirmed) && is_new(rig, flash, from, halves);
  bool done = runs && sweep_upgrade(rig, halves);

  count->old += is_from;
  count->new += is_to;
  count->dead += !runs;
  count->wrong += runs && !is_from && !is_to;
  count->upgraded += done;
  count->not_upgraded += !done;
  if ((!is_from && !is_to) || !done)
    sweep_tell(sweep, "bank %u runs with trial state %u; confirmed: %u; upgraded again: %s",
               rig->announced.running_bank, rig->announced.trial, confirmed, done ? "yes" : "no");
}

void sweep_random(Sweep *sweep, SyRelease *second, uint32_t seed, SweepCount *count)
{
  Rig *rig = sweep->work;
  GRand *random = g_rand_new_with_seed(seed);
  uint64_t cases = count->cases;
  SyUpload halves[2];

  g_snprintf(sweep->what, sizeof sweep->what, "random cuts, seed %u", seed);
  rig_copy(rig, sweep->start);
  sweep_power_cycle(rig, 1 + seed % 13);
  sweep_recover(rig);
  rig_run_ms(rig, seed % 500);
  upgrade_under_fire(sweep, rig, sweep->halves, random, count);
  sy_transfer_get_uploads(second, halves);
  if (rig->session.result.outcome == SY_OUTCOME_DONE) {
    rig->announced = rig->session.result.identity;
    upgrade_under_fire(sweep, rig, halves, random, count);
  }
  count->seeds += count->cases > cases;
  count_reports(sweep, rig, count);
  g_rand_free(random);
}
