/* SPDX-License-Identifier: GPL-3.0-or-later */

/* identify, upgrade, confirm, rollback and reading back: jobs on a link, in this thread. */

#include "sy-cli.h"

#include "sy-hearing.h"
#include "sy-read-back.h"
#include "sy-text.h"
#include "sy-transfer.h"

#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

typedef struct {
  const SyCliOptions *options;
  gboolean terminal; /* a person looks: the progress line is drawn over */
  gboolean bar_open; /* and stands, without a line end */
  guint64 told_us;
  int told_tenth;
  SyLinkMeter meter;
  gboolean confirmed; /* the substation confirmed a program in this job */
  SyTrouble *lost;    /* what the link said when it went; NULL: it did not */
} Teller;

static void close_bar(Teller *teller)
{
  if (teller->bar_open)
    printf("\n");
  teller->bar_open = FALSE;
}

static void print_bar(Teller *teller, const SyProgress *progress)
{
  g_autofree char *bar = sy_cli_dup_bar(progress);

  printf("%s%s%s", teller->terminal ? "\r\033[K  " : "  ", bar, teller->terminal ? "" : "\n");
  teller->bar_open = teller->terminal;
  fflush(stdout);
}

/* On a terminal each block moves the bar; in a file each tenth is a line. */
static void tell_progress(Teller *teller, const SyProgress *progress)
{
  guint64 now_us = sy_transfer_now_us();
  int tenth = (int)(progress->fraction * 10);
  SyLinkQuality quality = sy_link_meter_update(&teller->meter, &progress->counts, now_us);

  if (teller->options->json) {
    if (now_us - teller->told_us < SY_CLI_PROGRESS_US)
      return;
    teller->told_us = now_us;
    sy_cli_print_progress(teller->options, progress, quality);
  } else if (teller->terminal || tenth > teller->told_tenth) {
    teller->told_tenth = tenth;
    print_bar(teller, progress);
  }
}

/* The end of a bar that got there. */
static void tell_whole(Teller *teller, const SyProgress *progress)
{
  if (teller->options->json)
    sy_cli_print_progress(teller->options, progress, teller->meter.quality);
  else
    print_bar(teller, progress);
}

static void tell_text(Teller *teller, SyLogLevel level, const char *text)
{
  if (teller->options->json) {
    sy_cli_print_log(teller->options, level, text);
  } else if (level != SY_LOG_DEBUG) {
    close_bar(teller);
    printf("%s\n", text);
  }
}

static void on_event(const SySession *session, const SyEvent *event, gpointer user_data)
{
  Teller *teller = user_data;
  SyLogLevel level;
  g_autofree char *text = NULL;

  if (event->kind == SY_EVENT_FINISHED) {
    if (session->job != SY_JOB_IDENTIFY && session->job != SY_JOB_CHECK &&
        session->result.outcome == SY_OUTCOME_DONE)
      tell_whole(teller, &session->progress);
    close_bar(teller);
    return; /* the result is told as the last line, by the command */
  }
  if (session->job == SY_JOB_IDENTIFY)
    return;
  if (teller->options->json && event->kind == SY_EVENT_PHASE)
    sy_cli_print_phase(teller->options, event->phase);
  if (event->kind == SY_EVENT_CONFIRMED)
    teller->confirmed = TRUE;
  text = sy_event_dup_text(session, event, &level);
  if (text)
    tell_text(teller, level, text);
  if (event->kind == SY_EVENT_BLOCK || event->kind == SY_EVENT_PAGE)
    tell_progress(teller, &session->progress);
}

static void print_json_frame(const SyFrameLine *line)
{
  const WireFrame *frame = line->frame;
  const char *type = frame ? sy_frame_type_to_string(frame->type) : NULL;
  JsonBuilder *builder = sy_cli_event_begin("frame");

  sy_cli_add_string(builder, "direction", line->direction == SY_DIRECTION_OUT ? "out" : "in");
  sy_cli_add_string(builder, "type", type);
  if (frame) {
    sy_cli_add_int(builder, "number", frame->type);
    sy_cli_add_int(builder, "seq", frame->seq);
  }
  sy_cli_add_int(builder, "bytes", (gint64)line->length);
  sy_cli_add_string(builder, "text", line->text);
  sy_cli_event_end(builder);
}

static void on_frame(const SyFrameLine *line, gpointer user_data)
{
  Teller *teller = user_data;

  if (teller->options->json) {
    print_json_frame(line);
    return;
  }
  close_bar(teller);
  fflush(stdout); /* in the order of what happened */
  fprintf(stderr, "%s\n", line->text);
}

/* Runs what was started; it tells by `event`, which may be NULL. Returns what the link said when it
 * was lost, or NULL. */
G_GNUC_WARN_UNUSED_RESULT
static SyTrouble *run_transfer(SySession *session, Teller *teller, SyLink *link,
                               SyTransferFunc event, GCancellable *cancellable)
{
  SyTrouble *trouble;
  g_autoptr(SyFrameTrace) trace = sy_frame_trace_new(on_frame, teller);
  const SyTransferWatch watch = {.event = event, .user_data = teller, .trace = trace};
  g_autoptr(GError) error = NULL;

  sy_frame_trace_set_on(trace, teller->options->trace);
  sy_transfer_run(session, link, &watch, cancellable, &error);
  trouble = error ? sy_link_error_get_trouble(error) : NULL;
  return trouble ? sy_trouble_ref(trouble) : NULL;
}

static gboolean on_interrupt(gpointer user_data)
{
  g_cancellable_cancel(user_data);
  return G_SOURCE_CONTINUE;
}

static gpointer run_interrupts(gpointer user_data)
{
  g_autoptr(GMainContext) context = user_data;

  for (;;)
    g_main_context_iteration(context, TRUE);
  return NULL;
}

/* For a job on a substation a Ctrl+C must not be the end: somebody must find out what runs. */
GCancellable *sy_cli_watch_interrupts(void)
{
  static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
  GCancellable *cancellable = g_cancellable_new();
  g_autoptr(GMainContext) context = g_main_context_new();

  /* Before this returns, so that none is missed while the thread starts. */
  for (guint i = 0; i < G_N_ELEMENTS(signals); i++) {
    g_autoptr(GSource) source = g_unix_signal_source_new(signals[i]);

    g_source_set_callback(source, on_interrupt, g_object_ref(cancellable), g_object_unref);
    g_source_attach(source, context);
  }
  g_thread_unref(g_thread_new("interrupts", run_interrupts, g_steal_pointer(&context)));
  return cancellable;
}

static SyLink *open_link(const SyCliOptions *options, SyExit *code)
{
  g_autoptr(GError) error = NULL;
  SyLink *link = sy_link_open_with(options->port, &options->lines, NULL, &error);
  const SyTrouble *trouble = error ? sy_link_error_get_trouble(error) : NULL;

  if (link)
    return link;
  if (trouble)
    *code = sy_cli_fail_trouble(options, SY_EXIT_LINK, trouble);
  else
    *code = sy_cli_fail(options,
                        g_error_matches(error, SY_LINK_ERROR, SY_LINK_ERROR_PORT) ? SY_EXIT_USAGE
                                                                                  : SY_EXIT_LINK,
                        error->message);
  return NULL;
}

/* Identifies on an open link; the result stands in `session`. As run_transfer. */
G_GNUC_WARN_UNUSED_RESULT
static SyTrouble *run_identify(const SyCliOptions *options, SySession *session, SyLink *link)
{
  Teller teller = {.options = options};

  sy_session_init(session, sy_transfer_new_token());
  sy_session_start_identify(session, sy_transfer_now_us());
  return run_transfer(session, &teller, link, NULL, NULL);
}

SyExit sy_cli_identify(const SyCliOptions *options)
{
  SyExit code = SY_EXIT_DONE;
  g_autoptr(SyLink) link = open_link(options, &code);
  g_autofree SySession *session = g_new(SySession, 1);
  g_autoptr(SyTrouble) trouble = NULL;
  g_autofree char *sentence = NULL;

  if (!link)
    return code;
  trouble = run_identify(options, session, link);
  if (session->result.outcome == SY_OUTCOME_DONE) {
    sy_cli_print_identity(options, &session->result.identity);
    return SY_EXIT_DONE;
  }
  if (!trouble)
    trouble = sy_result_find_trouble(&session->result, options->port);
  if (trouble)
    return sy_cli_fail_trouble(options, SY_EXIT_LINK, trouble);
  sentence = sy_result_dup_sentence(SY_JOB_IDENTIFY, &session->result);
  return sy_cli_fail(options, SY_EXIT_LINK, sentence);
}

/* Before the last line, which says how the job ended: what to do about a line without substation.
 */
static void tell_trouble(const Teller *teller, const SyResult *result)
{
  g_autoptr(SyTrouble) trouble = teller->lost
                                     ? sy_trouble_ref(teller->lost)
                                     : sy_result_find_trouble(result, teller->options->port);

  if (trouble)
    sy_cli_tell_trouble(teller->options, trouble);
}

/* The closing sentence. */
static char *dup_sentence(const Teller *teller, const SySession *session, SyRelease *release)
{
  const SyResult *result = &session->result;
  gboolean kept = session->job == SY_JOB_CONFIRM && result->outcome == SY_OUTCOME_DONE;
  g_autofree char *sentence = sy_result_dup_sentence_for(session->job, result, release);

  /* It was confirmed before, and nobody is to take that for this command's doing. */
  if (kept && !teller->confirmed && result->identity.trial == WIRE_TRIAL_CONFIRMED)
    return g_strdup_printf(_("No program is on trial. %s"), sentence);
  return g_steal_pointer(&sentence);
}

/* What is to be done. */
typedef struct {
  SyJob job;
  SyRelease *release;             /* an upgrade's, dry or not */
  guint8 pages[SY_READ_MAP_SIZE]; /* to be read … */
  guint8 *flash;                  /* … to here */
} Order;

static void start_job(SySession *session, SyLink *link, const Order *order,
                      SyDictionary *dictionary)
{
  sy_session_init(session, sy_transfer_new_token());
  switch (order->job) {
  case SY_JOB_UPGRADE:
    sy_transfer_start_upgrade(session, link, order->release, dictionary);
    break;
  case SY_JOB_CHECK:
    sy_transfer_start_check(session, order->release);
    break;
  case SY_JOB_READ:
    sy_transfer_start_read(session, link, order->pages, order->flash);
    break;
  case SY_JOB_CONFIRM:
    sy_session_start_confirm(session, sy_transfer_now_us());
    break;
  case SY_JOB_GO_BACK:
    sy_session_start_go_back(session, sy_transfer_now_us());
    break;
  case SY_JOB_IDENTIFY:
  default:
    sy_session_start_identify(session, sy_transfer_now_us());
    break;
  }
}

/* The result stands in `session`. */
static void run_session(SySession *session, Teller *teller, SyLink *link, const Order *order)
{
  g_autoptr(SyLibrary) library = sy_library_new(NULL);
  g_autoptr(SyDictionary) dictionary = sy_dictionary_new(library);
  g_autoptr(GCancellable) cancellable = sy_cli_watch_interrupts();

  start_job(session, link, order, dictionary);
  teller->lost = run_transfer(session, teller, link, on_event, cancellable);
  sy_dictionary_tell_life(dictionary, &session->result.life);
}

static SyExit tell_result(Teller *teller, const SySession *session, SyRelease *release)
{
  const SyResult *result = &session->result;
  g_autofree char *sentence = dup_sentence(teller, session, release);

  gboolean dry = session->job == SY_JOB_CHECK && result->outcome == SY_OUTCOME_DONE;

  tell_trouble(teller, result);
  g_clear_pointer(&teller->lost, sy_trouble_unref);
  return sy_cli_print_result(teller->options, dry ? "dry-run" : sy_cli_outcome_key(result->outcome),
                             sy_cli_exit_of_outcome(result->outcome), result, sentence);
}

static SyExit run_job(Teller *teller, SyLink *link, const Order *order)
{
  g_autofree SySession *session = g_new(SySession, 1);

  run_session(session, teller, link, order);
  return tell_result(teller, session, order->release);
}

static void on_unusable_half(const char *text, gpointer teller)
{
  tell_text(teller, SY_LOG_WARNING, text);
}

static gboolean is_terminal(const SyCliOptions *options)
{
  return !options->json && isatty(STDOUT_FILENO);
}

SyExit sy_cli_upgrade(const SyCliOptions *options)
{
  g_autoptr(SyRelease) release = sy_cli_open_release(options);
  SyExit code = SY_EXIT_DONE;
  g_autoptr(SyLink) link = NULL;
  Teller teller = {.options = options, .terminal = is_terminal(options)};
  const Order order = {.job = options->dry_run ? SY_JOB_CHECK : SY_JOB_UPGRADE, .release = release};

  if (!release)
    return SY_EXIT_REFUSED;
  if (sy_release_get_error(release))
    return sy_cli_fail(options, SY_EXIT_REFUSED, sy_release_get_error(release));
  if (options->n_ports > 1 || options->retries > 0)
    return sy_cli_upgrade_several(options, release);
  link = open_link(options, &code);
  if (!link)
    return code;
  sy_cli_warn_of_unusable_halves(release, on_unusable_half, &teller);
  return run_job(&teller, link, &order);
}

/* A job that needs nothing but the substation. */
static SyExit run_job_on_port(const SyCliOptions *options, SyJob job)
{
  SyExit code = SY_EXIT_DONE;
  g_autoptr(SyLink) link = open_link(options, &code);
  Teller teller = {.options = options, .terminal = is_terminal(options)};

  return link ? run_job(&teller, link, &(Order){.job = job}) : code;
}

SyExit sy_cli_confirm(const SyCliOptions *options)
{
  return run_job_on_port(options, SY_JOB_CONFIRM);
}

SyExit sy_cli_rollback(const SyCliOptions *options)
{
  return run_job_on_port(options, SY_JOB_GO_BACK);
}

SyImage *sy_cli_read_back(const SyCliOptions *options, const SyRange *ranges, guint n_ranges,
                          SyResult *result, SyExit *code)
{
  g_autoptr(SyLink) link = open_link(options, code);
  g_autofree SySession *session = g_new(SySession, 1);
  g_autofree guint8 *flash = g_malloc0(WIRE_FLASH_SIZE);
  Teller teller = {.options = options, .terminal = is_terminal(options)};
  Order order = {.job = SY_JOB_READ, .flash = flash};

  if (!link)
    return NULL;
  sy_read_back_get_pages(ranges, n_ranges, order.pages);
  run_session(session, &teller, link, &order);
  *result = session->result;
  if (result->outcome == SY_OUTCOME_DONE)
    return sy_read_back_make_image(ranges, n_ranges, flash);
  *code = tell_result(&teller, session, NULL);
  return NULL;
}
