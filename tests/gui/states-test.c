/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Every state of the window tells what happened, what runs and what to do. And pictures of each,
 * light and dark; in another language (LANGUAGE) pictures only, for people's eyes.
 */

#include "sy-config.h"

#include "states.h"

#include "sy-findings-list.h"
#include "sy-image-panel.h"
#include "sy-locate.h"
#include "sy-station-panel.h"
#include "sy-trouble-box.h"

#include <glib/gi18n.h>

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { PICTURE_WIDTH = 1200, PICTURE_HEIGHT = 820 };

/* Of the pictures; NULL in English. */
static const char *language;

/* What a style needs to fade into the other. */
enum { FADE_MS = 400 };

static void take_picture(SyWindow *window, const char *name, const char *style)
{
  g_autofree char *full = g_strjoin("-", "state", name, style, language ? language : "en", NULL);

  test_picture(window, full);
}

static void set_scheme(AdwColorScheme scheme)
{
  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), scheme);
  test_spin_ms(FADE_MS);
}

static void enter(TestScene *scene, const char *name)
{
  test_scene_enter(scene, test_state_find(name), PICTURE_WIDTH, PICTURE_HEIGHT);
}

static void leave(TestScene *scene, const char *name)
{
  gboolean runs = test_state_find(name)->running;

  take_picture(scene->window, name, "light");
  if (runs) /* it does not wait for another style */
    test_scene_leave(scene);
  set_scheme(ADW_COLOR_SCHEME_FORCE_DARK);
  if (runs)
    enter(scene, name);
  take_picture(scene->window, name, "dark");
  set_scheme(ADW_COLOR_SCHEME_DEFAULT);
  test_scene_leave(scene);
}

/* --- what a person reads --- */

static void assert_says(const char *text, const char *part)
{
  if (!text || !strstr(text, part))
    fail_msg("“%s” does not say “%s”", text ? text : "(nothing)", part);
}

/* All that the trouble's box says; free with g_free. */
static char *dup_trouble(SyWindow *window)
{
  static const char *const names[] = {"title_label", "text_label", "checks_label", "command_label",
                                      "note_label"};
  GtkWidget *panel = test_child(window, SY_TYPE_WINDOW, "station_panel");
  GtkWidget *box = test_child(panel, SY_TYPE_STATION_PANEL, "trouble_box");
  GString *text = g_string_new(NULL);

  for (guint n = 0; n < G_N_ELEMENTS(names); n++) {
    GtkWidget *label = test_child(box, SY_TYPE_TROUBLE_BOX, names[n]);

    if (gtk_widget_get_mapped(label))
      g_string_append_printf(text, "%s\n", gtk_label_get_text(GTK_LABEL(label)));
  }
  return g_string_free(text, FALSE);
}

static void assert_trouble_says(TestScene *scene, const char *part)
{
  g_autofree char *trouble = dup_trouble(scene->window);

  assert_says(trouble, part);
}

static const char *get_state_text(SyWindow *window)
{
  GtkWidget *panel = test_child(window, SY_TYPE_WINDOW, "station_panel");

  return gtk_label_get_text(GTK_LABEL(test_child(panel, SY_TYPE_STATION_PANEL, "state_label")));
}

static const char *get_reason(SyWindow *window)
{
  return gtk_widget_get_mapped(test_panel_child(window, "reason_label"))
             ? test_label(window, "reason_label")
             : NULL;
}

static const char *get_result(SyWindow *window)
{
  return gtk_widget_get_mapped(test_panel_child(window, "result_label"))
             ? test_label(window, "result_label")
             : NULL;
}

static void assert_unreachable(TestScene *scene, const char *link)
{
  assert_string_equal(get_state_text(scene->window), link);
  assert_false(test_can_upgrade(scene->window));
  assert_non_null(get_reason(scene->window));
  assert_null(get_result(scene->window));
}

/* --- tests --- */

static void a_port_that_is_gone_is_named_and_another_is_proposed(void **state)
{
  TestScene scene;

  enter(&scene, "no-port");
  assert_unreachable(&scene, "Not plugged in");
  assert_trouble_says(&scene, scene.line);
  assert_trouble_says(&scene, "Plug");
  leave(&scene, "no-port");
}

static void a_port_without_permission_tells_the_command_that_helps(void **state)
{
  TestScene scene;

  enter(&scene, "denied");
  assert_unreachable(&scene, "No permission");
  assert_trouble_says(&scene, scene.line);
  assert_trouble_says(&scene, "sudo ");
  assert_trouble_says(&scene, g_get_user_name());
  leave(&scene, "denied");
}

static void a_port_that_another_program_holds_says_so(void **state)
{
  TestScene scene;

  enter(&scene, "busy");
  assert_unreachable(&scene, "In use by another program");
  assert_trouble_says(&scene, scene.line);
  assert_trouble_says(&scene, "lose"); /* close it */
  leave(&scene, "busy");
}

static void a_silent_line_says_that_nobody_answers(void **state)
{
  TestScene scene;

  enter(&scene, "silent");
  assert_unreachable(&scene, "Port open, nobody answers");
  assert_trouble_says(&scene, "No substation answers");
  leave(&scene, "silent");
}

static void a_wrong_file_says_what_is_wrong_with_it(void **state)
{
  TestScene scene;
  GtkWidget *panel;
  g_autofree char *text = NULL;

  enter(&scene, "wrong-file");
  panel = test_child(scene.window, SY_TYPE_WINDOW, "image_panel");
  text = sy_findings_list_dup_text(
      SY_FINDINGS_LIST(test_child(panel, SY_TYPE_IMAGE_PANEL, "findings")));
  assert_says(text, "This is not Intel HEX.");
  assert_says(get_reason(scene.window), "Open a release file");
  assert_false(test_can_upgrade(scene.window));
  leave(&scene, "wrong-file");
}

static void without_a_file_the_window_proposes_to_open_one(void **state)
{
  TestScene scene;

  enter(&scene, "empty");
  assert_string_equal(get_state_text(scene.window), "Connected");
  assert_says(get_reason(scene.window), "Open a release file");
  assert_null(sy_station_get_trouble(sy_window_get_station(scene.window)));
  leave(&scene, "empty");
}

static void before_an_upgrade_the_button_names_the_change(void **state)
{
  TestScene scene;

  enter(&scene, "ready");
  assert_true(test_can_upgrade(scene.window));
  assert_string_equal(test_label(scene.window, "upgrade_button"), "_Upgrade HIGH to 1.1.0");
  assert_null(get_reason(scene.window));
  leave(&scene, "ready");
}

static void while_it_runs_phase_figures_and_cancel_are_there(void **state)
{
  TestScene scene;

  enter(&scene, "running");
  assert_says(get_state_text(scene.window), "upgrade running");
  assert_true(gtk_widget_get_mapped(test_panel_child(scene.window, "phase_label")));
  assert_true(test_label(scene.window, "phase_label")[0] != '\0');
  assert_says(test_label(scene.window, "figures_label"), "%");
  assert_true(gtk_widget_is_sensitive(test_panel_child(scene.window, "cancel_button")));
  assert_false(test_can_upgrade(scene.window));
  assert_null(get_result(scene.window));
  leave(&scene, "running");
}

static void a_failure_tells_the_cause_and_what_runs(void **state)
{
  TestScene scene;

  enter(&scene, "failed");
  print_message("# %s\n", get_result(scene.window));
  assert_says(get_result(scene.window), "LOW 1.0.0");
  assert_null(strstr(get_result(scene.window), "runs HIGH"));
  assert_false(
      test_has_class(test_child(scene.window, SY_TYPE_WINDOW, "progress_panel"), "success"));
  assert_true(test_can_upgrade(scene.window)); /* once more */
  leave(&scene, "failed");
}

static void a_program_that_was_left_tells_why_and_what_runs(void **state)
{
  TestScene scene;

  enter(&scene, "returned");
  assert_says(get_result(scene.window), "HIGH 1.2.0 was left");
  assert_says(get_result(scene.window), "The substation runs LOW 1.0.0, as before.");
  assert_true(gtk_widget_has_css_class(test_panel_child(scene.window, "result_icon"), "error"));
  leave(&scene, "returned");
}

static void the_end_says_what_the_substation_runs_now(void **state)
{
  TestScene scene;

  enter(&scene, "done");
  assert_string_equal(get_result(scene.window), "The substation runs HIGH 1.1.0.");
  assert_true(gtk_widget_has_css_class(test_panel_child(scene.window, "result_icon"), "success"));
  leave(&scene, "done");
}

static void a_board_tells_of_each_substation(void **state)
{
  TestScene scene;
  SyBoard *board;
  GtkWidget *page;

  enter(&scene, "board");
  board = sy_window_get_board(scene.window);
  page = adw_bin_get_child(ADW_BIN(test_child(scene.window, SY_TYPE_WINDOW, "board_bin")));
  assert_int_equal(sy_board_row_get_state(sy_board_get_row(board, 0)), SY_BOARD_PASSED);
  assert_int_equal(sy_board_row_get_state(sy_board_get_row(board, 1)), SY_BOARD_FAILED);
  assert_says(test_text_of_class(page, "board-summary"), "1 of 4 upgraded, 1 failed");
  assert_true(test_has_class(page, "trouble")); /* of the port that is not there */
  leave(&scene, "board");
}

/* --- in another language --- */

static void each_state_has_its_pictures(void **state)
{
  for (guint n = 0; n < test_state_count; n++) {
    TestScene scene;

    enter(&scene, test_states[n].name);
    leave(&scene, test_states[n].name);
  }
}

/* Before the first window: GTK and libadwaita ask for their own texts, too. */
static void choose_language(void)
{
  g_autofree char *translations = sy_locate_translations();

  setlocale(LC_ALL, "C.UTF-8");
  language = g_getenv("LANGUAGE");
  if (!language || language[0] == '\0') {
    language = NULL;
    return;
  }
  bindtextdomain(GETTEXT_PACKAGE, translations);
  bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
  textdomain(GETTEXT_PACKAGE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_a_file_the_window_proposes_to_open_one),
      cmocka_unit_test(a_port_that_is_gone_is_named_and_another_is_proposed),
      cmocka_unit_test(a_port_without_permission_tells_the_command_that_helps),
      cmocka_unit_test(a_port_that_another_program_holds_says_so),
      cmocka_unit_test(a_silent_line_says_that_nobody_answers),
      cmocka_unit_test(a_wrong_file_says_what_is_wrong_with_it),
      cmocka_unit_test(before_an_upgrade_the_button_names_the_change),
      cmocka_unit_test(while_it_runs_phase_figures_and_cancel_are_there),
      cmocka_unit_test(a_failure_tells_the_cause_and_what_runs),
      cmocka_unit_test(a_program_that_was_left_tells_why_and_what_runs),
      cmocka_unit_test(the_end_says_what_the_substation_runs_now),
      cmocka_unit_test(a_board_tells_of_each_substation),
  };
  const struct CMUnitTest pictures[] = {
      cmocka_unit_test(each_state_has_its_pictures),
  };
  int failed;

  choose_language();
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  if (language)
    failed = cmocka_run_group_tests_name("states in another language", pictures, NULL, NULL);
  else
    failed = cmocka_run_group_tests_name("states", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
