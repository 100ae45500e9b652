/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The path to the substation: what goes out is noted with its time, what answers it tells how long
 * the path is, and each time-out is made to fit that. PROTOCOL.md §5. */

#include "sy-session-private.h"

uint64_t sy_session_wire_us(const SySession *session, size_t bytes)
{
  return (uint64_t)bytes * 10 * 1000000 / session->rate;
}

uint64_t sy_session_patience_us(const SySession *session, uint64_t base_us)
{
  return base_us + sy_round_trip_get_patience_us(&session->trip);
}

uint64_t sy_session_get_ahead_us(const SySession *session)
{
  uint64_t ahead_us = session->trip.smoothed_us + session->trip.varies_us;

  /* Near, two frames are enough for one to be on the wire while another is answered. */
  if (sy_round_trip_is_far(&session->trip))
    ahead_us += sy_session_wire_us(session, WIRE_FRAME_MAX);
  return ahead_us;
}

static SyAsked *get_asked(SySession *session, uint8_t seq)
{
  return &session->asked[seq % SY_SESSION_ASKED];
}

void sy_session_note_asked(SySession *session, uint8_t seq)
{
  SyAsked *asked = get_asked(session, seq);

  if (asked->seq != seq)
    *asked = (SyAsked){.seq = seq};
  asked->times += asked->times < UINT8_MAX;
  asked->out_us = UINT64_MAX;
}

void sy_session_note_sent(SySession *session, size_t length, uint64_t now_us)
{
  if (session->line_free_us < now_us)
    session->line_free_us = now_us;
  session->line_free_us += sy_session_wire_us(session, length);
  if (session->out_sent == session->out_length)
    get_asked(session, session->out[WIRE_FRAME_SEQ_OFFSET])->out_us = session->line_free_us;
}

static uint64_t since(uint64_t from_us, uint64_t now_us)
{
  return now_us > from_us ? now_us - from_us : 0;
}

/* On the line it comes behind the frame before it, so that is the latest that its way can have
 * begun to show. */
void sy_session_measure(SySession *session, const WireFrame *frame, uint64_t device_us,
                        uint64_t now_us)
{
  SyAsked *asked = get_asked(session, frame->seq);
  uint64_t wire_us = sy_session_wire_us(session, WIRE_FRAME_OVERHEAD + (size_t)frame->length);
  uint64_t start_us;

  if (asked->seq != frame->seq || asked->times != 1 || asked->out_us == UINT64_MAX)
    return;
  asked->times = 0; /* answered: a doubled answer tells nothing */
  start_us = session->framed_us > asked->out_us ? session->framed_us : asked->out_us;
  sy_round_trip_take(&session->trip, since(start_us + wire_us + device_us, now_us),
                     since(asked->out_us + wire_us, now_us));
}
