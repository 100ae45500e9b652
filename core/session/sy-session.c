/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The engine: one request at a time, its answer matched by token and sequence number, so that late
 * and doubled answers from an earlier try fall on nobody. */

#include "sy-session-private.h"

/* Between two questions of a polling step. */
enum { POLL_PAUSE_US = 150 * 1000 };
/* A frame begun and not completed for so long is given up, or longer on a path that takes longer.
 * More than the 16 ms for which a USB adapter holds bytes back. */
enum { GAP_US = 100 * 1000 };
/* Resends of a damaged request for each time-out. */
enum { DAMAGED_MAX = 3 };
/* Of a question at a raised rate, which may have died. */
enum { RAISED_ATTEMPTS = 4 };
/* A trial of which nothing is heard, and the start of the old program behind it. */
enum { TRIAL_US = (WIRE_TRIAL_MS + 15000) * 1000 };
enum { EVENTS_RESERVE = SY_SESSION_EVENTS_PER_FRAME };

void sy_session_init(SySession *session, uint8_t token)
{
  *session = (SySession){.token = token, .deadline_us = UINT64_MAX, .rate = WIRE_RATE_DEFAULT};
  session->progress.seconds_left = -1;
  wire_decoder_init(&session->decoder);
}

void sy_session_emit(SySession *session, SyEvent event)
{
  unsigned at = (session->events_first + session->events_count) % SY_SESSION_EVENTS;

  if (session->events_count == SY_SESSION_EVENTS)
    return; /* feed and tick keep room, so only a caller who never drains comes here */
  event.phase = session->progress.phase;
  session->events[at] = event;
  session->events_count++;
}

bool sy_session_next_event(SySession *session, SyEvent *event)
{
  if (session->events_count == 0)
    return false;
  *event = session->events[session->events_first];
  session->events_first = (session->events_first + 1) % SY_SESSION_EVENTS;
  session->events_count--;
  return true;
}

void sy_session_set_fraction(SySession *session, double fraction)
{
  if (fraction > session->progress.fraction)
    session->progress.fraction = fraction;
}

void sy_session_set_phase(SySession *session, SyPhase phase, uint64_t now_us)
{
  if (session->progress.phase == phase)
    return;
  session->result.life.phases_us[session->progress.phase] += now_us - session->phase_us;
  session->phase_us = now_us;
  session->progress.phase = phase;
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_PHASE});
}

void sy_session_send(SySession *session, uint8_t type, uint8_t seq, size_t length)
{
  WireFrame frame = {
      .type = type,
      .token = session->token,
      .seq = seq,
      .length = (uint16_t)length,
      .payload = session->out + WIRE_FRAME_HEADER_SIZE,
  };

  session->out_length = wire_frame_write(&frame, session->out);
  session->out_sent = 0;
  sy_session_note_asked(session, seq);
}

/* Puts the request into the output. A resend has the same sequence number, but for IDENTIFY:
 * whichever of the answers comes first is the answer. */
static void send_request(SySession *session, uint64_t now_us)
{
  const SyStepRow *row = sy_session_step_row(session->step);
  uint8_t *payload = session->out + WIRE_FRAME_HEADER_SIZE;

  sy_session_send(session, row->request, session->seq,
                  row->build ? row->build(session, payload) : 0);
  session->awaiting = true;
  session->deadline_us = now_us + sy_session_patience_us(session, row->timeout_us);
}

static void ask(SySession *session, uint64_t now_us)
{
  session->first_seq = ++session->seq;
  session->attempt = 1;
  session->damaged = 0;
  send_request(session, now_us);
}

static void set_step(SySession *session, SyStep step, uint64_t now_us)
{
  const SyStepRow *row = sy_session_step_row(step);

  session->step = step;
  if (step == SY_STEP_WHAT_RUNS && !session->slows)
    sy_session_leave_rate(session); /* a loader that heard ABORT has left, any other goes back */
  if (step == SY_STEP_BEGIN || step == SY_STEP_GO_BACK)
    session->result.touched = true; /* from here on it may not be what it was */
  session->begins += step == SY_STEP_BEGIN;
  if (step == SY_STEP_COMMIT || step == SY_STEP_GO_BACK)
    session->committed = true;
  session->step_end_us =
      row->attempts == 0 ? now_us + sy_session_patience_us(session, row->poll_us) : UINT64_MAX;
  if (step == SY_STEP_WHAT_RUNS && session->committed) /* it may yet come back from a trial */
    session->step_end_us = now_us + sy_session_patience_us(session, TRIAL_US);
  if (step != SY_STEP_COMMIT || session->stream.count == 0) /* else blocks are still on their way */
    sy_session_set_phase(session, row->phase, now_us);
}

void sy_session_enter(SySession *session, SyStep step, uint64_t now_us)
{
  set_step(session, step, now_us);
  ask(session, now_us);
}

void sy_session_enter_later(SySession *session, SyStep step, uint64_t pause_us, uint64_t now_us)
{
  set_step(session, step, now_us);
  session->awaiting = false;
  session->attempt = 0;
  session->deadline_us = now_us + pause_us;
}

void sy_session_set_deadline(SySession *session, uint64_t deadline_us)
{
  session->deadline_us = deadline_us;
}

void sy_session_allow_rates(SySession *session, uint32_t baud_max)
{
  session->rate_max = baud_max;
}

void sy_session_allow_packing(SySession *session, const SyPacking *packing)
{
  session->packing = packing;
}

void sy_session_begin_anew(SySession *session)
{
  session->anew = true;
}

void sy_session_ask_later(SySession *session, uint64_t now_us)
{
  session->awaiting = false;
  session->deadline_us = now_us + POLL_PAUSE_US;
  if (session->deadline_us > session->step_end_us)
    session->deadline_us = session->step_end_us; /* who chatters without end is not waited for */
}

void sy_session_start_identify(SySession *session, uint64_t now_us)
{
  session->start_us = now_us;
  session->phase_us = now_us;
  sy_session_enter(session, SY_STEP_IDENTIFY, now_us);
}

void sy_session_start_upgrade(SySession *session, const SyUpload halves[2], uint64_t now_us)
{
  session->job = SY_JOB_UPGRADE;
  session->halves[0] = halves[0];
  session->halves[1] = halves[1];
  sy_session_start_identify(session, now_us);
}

void sy_session_start_check(SySession *session, const SyUpload halves[2], uint64_t now_us)
{
  sy_session_start_upgrade(session, halves, now_us);
  session->job = SY_JOB_CHECK;
}

void sy_session_start_confirm(SySession *session, uint64_t now_us)
{
  session->job = SY_JOB_CONFIRM;
  sy_session_start_identify(session, now_us);
}

void sy_session_start_go_back(SySession *session, uint64_t now_us)
{
  session->job = SY_JOB_GO_BACK;
  sy_session_start_identify(session, now_us);
}

void sy_session_finish(SySession *session, SyOutcome outcome, SyReason reason, uint64_t now_us)
{
  SyResult *result = &session->result;

  result->outcome = outcome;
  result->reason = reason;
  result->counts = session->progress.counts;
  result->bank = session->progress.bank;
  result->version = session->progress.version;
  result->blocks_total = session->progress.blocks_total;
  result->blocks_left = sy_session_count_left(session);
  result->life.wait_us = session->trip.smoothed_us;
  result->duration_us = now_us - session->start_us;
  if (outcome == SY_OUTCOME_DONE)
    result->phase = SY_PHASE_FINISHED;
  session->step = SY_STEP_NONE;
  session->awaiting = false;
  session->deadline_us = UINT64_MAX;
  session->out_length = session->out_sent = 0;
  session->progress.seconds_left = -1;
  if (outcome == SY_OUTCOME_DONE)
    sy_session_set_fraction(session, 1);
  sy_session_leave_rate(session);
  sy_session_set_phase(session, SY_PHASE_FINISHED, now_us);
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_FINISHED});
}

bool sy_session_is_finished(const SySession *session)
{
  return session->progress.phase == SY_PHASE_FINISHED;
}

/* The first failure is the one that is told; what follows from it is not. */
static void note_failure(SySession *session, SyReason reason)
{
  if (session->failure != SY_REASON_NONE)
    return;
  session->failure = reason;
  session->result.phase = session->progress.phase;
}

void sy_session_fail(SySession *session, SyReason reason, uint64_t now_us)
{
  SyStep step = session->step;

  note_failure(session, reason);
  if (step == SY_STEP_IDENTIFY || step == SY_STEP_LINE || step == SY_STEP_SETTLE)
    sy_session_finish(session, reason == SY_REASON_SILENT ? SY_OUTCOME_LINK : SY_OUTCOME_REFUSED,
                      session->failure, now_us);
  else if (step == SY_STEP_ABORT || step == SY_STEP_HEAR || step == SY_STEP_CONFIRM ||
           step == SY_STEP_PROVE || step == SY_STEP_GO_BACK)
    sy_session_enter(session, SY_STEP_WHAT_RUNS, now_us);
  else if (step == SY_STEP_WHAT_RUNS)
    sy_session_finish(session, session->result.touched ? SY_OUTCOME_UNKNOWN : SY_OUTCOME_LINK,
                      session->failure, now_us);
  else
    sy_session_enter(session, SY_STEP_ABORT, now_us);
}

void sy_session_cancel(SySession *session, uint64_t now_us)
{
  /* What was read is read, and who gives up can do no more than find out what runs. */
  bool ends = session->step == SY_STEP_ABORT || session->step == SY_STEP_WHAT_RUNS;

  if (sy_session_is_finished(session) || session->failure != SY_REASON_NONE || ends)
    return;
  sy_session_fail(session, SY_REASON_CANCELLED, now_us);
}

void sy_session_lose_link(SySession *session, uint64_t now_us)
{
  if (sy_session_is_finished(session))
    return;
  if (session->step == SY_STEP_PROVE) {
    sy_session_silent_prove(session, now_us); /* what is lost would only have repeated it */
    return;
  }
  note_failure(session, SY_REASON_LINK_LOST);
  sy_session_finish(session, session->result.touched ? SY_OUTCOME_UNKNOWN : SY_OUTCOME_LINK,
                    session->failure, now_us);
}

/* What is refused while we give up is no news: a program that runs again knows no ABORT. Nor that a
 * self-test takes its time: the question comes again. */
void sy_session_note_refusal(SySession *session, const WireNak *nak)
{
  bool testing = nak->cause == WIRE_CAUSE_SELF_TEST && nak->detail == 0;

  if (session->failure != SY_REASON_NONE)
    return;
  if (nak->cause != WIRE_CAUSE_DAMAGED)
    session->result.nak = *nak;
  if (testing)
    return;
  session->progress.counts.naks++;
  session->progress.counts.naks_by_cause[nak->cause < SY_CAUSE_COUNT ? nak->cause : 0]++;
  if (nak->cause == WIRE_CAUSE_PROGRAM_FAILED &&
      (nak->detail & 0xffff) < session->progress.blocks_total) /* it was given up */
    session->progress.blocks[nak->detail & 0xffff] = SY_BLOCK_FAILED;
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_NAK,
                                     .request = nak->type,
                                     .cause = nak->cause,
                                     .number = nak->detail});
}

/* The request arrived damaged and the substation says so: no need to wait for the time-out. But a
 * burst of noise must not use up in a moment what is patience for seconds: the time-out stays where
 * it is, and some resends later it is waited for. */
static void send_again(SySession *session, const WireNak *nak, uint64_t now_us)
{
  const SyStepRow *row = sy_session_step_row(session->step);
  uint64_t deadline_us = session->deadline_us;

  sy_session_note_refusal(session, nak);
  if (row->attempts == 0) {
    sy_session_ask_later(session, now_us);
  } else if (row->attempts == 1) { /* what may be asked once only is no more asked blindly */
    session->awaiting = false;
    row->silent(session, now_us);
  } else if (session->damaged < DAMAGED_MAX) {
    session->damaged++;
    session->progress.counts.retries++;
    send_request(session, now_us);
    session->deadline_us = deadline_us;
  }
}

/* Whoever asks who is there may be farther away than the first question is waited for: each attempt
 * has its own number, so that any answer tells which it belongs to. */
static bool has_own_attempts(const SyStepRow *row)
{
  return row->request == WIRE_IDENTIFY;
}

static void note_timeout(SySession *session, const SyStepRow *row, unsigned attempt)
{
  session->progress.counts.timeouts++;
  session->progress.counts.retries++;
  sy_session_emit(
      session,
      (SyEvent){.kind = SY_EVENT_TIMEOUT, .request = row->request, .number = (uint32_t)attempt});
}

/* A line changes no order, so attempts before the one that was answered were lost. Those behind it
 * were only asked too early: that is no time-out. */
static void note_lost_attempts(SySession *session, const SyStepRow *row, uint8_t answered_seq)
{
  unsigned lost = (uint8_t)(answered_seq - session->first_seq);

  if (row->attempts == 0) /* nobody may be there yet */
    return;
  for (unsigned i = 0; i < lost; i++)
    note_timeout(session, row, i + 2);
  session->first_seq = session->seq;
}

/* Any attempt's. */
static bool is_of_question(const SySession *session, uint8_t seq)
{
  return (uint8_t)(seq - session->first_seq) <= (uint8_t)(session->seq - session->first_seq);
}

static void note_answer(SySession *session, const SyStepRow *row, const WireFrame *frame,
                        uint64_t now_us)
{
  note_lost_attempts(session, row, frame->seq);
  if (row->prompt)
    sy_session_measure(session, frame, 0, now_us);
}

static void handle_frame(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  const SyStepRow *row = sy_session_step_row(session->step);
  WireNak nak;

  if ((frame->type & WIRE_REPLY) == 0) {
    sy_session_handle_unasked(session, frame, now_us);
    return;
  }
  if (frame->token != session->token || sy_session_take_data(session, frame, now_us) ||
      sy_session_take_reading(session, frame, now_us))
    return;
  if (!session->awaiting || !is_of_question(session, frame->seq))
    return; /* late */
  if (frame->type == WIRE_NAK && wire_nak_read(frame, &nak) && nak.type == row->request) {
    if (nak.cause == WIRE_CAUSE_DAMAGED) {
      send_again(session, &nak, now_us);
      return;
    }
    session->awaiting = false;
    note_answer(session, row, frame, now_us);
    sy_session_note_refusal(session, &nak);
    row->refused(session, &nak, now_us);
  } else if (frame->type == (row->request | WIRE_REPLY)) {
    session->awaiting = false;
    note_answer(session, row, frame, now_us);
    row->answer(session, frame, now_us);
  }
}

static void count_damage(SySession *session)
{
  const WireDecoder *decoder = &session->decoder;
  uint32_t faults = decoder->bad_headers + decoder->bad_crcs + decoder->cut_frames;
  uint32_t more = faults - session->decoder_faults;

  if (more == 0)
    return;
  session->decoder_faults = faults;
  session->progress.counts.bad_frames += more;
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_BAD_FRAMES, .number = more});
}

static bool has_event_room(const SySession *session)
{
  return session->events_count + EVENTS_RESERVE <= SY_SESSION_EVENTS;
}

static void note_bytes(SySession *session, const uint8_t *bytes, size_t length)
{
  SyHearing *hearing = &session->result.hearing;

  for (size_t i = 0; !session->result.identified && i < length; i++) {
    if (hearing->bytes < SY_HEARING_SAMPLE)
      hearing->sample[hearing->bytes] = bytes[i];
    hearing->bytes++;
  }
}

static void note_frame(SySession *session, const WireFrame *frame)
{
  SyHearing *hearing = &session->result.hearing;

  if (session->result.identified)
    return;
  hearing->frames++;
  if (frame->type == WIRE_IDENTIFY)
    hearing->echoes++;
}

static void take_frames(SySession *session, uint64_t now_us)
{
  WireFrame frame;

  while (has_event_room(session) && wire_decoder_next(&session->decoder, &frame)) {
    session->progress.counts.frames++;
    if (!sy_session_is_finished(session)) {
      note_frame(session, &frame);
      handle_frame(session, &frame, now_us);
      session->framed_us = now_us;
    }
  }
  count_damage(session);
}

size_t sy_session_feed(SySession *session, const uint8_t *bytes, size_t length, uint64_t now_us)
{
  size_t taken = 0;

  while (taken < length && has_event_room(session)) {
    size_t count = wire_decoder_push(&session->decoder, bytes + taken, length - taken);

    note_bytes(session, bytes + taken, count);
    take_frames(session, now_us);
    if (count == 0 && !has_event_room(session))
      break;
    taken += count;
    session->progress.counts.bytes_received += count;
    session->heard_us = now_us;
  }
  return taken;
}

static uint64_t get_gap_end_us(const SySession *session)
{
  return session->heard_us + sy_session_patience_us(session, GAP_US);
}

uint64_t sy_session_get_deadline(const SySession *session)
{
  uint64_t gap_us = get_gap_end_us(session);

  if (wire_decoder_is_inside(&session->decoder) && gap_us < session->deadline_us)
    return gap_us;
  return session->deadline_us;
}

/* At a raised rate the loader has gone back by then, and must not leave before it is found again.
 */
static bool is_given_up(const SySession *session, const SyStepRow *row, uint64_t now_us)
{
  return session->attempt >= row->attempts ||
         sy_session_is_rate_dead(session, session->attempt + 1u, RAISED_ATTEMPTS, now_us);
}

static void ask_again(SySession *session, uint64_t now_us)
{
  if (has_own_attempts(sy_session_step_row(session->step)))
    session->seq++;
  send_request(session, now_us);
}

/* No answer in time: once more, or give the step up. */
static void handle_deadline(SySession *session, uint64_t now_us)
{
  const SyStepRow *row = sy_session_step_row(session->step);
  bool polling = row->attempts == 0;

  if (session->step == SY_STEP_DATA) {
    sy_session_handle_data_timeout(session, now_us);
    return;
  }
  if (session->step == SY_STEP_READ) {
    sy_session_handle_read_timeout(session, now_us);
    return;
  }
  if (session->slows)
    sy_session_leave_rate(session);
  if (session->attempt == 0) { /* the pause before the first question is over */
    ask(session, now_us);
    return;
  }
  if (now_us >= session->step_end_us || (!polling && is_given_up(session, row, now_us))) {
    session->awaiting = false;
    note_lost_attempts(session, row, session->seq);
    row->silent(session, now_us);
    return;
  }
  if (polling) { /* nobody may be there yet: that is no time-out */
    if (session->awaiting)
      ask_again(session, now_us); /* as any resend: a line may be slower than our patience */
    else
      ask(session, now_us);
    return;
  }
  if (session->out_sent > 0 && session->out_sent < session->out_length) {
    /* The line takes bytes so slowly that the request is not out yet: it goes on with this one. */
    session->attempt++;
    session->deadline_us = now_us + sy_session_patience_us(session, row->timeout_us);
    return;
  }
  session->attempt++;
  session->damaged = 0;
  if (!has_own_attempts(row))
    note_timeout(session, row, session->attempt);
  ask_again(session, now_us);
}

void sy_session_tick(SySession *session, uint64_t now_us)
{
  if (!has_event_room(session))
    return; /* drained first, then called again: the deadline is still past */

  /* Whole frames may still wait for room: a gap must not cut into them. */
  take_frames(session, now_us);
  if (has_event_room(session) && wire_decoder_is_inside(&session->decoder) &&
      now_us >= get_gap_end_us(session)) {
    wire_decoder_gap(&session->decoder);
    session->heard_us = now_us;
    take_frames(session, now_us);
  }
  if (has_event_room(session) && now_us >= session->deadline_us)
    handle_deadline(session, now_us);
}

const uint8_t *sy_session_peek_output(const SySession *session, size_t *length)
{
  *length = session->out_length - session->out_sent;
  return session->out + session->out_sent;
}

void sy_session_sent(SySession *session, size_t length, uint64_t now_us)
{
  session->out_sent += length;
  session->progress.counts.bytes_sent += length;
  sy_session_note_sent(session, length, now_us);
  if (session->out_sent < session->out_length)
    return;
  sy_session_note_data_out(session, now_us);
  sy_session_fill(session, now_us);
  sy_session_fill_reading(session, now_us);
}
