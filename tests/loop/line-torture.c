/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The proof that no line makes the workstation say what is not so: engine and firmware's logic on
 * all the paths of the relay, in virtual time. Short in the tests; --full makes more than 10,000
 * runs. The same with the ARM images is in tests/chip. */

#include "loop-bench.h"
#include "torture.h"

#include <glib.h>
#include <stdlib.h>

enum {
  FEW = 16,
  FULL = 420,
  REST_US = 50 * 1000000, /* what was said long ago, the loader's patience, and a trial */
  START_US = 2 * 1000000,
  STYLES = 4,
  SECOND = 1000000, /* seeds of the second try */
};

static Loop *loop;
static Relay *relay;

static void reset(LoopStyle style, WireBank running)
{
  loop_reset(loop, running);
  loop->style = style;
  loop->rate_max = style == LOOP_FAST ? 691200 : 0;
  loop->packs = style == LOOP_FAST;
  relay_free(relay);
  relay = relay_new();
  loop->to_device.relay = loop->to_host.relay = relay;
  loop->to_device.way = RELAY_TO_DEVICE;
  loop->to_host.way = RELAY_TO_HOST;
}

static WireBank get_running(uint32_t seed)
{
  return seed / STYLES % 2 == 0 ? WIRE_BANK_LOW : WIRE_BANK_HIGH;
}

/* What a technician has is fast; others are old loaders, and lines that stay at the default rate.
 */
static LoopStyle get_style(uint32_t seed)
{
  static const LoopStyle styles[STYLES] = {LOOP_FAST, LOOP_STREAM, LOOP_FAST, LOOP_ONE_BY_ONE};

  return styles[seed % STYLES];
}

/* To the end of the session, or until the bound. */
static bool finish(void)
{
  while (!sy_session_is_finished(&loop->session) &&
         loop->now_us - loop->start_us < TORTURE_BOUND_US)
    loop_step(loop);
  return sy_session_is_finished(&loop->session);
}

static bool run_upgrade(void)
{
  loop->start_us = loop->now_us;
  loop_allow(loop);
  sy_session_start_upgrade(&loop->session, loop->halves, loop->now_us);
  return finish();
}

static bool run_back(void)
{
  loop->start_us = loop->now_us;
  sy_session_start_go_back(&loop->session, loop->now_us);
  return finish();
}

static bool is_new_running(void)
{
  const LoopImage *image = loop_get_new(loop);
  WireRecord record = bench_flash_get_record(&loop->flash);

  return loop_truth_get_runner(loop) == image->bank && loop_holds(loop, image) &&
         record.bank == image->bank && record.crc == image->header.crc &&
         record.state == WIRE_RECORD_CONFIRMED;
}

static bool is_old_running(void)
{
  return loop_truth_get_runner(loop) == loop->old.bank && loop_holds(loop, &loop->old);
}

/* The new program runs, though maybe nobody was told. */
static bool is_upload_held(void)
{
  WireBank runner = loop_truth_get_runner(loop);

  return runner != WIRE_BANK_NONE && loop_holds(loop, &loop->images[runner - WIRE_BANK_LOW]);
}

/* What was said, against what is. */
static void compare(TortureRun *run)
{
  switch (loop->session.result.outcome) {
  case SY_OUTCOME_DONE:
    run->faults[TORTURE_FALSE_SUCCESS] |= !is_new_running();
    break;
  case SY_OUTCOME_REFUSED:
  case SY_OUTCOME_LINK:
  case SY_OUTCOME_OLD_RUNS:
    run->faults[TORTURE_FALSE_FAILURE] |= !is_old_running();
    break;
  case SY_OUTCOME_UNKNOWN:
  default:
    break;
  }
}

static void make_session(TortureRun *run)
{
  run->faults[TORTURE_ENDLESS] |= !run_upgrade();
  loop_truth_look_who_was_found(loop);
  torture_note_result(run, &loop->session.result);
  compare(run);
}

/* The program that came is restarted, which it says, and left again; then comes the same upgrade
 * once more, while what was heard of the first is still about. Of one that was given up all that is
 * about is from the earlier try. */
static void prepare_second(TortureRun *run)
{
  LoopImage *old = g_memdup2(&loop->old, sizeof loop->old);
  bool done = loop->session.result.outcome == SY_OUTCOME_DONE;

  if (done) {
    relay_set_path(relay, &(RelayPath){.latency_ms = 1}, run->seed, loop->now_us);
    loop_rest(loop, REST_US);
    loop_station_cut_power(loop);
    loop_rest(loop, START_US);
    loop_start_anew(loop);
    loop->to_device.relay = NULL; /* GO_BACK said again later would be obeyed, and rightly */
    run->faults[TORTURE_NOT_AGAIN] |=
        !run_back() || loop->session.result.outcome != SY_OUTCOME_DONE;
    loop->to_device.relay = relay;
    relay_set_path(relay, run->path, run->seed + SECOND, loop->now_us);
  }
  loop_start_anew(loop);
  if (done)
    loop->old = *old;
  run->took_us = run->sent = run->retries = 0;
  g_free(old);
}

/* What a clean line needs, for each style and bank. */
static uint64_t count_needed(uint32_t seed)
{
  static uint64_t needed[STYLES][2];
  uint64_t *entry = &needed[seed % STYLES][get_running(seed) == WIRE_BANK_HIGH];

  if (*entry == 0) {
    reset(get_style(seed), get_running(seed));
    if (!run_upgrade() || loop->session.result.outcome != SY_OUTCOME_DONE)
      abort();
    *entry = loop->session.result.counts.bytes_sent;
  }
  return *entry;
}

/* All is quiet: what was said still is so, and one of the two programs runs. */
static void compare_at_rest(TortureRun *run)
{
  loop_rest(loop, REST_US);
  compare(run);
  run->faults[TORTURE_HURT] |= !is_old_running() && !is_upload_held();
}

static void upgrade_cleanly(TortureRun *run)
{
  relay_set_path(relay, &(RelayPath){.latency_ms = 1}, run->seed, loop->now_us);
  loop_rest(loop, REST_US); /* what is old arrives no more */
  loop_start_anew(loop);
  if (!run_upgrade() || loop->session.result.outcome != SY_OUTCOME_DONE || !is_new_running())
    run->faults[TORTURE_NOT_AGAIN] = true;
}

static void make_run(TortureRun *run)
{
  run->needed = count_needed(run->seed);
  reset(get_style(run->seed), get_running(run->seed));
  relay_set_path(relay, run->path, run->seed, loop->now_us);
  make_session(run);
  if (relay_path_has(run->path, RELAY_OLD) && sy_session_is_finished(&loop->session)) {
    torture_note_relay(run, relay);
    prepare_second(run);
    make_session(run);
  }
  if (!sy_session_is_finished(&loop->session))
    return;
  compare_at_rest(run);
  torture_note_relay(run, relay);
  upgrade_cleanly(run);
}

int main(int argc, char **argv)
{
  int status;

  loop = loop_new(WIRE_BANK_LOW);
  loop_set_length(LOOP_LONG);
  status = torture_main(argc, argv, make_run, FEW, FULL);
  relay_free(relay);
  free(loop);
  return status;
}
