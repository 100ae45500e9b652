/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a substation said and how a job ended, as lines and as JSON. */

#include "sy-cli.h"

#include "sy-text.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>

enum { BAR_CELLS = 24 };

const char *sy_cli_phase_key(SyPhase phase)
{
  static const char *const keys[] = {
      [SY_PHASE_IDLE] = "idle",         [SY_PHASE_CONNECT] = "connect",
      [SY_PHASE_LINE] = "line",         [SY_PHASE_ENTER] = "enter",
      [SY_PHASE_ERASE] = "erase",       [SY_PHASE_RATE] = "rate",
      [SY_PHASE_WRITE] = "write",       [SY_PHASE_COMMIT] = "commit",
      [SY_PHASE_START] = "start",       [SY_PHASE_TRIAL] = "trial",
      [SY_PHASE_READ] = "read",         [SY_PHASE_WHAT_RUNS] = "what-runs",
      [SY_PHASE_FINISHED] = "finished",
  };

  return keys[phase];
}

const char *sy_cli_outcome_key(SyOutcome outcome)
{
  static const char *const keys[] = {"done", "refused", "link", "old-runs", "unknown"};

  return keys[outcome];
}

SyExit sy_cli_exit_of_outcome(SyOutcome outcome)
{
  switch (outcome) {
  case SY_OUTCOME_DONE:
    return SY_EXIT_DONE;
  case SY_OUTCOME_REFUSED:
    return SY_EXIT_REFUSED;
  case SY_OUTCOME_LINK:
    return SY_EXIT_LINK;
  case SY_OUTCOME_OLD_RUNS:
    return SY_EXIT_OLD_RUNS;
  case SY_OUTCOME_UNKNOWN:
  default:
    return SY_EXIT_UNKNOWN;
  }
}

static const char *reason_key(SyReason reason)
{
  static const char *const keys[] = {
      [SY_REASON_NONE] = "none",
      [SY_REASON_CANCELLED] = "cancelled",
      [SY_REASON_SILENT] = "silent",
      [SY_REASON_LINK_LOST] = "link-lost",
      [SY_REASON_NOT_COMPATIBLE] = "not-compatible",
      [SY_REASON_NO_LOADER] = "no-loader",
      [SY_REASON_PRODUCT] = "product",
      [SY_REASON_BANK] = "bank",
      [SY_REASON_NAK] = "refused",
      [SY_REASON_LEFT] = "loader-left",
      [SY_REASON_RESTARTED] = "restarted",
      [SY_REASON_WRONG_ANSWER] = "wrong-answer",
      [SY_REASON_OTHER_RUNS] = "other-runs",
      [SY_REASON_RETURNED] = "returned",
      [SY_REASON_NOT_CONFIRMED] = "not-confirmed",
      [SY_REASON_NO_TRIAL] = "no-trial",
      [SY_REASON_NO_OTHER] = "no-other",
      [SY_REASON_NO_READING] = "no-reading",
      [SY_REASON_NO_PROGRAM] = "no-program",
      [SY_REASON_ON_TRIAL] = "on-trial",
  };

  return keys[reason];
}

/* The numbers come from the line: what a later version may say has no word here. */
static const char *key_of(const char *const *keys, guint count, guint number)
{
  return number < count ? keys[number] : "unknown";
}

static void add_trial(JsonBuilder *builder, const WireIdentity *identity)
{
  static const char *const states[] = {"none", "running", "confirmed", "returned"};
  static const char *const causes[] = {"none",      "hang",   "crash",   "self-test",
                                       "not-heard", "starts", "damaged", "operator"};

  json_builder_set_member_name(builder, "trial");
  json_builder_begin_object(builder);
  sy_cli_add_string(builder, "state", key_of(states, G_N_ELEMENTS(states), identity->trial));
  sy_cli_add_int(builder, "starts", identity->trial_starts);
  sy_cli_add_int(builder, "starts_allowed", WIRE_TRIAL_STARTS);
  sy_cli_add_string(builder, "cause", key_of(causes, G_N_ELEMENTS(causes), identity->trial_cause));
  sy_cli_add_int(builder, "seconds_left", identity->trial_left_s);
  json_builder_end_object(builder);
}

static void add_flags(JsonBuilder *builder, const WireIdentity *identity)
{
  json_builder_set_member_name(builder, "flags");
  json_builder_begin_object(builder);
  sy_cli_add_bool(builder, "watchdog", (identity->flags & WIRE_FLAG_WATCHDOG) != 0);
  sy_cli_add_bool(builder, "user_mode", (identity->flags & WIRE_FLAG_USER_MODE) != 0);
  sy_cli_add_bool(builder, "self_test", (identity->flags & WIRE_FLAG_SELF_TEST) != 0);
  json_builder_end_object(builder);
}

static void add_identity(JsonBuilder *builder, const WireIdentity *identity)
{
  static const char *const states[] = {"empty", "damaged", "valid"};

  g_autofree char *product = sy_product_to_string(identity->product);

  sy_cli_add_string(builder, "mode", identity->mode == WIRE_MODE_LOADER ? "loader" : "program");
  sy_cli_add_hex(builder, "product", identity->product);
  sy_cli_add_string(builder, "product_name", product);
  sy_cli_add_int(builder, "part", identity->part_id);
  sy_cli_add_version(builder, "loader", identity->loader_version);
  sy_cli_add_string(builder, "reset_cause",
                    identity->reset_cause == WIRE_RESET_WATCHDOG ? "watchdog" : "power-or-pin");
  sy_cli_add_int(builder, "boots", identity->boots);
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    const WireBankIdentity *entry = &identity->banks[bank - WIRE_BANK_LOW];

    json_builder_set_member_name(builder, bank == WIRE_BANK_LOW ? "low" : "high");
    json_builder_begin_object(builder);
    sy_cli_add_string(builder, "state", key_of(states, G_N_ELEMENTS(states), entry->state));
    sy_cli_add_version(builder, "version", entry->version);
    sy_cli_add_int(builder, "bytes", entry->length);
    sy_cli_add_hex(builder, "crc", entry->crc);
    json_builder_end_object(builder);
  }
  add_trial(builder, identity);
  add_flags(builder, identity);
}

/* "HIGH  1.1.0  running, confirmed" */
static void print_bank(const WireIdentity *identity, WireBank bank)
{
  const WireBankIdentity *entry = &identity->banks[bank - WIRE_BANK_LOW];
  g_autofree char *version = sy_version_to_string(entry->version);
  g_autofree char *state = sy_identity_dup_bank_text(identity, bank);

  printf("%-5s %s%s%s\n", sy_bank_to_string(bank),
         entry->state == WIRE_BANK_VALID     ? version
         : entry->state == WIRE_BANK_DAMAGED ? _("damaged")
                                             : _("empty"),
         state ? "  " : "", state ? state : "");
}

void sy_cli_print_identity(const SyCliOptions *options, const WireIdentity *identity)
{
  g_autofree char *sentence = sy_identity_dup_sentence(identity);
  g_autofree char *product = sy_product_to_string(identity->product);
  g_autofree char *loader = sy_version_to_string(identity->loader_version);

  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin("identity");

    add_identity(builder, identity);
    sy_cli_add_running(builder, identity);
    sy_cli_event_end(builder);
    return;
  }
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++)
    print_bank(identity, bank);
  printf(g_dngettext(
             GETTEXT_PACKAGE, "Product %s, loader %s; last reset by %s; %u start since power-on",
             "Product %s, loader %s; last reset by %s; %u starts since power-on", identity->boots),
         product, loader,
         identity->reset_cause == WIRE_RESET_WATCHDOG ? _("the watchdog") : _("power or pin"),
         identity->boots);
  printf("\n%s\n", sentence);
}

void sy_cli_add_counts(JsonBuilder *builder, const SyCounts *counts, SyLinkQuality quality)
{
  sy_cli_add_int(builder, "retries", counts->retries);
  sy_cli_add_int(builder, "timeouts", counts->timeouts);
  sy_cli_add_int(builder, "bad_frames", counts->bad_frames);
  sy_cli_add_int(builder, "naks", counts->naks);
  json_builder_set_member_name(builder, "naks_by_cause");
  json_builder_begin_object(builder);
  for (guint cause = 0; cause < SY_CAUSE_COUNT; cause++)
    if (counts->naks_by_cause[cause] > 0)
      sy_cli_add_int(builder, sy_cause_get_key(cause), counts->naks_by_cause[cause]);
  json_builder_end_object(builder);
  sy_cli_add_string(builder, "link_quality", sy_link_quality_get_key(quality));
}

void sy_cli_print_phase(const SyCliOptions *options, SyPhase phase)
{
  JsonBuilder *builder = sy_cli_event_begin_for(options, "phase");

  sy_cli_add_string(builder, "phase", sy_cli_phase_key(phase));
  sy_cli_event_end(builder);
}

void sy_cli_print_progress(const SyCliOptions *options, const SyProgress *progress,
                           SyLinkQuality quality)
{
  JsonBuilder *builder = sy_cli_event_begin_for(options, "progress");

  sy_cli_add_string(builder, "phase", sy_cli_phase_key(progress->phase));
  sy_cli_add_int(builder, "percent", (gint64)(progress->fraction * 100));
  sy_cli_add_int(builder, "bytes", progress->bytes_done);
  sy_cli_add_int(builder, "total", progress->bytes_total);
  sy_cli_add_int(builder, "bytes_per_second", (gint64)progress->bytes_per_second);
  sy_cli_add_counts(builder, &progress->counts, quality);
  sy_cli_event_end(builder);
}

void sy_cli_print_log(const SyCliOptions *options, SyLogLevel level, const char *text)
{
  JsonBuilder *builder = sy_cli_event_begin_for(options, "log");

  sy_cli_add_string(builder, "level", sy_log_level_to_string(level));
  sy_cli_add_string(builder, "text", text);
  sy_cli_event_end(builder);
}

void sy_cli_append_bar(GString *line, const SyProgress *progress, guint cells)
{
  guint filled = (guint)(progress->fraction * cells);

  for (guint cell = 0; cell < cells; cell++)
    g_string_append(line, cell < filled ? "█" : "░");
  g_string_append_printf(line, " %3d %%", (int)(progress->fraction * 100));
}

void sy_cli_append_retries(GString *line, const SyProgress *progress)
{
  g_string_append(line, " · ");
  g_string_append_printf(
      line, g_dngettext(GETTEXT_PACKAGE, "%u retry", "%u retries", progress->counts.retries),
      progress->counts.retries);
}

char *sy_cli_dup_bar(const SyProgress *progress)
{
  GString *bar = g_string_new(NULL);

  sy_cli_append_bar(bar, progress, BAR_CELLS);
  if (progress->bytes_total > 0) { /* it sends a program, or reads one */
    g_string_append(bar, " · ");
    g_string_append_printf(bar, _("%.1f of %.1f KB"), progress->bytes_done / 1024.0,
                           progress->bytes_total / 1024.0);
    g_string_append(bar, " · ");
    g_string_append_printf(bar, _("%.1f KB/s"), progress->bytes_per_second / 1024.0);
  }
  sy_cli_append_retries(bar, progress);
  return g_string_free(bar, FALSE);
}

SyExit sy_cli_print_result(const SyCliOptions *options, const char *outcome, SyExit code,
                           const SyResult *result, const char *sentence)
{
  gboolean known = result->identified && code != SY_EXIT_UNKNOWN && !sy_result_is_overtaken(result);

  if (options->json) {
    JsonBuilder *builder = sy_cli_event_begin_for(options, "result");

    sy_cli_add_string(builder, "outcome", outcome);
    sy_cli_add_int(builder, "exit", code);
    sy_cli_add_string(builder, "reason", reason_key(result->reason));
    sy_cli_add_string(builder, "text", sentence);
    sy_cli_add_int(builder, "milliseconds", (gint64)(result->duration_us / 1000));
    sy_cli_add_counts(builder, &result->counts, sy_link_quality_of_result(result));
    sy_cli_add_round_trip(builder, &result->life);
    sy_cli_add_int(builder, "sectors_erased_again", result->counts.repeats);
    if (result->identified && result->identity.trial == WIRE_TRIAL_RETURNED)
      add_trial(builder, &result->identity);
    sy_cli_add_life(builder, result);
    sy_cli_add_running(builder, known ? &result->identity : NULL);
    sy_cli_event_end(builder);
  } else {
    sy_cli_print_life(options, result);
    fprintf(code == SY_EXIT_DONE ? stdout : stderr, "%s\n", sentence);
  }
  return code;
}
