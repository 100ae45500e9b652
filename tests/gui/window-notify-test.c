/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the desktop is told when a job ends; this program is the desktop, too. */

#include "window-fixture.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char interface_xml[] =
    "<node><interface name='org.freedesktop.Notifications'>"
    "<method name='Notify'>"
    "<arg type='s' direction='in'/><arg type='u' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='as' direction='in'/>"
    "<arg type='a{sv}' direction='in'/><arg type='i' direction='in'/>"
    "<arg type='u' direction='out'/></method>"
    "<method name='CloseNotification'><arg type='u' direction='in'/></method>"
    "<method name='GetCapabilities'><arg type='as' direction='out'/></method>"
    "</interface></node>";

/* What the desktop was told. */
static struct {
  guint notified, closed;
  char *summary, *body;
  guint8 urgency;
  gboolean owned;
} told;

static void on_call(GDBusConnection *connection, const char *sender, const char *path,
                    const char *interface, const char *method, GVariant *parameters,
                    GDBusMethodInvocation *invocation, gpointer user_data)
{
  g_autoptr(GVariant) hints = NULL;

  if (g_str_equal(method, "CloseNotification")) {
    told.closed++;
    g_dbus_method_invocation_return_value(invocation, NULL);
    return;
  }
  if (g_str_equal(method, "GetCapabilities")) {
    const char *const capabilities[] = {"body", "actions", NULL};

    g_dbus_method_invocation_return_value(invocation, g_variant_new("(^as)", capabilities));
    return;
  }
  g_clear_pointer(&told.summary, g_free);
  g_clear_pointer(&told.body, g_free);
  g_variant_get_child(parameters, 3, "s", &told.summary);
  g_variant_get_child(parameters, 4, "s", &told.body);
  hints = g_variant_get_child_value(parameters, 6);
  told.urgency = G_MAXUINT8;
  g_variant_lookup(hints, "urgency", "y", &told.urgency);
  told.notified++;
  g_dbus_method_invocation_return_value(invocation, g_variant_new("(u)", 7));
}

static void on_name(GDBusConnection *connection, const char *name, gpointer user_data)
{
  told.owned = TRUE;
}

/* On a connection of its own, or nothing would go over the bus. */
static int become_the_desktop(void **state)
{
  static const GDBusInterfaceVTable vtable = {.method_call = on_call};
  g_autoptr(GDBusNodeInfo) node = g_dbus_node_info_new_for_xml(interface_xml, NULL);
  g_autofree char *address = g_dbus_address_get_for_bus_sync(G_BUS_TYPE_SESSION, NULL, NULL);
  GDBusConnection *connection =
      g_dbus_connection_new_for_address_sync(address,
                                             G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                 G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                             NULL, NULL, NULL);

  *state = connection;
  if (!connection ||
      g_dbus_connection_register_object(connection, "/org/freedesktop/Notifications",
                                        node->interfaces[0], &vtable, NULL, NULL, NULL) == 0)
    return -1;
  g_bus_own_name_on_connection(connection, "org.freedesktop.Notifications",
                               G_BUS_NAME_OWNER_FLAGS_NONE, on_name, NULL, NULL, NULL);
  for (int n = 0; n < 500 && !told.owned; n++)
    test_spin_ms(10);
  return told.owned ? 0 : -1;
}

static int be_no_desktop(void **state)
{
  g_object_unref(*state);
  g_free(told.summary);
  g_free(told.body);
  return 0;
}

static gboolean is_active(SyWindow *window)
{
  return gtk_window_is_active(GTK_WINDOW(window));
}

static gboolean is_left(SyWindow *window)
{
  return !is_active(window);
}

static gboolean has_notified(SyWindow *window)
{
  return told.notified > 0;
}

/* Without a window manager the X server may refuse the focus to who asks for it once. */
static gboolean has_closed(SyWindow *window)
{
  gtk_window_present(GTK_WINDOW(window));
  return told.closed > 0;
}

static SyWindow *start_with(const char *variable)
{
  SyWindow *window = test_window_new_connected(variable);

  test_wait(window, test_can_upgrade, "the button to be ready");
  gtk_window_present(GTK_WINDOW(window));
  test_wait(window, is_active, "the window to be looked at");
  told.notified = told.closed = 0;
  return window;
}

/* Another program's window, as far as ours can tell. */
static GtkWidget *look_elsewhere(SyWindow *window)
{
  GtkWidget *other = gtk_window_new();

  gtk_window_present(GTK_WINDOW(other));
  test_wait(window, is_left, "another window to be looked at");
  return other;
}

static void ask_bus(GDBusConnection *connection)
{
  g_autoptr(GVariant) id = g_dbus_connection_call_sync(
      connection, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "GetId",
      NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

  assert_non_null(id);
}

/* Until the program knows its notification's number. GLib forgets one that is withdrawn sooner, and
 * the desktop keeps it: a program's answers are behind what the bus has given it before. */
static void wait_for_number(GDBusConnection *desktop)
{
  g_autoptr(GDBusConnection) ours = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, NULL);

  ask_bus(desktop);
  ask_bus(ours);
  test_spin_ms(10);
}

static void a_job_that_ends_in_sight_is_not_notified(void **state)
{
  SyWindow *window = start_with("SWITCHYARD_TEST_LARGE");

  test_start_writing(window);
  test_press(window, "cancel_button");
  test_wait(window, test_is_end_shown, "the upgrade to end");
  assert_true(is_active(window));
  test_spin_ms(300);
  assert_int_equal(told.notified, 0);
  test_window_close(window);
}

static void an_upgrade_that_ends_out_of_sight_is_notified_until_somebody_looks(void **state)
{
  SyWindow *window = start_with("SWITCHYARD_TEST_RELEASE");
  GtkWidget *other;

  other = look_elsewhere(window); /* first: it is soon over */
  test_press(window, "upgrade_button");
  test_wait(window, test_is_end_shown, "the upgrade to end");
  test_wait(window, has_notified, "the desktop to be told");
  assert_string_equal(told.summary, "Upgrade Done");
  assert_string_equal(told.body, test_label(window, "result_label"));
  assert_int_equal(told.urgency, 1);
  assert_int_equal(told.closed, 0);
  wait_for_number(*state);
  gtk_window_destroy(GTK_WINDOW(other));
  test_wait(window, has_closed, "the notification to be withdrawn");
  assert_int_equal(told.notified, 1);
  test_window_close(window);
}

static void a_failure_out_of_sight_is_urgent(void **state)
{
  g_autofree char *pty = g_strdup_printf("%s/notify-%d", g_get_tmp_dir(), (int)getpid());
  g_autoptr(GSubprocess) substation = test_substation_start_faulty(pty, "latency=250");
  g_autofree char *port = g_strconcat("pty:", pty, NULL);
  SyWindow *window = test_window_new();
  GtkWidget *other;

  sy_window_set_port(window, port);
  test_open(window, test_file("SWITCHYARD_TEST_LARGE"));
  test_wait(window, test_has_release, "the file to be read");
  test_wait(window, test_can_upgrade, "the button to be ready");
  told.notified = told.closed = 0;
  test_start_writing(window);
  other = look_elsewhere(window);
  test_substation_stop(substation, pty);
  test_wait(window, test_is_end_shown, "the upgrade to end");
  test_wait(window, has_notified, "the desktop to be told");
  assert_string_equal(told.summary, "Upgrade Failed");
  assert_int_equal(told.urgency, 2);
  gtk_window_destroy(GTK_WINDOW(other));
  test_window_close(window);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_job_that_ends_in_sight_is_not_notified),
      cmocka_unit_test(an_upgrade_that_ends_out_of_sight_is_notified_until_somebody_looks),
      cmocka_unit_test(a_failure_out_of_sight_is_urgent),
  };
  int failed;

  setlocale(LC_ALL, "C.UTF-8");
  if (!test_application_start()) {
    g_print("1..0 # SKIP no display\n");
    return 0;
  }
  failed = cmocka_run_group_tests_name("notifications", tests, become_the_desktop, be_no_desktop);
  test_application_stop();
  return failed;
}
