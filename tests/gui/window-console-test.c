/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The console in the window: a real program's readings, and a substation that starts by itself. */

#include "line-peer.h"
#include "temp-folder.h"
#include "window-fixture.h"

#include "sy-console-page.h"
#include "sy-station-panel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NARROW = 360, SHORT = 740, LOW = 420 };

static SyConsole *get_console(SyWindow *window)
{
  return sy_station_get_console(sy_window_get_station(window));
}

static gboolean has_3_readings(SyWindow *window)
{
  return sy_console_get_n_readings(get_console(window)) >= 3;
}

static void show_console(SyWindow *window)
{
  gtk_widget_activate_action(GTK_WIDGET(window), "win.page", "s", "console");
}

static const char *panel_text(SyWindow *window, const char *name)
{
  GtkWidget *panel = test_child(window, SY_TYPE_WINDOW, "station_panel");

  return gtk_label_get_text(GTK_LABEL(test_child(panel, SY_TYPE_STATION_PANEL, name)));
}

static void pictures(SyWindow *window, const char *name)
{
  AdwStyleManager *style = adw_style_manager_get_default();
  g_autofree char *dark = g_strconcat(name, "-dark", NULL);

  test_picture(window, name);
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_FORCE_DARK);
  test_picture(window, dark);
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_DEFAULT);
}

static void a_real_program_fills_the_console_beside_all_else(void **state)
{
  SyWindow *window = test_window_new();
  GtkWidget *page = test_child(window, SY_TYPE_WINDOW, "console_page");

  test_wait(window, test_is_connected, "the substation to answer");
  show_console(window);
  assert_true(gtk_widget_get_mapped(page));
  test_wait(window, has_3_readings, "readings");
  test_spin_ms(300);
  assert_non_null(strstr(test_text_of_class(page, "reading-value"), "°C"));
  assert_int_equal(sy_console_get_n_lost(get_console(window)), 0);
  pictures(window, "window-console");
  test_window_close(window);
}

static void in_a_narrow_window_the_console_is_a_page_of_its_own(void **state)
{
  SyWindow *window = test_window_new_sized(NARROW, SHORT);
  GtkWidget *page = test_child(window, SY_TYPE_WINDOW, "console_page");

  test_wait(window, test_is_connected, "the substation to answer");
  show_console(window);
  test_wait(window, has_3_readings, "readings");
  test_spin_ms(600);
  assert_true(gtk_widget_get_mapped(page));
  assert_non_null(test_text_of_class(page, "reading-value"));
  pictures(window, "window-console-narrow");
  test_window_close(window);
}

static void a_low_window_stays_low(void **state)
{
  SyWindow *window = test_window_new_sized(NARROW, LOW);
  int minimum;

  test_wait(window, has_3_readings, "readings");
  show_console(window);
  test_spin_ms(300);
  gtk_widget_measure(GTK_WIDGET(window), GTK_ORIENTATION_VERTICAL, -1, &minimum, NULL, NULL, NULL);
  assert_true(minimum <= LOW);
  test_picture(window, "window-console-low");
  test_window_close(window);
}

static gboolean has_started_again(SyWindow *window)
{
  return g_str_equal(panel_text(window, "boots_label"), "2");
}

static gboolean is_unreachable(SyWindow *window)
{
  return sy_station_get_state(sy_window_get_station(window)) == SY_STATION_UNREACHABLE;
}

static void a_substation_that_starts_by_itself_or_goes_is_noticed(void **state)
{
  SyWindow *window = test_window_new();
  LinePeer peer;

  line_peer_start(&peer);
  sy_window_set_port(window, peer.pty.port);
  test_wait(window, test_is_connected, "the substation to answer");
  assert_string_equal(panel_text(window, "boots_label"), "1");
  peer.mute = TRUE; /* it is told, not asked */
  peer.identity.boots = 2;
  peer.identity.reset_cause = WIRE_RESET_WATCHDOG;
  line_peer_announce(&peer);
  test_wait(window, has_started_again, "the new start");
  assert_string_equal(panel_text(window, "reset_label"), "Watchdog");
  line_peer_stop(&peer);
  test_wait(window, is_unreachable, "the window to notice");
  assert_int_equal(sy_station_get_trouble(sy_window_get_station(window))->kind, SY_TROUBLE_GONE);
  test_window_close(window);
}

static char *saved_path;

static gboolean is_saved(SyWindow *window)
{
  return g_file_test(saved_path, G_FILE_TEST_EXISTS);
}

static void readings_are_saved_where_one_says(void **state)
{
  SyWindow *window = test_window_new();
  g_autofree char *folder = temp_folder_new();
  g_autofree char *path = saved_path = g_build_filename(folder, "readings.csv", NULL);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  g_autofree char *text = NULL;
  g_auto(GStrv) lines = NULL;

  test_wait(window, has_3_readings, "readings");
  sy_window_save_readings_to(window, file);
  test_wait(window, is_saved, "the file");
  test_spin_ms(300);
  assert_true(g_file_get_contents(path, &text, NULL, NULL));
  lines = g_strsplit(text, "\n", -1);
  assert_true(g_strv_length(lines) >= 1 + 3 + 1);
  assert_true(g_str_has_prefix(lines[0], "time,"));
  test_window_close(window);
  temp_folder_remove(g_steal_pointer(&folder));
}

static gboolean has_dialog(SyWindow *window)
{
  return test_find_dialog() != NULL;
}

static void readings_that_cannot_be_saved_are_told(void **state)
{
  SyWindow *window = test_window_new();
  g_autoptr(GFile) no_folder = g_file_new_for_path(test_file("SWITCHYARD_TEST_RELEASE"));
  g_autoptr(GFile) file = g_file_get_child(no_folder, "readings.csv");

  sy_window_save_readings_to(window, file);
  test_wait(window, has_dialog, "to be told");
  assert_string_equal(adw_message_dialog_get_heading(test_find_dialog()),
                      "The Readings Can’t Be Saved");
  gtk_window_destroy(GTK_WINDOW(test_find_dialog()));
  test_window_close(window);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_real_program_fills_the_console_beside_all_else),
      cmocka_unit_test(in_a_narrow_window_the_console_is_a_page_of_its_own),
      cmocka_unit_test(a_low_window_stays_low),
      cmocka_unit_test(a_substation_that_starts_by_itself_or_goes_is_noticed),
      cmocka_unit_test(readings_are_saved_where_one_says),
      cmocka_unit_test(readings_that_cannot_be_saved_are_told),
  };
  int failed;

  if (!test_application_start()) {
    print_message("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests_name("console in the window", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
