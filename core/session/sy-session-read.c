/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading flash back through the loader: a few pages are asked for at a time, so that the line
 * carries one while the other is on its way, and again only those that did not come. PROTOCOL.md
 * §5.
 *
 * A line changes no order, so an answer says of every question before it that it was lost. A page
 * that is asked for once more keeps its sequence number: on a line that is slower than our patience
 * the first answer is as good as the second. */

#include "sy-session-private.h"

#include "wire-bytes.h"

enum {
  /* However a substation answers, a read ends: at most so many questions per page. */
  FRAMES_PER_PAGE = 40,
  ATTEMPTS = 12,
  RATE_ATTEMPTS = 4,        /* at a raised rate; then it is the rate that is given up */
  PATIENCE_US = 150 * 1000, /* behind what the wire takes; twice as long each time */
  PATIENCE_MAX_US = 500 * 1000,
  PAGE_US = 5 * 1000,   /* most that the loader takes for one */
  AHEAD_US = 60 * 1000, /* so much is under way beyond the path's own time, */
  FRAMES_MIN = 2,       /* and so many in any case */
  QUESTION_LENGTH = WIRE_FRAME_OVERHEAD + WIRE_READ_LENGTH,
  ANSWER_LENGTH = WIRE_FRAME_OVERHEAD + WIRE_READ_BACK_LENGTH,
};

void sy_read_map_add(uint8_t map[SY_READ_MAP_SIZE], uint32_t addr, uint64_t length)
{
  uint64_t end = addr + length;
  uint32_t start = addr;

  if (start < WIRE_READABLE_START)
    start = WIRE_READABLE_START;
  if (end > WIRE_READABLE_END)
    end = WIRE_READABLE_END;
  if (start >= end)
    return;
  for (uint32_t page = start / WIRE_PAGE_SIZE; page <= (end - 1) / WIRE_PAGE_SIZE; page++)
    map[page / 8] |= (uint8_t)(1 << page % 8);
}

SyReason sy_identity_judge_reading(const WireIdentity *identity)
{
  SyReason reason = sy_identity_judge(identity);

  if (reason != SY_REASON_NONE)
    return reason;
  if ((identity->capabilities & WIRE_CAP_READ) == 0)
    return SY_REASON_NO_READING;
  if (identity->running_bank == WIRE_BANK_NONE)
    return SY_REASON_NO_PROGRAM;
  /* It goes back to the other program unless it is confirmed in time, and the loader is not entered
   * before that. */
  return identity->trial == WIRE_TRIAL_RUNNING ? SY_REASON_ON_TRIAL : SY_REASON_NONE;
}

SyReason sy_session_prepare_reading(SySession *session)
{
  const WireIdentity *identity = &session->result.identity;
  SyReadBack *read = &session->read;

  session->before = *identity;
  session->upload = (SyUpload){.product = identity->product}; /* ENTER_LOADER names it */
  session->progress.bytes_total = 0;
  for (unsigned page = 0; page < WIRE_PAGE_COUNT; page++)
    if (read->pages[page] == SY_SEND_WAITS)
      session->progress.bytes_total += WIRE_PAGE_SIZE;
  return sy_identity_judge_reading(identity);
}

void sy_session_start_read(SySession *session, const uint8_t wanted[SY_READ_MAP_SIZE],
                           uint8_t *flash, uint64_t now_us)
{
  SyReadBack *read = &session->read;

  session->job = SY_JOB_READ;
  read->flash = flash;
  for (unsigned page = 0; page < WIRE_PAGE_COUNT; page++)
    read->pages[page] = (wanted[page / 8] >> page % 8 & 1) != 0 ? SY_SEND_WAITS : SY_SEND_THERE;
  sy_session_start_identify(session, now_us);
}

static unsigned first_waiting(const SyReadBack *read)
{
  unsigned page = 0;

  while (page < WIRE_PAGE_COUNT && read->pages[page] != SY_SEND_WAITS)
    page++;
  return page;
}

/* The first question whose answer was lost; read->count when there is none. */
static unsigned first_lost(const SyReadBack *read)
{
  unsigned at = 0;

  while (at < read->count && !read->flights[at].lost)
    at++;
  return at;
}

static void remove_flight(SyReadBack *read, unsigned at)
{
  read->count--;
  for (; at < read->count; at++)
    read->flights[at] = read->flights[at + 1];
}

/* ---- Asking ---- */

static void rearm(SySession *session, uint64_t now_us)
{
  const SyReadBack *read = &session->read;
  uint64_t patience_us = PATIENCE_US;

  for (unsigned i = 0; i < read->attempts && patience_us < PATIENCE_MAX_US; i++)
    patience_us *= 2;
  if (patience_us > PATIENCE_MAX_US)
    patience_us = PATIENCE_MAX_US;
  patience_us +=
      sy_session_wire_us(session, (size_t)read->count * (QUESTION_LENGTH + ANSWER_LENGTH));
  sy_session_set_deadline(session, now_us + sy_session_patience_us(session, patience_us));
}

/* Whether one more page may be asked for now. More than the line needs to stay busy would only
 * delay what has to be asked for again, and a cancel. */
static bool may_ask(const SySession *session)
{
  const SyReadBack *read = &session->read;

  if (read->count == 0)
    return true;
  if (read->count >= SY_READ_FRAMES || read->attempts > 0 || session->result.identity.window <= 1)
    return false;
  return read->count < FRAMES_MIN ||
         sy_session_wire_us(session, (size_t)read->count * ANSWER_LENGTH) <
             sy_session_get_ahead_us(session) + AHEAD_US;
}

static void ask(SySession *session, SyReadFlight flight, uint64_t now_us)
{
  SyReadBack *read = &session->read;
  WireRead request = {.page = flight.page};

  sy_session_send(session, WIRE_READ, flight.seq,
                  wire_read_write(&request, session->out + WIRE_FRAME_HEADER_SIZE));
  flight.lost = false;
  read->flights[read->count++] = flight; /* the last that was asked is the last that is answered */
  read->frames++;
  rearm(session, now_us);
}

void sy_session_fill_reading(SySession *session, uint64_t now_us)
{
  SyReadBack *read = &session->read;
  unsigned lost = first_lost(read), page = first_waiting(read);

  if (session->out_sent < session->out_length || session->step != SY_STEP_READ)
    return;
  if (read->frames * (uint64_t)WIRE_PAGE_SIZE >=
      (uint64_t)session->progress.bytes_total * FRAMES_PER_PAGE + WIRE_PAGE_SIZE) {
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
  } else if (lost < read->count) {
    SyReadFlight flight = read->flights[lost];

    remove_flight(read, lost);
    session->progress.counts.retries++;
    ask(session, flight, now_us);
  } else if (page < WIRE_PAGE_COUNT && may_ask(session)) {
    read->pages[page] = SY_SEND_UNDER_WAY;
    ask(session, (SyReadFlight){.seq = ++session->seq, .page = (uint8_t)page}, now_us);
  } else if (page == WIRE_PAGE_COUNT && read->count == 0) {
    sy_session_enter(session, SY_STEP_ABORT, now_us); /* the program may run again */
  }
}

void sy_session_start_reading(SySession *session, uint64_t pause_us, uint64_t now_us)
{
  SyReadBack *read = &session->read;

  /* What its program says of the loader may be another's word. */
  if ((session->result.identity.capabilities & WIRE_CAP_READ) == 0) {
    sy_session_fail(session, SY_REASON_NO_READING, now_us);
    return;
  }
  for (unsigned page = 0; page < WIRE_PAGE_COUNT; page++)
    if (read->pages[page] == SY_SEND_UNDER_WAY)
      read->pages[page] = SY_SEND_WAITS;
  read->count = read->attempts = 0;
  read->pauses = pause_us > 0;
  session->step = SY_STEP_READ;
  session->awaiting = false;
  session->out_length = session->out_sent = 0;
  if (session->write_us == 0)
    session->write_us = now_us;
  sy_session_set_phase(session, SY_PHASE_READ, now_us);
  sy_session_set_deadline(session, now_us + pause_us);
  if (!read->pauses)
    sy_session_fill_reading(session, now_us);
}

/* No answer in time: the one that is waited for longest is asked for once more, alone. */
void sy_session_handle_read_timeout(SySession *session, uint64_t now_us)
{
  SyReadBack *read = &session->read;

  if (read->pauses) {
    read->pauses = false;
    sy_session_fill_reading(session, now_us);
  } else if (++read->attempts > ATTEMPTS ||
             sy_session_is_rate_dead(session, read->attempts, RATE_ATTEMPTS, now_us)) {
    if (!sy_session_slow_down(session, now_us))
      sy_session_fail_silent(session, now_us);
  } else if (session->out_sent < session->out_length) {
    rearm(session, now_us); /* a line that is slower than our patience */
  } else {
    session->progress.counts.timeouts++;
    sy_session_emit(session, (SyEvent){.kind = SY_EVENT_TIMEOUT,
                                       .request = WIRE_READ,
                                       .block = read->flights[0].page,
                                       .number = read->attempts + 1});
    read->flights[0].lost = true;
    sy_session_fill_reading(session, now_us);
  }
}

/* ---- Answers ---- */

static void update_progress(SySession *session, uint64_t now_us)
{
  SyProgress *progress = &session->progress;
  double share = (double)progress->bytes_done / progress->bytes_total;

  sy_session_set_fraction(session, SY_FRACTION_ENTERED +
                                       share * (SY_FRACTION_COMMITTED - SY_FRACTION_ENTERED));
  if (now_us > session->write_us)
    progress->bytes_per_second = progress->bytes_done * 1e6 / (double)(now_us - session->write_us);
  if (progress->bytes_per_second > 0)
    progress->seconds_left =
        (progress->bytes_total - progress->bytes_done) / progress->bytes_per_second;
}

/* The answer to the question at `at`: those before it were lost. */
static void take_page(SySession *session, unsigned at, const WireFrame *frame, uint64_t now_us)
{
  SyReadBack *read = &session->read;
  uint8_t page = read->flights[at].page;
  WireReadBack back;

  if (!wire_read_back_read(frame, &back)) {
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
    return;
  }
  wire_copy(read->flash + (uint32_t)page * WIRE_PAGE_SIZE, back.bytes, WIRE_PAGE_SIZE);
  read->pages[page] = SY_SEND_THERE;
  for (unsigned i = 0; i < at; i++)
    read->flights[i].lost = true;
  remove_flight(read, at);
  session->progress.bytes_done += WIRE_PAGE_SIZE;
  update_progress(session, now_us);
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_PAGE, .block = page});
}

/* What arrived damaged is asked for again. A program answers that it is not its business: the
 * loader is gone. */
static void take_refusal(SySession *session, unsigned at, const WireNak *nak, uint64_t now_us)
{
  sy_session_note_refusal(session, nak);
  if (nak->cause == WIRE_CAUSE_DAMAGED)
    session->read.flights[at].lost = true;
  else
    sy_session_fail(session, nak->cause == WIRE_CAUSE_NOT_NOW ? SY_REASON_RESTARTED : SY_REASON_NAK,
                    now_us);
}

bool sy_session_take_reading(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  SyReadBack *read = &session->read;
  unsigned at = 0;
  WireNak nak;
  bool refused = frame->type == WIRE_NAK && wire_nak_read(frame, &nak) && nak.type == WIRE_READ;

  if (session->step != SY_STEP_READ || (!refused && frame->type != (WIRE_READ | WIRE_REPLY)))
    return false;
  while (at < read->count && read->flights[at].seq != frame->seq)
    at++;
  if (at == read->count)
    return true; /* late or doubled: it has been answered */
  sy_session_measure(session, frame, PAGE_US, now_us);
  read->attempts = 0;
  if (refused)
    take_refusal(session, at, &nak, now_us);
  else
    take_page(session, at, frame, now_us);
  if (session->step == SY_STEP_READ) {
    rearm(session, now_us);
    sy_session_fill_reading(session, now_us);
  }
  return true;
}
