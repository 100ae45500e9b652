/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window before, while and after a job runs: the checks beside the button, the question where
 * something is lost, the dry run, what runs, and what to do next. */

#include "window-fixture.h"

#include "sy-link-bars.h"
#include "sy-phase-row.h"
#include "sy-progress-panel.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NARROW_WIDTH = 360, NARROW_HEIGHT = 700, BEAT_MS = 20 };

static void open_firmware(SyWindow *window, const char *name)
{
  g_autofree char *path = g_build_filename(test_file("SWITCHYARD_FIRMWARE_DIR"), name, NULL);

  test_open(window, path);
  test_wait(window, test_has_release, "the file to be read");
  test_wait(window, test_can_upgrade, "the button to be ready");
}

static void run(SyWindow *window, const char *action)
{
  assert_true(gtk_widget_activate_action(GTK_WIDGET(window), action, NULL));
  assert_true(sy_window_is_busy(window));
  test_wait(window, test_is_end_shown, "the job to end");
  test_wait(window, test_can_upgrade, "the button to be ready");
}

static gboolean is_low_running(SyWindow *window)
{
  const WireIdentity *identity = sy_station_get_identity(sy_window_get_station(window));

  return identity->running_bank == WIRE_BANK_LOW &&
         identity->program_version == WIRE_VERSION(1, 0, 0);
}

static void set_expanded(SyWindow *window, gboolean expanded)
{
  gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(test_panel_child(window, "checks_button")),
                               expanded);
}

/* Light, dark, and both narrow. */
static void take_pictures(SyWindow *window, const char *name)
{
  AdwStyleManager *style = adw_style_manager_get_default();
  g_autofree char *dark = g_strconcat(name, "-dark", NULL);

  test_spin_ms(500);
  test_picture(window, name);
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_FORCE_DARK);
  test_spin_ms(500);
  test_picture(window, dark);
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_DEFAULT);
  test_spin_ms(200);
}

/* --- before --- */

static void when_all_is_well_the_checks_are_one_line_that_opens(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  g_autofree char *shut = NULL;
  g_autofree char *open = NULL;

  test_wait(window, test_can_upgrade, "the button to be ready");
  shut = test_dup_checks(window);
  assert_string_equal(shut, "");
  assert_false(gtk_widget_get_mapped(test_panel_child(window, "plan_list")));
  assert_true(g_str_has_suffix(test_label(window, "checks_label"), " checks passed"));
  assert_null(strstr(test_label(window, "checks_label"), " of "));
  set_expanded(window, TRUE);
  open = test_dup_checks(window);
  assert_non_null(strstr(open, "Passed: Port: virtual\n"));
  assert_non_null(strstr(open, "Passed: Bank: Fits HIGH.\n"));
  assert_non_null(strstr(open, "Passed: Version: 1.1.0 is newer than 1.0.0, which runs.\n"));
  assert_non_null(strstr(open, "Passed: Checksum: "));
  assert_non_null(strstr(open, "Passed: Vectors: "));
  assert_non_null(strstr(open, "Passed: Read protection: "));
  assert_non_null(strstr(open, "Passed: Trial: "));
  assert_non_null(strstr(open, "Passed: Link: "));
  test_spin_ms(300);
  assert_true(gtk_widget_get_mapped(test_panel_child(window, "plan_list")));
  take_pictures(window, "run-checks");
  test_window_close(window);
}

static void what_is_missing_shows_by_itself_with_a_button_that_mends_it(void **state)
{
  SyWindow *window = test_window_new_sized(NARROW_WIDTH, NARROW_HEIGHT);
  g_autofree char *none = NULL;
  g_autofree char *half = NULL;

  test_wait(window, test_is_connected, "the substation to answer");
  none = test_dup_checks(window);
  assert_string_equal(none, "Missing: File: None is open. Open a release file.\n");
  assert_string_equal(test_label(window, "reason_label"), "Open a release file first.");
  test_spin_ms(300);
  assert_true(test_has_class(test_panel_child(window, "plan_list"), "check-fix"));
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= NARROW_WIDTH);
  take_pictures(window, "run-missing-narrow");
  test_open(window, test_file("SWITCHYARD_TEST_LOW_ONLY"));
  test_wait(window, test_has_release, "the file to be read");
  half = test_dup_checks(window);
  assert_string_equal(half, "Missing: Program: The file has no program for HIGH. Open the release "
                            "with both halves.\n");
  set_expanded(window, TRUE);
  test_spin_ms(300);
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= NARROW_WIDTH);
  test_picture(window, "run-checks-narrow");
  test_window_close(window);
}

static gboolean is_unreachable(SyWindow *window)
{
  return sy_station_get_state(sy_window_get_station(window)) == SY_STATION_UNREACHABLE;
}

static void a_silent_port_is_a_check_that_leads_to_another_port(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  g_autofree char *checks = NULL;

  sy_window_set_port(window, "/dev/ttyNone0");
  test_wait(window, is_unreachable, "the port to fail");
  checks = test_dup_checks(window);
  assert_non_null(strstr(checks, "Missing: Port: "));
  assert_true(gtk_widget_activate_action(GTK_WIDGET(window), "win.choose-port", NULL));
  take_pictures(window, "run-unreachable");
  test_window_close(window);
}

/* --- the dry run --- */

static void a_dry_run_changes_nothing_and_says_so(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  g_autofree char *checks = NULL;

  test_wait(window, test_can_upgrade, "the button to be ready");
  run(window, "win.dry-run");
  assert_string_equal(test_label(window, "result_label"),
                      "HIGH 1.1.0 would be written; nothing was changed.");
  assert_string_equal(test_label(window, "next_label"),
                      "Nothing stands in the way of the upgrade.");
  assert_false(gtk_widget_get_visible(test_panel_child(window, "next_button")));
  assert_non_null(strstr(test_label(window, "result_figures"), "Link "));
  assert_true(is_low_running(window));
  assert_int_equal(sy_flash_map_get_cell(test_flash_map(window), 8, 0), SY_CELL_FREE);
  set_expanded(window, TRUE);
  checks = test_dup_checks(window);
  assert_non_null(strstr(checks, "Passed: Link: It was good the last time.\n"));
  set_expanded(window, FALSE);
  take_pictures(window, "run-dry");
  test_press(window, "upgrade_button");
  assert_true(sy_window_is_busy(window));
  test_wait(window, test_is_end_shown, "the upgrade to end");
  assert_string_equal(test_label(window, "result_label"), "The substation runs HIGH 1.1.0.");
  test_window_close(window);
}

static void a_dry_run_of_a_file_that_does_not_fit_says_what_an_upgrade_would(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_LOW_ONLY");

  assert_true(gtk_widget_activate_action(GTK_WIDGET(window), "win.dry-run", NULL));
  test_wait(window, test_is_end_shown, "the dry run to end");
  assert_non_null(strstr(test_label(window, "result_label"), "no usable program for HIGH"));
  assert_non_null(strstr(test_label(window, "result_label"), "Nothing was changed."));
  assert_string_equal(test_label(window, "next_button"), "Open…");
  test_window_close(window);
}

/* --- the question --- */

static void only_what_loses_something_is_asked_about(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");

  test_wait(window, test_can_upgrade, "the button to be ready");
  run(window, "win.upgrade"); /* an ordinary one begins at once */
  gtk_widget_activate_action(GTK_WIDGET(window), "win.upgrade", NULL);
  assert_string_equal(adw_message_dialog_get_heading(test_find_dialog()), "Reinstall 1.1.0?");
  assert_string_equal(adw_message_dialog_get_body(test_find_dialog()),
                      "The substation runs HIGH 1.1.0 already. LOW 1.0.0 is overwritten: there is "
                      "no going back to it.");
  test_spin_ms(300);
  test_picture_of(GTK_WIDGET(test_find_dialog()), "run-question");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.upgrade", NULL); /* asked once */
  test_answer("cancel");
  assert_false(sy_window_is_busy(window));
  open_firmware(window, "release-1.0.0.hex");
  assert_string_equal(test_label(window, "upgrade_button"), "_Downgrade LOW to 1.0.0");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.upgrade", NULL);
  assert_string_equal(adw_message_dialog_get_heading(test_find_dialog()), "Downgrade to 1.0.0?");
  take_pictures(window, "run-downgrade");
  test_answer("upgrade");
  assert_true(sy_window_is_busy(window));
  test_wait(window, test_is_end_shown, "the downgrade to end");
  assert_string_equal(test_label(window, "result_label"), "The substation runs LOW 1.0.0.");
  test_window_close(window);
}

static void an_answer_to_what_is_no_longer_so_does_nothing(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");

  open_firmware(window, "release-0.9.0.hex");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.upgrade", NULL);
  assert_non_null(test_find_dialog());
  open_firmware(window, "release.hex");
  test_answer("upgrade");
  assert_false(sy_window_is_busy(window));
  test_window_close(window);
}

/* --- while it runs --- */

typedef struct {
  SyWindow *window;
  double fraction;
  gboolean fell, link_told;
  char *phases; /* of a moment in the middle */
} Watch;

static gboolean beat(gpointer user_data)
{
  Watch *watch = user_data;
  GtkWidget *bar = test_panel_child(watch->window, "bar");
  GtkWidget *bars = test_panel_child(watch->window, "link_bars");
  double fraction = gtk_progress_bar_get_fraction(GTK_PROGRESS_BAR(bar));

  if (!sy_window_is_busy(watch->window))
    return G_SOURCE_CONTINUE;
  watch->fell |= fraction < watch->fraction || fraction >= 1;
  watch->fraction = fraction;
  watch->link_told |= g_str_equal(sy_link_bars_get_text(SY_LINK_BARS(bars)), "Link good");
  if (!watch->phases && test_is_writing(watch->window))
    watch->phases = sy_phase_row_dup_text(SY_PHASE_ROW(test_panel_child(watch->window, "phases")));
  return G_SOURCE_CONTINUE;
}

static void a_running_upgrade_shows_phases_and_link(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_LARGE");
  Watch watch = {.window = window};
  guint source;

  test_wait(window, test_can_upgrade, "the button to be ready");
  source = g_timeout_add(BEAT_MS, beat, &watch);
  test_start_writing(window);
  test_spin_ms(250);
  test_picture(window, "run-running");
  test_wait(window, test_is_end_shown, "the upgrade to end");
  g_source_remove(source);
  assert_false(watch.fell);
  assert_true(watch.link_told);
  assert_string_equal(watch.phases,
                      "✓ Connect · ✓ Enter · ✓ Erase · ▸ Write · Check · Start · Trial");
  assert_string_equal(test_label(window, "next_label"),
                      "You can disconnect the substation. Its other program is kept, to go back "
                      "to.");
  assert_string_equal(test_label(window, "next_button"), "Go _Back…");
  take_pictures(window, "run-done");
  g_free(watch.phases);
  test_window_close(window);
}

static gboolean tells_time_left(SyWindow *window)
{
  return strstr(test_label(window, "figures_label"), "\302\240left") != NULL;
}

static gboolean tells_a_dead_link(SyWindow *window)
{
  GtkWidget *bars = test_panel_child(window, "link_bars");

  return g_str_equal(sy_link_bars_get_text(SY_LINK_BARS(bars)), "Link dead");
}

/* Nothing but time passes between two of the panel's updates. */
static void time_left_and_refusals_by_cause_are_live(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  SyProgressPanel *panel = SY_PROGRESS_PANEL(test_child(window, SY_TYPE_WINDOW, "progress_panel"));
  SyProgress progress = {.phase = SY_PHASE_WRITE,
                         .bank = WIRE_BANK_HIGH,
                         .bytes_total = 48 * 1024,
                         .bytes_done = 24 * 1024,
                         .blocks_total = 96,
                         .bytes_per_second = 4096,
                         .seconds_left = 6,
                         .fraction = 0.5,
                         .counts = {.frames = 300, .retries = 3, .naks = 3, .bad_frames = 1}};

  progress.counts.naks_by_cause[WIRE_CAUSE_DAMAGED] = 2;
  progress.counts.naks_by_cause[WIRE_CAUSE_NOT_NOW] = 1;
  sy_progress_panel_start(panel, SY_JOB_UPGRADE);
  sy_progress_panel_set_progress(panel, &progress);
  assert_non_null(strstr(test_label(window, "counts_label"),
                         "3\302\240refusals (not\302\240now\302\2401, arrived"
                         "\302\240damaged\302\2402)"));
  test_wait(window, tells_time_left, "the time left");
  test_spin_ms(300);
  test_picture(window, "run-counts");
  for (guint n = 0; n < 100 && !tells_a_dead_link(window); n++) {
    progress.counts.timeouts++;
    sy_progress_panel_set_progress(panel, &progress);
    test_spin_ms(100);
  }
  assert_true(tells_a_dead_link(window));
  test_window_close(window);
}

static void each_state_of_a_block_is_on_the_map_and_in_the_legend(void **state)
{
  static const SyCell cells[] = {SY_CELL_FREE,     SY_CELL_ERASED,   SY_CELL_SENT,
                                 SY_CELL_VERIFIED, SY_CELL_REPEATED, SY_CELL_FAILED};
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  SyProgress progress = {.bank = WIRE_BANK_HIGH, .phase = SY_PHASE_WRITE};

  for (guint n = 0; n < G_N_ELEMENTS(cells); n++)
    for (guint k = 0; k < 4; k++)
      progress.blocks[4 * n + k] = (guint8)(SY_BLOCK_UNKNOWN + n);
  sy_flash_map_set_progress(test_flash_map(window), &progress);
  for (guint n = 0; n < 4 * G_N_ELEMENTS(cells); n++)
    assert_int_equal(sy_flash_map_get_cell(test_flash_map(window), 8 + n / WIRE_BLOCKS_PER_SECTOR,
                                           n % WIRE_BLOCKS_PER_SECTOR),
                     cells[n / 4]);
  for (guint n = 0; n < G_N_ELEMENTS(cells); n++)
    assert_true((sy_flash_map_get_kinds(test_flash_map(window)) & 1u << cells[n]) != 0);
  take_pictures(window, "run-map");
  test_window_close(window);
}

static void a_cancel_is_seen_at_once_and_its_end_says_what_is_kept(void **state)
{
  AdwStyleManager *style = adw_style_manager_get_default();
  SyWindow *window = test_window_new_sized(NARROW_WIDTH, NARROW_HEIGHT);

  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_FORCE_DARK);
  test_wait(window, test_is_connected, "the substation to answer");
  open_firmware(window, "release-large-1.3.0.hex");
  test_start_writing(window);
  test_picture(window, "run-running-narrow-dark");
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= NARROW_WIDTH);
  gtk_widget_activate_action(GTK_WIDGET(window), "win.cancel", NULL); /* as Escape does */
  assert_string_equal(test_label(window, "phase_label"), "Cancelling");
  assert_false(gtk_widget_is_sensitive(test_panel_child(window, "cancel_button")));
  test_wait(window, test_is_end_shown, "the upgrade to end");
  assert_string_equal(test_label(window, "result_label"),
                      "The upgrade was cancelled. The substation runs LOW 1.0.0, as before.");
  assert_non_null(strstr(test_label(window, "next_label"), "pgrade again"));
  assert_string_equal(test_label(window, "next_button"), "Try _Again");
  test_spin_ms(400);
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= NARROW_WIDTH);
  test_picture(window, "run-cancelled-narrow-dark");
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_DEFAULT);
  test_press(window, "next_button");
  assert_true(sy_window_is_busy(window));
  test_wait(window, test_is_end_shown, "the upgrade to end");
  assert_string_equal(test_label(window, "result_label"), "The substation runs HIGH 1.3.0.");
  test_window_close(window);
}

/* --- after --- */

static void the_end_can_be_copied_as_text(void **state)
{
  static const char *const pieces[] = {
      "Port: virtual\n",
      "File: release.hex\n",
      "Release: 1.1.0 for HIGH\n",
      "Result: The substation runs HIGH 1.1.0.\n",
      "Next: You can disconnect",
      "Line: good\n",
      "Retries: 0\n",
      "Refusals: none\n",
      "  Programming flash",
  };
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  GdkContentProvider *content;
  g_auto(GValue) value = G_VALUE_INIT;

  test_wait(window, test_can_upgrade, "the button to be ready");
  assert_false(gtk_widget_get_mapped(test_panel_child(window, "copy_button")));
  run(window, "win.upgrade");
  test_spin_ms(400);
  assert_true(gtk_widget_get_mapped(test_panel_child(window, "copy_button")));
  test_press(window, "copy_button");
  content = gdk_clipboard_get_content(gtk_widget_get_clipboard(GTK_WIDGET(window)));
  g_value_init(&value, G_TYPE_STRING);
  assert_true(gdk_content_provider_get_value(content, &value, NULL));
  for (guint n = 0; n < G_N_ELEMENTS(pieces); n++)
    if (!strstr(g_value_get_string(&value), pieces[n]))
      fail_msg("no “%s” in\n%s", pieces[n], g_value_get_string(&value));
  test_window_close(window);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(when_all_is_well_the_checks_are_one_line_that_opens),
      cmocka_unit_test(what_is_missing_shows_by_itself_with_a_button_that_mends_it),
      cmocka_unit_test(a_silent_port_is_a_check_that_leads_to_another_port),
      cmocka_unit_test(a_dry_run_changes_nothing_and_says_so),
      cmocka_unit_test(a_dry_run_of_a_file_that_does_not_fit_says_what_an_upgrade_would),
      cmocka_unit_test(only_what_loses_something_is_asked_about),
      cmocka_unit_test(an_answer_to_what_is_no_longer_so_does_nothing),
      cmocka_unit_test(a_running_upgrade_shows_phases_and_link),
      cmocka_unit_test(each_state_of_a_block_is_on_the_map_and_in_the_legend),
      cmocka_unit_test(time_left_and_refusals_by_cause_are_live),
      cmocka_unit_test(a_cancel_is_seen_at_once_and_its_end_says_what_is_kept),
      cmocka_unit_test(the_end_can_be_copied_as_text),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests_name("before, while and after it runs", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
