/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What became of each substation of a board, as text and as a table. */

#include "sy-config.h"

#include "sy-board-report.h"

#include "sy-format.h"

#include <glib/gi18n.h>

static char *dup_time(const SyBoardReport *report, const char *format)
{
  g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(report->time_us / G_USEC_PER_SEC);
  g_autoptr(GDateTime) local = g_date_time_to_local(utc);

  return g_date_time_format(local, format);
}

static void add_row(GString *text, SyBoardRow *row)
{
  const SyResult *result = sy_board_row_get_result(row);
  const char *port = sy_station_get_port(sy_board_row_get_station(row));
  const char *sentence = sy_board_row_get_sentence(row);

  g_string_append_printf(text, "\n%s", sy_board_row_get_title(row));
  if (!g_str_equal(port, "virtual"))
    g_string_append_printf(text, " (%s)", port);
  g_string_append_printf(text, "\n  %s", sy_board_state_get_label(sy_board_row_get_state(row)));
  if (sentence)
    g_string_append_printf(text, ": %s", sentence);
  if (result) {
    g_autofree char *duration = sy_format_duration((double)result->duration_us / G_USEC_PER_SEC);
    g_autofree char *took = g_strdup_printf(_("Took %s"), duration);
    g_autofree char *counts = sy_format_counts(&result->counts);

    g_string_append_printf(text, "\n  %s · %s", took, counts);
  }
  g_string_append_c(text, '\n');
}

char *sy_board_report_dup_text(const SyBoardReport *report)
{
  g_autofree char *time = dup_time(report, "%Y-%m-%d %H:%M:%S %z");
  g_autofree char *summary = sy_board_dup_summary(report->board);
  GString *text = g_string_new(NULL);
  SyBoardRow *row;

  g_string_append_printf(text, _("%s: %s\n"), _("Date"), time);
  if (report->file)
    g_string_append_printf(text, _("%s: %s\n"), _("File"), report->file);
  g_string_append_printf(text, _("%s: %s\n"), _("Result"), summary);
  for (guint n = 0; (row = sy_board_get_row(report->board, n)); n++)
    add_row(text, row);
  return g_string_free(text, FALSE);
}

/* --- a table --- */

/* In quotes, which are doubled in it (RFC 4180). */
static void add_cell(GString *csv, const char *text)
{
  if (csv->len > 0 && csv->str[csv->len - 1] != '\n')
    g_string_append_c(csv, ',');
  g_string_append_c(csv, '"');
  for (; text && *text; text++) {
    if (*text == '"')
      g_string_append_c(csv, '"');
    g_string_append_c(csv, *text);
  }
  g_string_append_c(csv, '"');
}

static void add_number(GString *csv, guint64 number)
{
  g_string_append_printf(csv, ",%" G_GUINT64_FORMAT, number);
}

static void add_figures(GString *csv, const SyResult *result)
{
  char seconds[G_ASCII_DTOSTR_BUF_SIZE];

  if (!result) {
    g_string_append(csv, ",,,,,\n");
    return;
  }
  g_ascii_formatd(seconds, sizeof seconds, "%.1f", (double)result->duration_us / G_USEC_PER_SEC);
  g_string_append_printf(csv, ",%s", seconds);
  add_number(csv, result->counts.bytes_sent);
  add_number(csv, result->counts.retries);
  add_number(csv, result->counts.timeouts);
  add_number(csv, result->counts.bad_frames);
  g_string_append_c(csv, '\n');
}

char *sy_board_report_dup_csv(const SyBoardReport *report)
{
  g_autofree char *time = dup_time(report, "%Y-%m-%dT%H:%M:%S%:z");
  GString *csv = g_string_new("time,file,substation,port,state,running,result,seconds,bytes_sent,"
                              "retries,timeouts,bad_frames\n");
  SyBoardRow *row;

  for (guint n = 0; (row = sy_board_get_row(report->board, n)); n++) {
    add_cell(csv, time);
    add_cell(csv, report->file);
    add_cell(csv, sy_board_row_get_title(row));
    add_cell(csv, sy_station_get_port(sy_board_row_get_station(row)));
    add_cell(csv, sy_board_state_get_key(sy_board_row_get_state(row)));
    add_cell(csv, sy_board_row_get_running(row));
    add_cell(csv, sy_board_row_get_sentence(row));
    add_figures(csv, sy_board_row_get_result(row));
  }
  return g_string_free(csv, FALSE);
}
