/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The board, with real virtual substations: one upgrade for all of them. */

#include "board-fixture.h"

#include "sy-board-details.h"
#include "temp-folder.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NARROW_WIDTH = 360, NARROW_HEIGHT = 700 };

static guint many = 6; /* the program's argument */

static gboolean is_first_over(SyWindow *window)
{
  return !sy_board_row_is_busy(board_get_row(window, 0));
}

static gboolean can_cancel_first(SyWindow *window)
{
  GtkWidget *button = board_line_child(window, 0, "act_button");

  return gtk_widget_is_sensitive(button) &&
         g_str_has_prefix(gtk_widget_get_tooltip_text(button), "Cancel");
}

static gboolean can_retry(SyWindow *window)
{
  return gtk_widget_get_mapped(board_child(window, "retry_button")) &&
         gtk_widget_is_sensitive(board_child(window, "retry_button"));
}

static void break_flash(SyWindow *window, guint n)
{
  sy_virtual_add_fault(sy_station_get_virtual(board_get_station(window, n)), "worn-block", 130);
}

static void three_at_once_pass(void **state)
{
  SyWindow *window = board_open("SWITCHYARD_TEST_RELEASE");

  board_add_virtuals(window, 3);
  board_assert_says(gtk_button_get_label(GTK_BUTTON(board_child(window, "upgrade_button"))), "3");
  assert_string_equal(board_line_text(window, 0, "bank_label"), "LOW");
  board_assert_says(board_line_text(window, 0, "text_label"), "HIGH will be upgraded to 1.1.0");
  test_picture(window, "board-ready");
  board_run(window);
  for (guint n = 0; n < 3; n++) {
    board_assert_state(window, n, SY_BOARD_PASSED);
    assert_string_equal(board_line_text(window, n, "bank_label"), "HIGH");
    assert_string_equal(board_line_text(window, n, "version_label"), "1.1.0");
    assert_true(gtk_widget_has_css_class(board_line_child(window, n, "state_icon"), "success"));
  }
  board_assert_says(board_text(window, "summary_label"), "3 of 3 upgraded");
  assert_false(gtk_widget_get_visible(board_child(window, "retry_button")));
  assert_false(gtk_widget_is_sensitive(board_child(window, "upgrade_button")));
  board_assert_says(board_text(window, "reason_label"), "All substations run this release.");
  test_picture(window, "board-passed");
  test_window_close(window);
}

static void one_that_fails_fails_alone_and_is_retried_alone(void **state)
{
  SyWindow *window = board_open("SWITCHYARD_TEST_RELEASE");
  GtkWidget *details;

  board_add_virtuals(window, 3);
  break_flash(window, 1);
  board_run(window);
  board_assert_state(window, 0, SY_BOARD_PASSED);
  board_assert_state(window, 1, SY_BOARD_FAILED);
  board_assert_state(window, 2, SY_BOARD_PASSED);
  assert_true(gtk_widget_has_css_class(board_line_child(window, 1, "state_icon"), "error"));
  board_toggle(window, 1);
  test_spin_ms(BOARD_FADE_MS);
  details = gtk_revealer_get_child(GTK_REVEALER(board_line_child(window, 1, "revealer")));
  board_assert_says(
      gtk_label_get_text(GTK_LABEL(test_child(details, SY_TYPE_BOARD_DETAILS, "text_label"))),
      "LOW 1.0.0");
  test_picture(window, "board-failed");
  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), ADW_COLOR_SCHEME_FORCE_DARK);
  test_spin_ms(BOARD_FADE_MS);
  test_picture(window, "board-failed-dark");
  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), ADW_COLOR_SCHEME_DEFAULT);
  sy_virtual_clear_faults(sy_station_get_virtual(board_get_station(window, 1)));
  test_wait(window, can_retry, "retrying to be offered");
  assert_string_equal(gtk_button_get_label(GTK_BUTTON(board_child(window, "retry_button"))),
                      "_Retry 1 Failure");
  assert_false(gtk_widget_get_visible(board_child(window, "upgrade_button"))); /* the same */
  board_press(window, "retry_button");
  test_wait(window, board_is_shown_over, "the retry to end");
  board_assert_state(window, 1, SY_BOARD_PASSED);
  assert_int_equal(sy_board_row_get_attempts(board_get_row(window, 0)), 1);
  assert_int_equal(sy_board_row_get_attempts(board_get_row(window, 1)), 2);
  assert_int_equal(sy_board_row_get_attempts(board_get_row(window, 2)), 1);
  test_window_close(window);
}

static void one_is_cancelled_and_the_others_go_on(void **state)
{
  SyWindow *window = board_open("SWITCHYARD_TEST_LARGE");

  board_add_virtuals(window, 2);
  board_start_writing(window);
  test_wait(window, can_cancel_first, "cancelling to be offered");
  g_signal_emit_by_name(board_line_child(window, 0, "act_button"), "clicked");
  board_shorten_lines(window);
  test_wait(window, is_first_over, "the first to end");
  test_wait(window, board_is_shown_over, "the other to end");
  board_assert_state(window, 0, SY_BOARD_CANCELLED);
  assert_string_equal(board_line_text(window, 0, "bank_label"), "LOW");
  board_assert_state(window, 1, SY_BOARD_PASSED);
  test_window_close(window);
}

static void closing_asks_and_cancels_all(void **state)
{
  SyWindow *window = board_open("SWITCHYARD_TEST_LARGE");

  board_add_virtuals(window, 2);
  board_start_writing(window);
  gtk_window_close(GTK_WINDOW(window));
  assert_non_null(test_find_dialog());
  assert_string_equal(adw_message_dialog_get_heading(test_find_dialog()), "Upgrades Are Running");
  test_answer("stay");
  assert_true(sy_board_is_running(sy_window_get_board(window)));
  gtk_window_close(GTK_WINDOW(window));
  test_answer("close");
  board_shorten_lines(window);
  test_wait(window, board_is_over, "all to end");
  assert_int_equal(sy_board_row_get_state(board_get_row(window, 0)), SY_BOARD_CANCELLED);
  assert_int_equal(sy_board_row_get_state(board_get_row(window, 1)), SY_BOARD_CANCELLED);
  assert_false(gtk_widget_get_mapped(GTK_WIDGET(window)));
  test_window_close(window);
}

static void what_is_lost_is_asked_once_for_all(void **state)
{
  SyWindow *window = board_open("SWITCHYARD_TEST_RELEASE");
  const char *body;

  board_add_virtuals(window, 2);
  board_run(window);
  board_act(window, "win.board-practise", 1);
  /* Those that passed are left in peace until another release is open. */
  test_wait(window, board_is_all_known, "the third to answer");
  board_open_another(window, "SWITCHYARD_TEST_LARGE");
  test_wait(window, board_is_ready, "three to be ready");
  board_run(window);
  board_open_another(window, "SWITCHYARD_TEST_RELEASE");
  board_act(window, "win.board-practise", 1);
  test_wait(window, board_is_ready, "four to be ready");
  board_press(window, "upgrade_button");
  assert_non_null(test_find_dialog());
  body = adw_message_dialog_get_body(test_find_dialog());
  board_assert_says(body, "3 run a newer version and are downgraded.");
  assert_true(board_is_over(window));
  test_answer("some");
  test_wait(window, board_is_shown_over, "the one to end");
  assert_int_equal(sy_board_row_get_attempts(board_get_row(window, 0)), 2);
  assert_int_equal(sy_board_row_get_attempts(board_get_row(window, 3)), 1);
  board_assert_state(window, 3, SY_BOARD_PASSED);
  test_window_close(window);
}

static gboolean is_busy_in_words(SyWindow *window)
{
  return g_str_equal(board_line_text(window, 0, "state_label"), "Busy");
}

static gboolean says_running(SyWindow *window)
{
  return strstr(test_label(window, "reason_label"), "An upgrade is running") != NULL;
}

static void a_port_in_window_and_board_is_one_substation(void **state)
{
  g_autofree char *folder = temp_folder_new();
  g_autofree char *pty = g_build_filename(folder, "ttyUSB0", NULL);
  g_autofree char *port = g_strconcat("pty:", pty, NULL);
  /* As a line that takes its time, so that what is said meanwhile is seen. */
  GSubprocess *substation = test_substation_start_faulty(pty, "latency=60");
  SyWindow *window = board_open("SWITCHYARD_TEST_RELEASE");

  sy_window_set_port(window, port);
  test_wait(window, test_is_connected, "the substation to answer");
  sy_window_add_to_board(window, port);
  sy_window_add_to_board(window, port);
  assert_int_equal(board_count_rows(window), 1);
  assert_ptr_equal(board_get_station(window, 0), sy_window_get_station(window));
  test_wait(window, board_is_ready, "it to be ready");
  board_press(window, "upgrade_button");
  test_wait(window, says_running, "the window to say what goes on");
  test_wait(window, board_is_shown_over, "it to end");
  board_assert_state(window, 0, SY_BOARD_PASSED);
  /* And the other way round; it is taken from the board, too. */
  sy_window_set_port(window, "virtual");
  assert_ptr_not_equal(board_get_station(window, 0), sy_window_get_station(window));
  sy_window_set_port(window, port);
  assert_ptr_equal(board_get_station(window, 0), sy_window_get_station(window));
  test_open(window, test_file("SWITCHYARD_TEST_LARGE"));
  gtk_widget_activate_action(GTK_WIDGET(window), "win.page", "s", "log");
  test_wait(window, test_can_upgrade, "the button to be ready");
  test_press(window, "upgrade_button");
  board_show(window);
  test_wait(window, is_busy_in_words, "the board to say what goes on");
  assert_false(gtk_widget_is_sensitive(board_child(window, "upgrade_button")));
  test_wait(window, test_is_idle, "the upgrade to end");
  test_window_close(window);
  test_substation_stop(substation, pty);
  g_object_unref(substation);
  temp_folder_remove(g_steal_pointer(&folder));
}

static void on_asked(GObject *source, GAsyncResult *result, gpointer asked)
{
  g_autoptr(GError) error = NULL;

  if (!sy_station_identify_finish(SY_STATION(source), result, &error))
    print_message("# %s\n", error->message);
  *(gboolean *)asked = TRUE;
}

/* The window asks its substation every two seconds, whatever the board does with it. */
static void an_upgrade_waits_while_another_asks_who_is_there(void **state)
{
  SyWindow *window = board_open("SWITCHYARD_TEST_RELEASE");
  gboolean asked = FALSE;

  board_add_virtuals(window, 1);
  gtk_widget_activate_action(GTK_WIDGET(window), "win.page", "s", "log"); /* which asks nobody */
  test_spin_ms(BOARD_FADE_MS);
  sy_station_identify_async(board_get_station(window, 0), TRUE, NULL, on_asked, &asked);
  board_act(window, "win.board-start-row", 0);
  assert_false(asked);
  test_wait(window, board_is_over, "it to end");
  assert_true(asked);
  assert_int_equal(sy_board_row_get_state(board_get_row(window, 0)), SY_BOARD_PASSED);
  test_window_close(window);
}

/* More than the window has room for. */
static void many_at_once_pass(void **state)
{
  SyWindow *window = board_open("SWITCHYARD_TEST_LARGE");
  SyBoardCounts counts;

  board_add_virtuals(window, many);
  board_start_writing(window);
  test_spin_ms(BOARD_FADE_MS / 2);
  test_picture(window, "board-many");
  board_shorten_lines(window);
  test_wait(window, board_is_shown_over, "all to end");
  counts = sy_board_get_counts(sy_window_get_board(window));
  assert_int_equal(counts.states[SY_BOARD_PASSED], many);
  test_picture(window, "board-many-passed");
  test_window_close(window);
}

static void it_fits_into_a_narrow_window(void **state)
{
  SyWindow *window = board_open_sized("SWITCHYARD_TEST_LARGE", NARROW_WIDTH, NARROW_HEIGHT);

  board_add_virtuals(window, 3);
  test_picture(window, "board-narrow-ready");
  board_start_writing(window);
  test_spin_ms(BOARD_FADE_MS / 2);
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= NARROW_WIDTH);
  test_picture(window, "board-narrow-running");
  board_shorten_lines(window);
  test_wait(window, board_is_shown_over, "all to end");
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= NARROW_WIDTH);
  test_picture(window, "board-narrow-passed");
  test_window_close(window);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(three_at_once_pass),
      cmocka_unit_test(one_that_fails_fails_alone_and_is_retried_alone),
      cmocka_unit_test(one_is_cancelled_and_the_others_go_on),
      cmocka_unit_test(closing_asks_and_cancels_all),
      cmocka_unit_test(what_is_lost_is_asked_once_for_all),
      cmocka_unit_test(a_port_in_window_and_board_is_one_substation),
      cmocka_unit_test(an_upgrade_waits_while_another_asks_who_is_there),
      cmocka_unit_test(many_at_once_pass),
      cmocka_unit_test(it_fits_into_a_narrow_window),
  };
  int failed;

  if (argc > 1)
    many = (guint)atoi(argv[1]);
  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests_name("board", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
