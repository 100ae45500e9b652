/* SPDX-License-Identifier: GPL-3.0-or-later */

/* switchyard-cli: what its files share. */

#pragma once

#include "sy-board.h"
#include "sy-digest.h"
#include "sy-link-quality.h"
#include "sy-link-settings.h"
#include "sy-release.h"
#include "sy-text.h"
#include "sy-trouble.h"

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

enum {
  SY_CLI_FILES_MAX = 64,
  SY_CLI_PORTS_MAX = 64, /* substations at once */
  SY_CLI_RETRIES_MAX = 100,
  SY_CLI_PROGRESS_US = 100 * 1000, /* between two events of progress */
};

/* What the person wrote; NULL or 0 where nothing. Each command takes some of it. */
typedef struct {
  gboolean json;
  char **files;
  guint n_files;
  /* With a substation */
  char *port; /* the first of them */
  char **ports;
  guint n_ports;
  gboolean several;  /* events say which of several substations they are about … */
  const char *title; /* … which is this one; NULL: about none of them */
  char *dtr;
  char *rts;
  SyLinkSettings lines; /* what both come to */
  gboolean dry_run;
  int retries;      /* how often what failed is tried again */
  gboolean figures; /* where the time went */
  gboolean trace;   /* each frame */
  /* How files are read */
  char *format;
  char *address; /* of the first of raw bytes */
  /* inspect */
  char *bytes;
  char *find;
  char *find_text;
  gboolean hash;
  /* compare */
  char *within;
  gboolean all;
  /* convert */
  char *output;
  char *to;
  char *only;
  char *split;
  char *fill;
  char *range;
  int per_line;
  gboolean force;
} SyCliOptions;

SyExit sy_cli_ports(const SyCliOptions *options);
SyExit sy_cli_find_stations(const SyCliOptions *options);
SyExit sy_cli_inspect(const SyCliOptions *options);
SyExit sy_cli_compare(const SyCliOptions *options);
SyExit sy_cli_convert(const SyCliOptions *options);
SyExit sy_cli_identify(const SyCliOptions *options);
SyExit sy_cli_upgrade(const SyCliOptions *options);
/* Whether `port` names a port, and none that is on `board`; what is wrong has been said. */
SyExit sy_cli_check_port(const SyCliOptions *options, SyBoard *board, const char *port);
/* The same with several substations at once, or again with those that failed. */
SyExit sy_cli_upgrade_several(const SyCliOptions *options, SyRelease *release);
SyExit sy_cli_confirm(const SyCliOptions *options);
SyExit sy_cli_rollback(const SyCliOptions *options);
SyExit sy_cli_read(const SyCliOptions *options);

/* --port auto: the only port with a substation; free with g_free. That it was found, or why not,
 * has been said. */
SyExit sy_cli_find_port(const SyCliOptions *options, char **found);

/* Reads the release that the command names, and keeps it in the library. NULL when it cannot be
 * read; that has been said, and the command ends with SY_EXIT_REFUSED. */
SyRelease *sy_cli_open_release(const SyCliOptions *options) G_GNUC_WARN_UNUSED_RESULT;
/* Reads a file, however broken, as --format and --address say. NULL when it cannot be read; that
 * has been said, and the command ends with `code`. */
SyImageFile *sy_cli_load_file(const SyCliOptions *options, const char *name,
                              SyExit *code) G_GNUC_WARN_UNUSED_RESULT;

/* sy_range_parse, whose trouble is told. */
gboolean sy_cli_parse_range(const SyCliOptions *options, const char *text, guint64 usual_length,
                            SyRange *range) G_GNUC_WARN_UNUSED_RESULT;
/* By the name's end; AUTO when that tells none. */
SyFormat sy_cli_guess_format(const char *path);
/* "hex", "srec", "bin". */
gboolean sy_cli_parse_format(const char *text, SyFormat *format);
const char *sy_cli_format_key(SyFormat format);
const char *sy_cli_severity_key(SySeverity severity);

/* inspect --bytes, --find and --find-text. */
SyExit sy_cli_dump_bytes(const SyCliOptions *options, SyImageFile *file);
SyExit sy_cli_find(const SyCliOptions *options, SyImageFile *file);

/* Is cancelled by Ctrl+C, a kill or a closed terminal, which end the program no more. */
GCancellable *sy_cli_watch_interrupts(void) G_GNUC_WARN_UNUSED_RESULT;

/* Whether each half of the release can be used: warnings of those that cannot, `warn` told each. */
void sy_cli_warn_of_unusable_halves(SyRelease *release,
                                    void (*warn)(const char *text, gpointer data), gpointer data);

/* Reads ranges of the substation's flash back, telling how it goes; the image has gaps for what
 * cannot be read. `result` is the job's, whose sentence is the caller's last line. NULL when it
 * failed: that has been said, and the command ends with `code`. */
SyImage *sy_cli_read_back(const SyCliOptions *options, const SyRange *ranges, guint n_ranges,
                          SyResult *result, SyExit *code) G_GNUC_WARN_UNUSED_RESULT;

/* What a substation said of itself: lines, or an "identity" event. */
void sy_cli_print_identity(const SyCliOptions *options, const WireIdentity *identity);
/* Where an upgrade's time went, when there is anything to tell: a line, or all of it if asked for;
 * or "life" in an event. */
void sy_cli_print_life(const SyCliOptions *options, const SyResult *result);
/* The same as "life" in an event; and "round_trip_ms", null when none was measured. */
void sy_cli_add_round_trip(JsonBuilder *builder, const SyLife *life);
void sy_cli_add_life(JsonBuilder *builder, const SyResult *result);
/* The last line of a job: the sentence, or a "result" event. Returns `code`. */
SyExit sy_cli_print_result(const SyCliOptions *options, const char *outcome, SyExit code,
                           const SyResult *result, const char *sentence);
/* What goes on in a job: events. */
void sy_cli_print_phase(const SyCliOptions *options, SyPhase phase);
void sy_cli_print_progress(const SyCliOptions *options, const SyProgress *progress,
                           SyLinkQuality quality);
void sy_cli_print_log(const SyCliOptions *options, SyLogLevel level, const char *text);
/* The same for people: a bar, per cent, bytes, speed and retries. Free with g_free. */
char *sy_cli_dup_bar(const SyProgress *progress);
/* Parts of it: "███░  75 %" and " · 2 retries". */
void sy_cli_append_bar(GString *line, const SyProgress *progress, guint cells);
void sy_cli_append_retries(GString *line, const SyProgress *progress);
/* What was counted; a quality that is not known is null. */
void sy_cli_add_counts(JsonBuilder *builder, const SyCounts *counts, SyLinkQuality quality);
const char *sy_cli_phase_key(SyPhase phase);
const char *sy_cli_outcome_key(SyOutcome outcome);
SyExit sy_cli_exit_of_outcome(SyOutcome outcome);

/* A JSON object with "event" as its first key; add members, then sy_cli_event_end prints it as one
 * line and frees the builder. */
JsonBuilder *sy_cli_event_begin(const char *event);
/* The same about a substation: with several there is a "port". */
JsonBuilder *sy_cli_event_begin_for(const SyCliOptions *options, const char *event);
void sy_cli_event_end(JsonBuilder *builder);
void sy_cli_add_string(JsonBuilder *builder, const char *key, const char *value); /* NULL: null */
void sy_cli_add_int(JsonBuilder *builder, const char *key, gint64 value);
void sy_cli_add_bool(JsonBuilder *builder, const char *key, gboolean value);
void sy_cli_add_version(JsonBuilder *builder, const char *key, guint32 version);
void sy_cli_add_hex(JsonBuilder *builder, const char *key, guint32 value); /* "0x0001c000" */
/* "deadbeef"; `bytes` may be NULL: null */
void sy_cli_add_bytes(JsonBuilder *builder, const char *key, const guint8 *bytes, gsize length);
void sy_cli_add_digest(JsonBuilder *builder, const SyDigest *digest); /* "crc32" and "sha256" */
/* "bank" and "version" of what runs, or null. */
void sy_cli_add_running(JsonBuilder *builder, const WireIdentity *identity);

/* An error: a line on stderr, or an "error" event. Returns `code`. */
SyExit sy_cli_fail(const SyCliOptions *options, SyExit code, const char *message);
/* The same, of a port behind which there is no substation, with what to do about it. */
SyExit sy_cli_fail_trouble(const SyCliOptions *options, SyExit code, const SyTrouble *trouble);
/* The same beside a job's result: lines on stderr, or a "trouble" event. */
void sy_cli_tell_trouble(const SyCliOptions *options, const SyTrouble *trouble);
/* The same, of something the person wrote: SY_EXIT_USAGE. */
SyExit sy_cli_complain(const SyCliOptions *options, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* A warning: a line on stderr, or a "warning" event. */
void sy_cli_warn(const SyCliOptions *options, const char *message);

G_END_DECLS
