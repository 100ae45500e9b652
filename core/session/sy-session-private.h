/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Between sy-session.c, which carries requests and answers, and sy-session-steps.c, which knows
 * what to ask next. */

#pragma once

#include "sy-session.h"

/* Shares of the progress bar, by what each phase takes of a usual upgrade. */
#define SY_FRACTION_CONNECTED 0.01
#define SY_FRACTION_ENTERED   0.03
#define SY_FRACTION_ERASED    0.08
#define SY_FRACTION_WRITTEN   0.92
#define SY_FRACTION_COMMITTED 0.96

/* One step of a job: what is asked, how patiently, and what follows. */
typedef struct {
  SyPhase phase;
  uint8_t request;     /* WireType */
  uint32_t timeout_us; /* for one answer */
  uint8_t attempts;    /* of the same question; 0: keep asking until poll_us is over */
  uint32_t poll_us;
  bool prompt; /* answered at once: its answer tells how long the path is */
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

/* Going faster (sy-session-rate.c). */
/* Tries the next rate, or begins the transfer when there is none left to try. */
void sy_session_try_rate(SySession *session, uint64_t now_us);
/* The line carries nothing any more at the present rate: back to the default one, where what was
 * under way is asked for once more. False at the default rate. */
bool sy_session_slow_down(SySession *session, uint64_t now_us);
/* Whether a raised rate is to be given up, when `attempts` brought nothing, of at most `most`: it
 * may have died, and the loader must be found at the default one before it leaves. */
bool sy_session_is_rate_dead(const SySession *session, unsigned attempts, unsigned most,
                             uint64_t now_us);
/* Back to the default rate, for good. */
void sy_session_leave_rate(SySession *session);
size_t sy_session_build_rate(const SySession *session, uint8_t *payload);
void sy_session_answer_rate(SySession *session, const WireFrame *frame, uint64_t now_us);
void sy_session_refused_rate(SySession *session, const WireNak *nak, uint64_t now_us);
void sy_session_silent_rate(SySession *session, uint64_t now_us);
/* Tests the line in a dry run, then ends it. */
void sy_session_answer_line(SySession *session, const WireFrame *frame, uint64_t now_us);
void sy_session_refused_line(SySession *session, const WireNak *nak, uint64_t now_us);
size_t sy_session_build_echo(const SySession *session, uint8_t *payload);
void sy_session_answer_echo(SySession *session, const WireFrame *frame, uint64_t now_us);

/* Blocks on their way (sy-session-stream.c). */
/* BEGIN was answered: `begun` tells what is there already. */
void sy_session_start_stream(SySession *session, const WireBegun *begun, uint64_t now_us);
/* Makes the next DATA frame, if one may go; COMMIT when none is left. */
void sy_session_fill(SySession *session, uint64_t now_us);
/* Takes an answer to DATA; false when it is none that is waited for. */
bool sy_session_take_data(SySession *session, const WireFrame *frame, uint64_t now_us);
/* COMMIT found blocks missing, `block` the lowest. */
void sy_session_send_missing(SySession *session, uint32_t block, uint64_t now_us);
/* What was made has gone out: its answer has as long as if it had been made now, however long the
 * workstation was busy in between. */
void sy_session_note_data_out(SySession *session, uint64_t now_us);
/* No answer in time. */
void sy_session_handle_data_timeout(SySession *session, uint64_t now_us);

/* What became of them (sy-session-blocks.c). */
void sy_session_set_block(SySession *session, uint16_t block, SyBlockState state);
/* VERIFIED, or REPEATED if it was sent more than once. */
SyBlockState sy_session_get_verified(const SySession *session, uint16_t block);
void sy_session_set_verified(SySession *session, uint16_t block);
/* What of the transfer that broke off the next one finds. */
uint16_t sy_session_count_left(const SySession *session);
void sy_session_update_progress(SySession *session, uint64_t now_us);

/* Reading back (sy-session-read.c). */
/* It is known who is there: what there is to do, and whether that can be done. */
SyReason sy_session_prepare_reading(SySession *session);
/* The loader is there: asks for the first pages, or for those that are missing, behind a pause. */
void sy_session_start_reading(SySession *session, uint64_t pause_us, uint64_t now_us);
/* Asks for the next page, if one may be asked for; goes on when none is left. */
void sy_session_fill_reading(SySession *session, uint64_t now_us);
/* Takes an answer to READ; false when it is none. */
bool sy_session_take_reading(SySession *session, const WireFrame *frame, uint64_t now_us);
void sy_session_handle_read_timeout(SySession *session, uint64_t now_us);

/* A frame nobody asked for. */
void sy_session_handle_unasked(SySession *session, const WireFrame *frame, uint64_t now_us);

/* Goes on with a step: its request is made and sent. */
void sy_session_enter(SySession *session, SyStep step, uint64_t now_us);
/* The same, but asks only after a pause, unless somebody speaks first. */
void sy_session_enter_later(SySession *session, SyStep step, uint64_t pause_us, uint64_t now_us);
/* Asks the present step's question once more, as a new one, after a pause. */
void sy_session_ask_later(SySession *session, uint64_t now_us);
void sy_session_set_phase(SySession *session, SyPhase phase, uint64_t now_us);
/* Waits for an answer until then. */
void sy_session_set_deadline(SySession *session, uint64_t deadline_us);
/* Puts a request with this payload, which lies in place, into the output. */
void sy_session_send(SySession *session, uint8_t type, uint8_t seq, size_t length);
/* A time-out on this path: `base_us` is what it is on a local port, whatever is slow there
 * included. */
uint64_t sy_session_patience_us(const SySession *session, uint64_t base_us);
/* How much is to be under way for the line to be busy until an answer to the first of it is here.
 */
uint64_t sy_session_get_ahead_us(const SySession *session);
/* A request is made, or made again; so many bytes of it have gone out. */
void sy_session_note_asked(SySession *session, uint8_t seq);
void sy_session_note_sent(SySession *session, size_t length, uint64_t now_us);
/* An answer came, for which the substation itself takes up to `device_us`: learns how long the path
 * is, if it was asked for once. */
void sy_session_measure(SySession *session, const WireFrame *frame, uint64_t device_us,
                        uint64_t now_us);
/* Time on the wire of so many bytes, at the present rate. */
uint64_t sy_session_wire_us(const SySession *session, size_t bytes);
/* Counts a refusal and tells of it. */
void sy_session_note_refusal(SySession *session, const WireNak *nak);

void sy_session_emit(SySession *session, SyEvent event);
void sy_session_set_fraction(SySession *session, double fraction);

/* Something went wrong: finds out what runs if that can matter, else finishes. */
void sy_session_fail(SySession *session, SyReason reason, uint64_t now_us);
void sy_session_finish(SySession *session, SyOutcome outcome, SyReason reason, uint64_t now_us);
