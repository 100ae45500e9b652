/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The record of what a program sends: what is kept, what is known to be lost. */

#include "sy-console.h"
#include "sy-station.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
  *state = sy_console_new();
  return 0;
}

static int tear_down(void **state)
{
  g_object_unref(*state);
  return 0;
}

static void add(SyConsole *console, guint16 number, guint32 uptime_ms)
{
  const SyConsoleReading heard = {
      .time_us = G_GINT64_CONSTANT(1700000000123456),
      .reading = {uptime_ms, number, {480, 610, 300, 90}, {-5, 198, 505, 126}},
  };

  sy_console_add_readings(console, &heard, 1);
}

static const SyConsoleReading *newest(SyConsole *console)
{
  return sy_console_get_reading(console, sy_console_get_n_readings(console) - 1);
}

static void assert_last_line(SyConsole *console, const char *text)
{
  GListModel *lines = sy_console_get_lines(console);
  g_autoptr(SyLogEntry) last = g_list_model_get_item(lines, g_list_model_get_n_items(lines) - 1);

  assert_non_null(last);
  assert_string_equal(sy_log_entry_get_text(last), text);
}

static void count_change(SyConsole *console, guint *count)
{
  (void)console;
  (*count)++;
}

static void numbers_that_are_left_out_are_lost_readings(void **state)
{
  SyConsole *console = *state;

  add(console, 7, 1000);
  assert_true(newest(console)->begins);
  assert_int_equal(sy_console_get_n_lost(console), 0);
  add(console, 8, 1500);
  assert_false(newest(console)->begins);
  assert_int_equal(newest(console)->lost, 0);
  assert_int_equal(g_list_model_get_n_items(sy_console_get_lines(console)), 0);
  add(console, 11, 3000);
  assert_int_equal(newest(console)->lost, 2);
  assert_int_equal(sy_console_get_n_lost(console), 2);
  assert_last_line(console, "2 readings were lost on the way");
}

static void a_number_that_wraps_loses_nothing(void **state)
{
  SyConsole *console = *state;

  add(console, G_MAXUINT16, 1000);
  add(console, 0, 1500);
  assert_false(newest(console)->begins);
  assert_int_equal(newest(console)->lost, 0);
  add(console, 2, 2500);
  assert_int_equal(newest(console)->lost, 1);
  assert_last_line(console, "1 reading was lost on the way");
}

static void a_program_that_starts_anew_loses_nothing(void **state)
{
  SyConsole *console = *state;

  add(console, 500, 90000);
  add(console, 0, 500);
  assert_true(newest(console)->begins);
  add(console, 1, 1000);
  add(console, 0, 1200); /* and again, later in its life than before */
  assert_true(newest(console)->begins);
  assert_int_equal(sy_console_get_n_lost(console), 0);
}

static void both_records_are_bounded_and_the_newest_stay(void **state)
{
  SyConsole *console = *state;
  g_autoptr(GArray) many = g_array_new(FALSE, TRUE, sizeof(SyConsoleReading));
  guint changes = 0;

  g_array_set_size(many, SY_CONSOLE_READINGS_MAX + 10);
  for (guint n = 0; n < many->len; n++)
    g_array_index(many, SyConsoleReading, n).reading =
        (WireReading){.number = (guint16)(2 * n), .uptime_ms = n};
  g_signal_connect(console, "readings-changed", G_CALLBACK(count_change), &changes);
  sy_console_add_readings(console, (const SyConsoleReading *)(gpointer)many->data, many->len);
  assert_int_equal(changes, 1);
  assert_int_equal(sy_console_get_n_readings(console), SY_CONSOLE_READINGS_MAX);
  assert_int_equal(newest(console)->reading.uptime_ms, SY_CONSOLE_READINGS_MAX + 9);
  for (guint n = 0; n < SY_CONSOLE_LINES_MAX + 5; n++)
    add(console, (guint16)(1 + 2 * n), 100000 + n);
  assert_int_equal(g_list_model_get_n_items(sy_console_get_lines(console)), SY_CONSOLE_LINES_MAX);
}

static void lines_can_be_cleared_and_readings_stay(void **state)
{
  SyConsole *console = *state;

  add(console, 1, 1000);
  add(console, 9, 2000);
  sy_console_clear_lines(console);
  assert_int_equal(g_list_model_get_n_items(sy_console_get_lines(console)), 0);
  assert_int_equal(sy_console_get_n_readings(console), 2);
  assert_int_equal(sy_console_get_n_lost(console), 7);
}

static void other_programs_can_read_the_values(void **state)
{
  SyConsole *console = *state;
  g_autofree char *csv = NULL;
  g_auto(GStrv) lines = NULL;

  add(console, 1, 1000);
  add(console, 3, 2000);
  csv = sy_console_dup_csv(console);
  lines = g_strsplit(csv, "\n", -1);
  assert_int_equal(g_strv_length(lines), 4); /* the last is empty */
  assert_string_equal(lines[0], "time,uptime_ms,number,lost_before,ntc_celsius,ntc_counts,"
                                "pt1000_celsius,pt1000_counts,loop_percent,loop_counts,"
                                "battery_volts,battery_counts");
  assert_string_equal(lines[2],
                      "2023-11-14T22:13:20.123Z,2000,3,1,-0.5,480,19.8,610,50.5,300,12.6,90");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(numbers_that_are_left_out_are_lost_readings, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(a_number_that_wraps_loses_nothing, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_program_that_starts_anew_loses_nothing, set_up, tear_down),
      cmocka_unit_test_setup_teardown(both_records_are_bounded_and_the_newest_stay, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(lines_can_be_cleared_and_readings_stay, set_up, tear_down),
      cmocka_unit_test_setup_teardown(other_programs_can_read_the_values, set_up, tear_down),
  };

  return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
