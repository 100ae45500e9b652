/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a job ends: what runs is heard, a new program is confirmed, and after a failure the truth is
 * found out. */

#include "sy-session-private.h"

/* Of CONFIRM behind a failure, and of GO_BACK behind one or once more: however a substation
 * answers, a job ends. */
enum { ENDINGS_MAX = 2, GO_BACKS_MAX = 5 };

bool sy_session_take_identity(SySession *session, const WireFrame *frame)
{
  WireIdentity identity;

  if (!wire_identity_read(frame, &identity) || identity.running_bank > WIRE_BANK_HIGH ||
      (identity.mode != WIRE_MODE_PROGRAM && identity.mode != WIRE_MODE_LOADER) ||
      (identity.mode == WIRE_MODE_PROGRAM && identity.running_bank == WIRE_BANK_NONE))
    return false;
  /* Who starts does not check the idle bank first: what was known of it is as good. */
  for (unsigned i = 0; i < 2; i++)
    if (identity.banks[i].state == WIRE_BANK_UNCHECKED)
      identity.banks[i] = session->result.identified ? session->result.identity.banks[i]
                                                     : (WireBankIdentity){.state = WIRE_BANK_EMPTY};
  session->result.identity = identity;
  session->result.identified = true;
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_IDENTITY});
  return true;
}

void sy_session_fail_refused(SySession *session, const WireNak *nak, uint64_t now_us)
{
  (void)nak;
  sy_session_fail(session, SY_REASON_NAK, now_us);
}

void sy_session_fail_silent(SySession *session, uint64_t now_us)
{
  sy_session_fail(session, SY_REASON_SILENT, now_us);
}

static bool is_upload_running(const SySession *session)
{
  const WireIdentity *identity = &session->result.identity;
  WireBank bank = session->progress.bank;

  if (identity->mode != WIRE_MODE_PROGRAM || bank == WIRE_BANK_NONE ||
      identity->running_bank != bank)
    return false;

  const WireBankIdentity *entry = &identity->banks[bank - WIRE_BANK_LOW];

  return entry->state == WIRE_BANK_VALID && entry->crc == session->upload.crc &&
         identity->program_version == session->upload.version;
}

static bool is_old_running(const SySession *session)
{
  const WireIdentity *now = &session->result.identity;
  const WireIdentity *before = &session->before;

  if (now->running_bank != before->running_bank || now->running_bank == WIRE_BANK_NONE)
    return false;
  return now->program_version == before->program_version &&
         now->banks[now->running_bank - WIRE_BANK_LOW].crc ==
             before->banks[now->running_bank - WIRE_BANK_LOW].crc;
}

/* Another program than the one that should runs, or one that was left says why. */
static SyReason reason_of_other(const SySession *session)
{
  return session->result.identity.trial == WIRE_TRIAL_RETURNED ? SY_REASON_RETURNED
                                                               : SY_REASON_OTHER_RUNS;
}

/* Whether no trial has to end before this program stays. A program without trials on a substation
 * that has them cannot confirm itself and will be left. The word of a substation that has trials
 * and does not say which state this one is in is not enough. Going back from a trial ends that
 * instead. */
static bool is_settled(const SySession *session)
{
  const WireIdentity *identity = &session->result.identity;

  if (session->job == SY_JOB_CONFIRM)
    return identity->trial != WIRE_TRIAL_RUNNING; /* who never was on trial need not say more */
  return ((identity->capabilities | session->before.capabilities) & WIRE_CAP_TRIAL) == 0 ||
         identity->trial == WIRE_TRIAL_CONFIRMED ||
         (identity->trial == WIRE_TRIAL_RETURNED && session->job == SY_JOB_GO_BACK &&
          session->before.trial == WIRE_TRIAL_RUNNING);
}

/* GO_BACK was lost, or power was before it could be obeyed. A program that went and came back says
 * RETURNED, which tells nothing only if it said so before. */
static bool has_not_gone(const SySession *session)
{
  const WireIdentity *now = &session->result.identity;

  return session->job == SY_JOB_GO_BACK && now->mode == WIRE_MODE_PROGRAM &&
         is_old_running(session) && now->trial == session->before.trial &&
         (now->trial != WIRE_TRIAL_RETURNED || !session->obeyed) &&
         session->go_backs < GO_BACKS_MAX;
}

/* Only when an answer says who runs now: an ANNOUNCE may be from before the last one was obeyed. */
static void go_back(SySession *session, const WireFrame *heard, uint64_t now_us)
{
  if (heard->type == WIRE_ANNOUNCE) {
    sy_session_ask_later(session, now_us);
    return;
  }
  session->go_backs++;
  session->obeyed = false;
  session->progress.counts.retries++;
  sy_session_enter(session, SY_STEP_GO_BACK, now_us);
}

/* It runs and stays. Only an answer is from now: an ANNOUNCE has no token, and one that the line
 * held back or says again may be from another day. Without one the question under way goes on. */
static void finish_done(SySession *session, const WireFrame *heard, uint64_t now_us)
{
  if (heard->type != WIRE_ANNOUNCE)
    sy_session_finish(session, SY_OUTCOME_DONE, SY_REASON_NONE, now_us);
}

void sy_session_answer_hear(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  const WireIdentity *identity = &session->result.identity;

  if (!sy_session_take_identity(session, frame))
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
  else if (identity->mode == WIRE_MODE_LOADER)
    sy_session_ask_later(session, now_us);
  else if (has_not_gone(session))
    go_back(session, frame, now_us);
  else if (!is_upload_running(session))
    sy_session_fail(session, reason_of_other(session), now_us);
  else if (!is_settled(session))
    sy_session_enter(session, SY_STEP_CONFIRM, now_us);
  else
    finish_done(session, frame, now_us);
}

/* A program that says who it is while it should be confirmed started anew, or is another. */
void sy_session_announce_confirm(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  if (sy_session_take_identity(session, frame) &&
      session->result.identity.mode == WIRE_MODE_PROGRAM && !is_upload_running(session))
    sy_session_fail(session, reason_of_other(session), now_us);
}

/* Names the program that was heard, so that no other is confirmed. */
size_t sy_session_build_confirm(const SySession *session, uint8_t *payload)
{
  const WireIdentity *identity = &session->result.identity;
  WireConfirm confirm = {.crc = identity->banks[identity->running_bank == WIRE_BANK_HIGH].crc};

  return wire_confirm_write(&confirm, payload);
}

bool sy_session_take_confirmed(SySession *session, const WireFrame *frame)
{
  WireConfirmed confirmed;

  if (!wire_confirmed_read(frame, &confirmed))
    return false;
  session->result.identity.trial = WIRE_TRIAL_CONFIRMED;
  session->result.identity.trial_cause = WIRE_TRIAL_CAUSE_NONE;
  session->result.identity.trial_left_s = 0;
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_CONFIRMED, .number = confirmed.sequence});
  return true;
}

void sy_session_answer_confirm(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  if (sy_session_take_confirmed(session, frame))
    sy_session_enter(session, SY_STEP_PROVE, now_us);
  else
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
}

/* The program that CONFIRM was about. */
static bool is_confirmed_one_running(const SySession *session)
{
  if (session->job != SY_JOB_CONFIRM)
    return is_upload_running(session);
  return session->result.identity.mode == WIRE_MODE_PROGRAM && is_old_running(session);
}

void sy_session_answer_prove(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  if (!sy_session_take_identity(session, frame) ||
      (is_confirmed_one_running(session) && !is_settled(session)))
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
  else if (!is_confirmed_one_running(session))
    sy_session_fail(session, reason_of_other(session), now_us);
  else
    sy_session_finish(session, SY_OUTCOME_DONE, SY_REASON_NONE, now_us);
}

void sy_session_refused_prove(SySession *session, const WireNak *nak, uint64_t now_us)
{
  (void)nak;
  sy_session_silent_prove(session, now_us);
}

/* CONFIRM was answered and nobody denies it. */
void sy_session_silent_prove(SySession *session, uint64_t now_us)
{
  sy_session_finish(session, SY_OUTCOME_DONE, SY_REASON_NONE, now_us);
}

/* Its self-test is not done yet; or somebody else than the program answers, who will say so. */
void sy_session_refused_confirm(SySession *session, const WireNak *nak, uint64_t now_us)
{
  bool testing = nak->cause == WIRE_CAUSE_SELF_TEST && nak->detail == 0;

  if (testing || nak->cause == WIRE_CAUSE_NOT_NOW)
    sy_session_ask_later(session, now_us);
  else
    sy_session_fail(session, SY_REASON_NAK, now_us);
}

void sy_session_silent_confirm(SySession *session, uint64_t now_us)
{
  sy_session_fail(session, SY_REASON_NOT_CONFIRMED, now_us);
}

/* As a job of its own the other program is heard next; behind a cancelled upgrade, what runs. */
void sy_session_silent_go_back(SySession *session, uint64_t now_us)
{
  sy_session_enter(session, session->failure == SY_REASON_NONE ? SY_STEP_HEAR : SY_STEP_WHAT_RUNS,
                   now_us);
}

/* A refusal has changed nothing: the job ends as it began. Behind a failure what runs is asked. */
void sy_session_refused_go_back(SySession *session, const WireNak *nak, uint64_t now_us)
{
  if (session->job == SY_JOB_GO_BACK && session->go_backs == 0 &&
      session->failure == SY_REASON_NONE) {
    session->result.touched = false;
    session->result.phase = session->progress.phase;
    sy_session_finish(session, SY_OUTCOME_REFUSED, SY_REASON_NAK, now_us);
    return;
  }
  sy_session_fail_refused(session, nak, now_us);
}

void sy_session_answer_go_back(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  (void)frame;
  session->obeyed = true;
  sy_session_silent_go_back(session, now_us);
}

/* A loader that was read without a failure leaves in order: its last word is waited for, and the
 * program's first. */
enum { LEAVE_PAUSE_US = 300 * 1000 };

static void find_out(SySession *session, uint64_t now_us)
{
  session->slows = session->failure == SY_REASON_NONE;
  if (session->slows)
    sy_session_enter_later(session, SY_STEP_WHAT_RUNS, LEAVE_PAUSE_US, now_us);
  else
    sy_session_enter(session, SY_STEP_WHAT_RUNS, now_us);
}

void sy_session_answer_abort(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  (void)frame;
  find_out(session, now_us);
}

void sy_session_refused_abort(SySession *session, const WireNak *nak, uint64_t now_us)
{
  (void)nak;
  find_out(session, now_us);
}

void sy_session_silent_abort(SySession *session, uint64_t now_us)
{
  find_out(session, now_us);
}

/* What the one who answers at the end means: nothing touched, and the substation is as it was, even
 * if it named another bank before; else it is the old one, or nobody knows. */
static SyOutcome outcome_of_program(const SySession *session)
{
  if (session->result.touched)
    return is_old_running(session) ? SY_OUTCOME_OLD_RUNS : SY_OUTCOME_UNKNOWN;
  return session->failure == SY_REASON_SILENT ? SY_OUTCOME_LINK : SY_OUTCOME_REFUSED;
}

/* The new program runs although the job failed: the commit stood. On trial it is confirmed all the
 * same, unless somebody wanted to give it up or it was tried. */
static void end_with_upload(SySession *session, const WireFrame *heard, uint64_t now_us)
{
  bool cancelled = session->failure == SY_REASON_CANCELLED;

  if (is_settled(session)) {
    finish_done(session, heard, now_us);
  } else if (cancelled ? session->go_backs >= GO_BACKS_MAX : session->endings >= ENDINGS_MAX) {
    sy_session_finish(session, SY_OUTCOME_UNKNOWN, SY_REASON_NOT_CONFIRMED, now_us);
  } else if (cancelled) {
    go_back(session, heard, now_us);
  } else {
    session->endings++;
    sy_session_enter(session, SY_STEP_CONFIRM, now_us);
  }
}

/* Refused before it was sealed: the record of its trial may stand, but it never ran. */
static bool is_refused_by_loader(const SySession *session)
{
  const WireNak *nak = &session->result.nak;

  return session->failure == SY_REASON_NAK && (nak->type == WIRE_DATA || nak->type == WIRE_COMMIT);
}

/* That the new program was left says more than how its silence looked from here. */
static SyReason reason_at_end(const SySession *session)
{
  bool returned = session->committed && is_old_running(session) &&
                  session->result.identity.trial == WIRE_TRIAL_RETURNED;

  return returned && session->failure != SY_REASON_CANCELLED && !is_refused_by_loader(session)
             ? SY_REASON_RETURNED
             : session->failure;
}

/* Everything was read. That is done when what ran before runs again. */
static void end_reading(SySession *session, uint64_t now_us)
{
  if (is_old_running(session))
    sy_session_finish(session, SY_OUTCOME_DONE, SY_REASON_NONE, now_us);
  else
    sy_session_finish(session, SY_OUTCOME_REFUSED, reason_of_other(session), now_us);
}

void sy_session_answer_what_runs(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  const WireIdentity *identity = &session->result.identity;

  if (!sy_session_take_identity(session, frame))
    sy_session_ask_later(session, now_us);
  else if (is_upload_running(session))
    end_with_upload(session, frame, now_us);
  else if (identity->mode == WIRE_MODE_LOADER && identity->running_bank != WIRE_BANK_NONE)
    sy_session_ask_later(session, now_us);
  else if (session->failure == SY_REASON_NONE)
    end_reading(session, now_us);
  else
    sy_session_finish(session, outcome_of_program(session), reason_at_end(session), now_us);
}

void sy_session_refused_what_runs(SySession *session, const WireNak *nak, uint64_t now_us)
{
  (void)nak;
  sy_session_ask_later(session, now_us);
}
