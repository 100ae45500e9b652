/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The steps of a job: what each asks and where each answer leads. The table is at the end.
 *
 *   IDENTIFY → ENTER → LOADER → RATE → RATE_TEST → BEGIN → DATA … DATA → COMMIT → RUN
 *            → HEAR → CONFIRM → PROVE → done
 *   IDENTIFY → ENTER → LOADER → RATE → RATE_TEST → READ … READ → ABORT → WHAT_RUNS → done
 *   IDENTIFY → LINE … LINE → done
 *   IDENTIFY → GO_BACK → HEAR → CONFIRM → PROVE → done
 *   from any of them, when it fails:  ABORT → WHAT_RUNS → the truth
 *
 * What follows the commit is in sy-session-end.c.
 */

#include "sy-session-private.h"

#include "wire-bytes.h"

static const SyUpload *half(const SySession *session, WireBank bank)
{
  return &session->halves[bank == WIRE_BANK_HIGH];
}

/* The bank to write; with no program running, whichever the release has, LOW first. */
static WireBank choose_bank(const SySession *session)
{
  WireBank running = (WireBank)session->before.running_bank;

  if (running != WIRE_BANK_NONE)
    return wire_bank_other(running);
  return half(session, WIRE_BANK_LOW)->length > 0 ? WIRE_BANK_LOW : WIRE_BANK_HIGH;
}

SyReason sy_identity_judge(const WireIdentity *identity)
{
  if (identity->protocol_major != WIRE_PROTOCOL_MAJOR)
    return SY_REASON_NOT_COMPATIBLE;
  if ((identity->capabilities & WIRE_CAP_UPGRADE) == 0)
    return SY_REASON_NO_LOADER;
  return SY_REASON_NONE;
}

static SyReason prepare_upload(SySession *session)
{
  const WireIdentity *identity = &session->result.identity;
  SyProgress *progress = &session->progress;

  session->before = *identity;
  if (sy_identity_judge(identity) != SY_REASON_NONE)
    return sy_identity_judge(identity);

  WireBank bank = choose_bank(session);

  session->upload = *half(session, bank);
  if (session->upload.length == 0 || session->upload.length > wire_bank_map(bank)->size)
    return SY_REASON_BANK;
  if (session->upload.product != identity->product)
    return SY_REASON_PRODUCT;
  progress->bank = bank;
  progress->version = session->upload.version;
  progress->bytes_total = session->upload.length;
  progress->blocks_total = (uint16_t)wire_block_count(session->upload.length);
  if (session->packing && session->job == SY_JOB_UPGRADE)
    session->packing->open(session->packing->context, &session->upload, bank, identity);
  return SY_REASON_NONE;
}

/* The program in the other bank takes the place of an upload. */
static SyReason prepare_going_back(SySession *session)
{
  const WireIdentity *identity = &session->result.identity;
  WireBank bank = wire_bank_other((WireBank)identity->running_bank);

  session->before = *identity;
  if (identity->protocol_major != WIRE_PROTOCOL_MAJOR)
    return SY_REASON_NOT_COMPATIBLE;
  if ((identity->capabilities & WIRE_CAP_TRIAL) == 0)
    return SY_REASON_NO_TRIAL;
  if (bank == WIRE_BANK_NONE || identity->mode != WIRE_MODE_PROGRAM ||
      identity->banks[bank - WIRE_BANK_LOW].state != WIRE_BANK_VALID)
    return SY_REASON_NO_OTHER;

  const WireBankIdentity *other = &identity->banks[bank - WIRE_BANK_LOW];

  session->upload = (SyUpload){.product = identity->product,
                               .version = other->version,
                               .length = other->length,
                               .crc = other->crc};
  session->progress.bank = bank;
  session->progress.version = other->version;
  return SY_REASON_NONE;
}

/* A program on trial must settle before it is upgraded. A loader says itself whether it minds (see
 * refused_begin): one that has committed a program and will yet leave for it does, one that listens
 * because no program has ever been proven does not. To be confirmed is asked of every program that
 * does not say that it is. */
static bool is_to_settle(const SySession *session)
{
  const WireIdentity *before = &session->before;
  WireBank other = wire_bank_other((WireBank)before->running_bank);

  if (session->job == SY_JOB_CONFIRM && before->mode == WIRE_MODE_PROGRAM)
    return (before->capabilities & WIRE_CAP_TRIAL) != 0 && before->trial != WIRE_TRIAL_CONFIRMED;
  if (before->trial != WIRE_TRIAL_RUNNING || other == WIRE_BANK_NONE)
    return false;
  return before->mode == WIRE_MODE_PROGRAM || session->job == SY_JOB_CONFIRM;
}

/* Where a job goes when it is known who is there. */
static void begin_job(SySession *session, uint64_t now_us)
{
  sy_session_set_fraction(session, SY_FRACTION_CONNECTED);
  if (session->job == SY_JOB_CHECK)
    sy_session_enter(session, SY_STEP_LINE, now_us);
  else if (session->job == SY_JOB_GO_BACK)
    sy_session_enter(session, SY_STEP_GO_BACK, now_us);
  else if (is_to_settle(session))
    sy_session_enter(session, SY_STEP_SETTLE, now_us);
  else if (session->job == SY_JOB_CONFIRM)
    sy_session_finish(session, SY_OUTCOME_DONE, SY_REASON_NONE, now_us);
  else if (session->before.mode == WIRE_MODE_LOADER)
    sy_session_try_rate(session, now_us);
  else
    sy_session_enter(session, SY_STEP_ENTER, now_us);
}

static SyReason prepare_job(SySession *session)
{
  switch (session->job) {
  case SY_JOB_UPGRADE:
  case SY_JOB_CHECK:
    return prepare_upload(session);
  case SY_JOB_GO_BACK:
    return prepare_going_back(session);
  case SY_JOB_READ:
    return sy_session_prepare_reading(session);
  case SY_JOB_IDENTIFY:
  case SY_JOB_CONFIRM:
  default:
    session->before = session->result.identity;
    return SY_REASON_NONE;
  }
}

static void answer_identify(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  if (!sy_session_take_identity(session, frame)) {
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
    return;
  }
  if (session->job == SY_JOB_IDENTIFY) {
    sy_session_finish(session, SY_OUTCOME_DONE, SY_REASON_NONE, now_us);
    return;
  }

  SyReason reason = prepare_job(session);

  if (reason == SY_REASON_NONE)
    begin_job(session, now_us);
  else
    sy_session_fail(session, reason, now_us);
}

/* The upgrade overwrites what the program on trial would go back to, so it must be over first. */
static void answer_settle(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  if (!sy_session_take_confirmed(session, frame)) {
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
    return;
  }
  session->before = session->result.identity;
  sy_session_enter(session, session->job == SY_JOB_CONFIRM ? SY_STEP_PROVE : SY_STEP_ENTER, now_us);
}

/* A record log that takes no more is emptied by the upgrade, and a program that will never be
 * proven is replaced by it, if the substation lets it begin: one with another to go back to does
 * not. */
static void refused_settle(SySession *session, const WireNak *nak, uint64_t now_us)
{
  bool failed = nak->cause == WIRE_CAUSE_SELF_TEST && nak->detail != 0;

  if ((nak->cause == WIRE_CAUSE_RECORD_FAILED || failed) && session->job == SY_JOB_UPGRADE)
    sy_session_enter(session, SY_STEP_ENTER, now_us);
  else
    sy_session_refused_confirm(session, nak, now_us);
}

static size_t build_enter(const SySession *session, uint8_t *payload)
{
  WireEnter enter = {.product = session->upload.product};

  return wire_enter_write(&enter, payload);
}

static void answer_enter(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  (void)frame;
  sy_session_enter(session, SY_STEP_LOADER, now_us);
}

static void refused_enter(SySession *session, const WireNak *nak, uint64_t now_us)
{
  bool unknown = nak->cause == WIRE_CAUSE_UNKNOWN_TYPE;

  sy_session_fail(session, unknown ? SY_REASON_NO_LOADER : SY_REASON_NAK, now_us);
}

static void answer_loader(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  if (!sy_session_take_identity(session, frame))
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
  else if (session->result.identity.mode == WIRE_MODE_LOADER)
    sy_session_try_rate(session, now_us);
  else
    sy_session_ask_later(session, now_us);
}

static size_t build_begin(const SySession *session, uint8_t *payload)
{
  bool can_resume = (session->result.identity.capabilities & WIRE_CAP_RESUME) != 0;
  bool resumes = can_resume && !session->anew;
  WireBegin begin = {
      .bank = (uint8_t)session->progress.bank,
      .encoding = resumes ? WIRE_BEGIN_KEEP : WIRE_BEGIN_ANEW,
      .blocks = session->progress.blocks_total,
      .product = session->upload.product,
      .version = session->upload.version,
      .length = session->upload.length,
      .crc = session->upload.crc,
  };

  return wire_begin_write(&begin, payload);
}

static void answer_begin(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  SyProgress *progress = &session->progress;
  WireBegun begun;

  if (!wire_begun_read(frame, &begun) || begun.bank != progress->bank ||
      begun.blocks != progress->blocks_total || begun.missing > begun.blocks) {
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
    return;
  }
  if ((session->result.identity.capabilities & WIRE_CAP_STREAM) != 0) /* else behind the erase */
    sy_session_measure(session, frame, 0, now_us);
  sy_session_set_fraction(session, SY_FRACTION_ERASED);
  sy_session_start_stream(session, &begun, now_us);
}

/* A refusal is judged before anything is touched, but for flash that fails. But an earlier attempt
 * may have been obeyed and its answer lost, if the substation has restarted since. A loader found
 * with a program on trial and another to go back to has not obeyed any: that program settles first,
 * once the loader has left for it. */
static void refused_begin(SySession *session, const WireNak *nak, uint64_t now_us)
{
  if (nak->cause == WIRE_CAUSE_ON_TRIAL && !session->settles && session->write_us == 0) {
    session->settles = true;
    session->result.touched = false;
    session->begins = 0;
    sy_session_leave_rate(
        session); /* it leaves by itself, and who comes then has the default one */
    sy_session_enter(session, SY_STEP_SETTLE, now_us);
    return;
  }

  /* Asked once more in the middle, because the line had died. */
  if (session->write_us != 0 && nak->cause == WIRE_CAUSE_NOT_NOW) {
    sy_session_fail(session, SY_REASON_RESTARTED, now_us);
    return;
  }

  bool flash_failed =
      nak->cause == WIRE_CAUSE_ERASE_FAILED || nak->cause == WIRE_CAUSE_RECORD_FAILED;

  if (!flash_failed && session->attempt == 1 && session->begins == 1)
    session->result.touched = false;
  sy_session_fail(session, SY_REASON_NAK, now_us);
}

static size_t build_commit(const SySession *session, uint8_t *payload)
{
  WireCommit commit = {.length = session->upload.length, .crc = session->upload.crc};

  return wire_commit_write(&commit, payload);
}

static void answer_commit(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  WireCommitted committed;

  if (!wire_committed_read(frame, &committed) || committed.bank != session->progress.bank ||
      committed.crc != session->upload.crc) {
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
    return;
  }
  sy_session_set_phase(session, SY_PHASE_COMMIT, now_us); /* if an answer to DATA was lost */
  session->result.life.loader = committed.life;
  sy_session_set_verified(session, 0);
  sy_session_update_progress(session, now_us);
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_COMMITTED, .number = committed.sequence});
  sy_session_set_fraction(session, SY_FRACTION_COMMITTED);
  sy_session_enter(session, SY_STEP_RUN, now_us);
}

/* Blocks were lost on the way, or the seal failed and its sector was erased anew: send what is
 * missing and commit again. What an earlier transfer left and does not fit after all is sent anew.
 */
static void refused_commit(SySession *session, const WireNak *nak, uint64_t now_us)
{
  bool kept = session->result.life.blocks_kept > 0 && !session->anew;

  if (nak->cause == WIRE_CAUSE_INCOMPLETE && nak->detail < session->progress.blocks_total) {
    sy_session_send_missing(session, nak->detail, now_us);
  } else if (nak->cause == WIRE_CAUSE_IMAGE_CRC && kept) {
    session->anew = true;
    sy_session_enter(session, SY_STEP_BEGIN, now_us);
  } else {
    sy_session_fail(session, SY_REASON_NAK, now_us);
  }
}

static void silent_commit(SySession *session, uint64_t now_us)
{
  if (!sy_session_slow_down(session, now_us))
    sy_session_fail_silent(session, now_us);
}

/* The program says who it is when it has started; asked before, it would hear nothing and the line
 * only fill up. At a raised rate the loader's last word is waited for. */
enum { HEAR_PAUSE_US = 300 * 1000 };

static void hear(SySession *session, uint64_t now_us)
{
  session->slows = true;
  sy_session_enter_later(session, SY_STEP_HEAR, HEAR_PAUSE_US, now_us);
}

static void answer_run(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  (void)frame;
  hear(session, now_us);
}

/* RUN is a courtesy: without it the loader leaves after 10 s. So its loss is no failure yet. */
static void silent_run(SySession *session, uint64_t now_us)
{
  hear(session, now_us);
}

static void refused_run(SySession *session, const WireNak *nak, uint64_t now_us)
{
  (void)nak;
  hear(session, now_us);
}

/* Program and loader say who they are as they start: as good as an answer to the polling steps. The
 * loader may be heard although the answer to ENTER was lost. */
static void handle_announce(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  WireIdentity identity;

  if (!wire_identity_read(frame, &identity))
    return;
  switch (session->step) {
  case SY_STEP_ENTER:
    if (identity.mode == WIRE_MODE_LOADER && sy_session_take_identity(session, frame))
      sy_session_try_rate(session, now_us);
    break;
  case SY_STEP_LOADER:
    if (identity.mode == WIRE_MODE_PROGRAM) { /* the loader is gone again, or never came */
      sy_session_fail(session, SY_REASON_RESTARTED, now_us);
      break;
    }
    sy_session_step_row(session->step)->answer(session, frame, now_us);
    break;
  case SY_STEP_HEAR:
  case SY_STEP_WHAT_RUNS:
    sy_session_step_row(session->step)->answer(session, frame, now_us);
    break;
  case SY_STEP_CONFIRM: /* it started anew, or was left */
    sy_session_announce_confirm(session, frame, now_us);
    break;
  case SY_STEP_DATA:
  case SY_STEP_COMMIT:
  case SY_STEP_READ:
    if (identity.mode == WIRE_MODE_PROGRAM)
      sy_session_fail(session, SY_REASON_RESTARTED, now_us);
    break;
  case SY_STEP_NONE:
  case SY_STEP_IDENTIFY:
  case SY_STEP_LINE:
  case SY_STEP_SETTLE:
  case SY_STEP_PROVE:
  case SY_STEP_GO_BACK:
  case SY_STEP_RATE:
  case SY_STEP_RATE_TEST:
  case SY_STEP_BEGIN:
  case SY_STEP_RUN:
  case SY_STEP_ABORT:
  case SY_STEP_COUNT:
  default:
    break;
  }
}

static bool is_loader_expected(const SySession *session)
{
  return session->step == SY_STEP_DATA || session->step == SY_STEP_COMMIT ||
         session->step == SY_STEP_READ;
}

static void handle_leaving(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  WireLeaving leaving;

  if (!wire_leaving_read(frame, &leaving))
    return;
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_LEAVING, .cause = leaving.cause});
  if (session->slows)
    sy_session_leave_rate(session);
  if (is_loader_expected(session)) {
    session->result.leaving = leaving;
    sy_session_fail(session, SY_REASON_LEFT, now_us);
  }
}

static void handle_reading(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  if (!wire_reading_read(frame, &session->reading))
    return;
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_READING});
  /* Readings come from the program. After the loader has taken or given the first block they can
   * only mean that the substation started anew. */
  if (is_loader_expected(session) && session->progress.bytes_done > 0)
    sy_session_fail(session, SY_REASON_RESTARTED, now_us);
}

void sy_session_handle_unasked(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  switch (frame->type) {
  case WIRE_ANNOUNCE:
    handle_announce(session, frame, now_us);
    break;
  case WIRE_LEAVING:
    handle_leaving(session, frame, now_us);
    break;
  case WIRE_READING:
    handle_reading(session, frame, now_us);
    break;
  default:
    break; /* our own request on a line that loops back, or a later version's news */
  }
}

enum { MS = 1000 };

static const SyStepRow rows[SY_STEP_COUNT] = {
    [SY_STEP_NONE] = {.phase = SY_PHASE_FINISHED},
    [SY_STEP_IDENTIFY] = {SY_PHASE_CONNECT, WIRE_IDENTIFY, 400 * MS, 7, 0, true, NULL,
                          answer_identify, sy_session_fail_refused, sy_session_fail_silent},
    [SY_STEP_LINE] = {SY_PHASE_LINE, WIRE_ECHO, 400 * MS, 5, 0, true, sy_session_build_echo,
                      sy_session_answer_line, sy_session_refused_line, sy_session_fail_silent},
    /* The loader's own 10 s, if it is still there, and a self-test takes a reading, a second. */
    [SY_STEP_SETTLE] = {SY_PHASE_CONNECT, WIRE_CONFIRM, 400 * MS, 0, 16000 * MS, false,
                        sy_session_build_confirm, answer_settle, refused_settle,
                        sy_session_fail_silent},
    [SY_STEP_ENTER] = {SY_PHASE_ENTER, WIRE_ENTER_LOADER, 500 * MS, 5, 0, true, build_enter,
                       answer_enter, refused_enter, sy_session_fail_silent},
    [SY_STEP_LOADER] = {SY_PHASE_ENTER, WIRE_IDENTIFY, 400 * MS, 0, 5000 * MS, false, NULL,
                        answer_loader, sy_session_fail_refused, sy_session_fail_silent},
    [SY_STEP_RATE] = {SY_PHASE_RATE, WIRE_RATE, 300 * MS, 3, 0, true, sy_session_build_rate,
                      sy_session_answer_rate, sy_session_refused_rate, sy_session_silent_rate},
    [SY_STEP_RATE_TEST] = {SY_PHASE_RATE, WIRE_ECHO, 300 * MS, 3, 0, true, sy_session_build_echo,
                           sy_session_answer_echo, sy_session_refused_rate, sy_session_silent_rate},
    /* A loader that answers behind the erase may take 100 or 400 ms by data sheet, and nobody
     * states the most. */
    [SY_STEP_BEGIN] = {SY_PHASE_ERASE, WIRE_BEGIN, 400 * MS, 20, 0, false, build_begin,
                       answer_begin, refused_begin, silent_commit},
    /* Has its own questions and answers: sy-session-stream.c. */
    [SY_STEP_DATA] = {.phase = SY_PHASE_WRITE, .request = WIRE_DATA, .attempts = 1},
    /* As well: sy-session-read.c. */
    [SY_STEP_READ] = {.phase = SY_PHASE_READ, .request = WIRE_READ, .attempts = 1},
    [SY_STEP_COMMIT] = {SY_PHASE_COMMIT, WIRE_COMMIT, 500 * MS, 12, 0, false, build_commit,
                        answer_commit, refused_commit, silent_commit},
    [SY_STEP_RUN] = {SY_PHASE_START, WIRE_RUN, 400 * MS, 3, 0, true, NULL, answer_run, refused_run,
                     silent_run},
    /* Longer than the loader's own 10 s, in case RUN was lost. */
    [SY_STEP_HEAR] = {SY_PHASE_START, WIRE_IDENTIFY, 400 * MS, 0, 14000 * MS, false, NULL,
                      sy_session_answer_hear, sy_session_refused_what_runs, sy_session_fail_silent},
    [SY_STEP_CONFIRM] = {SY_PHASE_TRIAL, WIRE_CONFIRM, 400 * MS, 0, 15000 * MS, false,
                         sy_session_build_confirm, sy_session_answer_confirm,
                         sy_session_refused_confirm, sy_session_silent_confirm},
    [SY_STEP_PROVE] = {SY_PHASE_TRIAL, WIRE_IDENTIFY, 400 * MS, 3, 0, true, NULL,
                       sy_session_answer_prove, sy_session_refused_prove, sy_session_silent_prove},
    /* Once only: obeyed twice it would lead back to where it began. */
    [SY_STEP_GO_BACK] = {SY_PHASE_START, WIRE_GO_BACK, 500 * MS, 1, 0, false,
                         sy_session_build_confirm, sy_session_answer_go_back,
                         sy_session_refused_go_back, sy_session_silent_go_back},
    [SY_STEP_ABORT] = {SY_PHASE_WHAT_RUNS, WIRE_ABORT, 400 * MS, 3, 0, true, NULL,
                       sy_session_answer_abort, sy_session_refused_abort, sy_session_silent_abort},
    [SY_STEP_WHAT_RUNS] = {SY_PHASE_WHAT_RUNS, WIRE_IDENTIFY, 400 * MS, 0, 15000 * MS, false, NULL,
                           sy_session_answer_what_runs, sy_session_refused_what_runs,
                           sy_session_fail_silent},
};

const SyStepRow *sy_session_step_row(SyStep step)
{
  return &rows[step];
}
