/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The end of a job as plain text. */

#include "sy-report.h"

#include "sy-life.h"
#include "sy-next.h"
#include "sy-release.h"
#include "sy-text.h"

#include <glib/gi18n-lib.h>

/* Nothing without a value. */
static void add(GString *text, const char *name, const char *value)
{
  if (value)
    /* Translators: a line of a report, as in "Port: /dev/ttyUSB0". */
    g_string_append_printf(text, _("%s: %s\n"), name, value);
}

static void add_time(GString *text, gint64 time_us)
{
  g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(time_us / G_USEC_PER_SEC);
  g_autoptr(GDateTime) local = g_date_time_to_local(utc);
  g_autofree char *value = g_date_time_format(local, "%Y-%m-%d %H:%M:%S %z");

  add(text, _("Date"), value);
}

static void add_substation(GString *text, const SyResult *result)
{
  const WireIdentity *identity = &result->identity;
  g_autofree char *product = NULL;
  g_autofree char *loader = NULL;
  g_autofree char *value = NULL;

  if (!result->identified)
    return;
  product = sy_product_to_string(identity->product);
  loader = sy_version_to_string(identity->loader_version);
  /* Translators: product and version of the loader. */
  value = g_strdup_printf(_("%s, loader %s"), product, loader);
  add(text, _("Substation"), value);
}

static void add_release(GString *text, const SyResult *result)
{
  g_autofree char *version = sy_version_to_string(result->version);
  g_autofree char *value = NULL;

  if (result->bank == WIRE_BANK_NONE)
    return;
  /* Translators: version and bank. */
  value = g_strdup_printf(_("%s for %s"), version, sy_bank_to_string(result->bank));
  add(text, _("Release"), value);
}

static void add_number(GString *text, const char *name, guint64 number)
{
  g_autofree char *value = g_strdup_printf("%" G_GUINT64_FORMAT, number);

  add(text, name, value);
}

static void add_counts(GString *text, const SyResult *result)
{
  const SyCounts *counts = &result->counts;
  g_autofree char *took = sy_life_dup_time((double)result->duration_us);
  g_autofree char *refusals = sy_counts_dup_refusals_text(counts);

  add(text, _("Took"), took);
  add_number(text, _("Bytes sent"), counts->bytes_sent);
  add_number(text, _("Bytes received"), counts->bytes_received);
  add(text, _("Line"), sy_link_quality_get_label(sy_link_quality_of_result(result)));
  add_number(text, _("Retries"), counts->retries);
  add_number(text, _("Timeouts"), counts->timeouts);
  add_number(text, _("Bad frames"), counts->bad_frames);
  add(text, _("Refusals"), refusals ? refusals : _("none"));
  add_number(text, _("Sectors erased again"), counts->repeats);
}

char *sy_report_dup_text(const SyReport *report)
{
  g_autofree char *next =
      report->settled ? NULL : sy_result_dup_next_text(report->job, report->result);
  GString *text = g_string_new(NULL);
  SyLifeTable table;

  add_time(text, report->time_us);
  add(text, _("Port"), report->port);
  add_substation(text, report->result);
  add(text, _("File"), report->file);
  add_release(text, report->result);
  add(text, _("Result"), report->sentence);
  add(text, _("Next"), next);
  add_counts(text, report->result);
  if (sy_life_table_fill(&table, report->result)) {
    g_autofree char *summary = sy_life_dup_summary(&table);
    g_autofree char *life = sy_life_dup_text(&table);

    g_string_append_printf(text, "\n%s\n\n%s", summary, life);
  }
  return g_string_free(text, FALSE);
}
