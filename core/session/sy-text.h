/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What events, reasons and results say to people: translated text, one place for window and command
 * line. Free with g_free. Any thread. */

#pragma once

#include "sy-session.h"

#include <glib.h>

G_BEGIN_DECLS

typedef enum { SY_LOG_DEBUG, SY_LOG_INFO, SY_LOG_WARNING, SY_LOG_ERROR } SyLogLevel;

/* One line for the log; NULL when the event is not worth one. */
char *sy_event_dup_text(const SySession *session, const SyEvent *event, SyLogLevel *level);

/* "Writing HIGH" for a phase. */
char *sy_progress_dup_phase_text(const SyProgress *progress);

/* What a refusal means. */
char *sy_nak_dup_text(const WireNak *nak);

/* The end of a job: what happened, what the substation runs now, what to do next.
 * "The substation runs HIGH 1.1.0." when all went well, and ", confirmed" behind a confirmation. */
char *sy_result_dup_sentence(SyJob job, const SyResult *result);

/* The result's identity was overtaken: the program on trial that it names failed its self-test or
 * runs no more, so that it was not confirmed. */
gboolean sy_result_is_overtaken(const SyResult *result);

/* Who is there, as a sentence: "The substation runs LOW 1.0.0.", or that its loader answers. */
char *sy_identity_dup_sentence(const WireIdentity *identity);

/* Why a program on trial was left, as the end of a sentence: "it hung (the watchdog ran out)". */
const char *sy_trial_cause_to_string(guint cause);

/* How the substation stands between old and new program: "confirmed", "on trial (start 1 of 3, 28 s
 * left)", "went back from HIGH 1.2.0: it hung (the watchdog ran out)"; NULL when nothing is known.
 */
char *sy_identity_dup_trial_text(const WireIdentity *identity);

/* How one bank stands, for behind its version: "running, confirmed", "running on trial (start 1 of
 * 3, 28 s left)", "left: it hung (the watchdog ran out)", "idle"; NULL when there is no more to say
 * than that it is empty or damaged. */
char *sy_identity_dup_bank_text(const WireIdentity *identity, WireBank bank);

/* What the substation runs as far as the result knows: "LOW 1.0.0". */
char *sy_identity_dup_running_text(const WireIdentity *identity);

G_END_DECLS
