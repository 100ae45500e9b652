/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The clock between the two sides, the workstation's part, and the truth about what it says. */

#include "loop-bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
  TICK_US = 20000,
  /* The loader's own 10 s, a trial of 30 s of which nothing is heard, and starts. */
  REST_US = 45 * 1000000,
  /* A start, the watchdog and the loader again: how long a program that hangs is there. */
  LISTEN_AGAIN_US = 5 * 1000000,
  TOKEN = 0x4d,
};

/* What the session's table (sy-session-steps.c) allows: for each step attempts times time-out, or
 * for how long it polls and one time-out more. */
enum {
  MS = 1000,
  IDENTIFY_US = 5 * 400 * MS,
  SETTLE_US = (16000 + 400) * MS,
  ENTER_US = 5 * 500 * MS,
  LOADER_US = (5000 + 400) * MS,
  BEGIN_US = 4 * 2000 * MS,
  DATA_US = 10 * 300 * MS,
  COMMIT_US = 5 * 1500 * MS,
  RUN_US = 3 * 400 * MS,
  HEAR_US = (14000 + 400) * MS,
  CONFIRM_US = (15000 + 400) * MS,
  PROVE_US = 3 * 400 * MS,
  GO_BACK_US = 500 * MS,
  ABORT_US = 3 * 400 * MS,
  WHAT_RUNS_US = (15000 + 400) * MS,
  TRIAL_US = (WIRE_TRIAL_MS + 15000 + 400) * MS, /* WHAT_RUNS behind a commit */
  POLL_US = 150 * MS,                            /* the least between two questions */
};

/* The session's ends in this time, whatever line and substation do: by what it had to do so far.
 * Every block that is sent and every commit behind it is counted, and so is every new beginning of
 * CONFIRM or GO_BACK behind a failure; the session bounds the numbers themselves. */
static uint64_t get_bound_us(const SySession *session)
{
  const SyCounts *counts = &session->progress.counts;
  uint64_t rounds = 1 + session->endings + session->go_backs;
  uint64_t bound_us = IDENTIFY_US + SETTLE_US + ENTER_US + LOADER_US + 2 * BEGIN_US + ABORT_US;

  bound_us += (uint64_t)session->data_frames * DATA_US;
  if (!session->committed)
    return bound_us + WHAT_RUNS_US;
  bound_us += (uint64_t)(1 + counts->repeats) * COMMIT_US + RUN_US;
  bound_us += rounds * (HEAR_US + GO_BACK_US + CONFIRM_US + PROVE_US);
  return bound_us + rounds * TRIAL_US;
}

/* And sends no more frames than this. */
static unsigned get_bound_frames(const SySession *session)
{
  unsigned rounds = 1 + session->endings + session->go_backs;
  unsigned attempts = 5 + 5 + 2 * 4 + 3 + 3; /* IDENTIFY, ENTER, BEGIN, RUN, ABORT */
  unsigned polls = (SETTLE_US + LOADER_US) / POLL_US + 2;

  polls += rounds * ((HEAR_US + CONFIRM_US + TRIAL_US) / POLL_US + 3);
  attempts += rounds * 4 + 10 * session->data_frames;
  attempts += 5 * (1 + session->progress.counts.repeats);
  return 4 * attempts + polls; /* three times more, if each arrives damaged */
}

static void take_event(Loop *loop, const SyEvent *event)
{
  assert_true(loop->session.progress.fraction >= loop->fraction);
  assert_true(loop->session.progress.fraction <= 1);
  loop->fraction = loop->session.progress.fraction;
  /* The last, but for damage that the same bytes or later ones show. */
  assert_true(loop->events[SY_EVENT_FINISHED] == 0 || event->kind == SY_EVENT_BAD_FRAMES);
  loop->events[event->kind]++;
  if (event->kind == SY_EVENT_PHASE) {
    assert_int_not_equal(event->phase, loop->phase); /* that between was lost */
    loop->phase = event->phase;
  }
}

/* With one place left none can have been lost. */
static void check_event_room(const Loop *loop)
{
  assert_true(loop->session.events_count < SY_SESSION_EVENTS);
}

static void drain_events(Loop *loop)
{
  SyEvent event;

  check_event_room(loop);
  while (sy_session_next_event(&loop->session, &event)) {
    take_event(loop, &event);
    if (loop->lazy)
      break;
  }
}

static void feed_host(Loop *loop)
{
  LoopChunk *chunk;

  while ((chunk = loop_line_peek(&loop->to_host, loop->now_us)) != NULL) {
    size_t taken = sy_session_feed(&loop->session, chunk->bytes, chunk->length, loop->now_us);

    drain_events(loop);
    memmove(chunk->bytes, chunk->bytes + taken, chunk->length - taken);
    chunk->length -= taken;
    if (chunk->length > 0)
      return; /* an owner who is slow with events: the rest waits */
    loop_line_drop(&loop->to_host);
  }
}

static void run_host(Loop *loop)
{
  SySession *session = &loop->session;
  size_t length;
  const uint8_t *bytes;

  feed_host(loop);
  sy_session_tick(session, loop->now_us);
  check_event_room(loop);
  if (loop->now_us >= loop->act_us) {
    loop->act_us = UINT64_MAX;
    if (loop->lose_at != UINT_MAX)
      sy_session_lose_link(session, loop->now_us);
    else
      sy_session_cancel(session, loop->now_us);
  }
  drain_events(loop);
  bytes = sy_session_peek_output(session, &length);
  if (length == 0)
    return;
  if (loop->to_device.frames == loop->cancel_at || loop->to_device.frames == loop->lose_at)
    loop->act_us = loop->now_us + loop->act_delay_us;
  loop_line_send(&loop->to_device, bytes, length, loop->now_us);
  sy_session_sent(session, length);
}

/* When the line's next bytes can be taken; a receiver that is busy takes them later. */
static void look_at_line(const LoopLine *line, uint64_t busy_us, uint64_t *next_us)
{
  uint64_t at_us = line->chunks[line->first].at_us;

  if (at_us < busy_us)
    at_us = busy_us;
  if (line->count > 0 && at_us < *next_us)
    *next_us = at_us;
}

static void step(Loop *loop)
{
  uint64_t next_us = loop->tick_us + TICK_US;

  look_at_line(&loop->to_device, loop->flash.now_us, &next_us);
  look_at_line(&loop->to_host, 0, &next_us);
  if (sy_session_get_deadline(&loop->session) < next_us)
    next_us = sy_session_get_deadline(&loop->session);
  if (loop->act_us < next_us)
    next_us = loop->act_us;
  if (next_us > loop->now_us)
    loop->now_us = next_us;
  if (loop->now_us >= loop->tick_us + TICK_US)
    loop->tick_us = loop->now_us;
  loop_station_run(loop);
  run_host(loop);
}

static void make_images(Loop *loop)
{
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    BenchImage *image = &loop->images[bank - WIRE_BANK_LOW];

    bench_image_make(image, bank, LOOP_NEW, LOOP_LENGTH);
    loop->halves[bank - WIRE_BANK_LOW] =
        (SyUpload){image->header.product, LOOP_NEW, LOOP_LENGTH, image->header.crc, image->bytes};
  }
}

static void clear(Loop *loop)
{
  memset(loop, 0, sizeof *loop);
  bench_flash_init(&loop->flash);
  make_images(loop);
  loop->to_device.silent_from = loop->to_host.silent_from = UINT_MAX;
  loop->to_device.random = wire_random(1);
  loop->to_host.random = wire_random(2);
  loop->power_cut_before = loop->power_cut_after = UINT_MAX;
  loop->power_cut_before_send = loop->power_cut_after_send = UINT_MAX;
  loop->power_cut_at_us = UINT64_MAX;
  loop->power_off_us = 300 * 1000;
  loop->cancel_at = loop->lose_at = UINT_MAX;
  loop->act_us = UINT64_MAX;
  loop->self_test_us = 1000 * 1000;
  loop->now_us = loop->flash.now_us = loop->tick_us = 1000000;
  sy_session_init(&loop->session, TOKEN);
}

static void put(Loop *loop, BenchImage *image, WireBank bank, uint32_t version)
{
  bench_image_make(image, bank, version, 0x310);
  bench_flash_put(&loop->flash, image);
}

void loop_reset(Loop *loop, WireBank running)
{
  clear(loop);
  if (running != WIRE_BANK_NONE) {
    put(loop, &loop->old, running, LOOP_OLD);
    bench_flash_put_record(&loop->flash, 0, running, 1);
  }
  loop_station_boot(loop);
  loop_station_settle(loop);
}

void loop_reset_both(Loop *loop, WireBank running, bool settled)
{
  clear(loop);
  put(loop, &loop->old, running, LOOP_OLD);
  put(loop, &loop->other, wire_bank_other(running), LOOP_OTHER);
  if (settled) {
    bench_flash_put_record(&loop->flash, 0, running, 1);
  } else {
    bench_flash_put_record(&loop->flash, 0, loop->other.bank, 1);
    bench_flash_put_trial(&loop->flash, 1, running, 2, 0);
    loop->old_on_trial = true;
  }
  loop_station_boot(loop);
  loop_station_settle(loop);
  loop->flash.count = 0;
  assert_int_equal(loop->running, running);
}

void loop_reset_job(Loop *loop, LoopJob job)
{
  if (job == LOOP_UPGRADE)
    loop_reset(loop, WIRE_BANK_LOW);
  else
    loop_reset_both(loop, WIRE_BANK_HIGH, job == LOOP_BACK);
}

Loop *loop_new(WireBank running)
{
  Loop *loop = malloc(sizeof *loop);

  assert_non_null(loop);
  loop_reset(loop, running);
  return loop;
}

const BenchImage *loop_get_new(const Loop *loop)
{
  WireBank bank = loop->session.progress.bank;

  if (loop->session.job == SY_JOB_GO_BACK)
    return &loop->other;
  if (loop->session.job == SY_JOB_CONFIRM)
    return &loop->old;
  return &loop->images[bank == WIRE_BANK_HIGH];
}

bool loop_is_erased(const Loop *loop)
{
  for (unsigned i = 0; i < loop->flash.count; i++)
    if (loop->flash.operations[i].erase)
      return true;
  return false;
}

/* The bank whose program runs, or will when the start under way or the next one is over. */
static WireBank get_runner(const Loop *loop)
{
  FwEntry entry;

  if (loop->mode == LOOP_PROGRAM)
    return loop->running;
  entry = fw_entry_read(fw_boot_choose(loop->flash.memory));
  return entry.kind == FW_ENTRY_NO_PROGRAM ? WIRE_BANK_NONE : (WireBank)entry.bank;
}

void loop_start_anew(Loop *loop)
{
  uint8_t token = (uint8_t)(loop->session.token + 1);
  WireBank runner = get_runner(loop);

  if (runner != WIRE_BANK_NONE && runner != loop->old.bank &&
      bench_flash_holds(&loop->flash, &loop->images[runner - WIRE_BANK_LOW]))
    loop->old = loop->images[runner - WIRE_BANK_LOW];
  sy_session_init(&loop->session, token);
  memset(loop->events, 0, sizeof loop->events);
  loop->fraction = 0;
  loop->phase = SY_PHASE_IDLE;
  loop->flash.count = 0;
  loop->cancel_at = loop->lose_at = UINT_MAX;
  loop->act_us = UINT64_MAX;
}

/* DONE: it runs, and the newest record says that it has settled. */
static void check_new_stands(const Loop *loop)
{
  const BenchImage *new = loop_get_new(loop);
  WireRecord record = bench_flash_get_record(&loop->flash);
  bool returned = loop->session.job == SY_JOB_GO_BACK && record.state == WIRE_RECORD_RETURNED;

  assert_true(bench_flash_holds(&loop->flash, new));
  assert_int_equal(get_runner(loop), new->bank);
  if (loop->lie_is_complete)
    return;
  assert_int_equal(record.bank, new->bank);
  assert_int_equal(record.crc, new->header.crc);
  if (!returned)
    assert_int_equal(record.state, WIRE_RECORD_CONFIRMED);
}

/* OLD_RUNS: it does, and a trial that was over is told with the cause that was recorded. */
static void check_old_stands(const Loop *loop)
{
  const SyResult *result = &loop->session.result;
  WireRecord record = bench_flash_get_record(&loop->flash);

  assert_true(result->touched);
  assert_true(bench_flash_holds(&loop->flash, &loop->old));
  assert_int_equal(get_runner(loop), loop->old.bank);
  if (result->reason != SY_REASON_RETURNED || loop->lies > 0)
    return;
  assert_int_equal(result->identity.trial, WIRE_TRIAL_RETURNED);
  assert_int_equal(record.state, WIRE_RECORD_RETURNED);
  assert_int_equal(record.bank, loop->old.bank);
  assert_int_equal(record.cause, result->identity.trial_cause);
}

/* As the session ends: what it says is so. */
static void check_claim(const Loop *loop)
{
  const SyResult *result = &loop->session.result;

  switch (result->outcome) {
  case SY_OUTCOME_DONE:
    assert_int_equal(result->phase, SY_PHASE_FINISHED);
    check_new_stands(loop);
    break;
  case SY_OUTCOME_REFUSED:
  case SY_OUTCOME_LINK:
    assert_int_not_equal(result->reason, SY_REASON_NONE);
    assert_false(loop_is_erased(loop));
    break;
  case SY_OUTCOME_OLD_RUNS:
    check_old_stands(loop);
    break;
  case SY_OUTCOME_UNKNOWN:
    assert_true(result->touched);
    break;
  }
  /* An upgrade command that comes once more may just have led into the loader again, which leaves.
   */
  if (loop->cuts == 0 && loop->to_device.replays == 0 &&
      (result->outcome == SY_OUTCOME_DONE || result->outcome == SY_OUTCOME_OLD_RUNS))
    assert_int_equal(loop->mode, LOOP_PROGRAM);
}

/* One of the programs there can be, and whole. */
static void check_program(const Loop *loop, WireBank bank)
{
  const BenchImage *image = &loop->images[bank == WIRE_BANK_HIGH];

  if (loop->old.length > 0 && bank == loop->old.bank)
    image = &loop->old;
  else if (loop->other.length > 0 && !loop_is_erased(loop))
    image = &loop->other;
  assert_true(bench_flash_holds(&loop->flash, image));
}

void loop_rest(Loop *loop, uint64_t for_us)
{
  uint64_t end_us = loop->now_us + for_us;

  while (loop->now_us < end_us)
    step(loop);
}

/* Nothing more happens from outside, and what began comes to its end. */
static void come_to_rest(Loop *loop)
{
  loop->chatter = loop->lazy = false;
  loop->power_cut_before = loop->power_cut_after = UINT_MAX;
  loop->power_cut_before_send = loop->power_cut_after_send = UINT_MAX;
  loop->power_cut_at_us = UINT64_MAX;
  if (loop->starting && loop->alive_us == UINT64_MAX)
    loop_station_switch_on(loop);
  loop_rest(loop, REST_US);
}

/* A program that is not proven and has no other behind it: the loader listens before each of its
 * starts, so one that restarts for ever can be replaced for ever. */
static void check_listening(Loop *loop)
{
  LoopCharacter character = loop_station_get_character(loop);
  bool restarts = character == LOOP_HANGS || character == LOOP_CRASHES;
  uint64_t end_us = loop->now_us + LISTEN_AGAIN_US;

  assert_int_not_equal(loop->session.result.outcome, SY_OUTCOME_DONE);
  if (!restarts) {
    assert_int_equal(loop->mode, LOOP_PROGRAM);
    assert_int_equal(loop->trial.state, WIRE_TRIAL_RUNNING);
    assert_true(loop->trial.alone);
    return;
  }
  while (loop->now_us < end_us && (loop->mode != LOOP_LOADER || loop->starting))
    step(loop);
  assert_int_equal(loop->mode, LOOP_LOADER);
  assert_false(loop->starting);
}

/* Whatever was said: a whole program starts, if there was one, and only old or new; no trial is
 * left open; and what was said is still so. */
static void check_rest(Loop *loop)
{
  SyOutcome outcome = loop->session.result.outcome;
  FwEntry choice;

  come_to_rest(loop);
  choice = fw_entry_read(fw_boot_choose(loop->flash.memory));
  if (choice.kind == FW_ENTRY_NO_PROGRAM) {
    assert_int_equal(loop->old.length, 0);
    assert_int_equal(loop->mode, LOOP_LOADER);
    return;
  }
  check_program(loop, (WireBank)choice.bank);
  if (choice.kind == FW_ENTRY_LISTEN) {
    check_listening(loop);
  } else {
    assert_int_equal(choice.kind, FW_ENTRY_PROGRAM);
    assert_int_equal(loop->mode, LOOP_PROGRAM);
    assert_int_equal(choice.bank, loop->running);
    assert_int_not_equal(loop->trial.state, WIRE_TRIAL_RUNNING);
  }
  if (outcome == SY_OUTCOME_DONE && !loop->lie_is_complete)
    check_new_stands(loop);
  else if (outcome == SY_OUTCOME_OLD_RUNS && !loop->old_on_trial)
    check_old_stands(loop);
  else if ((outcome == SY_OUTCOME_REFUSED || outcome == SY_OUTCOME_LINK) && !loop->old_on_trial)
    assert_true(loop->old.length == 0 || get_runner(loop) == loop->old.bank);
}

static void note_end(LoopLine *line)
{
  line->job_frames = line->frames;
  line->job_bytes = line->bytes;
}

/* Power cuts may end the trial of what ran at first before the workstation has asked who is there:
 * then its job is about the other one. */
static void look_who_was_found(Loop *loop)
{
  BenchImage image = loop->old;

  if (!loop->old_on_trial || loop->cuts == 0 || loop->other.length == 0 ||
      loop->session.before.running_bank != loop->other.bank)
    return;
  loop->old = loop->other;
  loop->other = image;
  loop->old_on_trial = false;
}

static void run_to_end(Loop *loop)
{
  SySession *session = &loop->session;
  unsigned frames = loop->to_device.frames;

  run_host(loop);
  while (!sy_session_is_finished(session)) {
    step(loop);
    if (loop->now_us - loop->start_us > get_bound_us(session))
      fail_msg("not finished in %u s: step %d", (unsigned)(get_bound_us(session) / 1000000),
               session->step);
  }
  loop->lazy = false;
  assert_int_equal(session->result.duration_us, loop->now_us - loop->start_us);
  drain_events(loop);
  assert_int_equal(loop->events[SY_EVENT_FINISHED], 1);
  assert_int_equal(loop->phase, SY_PHASE_FINISHED);
  assert_true(loop->to_device.frames - frames <= get_bound_frames(session));
  note_end(&loop->to_device);
  note_end(&loop->to_host);
  look_who_was_found(loop);
  check_claim(loop);
}

SyOutcome loop_run_to_end(Loop *loop)
{
  loop->start_us = loop->now_us;
  sy_session_start_upgrade(&loop->session, loop->halves, loop->now_us);
  run_to_end(loop);
  return loop->session.result.outcome;
}

SyOutcome loop_run(Loop *loop)
{
  loop_run_to_end(loop);
  check_rest(loop);
  return loop->session.result.outcome;
}

SyOutcome loop_run_back(Loop *loop)
{
  loop->start_us = loop->now_us;
  sy_session_start_go_back(&loop->session, loop->now_us);
  run_to_end(loop);
  check_rest(loop);
  return loop->session.result.outcome;
}

SyOutcome loop_run_confirm(Loop *loop)
{
  loop->start_us = loop->now_us;
  sy_session_start_confirm(&loop->session, loop->now_us);
  run_to_end(loop);
  check_rest(loop);
  return loop->session.result.outcome;
}

SyOutcome loop_run_job(Loop *loop, LoopJob job)
{
  if (job == LOOP_CONFIRM)
    return loop_run_confirm(loop);
  return job <= LOOP_UPGRADE_ON_TRIAL ? loop_run(loop) : loop_run_back(loop);
}

void loop_run_clean(Loop *loop, LoopJob job)
{
  loop_reset_job(loop, job);
  assert_int_equal(loop_run_job(loop, job), SY_OUTCOME_DONE);
}
