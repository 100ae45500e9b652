/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyStation in a main loop, on a real virtual substation: what a window relies on. */

#include "sy-locate.h"
#include "sy-station.h"
#include "sy-link.h"
#include "sy-transfer.h"

#include <glib/gstdio.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
  SyStation *station;
  GMainLoop *loop;
  gboolean ok;
  GError *error;
  SyResult result;
  guint progress_changes, identity_changes;
  double last_fraction;
  gint64 last_change_us;
  gint64 shortest_gap_us;
  GCancellable *cancel_at_write;
} Watch;

static void on_progress(SyStation *station, Watch *watch)
{
  const SyProgress *progress = sy_station_get_progress(station);
  gint64 now_us = g_get_monotonic_time();

  assert_true(progress->fraction >= watch->last_fraction);
  assert_true(progress->fraction < 1 || progress->phase == SY_PHASE_FINISHED);
  if (watch->progress_changes > 0)
    watch->shortest_gap_us = MIN(watch->shortest_gap_us, now_us - watch->last_change_us);
  watch->last_fraction = progress->fraction;
  watch->last_change_us = now_us;
  watch->progress_changes++;
  if (watch->cancel_at_write && progress->phase == SY_PHASE_WRITE && progress->blocks_done > 2)
    g_cancellable_cancel(watch->cancel_at_write);
}

static void on_identity(SyStation *station, Watch *watch)
{
  assert_non_null(sy_station_get_identity(station));
  watch->identity_changes++;
}

static void watch_port(Watch *watch, const char *port)
{
  g_set_object(&watch->station, NULL);
  watch->station = sy_station_new(port);
  g_signal_connect(watch->station, "progress-changed", G_CALLBACK(on_progress), watch);
  g_signal_connect(watch->station, "identity-changed", G_CALLBACK(on_identity), watch);
}

static int set_up(void **state)
{
  Watch *watch = g_new0(Watch, 1);

  watch->loop = g_main_loop_new(NULL, FALSE);
  watch->shortest_gap_us = G_MAXINT64;
  watch_port(watch, "virtual");
  *state = watch;
  return 0;
}

static int tear_down(void **state)
{
  Watch *watch = *state;

  g_object_unref(watch->station);
  g_main_loop_unref(watch->loop);
  g_clear_error(&watch->error);
  g_clear_object(&watch->cancel_at_write);
  g_free(watch);
  return 0;
}

static void on_identified(GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  Watch *watch = user_data;

  watch->ok = sy_station_identify_finish(SY_STATION(source), async_result, &watch->error);
  g_main_loop_quit(watch->loop);
}

static void on_upgraded(GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  Watch *watch = user_data;

  watch->ok =
      sy_station_upgrade_finish(SY_STATION(source), async_result, &watch->result, &watch->error);
  g_main_loop_quit(watch->loop);
}

static void on_confirmed(GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  Watch *watch = user_data;

  watch->ok =
      sy_station_confirm_finish(SY_STATION(source), async_result, &watch->result, &watch->error);
  g_main_loop_quit(watch->loop);
}

static void on_gone_back(GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  Watch *watch = user_data;

  watch->ok =
      sy_station_go_back_finish(SY_STATION(source), async_result, &watch->result, &watch->error);
  g_main_loop_quit(watch->loop);
}

static void identify(Watch *watch)
{
  sy_station_identify_async(watch->station, FALSE, NULL, on_identified, watch);
  g_main_loop_run(watch->loop);
}

static void upgrade(Watch *watch, const char *name, GCancellable *cancellable)
{
  g_autofree char *path = sy_locate_firmware(name);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  g_autoptr(SyRelease) release = sy_release_load(file, NULL, NULL);

  assert_non_null(release);
  watch->last_fraction = 0;
  sy_station_upgrade_async(watch->station, release, cancellable, on_upgraded, watch);
  assert_int_equal(sy_station_get_state(watch->station), SY_STATION_BUSY);
  g_main_loop_run(watch->loop);
}

static void confirm(Watch *watch)
{
  watch->last_fraction = 0;
  sy_station_confirm_async(watch->station, NULL, on_confirmed, watch);
  assert_int_equal(sy_station_get_state(watch->station), SY_STATION_BUSY);
  assert_int_equal(sy_station_get_job(watch->station), SY_JOB_CONFIRM);
  g_main_loop_run(watch->loop);
}

static void go_back(Watch *watch)
{
  watch->last_fraction = 0;
  sy_station_go_back_async(watch->station, NULL, on_gone_back, watch);
  assert_int_equal(sy_station_get_state(watch->station), SY_STATION_BUSY);
  assert_int_equal(sy_station_get_job(watch->station), SY_JOB_GO_BACK);
  g_main_loop_run(watch->loop);
}

static gboolean log_says(SyStation *station, const char *text)
{
  GListModel *log = sy_station_get_log(station);

  for (guint i = 0; i < g_list_model_get_n_items(log); i++) {
    g_autoptr(SyLogEntry) entry = g_list_model_get_item(log, i);

    if (strstr(sy_log_entry_get_text(entry), text))
      return TRUE;
  }
  return FALSE;
}

static void identifying_connects_and_tells_what_runs(void **state)
{
  Watch *watch = *state;

  assert_null(sy_station_get_identity(watch->station));
  identify(watch);
  assert_true(watch->ok);
  assert_int_equal(sy_station_get_state(watch->station), SY_STATION_CONNECTED);
  assert_int_equal(sy_station_get_identity(watch->station)->running_bank, WIRE_BANK_LOW);
  assert_true(log_says(watch->station, "LOW 1.0.0"));
}

static void an_upgrade_ends_with_the_new_program_and_news_come_in_batches(void **state)
{
  Watch *watch = *state;

  upgrade(watch, "release.hex", NULL);
  assert_true(watch->ok);
  assert_int_equal(watch->result.outcome, SY_OUTCOME_DONE);
  assert_int_equal(sy_station_get_identity(watch->station)->running_bank, WIRE_BANK_HIGH);
  assert_int_equal(sy_station_get_state(watch->station), SY_STATION_CONNECTED);
  assert_true(watch->progress_changes > 5);
  assert_true(watch->last_fraction == 1);
  assert_true(log_says(watch->station, "The substation runs HIGH 1.1.0."));
  /* What packing took, only the station knows. */
  assert_true(watch->result.life.blocks_packed > 0);
  assert_true(watch->result.life.host_us > 0);
  assert_false(watch->result.life.knows_running);
  upgrade(watch, "release-1.0.0.hex", NULL);
  assert_int_equal(sy_station_get_identity(watch->station)->running_bank, WIRE_BANK_LOW);
}

static void a_cancelled_upgrade_says_that_the_old_program_runs(void **state)
{
  Watch *watch = *state;

  watch->cancel_at_write = g_cancellable_new();
  upgrade(watch, "release.hex", watch->cancel_at_write);
  assert_true(watch->ok);
  assert_int_equal(watch->result.outcome, SY_OUTCOME_OLD_RUNS);
  assert_int_equal(watch->result.reason, SY_REASON_CANCELLED);
  assert_int_equal(watch->result.identity.running_bank, WIRE_BANK_LOW);
  assert_true(watch->last_fraction < 1);
  assert_true(log_says(watch->station, "cancelled"));
}

static void on_second(GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  gboolean *refused = user_data;
  g_autoptr(GError) error = NULL;

  assert_false(sy_station_identify_finish(SY_STATION(source), async_result, &error));
  *refused = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_BUSY);
}

static void a_second_job_is_refused_while_one_runs(void **state)
{
  Watch *watch = *state;
  gboolean refused = FALSE;

  sy_station_identify_async(watch->station, FALSE, NULL, on_identified, watch);
  sy_station_identify_async(watch->station, FALSE, NULL, on_second, &refused);
  g_main_loop_run(watch->loop);
  assert_true(watch->ok);
  while (!refused)
    g_main_context_iteration(NULL, TRUE);
}

static void a_port_that_cannot_be_opened_is_unreachable_and_says_why(void **state)
{
  Watch *watch = *state;

  watch_port(watch, "pty:/nonexistent/pty");
  identify(watch);
  assert_false(watch->ok);
  assert_true(g_error_matches(watch->error, SY_LINK_ERROR, SY_LINK_ERROR_ABSENT));
  assert_int_equal(sy_station_get_state(watch->station), SY_STATION_UNREACHABLE);
  assert_int_equal(sy_station_get_trouble(watch->station)->kind, SY_TROUBLE_ABSENT);
  assert_non_null(strstr(sy_station_get_trouble(watch->station)->text, "/nonexistent/pty"));
  g_clear_error(&watch->error);
  upgrade(watch, "release.hex", NULL);
  assert_false(watch->ok);
  assert_true(g_error_matches(watch->error, SY_LINK_ERROR, SY_LINK_ERROR_ABSENT));
}

static void a_file_without_the_needed_half_is_refused_before_anything_is_erased(void **state)
{
  Watch *watch = *state;

  upgrade(watch, "program-low.hex", NULL);
  assert_int_equal(watch->result.outcome, SY_OUTCOME_REFUSED);
  assert_int_equal(watch->result.reason, SY_REASON_BANK);
  assert_false(watch->result.touched);
  assert_true(log_says(watch->station, "Nothing was changed"));
}

static void a_quiet_refresh_leaves_no_line_in_the_log(void **state)
{
  Watch *watch = *state;
  guint before;

  identify(watch);
  before = g_list_model_get_n_items(sy_station_get_log(watch->station));
  sy_station_identify_async(watch->station, TRUE, NULL, on_identified, watch);
  assert_int_equal(sy_station_get_state(watch->station), SY_STATION_CONNECTED);
  g_main_loop_run(watch->loop);
  assert_true(watch->ok);
  assert_int_equal(g_list_model_get_n_items(sy_station_get_log(watch->station)), before);
}

static void the_log_keeps_its_newest_lines(void **state)
{
  Watch *watch = *state;
  GListModel *log = sy_station_get_log(watch->station);
  guint count;
  g_autoptr(SyLogEntry) last = NULL;
  g_autofree char *time = NULL;

  for (guint i = 0; i < SY_STATION_LOG_MAX + 10; i++) {
    g_autofree char *text = g_strdup_printf("line %u", i);

    sy_station_log(watch->station, SY_LOG_INFO, text);
  }
  count = g_list_model_get_n_items(log);
  assert_in_range(count, SY_STATION_LOG_MAX - SY_STATION_LOG_MAX / 64, SY_STATION_LOG_MAX);
  last = g_list_model_get_item(log, count - 1);
  assert_string_equal(sy_log_entry_get_text(last), "line 100009");
  time = sy_log_entry_dup_time_text(last);
  assert_int_equal(strlen(time), strlen("14:03:07.123"));
}

static void a_refresh_that_fails_again_and_again_is_told_once(void **state)
{
  Watch *watch = *state;

  watch_port(watch, "pty:/nonexistent/pty");
  for (guint round = 0; round < 3; round++) {
    sy_station_identify_async(watch->station, TRUE, NULL, on_identified, watch);
    g_main_loop_run(watch->loop);
    assert_false(watch->ok);
    g_clear_error(&watch->error);
    assert_int_equal(g_list_model_get_n_items(sy_station_get_log(watch->station)), 1);
  }
  assert_true(log_says(watch->station, "/nonexistent/pty"));
}

/* A substation behind a pty, on which a workstation died when the new program had
 * started: nobody confirms it. */
typedef struct {
  char *folder, *pty, *port;
  GSubprocess *process;
} Line;

static void start_line(Line *line)
{
  g_autofree char *program = sy_locate_substation();
  g_autofree char *factory = sy_locate_firmware("factory.hex");

  line->folder = g_dir_make_tmp("switchyard-test-XXXXXX", NULL);
  line->pty = g_build_filename(line->folder, "line", NULL);
  line->port = g_strconcat("pty:", line->pty, NULL);
  line->process = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_SILENCE, NULL, program, "--pty",
                                   line->pty, "--factory", factory, "--fast", NULL);
  assert_non_null(line->process);
  for (int n = 0; n < 500 && !g_file_test(line->pty, G_FILE_TEST_EXISTS); n++)
    g_usleep(20000);
}

static void stop_line(Line *line)
{
  g_subprocess_force_exit(line->process);
  assert_true(g_subprocess_wait(line->process, NULL, NULL));
  g_clear_object(&line->process);
  g_unlink(line->pty);
  g_rmdir(line->folder);
  g_free(line->folder);
  g_free(line->pty);
  g_free(line->port);
}

/* An upgrade that ends when the new program was heard, and before the confirmation is sent. */
static void abandon_on_trial(const Line *line)
{
  g_autofree char *path = sy_locate_firmware("release.hex");
  g_autoptr(GFile) file = g_file_new_for_path(path);
  g_autoptr(SyRelease) release = sy_release_load(file, NULL, NULL);
  g_autoptr(SyLink) link = sy_link_open(line->port, NULL, NULL);
  g_autofree SySession *session = g_new(SySession, 1);
  SyUpload halves[2];
  SyEvent event;

  assert_non_null(link);
  sy_transfer_get_uploads(release, halves);
  sy_session_init(session, sy_transfer_new_token());
  sy_session_start_upgrade(session, halves, sy_transfer_now_us());
  while (session->step != SY_STEP_CONFIRM) {
    GPollFD poll = {.fd = sy_link_get_fd(link), .events = G_IO_IN};
    guint8 bytes[1]; /* no more than one frame's events */
    size_t length;
    const uint8_t *out = sy_session_peek_output(session, &length);

    assert_false(sy_session_is_finished(session));
    if (length > 0)
      sy_session_sent(session, (size_t)sy_link_write(link, out, length, NULL),
                      sy_transfer_now_us());
    g_poll(&poll, 1, 5);
    if (sy_link_read(link, bytes, sizeof bytes, NULL) > 0)
      sy_session_feed(session, bytes, sizeof bytes, sy_transfer_now_us());
    sy_session_tick(session, sy_transfer_now_us());
    while (sy_session_next_event(session, &event))
      ;
  }
}

static void confirming_keeps_the_program_that_is_on_trial(void **state)
{
  Watch *watch = *state;
  Line line = {0};
  const WireIdentity *identity;

  start_line(&line);
  abandon_on_trial(&line);
  watch_port(watch, line.port);
  identify(watch);
  identity = sy_station_get_identity(watch->station);
  assert_int_equal(identity->running_bank, WIRE_BANK_HIGH);
  assert_int_equal(identity->trial, WIRE_TRIAL_RUNNING);
  confirm(watch);
  assert_true(watch->ok);
  assert_int_equal(watch->result.outcome, SY_OUTCOME_DONE);
  assert_int_equal(sy_station_get_state(watch->station), SY_STATION_CONNECTED);
  assert_true(watch->last_fraction == 1);
  assert_int_equal(sy_station_get_identity(watch->station)->trial, WIRE_TRIAL_CONFIRMED);
  assert_true(log_says(watch->station, "The program has proved itself"));
  assert_true(log_says(watch->station, "The substation runs HIGH 1.1.0, confirmed."));
  /* While its self-test ran it was asked again and again, and that is nobody's trouble. */
  assert_int_equal(watch->result.counts.naks, 0);
  assert_false(log_says(watch->station, "refuses"));
  /* As the substation says itself. */
  identify(watch);
  assert_int_equal(sy_station_get_identity(watch->station)->trial, WIRE_TRIAL_CONFIRMED);
  stop_line(&line);
}

static void confirming_without_a_trial_is_done_and_changes_nothing(void **state)
{
  Watch *watch = *state;

  confirm(watch);
  assert_true(watch->ok);
  assert_int_equal(watch->result.outcome, SY_OUTCOME_DONE);
  assert_false(watch->result.touched);
  assert_int_equal(sy_station_get_identity(watch->station)->running_bank, WIRE_BANK_LOW);
  assert_false(log_says(watch->station, "proved itself"));
  assert_true(log_says(watch->station, "The substation runs LOW 1.0.0, confirmed."));
  upgrade(watch, "drill-self-test.hex", NULL);
  assert_int_equal(watch->result.reason, SY_REASON_RETURNED);
  confirm(watch);
  assert_int_equal(watch->result.outcome, SY_OUTCOME_DONE);
  assert_true(log_says(watch->station, "No program is on trial. The substation runs LOW 1.0.0."));
}

static void a_confirmation_that_is_refused_says_no_more_than_is_known(void **state)
{
  SyResult result = {
      .outcome = SY_OUTCOME_REFUSED,
      .reason = SY_REASON_NAK,
      .nak = {.type = WIRE_CONFIRM, .cause = WIRE_CAUSE_SELF_TEST, .detail = WIRE_SELF_TEST_IMAGE},
      .identified = true,
      .identity = {.mode = WIRE_MODE_PROGRAM,
                   .running_bank = WIRE_BANK_HIGH,
                   .program_version = 0x01010000,
                   .trial = WIRE_TRIAL_RUNNING,
                   .banks = {{.state = WIRE_BANK_VALID}, {.state = WIRE_BANK_VALID}}},
  };
  g_autofree char *leaves = sy_result_dup_sentence(SY_JOB_CONFIRM, &result);
  g_autofree char *alone = NULL;
  g_autofree char *full = NULL;
  g_autofree char *gone = NULL;
  g_autofree char *cancelled = NULL;

  (void)state;
  assert_string_equal(leaves, "The substation refused: its self-test failed: its own checksum is "
                              "wrong. HIGH 1.1.0 is not confirmed, and the substation goes back to "
                              "its other program by itself.");
  result.identity.banks[0].state = WIRE_BANK_DAMAGED;
  alone = sy_result_dup_sentence(SY_JOB_CONFIRM, &result);
  assert_non_null(strstr(alone, "Nothing was changed. The substation runs HIGH 1.1.0 on trial."));
  result.nak.cause = WIRE_CAUSE_RECORD_FAILED;
  full = sy_result_dup_sentence(SY_JOB_CONFIRM, &result);
  assert_non_null(strstr(full, "Nothing was changed. The substation runs HIGH 1.1.0 on trial."));
  result.nak.cause = WIRE_CAUSE_WRONG_IMAGE;
  gone = sy_result_dup_sentence(SY_JOB_CONFIRM, &result);
  assert_string_equal(gone, "HIGH 1.1.0 was left before it was confirmed: the substation runs "
                            "another program by now.");
  result.reason = SY_REASON_CANCELLED;
  cancelled = sy_result_dup_sentence(SY_JOB_CONFIRM, &result);
  assert_string_equal(cancelled, "The confirmation was cancelled. Whether HIGH 1.1.0 is confirmed, "
                                 "the substation says when it is asked again.");
}

static void confirming_without_a_port_does_not_begin(void **state)
{
  Watch *watch = *state;

  watch_port(watch, "pty:/nonexistent/pty");
  confirm(watch);
  assert_false(watch->ok);
  assert_true(g_error_matches(watch->error, SY_LINK_ERROR, SY_LINK_ERROR_ABSENT));
}

static void going_back_ends_with_the_other_program_confirmed(void **state)
{
  Watch *watch = *state;
  const WireIdentity *identity;

  upgrade(watch, "release.hex", NULL);
  assert_int_equal(watch->result.outcome, SY_OUTCOME_DONE);
  go_back(watch);
  assert_true(watch->ok);
  assert_int_equal(watch->result.outcome, SY_OUTCOME_DONE);
  assert_int_equal(sy_station_get_state(watch->station), SY_STATION_CONNECTED);
  assert_true(watch->last_fraction == 1);
  identity = sy_station_get_identity(watch->station);
  assert_int_equal(identity->running_bank, WIRE_BANK_LOW);
  assert_int_equal(identity->trial, WIRE_TRIAL_CONFIRMED);
  assert_true(log_says(watch->station, "LOW 1.0.0 tests itself"));
  assert_true(log_says(watch->station, "The substation runs LOW 1.0.0."));
}

static void going_back_to_an_empty_bank_is_refused_and_changes_nothing(void **state)
{
  Watch *watch = *state;

  go_back(watch);
  assert_true(watch->ok);
  assert_int_equal(watch->result.outcome, SY_OUTCOME_REFUSED);
  assert_int_equal(watch->result.reason, SY_REASON_NO_OTHER);
  assert_false(watch->result.touched);
  assert_int_equal(sy_station_get_state(watch->station), SY_STATION_CONNECTED);
  assert_true(log_says(watch->station, "There is no whole program in the other bank"));
}

static void going_back_without_a_port_does_not_begin(void **state)
{
  Watch *watch = *state;

  watch_port(watch, "pty:/nonexistent/pty");
  go_back(watch);
  assert_false(watch->ok);
  assert_true(g_error_matches(watch->error, SY_LINK_ERROR, SY_LINK_ERROR_ABSENT));
}

static void an_upgrade_to_a_program_that_fails_says_that_the_old_one_runs_and_why(void **state)
{
  Watch *watch = *state;
  const WireIdentity *identity;

  upgrade(watch, "drill-self-test.hex", NULL);
  assert_true(watch->ok);
  assert_int_equal(watch->result.outcome, SY_OUTCOME_OLD_RUNS);
  assert_int_equal(watch->result.reason, SY_REASON_RETURNED);
  assert_int_equal(sy_station_get_state(watch->station), SY_STATION_CONNECTED);
  assert_true(watch->last_fraction < 1);
  identity = sy_station_get_identity(watch->station);
  assert_int_equal(identity->running_bank, WIRE_BANK_LOW);
  assert_int_equal(identity->trial, WIRE_TRIAL_RETURNED);
  assert_int_equal(identity->trial_cause, WIRE_TRIAL_CAUSE_SELF_TEST);
  assert_true(log_says(watch->station, "HIGH 1.2.0 was left: its self-test failed"));
}

#define station_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      station_test(identifying_connects_and_tells_what_runs),
      station_test(an_upgrade_ends_with_the_new_program_and_news_come_in_batches),
      station_test(a_cancelled_upgrade_says_that_the_old_program_runs),
      station_test(a_second_job_is_refused_while_one_runs),
      station_test(a_port_that_cannot_be_opened_is_unreachable_and_says_why),
      station_test(a_file_without_the_needed_half_is_refused_before_anything_is_erased),
      station_test(a_quiet_refresh_leaves_no_line_in_the_log),
      station_test(a_refresh_that_fails_again_and_again_is_told_once),
      station_test(the_log_keeps_its_newest_lines),
      station_test(confirming_keeps_the_program_that_is_on_trial),
      station_test(confirming_without_a_trial_is_done_and_changes_nothing),
      station_test(confirming_without_a_port_does_not_begin),
      station_test(a_confirmation_that_is_refused_says_no_more_than_is_known),
      station_test(going_back_ends_with_the_other_program_confirmed),
      station_test(going_back_to_an_empty_bank_is_refused_and_changes_nothing),
      station_test(going_back_without_a_port_does_not_begin),
      station_test(an_upgrade_to_a_program_that_fails_says_that_the_old_one_runs_and_why),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
