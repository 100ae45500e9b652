/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Serial ports through libserialport, which finds and configures them; reading and writing are the
 * link's own, because its wait does not notice a pulled cable. */

#include "sy-serial.h"

#include "sy-fd-link.h"
#include "sy-link-private.h"
#include "sy-locate.h"
#include "sy-stable-name.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <libserialport.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TTY_FOLDER "/sys/class/tty"

enum { DEFAULT_BAUD = 115200 };

#define SY_TYPE_SERIAL_LINK (sy_serial_link_get_type())
G_DECLARE_FINAL_TYPE(SySerialLink, sy_serial_link, SY, SERIAL_LINK, SyFdLink)

struct _SySerialLink {
  SyFdLink parent_instance;

  struct sp_port *port;
  int lock_fd; /* opened and locked before the port is touched, closed after it */
};

G_DEFINE_FINAL_TYPE(SySerialLink, sy_serial_link, SY_TYPE_FD_LINK)

static void sy_serial_link_finalize(GObject *object)
{
  SySerialLink *self = SY_SERIAL_LINK(object);

  sp_close(self->port);
  sp_free_port(self->port);
  close(self->lock_fd);
  G_OBJECT_CLASS(sy_serial_link_parent_class)->finalize(object);
}

/* The rate as the driver has it, 0 when it does not say. */
static guint read_rate(struct sp_port *port)
{
  struct sp_port_config *config = NULL;
  int baud = 0;

  if (sp_new_config(&config) != SP_OK)
    return 0;
  if (sp_get_config(port, config) == SP_OK)
    sp_get_config_baudrate(config, &baud);
  sp_free_config(config);
  return baud > 0 ? (guint)baud : 0;
}

static guint sy_serial_link_set_rate_impl(SyLink *link, guint baud)
{
  struct sp_port *port = SY_SERIAL_LINK(link)->port;

  return sp_set_baudrate(port, (int)baud) == SP_OK ? read_rate(port) : 0;
}

static void sy_serial_link_class_init(SySerialLinkClass *klass)
{
  G_OBJECT_CLASS(klass)->finalize = sy_serial_link_finalize;
  SY_LINK_CLASS(klass)->set_rate = sy_serial_link_set_rate_impl;
}

static void sy_serial_link_init(SySerialLink *self)
{
  (void)self;
}

/* 8N1 without flow control, and the rate read back: drivers say OK to rates they refuse. */
static gboolean configure(struct sp_port *port, const char *path, GError **error)
{
  int baud;

  if (sp_set_baudrate(port, DEFAULT_BAUD) != SP_OK || sp_set_bits(port, 8) != SP_OK ||
      sp_set_parity(port, SP_PARITY_NONE) != SP_OK || sp_set_stopbits(port, 1) != SP_OK ||
      sp_set_flowcontrol(port, SP_FLOWCONTROL_NONE) != SP_OK) {
    g_set_error(error, SY_LINK_ERROR, SY_LINK_ERROR_FAILED, _("%s cannot be set to %d baud, 8N1"),
                path, DEFAULT_BAUD);
    return FALSE;
  }
  baud = (int)read_rate(port);
  /* Some adapters round: up to 2 % off is no harm to a byte of ten bits. */
  if (ABS(baud - DEFAULT_BAUD) * 50 > DEFAULT_BAUD) {
    g_set_error(error, SY_LINK_ERROR, SY_LINK_ERROR_FAILED,
                _("%s does not take %d baud; it stays at %d"), path, DEFAULT_BAUD, baud);
    return FALSE;
  }
  return TRUE;
}

static struct sp_port *open_port(const char *path, GError **error)
{
  struct sp_port *port = NULL;

  if (sp_get_port_by_name(path, &port) != SP_OK) {
    sy_fd_link_set_open_error(error, ENOENT, path);
    return NULL;
  }
  if (sp_open(port, SP_MODE_READ_WRITE) != SP_OK) {
    sy_fd_link_set_open_error(error, sp_last_error_code(), path);
    sp_free_port(port);
    return NULL;
  }
  return port;
}

SyLink *sy_serial_link_open(const char *path, GError **error)
{
  /* First, so that a port somebody else uses is not set up anew under his hands. */
  int lock_fd = sy_fd_link_open_path(path, error), fd = -1;
  struct sp_port *port = lock_fd >= 0 ? open_port(path, error) : NULL;
  SySerialLink *self;

  if (!port || sp_get_port_handle(port, &fd) != SP_OK || !configure(port, path, error)) {
    if (port) {
      sp_close(port);
      sp_free_port(port);
    }
    if (lock_fd >= 0)
      close(lock_fd);
    return NULL;
  }
  ioctl(fd, TIOCEXCL); /* keeps programs out that do not lock */
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  sp_flush(port, SP_BUF_INPUT);
  self = g_object_new(SY_TYPE_SERIAL_LINK, "fd", fd, "close-fd", FALSE, NULL);
  self->port = port;
  self->lock_fd = lock_fd;
  return SY_LINK(self);
}

static void serial_port_free(gpointer data)
{
  SySerialPort *port = data;

  g_free(port->name);
  g_free(port->product);
  g_free(port->serial);
  g_free(port->manufacturer);
  g_free(port->usb);
  g_free(port->stable);
  g_free(port);
}

gboolean sy_serial_has_uart(const char *folder, const char *base)
{
  g_autofree char *path = g_build_filename(folder, base, "type", NULL);
  g_autofree char *type = NULL;

  /* 0 is the kernel's PORT_UNKNOWN. */
  return !g_file_get_contents(path, &type, NULL, NULL) || g_ascii_strtoull(type, NULL, 10) != 0;
}

/* Takes the name. */
static SySerialPort *port_new(char *name)
{
  SySerialPort *port = g_new0(SySerialPort, 1);

  port->name = name;
  return port;
}

/* What the adapter says of itself, else what udev made of that; then how it is found again. */
static void describe(SySerialPort *port, struct sp_port *from)
{
  const char *device = sy_port_name_get_device(port->name);
  int vendor = 0, model = 0;

  if (from) {
    port->product = g_strdup(sp_get_port_usb_product(from));
    port->serial = g_strdup(sp_get_port_usb_serial(from));
    port->manufacturer = g_strdup(sp_get_port_usb_manufacturer(from));
    if (port->serial && sp_get_port_usb_vid_pid(from, &vendor, &model) == SP_OK)
      port->usb = g_strdup_printf("usb:%04x:%04x:%s", (guint)vendor, (guint)model, port->serial);
  }
  port->stable = sy_stable_name_find(device, port->serial || !from);
  if (port->stable && !port->product && !port->serial)
    sy_stable_name_read(port->stable, &port->product, &port->serial);
  if (!port->stable)
    port->stable = g_strdup(port->usb ? port->usb : port->name);
}

static gint compare_ports(gconstpointer a, gconstpointer b)
{
  const SySerialPort *const *left = a;
  const SySerialPort *const *right = b;

  return g_strcmp0((*left)->name, (*right)->name);
}

static gboolean is_listed(GPtrArray *ports, const char *name)
{
  for (guint i = 0; i < ports->len; i++) {
    const SySerialPort *port = g_ptr_array_index(ports, i);

    if (g_str_equal(port->name, name))
      return TRUE;
  }
  return FALSE;
}

static void add_listed(GPtrArray *ports)
{
  struct sp_port **list = NULL;

  if (sp_list_ports(&list) != SP_OK)
    return;
  for (struct sp_port **at = list; *at; at++) {
    const char *name = sp_get_port_name(*at);
    g_autofree char *base = g_path_get_basename(name);
    SySerialPort *port;

    if (g_str_has_prefix(base, "ttyS") && !sy_serial_has_uart(TTY_FOLDER, base))
      continue;
    port = port_new(g_strdup(name));
    describe(port, *at);
    g_ptr_array_add(ports, port);
  }
  sp_free_port_list(list);
}

/* libserialport leaves out a ttyS that it may not open: a person is to learn why not. */
static void add_closed(GPtrArray *ports)
{
  g_autoptr(GDir) terminals = g_dir_open(TTY_FOLDER, 0, NULL);
  const char *base;

  while (terminals && (base = g_dir_read_name(terminals))) {
    g_autofree char *device = g_build_filename("/dev", base, NULL);
    g_autofree char *type = g_build_filename(TTY_FOLDER, base, "type", NULL);
    SySerialPort *port;

    if (!g_str_has_prefix(base, "ttyS") || is_listed(ports, device) ||
        !g_file_test(type, G_FILE_TEST_EXISTS) || !sy_serial_has_uart(TTY_FOLDER, base) ||
        !g_file_test(device, G_FILE_TEST_EXISTS))
      continue;
    port = port_new(g_steal_pointer(&device));
    describe(port, NULL);
    g_ptr_array_add(ports, port);
  }
}

static void add_terminals(GPtrArray *ports)
{
  g_autoptr(GPtrArray) terminals = sy_stable_name_list_terminals();

  for (guint i = 0; i < terminals->len; i++) {
    SySerialPort *port;

    if (is_listed(ports, g_ptr_array_index(terminals, i)))
      continue;
    port = port_new(g_strdup(g_ptr_array_index(terminals, i)));
    describe(port, NULL);
    g_ptr_array_add(ports, port);
  }
}

GPtrArray *sy_serial_list(void)
{
  GPtrArray *ports = g_ptr_array_new_with_free_func(serial_port_free);

  if (g_str_equal(sy_locate_devices(), "/dev")) {
    add_listed(ports);
    add_closed(ports);
  }
  add_terminals(ports);
  g_ptr_array_sort(ports, compare_ports);
  return ports;
}
