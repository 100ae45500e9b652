/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Going faster: the highest rate that both ends say they can make is asked for, tried with a link
 * test, and left again when it does not carry. PROTOCOL.md §5. */

#include "sy-session-private.h"

/* All exact at the substation's 11.0592 MHz; 460800 and 921600 are not. */
static const uint32_t rates[] = {691200, 345600, 230400};
enum { RATES = sizeof rates / sizeof rates[0] };

enum {
  LINE_ECHOES = 16,      /* of a dry run: a third of a second */
  ECHO_LENGTH = 128,     /* of the link test: longer, and a line that carries blocks fails it */
  SET_US = 500 * 1000,   /* most that bringing the line to another rate takes */
  MARGIN_US = 20 * 1000, /* for whoever is busy at either end */
  /* The loader goes back by itself when it hears nothing; a little more, and it surely has. */
  BACK_US = (WIRE_RATE_PROOF_MS + 60) * 1000,
  SILENCE_US = (WIRE_RATE_SILENCE_MS + 100) * 1000,
  RATES_US = 8500 * 1000, /* for trying them: the loader leaves when 10 s bring no other question */
  QUIET_US = 3500 * 1000, /* for finding out that one has died, for the same reason */
  TOLERANCE_PERCENT = 3,  /* more, and the tenth bit is read from another */
};

uint32_t sy_session_get_rate(const SySession *session)
{
  return session->rate;
}

void sy_session_leave_rate(SySession *session)
{
  session->rate = WIRE_RATE_DEFAULT;
  session->slows = false;
}

/* What the rate was raised for. */
static void begin(SySession *session, uint64_t pause_us, uint64_t now_us)
{
  if (session->job == SY_JOB_READ)
    sy_session_start_reading(session, pause_us, now_us);
  else if (pause_us > 0)
    sy_session_enter_later(session, SY_STEP_BEGIN, pause_us, now_us);
  else
    sy_session_enter(session, SY_STEP_BEGIN, now_us);
}

/* The loader must be heard at the new rate in time: its answer comes here, the line follows, which
 * takes `set_us`, and the link test goes there. */
static bool is_too_far(const SySession *session, uint64_t set_us)
{
  uint64_t test_us =
      (uint64_t)(WIRE_FRAME_OVERHEAD + ECHO_LENGTH) * 10 * 1000000 / rates[RATES - 1];

  return session->trip.smoothed_us + session->trip.varies_us + set_us + test_us + MARGIN_US >
         WIRE_RATE_PROOF_MS * 1000;
}

static void give_rates_up(SySession *session)
{
  session->rate_next = RATES;
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_RATE_FAR,
                                     .number = (uint32_t)(session->trip.smoothed_us / 1000)});
}

/* Whether there is time for one that does not carry before the loader leaves. */
static bool has_time(const SySession *session, uint64_t now_us)
{
  const SyStepRow *row = sy_session_step_row(SY_STEP_RATE_TEST);
  uint64_t takes_us = (row->attempts + 1) * sy_session_patience_us(session, row->timeout_us) +
                      sy_session_patience_us(session, SILENCE_US);

  return session->rates_us == 0 || now_us + takes_us <= session->rates_us + RATES_US;
}

/* Whether there is a rate left to try, which is then the next. */
static bool find_rate(SySession *session, uint64_t now_us)
{
  if ((session->result.identity.capabilities & WIRE_CAP_RATE) == 0)
    return false;
  while (session->rate_next < RATES && rates[session->rate_next] > session->rate_max)
    session->rate_next++;
  /* Who is told of it far away says when it is done. */
  if (session->rate_next < RATES &&
      is_too_far(session, sy_round_trip_is_far(&session->trip) ? session->trip.smoothed_us : 0))
    give_rates_up(session);
  if (!has_time(session, now_us))
    session->rate_next = RATES;
  if (session->rates_us == 0)
    session->rates_us = now_us;
  return session->rate_next < RATES;
}

void sy_session_try_rate(SySession *session, uint64_t now_us)
{
  if (find_rate(session, now_us))
    sy_session_enter(session, SY_STEP_RATE, now_us);
  else
    begin(session, 0, now_us);
}

size_t sy_session_build_rate(const SySession *session, uint8_t *payload)
{
  WireRate rate = {.baud = rates[session->rate_next]};

  return wire_rate_write(&rate, payload);
}

/* The loader is at the new rate. The line follows: see sy_session_rate_set. */
void sy_session_answer_rate(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  WireRate rate;

  if (!wire_rate_read(frame, &rate) || rate.baud != rates[session->rate_next]) {
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
    return;
  }
  session->rate = rate.baud;
  session->step = SY_STEP_RATE_TEST;
  session->attempt = 1;
  session->rated_us = now_us;
  sy_session_set_deadline(session, now_us + sy_session_patience_us(session, SET_US));
}

/* Back to the default rate, where the next one is tried. */
static void try_next_rate(SySession *session, uint64_t pause_us, uint64_t now_us)
{
  sy_session_leave_rate(session);
  if (session->rate_next < RATES)
    session->rate_next++;
  if (find_rate(session, now_us))
    sy_session_enter_later(session, SY_STEP_RATE, pause_us, now_us);
  else
    begin(session, pause_us, now_us);
}

/* This rate does not carry, or one end cannot make it: the next. */
static void give_rate_up(SySession *session, uint64_t pause_us, uint64_t now_us)
{
  sy_session_emit(session,
                  (SyEvent){.kind = SY_EVENT_RATE_FAILED, .number = rates[session->rate_next]});
  try_next_rate(session, pause_us, now_us);
}

void sy_session_rate_set(SySession *session, uint32_t baud, uint64_t now_us)
{
  uint32_t wanted = session->rate;
  uint32_t apart = baud > wanted ? baud - wanted : wanted - baud;

  if (session->step != SY_STEP_RATE_TEST || wanted == WIRE_RATE_DEFAULT)
    return;
  if (apart > wanted / 100 * TOLERANCE_PERCENT) {
    give_rate_up(session, sy_session_patience_us(session, BACK_US), now_us);
  } else if (is_too_far(session, now_us - session->rated_us)) {
    give_rates_up(session);
    try_next_rate(session, sy_session_patience_us(session, BACK_US), now_us);
  } else {
    sy_session_enter(session, SY_STEP_RATE_TEST, now_us);
  }
}

void sy_session_refused_rate(SySession *session, const WireNak *nak, uint64_t now_us)
{
  (void)nak;
  give_rate_up(session,
               session->step == SY_STEP_RATE ? 0 : sy_session_patience_us(session, SILENCE_US),
               now_us);
}

/* A link test may have been heard and only its answer be lost: the loader goes back later then. */
void sy_session_silent_rate(SySession *session, uint64_t now_us)
{
  uint64_t back_us = session->step == SY_STEP_RATE ? BACK_US : SILENCE_US;

  give_rate_up(session, sy_session_patience_us(session, back_us), now_us);
}

/* Long and short runs of both levels, and every byte. */
size_t sy_session_build_echo(const SySession *session, uint8_t *payload)
{
  (void)session;
  static const uint8_t runs[] = {0x00, 0xff, 0x55, 0xaa, 0x0f, 0x01, 0x80, 0xfe};

  for (unsigned i = 0; i < ECHO_LENGTH; i++)
    payload[i] = i < ECHO_LENGTH / 2 ? runs[i % sizeof runs] : (uint8_t)i;
  return ECHO_LENGTH;
}

static bool is_echo(const SySession *session, const WireFrame *frame)
{
  uint8_t sent[ECHO_LENGTH];
  bool same = frame->length == sy_session_build_echo(session, sent);

  for (unsigned i = 0; same && i < ECHO_LENGTH; i++)
    same = frame->payload[i] == sent[i];
  return same;
}

/* A program that knows no ECHO says nothing about the line, and it has answered before. */
void sy_session_refused_line(SySession *session, const WireNak *nak, uint64_t now_us)
{
  (void)nak;
  sy_session_finish(session, SY_OUTCOME_DONE, SY_REASON_NONE, now_us);
}

void sy_session_answer_line(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  if (!is_echo(session, frame))
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
  else if (++session->echoes < LINE_ECHOES)
    sy_session_enter(session, SY_STEP_LINE, now_us);
  else
    sy_session_finish(session, SY_OUTCOME_DONE, SY_REASON_NONE, now_us);
}

void sy_session_answer_echo(SySession *session, const WireFrame *frame, uint64_t now_us)
{
  if (!is_echo(session, frame)) {
    sy_session_fail(session, SY_REASON_WRONG_ANSWER, now_us);
    return;
  }
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_RATE, .number = session->rate});
  begin(session, 0, now_us);
}

bool sy_session_is_rate_dead(const SySession *session, unsigned attempts, unsigned most,
                             uint64_t now_us)
{
  if (session->rate == WIRE_RATE_DEFAULT)
    return false;
  return attempts > most || (attempts > 1 && now_us > session->framed_us + QUIET_US);
}

bool sy_session_slow_down(SySession *session, uint64_t now_us)
{
  if (session->rate == WIRE_RATE_DEFAULT)
    return false;
  sy_session_emit(session, (SyEvent){.kind = SY_EVENT_RATE_FAILED, .number = session->rate});
  session->rate_next = RATES;
  sy_session_leave_rate(session);
  begin(session, sy_session_patience_us(session, SILENCE_US), now_us);
  return true;
}
