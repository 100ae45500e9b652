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

/* What steps share, and how a job ends (sy-session-end.c). */
/* Reads an identity; false for one that cannot be. */
bool sy_session_take_identity(SySession *session, const WireFrame *frame);
/* Reads an answer to CONFIRM; the identity is then that of a confirmed program. */
bool sy_session_take_confirmed(SySession *session, const WireFrame *frame);
size_t sy_session_build_confirm(const SySession *session, uint8_t *payload);
void sy_session_fail_refused(SySession *session, const WireNak *nak, uint64_t now_us);
void sy_session_fail_silent(SySession *session, uint64_t now_us);
void sy_session_answer_hear(SySession *session, const WireFrame *frame, uint64_t now_us);
void sy_session_announce_confirm(SySession *session, const WireFrame *frame, uint64_t now_us);
void sy_session_answer_confirm(SySession *session, const WireFrame *frame, uint64_t now_us);
void sy_session_refused_confirm(SySession *session, const WireNak *nak, uint64_t now_us);
void sy_session_silent_confirm(SySession *session, uint64_t now_us);
void sy_session_answer_prove(SySession *session, const WireFrame *frame, uint64_t now_us);
void sy_session_refused_prove(SySession *session, const WireNak *nak, uint64_t now_us);
void sy_session_silent_prove(SySession *session, uint64_t now_us);
void sy_session_refused_go_back(SySession *session, const WireNak *nak, uint64_t now_us);
void sy_session_answer_go_back(SySession *session, const WireFrame *frame, uint64_t now_us);
void sy_session_silent_go_back(SySession *session, uint64_t now_us);
void sy_session_answer_abort(SySession *session, const WireFrame *frame, uint64_t now_us);
void sy_session_refused_abort(SySession *session, const WireNak *nak, uint64_t now_us);
void sy_session_silent_abort(SySession *session, uint64_t now_us);
void sy_session_answer_what_runs(SySession *session, const WireFrame *frame, uint64_t now_us);
void sy_session_refused_what_runs(SySession *session, const WireNak *nak, uint64_t now_us);

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
