/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The drills, each run by one click on a real virtual substation. */

#include "window-fixture.h"

#include "sy-drill-row.h"
#include "sy-drills-page.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NARROW_WIDTH = 360, NARROW_HEIGHT = 700 };

static const SyDrill *running; /* that a condition asks about */

static SyDrillsPage *get_page(SyWindow *window)
{
  return SY_DRILLS_PAGE(test_child(window, SY_TYPE_WINDOW, "drills_page"));
}

static GtkWidget *get_page_child(SyWindow *window, const char *name)
{
  return test_child(get_page(window), SY_TYPE_DRILLS_PAGE, name);
}

static GtkWidget *get_row_child(SyWindow *window, const SyDrill *drill, const char *name)
{
  return test_child(sy_drills_page_get_row(get_page(window), drill), SY_TYPE_DRILL_ROW, name);
}

static const char *get_row_text(SyWindow *window, const SyDrill *drill, const char *name)
{
  return gtk_label_get_text(GTK_LABEL(get_row_child(window, drill, name)));
}

static guint count_fired(SyWindow *window)
{
  SyVirtual *substation = sy_station_get_virtual(sy_window_get_station(window));

  return sy_virtual_count_fired(substation, running->fault);
}

static gboolean is_judged(SyWindow *window)
{
  const char *state = get_row_text(window, running, "state_label");

  return test_is_idle(window) && state[0] != '\0' && !g_str_equal(state, "Running");
}

static gboolean can_drill(SyWindow *window)
{
  return gtk_widget_is_sensitive(get_row_child(window, running, "start_button"));
}

static gboolean has_fired(SyWindow *window)
{
  return count_fired(window) > 0;
}

static gboolean is_standing(SyWindow *window)
{
  return gtk_widget_get_visible(get_page_child(window, "standing_box"));
}

static gboolean looks_lost(SyWindow *window)
{
  return sy_station_get_state(sy_window_get_station(window)) == SY_STATION_UNREACHABLE;
}

static SyWindow *open_drills(int width, int height)
{
  SyWindow *window = test_window_new_sized(width, height);

  test_wait(window, test_is_connected, "the substation to answer");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.page", "s", "drills");
  return window;
}

/* One click. */
static void start(SyWindow *window, SyDrillKind kind)
{
  GtkWidget *button;

  running = sy_drill_get(kind);
  test_wait(window, can_drill, "the drill to be ready");
  button = get_row_child(window, running, "start_button");
  g_signal_emit_by_name(button, "clicked");
  assert_false(gtk_widget_is_sensitive(button));
}

/* Waits for its end, which was expected, and gives the text told there. */
static const char *wait_expected(SyWindow *window, SyDrillKind kind)
{
  const char *text;

  running = sy_drill_get(kind);
  test_wait(window, is_judged, "the drill to be judged");
  text = get_row_text(window, running, "end_label");
  print_message("# %s: %s\n", running->name, text);
  assert_string_equal(get_row_text(window, running, "state_label"), "As expected");
  return text;
}

static const char *run(SyWindow *window, SyDrillKind kind)
{
  start(window, kind);
  return wait_expected(window, kind);
}

static gboolean is_logged(SyWindow *window, const char *text)
{
  GListModel *log = sy_station_get_log(sy_window_get_station(window));

  for (guint n = 0; n < g_list_model_get_n_items(log); n++) {
    g_autoptr(SyLogEntry) entry = g_list_model_get_item(log, n);

    if (strstr(sy_log_entry_get_text(entry), text))
      return TRUE;
  }
  return FALSE;
}

static WireBank get_bank(SyWindow *window)
{
  return (WireBank)sy_station_get_identity(sy_window_get_station(window))->running_bank;
}

static void end_fault(SyWindow *window, const char *label)
{
  GtkWidget *button = get_page_child(window, "remedy_button");

  assert_true(gtk_widget_get_mapped(button));
  assert_string_equal(gtk_button_get_label(GTK_BUTTON(button)), label);
  assert_false(can_drill(window));
  g_signal_emit_by_name(button, "clicked");
  assert_false(is_standing(window));
}

static void upgrade(SyWindow *window)
{
  WireBank before;

  test_wait(window, test_can_upgrade, "the button to be ready");
  before = get_bank(window);
  test_press(window, "upgrade_button");
  if (test_find_dialog()) /* it runs that version already */
    test_answer("upgrade");
  assert_true(sy_window_is_busy(window));
  test_wait(window, test_is_end_shown, "the upgrade to end");
  assert_int_equal(get_bank(window), wire_bank_other(before));
  assert_true(gtk_widget_has_css_class(test_panel_child(window, "result_icon"), "success"));
}

/* Light and dark; what slides in has arrived. */
static void take_pictures(SyWindow *window, const char *name)
{
  AdwStyleManager *style = adw_style_manager_get_default();
  g_autofree char *dark = g_strconcat(name, "-dark", NULL);

  if (!g_getenv("SWITCHYARD_TEST_OUTPUT"))
    return;
  test_spin_ms(400);
  test_picture(window, name);
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_FORCE_DARK);
  test_spin_ms(400);
  test_picture(window, dark);
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_DEFAULT);
  test_spin_ms(100);
}

/* --- tests --- */

static void noise_and_losses_only_cost_time(void **state)
{
  SyWindow *window = open_drills(-1, -1);

  assert_non_null(strstr(run(window, SY_DRILL_NOISE), "The substation runs HIGH 1.1.0."));
  assert_true(count_fired(window) > 0);
  assert_non_null(strstr(run(window, SY_DRILL_DROP), "The substation runs LOW 1.1.0."));
  assert_true(count_fired(window) > 0);
  assert_false(is_standing(window));
  test_open(window, test_file("SWITCHYARD_TEST_RELEASE"));
  upgrade(window);
  test_window_close(window);
}

static void a_pulled_cable_stays_pulled_until_it_is_plugged_in(void **state)
{
  SyWindow *window = open_drills(-1, -1);

  assert_non_null(strstr(run(window, SY_DRILL_CABLE), "The connection was lost."));
  assert_int_equal(count_fired(window), 1);
  assert_true(is_standing(window));
  assert_true(is_logged(window, "Drill: Pulled Cable"));
  assert_true(is_logged(window, "The drill’s fault has happened"));
  test_wait(window, looks_lost, "the substation to be gone");
  take_pictures(window, "drills-cable");
  end_fault(window, "_Plug In Again");
  test_wait(window, test_is_connected, "the substation to answer again");
  assert_int_equal(get_bank(window), WIRE_BANK_LOW);
  test_open(window, test_file("SWITCHYARD_TEST_RELEASE"));
  upgrade(window);
  test_window_close(window);
}

static void a_silent_line_may_speak_again_while_the_upgrade_runs(void **state)
{
  SyWindow *window = open_drills(-1, -1);

  start(window, SY_DRILL_SILENT);
  test_wait(window, has_fired, "the line to go dead");
  assert_string_equal(get_row_text(window, running, "state_label"), "Running");
  assert_string_equal(get_row_text(window, running, "end_label"), "The fault has happened.");
  take_pictures(window, "drills-running");
  end_fault(window, "_Let It Speak");
  wait_expected(window, SY_DRILL_SILENT);
  assert_false(is_standing(window));
  assert_true(test_is_connected(window));
  test_window_close(window);
}

static void a_worn_block_is_found_again_and_again_until_it_is_repaired(void **state)
{
  SyWindow *window = open_drills(-1, -1);

  assert_non_null(strstr(run(window, SY_DRILL_WORN), "The substation runs LOW 1.0.0, as before."));
  assert_true(count_fired(window) > 1);
  assert_non_null(strstr(get_row_text(window, running, "end_label"), "Here it can be repaired"));
  take_pictures(window, "drills-worn");
  end_fault(window, "_Repair");
  test_open(window, test_file("SWITCHYARD_TEST_RELEASE"));
  upgrade(window);
  test_window_close(window);
}

static void a_cancelled_drill_leaves_no_fault_behind(void **state)
{
  SyWindow *window = open_drills(-1, -1);

  start(window, SY_DRILL_CABLE);
  test_wait(window, sy_window_is_busy, "its upgrade to begin");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.cancel", NULL);
  test_wait(window, is_judged, "the drill to end");
  assert_string_equal(get_row_text(window, running, "state_label"), "Cancelled");
  assert_false(is_standing(window));
  test_open(window, test_file("SWITCHYARD_TEST_RELEASE"));
  upgrade(window);
  assert_false(has_fired(window));
  test_window_close(window);
}

static gboolean is_as_on_the_first_day(SyWindow *window)
{
  const WireIdentity *identity = sy_station_get_identity(sy_window_get_station(window));

  return test_is_connected(window) && identity->running_bank == WIRE_BANK_LOW &&
         identity->banks[1].state == WIRE_BANK_EMPTY;
}

static void the_virtual_substation_is_reset_by_one_click(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");

  upgrade(window);
  run(window, SY_DRILL_CABLE);
  assert_true(is_standing(window));
  gtk_widget_activate_action(GTK_WIDGET(window), "win.reset-virtual", NULL);
  assert_false(is_standing(window));
  test_wait(window, is_as_on_the_first_day, "the substation to be as on its first day");
  upgrade(window);
  test_window_close(window);
}

static void the_page_is_there_for_a_virtual_substation_only(void **state)
{
  SyWindow *window = open_drills(-1, -1);
  AdwViewStack *pages = ADW_VIEW_STACK(test_child(window, SY_TYPE_WINDOW, "pages"));
  AdwViewStackPage *page = adw_view_stack_get_page(pages, GTK_WIDGET(get_page(window)));

  assert_true(adw_view_stack_page_get_visible(page));
  assert_true(gtk_widget_get_mapped(GTK_WIDGET(get_page(window))));
  sy_window_set_port(window, "pty:/dev/null");
  assert_false(adw_view_stack_page_get_visible(page));
  assert_string_not_equal(adw_view_stack_get_visible_child_name(pages), "drills");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.page", "s", "drills");
  assert_string_not_equal(adw_view_stack_get_visible_child_name(pages), "drills");
  sy_window_set_port(window, "virtual");
  assert_true(adw_view_stack_page_get_visible(page));
  test_window_close(window);
}

static gboolean is_end_in_sight(SyWindow *window)
{
  GtkWidget *scroller = get_page_child(window, "scroller");
  GtkWidget *label = get_row_child(window, running, "state_label");
  graphene_rect_t bounds;

  return gtk_widget_compute_bounds(label, scroller, &bounds) && bounds.origin.y >= 0 &&
         bounds.origin.y + bounds.size.height <= gtk_widget_get_height(scroller);
}

static void the_page_fits_a_narrow_window(void **state)
{
  SyWindow *window = open_drills(NARROW_WIDTH, NARROW_HEIGHT);

  run(window, SY_DRILL_WORN);
  assert_true(gtk_widget_get_mapped(GTK_WIDGET(get_page(window))));
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= NARROW_WIDTH);
  test_wait(window, is_end_in_sight, "the end to be scrolled into sight");
  take_pictures(window, "drills-narrow");
  test_window_close(window);
}

/* --- drills that take their time, while the others run --- */

static SyWindow *silent_window, *power_window, *hang_window;
static SyRelease *opened; /* in the last */

static int start_slow_drills(void **state)
{
  silent_window = open_drills(-1, -1);
  start(silent_window, SY_DRILL_SILENT);
  power_window = open_drills(-1, -1);
  start(power_window, SY_DRILL_POWER);
  hang_window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  opened = sy_window_get_release(hang_window);
  start(hang_window, SY_DRILL_HANG);
  return 0;
}

/* Upgrades as ever, and closes. */
static void end_slow_drill(SyWindow *window)
{
  test_open(window, test_file("SWITCHYARD_TEST_RELEASE"));
  upgrade(window);
  test_window_close(window);
}

static void a_power_cut_leaves_the_old_program(void **state)
{
  const char *text = wait_expected(power_window, SY_DRILL_POWER);

  assert_non_null(strstr(text, "The substation restarted in the middle of the upgrade."));
  assert_non_null(strstr(text, "The substation runs LOW 1.0.0, as before."));
  assert_int_equal(count_fired(power_window), 1);
  assert_false(is_standing(power_window));
  end_slow_drill(power_window);
}

static void a_program_that_hangs_is_left_and_the_opened_file_stays(void **state)
{
  const char *text = wait_expected(hang_window, SY_DRILL_HANG);

  assert_non_null(strstr(text, "HIGH 1.2.0 was left: it hung"));
  assert_non_null(strstr(text, "The substation runs LOW 1.0.0, as before."));
  assert_ptr_equal(sy_window_get_release(hang_window), opened);
  end_slow_drill(hang_window);
}

static void a_silent_line_is_never_taken_for_success(void **state)
{
  const char *text = wait_expected(silent_window, SY_DRILL_SILENT);

  assert_non_null(strstr(text, "The substation stopped answering. What the substation runs now "
                               "could not be learned"));
  assert_non_null(strstr(text, "Now let it speak"));
  assert_int_equal(count_fired(silent_window), 1);
  test_wait(silent_window, looks_lost, "the substation to be gone");
  end_fault(silent_window, "_Let It Speak");
  test_wait(silent_window, test_is_connected, "the substation to answer again");
  assert_int_equal(get_bank(silent_window), WIRE_BANK_LOW);
  end_slow_drill(silent_window);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(noise_and_losses_only_cost_time),
      cmocka_unit_test(a_pulled_cable_stays_pulled_until_it_is_plugged_in),
      cmocka_unit_test(a_silent_line_may_speak_again_while_the_upgrade_runs),
      cmocka_unit_test(a_worn_block_is_found_again_and_again_until_it_is_repaired),
      cmocka_unit_test(a_cancelled_drill_leaves_no_fault_behind),
      cmocka_unit_test(the_virtual_substation_is_reset_by_one_click),
      cmocka_unit_test(the_page_is_there_for_a_virtual_substation_only),
      cmocka_unit_test(the_page_fits_a_narrow_window),
      cmocka_unit_test(a_power_cut_leaves_the_old_program),
      cmocka_unit_test(a_program_that_hangs_is_left_and_the_opened_file_stays),
      cmocka_unit_test(a_silent_line_is_never_taken_for_success),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests_name("drills", tests, start_slow_drills, NULL);
  test_application_stop();
  return failed;
}
