/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyBoard in a main loop, on real virtual substations. */

#include "sy-board.h"
#include "pty-fixture.h"
#include "spin.h"
#include "sy-locate.h"
#include "temp-folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PAIR = 2 };

typedef struct {
  SyBoard *board;
  SyRelease *release;
  guint changed, finished;  /* times told */
  guint items_changed;      /* the same, of the list */
  guint progress_news;      /* the same, of the first row's progress */
  gboolean was_waiting;     /* some row was, when something was told */
  SyBoardRow *cancel_first; /* as soon as it writes */
} Scene;

static SyRelease *load(const char *name)
{
  g_autofree char *path = sy_locate_firmware(name);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  SyRelease *release = sy_release_load(file, NULL, NULL);

  assert_non_null(release);
  return release;
}

static void on_changed(SyBoard *board, Scene *scene)
{
  if (sy_board_get_counts(board).states[SY_BOARD_WAITING] > 0)
    scene->was_waiting = TRUE;
  scene->changed++;
}

static void on_finished(SyBoard *board, Scene *scene)
{
  assert_false(sy_board_is_running(board));
  scene->finished++;
}

static void on_items(GListModel *board, guint position, guint removed, guint added, Scene *scene)
{
  (void)board, (void)position;
  assert_int_equal(removed + added, 1);
  scene->items_changed++;
}

static void on_progress(SyBoardRow *row, GParamSpec *pspec, Scene *scene)
{
  SyStation *station = sy_board_row_get_station(row);

  (void)pspec;
  scene->progress_news++;
  if (row == scene->cancel_first && sy_station_get_progress(station)->phase == SY_PHASE_WRITE) {
    scene->cancel_first = NULL;
    sy_board_cancel_row(scene->board, row);
  }
}

static int set_up(void **state)
{
  Scene *scene = g_new0(Scene, 1);

  scene->board = sy_board_new();
  scene->release = load("release.hex");
  g_signal_connect(scene->board, "changed", G_CALLBACK(on_changed), scene);
  g_signal_connect(scene->board, "finished", G_CALLBACK(on_finished), scene);
  g_signal_connect(scene->board, "items-changed", G_CALLBACK(on_items), scene);
  *state = scene;
  return 0;
}

static int tear_down(void **state)
{
  Scene *scene = *state;

  g_object_unref(scene->board);
  sy_release_unref(scene->release);
  g_free(scene);
  return 0;
}

static SyBoardRow *add(Scene *scene, const char *port, const char *title)
{
  g_autoptr(SyStation) station = sy_station_new(port);

  return sy_board_add(scene->board, station, title);
}

static void add_pair(Scene *scene)
{
  for (int n = 0; n < PAIR; n++)
    add(scene, "virtual", NULL);
}

static SyBoardRow *row(Scene *scene, guint position)
{
  return sy_board_get_row(scene->board, position);
}

static SyBoardState state_of(Scene *scene, guint position)
{
  return sy_board_row_get_state(row(scene, position));
}

static void wait_for(Scene *scene, gboolean (*condition)(Scene *scene), const char *what)
{
  spin_until((SpinCondition)condition, scene, what);
}

static gboolean is_over(Scene *scene)
{
  return scene->finished > 0;
}

static gboolean all_are_known(Scene *scene)
{
  for (guint n = 0; row(scene, n); n++)
    if (!sy_board_row_get_running(row(scene, n)) ||
        sy_station_get_state(sy_board_row_get_station(row(scene, n))) != SY_STATION_CONNECTED)
      return FALSE;
  return TRUE;
}

static void identify(Scene *scene)
{
  sy_board_identify(scene->board);
  wait_for(scene, all_are_known, "the substations to answer");
}

static guint run(Scene *scene, SyBoardWhich which)
{
  guint started;

  scene->finished = 0;
  started = sy_board_start(scene->board, scene->release, FALSE, which);
  assert_true(sy_board_is_running(scene->board));
  wait_for(scene, is_over, "the board to finish");
  assert_int_equal(scene->finished, 1);
  return started;
}

static void assert_summary(Scene *scene, const char *wanted)
{
  g_autofree char *summary = sy_board_dup_summary(scene->board);

  assert_string_equal(summary, wanted);
}

/* ---- Tests ---- */

static void a_board_lists_its_rows_by_title(void **state)
{
  Scene *scene = *state;
  g_autoptr(SyBoardRow) second = NULL;

  add(scene, "pty:/nonexistent/a", NULL);
  add(scene, "virtual", "the one in the cellar");
  assert_int_equal(scene->items_changed, 2);
  assert_int_equal(scene->changed, 2);
  assert_int_equal(g_list_model_get_n_items(G_LIST_MODEL(scene->board)), 2);
  assert_string_equal(sy_board_row_get_title(row(scene, 0)), "pty:/nonexistent/a");
  second = g_list_model_get_item(G_LIST_MODEL(scene->board), 1);
  assert_string_equal(sy_board_row_get_title(second), "the one in the cellar");
  assert_int_equal(state_of(scene, 0), SY_BOARD_READY);
  assert_null(sy_board_row_get_sentence(second));
  assert_null(sy_board_row_get_result(second));
  assert_null(row(scene, 2));
  assert_summary(scene, "0 of 2 upgraded, 2 not started");
  assert_true(sy_board_remove(scene->board, row(scene, 0)));
  assert_ptr_equal(row(scene, 0), second);
  assert_int_equal(scene->items_changed, 3);
}

static void two_names_of_one_device_are_one_port(void **state)
{
  Scene *scene = *state;
  char *folder = temp_folder_new();
  g_autofree char *device = g_build_filename(folder, "ttyUSB0", NULL);
  g_autofree char *link = g_build_filename(folder, "by-id", NULL);
  g_autofree char *port = g_strconcat("pty:", device, NULL);
  g_autofree char *alias = g_strconcat("pty:", link, NULL);

  assert_true(g_file_set_contents(device, "", 0, NULL));
  assert_int_equal(symlink(device, link), 0);
  add(scene, port, NULL);
  add(scene, "virtual", NULL);
  assert_true(sy_board_has_port(scene->board, port));
  assert_true(sy_board_has_port(scene->board, alias));
  assert_false(sy_board_has_port(scene->board, "pty:/nonexistent/other"));
  assert_false(sy_board_has_port(scene->board, "virtual"));
  temp_folder_remove(folder);
}

static void all_are_upgraded_and_who_is_not_there_is_told_apart(void **state)
{
  Scene *scene = *state;
  SyBoardRow *absent;

  add_pair(scene);
  absent = add(scene, "pty:/nonexistent/pty", NULL);
  g_signal_connect(row(scene, 0), "notify::progress", G_CALLBACK(on_progress), scene);
  assert_int_equal(run(scene, SY_BOARD_ALL), 3);
  for (guint n = 0; n < PAIR; n++) {
    assert_int_equal(state_of(scene, n), SY_BOARD_PASSED);
    assert_int_equal(sy_board_row_get_result(row(scene, n))->outcome, SY_OUTCOME_DONE);
    assert_string_equal(sy_board_row_get_running(row(scene, n)), "HIGH 1.1.0");
    assert_string_equal(sy_board_row_get_sentence(row(scene, n)),
                        "The substation runs HIGH 1.1.0.");
    assert_true(sy_board_row_get_progress(row(scene, n)) == 1);
    assert_null(sy_board_row_get_trouble(row(scene, n)));
  }
  assert_true(scene->progress_news > 5);
  assert_int_equal(sy_board_row_get_state(absent), SY_BOARD_NOT_REACHED);
  assert_int_equal(sy_board_row_get_result(absent)->outcome, SY_OUTCOME_LINK);
  assert_int_equal(sy_board_row_get_trouble(absent)->kind, SY_TROUBLE_ABSENT);
  assert_non_null(strstr(sy_board_row_get_sentence(absent), "/nonexistent/pty"));
  assert_summary(scene, "2 of 3 upgraded, 1 not reached");
}

static void what_failed_is_tried_again_alone(void **state)
{
  Scene *scene = *state;
  SyStation *station;

  add_pair(scene);
  identify(scene);
  station = sy_board_row_get_station(row(scene, 1));
  sy_virtual_add_fault(sy_station_get_virtual(station), "power-cut-block", 4);
  assert_int_equal(run(scene, SY_BOARD_ALL), PAIR);
  assert_int_equal(state_of(scene, 0), SY_BOARD_PASSED);
  assert_int_equal(state_of(scene, 1), SY_BOARD_FAILED);
  assert_string_equal(sy_board_row_get_running(row(scene, 1)), "LOW 1.0.0");
  assert_summary(scene, "1 of 2 upgraded, 1 failed");
  assert_int_equal(run(scene, SY_BOARD_FAILURES), 1);
  assert_int_equal(state_of(scene, 1), SY_BOARD_PASSED);
  assert_int_equal(sy_board_row_get_attempts(row(scene, 0)), 1);
  assert_int_equal(sy_board_row_get_attempts(row(scene, 1)), 2);
  assert_summary(scene, "2 of 2 upgraded");
}

static void what_is_not_known_stays_so_until_the_substation_is_heard(void **state)
{
  Scene *scene = *state;
  SyBoardRow *silent = add(scene, "virtual", NULL);
  SyVirtual *substation;

  identify(scene);
  substation = sy_station_get_virtual(sy_board_row_get_station(silent));
  sy_virtual_add_fault(substation, "silent-block", 5);
  assert_int_equal(run(scene, SY_BOARD_ALL), 1);
  assert_int_equal(sy_virtual_count_fired(substation, "silent-block"), 1);
  assert_int_equal(sy_board_row_get_result(silent)->outcome, SY_OUTCOME_UNKNOWN);
  assert_int_equal(run(scene, SY_BOARD_FAILURES), 1);
  assert_int_equal(sy_board_row_get_attempts(silent), 2);
  assert_int_equal(sy_board_row_get_result(silent)->outcome, SY_OUTCOME_UNKNOWN);
  assert_int_equal(sy_board_row_get_state(silent), SY_BOARD_FAILED);
  assert_non_null(strstr(sy_board_row_get_sentence(silent), "could not be learned"));
  sy_virtual_clear_faults(substation);
  assert_int_equal(run(scene, SY_BOARD_FAILURES), 1);
  assert_int_equal(sy_board_row_get_state(silent), SY_BOARD_PASSED);
}

static void one_is_cancelled_and_the_others_go_on(void **state)
{
  Scene *scene = *state;

  add_pair(scene);
  scene->cancel_first = row(scene, 0);
  g_signal_connect(row(scene, 0), "notify::progress", G_CALLBACK(on_progress), scene);
  run(scene, SY_BOARD_ALL);
  assert_int_equal(state_of(scene, 0), SY_BOARD_CANCELLED);
  assert_int_equal(sy_board_row_get_result(row(scene, 0))->outcome, SY_OUTCOME_OLD_RUNS);
  assert_non_null(strstr(sy_board_row_get_sentence(row(scene, 0)), "cancelled"));
  assert_int_equal(state_of(scene, 1), SY_BOARD_PASSED);
  assert_summary(scene, "1 of 2 upgraded, 1 cancelled");
}

static gboolean cancel_all(gpointer board)
{
  sy_board_cancel(board);
  return G_SOURCE_REMOVE;
}

static void cancelling_ends_all_and_each_says_what_runs(void **state)
{
  Scene *scene = *state;

  add_pair(scene);
  identify(scene);
  g_timeout_add(100, cancel_all, scene->board);
  run(scene, SY_BOARD_ALL);
  for (guint n = 0; n < PAIR; n++) {
    assert_int_equal(state_of(scene, n), SY_BOARD_CANCELLED);
    assert_non_null(strstr(sy_board_row_get_sentence(row(scene, n)), "LOW 1.0.0"));
  }
}

static void a_start_waits_for_who_is_being_asked(void **state)
{
  Scene *scene = *state;

  add_pair(scene);
  sy_board_identify(scene->board);
  assert_int_equal(sy_board_start(scene->board, scene->release, TRUE, SY_BOARD_ALL), PAIR);
  assert_int_equal(state_of(scene, 0), SY_BOARD_WAITING);
  assert_int_equal(sy_board_start(scene->board, scene->release, TRUE, SY_BOARD_ALL), 0);
  assert_false(sy_board_remove(scene->board, row(scene, 0)));
  sy_board_cancel_row(scene->board, row(scene, 1));
  wait_for(scene, is_over, "the board to finish");
  assert_true(scene->was_waiting);
  assert_int_equal(state_of(scene, 0), SY_BOARD_PASSED);
  assert_int_equal(sy_board_row_get_job(row(scene, 0)), SY_JOB_CHECK);
  assert_string_equal(sy_board_row_get_running(row(scene, 0)), "LOW 1.0.0");
  assert_int_equal(state_of(scene, 1), SY_BOARD_CANCELLED);
  assert_int_equal(sy_board_row_get_attempts(row(scene, 1)), 0);
  assert_string_equal(sy_board_row_get_sentence(row(scene, 1)),
                      "The dry run was cancelled. Nothing was changed.");
  assert_summary(scene, "1 of 2 checked, 1 cancelled");
}

static void one_that_waits_for_who_does_not_answer_is_cancelled_at_once(void **state)
{
  Scene *scene = *state;
  Pty pty = pty_open();
  SyBoardRow *silent = add(scene, pty.port, NULL);

  sy_board_identify(scene->board);
  assert_true(sy_board_start_row(scene->board, silent, scene->release, FALSE));
  assert_int_equal(sy_board_row_get_state(silent), SY_BOARD_WAITING);
  sy_board_cancel(scene->board);
  wait_for(scene, is_over, "the board to end");
  assert_int_equal(sy_board_row_get_state(silent), SY_BOARD_CANCELLED);
  /* Nobody waited until it is known that nobody answers. */
  assert_null(sy_station_get_trouble(sy_board_row_get_station(silent)));
  pty_close(&pty);
}

static void a_file_without_the_needed_half_says_so_in_the_row(void **state)
{
  Scene *scene = *state;

  sy_release_unref(scene->release);
  scene->release = load("program-low.hex");
  add_pair(scene);
  run(scene, SY_BOARD_ALL);
  assert_int_equal(state_of(scene, 0), SY_BOARD_FAILED);
  assert_int_equal(sy_board_row_get_result(row(scene, 0))->outcome, SY_OUTCOME_REFUSED);
  assert_non_null(strstr(sy_board_row_get_sentence(row(scene, 0)), "Nothing was changed."));
  assert_null(strstr(sy_board_row_get_sentence(row(scene, 0)), "usable program"));
}

static void a_board_may_go_while_its_jobs_run(void **state)
{
  Scene *scene = *state;
  g_autoptr(SyBoardRow) kept = NULL;

  add_pair(scene);
  sy_board_start(scene->board, scene->release, FALSE, SY_BOARD_ALL);
  kept = g_object_ref(row(scene, 0));
  g_object_unref(scene->board);
  while (sy_board_row_is_busy(kept))
    g_main_context_iteration(NULL, TRUE);
  assert_int_equal(sy_board_row_get_state(kept), SY_BOARD_PASSED);
  scene->board = sy_board_new();
}

#define board_test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
  const struct CMUnitTest tests[] = {
      board_test(a_board_lists_its_rows_by_title),
      board_test(two_names_of_one_device_are_one_port),
      board_test(all_are_upgraded_and_who_is_not_there_is_told_apart),
      board_test(what_failed_is_tried_again_alone),
      board_test(what_is_not_known_stays_so_until_the_substation_is_heard),
      board_test(one_is_cancelled_and_the_others_go_on),
      board_test(cancelling_ends_all_and_each_says_what_runs),
      board_test(a_start_waits_for_who_is_being_asked),
      board_test(one_that_waits_for_who_does_not_answer_is_cancelled_at_once),
      board_test(a_file_without_the_needed_half_says_so_in_the_row),
      board_test(a_board_may_go_while_its_jobs_run),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
