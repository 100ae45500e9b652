/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyStation in a main loop, on a real virtual substation: what a window relies on. */

#include "sy-locate.h"
#include "sy-station.h"
#include "sy-link.h"

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

static int set_up(void **state)
{
  Watch *watch = g_new0(Watch, 1);

  watch->station = sy_station_new("virtual");
  watch->loop = g_main_loop_new(NULL, FALSE);
  watch->shortest_gap_us = G_MAXINT64;
  g_signal_connect(watch->station, "progress-changed", G_CALLBACK(on_progress), watch);
  g_signal_connect(watch->station, "identity-changed", G_CALLBACK(on_identity), watch);
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

  g_object_unref(watch->station);
  watch->station = sy_station_new("pty:/nonexistent/pty");
  identify(watch);
  assert_false(watch->ok);
  assert_true(g_error_matches(watch->error, SY_LINK_ERROR, SY_LINK_ERROR_ABSENT));
  assert_int_equal(sy_station_get_state(watch->station), SY_STATION_UNREACHABLE);
  assert_non_null(strstr(sy_station_get_trouble(watch->station), "/nonexistent/pty"));
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
  g_autoptr(SyLogEntry) last = NULL;
  g_autofree char *time = NULL;

  for (guint i = 0; i < SY_STATION_LOG_MAX + 10; i++) {
    g_autofree char *text = g_strdup_printf("line %u", i);

    sy_station_log(watch->station, SY_LOG_INFO, text);
  }
  assert_int_equal(g_list_model_get_n_items(log), SY_STATION_LOG_MAX);
  last = g_list_model_get_item(log, SY_STATION_LOG_MAX - 1);
  assert_string_equal(sy_log_entry_get_text(last), "line 20009");
  time = sy_log_entry_dup_time_text(last);
  assert_int_equal(strlen(time), strlen("14:03:07.123"));
}

static void a_refresh_that_fails_again_and_again_is_told_once(void **state)
{
  Watch *watch = *state;

  g_object_unref(watch->station);
  watch->station = sy_station_new("pty:/nonexistent/pty");
  for (guint round = 0; round < 3; round++) {
    sy_station_identify_async(watch->station, TRUE, NULL, on_identified, watch);
    g_main_loop_run(watch->loop);
    assert_false(watch->ok);
    g_clear_error(&watch->error);
    assert_int_equal(g_list_model_get_n_items(sy_station_get_log(watch->station)), 1);
  }
  assert_true(log_says(watch->station, "/nonexistent/pty"));
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

  g_object_unref(watch->station);
  watch->station = sy_station_new("pty:/nonexistent/pty");
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
      station_test(going_back_ends_with_the_other_program_confirmed),
      station_test(going_back_to_an_empty_bank_is_refused_and_changes_nothing),
      station_test(going_back_without_a_port_does_not_begin),
      station_test(an_upgrade_to_a_program_that_fails_says_that_the_old_one_runs_and_why),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
