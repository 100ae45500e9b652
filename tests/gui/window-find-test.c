/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window looks for the substation among all ports. */

#include "panel-fixture.h"

#include "pty-fixture.h"
#include "sy-finder-box.h"
#include "sy-settings.h"
#include "temp-folder.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <cmocka.h>

enum { SPEAK_MS = 50 };

static const char PROMPT[] = "\r\nbox login: ";

static char *devices; /* a folder as udev fills it */
static char *links;   /* serial/by-id in it */
static Pty device;    /* one that is no substation */
static guint speech;

static int set_up(void **state)
{
  devices = temp_folder_new();
  links = g_build_filename(devices, "serial", "by-id", NULL);
  g_setenv("SWITCHYARD_DEVICES", devices, TRUE);
  g_settings_reset(sy_settings_get(), "last-port");
  device = pty_open();
  return g_mkdir_with_parents(links, 0755);
}

static int tear_down(void **state)
{
  g_clear_handle_id(&speech, g_source_remove);
  pty_close(&device);
  g_unsetenv("SWITCHYARD_DEVICES");
  g_clear_pointer(&devices, temp_folder_remove);
  g_clear_pointer(&links, g_free);
  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), ADW_COLOR_SCHEME_DEFAULT);
  return 0;
}

static char *dup_link(const char *serial)
{
  return g_strdup_printf("%s/usb-FTDI_FT232R_USB_UART_%s-if00-port0", links, serial);
}

static char *plug_in_device(const char *serial)
{
  char *link = dup_link(serial);
  g_autofree char *terminal = g_file_read_link(device.port + strlen("pty:"), NULL);

  assert_int_equal(symlink(terminal, link), 0);
  return link;
}

static gboolean say_login(gpointer unused)
{
  return write(device.master, PROMPT, sizeof PROMPT - 1) != 0;
}

static void speak(void)
{
  speech = g_timeout_add(SPEAK_MS, say_login, NULL);
}

/* --- what is seen --- */

static GtkWidget *get_box(SyWindow *window)
{
  return GTK_WIDGET(sy_station_panel_get_finder_box(panel_get(window)));
}

static GtkWidget *get_part(SyWindow *window, const char *name)
{
  return test_child(get_box(window), SY_TYPE_FINDER_BOX, name);
}

static const char *get_title(SyWindow *window)
{
  return gtk_label_get_text(GTK_LABEL(get_part(window, "title_label")));
}

static GtkWidget *find_action(GtkWidget *widget, const char *action)
{
  GtkWidget *found = NULL;

  if (GTK_IS_BUTTON(widget) &&
      g_strcmp0(gtk_actionable_get_action_name(GTK_ACTIONABLE(widget)), action) == 0)
    return widget;
  for (GtkWidget *child = gtk_widget_get_first_child(widget); child && !found;
       child = gtk_widget_get_next_sibling(child))
    found = find_action(child, action);
  return found;
}

static gboolean can_find(SyWindow *window)
{
  GtkWidget *button = find_action(GTK_WIDGET(panel_get(window)), "win.find-station");

  assert_non_null(button);
  return gtk_widget_is_sensitive(button);
}

static gboolean is_searching(SyWindow *window)
{
  return gtk_widget_get_visible(get_box(window)) &&
         gtk_widget_get_visible(get_part(window, "spinner"));
}

static gboolean is_over(SyWindow *window)
{
  return can_find(window) && !is_searching(window);
}

static gboolean has_ports(SyWindow *window)
{
  return is_over(window) && gtk_widget_get_visible(get_part(window, "rows"));
}

static gboolean has_other_device(SyWindow *window)
{
  const SyTrouble *trouble = sy_station_get_trouble(sy_window_get_station(window));

  return trouble && trouble->kind == SY_TROUBLE_NOT_A_SUBSTATION;
}

static gboolean is_lost(SyWindow *window)
{
  return sy_station_get_state(sy_window_get_station(window)) == SY_STATION_UNREACHABLE;
}

static void find(SyWindow *window)
{
  gtk_widget_activate_action(GTK_WIDGET(window), "win.find-station", NULL);
  assert_false(can_find(window));
  test_wait(window, is_searching, "the search to begin");
}

static GtkWidget *find_button(GtkWidget *rows, guint n)
{
  for (GtkWidget *row = gtk_widget_get_first_child(rows); row;
       row = gtk_widget_get_next_sibling(row))
    if (GTK_IS_BUTTON(row) && n-- == 0)
      return row;
  return NULL;
}

/* Whether a text stands on any label in it. */
static gboolean says(GtkWidget *widget, const char *text)
{
  if (GTK_IS_LABEL(widget) && strstr(gtk_label_get_text(GTK_LABEL(widget)), text))
    return TRUE;
  for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
       child = gtk_widget_get_next_sibling(child))
    if (says(child, text))
      return TRUE;
  return FALSE;
}

/* --- tests --- */

static void the_only_substation_is_found_and_chosen(void **state)
{
  g_autofree char *link = dup_link("A10K2");
  g_autofree char *other = plug_in_device("B20M4");
  GSubprocess *process = test_substation_start(link);
  SyWindow *window = test_window_new();

  test_wait(window, test_is_connected, "the virtual substation to answer");
  find(window);
  assert_string_equal(get_title(window), "Asking 2 ports…");
  test_picture(window, "find-asking");
  test_wait(window, is_over, "the search to end");
  assert_false(gtk_widget_get_visible(get_box(window)));
  assert_string_equal(sy_station_panel_get_stable_port(panel_get(window)), link);
  test_wait(window, test_is_connected, "the substation to answer");
  /* Once more: it is there already. */
  find(window);
  assert_string_equal(get_title(window), "Asking 1 port…");
  test_wait(window, is_over, "the second search to end");
  assert_string_equal(sy_station_panel_get_stable_port(panel_get(window)), link);
  test_window_close(window);
  test_substation_stop(process, link);
}

static gboolean is_on_board(SyWindow *window)
{
  SyBoardRow *row = sy_board_get_row(sy_window_get_board(window), 0);

  return row && sy_board_row_get_running(row);
}

/* Which has it open. */
static void one_that_is_on_the_board_is_found_too(void **state)
{
  g_autofree char *link = dup_link("A10K2");
  GSubprocess *process = test_substation_start(link);
  SyWindow *window = test_window_new();

  test_wait(window, test_is_connected, "the virtual substation to answer");
  sy_window_add_to_board(window, link);
  test_wait(window, is_on_board, "the substation on the board to answer");
  gtk_widget_activate_action(GTK_WIDGET(window), "win.find-station", NULL);
  test_wait(window, is_over, "the search to end");
  assert_false(gtk_widget_get_visible(get_box(window)));
  assert_string_equal(sy_station_panel_get_stable_port(panel_get(window)), link);
  test_wait(window, test_is_connected, "the substation to answer");
  test_window_close(window);
  test_substation_stop(process, link);
}

static void of_several_a_person_chooses_one(void **state)
{
  g_autofree char *one = dup_link("A10K2");
  g_autofree char *two = dup_link("B20M4");
  GSubprocess *processes[2] = {test_substation_start(one), test_substation_start(two)};
  SyWindow *window = test_window_new();
  SyVirtual *own = sy_station_get_virtual(sy_window_get_station(window));

  test_wait(window, test_is_connected, "the virtual substation to answer");
  sy_virtual_set_plugged(own, FALSE);
  test_wait(window, is_lost, "the cable to be missed");
  find(window);
  test_wait(window, has_ports, "the search to end");
  assert_string_equal(get_title(window), "Several Substations Answer");
  assert_true(says(get_box(window), "FTDI FT232R USB UART · A10K2"));
  assert_true(says(get_box(window), "The substation runs LOW 1.0.0."));
  assert_null(find_button(get_part(window, "rows"), 2));
  /* They stay when the port that was chosen before answers by itself. */
  sy_virtual_set_plugged(own, TRUE);
  test_wait(window, test_is_connected, "the virtual substation to answer");
  test_picture(window, "find-several");
  assert_true(gtk_widget_get_visible(get_box(window)));
  g_signal_emit_by_name(find_button(get_part(window, "rows"), 1), "clicked");
  assert_false(gtk_widget_get_visible(get_box(window)));
  assert_true(g_str_has_prefix(sy_station_panel_get_port(panel_get(window)), "pty:"));
  test_wait(window, test_is_connected, "the chosen one to answer");
  test_window_close(window);
  test_substation_stop(processes[0], one);
  test_substation_stop(processes[1], two);
}

/* The chosen port among them, which the window gives free for it. */
static void where_none_is_found_each_port_says_why(void **state)
{
  g_autofree char *link = plug_in_device("A10K2");
  SyWindow *window = test_window_new_sized(360, 720);

  speak();
  sy_window_set_port(window, link);
  test_wait(window, has_other_device, "the other device to be heard");
  find(window);
  test_wait(window, has_ports, "the search to end");
  assert_string_equal(get_title(window), "No Substation Was Found");
  assert_true(says(get_part(window, "rows"), "FTDI FT232R USB UART · A10K2"));
  assert_true(says(get_part(window, "rows"), "“box login:"));
  assert_null(find_button(get_part(window, "rows"), 0));
  test_picture(window, "find-none-narrow");
  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), ADW_COLOR_SCHEME_FORCE_DARK);
  test_spin_ms(400);
  test_picture(window, "find-none-narrow-dark");
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= 360);
  g_signal_emit_by_name(get_part(window, "end_button"), "clicked");
  assert_false(gtk_widget_get_visible(get_box(window)));
  test_wait(window, has_other_device, "the port to be listened to again");
  test_window_close(window);
}

static void with_no_adapter_it_says_so_at_once(void **state)
{
  SyWindow *window = test_window_new();

  gtk_widget_activate_action(GTK_WIDGET(window), "win.find-station", NULL);
  test_wait(window, has_ports, "the search to end");
  assert_true(says(get_box(window), "No adapter is plugged in."));
  test_picture(window, "find-no-adapter");
  test_window_close(window);
}

static void a_search_is_stopped_by_its_button_and_by_choosing_a_port(void **state)
{
  g_autofree char *link = plug_in_device("A10K2");
  SyWindow *window = test_window_new();

  find(window);
  g_signal_emit_by_name(get_part(window, "end_button"), "clicked");
  test_wait(window, is_over, "the search to stop");
  assert_false(gtk_widget_get_visible(get_box(window)));
  find(window);
  sy_window_set_port(window, link);
  test_wait(window, is_over, "the search to stop");
  assert_false(gtk_widget_get_visible(get_box(window)));
  find(window);
  test_window_close(window); /* which says whether anything holds it */
}

static void no_substation_is_looked_for_while_a_job_runs(void **state)
{
  SyWindow *window = test_window_new_connected("SWITCHYARD_TEST_LARGE");

  assert_true(can_find(window));
  test_start_writing(window);
  assert_false(can_find(window));
  gtk_widget_activate_action(GTK_WIDGET(window), "win.cancel", NULL);
  test_wait(window, test_is_end_shown, "the upgrade to end");
  assert_true(can_find(window));
  test_window_close(window);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(the_only_substation_is_found_and_chosen),
      TEST(one_that_is_on_the_board_is_found_too),
      TEST(of_several_a_person_chooses_one),
      TEST(where_none_is_found_each_port_says_why),
      TEST(with_no_adapter_it_says_so_at_once),
      TEST(a_search_is_stopped_by_its_button_and_by_choosing_a_port),
      TEST(no_substation_is_looked_for_while_a_job_runs),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 77;
  }
  failed = cmocka_run_group_tests_name("window-find", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
