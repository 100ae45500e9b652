/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window and programs on trial: confirmed, still on trial, left; and the way back. */

#define _GNU_SOURCE /* pipe2 and the size of a pipe */
#include "window-fixture.h"

#include "sy-link.h"
#include "sy-station-panel.h"

#include <gio/gunixinputstream.h>
#include <glib/gstdio.h>

#include <fcntl.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { NARROW_WIDTH = 360, NARROW_HEIGHT = 700, BEAT_MS = 5, TRIES = 10 };

static GtkWidget *get_station_child(SyWindow *window, const char *name)
{
  GtkWidget *panel = test_child(window, SY_TYPE_WINDOW, "station_panel");

  return test_child(panel, SY_TYPE_STATION_PANEL, name);
}

static const char *get_tile_text(SyWindow *window, const char *tile, const char *css_class)
{
  const char *text = test_text_of_class(get_station_child(window, tile), css_class);

  return text ? text : "";
}

/* What a person takes for "it is done", next to the substation or below. */
static gboolean looks_done(SyWindow *window)
{
  return test_has_class(test_child(window, SY_TYPE_WINDOW, "station_panel"), "success") ||
         test_has_class(test_child(window, SY_TYPE_WINDOW, "progress_panel"), "success");
}

/* Light and dark, wide; what slides in has arrived. */
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

static void open_firmware(SyWindow *window, const char *name)
{
  g_autofree char *path = g_build_filename(test_file("SWITCHYARD_FIRMWARE_DIR"), name, NULL);

  test_open(window, path);
  test_wait(window, test_has_release, "the file to be read");
  test_wait(window, test_can_upgrade, "the button to be ready");
}

static void upgrade(SyWindow *window)
{
  test_press(window, "upgrade_button");
  test_wait(window, test_is_end_shown, "the upgrade to end");
}

static void answer_go_back(SyWindow *window, const char *response)
{
  AdwMessageDialog *dialog;

  assert_true(gtk_widget_activate_action(GTK_WIDGET(window), "win.go-back", NULL));
  dialog = test_find_dialog();
  assert_non_null(dialog);
  adw_message_dialog_response(dialog, response);
  gtk_window_destroy(GTK_WINDOW(dialog)); /* as a click on one of its buttons does */
  assert_null(test_find_dialog());
}

/* --- watching while a job runs --- */

typedef struct {
  SyWindow *window;
  gboolean looked_done;
  gboolean tested_itself;
  gboolean was_on_trial;
} Watch;

static void look_once(Watch *watch)
{
  if (!sy_window_is_busy(watch->window))
    return;
  watch->looked_done |= looks_done(watch->window);
  watch->tested_itself |= strstr(test_label(watch->window, "phase_label"), "tests itself") != NULL;
  watch->was_on_trial |=
      g_str_equal(get_tile_text(watch->window, "high_tile", "bank-state"), "on trial");
}

static gboolean beat(gpointer user_data)
{
  look_once(user_data);
  return G_SOURCE_CONTINUE;
}

static Watch upgrade_watched(SyWindow *window)
{
  Watch watch = {.window = window};
  guint source = g_timeout_add(BEAT_MS, beat, &watch);
  /* Between two beats everything may happen on a busy machine. */
  GtkWidget *labels[] = {
      test_panel_child(window, "phase_label"),
      test_label_of_class(get_station_child(window, "high_tile"), "bank-state"),
  };

  for (guint n = 0; n < G_N_ELEMENTS(labels); n++)
    g_signal_connect_swapped(labels[n], "notify::label", G_CALLBACK(look_once), &watch);
  upgrade(window);
  for (guint n = 0; n < G_N_ELEMENTS(labels); n++)
    g_signal_handlers_disconnect_by_data(labels[n], &watch);
  g_source_remove(source);
  return watch;
}

/* --- confirmed --- */

static void an_upgrade_is_done_when_the_program_is_confirmed(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  Watch watch;

  test_wait(window, test_can_upgrade, "the button to be ready");
  assert_string_equal(get_tile_text(window, "low_tile", "bank-state"), "confirmed");
  assert_false(looks_done(window));
  watch = upgrade_watched(window);
  assert_true(watch.tested_itself);
  assert_true(watch.was_on_trial);
  assert_false(watch.looked_done);
  assert_true(looks_done(window));
  assert_string_equal(test_label(window, "result_label"), "The substation runs HIGH 1.1.0.");
  assert_string_equal(get_tile_text(window, "high_tile", "bank-state"), "confirmed");
  assert_string_equal(get_tile_text(window, "low_tile", "bank-state"), "kept");
  assert_false(gtk_widget_get_visible(get_station_child(window, "trial_box")));
  take_pictures(window, "trial-confirmed");
  test_window_close(window);
}

/* --- left --- */

static void assert_returned(SyWindow *window)
{
  const char *sentence = test_label(window, "result_label");

  print_message("# %s\n", sentence);
  assert_non_null(strstr(sentence, "The upgrade failed. HIGH 1.2.0 was left: its self-test"));
  assert_non_null(strstr(sentence, "The substation runs LOW 1.0.0, as before."));
  assert_false(looks_done(window));
  assert_true(gtk_widget_has_css_class(test_panel_child(window, "result_icon"), "error"));
  assert_string_equal(get_tile_text(window, "low_tile", "bank-role"), "Running");
  assert_string_equal(get_tile_text(window, "low_tile", "bank-state"), "went back");
  assert_string_equal(get_tile_text(window, "high_tile", "bank-detail"), "1.2.0");
  assert_string_equal(get_tile_text(window, "high_tile", "bank-state"), "self-test failed");
  assert_true(gtk_widget_get_mapped(get_station_child(window, "trial_box")));
  assert_int_equal(sy_flash_map_get_cell(test_flash_map(window), 8, 0), SY_CELL_IDLE);
}

static void a_returned_upgrade_never_looks_done(void **state)
{
  SyWindow *window = test_window_new();
  g_autofree char *checks = NULL;
  Watch watch;

  test_wait(window, test_is_connected, "the substation to answer");
  open_firmware(window, "drill-self-test.hex");
  watch = upgrade_watched(window);
  assert_true(watch.tested_itself);
  assert_false(watch.looked_done);
  assert_returned(window);
  /* The same file once more is no suggestion. */
  checks = test_dup_checks(window);
  assert_non_null(strstr(checks, "Warning: Last trial: This program failed here before"));
  assert_false(
      gtk_widget_has_css_class(test_panel_child(window, "upgrade_button"), "suggested-action"));
  take_pictures(window, "trial-returned");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.upgrade", NULL);
  assert_string_equal(adw_message_dialog_get_heading(test_find_dialog()), "Send 1.2.0 Again?");
  test_answer("cancel");
  open_firmware(window, "release.hex");
  g_free(checks);
  checks = test_dup_checks(window);
  assert_string_equal(checks, "");
  upgrade(window);
  assert_string_equal(test_label(window, "result_label"), "The substation runs HIGH 1.1.0.");
  assert_false(gtk_widget_get_visible(get_station_child(window, "trial_box")));
  test_window_close(window);
}

static void a_returned_upgrade_fits_a_narrow_window(void **state)
{
  SyWindow *window = test_window_new_sized(NARROW_WIDTH, NARROW_HEIGHT);

  test_wait(window, test_is_connected, "the substation to answer");
  open_firmware(window, "drill-self-test.hex");
  upgrade(window);
  assert_returned(window);
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= NARROW_WIDTH);
  take_pictures(window, "trial-returned-narrow");
  test_window_close(window);
}

/* --- on trial, and not by us --- */

typedef struct {
  char *folder;
  char *pty;
  const char *release; /* NULL: the one that passes */
  GSubprocess *process;
} Line;

/* A workstation that dies after the new program started: nobody confirms it. */
static void abandon_on_trial(const Line *line)
{
  g_autofree char *port = g_strconcat("pty:", line->pty, NULL);
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
  g_autoptr(GSubprocess) cli = NULL;
  g_autoptr(GInputStream) stream = NULL;
  g_autoptr(GDataInputStream) lines = NULL;
  gboolean starts = FALSE;
  int ends[2];

  /* It holds one line: the upgrade waits for its reader before it confirms. */
  assert_int_equal(pipe2(ends, O_CLOEXEC | O_DIRECT), 0);
  assert_true(fcntl(ends[1], F_SETPIPE_SZ, 1) > 0);
  stream = g_unix_input_stream_new(ends[0], TRUE);
  lines = g_data_input_stream_new(stream);
  g_subprocess_launcher_take_stdout_fd(launcher, ends[1]);
  cli = g_subprocess_launcher_spawn(
      launcher, NULL, test_file("SWITCHYARD_CLI"), "upgrade", "--port", port, "--json",
      line->release ? line->release : test_file("SWITCHYARD_TEST_RELEASE"), NULL);
  while (!starts) {
    g_autofree char *text = g_data_input_stream_read_line(lines, NULL, NULL, NULL);

    assert_non_null(text);
    starts = strstr(text, "The loader starts the program") != NULL;
  }
  g_subprocess_force_exit(cli);
  assert_true(g_subprocess_wait(cli, NULL, NULL));
}

static SyWindow *open_on_trial(Line *line, int width, int height)
{
  SyWindow *window;
  g_autofree char *port = NULL;

  line->folder = g_dir_make_tmp("switchyard-test-XXXXXX", NULL);
  line->pty = g_build_filename(line->folder, "line", NULL);
  line->process = test_substation_start(line->pty);
  abandon_on_trial(line);
  window = test_window_new_sized(width, height);
  port = g_strconcat("pty:", line->pty, NULL);
  sy_window_set_port(window, port);
  test_wait(window, test_is_connected, "the substation to answer");
  return window;
}

static void close_line(Line *line)
{
  test_substation_stop(line->process, line->pty);
  g_clear_object(&line->process);
  g_rmdir(line->folder);
  g_free(line->folder);
  g_free(line->pty);
}

static void a_program_on_trial_is_called_that_and_the_way_back_is_offered(void **state)
{
  Line line = {0};
  SyWindow *window = open_on_trial(&line, -1, -1);
  g_autofree char *checks = NULL;
  GtkWidget *button = get_station_child(window, "go_back_button");
  const char *advice = gtk_label_get_text(GTK_LABEL(get_station_child(window, "trial_label")));

  print_message("# %s\n", advice);
  assert_string_equal(get_tile_text(window, "high_tile", "bank-role"), "Running");
  assert_string_equal(get_tile_text(window, "high_tile", "bank-state"), "on trial");
  assert_non_null(strstr(advice, "HIGH 1.1.0 is on trial and not confirmed."));
  assert_non_null(strstr(advice, "If nothing is pressed, the substation goes back to LOW 1.0.0 "
                                 "by itself when the time or the starts are used up."));
  assert_true(gtk_widget_get_mapped(button) && gtk_widget_is_sensitive(button));
  assert_string_equal(gtk_widget_get_tooltip_text(button), "Go back to LOW 1.0.0");
  open_firmware(window, "release.hex");
  checks = test_dup_checks(window);
  assert_non_null(strstr(checks, "Warning: Trial: HIGH 1.1.0 is on trial. Keep it"));
  gtk_widget_activate_action(GTK_WIDGET(window), "win.upgrade", NULL);
  assert_string_equal(adw_message_dialog_get_heading(test_find_dialog()),
                      "Upgrade While HIGH 1.1.0 Is on Trial?");
  assert_non_null(strstr(adw_message_dialog_get_body(test_find_dialog()),
                         "LOW 1.0.0 is overwritten: there is no going back to it."));
  test_answer("cancel");
  assert_false(looks_done(window));
  take_pictures(window, "trial-running");
  /* Somebody looked, and that is not a confirmation. */
  assert_int_equal(sy_station_get_identity(sy_window_get_station(window))->trial,
                   WIRE_TRIAL_RUNNING);
  g_signal_emit_by_name(button, "clicked");
  assert_non_null(test_find_dialog());
  test_spin_ms(300);
  test_picture_of(GTK_WIDGET(test_find_dialog()), "trial-go-back-question");
  gtk_window_destroy(GTK_WINDOW(test_find_dialog()));
  answer_go_back(window, "go-back");
  test_wait(window, test_is_end_shown, "the way back to end");
  assert_string_equal(test_label(window, "result_label"), "The substation runs LOW 1.0.0.");
  assert_string_equal(get_tile_text(window, "low_tile", "bank-state"), "went back");
  assert_string_equal(get_tile_text(window, "high_tile", "bank-state"), "left as asked");
  assert_false(gtk_widget_get_visible(get_station_child(window, "trial_box")));
  take_pictures(window, "trial-gone-back");
  test_window_close(window);
  close_line(&line);
}

static char *dup_menu_label(SyWindow *window, int item)
{
  GObject *menu = gtk_widget_get_template_child(GTK_WIDGET(window), SY_TYPE_WINDOW, "station_menu");
  char *label = NULL;

  assert_true(g_menu_model_get_item_attribute(G_MENU_MODEL(menu), item, G_MENU_ATTRIBUTE_LABEL, "s",
                                              &label));
  return label;
}

static int count_menu_items(SyWindow *window)
{
  GObject *menu = gtk_widget_get_template_child(GTK_WIDGET(window), SY_TYPE_WINDOW, "station_menu");

  return g_menu_model_get_n_items(G_MENU_MODEL(menu));
}

static gboolean has_gone_back(SyWindow *window)
{
  return sy_station_get_identity(sy_window_get_station(window))->trial == WIRE_TRIAL_RETURNED;
}

static double get_map_top(SyWindow *window)
{
  graphene_rect_t bounds;

  assert_true(
      gtk_widget_compute_bounds(GTK_WIDGET(test_flash_map(window)), GTK_WIDGET(window), &bounds));
  return bounds.origin.y;
}

static guint seconds_left(SyWindow *window)
{
  return sy_station_get_identity(sy_window_get_station(window))->trial_left_s;
}

static gboolean has_counted_down(SyWindow *window)
{
  return seconds_left(window) < 27;
}

static void a_program_on_trial_is_kept_by_one_click(void **state)
{
  Line line = {0};
  SyWindow *window = open_on_trial(&line, -1, -1);
  GtkWidget *button = get_station_child(window, "keep_button");
  GtkWidget *left = get_station_child(window, "trial_left_label");
  GtkApplication *application = gtk_window_get_application(GTK_WINDOW(window));
  g_auto(GStrv) accels = NULL;
  g_autofree char *item = dup_menu_label(window, 0);
  g_autofree char *seconds = g_strdup_printf("Start 1 of 3 · %u s left", seconds_left(window));

  assert_string_equal(gtk_label_get_text(GTK_LABEL(left)), seconds);
  assert_string_equal(gtk_button_get_label(GTK_BUTTON(button)), "_Keep HIGH 1.1.0");
  assert_true(gtk_widget_has_css_class(button, "suggested-action"));
  assert_true(gtk_widget_get_mapped(button) && gtk_widget_is_sensitive(button));
  assert_true(gtk_widget_get_focusable(button));
  accels = gtk_application_get_accels_for_action(application, "win.keep");
  assert_string_equal(accels[0], "<Control>k");
  assert_int_equal(count_menu_items(window), 2);
  assert_string_equal(item, "_Keep HIGH 1.1.0");
  g_signal_emit_by_name(button, "clicked");
  assert_null(test_find_dialog());
  assert_true(sy_window_is_busy(window));
  assert_false(gtk_widget_is_sensitive(button));
  assert_false(looks_done(window));
  assert_string_equal(test_label(window, "reason_label"), "A program is being confirmed.");
  test_wait(window, test_is_end_shown, "the confirmation to end");
  assert_string_equal(test_label(window, "result_label"),
                      "The substation runs HIGH 1.1.0, confirmed.");
  assert_true(looks_done(window));
  assert_string_equal(get_tile_text(window, "high_tile", "bank-state"), "confirmed");
  assert_string_equal(get_tile_text(window, "low_tile", "bank-state"), "kept");
  assert_false(gtk_widget_get_visible(get_station_child(window, "trial_box")));
  assert_int_equal(count_menu_items(window), 1);
  take_pictures(window, "trial-kept");
  test_window_close(window);
  close_line(&line);
}

/* Its advice, its seconds and its confirmation leave the map where it is. */
static void the_notice_of_a_trial_moves_the_map_only_as_it_comes_and_goes(void **state)
{
  Line line = {0};
  SyWindow *window = open_on_trial(&line, -1, -1);
  double top;

  test_spin_ms(300);
  top = get_map_top(window);
  test_wait(window, has_counted_down, "the seconds to count down");
  test_spin_ms(100);
  assert_true(get_map_top(window) == top);
  gtk_widget_activate_action(GTK_WIDGET(window), "win.keep", NULL);
  assert_true(sy_window_is_busy(window));
  assert_true(gtk_widget_get_visible(get_station_child(window, "trial_box")));
  test_wait(window, test_is_end_shown, "the confirmation to end");
  test_spin_ms(300);
  assert_true(get_map_top(window) < top);
  top = get_map_top(window);
  test_spin_ms(3000);
  assert_true(get_map_top(window) == top);
  test_window_close(window);
  close_line(&line);
}

/* Asks to keep what fails its self-test, and waits for the answer. It may be gone before it is
 * asked, or before the question arrives. */
static SyWindow *keep_in_time(Line *line, const char *release)
{
  for (int n = 0; n < TRIES; n++) {
    SyWindow *window;

    *line = (Line){.release = release};
    window = open_on_trial(line, -1, -1);
    gtk_widget_activate_action(GTK_WIDGET(window), "win.keep", NULL);
    if (sy_window_is_busy(window)) {
      test_wait(window, test_is_end_shown, "the confirmation to end");
      if (!strstr(test_label(window, "result_label"), "No program is on trial"))
        return window;
    }
    test_window_close(window);
    close_line(line);
  }
  fail_msg("it was gone %d times before it was to be kept", TRIES);
  return NULL;
}

static void what_failed_its_self_test_is_not_kept_and_never_looks_done(void **state)
{
  Line line = {0};
  SyWindow *window;
  g_autofree char *drill =
      g_build_filename(test_file("SWITCHYARD_FIRMWARE_DIR"), "drill-self-test.hex", NULL);
  const char *sentence;

  window = keep_in_time(&line, drill);
  sentence = test_label(window, "result_label");
  print_message("# %s\n", sentence);
  assert_non_null(strstr(sentence, "HIGH 1.2.0"));
  assert_non_null(strstr(sentence, "confirmed"));
  assert_null(strstr(sentence, "HIGH 1.2.0, confirmed"));
  assert_false(looks_done(window));
  assert_true(gtk_widget_has_css_class(test_panel_child(window, "result_icon"), "warning"));
  test_wait(window, has_gone_back, "the old program to be heard");
  assert_false(looks_done(window));
  gtk_widget_activate_action(GTK_WIDGET(window), "win.keep", NULL);
  assert_false(sy_window_is_busy(window));
  take_pictures(window, "trial-not-kept");
  test_window_close(window);
  close_line(&line);
}

static void a_program_on_trial_fits_a_narrow_window(void **state)
{
  Line line = {0};
  SyWindow *window = open_on_trial(&line, NARROW_WIDTH, NARROW_HEIGHT);
  GtkWidget *title = test_child(window, SY_TYPE_WINDOW, "title");

  test_spin_ms(500);
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= NARROW_WIDTH);
  assert_string_equal(adw_window_title_get_title(ADW_WINDOW_TITLE(title)), "HIGH 1.1.0");
  assert_string_equal(adw_window_title_get_subtitle(ADW_WINDOW_TITLE(title)), "on trial");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.page", "s", "substation");
  take_pictures(window, "trial-running-narrow");
  test_window_close(window);
  close_line(&line);
}

/* --- the way back --- */

/* TRUE when the action can be used. */
static gboolean asks(SyWindow *window)
{
  gtk_widget_activate_action(GTK_WIDGET(window), "win.go-back", NULL);
  return test_find_dialog() != NULL;
}

static void without_another_program_the_menu_says_why(void **state)
{
  SyWindow *window = test_window_new();
  g_autofree char *label = NULL;

  assert_false(asks(window));
  test_wait(window, test_is_connected, "the substation to answer");
  label = dup_menu_label(window, 0);
  assert_int_equal(count_menu_items(window), 1);
  assert_string_equal(label, "Go Back (HIGH Is Empty)");
  assert_false(asks(window));
  test_window_close(window);
}

static void going_back_asks_first_and_ends_with_what_runs(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  g_autofree char *label = NULL;

  test_wait(window, test_can_upgrade, "the button to be ready");
  upgrade(window);
  label = dup_menu_label(window, 0);
  assert_int_equal(count_menu_items(window), 1);
  assert_string_equal(label, "_Go Back to LOW 1.0.0…");
  answer_go_back(window, "cancel");
  assert_false(sy_window_is_busy(window));
  answer_go_back(window, "go-back");
  assert_true(sy_window_is_busy(window));
  assert_false(looks_done(window));
  assert_string_equal(test_label(window, "reason_label"), "The substation is going back.");
  assert_false(asks(window));
  test_picture(window, "trial-going-back");
  test_wait(window, test_is_end_shown, "the way back to end");
  assert_string_equal(test_label(window, "result_label"), "The substation runs LOW 1.0.0.");
  assert_true(looks_done(window));
  assert_string_equal(get_tile_text(window, "low_tile", "bank-state"), "confirmed");
  test_window_close(window);
}

static gboolean is_testing_itself(SyWindow *window)
{
  return sy_station_get_progress(sy_window_get_station(window))->phase == SY_PHASE_TRIAL;
}

static void a_way_back_can_be_cancelled(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");

  test_wait(window, test_can_upgrade, "the button to be ready");
  upgrade(window);
  answer_go_back(window, "go-back");
  test_wait(window, is_testing_itself, "the old program to test itself");
  test_press(window, "cancel_button");
  test_wait(window, test_is_end_shown, "the way back to end");
  assert_non_null(strstr(test_label(window, "result_label"), "Going back was cancelled."));
  assert_non_null(strstr(test_label(window, "result_label"), "runs HIGH 1.1.0, as before."));
  assert_false(looks_done(window));
  test_window_close(window);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_upgrade_is_done_when_the_program_is_confirmed),
      cmocka_unit_test(a_returned_upgrade_never_looks_done),
      cmocka_unit_test(a_returned_upgrade_fits_a_narrow_window),
      cmocka_unit_test(a_program_on_trial_is_called_that_and_the_way_back_is_offered),
      cmocka_unit_test(a_program_on_trial_is_kept_by_one_click),
      cmocka_unit_test(the_notice_of_a_trial_moves_the_map_only_as_it_comes_and_goes),
      cmocka_unit_test(what_failed_its_self_test_is_not_kept_and_never_looks_done),
      cmocka_unit_test(a_program_on_trial_fits_a_narrow_window),
      cmocka_unit_test(without_another_program_the_menu_says_why),
      cmocka_unit_test(going_back_asks_first_and_ends_with_what_runs),
      cmocka_unit_test(a_way_back_can_be_cancelled),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests_name("window on trial", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
