/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a station hears between its jobs and around them. */

#include "line-peer.h"
#include "spin.h"
#include "sy-ear.h"
#include "sy-locate.h"
#include "sy-station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { CUT = 11 };

typedef struct {
  LinePeer peer;
  SyStation *station;
  gboolean done, ok;
  SyResult result;
  guint news; /* times that readings came */
} Scene;

static void count_news(SyConsole *console, Scene *scene)
{
  (void)console;
  scene->news++;
}

static void use_port(Scene *scene, const char *port)
{
  scene->station = sy_station_new(port);
  g_signal_connect(sy_station_get_console(scene->station), "readings-changed",
                   G_CALLBACK(count_news), scene);
}

static int set_up(void **state)
{
  Scene *scene = g_new0(Scene, 1);

  line_peer_start(&scene->peer);
  use_port(scene, scene->peer.pty.port);
  *state = scene;
  return 0;
}

static int set_up_real(void **state)
{
  Scene *scene = g_new0(Scene, 1);

  use_port(scene, "virtual");
  *state = scene;
  return 0;
}

static int tear_down(void **state)
{
  Scene *scene = *state;

  g_object_unref(scene->station);
  line_peer_stop(&scene->peer);
  g_free(scene);
  return 0;
}

static void wait_for(Scene *scene, gboolean (*condition)(Scene *scene), const char *what)
{
  spin_until((SpinCondition)condition, scene, what);
}

static gboolean is_done(Scene *scene)
{
  return scene->done;
}

static void on_identified(GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  Scene *scene = user_data;

  scene->ok = sy_station_identify_finish(SY_STATION(source), async_result, NULL);
  scene->done = TRUE;
}

static void on_upgraded(GObject *source, GAsyncResult *async_result, gpointer user_data)
{
  Scene *scene = user_data;

  scene->ok = sy_station_upgrade_finish(SY_STATION(source), async_result, &scene->result, NULL);
  scene->done = TRUE;
}

static void begin_identify(Scene *scene)
{
  scene->done = FALSE;
  sy_station_identify_async(scene->station, TRUE, NULL, on_identified, scene);
}

static void identify(Scene *scene)
{
  begin_identify(scene);
  wait_for(scene, is_done, "the substation to answer");
}

static guint count_readings(Scene *scene)
{
  return sy_console_get_n_readings(sy_station_get_console(scene->station));
}

static const WireReading *newest_reading(Scene *scene)
{
  SyConsole *console = sy_station_get_console(scene->station);

  return &sy_console_get_reading(console, sy_console_get_n_readings(console) - 1)->reading;
}

static gboolean says(GListModel *lines, const char *text)
{
  for (guint n = 0; n < g_list_model_get_n_items(lines); n++) {
    g_autoptr(SyLogEntry) entry = g_list_model_get_item(lines, n);

    if (strstr(sy_log_entry_get_text(entry), text))
      return TRUE;
  }
  return FALSE;
}

static gboolean console_says(Scene *scene, const char *text)
{
  return says(sy_console_get_lines(sy_station_get_console(scene->station)), text);
}

static gboolean has_3_readings(Scene *scene)
{
  return count_readings(scene) >= 3;
}

static gboolean is_unreachable(Scene *scene)
{
  return sy_station_get_state(scene->station) == SY_STATION_UNREACHABLE;
}

static gboolean is_connected(Scene *scene)
{
  return sy_station_get_state(scene->station) == SY_STATION_CONNECTED;
}

/* --- tests --- */

static void readings_that_come_together_are_all_heard(void **state)
{
  Scene *scene = *state;
  guint8 bytes[3 * WIRE_FRAME_MAX];
  gsize length = 0;

  identify(scene);
  assert_true(scene->ok);
  for (int n = 0; n < 3; n++)
    length += line_peer_make_reading(&scene->peer, bytes + length);
  line_peer_send(&scene->peer, bytes, length);
  wait_for(scene, has_3_readings, "the readings");
  assert_int_equal(scene->news, 1);
  assert_int_equal(newest_reading(scene)->number, 3);
  assert_int_equal(newest_reading(scene)->value[0], 214);
  assert_int_equal(sy_console_get_n_lost(sy_station_get_console(scene->station)), 0);
}

static gboolean has_all_readings(Scene *scene)
{
  return count_readings(scene) > 0 &&
         newest_reading(scene)->number + 1 == scene->peer.reading.number;
}

/* Readings are cut in two by each job's begin, and by its end. */
static void around_jobs_no_reading_is_lost(void **state)
{
  Scene *scene = *state;

  identify(scene);
  for (int n = 0; n < 10; n++) {
    guint8 first[WIRE_FRAME_MAX], last[WIRE_FRAME_MAX];
    gsize length = line_peer_make_reading(&scene->peer, first);

    line_peer_send(&scene->peer, first, CUT);
    spin_ms(5);
    begin_identify(scene);
    line_peer_send(&scene->peer, first + CUT, length - CUT);
    scene->peer.readings_before_answer = 20;
    scene->peer.behind_answer = g_byte_array_new();
    /* Numbered behind those that go before the answer. */
    scene->peer.reading.number = (guint16)(scene->peer.reading.number + 20);
    line_peer_make_reading(&scene->peer, last);
    scene->peer.reading.number = (guint16)(scene->peer.reading.number - 21);
    g_byte_array_append(scene->peer.behind_answer, last, CUT);
    wait_for(scene, is_done, "the substation to answer");
    assert_true(scene->ok);
    line_peer_send(&scene->peer, last + CUT, length - CUT);
    scene->peer.reading.number++;
    wait_for(scene, has_all_readings, "the last reading");
  }
  assert_int_equal(count_readings(scene), 10 * 22);
  assert_int_equal(sy_console_get_n_lost(sy_station_get_console(scene->station)), 0);
}

static void who_starts_by_itself_is_known_at_once(void **state)
{
  Scene *scene = *state;
  guint asked;

  identify(scene);
  asked = scene->peer.asked;
  scene->peer.identity.boots = 2;
  scene->peer.identity.reset_cause = WIRE_RESET_WATCHDOG;
  /* As a program that is on trial starts. */
  scene->peer.identity.banks[1] = (WireBankIdentity){.state = WIRE_BANK_UNCHECKED};
  line_peer_announce(&scene->peer);
  while (sy_station_get_identity(scene->station)->boots != 2)
    g_main_context_iteration(NULL, TRUE);
  assert_int_equal(sy_station_get_identity(scene->station)->reset_cause, WIRE_RESET_WATCHDOG);
  /* Nobody had the time to look at it anew, and its bytes are the same. */
  assert_int_equal(sy_station_get_identity(scene->station)->banks[1].state, WIRE_BANK_VALID);
  assert_int_equal(sy_station_get_identity(scene->station)->banks[1].version, 0x00090000);
  assert_int_equal(scene->peer.asked, asked);
  assert_true(console_says(scene, "LOW 1.0.0 started (boot 2, last reset: the watchdog)"));
  assert_true(says(sy_station_get_log(scene->station), "LOW 1.0.0 started (boot 2"));
}

static void a_bank_that_changed_is_not_taken_for_the_known_one(void **state)
{
  Scene *scene = *state;

  identify(scene);
  scene->peer.identity.boots = 2;
  scene->peer.identity.banks[1] = (WireBankIdentity){WIRE_BANK_UNCHECKED, 0x00090000, 4096, 5};
  line_peer_announce(&scene->peer);
  while (sy_station_get_identity(scene->station)->boots != 2)
    g_main_context_iteration(NULL, TRUE);
  assert_int_equal(sy_station_get_identity(scene->station)->banks[1].state, WIRE_BANK_UNCHECKED);
}

static void a_silent_substation_that_starts_is_connected_again(void **state)
{
  Scene *scene = *state;

  scene->peer.mute = TRUE;
  identify(scene);
  assert_false(scene->ok);
  assert_true(is_unreachable(scene));
  line_peer_announce(&scene->peer);
  wait_for(scene, is_connected, "the substation to be connected");
  assert_null(sy_station_get_trouble(scene->station));
}

static void a_refresh_that_is_given_up_says_nothing_of_the_substation(void **state)
{
  Scene *scene = *state;
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  guint lines;

  identify(scene);
  assert_true(scene->ok);
  scene->peer.mute = TRUE;
  identify(scene);
  assert_true(is_unreachable(scene));
  lines = g_list_model_get_n_items(sy_station_get_log(scene->station));
  scene->done = FALSE;
  sy_station_identify_async(scene->station, TRUE, cancellable, on_identified, scene);
  g_cancellable_cancel(cancellable);
  wait_for(scene, is_done, "the refresh to be given up");
  assert_false(scene->ok);
  assert_true(is_unreachable(scene));
  assert_non_null(sy_station_get_trouble(scene->station));
  assert_int_equal(g_list_model_get_n_items(sy_station_get_log(scene->station)), lines);
}

static void hanging_up_is_known_without_asking_and_costs_nothing(void **state)
{
  Scene *scene = *state;
  clock_t used;
  guint lines;

  identify(scene);
  line_peer_stop(&scene->peer);
  wait_for(scene, is_unreachable, "the station to notice");
  assert_int_equal(sy_station_get_trouble(scene->station)->kind, SY_TROUBLE_GONE);
  assert_true(says(sy_station_get_log(scene->station), "The connection is gone"));
  lines = g_list_model_get_n_items(sy_station_get_log(scene->station));
  used = clock();
  spin_ms(500);
  assert_true(clock() - used < CLOCKS_PER_SEC / 10);
  /* What a refresh finds out is no news. */
  identify(scene);
  assert_false(scene->ok);
  assert_int_equal(g_list_model_get_n_items(sy_station_get_log(scene->station)), lines);
}

static gboolean has_text(Scene *scene)
{
  return console_says(scene, "login: \\x07");
}

static void what_is_no_frame_is_shown_as_text(void **state)
{
  Scene *scene = *state;

  identify(scene);
  line_peer_send(&scene->peer, "login: \a", 8); /* and no line's end */
  wait_for(scene, has_text, "the text");
}

typedef struct {
  int fd;
  gint over;
} Babbler;

static gpointer babble(gpointer data)
{
  Babbler *babbler = data;
  char bytes[4096];

  memset(bytes, 'x', sizeof bytes);
  while (!g_atomic_int_get(&babbler->over)) {
    gssize written = write(babbler->fd, bytes, sizeof bytes);

    if (written < 0)
      g_usleep(1000);
  }
  return NULL;
}

static guint beats;

static gboolean beat(gpointer data)
{
  (void)data;
  beats++;
  return G_SOURCE_CONTINUE;
}

static gboolean has_beaten(Scene *scene)
{
  (void)scene;
  return beats >= 200;
}

static void a_line_that_babbles_without_end_stops_nothing(void **state)
{
  Scene *scene = *state;
  Babbler babbler = {.fd = scene->peer.pty.master};
  gint64 began_us = g_get_monotonic_time();
  guint source, lines;
  gint64 seconds;
  GThread *thread;

  identify(scene);
  thread = g_thread_new("babble", babble, &babbler);
  beats = 0;
  source = g_timeout_add(5, beat, NULL);
  wait_for(scene, has_beaten, "whatever else the main loop has to do");
  begin_identify(scene); /* ends, whatever comes of it */
  wait_for(scene, is_done, "a job on that line");
  g_source_remove(source);
  g_atomic_int_set(&babbler.over, TRUE);
  while (g_main_context_iteration(NULL, FALSE)) /* makes room for its last words */
    ;
  g_thread_join(thread);
  lines = g_list_model_get_n_items(sy_console_get_lines(sy_station_get_console(scene->station)));
  seconds = (g_get_monotonic_time() - began_us) / G_USEC_PER_SEC + 1;
  print_message("# %u lines in %d s\n", lines, (int)seconds);
  assert_true(console_says(scene, "xxxxx"));
  assert_true(console_says(scene, "bytes more"));
  assert_true(lines < (guint)seconds * (SY_EAR_TEXT_PER_SECOND / SY_EAR_LINE_MAX + 2));
}

static void a_real_program_is_heard_before_during_and_behind_an_upgrade(void **state)
{
  Scene *scene = *state;
  g_autofree char *path = sy_locate_firmware("release.hex");
  g_autoptr(GFile) file = g_file_new_for_path(path);
  g_autoptr(SyRelease) release = sy_release_load(file, NULL, NULL);
  guint before;

  identify(scene);
  assert_true(scene->ok);
  wait_for(scene, has_3_readings, "readings");
  /* It was heard from the middle of a frame on, which is nobody's text. */
  assert_false(console_says(scene, "DSS1"));
  before = count_readings(scene);
  scene->done = FALSE;
  sy_station_upgrade_async(scene->station, release, NULL, on_upgraded, scene);
  wait_for(scene, is_done, "the upgrade");
  assert_int_equal(scene->result.outcome, SY_OUTCOME_DONE);
  assert_true(
      console_says(scene, "The loader 1.3.0 started (boot 1, last reset: power or reset pin)"));
  assert_true(console_says(scene, "HIGH 1.1.0 started"));
  while (count_readings(scene) < before + 3)
    g_main_context_iteration(NULL, TRUE);
  assert_int_equal(sy_console_get_n_lost(sy_station_get_console(scene->station)), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(readings_that_come_together_are_all_heard, set_up, tear_down),
      cmocka_unit_test_setup_teardown(around_jobs_no_reading_is_lost, set_up, tear_down),
      cmocka_unit_test_setup_teardown(who_starts_by_itself_is_known_at_once, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_bank_that_changed_is_not_taken_for_the_known_one, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(a_silent_substation_that_starts_is_connected_again, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(a_refresh_that_is_given_up_says_nothing_of_the_substation,
                                      set_up, tear_down),
      cmocka_unit_test_setup_teardown(hanging_up_is_known_without_asking_and_costs_nothing, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(what_is_no_frame_is_shown_as_text, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_line_that_babbles_without_end_stops_nothing, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(a_real_program_is_heard_before_during_and_behind_an_upgrade,
                                      set_up_real, tear_down),
  };

  return cmocka_run_group_tests_name("listening", tests, NULL, NULL);
}
