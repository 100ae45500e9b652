/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Between sy-session.c, which carries requests and answers, and sy-session-steps.c, which knows
 * what to ask next. */

#pragma once

#include "sy-session.h"

/* One step of a job: what is asked, how patiently, and what follows. */
typedef struct {
  SyPhase phase;
  uint8_t request;     /* WireType */
  uint32_t timeout_us; /* for one answer */
  uint8_t attempts;    /* of the same question; 0: keep asking until poll_us is over */
  uint32_t poll_us;
  size_t (*build)(const SySession *session, uint8_t *payload);
  void (*answer)(SySession *session, const WireFrame *frame, uint64_t now_us);
  void (*refused)(SySession *session, const WireNak *nak, uint64_t now_us);
  void (*silent)(SySession *session, uint64_t now_us);
} SyStepRow;

const SyStepRow *sy_session_step_row(SyStep step);

/* A frame nobody asked for. */
void sy_session_handle_unasked(SySession *session, const WireFrame *frame, uint64_t now_us);

/* Goes on with a step: its request is made and sent. */
void sy_session_enter(SySession *session, SyStep step, uint64_t now_us);
/* Asks the present step's question once more, as a new one, after a pause. */
void sy_session_ask_later(SySession *session, uint64_t now_us);

void sy_session_emit(SySession *session, SyEvent event);
void sy_session_set_fraction(SySession *session, double fraction);

/* Something went wrong: finds out what runs if that can matter, else finishes. */
void sy_session_fail(SySession *session, SyReason reason, uint64_t now_us);
void sy_session_finish(SySession *session, SyOutcome outcome, SyReason reason, uint64_t now_us);
