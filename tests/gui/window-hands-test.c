/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window in a person's hands: what Tab reaches, what can be copied, what stays in its place,
 * and what is said when a file is half damaged or a substation comes back. */

#include "window-fixture.h"

#include "sy-image-panel.h"
#include "sy-link.h"
#include "sy-log-view.h"
#include "sy-progress-panel.h"
#include "sy-station-panel.h"

#include <glib/gstdio.h>

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { STOPS_MAX = 100, LOG_LINES = 150, NARROW_WIDTH = 360, NARROW_HEIGHT = 640 };

static GtkWidget *get_log_view(SyWindow *window)
{
  return test_child(window, SY_TYPE_WINDOW, "log_view");
}

/* --- Tab --- */

static GtkWidget *tab(SyWindow *window, GtkDirectionType direction)
{
  g_signal_emit_by_name(window, "move-focus", direction);
  return gtk_window_get_focus(GTK_WINDOW(window));
}

/* Tab from the Upgrade button on until it has the focus again. */
static void walk_round(SyWindow *window, GtkDirectionType direction, const char *where)
{
  GtkWidget *button = test_panel_child(window, "upgrade_button");
  GtkWidget *before = button;
  int stops = 0;

  gtk_widget_grab_focus(button);
  do {
    GtkWidget *focus = tab(window, direction);

    if (!focus || focus == before)
      fail_msg("%s: Tab is stuck at %s, stop %d", where, G_OBJECT_TYPE_NAME(before), stops);
    before = focus;
    stops++;
  } while (before != button && stops < STOPS_MAX);
  print_message("# %s: %d stops\n", where, stops);
  assert_true(stops > 3);
  assert_true(stops < STOPS_MAX);
}

static void fill_log(SyWindow *window)
{
  for (int n = 0; n < LOG_LINES; n++) {
    g_autofree char *text = g_strdup_printf("Line %d", n);

    sy_station_log(sy_window_get_station(window), SY_LOG_INFO, text);
  }
}

static void show_page(SyWindow *window, const char *page)
{
  gtk_widget_activate_action(GTK_WIDGET(window), "win.page", "s", page);
  test_spin_ms(300);
}

static void tab_goes_round_the_whole_window(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");

  test_wait(window, test_can_upgrade, "the button to be ready");
  walk_round(window, GTK_DIR_TAB_FORWARD, "image page");
  walk_round(window, GTK_DIR_TAB_BACKWARD, "image page, backwards");
  fill_log(window);
  show_page(window, "log");
  walk_round(window, GTK_DIR_TAB_FORWARD, "log page");
  walk_round(window, GTK_DIR_TAB_BACKWARD, "log page, backwards");
  assert_true(sy_log_view_is_following(SY_LOG_VIEW(get_log_view(window))));
  test_window_close(window);
}

static void tab_goes_round_the_narrow_window(void **state)
{
  static const char *const pages[] = {"substation", "image", "log"};
  SyWindow *window = test_window_new_sized(NARROW_WIDTH, NARROW_HEIGHT);

  test_open(window, test_file("SWITCHYARD_TEST_RELEASE"));
  test_wait(window, test_has_release, "the file to be read");
  test_wait(window, test_can_upgrade, "the button to be ready");
  test_spin_ms(600);
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= NARROW_WIDTH);
  fill_log(window);
  for (guint n = 0; n < G_N_ELEMENTS(pages); n++) {
    g_autofree char *picture = g_strconcat("window-narrow-", pages[n], NULL);

    show_page(window, pages[n]);
    walk_round(window, GTK_DIR_TAB_FORWARD, pages[n]);
    test_picture(window, picture);
  }
  test_window_close(window);
}

/* --- the log --- */

static char *dup_clipboard(SyWindow *window)
{
  GdkClipboard *clipboard = gtk_widget_get_clipboard(GTK_WIDGET(window));
  GdkContentProvider *content = gdk_clipboard_get_content(clipboard);
  g_auto(GValue) value = G_VALUE_INIT;

  assert_non_null(content);
  g_value_init(&value, G_TYPE_STRING);
  assert_true(gdk_content_provider_get_value(content, &value, NULL));
  return g_value_dup_string(&value);
}

static guint count_lines(const char *text)
{
  guint lines = 0;

  for (; *text; text++)
    lines += *text == '\n';
  return lines;
}

static void the_log_can_be_copied(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  GtkWidget *view = get_log_view(window);
  GtkListView *list = GTK_LIST_VIEW(test_child(view, SY_TYPE_LOG_VIEW, "list"));
  GtkSelectionModel *selection;
  guint count;
  g_autofree char *all = NULL;
  g_autofree char *one = NULL;

  show_page(window, "log");
  sy_station_log(sy_window_get_station(window), SY_LOG_WARNING, "Something odd");
  selection = gtk_list_view_get_model(list);
  count = g_list_model_get_n_items(G_LIST_MODEL(selection));
  assert_true(gtk_widget_activate_action(view, "log.copy", NULL));
  all = dup_clipboard(window);
  assert_int_equal(count_lines(all), count);
  assert_non_null(strstr(all, "Port virtual is chosen\n"));
  gtk_selection_model_select_item(selection, count - 1, TRUE);
  assert_true(gtk_widget_activate_action(view, "log.copy", NULL));
  one = dup_clipboard(window);
  assert_int_equal(count_lines(one), 1);
  assert_true(g_regex_match_simple("^\\d\\d:\\d\\d:\\d\\d\\.\\d\\d\\d Warning Something odd\n$",
                                   one, 0, 0));
  test_spin_ms(300);
  test_picture(window, "window-log");
  test_window_close(window);
}

static void another_port_begins_a_log_that_names_both(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  g_autofree char *text = NULL;

  sy_window_set_port(window, "/dev/ttyNone0");
  text = sy_log_view_dup_text(SY_LOG_VIEW(get_log_view(window)));
  assert_non_null(
      strstr(text, "Port /dev/ttyNone0 is chosen; the log of virtual is no longer shown"));
  test_window_close(window);
}

/* --- what stays in its place --- */

static double get_map_y(SyWindow *window)
{
  GtkWidget *map = GTK_WIDGET(test_flash_map(window));
  double y = -1;

  gtk_widget_translate_coordinates(map, GTK_WIDGET(window), 0, 0, NULL, &y);
  return y;
}

static void the_flash_map_stays_where_it_is(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_LARGE");
  double before;

  test_wait(window, test_can_upgrade, "the button to be ready");
  test_spin_ms(300);
  before = get_map_y(window);
  test_start_writing(window);
  test_spin_ms(300);
  assert_true(get_map_y(window) == before);
  test_wait(window, test_is_end_shown, "the upgrade to end");
  test_spin_ms(300);
  assert_true(get_map_y(window) == before);
  assert_string_equal(test_label(window, "upgrade_button"), "_Reinstall 1.3.0 in LOW");
  test_window_close(window);
}

static void another_file_is_shown_from_its_top(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  GtkWidget *panel = test_child(window, SY_TYPE_WINDOW, "image_panel");
  GtkWidget *scroller = test_child(panel, SY_TYPE_IMAGE_PANEL, "scroller");
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment(GTK_SCROLLED_WINDOW(scroller));

  /* A window begins with the page that the last one was left on. */
  gtk_widget_activate_action(GTK_WIDGET(window), "win.page", "s", "image");
  test_spin_ms(300);
  gtk_adjustment_set_value(adjustment, 200);
  test_spin_ms(100);
  assert_true(gtk_adjustment_get_value(adjustment) > 0);
  test_open(window, test_file("SWITCHYARD_TEST_RELEASE"));
  test_wait(window, test_has_release, "the file to be read again");
  test_spin_ms(300);
  assert_true(gtk_adjustment_get_value(adjustment) == 0);
  test_window_close(window);
}

/* --- what is said --- */

/* One byte of one line is turned over, and the line's own checksum is made to fit. */
static void damage_line(char *line)
{
  guint sum = 0;

  line[9] = line[9] == '0' ? 'F' : '0';
  for (guint n = 1; n < strlen(line) - 2; n += 2)
    sum += (guint)(g_ascii_xdigit_value(line[n]) * 16 + g_ascii_xdigit_value(line[n + 1]));
  g_snprintf(line + strlen(line) - 2, 3, "%02X", -sum & 0xFFu);
}

static char *write_half_damaged(const char *folder)
{
  char *path = g_build_filename(folder, "half.hex", NULL);
  g_autofree char *whole = NULL;
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;
  gboolean done = FALSE;

  assert_true(g_file_get_contents(test_file("SWITCHYARD_TEST_RELEASE"), &whole, NULL, NULL));
  lines = g_strsplit(g_strdelimit(whole, "\r", ' '), "\n", -1);
  for (char **line = lines; *line; line++) {
    g_strchomp(*line);
    /* In LOW; further down the same line stands for an address 64 KB higher. */
    if (!done && g_str_has_prefix(*line, ":10230000")) {
      damage_line(*line);
      done = TRUE;
    }
  }
  assert_true(done);
  text = g_strjoinv("\n", lines);
  assert_true(g_file_set_contents(path, text, -1, NULL));
  return path;
}

static void a_damaged_other_half_is_a_warning(void **state)
{
  SyWindow *window = test_window_new();
  g_autofree char *checks = NULL;
  g_autofree char *folder = g_dir_make_tmp("switchyard-test-XXXXXX", NULL);
  g_autofree char *path = write_half_damaged(folder);

  test_open(window, path);
  test_wait(window, test_has_release, "the file to be read");
  test_wait(window, test_can_upgrade, "the button to be ready");
  checks = test_dup_checks(window);
  assert_non_null(strstr(checks, "Warning: Other half: The program for LOW can’t be used: "));
  test_spin_ms(300);
  test_picture(window, "window-half-damaged");
  test_window_close(window);
  g_remove(path);
  g_rmdir(folder);
}

static void an_upgrade_that_did_not_begin_says_why(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  GtkWidget *panel = test_child(window, SY_TYPE_WINDOW, "progress_panel");
  g_autoptr(GError) busy =
      g_error_new_literal(SY_LINK_ERROR, SY_LINK_ERROR_BUSY, "Another program holds the port.");

  sy_progress_panel_start(SY_PROGRESS_PANEL(panel), SY_JOB_UPGRADE);
  sy_progress_panel_abandon(SY_PROGRESS_PANEL(panel), busy);
  assert_string_equal(test_label(window, "result_label"), "Another program holds the port.");
  test_window_close(window);
}

/* --- a substation that goes and comes back --- */

static gboolean is_heard_again(SyWindow *window)
{
  return strstr(test_label(window, "result_label"), "Heard again") != NULL;
}

static void heard_again_the_end_is_put_right(void **state)
{
  SyWindow *window = test_window_new();
  g_autofree char *folder = g_dir_make_tmp("switchyard-test-XXXXXX", NULL);
  g_autofree char *pty = g_build_filename(folder, "line", NULL);
  g_autofree char *port = g_strconcat("pty:", pty, NULL);
  g_autoptr(GSubprocess) first = test_substation_start_faulty(pty, "latency=250");
  g_autoptr(GSubprocess) second = NULL;

  sy_window_set_port(window, port);
  test_open(window, test_file("SWITCHYARD_TEST_LARGE"));
  test_wait(window, test_has_release, "the file to be read");
  test_wait(window, test_can_upgrade, "the button to be ready");
  test_start_writing(window);
  test_substation_stop(first, pty);
  test_wait(window, test_is_end_shown, "the upgrade to end");
  assert_non_null(strstr(test_label(window, "result_label"), "could not be learned"));
  assert_int_not_equal(sy_flash_map_get_cell(test_flash_map(window), 8, 0), SY_CELL_FREE);
  test_spin_ms(400);
  test_picture(window, "window-unknown");
  second = test_substation_start(pty);
  test_wait(window, is_heard_again, "the substation to be heard again");
  assert_string_equal(test_label(window, "result_label"),
                      "Heard again. The substation runs LOW 1.0.0.");
  assert_string_equal(test_label(window, "next_button"), "Try _Again");
  assert_int_equal(sy_flash_map_get_cell(test_flash_map(window), 8, 0), SY_CELL_FREE);
  test_spin_ms(400);
  test_picture(window, "window-heard-again");
  test_window_close(window);
  test_substation_stop(second, pty);
  g_rmdir(folder);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tab_goes_round_the_whole_window),
      cmocka_unit_test(tab_goes_round_the_narrow_window),
      cmocka_unit_test(the_log_can_be_copied),
      cmocka_unit_test(another_port_begins_a_log_that_names_both),
      cmocka_unit_test(the_flash_map_stays_where_it_is),
      cmocka_unit_test(another_file_is_shown_from_its_top),
      cmocka_unit_test(a_damaged_other_half_is_a_warning),
      cmocka_unit_test(an_upgrade_that_did_not_begin_says_why),
      cmocka_unit_test(heard_again_the_end_is_put_right),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests_name("window in hands", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
