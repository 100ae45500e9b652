/* SPDX-License-Identifier: GPL-3.0-or-later */

/* switchyard-cli: what its files share. */

#pragma once

#include "sy-outcome.h"
#include "sy-release.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Exit codes; scripts rely on them. */
typedef enum {
  SY_EXIT_DONE = 0,
  SY_EXIT_REFUSED = 1, /* before anything was erased */
  SY_EXIT_USAGE = 2,
  SY_EXIT_LINK = 3,     /* absent, busy, denied, silent */
  SY_EXIT_OLD_RUNS = 4, /* the job failed, the old program runs */
  SY_EXIT_UNKNOWN = 5,  /* it failed, and what runs is not known, or not settled */
} SyExit;

typedef struct {
  char *port;
  gboolean json;
  gboolean dry_run;
  gboolean figures; /* where the time went */
  const char *file;
} SyCliOptions;

SyExit sy_cli_ports(const SyCliOptions *options);
SyExit sy_cli_inspect(const SyCliOptions *options);
SyExit sy_cli_identify(const SyCliOptions *options);
SyExit sy_cli_upgrade(const SyCliOptions *options);
SyExit sy_cli_confirm(const SyCliOptions *options);
SyExit sy_cli_rollback(const SyCliOptions *options);

/* Reads the release that the command names, and keeps it in the library. NULL when it cannot be
 * read; that has been said, and the command ends with SY_EXIT_REFUSED. */
SyRelease *sy_cli_open_release(const SyCliOptions *options) G_GNUC_WARN_UNUSED_RESULT;

/* What a substation said of itself: lines, or an "identity" event. */
void sy_cli_print_identity(const SyCliOptions *options, const WireIdentity *identity);
/* Where an upgrade's time went, when there is anything to tell: a line, or all of it if asked for;
 * or "life" in an event. */
void sy_cli_print_life(const SyCliOptions *options, const SyResult *result);
void sy_cli_add_life(JsonBuilder *builder, const SyResult *result);
/* The last line of a job: the sentence, or a "result" event. Returns `code`. */
SyExit sy_cli_print_result(const SyCliOptions *options, const char *outcome, SyExit code,
                           const SyResult *result, const char *sentence);
const char *sy_cli_phase_key(SyPhase phase);
const char *sy_cli_outcome_key(SyOutcome outcome);
SyExit sy_cli_exit_of_outcome(SyOutcome outcome);

/* A JSON object with "event" as its first key; add members, then sy_cli_event_end prints it as one
 * line and frees the builder. */
JsonBuilder *sy_cli_event_begin(const char *event);
void sy_cli_event_end(JsonBuilder *builder);
void sy_cli_add_string(JsonBuilder *builder, const char *key, const char *value); /* NULL: null */
void sy_cli_add_int(JsonBuilder *builder, const char *key, gint64 value);
void sy_cli_add_bool(JsonBuilder *builder, const char *key, gboolean value);
void sy_cli_add_version(JsonBuilder *builder, const char *key, guint32 version);
void sy_cli_add_hex(JsonBuilder *builder, const char *key, guint32 value); /* "0x0001c000" */
/* "bank" and "version" of what runs, or null. */
void sy_cli_add_running(JsonBuilder *builder, const WireIdentity *identity);

/* An error: a line on stderr, or an "error" event. Returns `code`. */
SyExit sy_cli_fail(const SyCliOptions *options, SyExit code, const char *message);

G_END_DECLS
