/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Serial ports through libserialport, which finds and configures them; reading and writing are the
 * link's own, because its wait does not notice a pulled cable. */

#include "sy-serial.h"

#include "sy-fd-link.h"
#include "sy-link-private.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <libserialport.h>
#include <sys/ioctl.h>
#include <unistd.h>

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
  g_free(port->label);
  g_free(port);
}

static char *dup_label(struct sp_port *port, const char *name)
{
  g_autofree char *base = g_path_get_basename(name);
  const char *product = sp_get_port_usb_product(port);
  const char *serial = sp_get_port_usb_serial(port);

  if (product && serial)
    return g_strdup_printf("%s · %s (%s)", product, serial, base);
  if (product)
    return g_strdup_printf("%s (%s)", product, base);
  return g_strdup_printf(_("Serial port (%s)"), base);
}

static gint compare_ports(gconstpointer a, gconstpointer b)
{
  const SySerialPort *const *left = a;
  const SySerialPort *const *right = b;

  return g_strcmp0((*left)->name, (*right)->name);
}

GPtrArray *sy_serial_list(void)
{
  GPtrArray *ports = g_ptr_array_new_with_free_func(serial_port_free);
  struct sp_port **list = NULL;

  if (sp_list_ports(&list) != SP_OK)
    return ports;
  for (struct sp_port **at = list; *at; at++) {
    SySerialPort *port = g_new0(SySerialPort, 1);
    const char *name = sp_get_port_name(*at);

    port->name = g_strdup(name);
    port->label = dup_label(*at, name);
    g_ptr_array_add(ports, port);
  }
  sp_free_port_list(list);
  g_ptr_array_sort(ports, compare_ports);
  return ports;
}
