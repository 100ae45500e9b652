/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The truth about what the session says, and the bounds it is held to. */

#include "loop-bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <limits.h>

enum {
  /* The loader's own 10 s, a trial of 30 s of which nothing is heard, and starts. */
  REST_US = 45 * 1000000,
  /* A start, the watchdog and the loader again: how long a program that hangs is there. */
  LISTEN_AGAIN_US = 5 * 1000000,
};

/* What the session's table (sy-session-steps.c) allows: for each step attempts times time-out, or
 * for how long it polls and one time-out more. */
enum {
  MS = 1000,
  IDENTIFY_US = 5 * 400 * MS,
  SETTLE_US = (16000 + 400) * MS,
  ENTER_US = 5 * 500 * MS,
  LOADER_US = (5000 + 400) * MS,
  RATE_US = 3 * 300 * MS + 500 * MS + 2 * 300 * MS + 1600 * MS, /* for each there is */
  RATES = 3,
  BEGIN_US = 20 * 400 * MS,
  BEGINS = 4, /* refused for a trial, for an image that does not fit, for a rate that died */
  SLOW_DOWN_US = 1600 * MS,
  /* Each is answered or given up: the erase, the line's own time as it can be measured, and the
   * bytes that the loader has room for on the wire. */
  DATA_US = 1500 * MS + 400 * MS + 700 * MS,
  COMMIT_US = 12 * 500 * MS,
  RUN_US = 3 * 400 * MS + 300 * MS,
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
uint64_t loop_truth_get_bound_us(const Loop *loop)
{
  const SySession *session = &loop->session;
  uint64_t rounds = 1 + session->endings + session->go_backs;
  uint64_t bound_us = IDENTIFY_US + SETTLE_US + ENTER_US + LOADER_US + ABORT_US;

  bound_us += BEGINS * (uint64_t)BEGIN_US + RATES * RATE_US + SLOW_DOWN_US;
  bound_us += (session->data_frames + session->read.frames + 1) * (uint64_t)DATA_US;
  if (!session->committed)
    return bound_us + WHAT_RUNS_US;
  bound_us += (1 + loop->commits) * (uint64_t)COMMIT_US + RUN_US;
  bound_us += rounds * (HEAR_US + GO_BACK_US + CONFIRM_US + PROVE_US);
  return bound_us + rounds * TRIAL_US;
}

/* And sends no more frames than this. */
unsigned loop_truth_get_bound_frames(const Loop *loop)
{
  const SySession *session = &loop->session;
  unsigned rounds = 1 + session->endings + session->go_backs;
  unsigned attempts = 5 + 5 + 3 + 3; /* IDENTIFY, ENTER, RUN, ABORT */
  unsigned polls = (SETTLE_US + LOADER_US) / POLL_US + 2;

  polls += rounds * ((HEAR_US + CONFIRM_US + TRIAL_US) / POLL_US + 3);
  attempts += rounds * 4 + RATES * (3 + 2) + BEGINS * 20;
  attempts += 12 * (1 + loop->commits);
  return 4 * attempts + polls + session->data_frames +
         session->read.frames; /* three times more, if each arrives damaged */
}

/* The bank whose program runs, or will when the start under way or the next one is over. */
WireBank loop_truth_get_runner(const Loop *loop)
{
  uint32_t word;

  if (loop->mode == LOOP_PROGRAM)
    return loop->running;
  word = fw_boot_choose(loop->flash.memory);
  return fw_entry_get_kind(word) == FW_ENTRY_NO_PROGRAM ? WIRE_BANK_NONE
                                                        : (WireBank)fw_entry_get_bank(word);
}

/* DONE: it runs, and the newest record says that it has settled. */
static void check_new_stands(const Loop *loop)
{
  const LoopImage *new = loop_get_new(loop);
  WireRecord record = bench_flash_get_record(&loop->flash);
  bool returned = loop->session.job == SY_JOB_GO_BACK && record.state == WIRE_RECORD_RETURNED;

  assert_true(loop_holds(loop, new));
  assert_int_equal(loop_truth_get_runner(loop), new->bank);
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
  assert_true(loop_holds(loop, &loop->old));
  assert_int_equal(loop_truth_get_runner(loop), loop->old.bank);
  if (result->reason != SY_REASON_RETURNED || loop->lies > 0)
    return;
  assert_int_equal(result->identity.trial, WIRE_TRIAL_RETURNED);
  assert_int_equal(record.state, WIRE_RECORD_RETURNED);
  assert_int_equal(record.bank, loop->old.bank);
  assert_int_equal(record.cause, result->identity.trial_cause);
}

/* A read changes nothing, whatever comes of it; and what it brought is what lies there. */
static void check_read(const Loop *loop)
{
  const SyResult *result = &loop->session.result;

  assert_false(result->touched);
  assert_int_equal(loop->flash.count, 0);
  for (uint32_t addr = 0; addr < WIRE_FLASH_SIZE; addr++) {
    unsigned page = addr / WIRE_PAGE_SIZE;
    bool wanted = (loop->wanted[page / 8] >> page % 8 & 1) != 0;
    bool unread = loop->read[addr] == LOOP_UNREAD;

    if (wanted && (result->outcome == SY_OUTCOME_DONE || !unread)) {
      if (loop->read[addr] != loop->flash.memory[addr])
        fail_msg("0x%05x was read wrongly", addr);
    } else if (!unread) {
      fail_msg("0x%05x was written to and not wanted", addr);
    }
  }
}

/* As the session ends: what it says is so. */
void loop_truth_check_claim(const Loop *loop)
{
  const SyResult *result = &loop->session.result;

  if (loop->session.job == SY_JOB_READ)
    check_read(loop);
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
    /* A GO_BACK that the line repeats behind it is obeyed once more: at rest the old one is back.
     */
    if (loop->to_device.replays == 0 || loop->session.job != SY_JOB_GO_BACK)
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
  const LoopImage *image = &loop->images[bank == WIRE_BANK_HIGH];

  if (loop->old.length > 0 && bank == loop->old.bank)
    image = &loop->old;
  else if (loop->other.length > 0 && !loop_is_erased(loop))
    image = &loop->other;
  assert_true(loop_holds(loop, image));
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
    /* Or nothing says what it is, because the log could not be written any more. */
    assert_int_equal(loop->trial.state, fw_boot_find_record(loop->flash.memory) ? WIRE_TRIAL_RUNNING
                                                                                : WIRE_TRIAL_NONE);
    assert_true(loop->trial.alone);
    return;
  }
  while (loop->now_us < end_us && (loop->mode != LOOP_LOADER || loop->starting))
    loop_step(loop);
  assert_int_equal(loop->mode, LOOP_LOADER);
  assert_false(loop->starting);
}

/* Whatever was said: a whole program starts, if there was one, and only old or new; no trial is
 * left open; and what was said is still so. */
void loop_truth_check_rest(Loop *loop)
{
  SyOutcome outcome = loop->session.result.outcome;
  uint32_t choice;
  FwEntryKind kind;

  come_to_rest(loop);
  choice = fw_boot_choose(loop->flash.memory);
  kind = fw_entry_get_kind(choice);
  if (kind == FW_ENTRY_NO_PROGRAM) {
    assert_int_equal(loop->old.length, 0);
    assert_int_equal(loop->mode, LOOP_LOADER);
    return;
  }
  check_program(loop, (WireBank)fw_entry_get_bank(choice));
  if (kind == FW_ENTRY_LISTEN) {
    check_listening(loop);
  } else {
    assert_int_equal(kind, FW_ENTRY_PROGRAM);
    assert_int_equal(loop->mode, LOOP_PROGRAM);
    assert_int_equal(fw_entry_get_bank(choice), loop->running);
    assert_int_not_equal(loop->trial.state, WIRE_TRIAL_RUNNING);
  }
  if (outcome == SY_OUTCOME_DONE && !loop->lie_is_complete)
    check_new_stands(loop);
  else if (outcome == SY_OUTCOME_OLD_RUNS && !loop->old_on_trial)
    check_old_stands(loop);
  else if ((outcome == SY_OUTCOME_REFUSED || outcome == SY_OUTCOME_LINK) && !loop->old_on_trial)
    assert_true(loop->old.length == 0 || loop_truth_get_runner(loop) == loop->old.bank);
}

/* Power cuts may end the trial of what ran at first before the workstation has asked who is there:
 * then its job is about the other one. And what an earlier session sent last may have been obeyed
 * only behind its end. */
void loop_truth_look_who_was_found(Loop *loop)
{
  WireBank found = (WireBank)loop->session.before.running_bank;
  LoopImage image = loop->old;

  if (loop->lies > 0 || found == WIRE_BANK_NONE || found == loop->old.bank)
    return;
  if (loop->old_on_trial && loop->cuts > 0 && loop->other.length > 0) {
    loop->old = loop->other;
    loop->other = image;
    loop->old_on_trial = false;
  } else if (loop->sessions > 1 && loop->session.before.banks[found - WIRE_BANK_LOW].crc ==
                                       loop->images[found - WIRE_BANK_LOW].header.crc) {
    loop->old = loop->images[found - WIRE_BANK_LOW];
  }
}

/* How long it took is told, and where that went. */
void loop_truth_check_times(const Loop *loop)
{
  const SyResult *result = &loop->session.result;
  uint64_t sum_us = 0;

  for (SyPhase phase = SY_PHASE_IDLE; phase < SY_PHASE_COUNT; phase++)
    sum_us += result->life.phases_us[phase];
  assert_int_equal(result->duration_us, loop->now_us - loop->start_us);
  assert_int_equal(sum_us, result->duration_us);
}
