/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the tests of the board share. */

#include "board-fixture.h"

#include "sy-board-line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* --- the page --- */

SyBoardPage *board_get_page(SyWindow *window)
{
  return (SyBoardPage *)adw_bin_get_child(ADW_BIN(test_child(window, SY_TYPE_WINDOW, "board_bin")));
}

GtkWidget *board_child(SyWindow *window, const char *name)
{
  return test_child(board_get_page(window), SY_TYPE_BOARD_PAGE, name);
}

GtkWidget *board_line_child(SyWindow *window, guint n, const char *name)
{
  return test_child(sy_board_page_get_line(board_get_page(window), n), SY_TYPE_BOARD_LINE, name);
}

const char *board_text(SyWindow *window, const char *label)
{
  return gtk_label_get_text(GTK_LABEL(board_child(window, label)));
}

const char *board_line_text(SyWindow *window, guint n, const char *label)
{
  return gtk_label_get_text(GTK_LABEL(board_line_child(window, n, label)));
}

SyBoardRow *board_get_row(SyWindow *window, guint n)
{
  return sy_board_get_row(sy_window_get_board(window), n);
}

SyStation *board_get_station(SyWindow *window, guint n)
{
  return sy_board_row_get_station(board_get_row(window, n));
}

guint board_count_rows(SyWindow *window)
{
  return g_list_model_get_n_items(G_LIST_MODEL(sy_window_get_board(window)));
}

void board_press(SyWindow *window, const char *button)
{
  GtkWidget *widget = board_child(window, button);

  assert_true(gtk_widget_is_sensitive(widget));
  assert_true(gtk_widget_get_mapped(widget));
  g_signal_emit_by_name(widget, "clicked");
}

void board_toggle(SyWindow *window, guint n)
{
  sy_board_line_toggle(SY_BOARD_LINE(sy_board_page_get_line(board_get_page(window), n)));
}

void board_act(SyWindow *window, const char *action, guint n)
{
  assert_true(gtk_widget_activate_action(GTK_WIDGET(window), action, "u", n));
}

void board_show(SyWindow *window)
{
  gtk_widget_activate_action(GTK_WIDGET(window), "win.page", "s", "board");
}

/* --- waiting --- */

gboolean board_is_all_known(SyWindow *window)
{
  for (guint n = 0; n < board_count_rows(window); n++)
    if (sy_station_get_state(board_get_station(window, n)) != SY_STATION_CONNECTED)
      return FALSE;
  return board_count_rows(window) > 0;
}

gboolean board_is_all_told(SyWindow *window)
{
  for (guint n = 0; n < board_count_rows(window); n++) {
    SyStationState state = sy_station_get_state(board_get_station(window, n));

    if (state != SY_STATION_CONNECTED && state != SY_STATION_UNREACHABLE)
      return FALSE;
  }
  return board_count_rows(window) > 0;
}

gboolean board_is_ready(SyWindow *window)
{
  const SyBoardPlan *plan = sy_board_page_get_plan(board_get_page(window));

  return board_is_all_known(window) && plan->ready->len == board_count_rows(window) &&
         gtk_widget_is_sensitive(board_child(window, "upgrade_button"));
}

gboolean board_is_over(SyWindow *window)
{
  return !sy_board_is_running(sy_window_get_board(window));
}

gboolean board_is_shown_over(SyWindow *window)
{
  return board_is_over(window) && !gtk_widget_get_visible(board_child(window, "cancel_button"));
}

static gboolean is_all_writing(SyWindow *window)
{
  for (guint n = 0; n < board_count_rows(window); n++) {
    const SyProgress *progress = sy_station_get_progress(board_get_station(window, n));

    if (sy_board_row_get_state(board_get_row(window, n)) != SY_BOARD_RUNNING ||
        progress->phase != SY_PHASE_WRITE || progress->blocks_done < 2)
      return FALSE;
  }
  return TRUE;
}

/* --- beginning --- */

SyWindow *board_open_sized(const char *variable, int width, int height)
{
  SyWindow *window = test_window_new_sized(width, height);

  board_open_another(window, variable);
  assert_true(gtk_widget_get_mapped(GTK_WIDGET(board_get_page(window))));
  return window;
}

SyWindow *board_open(const char *variable)
{
  return board_open_sized(variable, BOARD_WIDTH, BOARD_HEIGHT);
}

/* What was opened is shown first. */
void board_open_another(SyWindow *window, const char *variable)
{
  test_open(window, test_file(variable));
  test_wait(window, test_has_release, "the file to be read");
  board_show(window);
}

void board_add_virtuals(SyWindow *window, guint count)
{
  board_act(window, "win.board-practise", count);
  test_wait(window, board_is_ready, "the substations to be ready");
}

void board_run(SyWindow *window)
{
  board_press(window, "upgrade_button");
  assert_false(board_is_over(window));
  test_wait(window, board_is_shown_over, "all to end");
}

void board_start_writing(SyWindow *window)
{
  for (guint n = 0; n < board_count_rows(window); n++)
    test_lengthen_line(board_get_station(window, n));
  board_press(window, "upgrade_button");
  test_wait(window, is_all_writing, "blocks to be written");
}

void board_shorten_lines(SyWindow *window)
{
  for (guint n = 0; n < board_count_rows(window); n++) {
    SyVirtual *substation = sy_station_get_virtual(board_get_station(window, n));

    if (substation)
      sy_virtual_clear_faults(substation);
  }
}

/* --- judging --- */

void board_assert_says(const char *text, const char *part)
{
  if (!text || !strstr(text, part))
    fail_msg("“%s” does not say “%s”", text ? text : "(nothing)", part);
}

void board_assert_state(SyWindow *window, guint n, SyBoardState state)
{
  SyBoardRow *row = board_get_row(window, n);

  print_message("# %s: %s %s\n", sy_board_row_get_title(row),
                sy_board_state_get_label(sy_board_row_get_state(row)),
                sy_board_row_get_sentence(row));
  assert_int_equal(sy_board_row_get_state(row), state);
  assert_string_equal(board_line_text(window, n, "state_label"), sy_board_state_get_label(state));
}
