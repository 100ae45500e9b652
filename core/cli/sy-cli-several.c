/* SPDX-License-Identifier: GPL-3.0-or-later */

/* upgrade with several substations at once, and again with those that failed. */

#include "sy-cli-live.h"
#include "sy-cli.h"

#include "sy-link.h"
#include "sy-next.h"
#include "sy-port-rule.h"

#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { DRAW_MS = 100, TITLE_COLUMNS_MAX = 40, BAR_CELLS = 16 };

typedef struct {
  const SyCliOptions *options;
  SyRelease *release;
  SyBoard *board;
  GPtrArray *lines; /* of Line, as the board's rows */
  GMainLoop *loop;
  GCancellable *cancellable;
  SyCliLive *live; /* NULL: no terminal */
  guint draw_id;
  guint title_columns;
  guint attempt;    /* of --retry, from 0 */
  guint64 retries;  /* of all jobs */
  guint64 timeouts; /* the same */
  gint64 begun_us;
} Several;

/* What is told of one substation. */
typedef struct {
  Several *several;
  SyBoardRow *row;
  SyCliOptions options; /* as everybody's, with a title */
  SyLinkMeter meter;
  gint64 told_us;
  SyPhase phase;
} Line;

/* ---- What is told while they run ---- */

static const SyProgress *get_progress(const Line *line)
{
  return sy_station_get_progress(sy_board_row_get_station(line->row));
}

static void tell_line(const Line *line, FILE *to, const char *text)
{
  if (line->several->live) /* nothing may stand between the lines that are drawn over */
    return;
  fprintf(to, "%s: %s\n", line->options.title, text);
  fflush(to);
}

static void on_progress(SyStation *station, Line *line)
{
  const SyProgress *progress = sy_station_get_progress(station);
  gint64 now_us = g_get_monotonic_time();
  SyLinkQuality quality = sy_link_meter_update(&line->meter, &progress->counts, (guint64)now_us);

  if (!line->options.json)
    return;
  if (progress->phase != line->phase)
    sy_cli_print_phase(&line->options, progress->phase);
  if (progress->phase == line->phase && now_us - line->told_us < SY_CLI_PROGRESS_US)
    return;
  line->phase = progress->phase;
  line->told_us = now_us;
  sy_cli_print_progress(&line->options, progress, quality);
}

/* As with one substation, without the numbers that stand in the text too. */
static void print_frame(const Line *line, const char *text)
{
  JsonBuilder *builder = sy_cli_event_begin_for(&line->options, "frame");

  sy_cli_add_string(builder, "direction", g_str_has_prefix(text, "→") ? "out" : "in");
  sy_cli_add_string(builder, "text", text);
  sy_cli_event_end(builder);
}

static void tell_entry(const Line *line, SyLogEntry *entry)
{
  SyLogLevel level = sy_log_entry_get_level(entry);
  const char *text = sy_log_entry_get_text(entry);

  if (line->options.json && level == SY_LOG_TRACE)
    print_frame(line, text);
  else if (line->options.json)
    sy_cli_print_log(&line->options, level, text);
  else if (level == SY_LOG_TRACE)
    fprintf(stderr, "%s: %s\n", line->options.title, text);
  else if (level == SY_LOG_WARNING)
    tell_line(line, stdout, text);
}

static void on_log(GListModel *log, guint position, guint removed, guint added, Line *line)
{
  (void)removed;
  for (guint n = position; n < position + added; n++) {
    g_autoptr(SyLogEntry) entry = g_list_model_get_item(log, n);

    tell_entry(line, entry);
  }
}

static void print_end(Several *several, const Line *line)
{
  const SyResult *result = sy_board_row_get_result(line->row);
  const SyTrouble *trouble = sy_board_row_get_trouble(line->row);
  gboolean dry = sy_board_row_get_job(line->row) == SY_JOB_CHECK;

  several->retries += result->counts.retries;
  several->timeouts += result->counts.timeouts;
  if (!several->options->json) {
    tell_line(line, stdout, sy_board_row_get_sentence(line->row));
    return;
  }
  if (trouble)
    sy_cli_tell_trouble(&line->options, trouble);
  sy_cli_print_result(
      &line->options,
      dry && result->outcome == SY_OUTCOME_DONE ? "dry-run" : sy_cli_outcome_key(result->outcome),
      sy_cli_exit_of_outcome(result->outcome), result, sy_board_row_get_sentence(line->row));
}

static void on_state(SyBoardRow *row, GParamSpec *pspec, Line *line)
{
  (void)pspec;
  if (sy_board_row_get_result(row))
    print_end(line->several, line);
}

static void on_sentence(SyBoardRow *row, GParamSpec *pspec, Line *line)
{
  const char *sentence = sy_board_row_get_sentence(row);

  (void)pspec;
  if (sentence && sy_board_row_get_state(row) == SY_BOARD_RUNNING &&
      !sy_board_row_get_result(row) && !line->options.json)
    tell_line(line, stdout, sentence);
}

/* ---- On a terminal ---- */

static const char *get_news(SyBoardRow *row)
{
  const char *sentence = sy_board_row_get_sentence(row);

  return sentence ? sentence : sy_board_state_get_label(sy_board_row_get_state(row));
}

static char *dup_live_line(const Line *line)
{
  const SyProgress *progress = get_progress(line);
  GString *text = g_string_new(NULL);
  SyBoardState state = sy_board_row_get_state(line->row);

  sy_cli_append_padded(text, line->options.title, line->several->title_columns + 2);
  if (state != SY_BOARD_RUNNING) {
    g_string_append_printf(text, "%s. %s", sy_board_state_get_label(state), get_news(line->row));
    return g_string_free(text, FALSE);
  }
  sy_cli_append_bar(text, progress, BAR_CELLS);
  g_string_append_printf(text, " · %s", get_news(line->row));
  if (progress->phase == SY_PHASE_WRITE) {
    g_string_append(text, " · ");
    g_string_append_printf(text, _("%.1f KB/s"), progress->bytes_per_second / 1024.0);
  }
  if (progress->counts.retries > 0)
    sy_cli_append_retries(text, progress);
  return g_string_free(text, FALSE);
}

/* Those that are still busy come first where there is no room for all. */
static void draw(Several *several)
{
  g_autoptr(GPtrArray) texts = g_ptr_array_new_with_free_func(g_free);
  guint room = sy_cli_live_get_room(several->live);
  gboolean all = several->lines->len <= room;
  guint left_out = 0;

  for (guint n = 0; n < several->lines->len; n++) {
    const Line *line = g_ptr_array_index(several->lines, n);

    if (all || (sy_board_row_is_busy(line->row) && texts->len + 1 < room))
      g_ptr_array_add(texts, dup_live_line(line));
    else
      left_out++;
  }
  if (left_out > 0)
    g_ptr_array_add(texts, sy_board_dup_summary(several->board));
  g_ptr_array_add(texts, NULL);
  sy_cli_live_draw(several->live, (char *const *)texts->pdata);
}

static gboolean on_draw(gpointer data)
{
  draw(data);
  return G_SOURCE_CONTINUE;
}

/* ---- Beginning, cancelling, trying again ---- */

static gboolean is_worth_another(SyBoardRow *row)
{
  const SyResult *result = sy_board_row_get_result(row);

  return sy_board_row_get_state(row) != SY_BOARD_PASSED &&
         sy_result_get_next(sy_board_row_get_job(row), result) == SY_NEXT_TRY_AGAIN;
}

/* What would fail the same way is left alone. Returns how many go again. */
static guint try_again(Several *several)
{
  guint count = 0;

  if ((int)several->attempt >= several->options->retries ||
      g_cancellable_is_cancelled(several->cancellable))
    return 0;
  for (guint n = 0; n < several->lines->len; n++) {
    Line *line = g_ptr_array_index(several->lines, n);

    if (!is_worth_another(line->row))
      continue;
    if (line->options.json) {
      JsonBuilder *builder = sy_cli_event_begin_for(&line->options, "retry");

      sy_cli_add_int(builder, "attempt", several->attempt + 2);
      sy_cli_event_end(builder);
    } else {
      tell_line(line, stdout, _("Trying again"));
    }
    count +=
        sy_board_start_row(several->board, line->row, several->release, several->options->dry_run)
            ? 1
            : 0;
  }
  several->attempt += count > 0 ? 1 : 0;
  return count;
}

static gboolean on_round_over(gpointer data)
{
  Several *several = data;

  if (try_again(several) == 0)
    g_main_loop_quit(several->loop);
  return G_SOURCE_REMOVE;
}

/* Rows are not started from where the last of them says that it ended. */
static void on_finished(SyBoard *board, Several *several)
{
  (void)board;
  g_idle_add(on_round_over, several);
}

static gboolean on_cancelled(GCancellable *cancellable, gpointer data)
{
  Several *several = data;

  (void)cancellable;
  sy_board_cancel(several->board);
  return G_SOURCE_REMOVE;
}

static void on_unusable_half(const char *text, gpointer data)
{
  const SyCliOptions *options = data;

  if (options->json)
    sy_cli_print_log(options, SY_LOG_WARNING, text);
  else
    printf("%s\n", text);
}

static void run(Several *several)
{
  g_autoptr(GSource) cancelled = g_cancellable_source_new(several->cancellable);

  g_source_set_callback(cancelled, G_SOURCE_FUNC(on_cancelled), several, NULL);
  g_source_attach(cancelled, NULL);
  several->begun_us = g_get_monotonic_time();
  sy_board_start(several->board, several->release, several->options->dry_run, SY_BOARD_ALL);
  if (several->live)
    several->draw_id = g_timeout_add(DRAW_MS, on_draw, several);
  g_main_loop_run(several->loop);
  g_clear_handle_id(&several->draw_id, g_source_remove);
  g_source_destroy(cancelled);
  g_clear_pointer(&several->live, sy_cli_live_free);
}

/* ---- How it ended ---- */

/* 1 to 5: the higher, the less is known of what runs, or the more is to be done. */
static SyExit get_exit(const Several *several)
{
  SyExit worst = SY_EXIT_DONE;

  for (guint n = 0; n < several->lines->len; n++) {
    const Line *line = g_ptr_array_index(several->lines, n);

    worst = MAX(worst, sy_cli_exit_of_outcome(sy_board_row_get_result(line->row)->outcome));
  }
  return worst;
}

static void append_word(GString *command, const char *option, const char *word)
{
  g_autofree char *quoted = sy_shell_dup_word(word);

  g_string_append_printf(command, "%s %s", option, quoted);
}

/* The same command for what has not passed; NULL when all has. */
static char *dup_retry_command(const Several *several)
{
  GString *command = g_string_new("switchyard-cli upgrade");
  gsize nothing = 0;

  if (several->options->dry_run)
    g_string_append(command, " --dry-run");
  if (several->options->lines.dtr)
    g_string_append(command, " --dtr on");
  if (several->options->lines.rts)
    g_string_append(command, " --rts on");
  nothing = command->len;
  for (guint n = 0; n < several->lines->len; n++) {
    const Line *line = g_ptr_array_index(several->lines, n);

    if (sy_board_row_get_state(line->row) == SY_BOARD_PASSED)
      continue;
    append_word(command, " --port", line->options.port);
  }
  if (command->len == nothing) {
    g_string_free(command, TRUE);
    return NULL;
  }
  append_word(command, "", several->options->files[0]);
  return g_string_free(command, FALSE);
}

/* "30 of 32 upgraded, 2 failed: /dev/ttyUSB3, /dev/ttyUSB7" */
static char *dup_summary(const Several *several)
{
  g_autofree char *counts = sy_board_dup_summary(several->board);
  GString *text = g_string_new(counts);
  const char *between = ": ";

  for (guint n = 0; n < several->lines->len; n++) {
    const Line *line = g_ptr_array_index(several->lines, n);

    if (sy_board_row_get_state(line->row) == SY_BOARD_PASSED)
      continue;
    g_string_append_printf(text, "%s%s", between, line->options.title);
    between = _(", ");
  }
  return g_string_free(text, FALSE);
}

static void print_summary_event(const Several *several, const char *text, const char *command,
                                SyExit code)
{
  SyBoardCounts counts = sy_board_get_counts(several->board);
  JsonBuilder *builder = sy_cli_event_begin("summary");

  sy_cli_add_int(builder, "total", counts.total);
  sy_cli_add_int(builder, "passed", counts.states[SY_BOARD_PASSED]);
  sy_cli_add_int(builder, "failed", counts.states[SY_BOARD_FAILED]);
  sy_cli_add_int(builder, "not_reached", counts.states[SY_BOARD_NOT_REACHED]);
  sy_cli_add_int(builder, "cancelled", counts.states[SY_BOARD_CANCELLED]);
  sy_cli_add_int(builder, "attempts", several->attempt + 1);
  sy_cli_add_int(builder, "retries", (gint64)several->retries);
  sy_cli_add_int(builder, "timeouts", (gint64)several->timeouts);
  sy_cli_add_int(builder, "milliseconds", (g_get_monotonic_time() - several->begun_us) / 1000);
  sy_cli_add_string(builder, "text", text);
  sy_cli_add_string(builder, "command", command);
  sy_cli_add_int(builder, "exit", code);
  sy_cli_event_end(builder);
}

static void print_table(const Several *several)
{
  guint label_columns = 0;

  for (guint state = 0; state < SY_BOARD_STATES; state++)
    label_columns = MAX(label_columns, sy_cli_count_columns(sy_board_state_get_label(state)));
  printf("\n");
  for (guint n = 0; n < several->lines->len; n++) {
    const Line *line = g_ptr_array_index(several->lines, n);
    g_autoptr(GString) text = g_string_new(NULL);

    sy_cli_append_padded(text, sy_board_state_get_label(sy_board_row_get_state(line->row)),
                         label_columns + 2);
    sy_cli_append_padded(text, line->options.title, several->title_columns + 2);
    printf("%s%s\n", text->str, sy_board_row_get_sentence(line->row));
    if (several->options->figures)
      sy_cli_print_life(several->options, sy_board_row_get_result(line->row));
  }
}

static SyExit tell_end(const Several *several)
{
  SyExit code = get_exit(several);
  g_autofree char *summary = dup_summary(several);
  g_autofree char *command = dup_retry_command(several);

  if (several->options->json) {
    print_summary_event(several, summary, command, code);
    return code;
  }
  print_table(several);
  printf("\n");
  fflush(stdout); /* in the order of what happened */
  fprintf(code == SY_EXIT_DONE ? stdout : stderr, "%s\n", summary);
  if (command)
    fprintf(stderr, "%s\n  %s\n", _("To try again with those that did not pass:"), command);
  return code;
}

/* ---- Who takes part ---- */

/* A virtual one is like another: they are counted. */
static char *dup_title(const SyCliOptions *options, guint position)
{
  guint virtual_count = 0, number = 0;

  for (guint n = 0; n < options->n_ports; n++)
    if (g_str_equal(options->ports[n], "virtual")) {
      virtual_count++;
      number += n <= position ? 1 : 0;
    }
  if (virtual_count < 2 || !g_str_equal(options->ports[position], "virtual"))
    return g_strdup(options->ports[position]);
  return g_strdup_printf("virtual %u", number);
}

static void line_free(Line *line)
{
  SyStation *station = sy_board_row_get_station(line->row);

  g_signal_handlers_disconnect_by_data(line->row, line);
  g_signal_handlers_disconnect_by_data(station, line);
  g_signal_handlers_disconnect_by_data(sy_station_get_log(station), line);
  g_free((char *)line->options.title);
  g_free(line);
}

static void add_line(Several *several, guint position)
{
  Line *line = g_new0(Line, 1);
  char *title = dup_title(several->options, position);
  char *port = several->options->ports[position];
  g_autoptr(SyStation) station = sy_station_new(port);

  line->several = several;
  line->options = *several->options;
  line->options.port = port;
  line->options.title = title;
  sy_station_set_link_settings(station, &several->options->lines);
  line->row = sy_board_add(several->board, station, title);
  if (line->options.trace)
    sy_station_set_tracing(station, TRUE);
  g_signal_connect(station, "progress-changed", G_CALLBACK(on_progress), line);
  g_signal_connect(sy_station_get_log(station), "items-changed", G_CALLBACK(on_log), line);
  g_signal_connect(line->row, "notify::state", G_CALLBACK(on_state), line);
  g_signal_connect(line->row, "notify::sentence", G_CALLBACK(on_sentence), line);
  several->title_columns =
      MIN(MAX(several->title_columns, sy_cli_count_columns(title)), TITLE_COLUMNS_MAX);
  g_ptr_array_add(several->lines, line);
}

SyExit sy_cli_check_port(const SyCliOptions *options, SyBoard *board, const char *port)
{
  g_autoptr(GError) error = NULL;

  if (!sy_link_check_name(port, &error))
    return sy_cli_complain(options, "%s", error->message);
  if (sy_board_has_port(board, port))
    return sy_cli_complain(options,
                           _("“%s” is one of the other ports by another name, or named "
                             "twice. Name each substation once."),
                           port);
  return SY_EXIT_DONE;
}

/* All of them or none: nothing starts before each name is a port of its own. */
static SyExit add_lines(Several *several)
{
  for (guint n = 0; n < several->options->n_ports; n++) {
    SyExit code = sy_cli_check_port(several->options, several->board, several->options->ports[n]);

    if (code != SY_EXIT_DONE)
      return code;
    add_line(several, n);
  }
  return SY_EXIT_DONE;
}

SyExit sy_cli_upgrade_several(const SyCliOptions *options, SyRelease *release)
{
  SyCliOptions all = *options;
  Several several = {.options = &all, .release = release};
  gboolean terminal = !options->json && isatty(STDOUT_FILENO);
  SyExit code;

  all.several = TRUE;
  several.board = sy_board_new();
  several.lines = g_ptr_array_new_with_free_func((GDestroyNotify)line_free);
  code = add_lines(&several);
  if (code == SY_EXIT_DONE) {
    several.loop = g_main_loop_new(NULL, FALSE);
    several.cancellable = sy_cli_watch_interrupts();
    sy_cli_warn_of_unusable_halves(release, on_unusable_half, &all);
    several.live = terminal ? sy_cli_live_new() : NULL;
    g_signal_connect(several.board, "finished", G_CALLBACK(on_finished), &several);
    run(&several);
    code = tell_end(&several);
    g_main_loop_unref(several.loop);
    g_object_unref(several.cancellable);
  }
  g_ptr_array_unref(several.lines);
  g_object_unref(several.board);
  return code;
}
