/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A station's log: frames among its lines, and its copy on disk. */

#include "sy-locate.h"
#include "sy-station.h"
#include "temp-folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
  SyStation *station;
  GMainLoop *loop;
  gboolean ok;
} Watch;

static int set_up(void **state)
{
  Watch *watch = g_new0(Watch, 1);

  watch->loop = g_main_loop_new(NULL, FALSE);
  watch->station = sy_station_new("virtual");
  *state = watch;
  return 0;
}

static int tear_down(void **state)
{
  Watch *watch = *state;

  g_object_unref(watch->station);
  g_main_loop_unref(watch->loop);
  g_free(watch);
  return 0;
}

static void on_identified(GObject *source, GAsyncResult *result, gpointer user_data)
{
  Watch *watch = user_data;

  watch->ok = sy_station_identify_finish(SY_STATION(source), result, NULL);
  g_main_loop_quit(watch->loop);
}

static void identify(Watch *watch, gboolean quiet)
{
  sy_station_identify_async(watch->station, quiet, NULL, on_identified, watch);
  g_main_loop_run(watch->loop);
}

static void on_upgraded(GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  Watch *watch = user_data;
  SyResult result;

  watch->ok = sy_station_upgrade_finish(SY_STATION(source), async_result, &result, NULL);
  g_main_loop_quit(watch->loop);
}

static void upgrade(Watch *watch)
{
  g_autofree char *path = sy_locate_firmware("release.hex");
  g_autoptr(GFile) file = g_file_new_for_path(path);
  g_autoptr(SyRelease) release = sy_release_load(file, NULL, NULL);

  assert_non_null(release);
  sy_station_upgrade_async(watch->station, release, NULL, on_upgraded, watch);
  g_main_loop_run(watch->loop);
}

/* Lines of this level with this text. */
static guint count_log(SyStation *station, SyLogLevel level, const char *text)
{
  GListModel *log = sy_station_get_log(station);
  guint count = 0;

  for (guint i = 0; i < g_list_model_get_n_items(log); i++) {
    g_autoptr(SyLogEntry) entry = g_list_model_get_item(log, i);

    count += sy_log_entry_get_level(entry) == level && strstr(sy_log_entry_get_text(entry), text);
  }
  return count;
}

static void frames_are_logged_while_they_are_traced(void **state)
{
  const WireFrame run = {.type = WIRE_RUN, .token = 1, .seq = 77};
  guint8 bytes[WIRE_FRAME_OVERHEAD];
  Watch *watch = *state;
  guint frames;

  identify(watch, FALSE);
  assert_int_equal(count_log(watch->station, SY_LOG_TRACE, ""), 0);
  sy_station_set_tracing(watch->station, TRUE);
  assert_true(count_log(watch->station, SY_LOG_INFO, "Each frame is logged") == 1);
  identify(watch, TRUE); /* a quiet one too */
  assert_true(count_log(watch->station, SY_LOG_TRACE, "→ IDENTIFY seq") > 0);
  assert_true(count_log(watch->station, SY_LOG_TRACE, "← reply to IDENTIFY seq") > 0);
  upgrade(watch);
  assert_true(watch->ok);
  assert_true(count_log(watch->station, SY_LOG_TRACE, "→ DATA seq") > 0);
  assert_true(count_log(watch->station, SY_LOG_TRACE, "← reply to COMMIT seq") > 0);
  /* What goes while no job runs. */
  assert_int_equal(wire_frame_write(&run, bytes), sizeof bytes);
  sy_station_trace(watch->station, SY_DIRECTION_OUT, bytes, sizeof bytes);
  sy_station_set_tracing(watch->station, FALSE);
  identify(watch, FALSE);
  assert_int_equal(count_log(watch->station, SY_LOG_TRACE, "→ RUN seq 77"), 1);
  frames = count_log(watch->station, SY_LOG_TRACE, "");
  identify(watch, FALSE);
  assert_int_equal(count_log(watch->station, SY_LOG_TRACE, ""), frames);
}

static char *read_only_file(const char *folder)
{
  g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
  g_autofree char *path = g_build_filename(folder, g_dir_read_name(dir), NULL);
  char *text = NULL;

  assert_null(g_dir_read_name(dir));
  assert_true(g_file_get_contents(path, &text, NULL, NULL));
  return text;
}

static void a_log_that_is_kept_is_on_disk_before_it_is_shown(void **state)
{
  Watch *watch = *state;
  char *folder = temp_folder_new();
  GListModel *log = sy_station_get_log(watch->station);
  g_autofree char *text = NULL;

  sy_station_keep_log(watch->station, folder);
  sy_station_set_tracing(watch->station, TRUE);
  identify(watch, FALSE);
  text = read_only_file(folder);
  assert_non_null(strstr(text, "\"port\":\"virtual\""));
  for (guint i = 0; i < g_list_model_get_n_items(log); i++) {
    g_autoptr(SyLogEntry) entry = g_list_model_get_item(log, i);

    if (!strstr(text, sy_log_entry_get_text(entry)))
      fail_msg("not on disk: %s", sy_log_entry_get_text(entry));
  }
  assert_non_null(strstr(text, "\"level\":\"trace\""));
  temp_folder_remove(folder);
}

static void a_log_that_cannot_be_kept_says_so_once(void **state)
{
  Watch *watch = *state;

  sy_station_keep_log(watch->station, "/proc/nowhere/log");
  identify(watch, FALSE);
  assert_true(watch->ok);
  assert_int_equal(count_log(watch->station, SY_LOG_WARNING, "The log is not kept on disk: "), 1);
  assert_int_equal(count_log(watch->station, SY_LOG_WARNING, ""), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(frames_are_logged_while_they_are_traced, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_log_that_is_kept_is_on_disk_before_it_is_shown, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(a_log_that_cannot_be_kept_says_so_once, set_up, tear_down),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
