/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The states that a window can be in. */

#define _GNU_SOURCE /* posix_openpt and its kin */
#include "states.h"

#include "board-fixture.h"
#include "sy-image-panel.h"

#include <glib/gstdio.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <cmocka.h>

/* Of HIGH, where the release is written. */
#define WORN_BLOCK "worn-block=130"

/* Nobody may open it for writing, not even the superuser. */
#define FORBIDDEN "/proc/sys/kernel/ostype"

/* How long something slides. */
enum { SLIDE_MS = 400 };

void test_open_firmware(SyWindow *window, const char *name)
{
  g_autofree char *path = g_build_filename(test_file("SWITCHYARD_FIRMWARE_DIR"), name, NULL);

  test_open(window, path);
  test_wait(window, test_has_release, "the file to be read");
  test_wait(window, test_can_upgrade, "the button to be ready");
}

static gboolean has_trouble(SyWindow *window)
{
  return sy_station_get_state(sy_window_get_station(window)) == SY_STATION_UNREACHABLE;
}

/* A name for a device; what it stands for is made by the caller. */
static void make_line(TestScene *scene)
{
  scene->folder = g_dir_make_tmp("switchyard-test-XXXXXX", NULL);
  assert_non_null(scene->folder);
  scene->line = g_build_filename(scene->folder, "ttyUSB0", NULL);
}

static void open_line(TestScene *scene)
{
  make_line(scene);
  scene->terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  assert_true(scene->terminal >= 0);
  assert_int_equal(grantpt(scene->terminal), 0);
  assert_int_equal(unlockpt(scene->terminal), 0);
  assert_int_equal(symlink(ptsname(scene->terminal), scene->line), 0);
}

static void choose_line(TestScene *scene)
{
  g_autofree char *port = g_strconcat("pty:", scene->line, NULL);

  sy_window_set_port(scene->window, port);
}

static void open_release(TestScene *scene)
{
  test_open(scene->window, test_file("SWITCHYARD_TEST_RELEASE"));
  test_wait(scene->window, test_has_release, "the file to be read");
}

static void choose_bad_line(TestScene *scene)
{
  choose_line(scene);
  open_release(scene);
  test_wait(scene->window, has_trouble, "the port to fail");
}

static void start_substation(TestScene *scene, const char *fault)
{
  make_line(scene);
  scene->substation = test_substation_start_faulty(scene->line, fault);
  choose_line(scene);
  test_wait(scene->window, test_is_connected, "the substation to answer");
}

/* --- the states --- */

static void enter_empty(TestScene *scene)
{
  test_wait(scene->window, test_is_connected, "the substation to answer");
}

static void enter_no_port(TestScene *scene)
{
  make_line(scene);
  choose_bad_line(scene);
}

static void enter_denied(TestScene *scene)
{
  make_line(scene);
  assert_int_equal(symlink(FORBIDDEN, scene->line), 0);
  choose_bad_line(scene);
}

static void enter_busy(TestScene *scene)
{
  open_line(scene);
  scene->holder = open(scene->line, O_RDWR | O_NOCTTY | O_CLOEXEC);
  assert_true(scene->holder >= 0);
  assert_int_equal(flock(scene->holder, LOCK_EX | LOCK_NB), 0);
  choose_bad_line(scene);
}

static void enter_silent(TestScene *scene)
{
  open_line(scene);
  choose_bad_line(scene);
}

static gboolean is_refused(SyWindow *window)
{
  GtkWidget *panel = test_child(window, SY_TYPE_WINDOW, "image_panel");

  return gtk_widget_get_mapped(test_child(panel, SY_TYPE_IMAGE_PANEL, "findings"));
}

static void enter_wrong_file(TestScene *scene)
{
  g_autofree char *path = NULL;

  make_line(scene);
  path = g_build_filename(scene->folder, "notes.hex", NULL);
  assert_true(g_file_set_contents(path, "Dear diary\n", -1, NULL));
  test_open(scene->window, path);
  test_wait(scene->window, is_refused, "the file to be refused");
  g_remove(path);
  test_wait(scene->window, test_is_connected, "the substation to answer");
}

static void enter_ready(TestScene *scene)
{
  open_release(scene);
  test_wait(scene->window, test_can_upgrade, "the button to be ready");
}

/* Its figures have slid in; what comes after the writing would do as well. */
static gboolean is_shown_writing(SyWindow *window)
{
  const SyProgress *progress = sy_station_get_progress(sy_window_get_station(window));

  return progress->blocks_done >= 3 && sy_window_is_busy(window) &&
         gtk_widget_get_mapped(test_panel_child(window, "phase_label"));
}

/* On a long line until it is left: it is not over before it is seen, and nothing slides any more.
 */
static void enter_running(TestScene *scene)
{
  test_open(scene->window, test_file("SWITCHYARD_TEST_LARGE"));
  test_wait(scene->window, test_has_release, "the file to be read");
  test_wait(scene->window, test_can_upgrade, "the button to be ready");
  test_lengthen_line(sy_window_get_station(scene->window));
  test_press(scene->window, "upgrade_button");
  test_wait(scene->window, is_shown_writing, "blocks to be written");
}

static void upgrade(TestScene *scene)
{
  test_press(scene->window, "upgrade_button");
  test_wait(scene->window, test_is_end_shown, "the upgrade to end");
}

static void enter_failed(TestScene *scene)
{
  start_substation(scene, WORN_BLOCK);
  enter_ready(scene);
  upgrade(scene);
}

static void enter_returned(TestScene *scene)
{
  start_substation(scene, NULL);
  test_open_firmware(scene->window, "drill-self-test.hex");
  upgrade(scene);
}

static void enter_done(TestScene *scene)
{
  enter_ready(scene);
  upgrade(scene);
}

/* One that passed, one that failed, one that is not there, one that is still to be upgraded. */
static void enter_board(TestScene *scene)
{
  SyWindow *window = scene->window;

  enter_ready(scene);
  board_show(window);
  board_act(window, "win.board-practise", 3);
  sy_window_add_to_board(window, "/dev/ttyNone0");
  test_wait(window, board_is_all_told, "the substations to answer");
  sy_virtual_add_fault(sy_station_get_virtual(board_get_station(window, 1)), "worn-block", 130);
  for (guint n = 0; n < 2; n++)
    board_act(window, "win.board-start-row", n);
  test_wait(window, board_is_over, "the two to end");
  board_toggle(window, 1);
  board_toggle(window, 3);
}

const TestState test_states[] = {
    {.name = "empty", .enter = enter_empty, .pages = TRUE},
    {.name = "no-port", .enter = enter_no_port},
    {.name = "denied", .enter = enter_denied},
    {.name = "busy", .enter = enter_busy},
    {.name = "silent", .enter = enter_silent},
    {.name = "wrong-file", .enter = enter_wrong_file, .pages = TRUE},
    {.name = "ready", .enter = enter_ready, .pages = TRUE},
    {.name = "running", .enter = enter_running, .running = TRUE},
    {.name = "failed", .enter = enter_failed},
    {.name = "returned", .enter = enter_returned, .pages = TRUE},
    {.name = "done", .enter = enter_done, .pages = TRUE},
    {.name = "board", .enter = enter_board},
};

const guint test_state_count = G_N_ELEMENTS(test_states);

const TestState *test_state_find(const char *name)
{
  for (guint n = 0; n < test_state_count; n++)
    if (g_str_equal(test_states[n].name, name))
      return &test_states[n];
  return NULL;
}

void test_scene_enter(TestScene *scene, const TestState *state, int width, int height)
{
  *scene = (TestScene){.terminal = -1, .holder = -1};
  scene->window = test_window_new_sized(width, height);
  state->enter(scene);
  test_spin_ms(SLIDE_MS);
}

void test_scene_leave(TestScene *scene)
{
  SyStation *station = sy_window_get_station(scene->window);

  if (station && sy_station_get_virtual(station))
    sy_virtual_clear_faults(sy_station_get_virtual(station));
  test_wait(scene->window, test_is_idle, "what runs to end");
  test_window_close(scene->window);
  if (scene->substation)
    test_substation_stop(scene->substation, scene->line);
  g_clear_object(&scene->substation);
  if (scene->holder >= 0)
    close(scene->holder);
  if (scene->terminal >= 0)
    close(scene->terminal);
  if (scene->folder) {
    g_remove(scene->line);
    g_rmdir(scene->folder);
  }
  g_free(scene->folder);
  g_free(scene->line);
}

/* --- pages --- */

static void show_and_visit(SyWindow *window, const char *action, const char *name,
                           TestPageFunc visit, gpointer user_data)
{
  gtk_widget_activate_action(GTK_WIDGET(window), action, "s", name);
  test_spin_ms(SLIDE_MS);
  visit(window, name, user_data);
}

void test_visit_pages(TestScene *scene, const TestState *state, TestPageFunc visit,
                      gpointer user_data)
{
  SyWindow *window = scene->window;
  static const char *const views[] = {"summary", "bytes", "findings"};
  AdwViewStack *stack = ADW_VIEW_STACK(test_child(window, SY_TYPE_WINDOW, "pages"));
  g_autoptr(GtkSelectionModel) pages = adw_view_stack_get_pages(stack);
  guint count = g_list_model_get_n_items(G_LIST_MODEL(pages));

  if (!state->pages)
    visit(window, adw_view_stack_get_visible_child_name(stack), user_data);
  for (guint n = 0; state->pages && n < count; n++) {
    g_autoptr(AdwViewStackPage) page = g_list_model_get_item(G_LIST_MODEL(pages), n);
    const char *name = adw_view_stack_page_get_name(page);

    if (!adw_view_stack_page_get_visible(page))
      continue;
    if (g_str_equal(name, "image"))
      for (guint view = 0; view < G_N_ELEMENTS(views); view++)
        show_and_visit(window, "win.view", views[view], visit, user_data);
    else
      show_and_visit(window, "win.page", name, visit, user_data);
  }
}

/* --- a test for each --- */

void test_add_for_states(GArray *tests, void (*function)(void **state))
{
  for (guint n = 0; n < test_state_count; n++) {
    struct CMUnitTest test = {
        .name = test_states[n].name,
        .test_func = function,
        .initial_state = (gpointer)&test_states[n],
    };

    g_array_append_val(tests, test);
  }
}

int test_run(GArray *tests, const char *name)
{
  /* What cmocka_run_group_tests is for arrays whose length is known. */
  return _cmocka_run_group_tests(name, (struct CMUnitTest *)(void *)tests->data, tests->len, NULL,
                                 NULL);
}
