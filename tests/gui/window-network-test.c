/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The window and ports behind a network: asked for, remembered, lost and found again. */

#include "panel-fixture.h"

#include "sy-network-port-dialog.h"
#include "sy-network-ports.h"
#include "sy-port-chooser.h"
#include "sy-port-list.h"
#include "sy-settings.h"
#include "sy-trouble-box.h"
#include "temp-folder.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

static char *devices; /* an empty folder: no port of this machine */

static void forget_ports(void)
{
  g_settings_reset(sy_settings_get(), SY_NETWORK_PORTS_KEY);
  g_settings_reset(sy_settings_get(), "last-port");
}

static int set_up(void **state)
{
  devices = temp_folder_new();
  g_setenv("SWITCHYARD_DEVICES", devices, TRUE);
  forget_ports();
  return 0;
}

static int tear_down(void **state)
{
  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), ADW_COLOR_SCHEME_DEFAULT);
  forget_ports();
  g_unsetenv("SWITCHYARD_DEVICES");
  g_clear_pointer(&devices, temp_folder_remove);
  return 0;
}

/* --- a raw serial server in front of a substation's pty --- */

typedef struct {
  char *line; /* the pty */
  GSocketService *service;
  guint16 number;
  GSocketConnection *connection; /* one at a time */
  int fds[2];                    /* of the pty, and of the connection */
  guint sources[2];
  guint connections; /* so far */
} Bridge;

static void bridge_hang_up(Bridge *bridge)
{
  g_clear_handle_id(&bridge->sources[0], g_source_remove);
  g_clear_handle_id(&bridge->sources[1], g_source_remove);
  if (bridge->connection)
    close(bridge->fds[0]);
  g_clear_object(&bridge->connection);
}

static gboolean on_bytes(gint fd, GIOCondition condition, gpointer user_data)
{
  Bridge *bridge = user_data;
  gboolean from_line = fd == bridge->fds[0];
  guint8 bytes[4096];
  gssize length = read(fd, bytes, sizeof bytes);

  if (length > 0 && write(bridge->fds[from_line ? 1 : 0], bytes, (gsize)length) == length)
    return G_SOURCE_CONTINUE;
  bridge->sources[from_line ? 0 : 1] = 0;
  bridge_hang_up(bridge);
  return G_SOURCE_REMOVE;
}

static gboolean on_incoming(GSocketService *service, GSocketConnection *connection, GObject *source,
                            gpointer user_data)
{
  Bridge *bridge = user_data;
  struct termios settings;

  if (bridge->connection)
    return TRUE; /* closed at once: it is in use */
  bridge->connections++;
  bridge->connection = g_object_ref(connection);
  bridge->fds[0] = open(bridge->line, O_RDWR | O_NOCTTY | O_CLOEXEC);
  assert_int_equal(tcgetattr(bridge->fds[0], &settings), 0);
  cfmakeraw(&settings);
  assert_int_equal(tcsetattr(bridge->fds[0], TCSANOW, &settings), 0);
  bridge->fds[1] = g_socket_get_fd(g_socket_connection_get_socket(connection));
  for (int n = 0; n < 2; n++)
    bridge->sources[n] = g_unix_fd_add(bridge->fds[n], G_IO_IN | G_IO_HUP, on_bytes, bridge);
  return TRUE;
}

static void bridge_start(Bridge *bridge)
{
  g_autoptr(GSocketAddress) any =
      g_inet_socket_address_new_from_string("127.0.0.1", bridge->number);
  g_autoptr(GSocketAddress) address = NULL;

  bridge->service = g_socket_service_new();
  assert_true(g_socket_listener_add_address(G_SOCKET_LISTENER(bridge->service), any,
                                            G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL,
                                            &address, NULL));
  bridge->number = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(address));
  g_signal_connect(bridge->service, "incoming", G_CALLBACK(on_incoming), bridge);
}

static void bridge_stop(Bridge *bridge)
{
  g_socket_service_stop(bridge->service);
  g_socket_listener_close(G_SOCKET_LISTENER(bridge->service));
  g_clear_object(&bridge->service);
  bridge_hang_up(bridge);
}

/* --- what is shown --- */

static GListModel *get_ports(SyWindow *window)
{
  return gtk_drop_down_get_model(panel_drop_down(window));
}

static const char *get_chosen(SyWindow *window)
{
  return sy_station_panel_get_stable_port(panel_get(window));
}

static gboolean is_closed(SyWindow *window)
{
  return panel_has_trouble(window, SY_TROUBLE_CLOSED);
}

static gboolean is_refused(SyWindow *window)
{
  return panel_has_trouble(window, SY_TROUBLE_REFUSED);
}

static GtkWidget *find_dialog(void)
{
  return test_find_window(SY_TYPE_NETWORK_PORT_DIALOG);
}

static gboolean has_no_dialog(SyWindow *window)
{
  return !find_dialog();
}

static GtkWidget *open_dialog(SyWindow *window)
{
  GtkWidget *dialog;

  gtk_widget_activate_action(GTK_WIDGET(window), "win.network-port", NULL);
  dialog = find_dialog();
  assert_non_null(dialog);
  return dialog;
}

static GtkWidget *get_part(GtkWidget *dialog, const char *name)
{
  return test_child(dialog, SY_TYPE_NETWORK_PORT_DIALOG, name);
}

static void type(GtkWidget *dialog, const char *row, const char *text)
{
  gtk_editable_set_text(GTK_EDITABLE(get_part(dialog, row)), text);
}

static void press_enter(GtkWidget *dialog, const char *row)
{
  GtkEditable *text = gtk_editable_get_delegate(GTK_EDITABLE(get_part(dialog, row)));

  g_signal_emit_by_name(text, "activate");
}

static void assert_note(GtkWidget *dialog, const char *part, gboolean ready)
{
  const char *note = gtk_label_get_text(GTK_LABEL(get_part(dialog, "note_label")));

  if (!strstr(note, part))
    fail_msg("“%s”: no “%s”", note, part);
  assert_int_equal(gtk_widget_get_sensitive(get_part(dialog, "connect_button")), ready);
}

static gboolean is_wrong(GtkWidget *dialog, const char *row)
{
  return gtk_widget_has_css_class(get_part(dialog, row), "error");
}

/* --- tests --- */

static void a_port_is_checked_while_it_is_typed(void **state)
{
  SyWindow *window = test_window_new();
  GtkWidget *dialog = open_dialog(window);

  assert_note(dialog, "substation-7.example", FALSE);
  assert_false(is_wrong(dialog, "host_row"));
  press_enter(dialog, "host_row"); /* nothing to choose yet */
  assert_non_null(find_dialog());
  type(dialog, "host_row", "cabinet 7");
  assert_note(dialog, "no host's name", FALSE);
  assert_true(is_wrong(dialog, "host_row"));
  type(dialog, "host_row", "cabinet-7.example");
  assert_note(dialog, "such as 2001", FALSE);
  assert_false(is_wrong(dialog, "host_row"));
  type(dialog, "number_row", "70000");
  assert_note(dialog, "from 1 to 65535", FALSE);
  assert_true(is_wrong(dialog, "number_row"));
  test_picture_of(dialog, "network-wrong");
  type(dialog, "number_row", "2001");
  assert_note(dialog, "socket://cabinet-7.example:2001", TRUE);
  adw_combo_row_set_selected(ADW_COMBO_ROW(get_part(dialog, "kind_row")), 1);
  assert_note(dialog, "rfc2217://cabinet-7.example:2001", TRUE);
  test_picture_of(dialog, "network-right");
  gtk_window_close(GTK_WINDOW(dialog));
  test_wait(window, has_no_dialog, "the dialog to close");
  assert_string_equal(get_chosen(window), "virtual");
  test_window_close(window);
}

static void a_whole_name_may_be_put_in_the_hosts_place(void **state)
{
  SyWindow *window = test_window_new();
  GtkWidget *dialog = open_dialog(window);

  type(dialog, "host_row", "rfc2217://[::1]:2001");
  assert_note(dialog, "rfc2217://[::1]:2001", TRUE);
  assert_false(gtk_widget_get_sensitive(get_part(dialog, "kind_row")));
  assert_false(gtk_widget_get_sensitive(get_part(dialog, "number_row")));
  type(dialog, "host_row", "cabinet-7:99");
  assert_note(dialog, "socket://cabinet-7:99", TRUE);
  assert_true(gtk_widget_get_sensitive(get_part(dialog, "kind_row")));
  type(dialog, "host_row", "cabinet-7:");
  assert_note(dialog, "port number is missing", FALSE);
  type(dialog, "host_row", "fe80::7");
  type(dialog, "number_row", "23");
  assert_note(dialog, "socket://[fe80::7]:23", TRUE);
  gtk_window_close(GTK_WINDOW(dialog));
  test_wait(window, has_no_dialog, "the dialog to close");
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

static void picture_list(SyWindow *window, const char *name)
{
  GtkWidget *popover = NULL;

  assert_true(find_popover(panel_drop_down(window), &popover));
  gtk_popover_popup(GTK_POPOVER(popover));
  test_spin_ms(300);
  test_picture_of(popover, name);
  gtk_popover_popdown(GTK_POPOVER(popover));
}

static void a_substation_behind_a_server_is_met_lost_and_found_again(void **state)
{
  char *folder = temp_folder_new();
  g_autofree char *line = g_build_filename(folder, "line", NULL);
  GSubprocess *process = test_substation_start(line);
  Bridge bridge = {.line = line};
  g_autofree char *number = NULL;
  g_autofree char *port = NULL;
  SyWindow *window;
  SyStation *station;
  GtkWidget *dialog;
  guint before;

  bridge_start(&bridge);
  number = g_strdup_printf("%u", bridge.number);
  port = g_strdup_printf("socket://127.0.0.1:%s", number);
  window = test_window_new();
  dialog = open_dialog(window);
  type(dialog, "host_row", "127.0.0.1");
  type(dialog, "number_row", number);
  press_enter(dialog, "number_row");
  test_wait(window, has_no_dialog, "the dialog to close");
  assert_string_equal(get_chosen(window), port);
  test_wait(window, test_is_connected, "the substation to answer");
  station = sy_window_get_station(window);
  test_picture(window, "network-connected");
  picture_list(window, "network-list");

  bridge_stop(&bridge);
  test_wait(window, is_closed, "the closed connection to be noticed");
  assert_string_equal(panel_get_state_text(window), "Closed by the server");
  test_picture(window, "network-closed");
  test_wait(window, is_refused, "nobody to be there any more");
  assert_string_equal(panel_get_state_text(window), "Connection refused");
  before = bridge.connections;
  bridge_start(&bridge);
  test_wait(window, test_is_connected, "the substation to be back");
  assert_ptr_equal(sy_window_get_station(window), station);
  assert_int_equal(bridge.connections, before + 1); /* no hammering */
  test_window_close(window);
  bridge_stop(&bridge);
  test_substation_stop(process, line);
  temp_folder_remove(folder);
}

static GtkWidget *find_button(GtkWidget *widget)
{
  GtkWidget *found = GTK_IS_BUTTON(widget) ? widget : NULL;

  for (GtkWidget *child = gtk_widget_get_first_child(widget); child && !found;
       child = gtk_widget_get_next_sibling(child))
    found = find_button(child);
  return found;
}

static void ports_are_remembered_and_removed(void **state)
{
  SyWindow *window = test_window_new();
  g_autoptr(SyPort) first = NULL;
  GtkWidget *dialog, *row, *button;
  SyWindow *other;

  sy_window_set_port(window, "socket://127.0.0.1:9");
  sy_window_set_port(window, "rfc2217://[::1]:9");
  sy_window_set_port(window, "socket://127.0.0.1:9");
  sy_window_set_port(window, "virtual");
  assert_int_equal(g_list_model_get_n_items(get_ports(window)), 3);
  first = g_list_model_get_item(get_ports(window), 1);
  assert_string_equal(sy_port_get_title(first), "[::1]:9");
  assert_string_equal(sy_port_get_detail(first), "RFC 2217 over TCP");
  assert_false(sy_port_is_missing(first));
  other = test_window_new();
  assert_int_equal(g_list_model_get_n_items(get_ports(other)), 3);

  sy_window_set_port(window, "rfc2217://[::1]:9");
  dialog = open_dialog(window);
  assert_note(dialog, "rfc2217://[::1]:9", TRUE); /* begins with what is chosen */
  test_picture_of(dialog, "network-known");
  adw_style_manager_set_color_scheme(adw_style_manager_get_default(), ADW_COLOR_SCHEME_FORCE_DARK);
  gtk_window_set_default_size(GTK_WINDOW(dialog), 340, -1);
  test_spin_ms(300);
  test_picture_of(dialog, "network-known-narrow-dark");
  row = gtk_widget_get_first_child(get_part(dialog, "known_list"));
  assert_string_equal(adw_preferences_row_get_title(ADW_PREFERENCES_ROW(row)), "[::1]:9");
  button = find_button(row);
  assert_string_equal(gtk_widget_get_tooltip_text(button), "Remove [::1]:9");
  g_signal_emit_by_name(button, "clicked");
  assert_int_equal(g_list_model_get_n_items(get_ports(other)), 2);
  assert_string_equal(get_chosen(window), "rfc2217://[::1]:9"); /* chosen it stays */
  row = gtk_widget_get_first_child(get_part(dialog, "known_list"));
  g_signal_emit_by_name(get_part(dialog, "known_list"), "row-activated", row);
  test_wait(window, has_no_dialog, "the dialog to close");
  assert_string_equal(get_chosen(window), "socket://127.0.0.1:9");
  assert_int_equal(g_list_model_get_n_items(get_ports(window)), 2);
  test_window_close(other);
  test_window_close(window);
}

static void only_so_many_are_remembered_the_newest_first(void **state)
{
  g_auto(GStrv) ports = NULL;

  for (guint n = 1; n <= SY_NETWORK_PORTS_MAX + 3; n++) {
    g_autofree char *port = g_strdup_printf("socket://host:%u", n);

    sy_network_ports_remember(port);
  }
  sy_network_ports_remember("socket://host:5");
  sy_network_ports_remember("/dev/ttyUSB0");
  sy_network_ports_remember("socket://host");
  ports = sy_network_ports_dup();
  assert_int_equal(g_strv_length(ports), SY_NETWORK_PORTS_MAX);
  assert_string_equal(ports[0], "socket://host:13");
  assert_string_equal(ports[SY_NETWORK_PORTS_MAX - 1], "socket://host:4");
}

/* --- each trouble as it looks --- */

static void each_trouble_of_a_network_looks_like_one(void **state)
{
  static const SyTroubleKind kinds[] = {
      SY_TROUBLE_NO_HOST, SY_TROUBLE_REFUSED,    SY_TROUBLE_UNREACHABLE, SY_TROUBLE_CLOSED,
      SY_TROUBLE_TAKEN,   SY_TROUBLE_NO_RFC2217, SY_TROUBLE_SILENT,      SY_TROUBLE_WRONG_RATE};
  GtkWidget *window = adw_window_new();
  GtkWidget *grid = gtk_grid_new();

  for (guint n = 0; n < G_N_ELEMENTS(kinds); n++) {
    g_autoptr(SyTrouble) trouble =
        sy_trouble_new(kinds[n], &(SyTroubleFacts){.port = "socket://substation-7.example:2001",
                                                   .said = n == 4 ? "Port already in use" : NULL});
    GtkWidget *box = g_object_new(SY_TYPE_TROUBLE_BOX, "width-request", 300, NULL);

    gtk_widget_add_css_class(box, "trouble");
    gtk_widget_set_valign(box, GTK_ALIGN_START);
    sy_trouble_box_set_trouble(SY_TROUBLE_BOX(box), trouble);
    gtk_grid_attach(GTK_GRID(grid), box, (int)(n % 4), (int)(n / 4), 1, 1);
  }
  gtk_grid_set_column_spacing(GTK_GRID(grid), 12);
  gtk_grid_set_row_spacing(GTK_GRID(grid), 12);
  adw_window_set_content(ADW_WINDOW(window), grid);
  gtk_window_present(GTK_WINDOW(window));
  test_picture_of(window, "network-troubles");
  gtk_window_destroy(GTK_WINDOW(window));
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(a_port_is_checked_while_it_is_typed),
      TEST(a_whole_name_may_be_put_in_the_hosts_place),
      TEST(a_substation_behind_a_server_is_met_lost_and_found_again),
      TEST(ports_are_remembered_and_removed),
      TEST(only_so_many_are_remembered_the_newest_first),
      TEST(each_trouble_of_a_network_looks_like_one),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 77;
  }
  failed = cmocka_run_group_tests_name("window-network", tests, NULL, NULL);
  test_application_stop();
  return failed;
}
