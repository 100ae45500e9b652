/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window shows where the time went: after an upgrade, by keys, in any width; and what the flash
 * map shows while blocks stream. */

#include "window-fixture.h"

#include "sy-life-window.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
  NARROW_WIDTH = 360,
  NARROW_HEIGHT = 700,
  WIDE_WIDTH = 560,
  WIDE_HEIGHT = 1060,
  VALUES = 3,
  KEPT_MIN = 16,
  CANCEL_AT = 42
};

static GtkWidget *get_button(SyWindow *window)
{
  return test_panel_child(window, "life_button");
}

static SyLifeWindow *find_life_window(void)
{
  GListModel *windows = gtk_window_get_toplevels();

  for (guint n = 0; n < g_list_model_get_n_items(windows); n++) {
    g_autoptr(GtkWidget) window = g_list_model_get_item(windows, n);

    if (SY_IS_LIFE_WINDOW(window) && gtk_widget_get_visible(window))
      return SY_LIFE_WINDOW(window);
  }
  return NULL;
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
  test_wait(window, test_can_upgrade, "the button to be ready");
  test_press(window, "upgrade_button");
  assert_false(gtk_widget_get_mapped(get_button(window)));
  test_wait(window, test_is_end_shown, "the upgrade to end");
}

static gboolean is_life_shown(SyWindow *window)
{
  return find_life_window() != NULL;
}

/* As a key does it. */
static SyLifeWindow *show_life(SyWindow *window)
{
  assert_true(gtk_widget_activate(get_button(window)));
  test_wait(window, is_life_shown, "the figures to be shown");
  test_spin_ms(300);
  return find_life_window();
}

static GtkListBoxRow *get_row(SyLifeWindow *life, const char *list, int index)
{
  return gtk_list_box_get_row_at_index(GTK_LIST_BOX(test_child(life, SY_TYPE_LIFE_WINDOW, list)),
                                       index);
}

static const char *get_cell(GtkListBoxRow *row, int column)
{
  GtkWidget *cell = gtk_grid_get_child_at(GTK_GRID(gtk_list_box_row_get_child(row)), column, 0);

  return gtk_label_get_text(GTK_LABEL(cell));
}

static GtkListBoxRow *find_row(SyLifeWindow *life, const char *list, const char *name)
{
  GtkListBoxRow *row;

  for (int n = 0; (row = get_row(life, list, n)); n++)
    if (g_str_equal(get_cell(row, 0), name))
      return row;
  fail_msg("no row “%s”", name);
  return NULL;
}

/* --- the table --- */

static void before_an_upgrade_there_is_nothing_to_show(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");

  test_wait(window, test_can_upgrade, "the button to be ready");
  assert_false(gtk_widget_get_mapped(get_button(window)));
  gtk_widget_activate_action(GTK_WIDGET(window), "win.life", NULL);
  assert_null(find_life_window());
  test_window_close(window);
}

static void every_stage_has_a_row_with_plausible_numbers(void **state)
{
  static const char *const names[] = {
      "Packing on this computer",    "On the wire",
      "Receiving, by interrupt",     "Finding and checking frames",
      "Unpacking and reading back",  "Programming flash",
      "Until the answer is back",    "Erasing the bank",
      "Starting loader and program",
  };
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  SyLifeWindow *life;
  int sum = 0;

  upgrade(window);
  assert_non_null(strstr(test_label(window, "result_figures"), " baud, packed"));
  life = show_life(window);
  for (guint n = 0; n < G_N_ELEMENTS(names); n++) {
    GtkListBoxRow *row = find_row(life, "stages_list", names[n]);
    int share = atoi(get_cell(row, VALUES));

    assert_true(
        gtk_test_accessible_has_property(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_PROPERTY_LABEL));
    assert_true(share >= 0 && share <= 100);
    sum += share;
  }
  assert_null(get_row(life, "stages_list", 1 + G_N_ELEMENTS(names)));
  assert_true(sum >= 50);
  assert_string_equal(get_cell(find_row(life, "stages_list", "Erasing the bank"), 1), "once");
  test_window_close(window);
}

static void interrupts_are_counted_by_cause(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  SyLifeWindow *life;
  GtkListBoxRow *line;
  GtkListBoxRow *tick;
  double per_byte;

  upgrade(window);
  life = show_life(window);
  line = find_row(life, "interrupts_list", "Serial line");
  tick = find_row(life, "interrupts_list", "Clock tick");
  per_byte = g_ascii_strtod(get_cell(line, VALUES), NULL);
  assert_true(per_byte > 5 && per_byte < 160);
  assert_true(atoi(get_cell(line, 1)) > 100);
  assert_true(atoi(get_cell(line, 2)) > atoi(get_cell(tick, 2)));
  assert_true(atoi(get_cell(tick, 1)) > 10);
  test_window_close(window);
}

static void it_can_be_copied_and_closed_by_a_key(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");
  SyLifeWindow *life;
  GdkContentProvider *content;
  g_auto(GValue) value = G_VALUE_INIT;

  upgrade(window);
  life = show_life(window);
  assert_true(gtk_widget_activate_action(GTK_WIDGET(life), "life.copy", NULL));
  content = gdk_clipboard_get_content(gtk_widget_get_clipboard(GTK_WIDGET(life)));
  g_value_init(&value, G_TYPE_STRING);
  assert_true(gdk_content_provider_get_value(content, &value, NULL));
  assert_non_null(strstr(g_value_get_string(&value), " KB in "));
  assert_non_null(strstr(g_value_get_string(&value), "  Programming flash"));
  assert_non_null(strstr(g_value_get_string(&value), "  Serial line"));
  assert_true(gtk_widget_activate_action(GTK_WIDGET(life), "window.close", NULL));
  test_spin_ms(100);
  assert_null(find_life_window());
  show_life(window); /* and it opens again */
  test_window_close(window);
  assert_null(find_life_window());
}

static void the_next_upgrade_takes_it_away(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");

  upgrade(window);
  show_life(window);
  test_wait(window, test_can_upgrade, "the button to be ready");
  test_press(window, "upgrade_button"); /* the same once more is asked about */
  test_answer("upgrade");
  assert_null(find_life_window());
  test_press(window, "cancel_button");
  test_wait(window, test_is_end_shown, "the upgrade to end");
  assert_non_null(strstr(test_label(window, "result_label"), "The upgrade was cancelled."));
  assert_false(gtk_widget_get_mapped(get_button(window)));
  test_window_close(window);
}

/* --- how it looks --- */

static void it_fits_light_dark_and_narrow(void **state)
{
  AdwStyleManager *style = adw_style_manager_get_default();
  SyWindow *window = test_window_new_sized(NARROW_WIDTH, NARROW_HEIGHT);
  GtkWidget *life;

  test_wait(window, test_is_connected, "the substation to answer");
  open_firmware(window, "release-large-1.3.0.hex");
  upgrade(window);
  test_spin_ms(400);
  test_picture(window, "life-summary-narrow");
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= NARROW_WIDTH);
  life = GTK_WIDGET(show_life(window));
  gtk_window_set_default_size(GTK_WINDOW(life), WIDE_WIDTH, WIDE_HEIGHT);
  test_spin_ms(500);
  test_picture_of(life, "life");
  gtk_window_set_default_size(GTK_WINDOW(life), NARROW_WIDTH, NARROW_HEIGHT);
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_FORCE_DARK);
  test_spin_ms(500);
  assert_true(gtk_widget_get_width(life) <= NARROW_WIDTH);
  test_picture_of(life, "life-narrow-dark");
  adw_style_manager_set_color_scheme(style, ADW_COLOR_SCHEME_DEFAULT);
  test_window_close(window);
}

/* --- the flash map --- */

static guint count_cells(SyWindow *window, SyCell kind)
{
  guint count = 0;

  for (guint sector = 0; sector < WIRE_SECTOR_COUNT; sector++)
    for (guint block = 0; block < WIRE_BLOCKS_PER_SECTOR; block++)
      count += sy_flash_map_get_cell(test_flash_map(window), sector, block) == kind;
  return count;
}

static gboolean has_come_far(SyWindow *window)
{
  return sy_station_get_progress(sy_window_get_station(window))->blocks_done >= CANCEL_AT;
}

/* On a busy machine some of them may have to be sent again. */
static guint count_written(SyWindow *window)
{
  return count_cells(window, SY_CELL_VERIFIED) + count_cells(window, SY_CELL_REPEATED);
}

static gboolean streams(SyWindow *window)
{
  return count_cells(window, SY_CELL_SENT) > 1 && count_written(window) > 0;
}

/* On a line so long that what is on its way is seen whenever somebody looks. */
static void upgrade_until(SyWindow *window, TestCondition condition, const char *what)
{
  SyStation *station = sy_window_get_station(window);

  test_lengthen_line(station);
  test_press(window, "upgrade_button");
  test_wait(window, condition, what);
  sy_virtual_clear_faults(sy_station_get_virtual(station));
}

static void several_blocks_are_on_their_way_at_once(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");

  open_firmware(window, "release-large-1.3.0.hex");
  upgrade_until(window, streams, "several blocks on their way");
  test_picture(window, "window-streaming");
  test_wait(window, test_is_end_shown, "the upgrade to end");
  assert_int_equal(count_cells(window, SY_CELL_SENT), 0);
  test_window_close(window);
}

static void what_an_interrupted_upgrade_left_is_there_from_the_start(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_RELEASE");

  open_firmware(window, "release-large-1.3.0.hex");
  upgrade_until(window, has_come_far, "many blocks to be written");
  test_press(window, "cancel_button");
  test_wait(window, test_is_end_shown, "the upgrade to end");
  assert_non_null(strstr(test_label(window, "result_label"), "The upgrade was cancelled."));
  test_wait(window, test_can_upgrade, "the button to be ready");
  upgrade_until(window, streams, "several blocks on their way");
  assert_true(count_written(window) >= KEPT_MIN - 1); /* block 0 waits in RAM */
  test_picture(window, "window-resumed");
  test_wait(window, test_is_end_shown, "the upgrade to end");
  assert_string_equal(test_label(window, "result_label"), "The substation runs HIGH 1.3.0.");
  assert_non_null(strstr(test_label(window, "result_figures"), " blocks were there already"));
  test_window_close(window);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(before_an_upgrade_there_is_nothing_to_show),
      cmocka_unit_test(every_stage_has_a_row_with_plausible_numbers),
      cmocka_unit_test(interrupts_are_counted_by_cause),
      cmocka_unit_test(it_can_be_copied_and_closed_by_a_key),
      cmocka_unit_test(the_next_upgrade_takes_it_away),
      cmocka_unit_test(it_fits_light_dark_and_narrow),
      cmocka_unit_test(several_blocks_are_on_their_way_at_once),
      cmocka_unit_test(what_an_interrupted_upgrade_left_is_there_from_the_start),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests_name("where the time went", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
