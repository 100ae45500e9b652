/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Ports under the names that udev gives them: found, gone, found again under another number. */

#define _GNU_SOURCE /* posix_openpt and its kin */
#include "sy-link.h"
#include "sy-port-list.h"
#include "sy-serial.h"
#include "sy-stable-name.h"
#include "temp-folder.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define ADAPTER "usb-FTDI_FT232R_USB_UART_A10K2-if00-port0"
#define OTHER   "usb-FTDI_FT232R_USB_UART_B20M4-if00-port0"

/* A folder of devices as udev fills it. */
typedef struct {
  char *folder;
  char *by_id, *by_path;
} Devices;

static int set_up(void **state)
{
  Devices *devices = g_new0(Devices, 1);

  devices->folder = temp_folder_new();
  devices->by_id = g_build_filename(devices->folder, "serial", "by-id", NULL);
  devices->by_path = g_build_filename(devices->folder, "serial", "by-path", NULL);
  g_setenv("SWITCHYARD_DEVICES", devices->folder, TRUE);
  *state = devices;
  return g_mkdir_with_parents(devices->by_id, 0755) | g_mkdir_with_parents(devices->by_path, 0755);
}

static int tear_down(void **state)
{
  Devices *devices = *state;

  g_unsetenv("SWITCHYARD_DEVICES");
  temp_folder_remove(devices->folder);
  g_free(devices->by_id);
  g_free(devices->by_path);
  g_free(devices);
  return 0;
}

/* A terminal; what is plugged in. */
static int terminal_open(char name[64])
{
  int master = posix_openpt(O_RDWR | O_NOCTTY);

  assert_true(master >= 0);
  assert_int_equal(grantpt(master), 0);
  assert_int_equal(unlockpt(master), 0);
  assert_int_equal(ptsname_r(master, name, 64), 0);
  return master;
}

static char *plug_in(const char *folder, const char *link, const char *terminal)
{
  char *path = g_build_filename(folder, link, NULL);

  assert_int_equal(symlink(terminal, path), 0);
  return path;
}

static guint count(SyPortList *ports)
{
  return g_list_model_get_n_items(G_LIST_MODEL(ports));
}

static SyPort *find(SyPortList *ports, const char *stable_name)
{
  guint position = sy_port_list_find_stable(ports, stable_name);

  return position == G_MAXUINT ? NULL : g_list_model_get_item(G_LIST_MODEL(ports), position);
}

static void an_adapter_is_listed_with_product_serial_and_stable_name(void **state)
{
  Devices *devices = *state;
  char terminal[64];
  int master = terminal_open(terminal);
  g_autofree char *link = plug_in(devices->by_id, ADAPTER, terminal);
  g_autofree char *name = g_strconcat("pty:", terminal, NULL);
  g_autofree char *base = g_path_get_basename(terminal);
  g_autofree char *label = g_strdup_printf("FTDI FT232R USB UART · A10K2 (%s)", base);
  g_autofree char *detail = g_strdup_printf("%s · " ADAPTER, base);
  g_autoptr(SyPortList) ports = sy_port_list_new();
  g_autoptr(SyPort) port = find(ports, link);

  assert_int_equal(count(ports), 2);
  assert_non_null(port);
  assert_string_equal(sy_port_get_name(port), name);
  assert_string_equal(sy_port_get_stable_name(port), link);
  assert_string_equal(sy_port_get_title(port), "FTDI FT232R USB UART · A10K2");
  assert_string_equal(sy_port_get_detail(port), detail);
  assert_string_equal(sy_port_get_label(port), label);
  assert_false(sy_port_is_virtual(port));
  assert_false(sy_port_is_missing(port));
  close(master);
}

static void on_changed(GListModel *model, guint position, guint removed, guint added,
                       guint *changes)
{
  (void)model;
  (void)position;
  *changes += removed + added;
}

static void an_adapter_comes_and_goes_and_nothing_else_changes(void **state)
{
  Devices *devices = *state;
  char one[64], two[64];
  int masters[2] = {terminal_open(one), terminal_open(two)};
  g_autofree char *kept = plug_in(devices->by_id, OTHER, one);
  g_autoptr(SyPortList) ports = sy_port_list_new();
  g_autofree char *link = NULL;
  guint changes = 0;

  g_signal_connect(ports, "items-changed", G_CALLBACK(on_changed), &changes);
  sy_port_list_refresh(ports);
  assert_int_equal(changes, 0);
  link = plug_in(devices->by_id, ADAPTER, two);
  sy_port_list_refresh(ports);
  assert_int_equal(count(ports), 3);
  assert_int_equal(changes, 1);
  assert_int_not_equal(sy_port_list_find_stable(ports, link), G_MAXUINT);
  g_remove(link);
  sy_port_list_refresh(ports);
  assert_int_equal(count(ports), 2);
  assert_int_equal(changes, 2);
  assert_int_equal(sy_port_list_find_stable(ports, link), G_MAXUINT);
  assert_int_not_equal(sy_port_list_find_stable(ports, kept), G_MAXUINT);
  close(masters[0]);
  close(masters[1]);
}

static void an_adapter_is_found_and_opened_again_under_another_number(void **state)
{
  Devices *devices = *state;
  char one[64], two[64];
  int masters[2] = {terminal_open(one), terminal_open(two)};
  g_autofree char *link = plug_in(devices->by_id, ADAPTER, one);
  g_autofree char *again = NULL;
  g_autofree char *wanted = g_strconcat("pty:", two, NULL);
  g_autoptr(SyPortList) ports = sy_port_list_new();
  g_autoptr(SyPort) port = NULL;
  g_autoptr(SyLink) opened = NULL;

  g_remove(link);
  again = plug_in(devices->by_id, ADAPTER, two);
  sy_port_list_refresh(ports);
  port = find(ports, link);
  assert_string_equal(sy_port_get_name(port), wanted);
  opened = sy_link_open(link, NULL, NULL);
  assert_non_null(opened);
  assert_int_equal(sy_link_write(opened, (const guint8 *)"x", 1, NULL), 1);
  assert_int_equal(read(masters[1], one, 1), 1);
  assert_int_equal(one[0], 'x');
  close(masters[0]);
  close(masters[1]);
}

static void a_stable_name_without_its_adapter_is_absent_and_says_which(void **state)
{
  Devices *devices = *state;
  g_autofree char *link = g_build_filename(devices->by_id, ADAPTER, NULL);
  g_autoptr(GError) error = NULL;

  assert_null(sy_link_open(link, NULL, &error));
  assert_true(g_error_matches(error, SY_LINK_ERROR, SY_LINK_ERROR_ABSENT));
  assert_int_equal(sy_link_error_get_trouble(error)->kind, SY_TROUBLE_ABSENT);
  assert_non_null(strstr(error->message, "FTDI FT232R USB UART · A10K2"));
}

static void a_missing_port_keeps_the_name_it_had(void **state)
{
  Devices *devices = *state;
  char terminal[64];
  int master = terminal_open(terminal);
  g_autofree char *link = plug_in(devices->by_id, ADAPTER, terminal);
  g_autoptr(SyPortList) ports = sy_port_list_new();
  g_autoptr(SyPort) port = find(ports, link);
  g_autoptr(SyPort) gone = NULL;
  g_autoptr(SyPort) remembered = NULL;

  g_remove(link);
  gone = sy_port_new_missing(link, port);
  remembered = sy_port_new_missing(link, NULL);
  assert_true(sy_port_is_missing(gone));
  assert_string_equal(sy_port_get_stable_name(gone), link);
  assert_string_equal(sy_port_get_label(gone), "FTDI FT232R USB UART · A10K2 (not plugged in)");
  assert_string_equal(sy_port_get_label(remembered), sy_port_get_label(gone));
  close(master);
}

static void two_of_a_kind_without_serial_numbers_are_told_apart_by_their_sockets(void **state)
{
  Devices *devices = *state;
  char terminal[64];
  int master = terminal_open(terminal);
  g_autofree char *by_id = plug_in(devices->by_id, "usb-1a86_USB_Serial-if00-port0", terminal);
  g_autofree char *by_path = plug_in(devices->by_path, "pci-0000:00:14.0-usb-0:1:1.0", terminal);
  g_autofree char *with = sy_stable_name_find(terminal, TRUE);
  g_autofree char *without = sy_stable_name_find(terminal, FALSE);

  assert_string_equal(with, by_id);
  assert_string_equal(without, by_path);
  close(master);
}

static void assert_read(const char *link, const char *product, const char *serial)
{
  g_autofree char *read_product = NULL;
  g_autofree char *read_serial = NULL;

  sy_stable_name_read(link, &read_product, &read_serial);
  if (!product)
    assert_null(read_product);
  else
    assert_string_equal(read_product, product);
  if (!serial)
    assert_null(read_serial);
  else
    assert_string_equal(read_serial, serial);
}

static void the_name_of_a_link_tells_product_and_serial(void **state)
{
  (void)state;
  assert_read("/dev/serial/by-id/" ADAPTER, "FTDI FT232R USB UART", "A10K2");
  assert_read("/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0", "1a86 USB Serial", NULL);
  assert_read("/dev/serial/by-id/usb-Prolific-if00", "Prolific", NULL);
  assert_read("/dev/serial/by-path/usb-pci-1", NULL, NULL);
  assert_read("/dev/serial/by-id/other", NULL, NULL);
}

static void set_type(Devices *devices, const char *base, const char *type)
{
  g_autofree char *folder = g_build_filename(devices->folder, "class", base, NULL);
  g_autofree char *path = g_build_filename(folder, "type", NULL);

  assert_int_equal(g_mkdir_with_parents(folder, 0755), 0);
  assert_true(g_file_set_contents(path, type, -1, NULL));
}

static void names_without_a_uart_are_no_ports(void **state)
{
  Devices *devices = *state;
  g_autofree char *folder = g_build_filename(devices->folder, "class", NULL);

  set_type(devices, "ttyS0", "4\n");
  set_type(devices, "ttyS1", "0\n");
  assert_true(sy_serial_has_uart(folder, "ttyS0"));
  assert_false(sy_serial_has_uart(folder, "ttyS1"));
  assert_true(sy_serial_has_uart(folder, "ttyS2")); /* who knows */
}

typedef struct {
  guint changes, position, removed, added;
} Change;

static void on_items_changed(GListModel *model, guint position, guint removed, guint added,
                             Change *change)
{
  (void)model;
  *change = (Change){change->changes + 1, position, removed, added};
}

static void ports_behind_a_network_follow_those_that_were_found(void **state)
{
  static const char *const names[] = {"socket://[::1]:2001", "socket://wrong",
                                      "rfc2217://cabinet-7:2001", NULL};
  Devices *devices = *state;
  g_autoptr(SyPortList) ports = sy_port_list_new();
  g_autoptr(SyPort) port = NULL;
  Change change = {0};
  char terminal[64];
  int master = terminal_open(terminal);

  g_signal_connect(ports, "items-changed", G_CALLBACK(on_items_changed), &change);
  sy_port_list_set_network(ports, names);
  assert_int_equal(g_list_model_get_n_items(G_LIST_MODEL(ports)), 3);
  assert_memory_equal(&change, (&(Change){1, 1, 0, 2}), sizeof change);
  sy_port_list_set_network(ports, names);
  assert_int_equal(change.changes, 1); /* no news */
  g_free(plug_in(devices->by_id, ADAPTER, terminal));
  sy_port_list_refresh(ports);
  assert_memory_equal(&change, (&(Change){2, 1, 0, 1}), sizeof change);
  assert_int_equal(sy_port_list_find(ports, "socket://[::1]:2001"), 2);
  assert_int_equal(sy_port_list_find_stable(ports, "rfc2217://cabinet-7:2001"), 3);
  port = g_list_model_get_item(G_LIST_MODEL(ports), 3);
  assert_string_equal(sy_port_get_title(port), "cabinet-7:2001");
  assert_string_equal(sy_port_get_detail(port), "RFC 2217 over TCP");
  assert_string_equal(sy_port_get_stable_name(port), "rfc2217://cabinet-7:2001");
  sy_port_list_set_network(ports, names + 3);
  assert_memory_equal(&change, (&(Change){3, 2, 2, 0}), sizeof change);
  close(master);
}

static void a_port_behind_a_network_is_never_called_unplugged(void **state)
{
  g_autoptr(SyPort) port = sy_port_new_missing("socket://cabinet-7:2001", NULL);

  (void)state;
  assert_string_equal(sy_port_get_label(port), "cabinet-7:2001");
  assert_string_equal(sy_port_get_detail(port), "Raw TCP");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(an_adapter_is_listed_with_product_serial_and_stable_name),
      TEST(an_adapter_comes_and_goes_and_nothing_else_changes),
      TEST(an_adapter_is_found_and_opened_again_under_another_number),
      TEST(a_stable_name_without_its_adapter_is_absent_and_says_which),
      TEST(a_missing_port_keeps_the_name_it_had),
      TEST(two_of_a_kind_without_serial_numbers_are_told_apart_by_their_sockets),
      TEST(the_name_of_a_link_tells_product_and_serial),
      TEST(names_without_a_uart_are_no_ports),
      TEST(ports_behind_a_network_follow_those_that_were_found),
      TEST(a_port_behind_a_network_is_never_called_unplugged),
  };

  return cmocka_run_group_tests_name("port-list", tests, NULL, NULL);
}
