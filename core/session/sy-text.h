/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What events, reasons and results say to people: translated text, one place for window and command
 * line. Free with g_free. Any thread. */

#pragma once

#include "sy-link-quality.h"
#include "sy-release.h"
#include "sy-session.h"

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  SY_LOG_TRACE, /* a frame; see sy-frame-text.h */
  SY_LOG_DEBUG,
  SY_LOG_INFO,
  SY_LOG_WARNING,
  SY_LOG_ERROR,
} SyLogLevel;
enum { SY_LOG_LEVELS = SY_LOG_ERROR + 1 };

/* "trace", "debug", "info", "warning", "error": for programs to read. Static. */
const char *sy_log_level_to_string(SyLogLevel level);

/* One line for the log; NULL when the event is not worth one. */
char *sy_event_dup_text(const SySession *session, const SyEvent *event, SyLogLevel *level);

/* "Writing HIGH" for a phase. */
char *sy_progress_dup_phase_text(const SyProgress *progress);

/* What a refusal means. */
char *sy_nak_dup_text(const WireNak *nak);
/* The same in a word or two, for counting them: "arrived damaged"; and for scripts: "damaged". For
 * `cause` below SY_CAUSE_COUNT; 0 is those without a name. */
const char *sy_cause_get_label(guint cause);
const char *sy_cause_get_key(guint cause);
/* "2 refusals (arrived damaged 1, not now 1)"; NULL with none. */
char *sy_counts_dup_refusals_text(const SyCounts *counts);

/* "good", and the same for scripts; NULL when not known. */
const char *sy_link_quality_get_label(SyLinkQuality quality);
const char *sy_link_quality_get_key(SyLinkQuality quality);

/* The end of a job: what happened and what the substation runs now. What to do next is in
 * sy-next.h. */
char *sy_result_dup_account(SyJob job, const SyResult *result);
/* Both in one, what to do only where something failed.
 * "The substation runs HIGH 1.1.0." when all went well, and ", confirmed" behind a confirmation. */
char *sy_result_dup_sentence(SyJob job, const SyResult *result);
/* The same of a job with `release`, which may be NULL: the engine sees only the halves that can be
 * used, and why the file has none for this substation is known here. */
char *sy_result_dup_sentence_for(SyJob job, const SyResult *result, SyRelease *release);

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
