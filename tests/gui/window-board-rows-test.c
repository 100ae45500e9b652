/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who is on the board, and what is said of them. */

#include "board-fixture.h"

#include "sy-board-adder.h"
#include "sy-network-ports.h"
#include "sy-board-line.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { TOAST_COMES_MS = 500 };

static void the_page_is_made_when_somebody_looks(void **state)
{
  SyWindow *window = test_window_new_sized(BOARD_WIDTH, BOARD_HEIGHT);

  assert_null(board_get_page(window));
  board_show(window);
  assert_non_null(board_get_page(window));
  test_spin_ms(BOARD_FADE_MS);
  assert_false(gtk_widget_get_mapped(test_child(window, SY_TYPE_WINDOW, "progress_panel")));
  test_picture(window, "board-empty");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.page", "s", "image");
  assert_true(gtk_widget_get_mapped(test_child(window, SY_TYPE_WINDOW, "progress_panel")));
  test_window_close(window);
}

static void a_row_is_shown_in_the_window(void **state)
{
  SyWindow *window = board_open("SWITCHYARD_TEST_RELEASE");

  board_add_virtuals(window, 2);
  assert_ptr_not_equal(board_get_station(window, 1), sy_window_get_station(window));
  board_act(window, "win.board-show-row", 1);
  assert_ptr_equal(board_get_station(window, 1), sy_window_get_station(window));
  board_act(window, "win.board-show-row", 0);
  assert_ptr_equal(board_get_station(window, 0), sy_window_get_station(window));
  test_wait(window, test_is_connected, "the substation to answer");
  test_window_close(window);
}

/* The toast's button; toasts have no public children. */
static GtkWidget *find_button(GtkWidget *widget, const char *label)
{
  if (GTK_IS_BUTTON(widget) && gtk_widget_get_mapped(widget) &&
      g_strcmp0(gtk_button_get_label(GTK_BUTTON(widget)), label) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
       child = gtk_widget_get_next_sibling(child)) {
    GtkWidget *found = find_button(child, label);

    if (found)
      return found;
  }
  return NULL;
}

static gboolean can_undo(SyWindow *window)
{
  return find_button(GTK_WIDGET(window), "Undo") != NULL;
}

static gboolean cannot_undo(SyWindow *window)
{
  return !can_undo(window);
}

static void press_undo(SyWindow *window)
{
  test_wait(window, can_undo, "undoing to be offered");
  test_spin_ms(
      TOAST_COMES_MS); /* libadwaita 1.2 does not bear a toast that goes before it has come */
  g_signal_emit_by_name(find_button(GTK_WIDGET(window), "Undo"), "clicked");
  test_wait(window, cannot_undo, "the toast to go");
}

static void what_is_removed_can_be_had_back(void **state)
{
  SyWindow *window = board_open("SWITCHYARD_TEST_RELEASE");
  SyBoardRow *middle;

  board_add_virtuals(window, 3);
  board_run(window);
  middle = board_get_row(window, 1);
  gtk_widget_grab_focus(sy_board_page_get_line(board_get_page(window), 1));
  board_act(window, "win.board-remove-row", 1);
  assert_int_equal(board_count_rows(window), 2);
  assert_true(gtk_widget_is_focus(sy_board_page_get_line(board_get_page(window), 1)));
  press_undo(window);
  assert_int_equal(board_count_rows(window), 3);
  assert_ptr_equal(board_get_row(window, 1), middle);
  assert_int_equal(sy_board_row_get_state(middle), SY_BOARD_PASSED);
  gtk_widget_activate_action(GTK_WIDGET(window), "win.board-remove-all", NULL);
  assert_int_equal(board_count_rows(window), 0);
  press_undo(window);
  assert_int_equal(board_count_rows(window), 3);
  assert_ptr_equal(board_get_row(window, 1), middle);
  board_act(window, "win.board-remove-row", 1);
  test_picture(window, "board-removed");
  test_window_close(window);
}

static void on_text(GObject *source, GAsyncResult *result, gpointer text)
{
  *(char **)text = gdk_clipboard_read_text_finish(GDK_CLIPBOARD(source), result, NULL);
}

static char *copied;

static gboolean is_copied(SyWindow *window)
{
  return copied != NULL;
}

static char *read_clipboard(SyWindow *window)
{
  copied = NULL;
  gdk_clipboard_read_text_async(gtk_widget_get_clipboard(GTK_WIDGET(window)), NULL, on_text,
                                &copied);
  test_wait(window, is_copied, "the clipboard to be read");
  return copied;
}

static void the_results_are_copied(void **state)
{
  SyWindow *window = board_open("SWITCHYARD_TEST_RELEASE");
  g_autofree char *text = NULL;
  g_autofree char *csv = NULL;
  g_auto(GStrv) lines = NULL;

  board_add_virtuals(window, 2);
  board_run(window);
  gtk_widget_activate_action(GTK_WIDGET(window), "win.copy-result", NULL);
  text = read_clipboard(window);
  board_assert_says(text, "File: release.hex");
  board_assert_says(text, "Result: 2 of 2 upgraded");
  board_assert_says(text, "Virtual substation 2\n  Passed: The substation runs HIGH 1.1.0.");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.board-copy", "s", "csv");
  csv = read_clipboard(window);
  lines = g_strsplit(csv, "\n", -1);
  assert_int_equal(g_strv_length(lines), 4); /* names, two, and behind the last line end */
  board_assert_says(lines[1], "\"Virtual substation 1\",\"virtual\",\"passed\",\"HIGH 1.1.0\"");
  test_window_close(window);
}

static GtkWidget *find_adder(void)
{
  return test_find_window(SY_TYPE_BOARD_ADDER);
}

static GtkWidget *get_adder_child(const char *name)
{
  return test_child(find_adder(), SY_TYPE_BOARD_ADDER, name);
}

static void substations_are_chosen_in_a_dialog(void **state)
{
  SyWindow *window = board_open("SWITCHYARD_TEST_RELEASE");

  gtk_widget_activate_action(GTK_WIDGET(window), "win.board-add", NULL);
  assert_false(gtk_widget_is_sensitive(get_adder_child("add_button")));
  gtk_spin_button_set_value(GTK_SPIN_BUTTON(get_adder_child("virtuals_button")), 2);
  gtk_editable_set_text(GTK_EDITABLE(get_adder_child("names_row")),
                        "/dev/ttyNone0,  /dev/ttyNone1");
  assert_string_equal(gtk_button_get_label(GTK_BUTTON(get_adder_child("add_button"))), "_Add 4");
  test_spin_ms(BOARD_FADE_MS);
  test_picture_of(find_adder(), "board-adder");
  g_signal_emit_by_name(get_adder_child("add_button"), "clicked");
  assert_null(find_adder());
  assert_int_equal(board_count_rows(window), 4);
  assert_string_equal(sy_station_get_port(board_get_station(window, 1)), "/dev/ttyNone1");
  assert_non_null(sy_station_get_virtual(board_get_station(window, 3)));
  test_window_close(window);
}

static GtkWidget *get_network_check(int position)
{
  GtkListBox *list = GTK_LIST_BOX(get_adder_child("network_list"));
  GtkListBoxRow *row = gtk_list_box_get_row_at_index(list, position);

  assert_non_null(row);
  return adw_action_row_get_activatable_widget(ADW_ACTION_ROW(row));
}

static int count_ports(const char *list)
{
  int count = 0;

  while (gtk_list_box_get_row_at_index(GTK_LIST_BOX(get_adder_child(list)), count))
    count++;
  return count;
}

static void network_ports_that_were_used_before_are_chosen_there_too(void **state)
{
  SyWindow *window = board_open("SWITCHYARD_TEST_RELEASE");
  int adapters;

  gtk_widget_activate_action(GTK_WIDGET(window), "win.board-add", NULL);
  assert_false(gtk_widget_get_visible(get_adder_child("network_group")));
  adapters = count_ports("ports_list");
  gtk_window_close(GTK_WINDOW(find_adder()));

  sy_network_ports_remember("socket://127.0.0.1:9");
  sy_network_ports_remember("rfc2217://127.0.0.1:9");
  sy_window_add_to_board(window, "socket://127.0.0.1:9");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.board-add", NULL);
  assert_true(gtk_widget_get_visible(get_adder_child("network_group")));
  assert_int_equal(count_ports("network_list"), 2);
  assert_int_equal(count_ports("ports_list"), adapters);
  assert_true(gtk_widget_is_sensitive(get_network_check(0)));
  assert_false(gtk_widget_is_sensitive(get_network_check(1))); /* is on the board */
  gtk_check_button_set_active(GTK_CHECK_BUTTON(get_network_check(0)), TRUE);
  assert_string_equal(gtk_button_get_label(GTK_BUTTON(get_adder_child("add_button"))), "_Add 1");
  test_spin_ms(BOARD_FADE_MS);
  test_picture_of(find_adder(), "board-adder-network");
  g_signal_emit_by_name(get_adder_child("add_button"), "clicked");
  assert_int_equal(board_count_rows(window), 2);
  assert_string_equal(sy_station_get_port(board_get_station(window, 1)), "rfc2217://127.0.0.1:9");
  sy_network_ports_forget("socket://127.0.0.1:9");
  sy_network_ports_forget("rfc2217://127.0.0.1:9");
  test_window_close(window);
}

static void without_a_release_the_button_says_why(void **state)
{
  SyWindow *window = test_window_new_sized(BOARD_WIDTH, BOARD_HEIGHT);

  board_show(window);
  board_act(window, "win.board-practise", 1);
  test_wait(window, board_is_all_known, "it to answer");
  assert_false(gtk_widget_is_sensitive(board_child(window, "upgrade_button")));
  board_assert_says(board_text(window, "reason_label"), "Open a release file first.");
  test_window_close(window);
}

static gboolean is_not_reached(SyWindow *window)
{
  const SyBoardPlan *plan = sy_board_page_get_plan(board_get_page(window));

  return g_str_equal(board_line_text(window, 0, "state_label"), "Not reached") &&
         plan->ready->len == 1;
}

static void a_port_that_is_not_there_says_what_to_do(void **state)
{
  SyWindow *window = board_open("SWITCHYARD_TEST_RELEASE");
  SyBoardPage *page = board_get_page(window);

  sy_window_add_to_board(window, "/dev/ttyNone0");
  board_act(window, "win.board-practise", 1);
  sy_board_line_toggle(SY_BOARD_LINE(sy_board_page_get_line(SY_BOARD_PAGE(page), 0)));
  test_wait(window, is_not_reached, "the port to fail");
  test_spin_ms(BOARD_FADE_MS);
  test_picture(window, "board-trouble");
  assert_true(test_has_class(GTK_WIDGET(page), "trouble"));
  board_assert_says(gtk_button_get_label(GTK_BUTTON(board_child(window, "upgrade_button"))),
                    "Upgrade 1 Substation");
  test_window_close(window);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_page_is_made_when_somebody_looks),
      cmocka_unit_test(a_row_is_shown_in_the_window),
      cmocka_unit_test(what_is_removed_can_be_had_back),
      cmocka_unit_test(the_results_are_copied),
      cmocka_unit_test(substations_are_chosen_in_a_dialog),
      cmocka_unit_test(network_ports_that_were_used_before_are_chosen_there_too),
      cmocka_unit_test(without_a_release_the_button_says_why),
      cmocka_unit_test(a_port_that_is_not_there_says_what_to_do),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests_name("rows of the board", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
