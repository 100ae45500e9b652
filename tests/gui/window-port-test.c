/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window while adapters come and go, and what it says when no substation is behind one. */

#define _GNU_SOURCE /* posix_openpt and its kin */
#include "panel-fixture.h"

#include "sy-port-chooser.h"
#include "sy-port-list.h"
#include "sy-trouble-box.h"
#include "temp-folder.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ADAPTER "usb-FTDI_FT232R_USB_UART_A10K2-if00-port0"
#define OTHER   "usb-Silicon_Labs_CP2102N_USB_to_UART_Bridge_0001-if00-port0"

static char *devices; /* a folder as udev fills it */
static char *links;   /* serial/by-id in it */

static int set_up(void **state)
{
  devices = temp_folder_new();
  links = g_build_filename(devices, "serial", "by-id", NULL);
  g_setenv("SWITCHYARD_DEVICES", devices, TRUE);
  g_setenv("SWITCHYARD_PORT_POLL_MS", "0", TRUE); /* what is seen, the kernel has told */
  return g_mkdir_with_parents(links, 0755);
}

static int tear_down(void **state)
{
  g_unsetenv("SWITCHYARD_DEVICES");
  g_unsetenv("SWITCHYARD_PORT_POLL_MS");
  g_clear_pointer(&devices, temp_folder_remove);
  g_clear_pointer(&links, g_free);
  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), ADW_COLOR_SCHEME_DEFAULT);
  return 0;
}

/* --- what is plugged in --- */

static int terminal_open(char name[64])
{
  int master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);

  assert_true(master >= 0);
  assert_int_equal(grantpt(master), 0);
  assert_int_equal(unlockpt(master), 0);
  assert_int_equal(ptsname_r(master, name, 64), 0);
  return master;
}

static char *plug_in(const char *name, const char *terminal)
{
  char *path = g_build_filename(links, name, NULL);

  assert_int_equal(symlink(terminal, path), 0);
  return path;
}

/* --- what is shown --- */

static SyPortChooser *get_chooser(SyWindow *window)
{
  return SY_PORT_CHOOSER(panel_child(window, "port_chooser"));
}

static const char *get_button_text(SyWindow *window)
{
  return sy_port_get_label(gtk_drop_down_get_selected_item(panel_drop_down(window)));
}

static const char *get_box_text(gpointer box, const char *name)
{
  GtkWidget *label = test_child(box, SY_TYPE_TROUBLE_BOX, name);

  return gtk_label_get_text(GTK_LABEL(label));
}

static const char *get_trouble_text(SyWindow *window, const char *name)
{
  return get_box_text(panel_child(window, "trouble_box"), name);
}

static guint count_ports(SyWindow *window)
{
  return g_list_model_get_n_items(gtk_drop_down_get_model(panel_drop_down(window)));
}

static gboolean has_two_ports(SyWindow *window)
{
  return count_ports(window) == 2;
}

static gboolean has_three_ports(SyWindow *window)
{
  return count_ports(window) == 3;
}

static gboolean has_one_port(SyWindow *window)
{
  return count_ports(window) == 1;
}

static gboolean is_gone(SyWindow *window)
{
  return panel_has_trouble(window, SY_TROUBLE_GONE);
}

static gboolean is_absent(SyWindow *window)
{
  return panel_has_trouble(window, SY_TROUBLE_ABSENT);
}

static gboolean is_away(SyWindow *window)
{
  return is_gone(window) || is_absent(window);
}

static gboolean is_silent(SyWindow *window)
{
  return panel_has_trouble(window, SY_TROUBLE_SILENT);
}

static gboolean is_other_device(SyWindow *window)
{
  return panel_has_trouble(window, SY_TROUBLE_NOT_A_SUBSTATION);
}

static gboolean is_busy_elsewhere(SyWindow *window)
{
  return panel_has_trouble(window, SY_TROUBLE_BUSY);
}

static gboolean names_itself_missing(SyWindow *window)
{
  return g_str_has_suffix(get_button_text(window), "(not plugged in)");
}

static gboolean is_back(SyWindow *window)
{
  return test_is_connected(window) && !names_itself_missing(window);
}

/* --- tests --- */

static void without_an_adapter_the_panel_says_that_there_is_something_to_practise(void **state)
{
  SyWindow *window = test_window_new();
  GtkWidget *label = panel_child(window, "no_adapter_label");

  assert_int_equal(count_ports(window), 1);
  assert_true(gtk_widget_get_mapped(label));
  assert_string_equal(gtk_label_get_text(GTK_LABEL(label)),
                      "No adapter is plugged in. The virtual substation is there to practise.");
  test_wait(window, test_is_connected, "the substation to answer");
  test_picture(window, "ports-none");
  test_window_close(window);
}

static void an_adapter_appears_and_goes_without_anybody_looking(void **state)
{
  SyWindow *window = test_window_new();
  char terminal[64];
  int master = terminal_open(terminal);

  for (int n = 0; n < 3; n++) {
    g_autofree char *link = plug_in(ADAPTER, terminal);

    test_wait(window, has_two_ports, "the adapter to be listed");
    assert_false(gtk_widget_get_visible(panel_child(window, "no_adapter_label")));
    g_remove(link);
    test_wait(window, has_one_port, "the adapter to be listed no more");
    assert_true(gtk_widget_get_visible(panel_child(window, "no_adapter_label")));
  }
  assert_string_equal(sy_port_chooser_get_port(get_chooser(window)), "virtual");
  close(master);
  test_window_close(window);
}

static gboolean find_popover(gpointer widget, GtkWidget **found)
{
  for (GtkWidget *child = gtk_widget_get_first_child(widget); child && !*found;
       child = gtk_widget_get_next_sibling(child))
    if (GTK_IS_POPOVER(child))
      *found = child;
  return *found != NULL;
}

static gboolean shows_second_lines(SyWindow *window)
{
  GtkWidget *popover = NULL;

  return find_popover(panel_drop_down(window), &popover) && test_has_class(popover, "dim-label");
}

static void the_list_has_product_serial_and_stable_name_in_two_lines(void **state)
{
  char one[64], two[64];
  int masters[2] = {terminal_open(one), terminal_open(two)};
  g_autofree char *link = plug_in(ADAPTER, one);
  g_autofree char *other = plug_in(OTHER, two);
  SyWindow *window = test_window_new();
  GtkWidget *popover = NULL;

  assert_int_equal(count_ports(window), 3);
  test_wait(window, test_is_connected, "the substation to answer");
  assert_true(find_popover(panel_drop_down(window), &popover));
  gtk_popover_popup(GTK_POPOVER(popover));
  test_wait(window, shows_second_lines, "the list to open");
  test_picture_of(popover, "ports-list");
  gtk_popover_popdown(GTK_POPOVER(popover));
  close(masters[0]);
  close(masters[1]);
  test_window_close(window);
}

static void a_pulled_adapter_says_so_and_goes_on_when_it_is_back_under_another_name(void **state)
{
  g_autofree char *link = g_build_filename(links, ADAPTER, NULL);
  GSubprocess *process = test_substation_start(link);
  SyWindow *window = test_window_new();
  SyStation *station;
  char taken[64];
  g_autofree char *before = NULL;
  int master;

  sy_window_set_port(window, link);
  station = sy_window_get_station(window);
  test_wait(window, test_is_connected, "the substation to answer");
  before = g_strdup(sy_port_chooser_get_port(get_chooser(window)));
  assert_true(g_str_has_prefix(before, "pty:"));
  assert_string_equal(sy_station_panel_get_stable_port(panel_get(window)), link);
  test_picture(window, "ports-chosen");

  test_substation_stop(process, link);
  test_wait(window, is_gone, "the pulled cable to be noticed");
  test_wait(window, names_itself_missing, "the port to be called missing");
  assert_string_equal(get_button_text(window), "FTDI FT232R USB UART · A10K2 (not plugged in)");
  assert_string_equal(panel_get_state_text(window), "Unplugged");
  assert_string_equal(get_trouble_text(window, "title_label"), "The Connection Is Gone");
  /* What is tried next finds nothing, and that is no news. */
  test_spin_ms(2500);
  assert_true(is_gone(window));
  test_picture(window, "ports-gone");

  master = terminal_open(taken); /* the number that it had */
  process = test_substation_start(link);
  test_wait(window, is_back, "the substation to be back");
  assert_ptr_equal(sy_window_get_station(window), station);
  assert_string_not_equal(sy_port_chooser_get_port(get_chooser(window)), before);
  assert_false(gtk_widget_get_visible(panel_child(window, "trouble_box")));
  test_window_close(window);
  close(master);
  test_substation_stop(process, link);
}

static gboolean has_stable_name(SyWindow *window)
{
  return g_str_has_suffix(sy_station_panel_get_stable_port(panel_get(window)), ADAPTER);
}

static void an_adapter_that_gets_its_name_late_keeps_all_that_was_heard(void **state)
{
  g_autofree char *link = g_build_filename(links, ADAPTER, NULL);
  g_autofree char *line = g_strconcat(links, "-late", NULL);
  GSubprocess *process = test_substation_start(line);
  g_autofree char *terminal = g_file_read_link(line, NULL);
  g_autofree char *port = g_strconcat("pty:", terminal, NULL);
  SyWindow *window = test_window_new();
  SyStation *station;

  sy_window_set_port(window, port);
  test_wait(window, test_is_connected, "the substation to answer");
  station = sy_window_get_station(window);
  assert_int_equal(symlink(terminal, link), 0);
  test_wait(window, has_stable_name, "the name to be seen");
  g_remove(link);
  test_substation_stop(process, line);
  test_wait(window, names_itself_missing, "the port to be called missing");
  assert_ptr_equal(sy_window_get_station(window), station);
  assert_non_null(sy_station_get_identity(station));
  test_window_close(window);
}

static void another_adapter_never_takes_the_place_of_the_chosen_one(void **state)
{
  g_autofree char *link = g_build_filename(links, ADAPTER, NULL);
  g_autofree char *other = g_build_filename(links, OTHER, NULL);
  char terminal[64];
  int master = terminal_open(terminal); /* before the window, so that its number is the lowest */
  SyWindow *window = test_window_new();
  GSubprocess *process;
  g_autofree char *name = g_strconcat("pty:", terminal, NULL);

  assert_int_equal(symlink(terminal, link), 0);
  sy_window_set_port(window, link);
  assert_string_equal(sy_port_chooser_get_port(get_chooser(window)), name);
  g_remove(link);
  close(master);
  test_wait(window, is_away, "the pulled cable to be noticed");
  test_wait(window, names_itself_missing, "the port to be called missing");
  process = test_substation_start(other); /* mostly under the number that is free again */
  test_wait(window, has_three_ports, "the other adapter to be listed");
  test_spin_ms(2500);
  assert_true(is_away(window));
  assert_false(test_is_connected(window));
  assert_string_equal(sy_station_panel_get_stable_port(panel_get(window)), link);
  assert_null(sy_station_get_identity(sy_window_get_station(window)));
  test_window_close(window);
  test_substation_stop(process, other);
}

static void a_remembered_adapter_is_waited_for(void **state)
{
  g_autofree char *link = g_build_filename(links, ADAPTER, NULL);
  SyWindow *window = test_window_new();
  GSubprocess *process;

  sy_window_set_port(window, link);
  test_wait(window, is_absent, "the port to be absent");
  assert_string_equal(get_button_text(window), "FTDI FT232R USB UART · A10K2 (not plugged in)");
  assert_string_equal(panel_get_state_text(window), "Not plugged in");
  test_picture(window, "ports-remembered");
  process = test_substation_start(link);
  test_wait(window, test_is_connected, "the substation to answer");
  test_window_close(window);
  test_substation_stop(process, link);
}

static gboolean say_login(gpointer master)
{
  static const char prompt[] = "\r\nbox login: ";

  /* Nobody may read it. */
  return write(GPOINTER_TO_INT(master), prompt, sizeof prompt - 1) != 0;
}

static void a_port_is_silent_until_something_else_speaks(void **state)
{
  SyWindow *window = test_window_new();
  char terminal[64];
  int master = terminal_open(terminal);
  g_autofree char *link = plug_in(ADAPTER, terminal);
  guint source;

  sy_window_set_port(window, link);
  test_wait(window, is_silent, "the silence to be noticed");
  assert_string_equal(panel_get_state_text(window), "Port open, nobody answers");
  assert_non_null(strstr(get_trouble_text(window, "checks_label"), "P0.14"));
  test_picture(window, "ports-silent");
  source = g_timeout_add(100, say_login, GINT_TO_POINTER(master));
  test_wait(window, is_other_device, "the other device to be noticed");
  assert_non_null(strstr(get_trouble_text(window, "text_label"), "login:"));
  assert_string_equal(panel_get_state_text(window), "Port open, something else answers");
  test_picture(window, "ports-not-a-substation");
  g_source_remove(source);
  test_window_close(window);
  close(master);
}

static void a_second_window_is_told_that_the_first_has_the_port(void **state)
{
  g_autofree char *link = g_build_filename(links, ADAPTER, NULL);
  GSubprocess *process = test_substation_start(link);
  SyWindow *first = test_window_new();
  SyWindow *second = test_window_new();

  sy_window_set_port(first, link);
  test_wait(first, test_is_connected, "the substation to answer");
  sy_window_set_port(second, link);
  test_wait(second, is_busy_elsewhere, "the port to be in use");
  assert_string_equal(get_trouble_text(second, "title_label"), "Another Window Uses the Port");
  assert_string_equal(panel_get_state_text(second), "In use by another program");
  test_window_close(first);
  test_wait(second, test_is_connected, "the second window to have it");
  test_window_close(second);
  test_substation_stop(process, link);
}

/* --- each trouble as it looks --- */

static SyPortHolders *holders_new(const char *name)
{
  SyPortHolders *holders = sy_port_holders_find("/nonexistent", "/nonexistent");
  SyPortHolder *holder;

  holders->hidden = name == NULL;
  if (!name)
    return holders;
  holder = g_new0(SyPortHolder, 1);
  holder->pid = 4711;
  holder->name = g_strdup(name);
  g_ptr_array_add(holders->found, holder);
  return holders;
}

static GtkWidget *box_new(SyTroubleKind kind, const SyPortAccess *access, const char *holder)
{
  g_autoptr(SyPortHolders) holders = holders_new(holder);
  g_autoptr(SyTrouble) trouble = sy_trouble_new(
      kind, &(SyTroubleFacts){"/dev/ttyUSB0", "Debian GNU/Linux 12 box ttyS0", access, holders});
  GtkWidget *box = g_object_new(SY_TYPE_TROUBLE_BOX, "width-request", 300, NULL);

  gtk_widget_add_css_class(box, "trouble");
  sy_trouble_box_set_trouble(SY_TROUBLE_BOX(box), trouble);
  return box;
}

static GtkWidget *boxes_new(void)
{
  static const SyPortAccess outside = {.user = "ann", .group = "dialout", .group_may = TRUE};
  static const SyPortAccess closed = {.user = "ann", .group = "root"};
  static const SyPortAccess joined = {
      .user = "ann", .group = "dialout", .group_may = TRUE, .is_member = TRUE};
  GtkWidget *columns[4];
  GtkWidget *all = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);

  for (guint n = 0; n < G_N_ELEMENTS(columns); n++) {
    columns[n] = gtk_box_new(GTK_ORIENTATION_VERTICAL, 12);
    gtk_box_append(GTK_BOX(all), columns[n]);
  }
#define ADD(column, ...) gtk_box_append(GTK_BOX(columns[column]), box_new(__VA_ARGS__))
  ADD(0, SY_TROUBLE_DENIED, &outside, NULL);
  ADD(0, SY_TROUBLE_DENIED, &closed, NULL);
  ADD(0, SY_TROUBLE_DENIED, &joined, NULL);
  ADD(1, SY_TROUBLE_BUSY, NULL, "picocom");
  ADD(1, SY_TROUBLE_BUSY, NULL, "switchyard-cli");
  ADD(1, SY_TROUBLE_BUSY, NULL, NULL);
  ADD(1, SY_TROUBLE_BUSY, NULL, "ModemManager");
  ADD(2, SY_TROUBLE_SILENT, NULL, NULL);
  ADD(2, SY_TROUBLE_NOT_HEARD, NULL, NULL);
  ADD(2, SY_TROUBLE_ECHO, NULL, NULL);
  ADD(3, SY_TROUBLE_WRONG_RATE, NULL, NULL);
  ADD(3, SY_TROUBLE_NOT_A_SUBSTATION, NULL, NULL);
  ADD(3, SY_TROUBLE_ABSENT, NULL, NULL);
  ADD(3, SY_TROUBLE_GONE, NULL, NULL);
#undef ADD
  gtk_widget_set_margin_start(all, 12);
  gtk_widget_set_margin_end(all, 12);
  gtk_widget_set_margin_top(all, 12);
  gtk_widget_set_margin_bottom(all, 12);
  return all;
}

static void each_trouble_looks_like_one(void **state)
{
  GtkWidget *window = adw_window_new();

  adw_window_set_content(ADW_WINDOW(window), boxes_new());
  gtk_window_present(GTK_WINDOW(window));
  test_picture_of(window, "troubles-light");
  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), ADW_COLOR_SCHEME_FORCE_DARK);
  test_spin_ms(400);
  test_picture_of(window, "troubles-dark");
  gtk_window_destroy(GTK_WINDOW(window));
}

static void on_read(GObject *source, GAsyncResult *result, gpointer user_data)
{
  char **text = user_data;

  *text = gdk_clipboard_read_text_finish(GDK_CLIPBOARD(source), result, NULL);
}

static void the_command_is_copied_with_one_press(void **state)
{
  static const SyPortAccess outside = {.user = "ann", .group = "dialout", .group_may = TRUE};
  GtkWidget *window = adw_window_new();
  GtkWidget *box = box_new(SY_TROUBLE_DENIED, &outside, NULL);
  GtkWidget *button = test_child(box, SY_TYPE_TROUBLE_BOX, "copy_button");
  g_autofree char *text = NULL;

  adw_window_set_content(ADW_WINDOW(window), box);
  gtk_window_present(GTK_WINDOW(window));
  assert_string_equal(gtk_widget_get_tooltip_text(button), "Copy the command");
  g_signal_emit_by_name(button, "clicked");
  assert_string_equal(gtk_widget_get_tooltip_text(button), "Copied");
  gdk_clipboard_read_text_async(gtk_widget_get_clipboard(box), NULL, on_read, &text);
  for (int n = 0; n < 600 && !text; n++)
    test_spin_ms(100);
  assert_string_equal(text, "sudo usermod -aG dialout ann");
  assert_string_equal(text, get_box_text(box, "command_label"));
  gtk_window_destroy(GTK_WINDOW(window));
}

static void a_trouble_is_heard_as_title_text_and_what_describes_the_port(void **state)
{
  SyWindow *window = test_window_new();
  GtkAccessible *box = GTK_ACCESSIBLE(panel_child(window, "trouble_box"));

  assert_true(gtk_test_accessible_has_role(box, GTK_ACCESSIBLE_ROLE_GROUP));
  assert_true(gtk_test_accessible_has_relation(box, GTK_ACCESSIBLE_RELATION_LABELLED_BY));
  assert_true(gtk_test_accessible_has_relation(box, GTK_ACCESSIBLE_RELATION_DESCRIBED_BY));
  assert_true(gtk_test_accessible_has_relation(GTK_ACCESSIBLE(panel_drop_down(window)),
                                               GTK_ACCESSIBLE_RELATION_DESCRIBED_BY));
  test_window_close(window);
}

static void a_trouble_fits_a_narrow_dark_window(void **state)
{
  SyWindow *window = test_window_new_sized(360, 720);
  g_autofree char *link = g_build_filename(links, ADAPTER, NULL);

  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), ADW_COLOR_SCHEME_FORCE_DARK);
  sy_window_set_port(window, link);
  test_wait(window, is_absent, "the port to be absent");
  test_spin_ms(400);
  assert_true(gtk_widget_get_width(GTK_WIDGET(window)) <= 360);
  test_picture(window, "ports-narrow-dark");
  test_window_close(window);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(without_an_adapter_the_panel_says_that_there_is_something_to_practise),
      TEST(an_adapter_appears_and_goes_without_anybody_looking),
      TEST(the_list_has_product_serial_and_stable_name_in_two_lines),
      TEST(a_pulled_adapter_says_so_and_goes_on_when_it_is_back_under_another_name),
      TEST(an_adapter_that_gets_its_name_late_keeps_all_that_was_heard),
      TEST(another_adapter_never_takes_the_place_of_the_chosen_one),
      TEST(a_remembered_adapter_is_waited_for),
      TEST(a_port_is_silent_until_something_else_speaks),
      TEST(a_second_window_is_told_that_the_first_has_the_port),
      TEST(each_trouble_looks_like_one),
      TEST(the_command_is_copied_with_one_press),
      TEST(a_trouble_is_heard_as_title_text_and_what_describes_the_port),
      TEST(a_trouble_fits_a_narrow_dark_window),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 77;
  }
  failed = cmocka_run_group_tests_name("window-port", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
