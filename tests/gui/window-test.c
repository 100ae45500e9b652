/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window, in this process, with the real core and a real virtual substation. */

#include "window-fixture.h"

#include "sy-findings-list.h"
#include "sy-image-panel.h"
#include "sy-library.h"

#include <glib/gstdio.h>

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The upgrade takes some two seconds: a main loop that has to wait for it beats once or twice. */
enum { HEARTBEAT_MS = 5, BEATS_MIN = 10 };

/* --- watching while an upgrade runs --- */

typedef struct {
  SyWindow *window;
  guint beats;
  double fraction;
  gboolean fell;
  gboolean full_too_early;
  guint verified_max;
} Watch;

static guint count_cells(SyWindow *window, SyCell kind)
{
  guint count = 0;

  for (guint sector = 0; sector < WIRE_SECTOR_COUNT; sector++)
    for (guint block = 0; block < WIRE_BLOCKS_PER_SECTOR; block++)
      count += sy_flash_map_get_cell(test_flash_map(window), sector, block) == kind;
  return count;
}

static gboolean beat(gpointer user_data)
{
  Watch *watch = user_data;
  double fraction =
      gtk_progress_bar_get_fraction(GTK_PROGRESS_BAR(test_panel_child(watch->window, "bar")));

  if (sy_window_is_busy(watch->window)) {
    watch->beats++;
    watch->fell |= fraction < watch->fraction;
    watch->full_too_early |= fraction >= 1.0;
    watch->fraction = fraction;
    watch->verified_max = MAX(watch->verified_max, count_cells(watch->window, SY_CELL_VERIFIED));
  }
  return G_SOURCE_CONTINUE;
}

static void upgrade_watched(SyWindow *window, Watch *watch)
{
  guint source;

  *watch = (Watch){.window = window};
  source = g_timeout_add(HEARTBEAT_MS, beat, watch);
  test_start_writing(window);
  test_wait(window, test_is_end_shown, "the upgrade to end");
  g_source_remove(source);
}

/* --- tests --- */

static void without_a_file_the_button_says_what_is_missing(void **state)
{
  SyWindow *window = test_window_new();

  assert_false(test_can_upgrade(window));
  assert_string_equal(test_label(window, "reason_label"), "Open a release file first.");
  test_wait(window, test_is_connected, "the substation to answer");
  assert_false(test_can_upgrade(window));
  assert_string_equal(test_label(window, "reason_label"), "Open a release file first.");
  test_picture(window, "window-empty");
  test_window_close(window);
}

static void the_virtual_substation_is_chosen_and_asked_at_once(void **state)
{
  SyWindow *window = test_window_new();
  const WireIdentity *identity;

  assert_string_equal(sy_station_get_port(sy_window_get_station(window)), "virtual");
  test_wait(window, test_is_connected, "the substation to answer");
  identity = sy_station_get_identity(sy_window_get_station(window));
  assert_non_null(identity);
  assert_int_equal(identity->running_bank, WIRE_BANK_LOW);
  assert_int_equal(sy_flash_map_get_cell(test_flash_map(window), 1, 0), SY_CELL_RUNNING);
  assert_int_equal(sy_flash_map_get_cell(test_flash_map(window), 8, 0), SY_CELL_FREE);
  test_window_close(window);
}

static void the_button_names_the_change(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");

  test_wait(window, test_can_upgrade, "the button to be ready");
  assert_string_equal(test_label(window, "upgrade_button"), "_Upgrade HIGH to 1.1.0");
  assert_false(gtk_widget_get_visible(test_panel_child(window, "reason_label")));
  test_picture(window, "window-ready");
  test_window_close(window);
}

static void an_upgrade_never_blocks_the_window_and_says_what_runs_now(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  Watch watch;

  test_wait(window, test_can_upgrade, "the button to be ready");
  upgrade_watched(window, &watch);
  assert_string_equal(test_label(window, "result_label"), "The substation runs HIGH 1.1.0.");
  test_wait(window, test_is_end_shown, "the end to be shown");
  assert_false(watch.fell);
  assert_false(watch.full_too_early);
  assert_true(watch.verified_max > 0);
  assert_true(watch.beats >= BEATS_MIN);
  assert_int_equal(sy_flash_map_get_cell(test_flash_map(window), 8, 0), SY_CELL_RUNNING);
  test_spin_ms(400); /* what slides in has arrived */
  test_picture(window, "window-done");
  test_window_close(window);
}

static void while_it_runs_port_file_and_button_are_locked(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_LARGE");
  SyRelease *release = sy_window_get_release(window);
  SyStation *station = sy_window_get_station(window);

  test_wait(window, test_can_upgrade, "the button to be ready");
  test_start_writing(window);
  assert_false(test_can_upgrade(window));
  assert_string_equal(test_label(window, "reason_label"), "An upgrade is running.");
  test_open(window, test_file("SWITCHYARD_TEST_LOW_ONLY"));
  sy_window_set_port(window, "/dev/null");
  assert_ptr_equal(sy_window_get_release(window), release);
  assert_ptr_equal(sy_window_get_station(window), station);
  test_picture(window, "window-running");
  test_wait(window, test_is_end_shown, "the upgrade to end");
  test_window_close(window);
}

static void cancelling_says_that_the_old_program_runs(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_LARGE");
  const char *sentence;

  test_wait(window, test_can_upgrade, "the button to be ready");
  test_start_writing(window);
  test_press(window, "cancel_button");
  assert_false(gtk_widget_is_sensitive(test_panel_child(window, "cancel_button")));
  test_wait(window, test_is_end_shown, "the upgrade to end");
  sentence = test_label(window, "result_label");
  print_message("# %s\n", sentence);
  assert_non_null(strstr(sentence, "LOW 1.0.0"));
  assert_true(test_can_upgrade(window));
  test_spin_ms(400);
  test_picture(window, "window-cancelled");
  test_window_close(window);
}

static void a_file_for_the_running_bank_is_refused_with_the_reason(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_LOW_ONLY");

  assert_false(test_can_upgrade(window));
  assert_non_null(strstr(test_label(window, "reason_label"), "HIGH must be written"));
  assert_true(gtk_widget_get_mapped(test_panel_child(window, "reason_label")));
  test_spin_ms(300);
  test_picture(window, "window-wrong-bank");
  test_window_close(window);
}

static gboolean holds_no_program(SyWindow *window)
{
  return g_str_equal(test_label(window, "reason_label"),
                     "The file holds no program for a substation. Open a release file.");
}

static void a_file_that_is_no_hex_file_is_refused_with_the_reason(void **state)
{
  SyWindow *window = test_window_new();
  GtkWidget *panel = test_child(window, SY_TYPE_WINDOW, "image_panel");
  GtkWidget *findings = test_child(panel, SY_TYPE_IMAGE_PANEL, "findings");
  g_autofree char *folder = g_dir_make_tmp("switchyard-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(folder, "notes.hex", NULL);
  g_autofree char *text = NULL;

  assert_true(g_file_set_contents(path, "Dear diary\n", -1, NULL));
  test_open(window, path);
  test_wait(window, holds_no_program, "the file to be refused");
  assert_false(test_can_upgrade(window));
  assert_true(gtk_widget_get_mapped(findings));
  text = sy_findings_list_dup_text(SY_FINDINGS_LIST(findings));
  assert_non_null(strstr(text, "This is not Intel HEX."));
  test_spin_ms(300);
  test_picture(window, "window-wrong-file");
  test_window_close(window);
  g_remove(path);
  g_rmdir(folder);
}

static gboolean has_failed_to_load(SyWindow *window)
{
  return strstr(test_label(window, "reason_label"), "can’t be used") != NULL;
}

static void a_file_that_is_not_there_says_so(void **state)
{
  SyWindow *window = test_window_new();

  test_open(window, "/absent/release.hex");
  test_wait(window, has_failed_to_load, "the file to be refused");
  assert_false(test_can_upgrade(window));
  assert_string_equal(test_label(window, "reason_label"),
                      "release.hex can’t be used. Open another file.");
  test_window_close(window);
}

static gboolean has_trouble(SyWindow *window)
{
  return sy_station_get_state(sy_window_get_station(window)) == SY_STATION_UNREACHABLE;
}

static void a_port_that_is_not_there_says_so_beside_the_button(void **state)
{
  SyWindow *window = test_window_new();

  test_open(window, test_file("SWITCHYARD_TEST_RELEASE"));
  test_wait(window, test_has_release, "the file to be read");
  sy_window_set_port(window, "/dev/ttyNone0");
  test_wait(window, has_trouble, "the port to fail");
  assert_non_null(sy_station_get_trouble(sy_window_get_station(window)));
  assert_false(test_can_upgrade(window));
  assert_non_null(strstr(test_label(window, "reason_label"), "No substation answers"));
  test_spin_ms(300);
  test_picture(window, "window-unreachable");
  test_window_close(window);
}

static void closing_while_it_runs_asks_and_stays(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_LARGE");

  test_wait(window, test_can_upgrade, "the button to be ready");
  test_start_writing(window);
  gtk_window_close(GTK_WINDOW(window));
  test_spin_ms(50);
  assert_non_null(test_find_dialog());
  assert_true(gtk_widget_get_mapped(GTK_WIDGET(window)));
  assert_true(sy_window_is_busy(window));
  test_wait(window, test_is_end_shown, "the upgrade to end");
  assert_null(test_find_dialog());
  assert_true(gtk_widget_get_mapped(GTK_WIDGET(window)));
  test_window_close(window);
}

static gboolean is_gone(SyWindow *window)
{
  return gtk_window_get_application(GTK_WINDOW(window)) == NULL;
}

static void closing_for_good_cancels_first(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_LARGE");
  g_autoptr(SyStation) station = g_object_ref(sy_window_get_station(window));
  AdwMessageDialog *dialog;

  test_wait(window, test_can_upgrade, "the button to be ready");
  test_start_writing(window);
  gtk_window_close(GTK_WINDOW(window));
  dialog = test_find_dialog();
  assert_non_null(dialog);
  adw_message_dialog_response(dialog, "close");
  assert_true(sy_window_is_busy(window));
  test_wait(window, is_gone, "the window to close");
  assert_int_equal(sy_station_get_identity(station)->running_bank, WIRE_BANK_LOW);
  assert_int_equal(sy_station_get_identity(station)->mode, WIRE_MODE_PROGRAM);
  g_object_unref(window);
}

static void the_flash_map_can_be_heard(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  GtkAccessible *map = GTK_ACCESSIBLE(test_flash_map(window));

  assert_true(gtk_test_accessible_has_role(map, GTK_ACCESSIBLE_ROLE_IMG));
  assert_true(gtk_test_accessible_has_property(map, GTK_ACCESSIBLE_PROPERTY_LABEL));
  test_window_close(window);
}

static void an_opened_release_is_kept_in_the_library(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  g_autoptr(SyLibrary) library = sy_library_new(NULL);

  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    const SyProgram *program = sy_release_get_program(sy_window_get_release(window), bank);
    g_autoptr(GBytes) kept = sy_library_find(library, bank, program->length, program->header.crc);

    assert_non_null(kept);
    assert_true(g_bytes_equal(kept, program->bytes));
  }
  test_window_close(window);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_a_file_the_button_says_what_is_missing),
      cmocka_unit_test(the_virtual_substation_is_chosen_and_asked_at_once),
      cmocka_unit_test(the_button_names_the_change),
      cmocka_unit_test(an_upgrade_never_blocks_the_window_and_says_what_runs_now),
      cmocka_unit_test(while_it_runs_port_file_and_button_are_locked),
      cmocka_unit_test(cancelling_says_that_the_old_program_runs),
      cmocka_unit_test(a_file_for_the_running_bank_is_refused_with_the_reason),
      cmocka_unit_test(a_file_that_is_no_hex_file_is_refused_with_the_reason),
      cmocka_unit_test(a_file_that_is_not_there_says_so),
      cmocka_unit_test(a_port_that_is_not_there_says_so_beside_the_button),
      cmocka_unit_test(an_opened_release_is_kept_in_the_library),
      cmocka_unit_test(closing_while_it_runs_asks_and_stays),
      cmocka_unit_test(closing_for_good_cancels_first),
      cmocka_unit_test(the_flash_map_can_be_heard),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests_name("window", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
