/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The steps of a job: what each asks and where each answer leads. The table is at the end.
 *
 *   IDENTIFY → ENTER → LOADER → BEGIN → DATA … DATA → COMMIT → RUN → HEAR → CONFIRM → PROVE → done
 *   IDENTIFY → GO_BACK → HEAR → CONFIRM → PROVE → done
 *   from any of them, when it fails:  ABORT → WHAT_RUNS → the truth
 *
 * What follows the commit is in sy-session-end.c.
 */

#include "sy-session-private.h"

#include "wire-bytes.h"

/* Shares of the progress bar, by what each phase takes of a usual upgrade. */
#define FRACTION_CONNECTED  0.01
#define FRACTION_ENTERED    0.03
#define FRACTION_ERASED     0.08
#define FRACTION_WRITTEN    0.92
#define FRACTION_COMMITTED  0.96
#define SECONDS_AFTER_WRITE 0.8

/* However a substation answers, an upgrade ends: at most so many DATA frames per block. */
enum { DATA_FRAMES_PER_BLOCK = 8 };

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
  sy_session_set_fraction(session, FRACTION_CONNECTED);
  if (session->job == SY_JOB_GO_BACK)
    sy_session_enter(session, SY_STEP_GO_BACK, now_us);
  else if (is_to_settle(session))
    sy_session_enter(session, SY_STEP_SETTLE, now_us);
  else if (session->job == SY_JOB_CONFIRM)
    sy_session_finish(session, SY_OUTCOME_DONE, SY_REASON_NONE, now_us);
  else if (session->before.mode == WIRE_MODE_LOADER)
    sy_session_enter(session, SY_STEP_BEGIN, now_us);
  else
    sy_session_enter(session, SY_STEP_ENTER, now_us);
}

static SyReason prepare_job(SySession *session)
{
  switch (session->job) {
  case SY_JOB_UPGRADE:
    return prepare_upload(session);
  case SY_JOB_GO_BACK:
    return prepare_going_back(session);
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
    sy_session_enter(session, SY_STEP_BEGIN, now_us);
  else
    sy_session_ask_later(session, now_us);
}

static size_t build_begin(const SySession *session, uint8_t *payload)
{
  WireBegin begin = {
      .bank = (uint8_t)session->progress.bank,
      .encoding = WIRE_ENCODING_RAW,
      .blocks = session->progress.blocks_total,
      .product = session->upload.product,
      .version = session->upload.version,
      .length = session->upload.length,
      .crc = session->upload.crc,
  };

  return wire_begin_write(&begin, payload);
}

static void set_block(SySession *session, uint16_t block, SyBlockState state)
{
  if (session->progress.blocks[block] == state)
    return;
  session->progress.blocks[block] = (uint8_t)state;
  if (state != SY_BLOCK_ERASED && state != SY_BLOCK_SENT)
    sy_session_emit(session,
                    (SyEvent){.kind = SY_EVENT_BLOCK, .block = block, .number = (uint32_t)state});
}

static void send_block(SySession *session, uint16_t block, uint64_t now_us)
{
  if (session->data_frames >= (uint32_t)session->progress.blocks_total * DATA_FRAMES_PER_BLOCK) {
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
    return;
  }
  session->block = block;
  set_block(session, block, SY_BLOCK_SENT);
  sy_session_enter(session, SY_STEP_DATA, now_us);
}

/* `missing` is the lowest block not verified: send it, or commit when there is none. */
static void go_on_from(SySession *session, uint16_t missing, uint64_t now_us)
{
  if (missing < session->progress.blocks_total)
    send_block(session, missing, now_us);
  else
    sy_session_enter(session, SY_STEP_COMMIT, now_us);
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
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_ERASED, .number = begun.erase_ms});
  for (unsigned block = 0; block < WIRE_BLOCKS_MAX; block++)
    progress->blocks[block] = SY_BLOCK_ERASED;
  sy_session_set_fraction(session, FRACTION_ERASED);
  session->write_us = now_us;
  go_on_from(session, begun.missing, now_us);
}

/* A refusal is judged before anything is touched, but for flash that fails. But an earlier attempt
 * may have been obeyed and its answer lost, if the substation has restarted since. A loader found
 * with a program on trial and another to go back to has not obeyed any: that program settles first,
 * once the loader has left for it. */
static void refused_begin(SySession *session, const WireNak *nak, uint64_t now_us)
{
  if (nak->cause == WIRE_CAUSE_ON_TRIAL && !session->settles) {
    session->settles = true;
    session->result.touched = false;
    sy_session_enter(session, SY_STEP_SETTLE, now_us);
    return;
  }

  bool flash_failed =
      nak->cause == WIRE_CAUSE_ERASE_FAILED || nak->cause == WIRE_CAUSE_RECORD_FAILED;

  if (!flash_failed && session->attempt == 1)
    session->result.touched = false;
  sy_session_fail(session, SY_REASON_NAK, now_us);
}

static size_t build_data(const SySession *session, uint8_t *payload)
{
  uint32_t offset = (uint32_t)session->block * WIRE_BLOCK_SIZE;
  uint32_t left = session->upload.length - offset;
  uint8_t bytes[WIRE_BLOCK_SIZE];
  WireData data = {.block = session->block, .bytes = bytes};

  wire_fill(bytes, 0xff, sizeof bytes);
  wire_copy(bytes, session->upload.bytes + offset, left < sizeof bytes ? left : sizeof bytes);
  return wire_data_write(&data, payload);
}

static void update_progress(SySession *session, uint64_t now_us)
{
  SyProgress *progress = &session->progress;
  uint16_t done = 0;

  for (unsigned block = 0; block < progress->blocks_total; block++)
    done += progress->blocks[block] == SY_BLOCK_VERIFIED;
  progress->blocks_done = done;
  progress->bytes_done = (uint32_t)done * WIRE_BLOCK_SIZE;
  if (progress->bytes_done > progress->bytes_total)
    progress->bytes_done = progress->bytes_total;

  double share = (double)progress->bytes_done / progress->bytes_total;

  sy_session_set_fraction(session, FRACTION_ERASED + share * (FRACTION_WRITTEN - FRACTION_ERASED));
  if (now_us > session->write_us)
    progress->bytes_per_second = progress->bytes_done * 1e6 / (double)(now_us - session->write_us);
  if (progress->bytes_per_second > 0)
    progress->seconds_left =
        (progress->bytes_total - progress->bytes_done) / progress->bytes_per_second +
        SECONDS_AFTER_WRITE;
}

/* The sector of `block` was erased anew: its other blocks are gone too, as the answer's map says.
 */
static void forget_failed_sector(SySession *session, const WireDataStatus *status)
{
  session->progress.counts.repeats++;
  set_block(session, status->block, SY_BLOCK_FAILED);
  for (uint16_t block = status->missing; block < session->progress.blocks_total; block++) {
    unsigned bit = block - status->missing - 1u;
    bool verified = block > status->missing && bit < 32 && (status->following >> bit & 1);

    if (!verified && session->progress.blocks[block] == SY_BLOCK_VERIFIED)
      session->progress.blocks[block] = SY_BLOCK_ERASED;
  }
}

static void answer_data(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  WireDataStatus status;

  if (!wire_data_status_read(frame, &status) || status.block != session->block ||
      status.missing > session->progress.blocks_total ||
      (status.verified && status.missing == status.block)) {
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
    return;
  }
  if (!status.verified)
    forget_failed_sector(session, &status);
  else if (status.block != 0) /* the substation holds block 0 back, for the seal */
    set_block(session, status.block, SY_BLOCK_VERIFIED);
  update_progress(session, now_us);
  go_on_from(session, status.missing, now_us);
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
  set_block(session, 0, SY_BLOCK_VERIFIED);
  update_progress(session, now_us);
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_COMMITTED, .number = committed.sequence});
  sy_session_set_fraction(session, FRACTION_COMMITTED);
  sy_session_enter(session, SY_STEP_RUN, now_us);
}

/* The seal failed and its sector was erased anew: send what is missing and commit again. */
static void refused_commit(SySession *session, const WireNak *nak, uint64_t now_us)
{
  if (nak->cause == WIRE_CAUSE_INCOMPLETE && nak->detail < session->progress.blocks_total) {
    session->progress.counts.repeats++;
    send_block(session, (uint16_t)nak->detail, now_us);
    return;
  }
  sy_session_fail(session, SY_REASON_NAK, now_us);
}

static void answer_run(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  (void)frame;
  sy_session_enter(session, SY_STEP_HEAR, now_us);
}

/* RUN is a courtesy: without it the loader leaves after 10 s. So its loss is no failure yet. */
static void silent_run(SySession *session, uint64_t now_us)
{
  sy_session_enter(session, SY_STEP_HEAR, now_us);
}

static void refused_run(SySession *session, const WireNak *nak, uint64_t now_us)
{
  (void)nak;
  sy_session_enter(session, SY_STEP_HEAR, now_us);
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
    if (identity.mode == WIRE_MODE_LOADER)
      sy_session_enter(session, SY_STEP_BEGIN, now_us);
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
    if (identity.mode == WIRE_MODE_PROGRAM)
      sy_session_fail(session, SY_REASON_RESTARTED, now_us);
    break;
  case SY_STEP_NONE:
  case SY_STEP_IDENTIFY:
  case SY_STEP_SETTLE:
  case SY_STEP_PROVE:
  case SY_STEP_GO_BACK:
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
  return session->step == SY_STEP_DATA || session->step == SY_STEP_COMMIT;
}

static void handle_leaving(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  WireLeaving leaving;

  if (!wire_leaving_read(frame, &leaving))
    return;
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_LEAVING, .cause = leaving.cause});
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
  /* Readings come from the program. After the loader has taken the first block they can only mean
   * that the substation started anew. */
  if (is_loader_expected(session) && session->progress.blocks_done > 0)
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
    [SY_STEP_IDENTIFY] = {SY_PHASE_CONNECT, WIRE_IDENTIFY, 400 * MS, 5, 0, NULL, answer_identify,
                          sy_session_fail_refused, sy_session_fail_silent},
    /* The loader's own 10 s, if it is still there, and a self-test takes a reading, a second. */
    [SY_STEP_SETTLE] = {SY_PHASE_CONNECT, WIRE_CONFIRM, 400 * MS, 0, 16000 * MS,
                        sy_session_build_confirm, answer_settle, refused_settle,
                        sy_session_fail_silent},
    [SY_STEP_ENTER] = {SY_PHASE_ENTER, WIRE_ENTER_LOADER, 500 * MS, 5, 0, build_enter, answer_enter,
                       refused_enter, sy_session_fail_silent},
    [SY_STEP_LOADER] = {SY_PHASE_ENTER, WIRE_IDENTIFY, 400 * MS, 0, 5000 * MS, NULL, answer_loader,
                        sy_session_fail_refused, sy_session_fail_silent},
    /* An erase takes 100 or 400 ms by data sheet and nobody states the most. */
    [SY_STEP_BEGIN] = {SY_PHASE_ERASE, WIRE_BEGIN, 2000 * MS, 4, 0, build_begin, answer_begin,
                       refused_begin, sy_session_fail_silent},
    /* 46 ms of wire at 115200, 32 ms of adapter, 5 ms of flash; with a sector erased anew, the
     * answer to the repetition counts. */
    [SY_STEP_DATA] = {SY_PHASE_WRITE, WIRE_DATA, 300 * MS, 10, 0, build_data, answer_data,
                      sy_session_fail_refused, sy_session_fail_silent},
    [SY_STEP_COMMIT] = {SY_PHASE_COMMIT, WIRE_COMMIT, 1500 * MS, 5, 0, build_commit, answer_commit,
                        refused_commit, sy_session_fail_silent},
    [SY_STEP_RUN] = {SY_PHASE_START, WIRE_RUN, 400 * MS, 3, 0, NULL, answer_run, refused_run,
                     silent_run},
    /* Longer than the loader's own 10 s, in case RUN was lost. */
    [SY_STEP_HEAR] = {SY_PHASE_START, WIRE_IDENTIFY, 400 * MS, 0, 14000 * MS, NULL,
                      sy_session_answer_hear, sy_session_refused_what_runs, sy_session_fail_silent},
    [SY_STEP_CONFIRM] = {SY_PHASE_TRIAL, WIRE_CONFIRM, 400 * MS, 0, 15000 * MS,
                         sy_session_build_confirm, sy_session_answer_confirm,
                         sy_session_refused_confirm, sy_session_silent_confirm},
    [SY_STEP_PROVE] = {SY_PHASE_TRIAL, WIRE_IDENTIFY, 400 * MS, 3, 0, NULL, sy_session_answer_prove,
                       sy_session_refused_prove, sy_session_silent_prove},
    /* Once only: obeyed twice it would lead back to where it began. */
    [SY_STEP_GO_BACK] = {SY_PHASE_START, WIRE_GO_BACK, 500 * MS, 1, 0, sy_session_build_confirm,
                         sy_session_answer_go_back, sy_session_refused_go_back,
                         sy_session_silent_go_back},
    [SY_STEP_ABORT] = {SY_PHASE_WHAT_RUNS, WIRE_ABORT, 400 * MS, 3, 0, NULL,
                       sy_session_answer_abort, sy_session_refused_abort, sy_session_silent_abort},
    [SY_STEP_WHAT_RUNS] = {SY_PHASE_WHAT_RUNS, WIRE_IDENTIFY, 400 * MS, 0, 15000 * MS, NULL,
                           sy_session_answer_what_runs, sy_session_refused_what_runs,
                           sy_session_fail_silent},
};

const SyStepRow *sy_session_step_row(SyStep step)
{
  return &rows[step];
}
