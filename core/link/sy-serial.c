/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Serial ports. libserialport finds them; opening is the link's own: libserialport opens a port a
 * second time, which turns DTR and RTS on again, takes no lock, and writes both lines whenever the
 * rate changes. */

#include "sy-serial.h"

#include "sy-fd-link.h"
#include "sy-link-private.h"
#include "sy-locate.h"
#include "sy-stable-name.h"
#include "sy-tty-rate.h"

#include <glib/gi18n-lib.h>
#include <libserialport.h>
#include <linux/serial.h>
#include <linux/tty_flags.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define TTY_FOLDER "/sys/class/tty"

enum { DEFAULT_BAUD = 115200 };

#define SY_TYPE_SERIAL_LINK (sy_serial_link_get_type())
G_DECLARE_FINAL_TYPE(SySerialLink, sy_serial_link, SY, SERIAL_LINK, SyFdLink)

struct _SySerialLink {
  SyFdLink parent_instance;

  gboolean was_slow; /* low latency is ours */
};

G_DEFINE_FINAL_TYPE(SySerialLink, sy_serial_link, SY_TYPE_FD_LINK)

/* Adapters hold received bytes back, FTDI's for 16 ms, and hand them over at once with this.
 * Returns whether it was otherwise; many drivers do not know it. */
static gboolean set_low_latency(int fd, gboolean low)
{
  struct serial_struct port;

  if (ioctl(fd, TIOCGSERIAL, &port) < 0 || ((port.flags & ASYNC_LOW_LATENCY) != 0) == low)
    return FALSE;
  port.flags ^= (int)ASYNC_LOW_LATENCY;
  return ioctl(fd, TIOCSSERIAL, &port) == 0;
}

/* The driver keeps the flag until the adapter is pulled: the next program is to find it as it was.
 */
static void sy_serial_link_dispose(GObject *object)
{
  SySerialLink *self = SY_SERIAL_LINK(object);

  if (self->was_slow)
    set_low_latency(sy_link_get_fd(SY_LINK(object)), FALSE);
  self->was_slow = FALSE;
  G_OBJECT_CLASS(sy_serial_link_parent_class)->dispose(object);
}

static void sy_serial_link_class_init(SySerialLinkClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = sy_serial_link_dispose;
}

static void sy_serial_link_init(SySerialLink *self)
{
  (void)self;
}

static void set_line(int fd, int line, gboolean on)
{
  ioctl(fd, on ? TIOCMBIS : TIOCMBIC, &line);
}

/* RTS first: a board that comes out of its reset looks at P0.14. */
static void set_lines(int fd, const SyLinkSettings *settings)
{
  set_line(fd, TIOCM_RTS, settings->rts);
  set_line(fd, TIOCM_DTR, settings->dtr);
}

/* 8N1 without flow control, and the rate read back: drivers say OK to rates they refuse. */
static gboolean configure(int fd, const char *path, GError **error)
{
  guint baud;

  sy_fd_link_make_raw(fd);
  baud = sy_tty_set_rate(fd, DEFAULT_BAUD);
  if (!sy_link_is_rate_near(baud, DEFAULT_BAUD)) {
    g_set_error(error, SY_LINK_ERROR, SY_LINK_ERROR_FAILED,
                _("%s does not take %d baud; it stays at %d"), path, DEFAULT_BAUD, (int)baud);
    return FALSE;
  }
  return TRUE;
}

SyLink *sy_serial_link_open(const char *path, const SyLinkSettings *settings, GError **error)
{
  int fd = sy_fd_link_open_path(path, error);
  int before = 0;
  SySerialLink *self;

  if (fd < 0)
    return NULL;
  ioctl(fd, TIOCEXCL); /* keeps programs out that do not lock */
  set_lines(fd, settings);
  if (!configure(fd, path, error)) {
    ioctl(fd, TIOCNXCL);
    close(fd);
    return NULL;
  }
  /* A port that was left at 0 baud has both on again. */
  if (ioctl(fd, TIOCMGET, &before) == 0 && (((before & TIOCM_RTS) != 0) != settings->rts ||
                                            ((before & TIOCM_DTR) != 0) != settings->dtr))
    set_lines(fd, settings);
  self = g_object_new(SY_TYPE_SERIAL_LINK, "fd", fd, NULL);
  self->was_slow = set_low_latency(fd, TRUE);
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

char *sy_serial_find(const char *usb)
{
  g_autoptr(GPtrArray) ports = sy_serial_list();

  for (guint i = 0; i < ports->len; i++) {
    const SySerialPort *port = g_ptr_array_index(ports, i);

    if (g_strcmp0(port->usb, usb) == 0)
      return g_strdup(port->name);
  }
  return NULL;
}
