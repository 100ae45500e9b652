/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window's switches for DTR and RTS. */

#include "window-fixture.h"

#include "sy-line-dialog.h"
#include "sy-settings.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SETTLE_MS = 300, NARROW = 360 };

static int tear_down(void **state)
{
  (void)state;
  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), ADW_COLOR_SCHEME_DEFAULT);
  g_settings_reset(sy_settings_get(), "dtr");
  g_settings_reset(sy_settings_get(), "rts");
  return 0;
}

static GtkWidget *find_dialog(void)
{
  return test_find_window(SY_TYPE_LINE_DIALOG);
}

static GtkSwitch *get_switch(const char *name)
{
  return GTK_SWITCH(test_child(find_dialog(), SY_TYPE_LINE_DIALOG, name));
}

static gboolean is_on(const char *key)
{
  return g_settings_get_boolean(sy_settings_get(), key);
}

static void both_lines_are_switched_in_a_dialog_and_kept(void **state)
{
  SyWindow *window = test_window_new();

  (void)state;
  g_settings_set_boolean(sy_settings_get(), "rts", TRUE);
  gtk_widget_activate_action(GTK_WIDGET(window), "win.lines", NULL);
  assert_false(gtk_switch_get_active(get_switch("dtr_switch")));
  assert_true(gtk_switch_get_active(get_switch("rts_switch")));
  gtk_widget_activate(GTK_WIDGET(get_switch("dtr_switch")));
  test_spin_ms(SETTLE_MS);
  assert_true(is_on("dtr"));
  test_picture_of(find_dialog(), "lines");
  gtk_switch_set_active(get_switch("rts_switch"), FALSE);
  assert_false(is_on("rts"));
  assert_true(is_on("dtr"));
  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), ADW_COLOR_SCHEME_FORCE_DARK);
  gtk_window_set_default_size(GTK_WINDOW(find_dialog()), NARROW, -1);
  test_spin_ms(SETTLE_MS);
  test_picture_of(find_dialog(), "lines-narrow-dark");
  gtk_widget_activate_action(find_dialog(), "window.close", NULL);
  assert_null(find_dialog());
  test_window_close(window);
}

static void a_change_while_an_upgrade_runs_waits_for_its_end(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  const WireIdentity *identity;

  (void)state;
  test_wait(window, test_can_upgrade, "the substation to be ready");
  test_start_writing(window);
  g_settings_set_boolean(sy_settings_get(), "dtr", TRUE);
  test_wait(window, test_is_end_shown, "the upgrade to end");
  test_wait(window, test_is_connected, "the substation to answer on the port opened anew");
  identity = sy_station_get_identity(sy_window_get_station(window));
  assert_int_equal(identity->running_bank, WIRE_BANK_HIGH);
  assert_int_equal(identity->trial, WIRE_TRIAL_CONFIRMED);
  test_window_close(window);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_teardown(both_lines_are_switched_in_a_dialog_and_kept, tear_down),
      cmocka_unit_test_teardown(a_change_while_an_upgrade_runs_waits_for_its_end, tear_down),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 77;
  }
  failed = cmocka_run_group_tests_name("window-lines", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
