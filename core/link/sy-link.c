/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The abstract link, and which kind a port's name means. */

#include "sy-link-private.h"

#include <glib/gi18n-lib.h>

G_DEFINE_QUARK(sy - link - error - quark, sy_link_error)
G_DEFINE_ABSTRACT_TYPE(SyLink, sy_link, G_TYPE_OBJECT)

static void sy_link_class_init(SyLinkClass *klass)
{
  (void)klass;
}

static void sy_link_init(SyLink *self)
{
  (void)self;
}

SyLink *sy_link_open(const char *port, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail(port != NULL, NULL);

  if (g_cancellable_set_error_if_cancelled(cancellable, error))
    return NULL;
  if (g_str_equal(port, "virtual"))
    return sy_virtual_link_open(error);
  if (g_str_has_prefix(port, "pty:") && port[4] != '\0')
    return sy_pty_link_open(port + 4, error);
  if (g_str_has_prefix(port, "/dev/"))
    return sy_serial_link_open(port, error);
  g_set_error(error, SY_LINK_ERROR, SY_LINK_ERROR_PORT,
              _("“%s” is no port. A port is “virtual”, “pty:PATH” or a device like /dev/ttyUSB0."),
              port);
  return NULL;
}

int sy_link_get_fd(SyLink *self)
{
  return SY_LINK_GET_CLASS(self)->get_fd(self);
}

gssize sy_link_read(SyLink *self, guint8 *bytes, gsize room, GError **error)
{
  return SY_LINK_GET_CLASS(self)->read(self, bytes, room, error);
}

gssize sy_link_write(SyLink *self, const guint8 *bytes, gsize length, GError **error)
{
  return SY_LINK_GET_CLASS(self)->write(self, bytes, length, error);
}

gboolean sy_link_has_rate(SyLink *self)
{
  return SY_LINK_GET_CLASS(self)->set_rate != NULL;
}

guint sy_link_set_rate(SyLink *self, guint baud)
{
  return sy_link_has_rate(self) ? SY_LINK_GET_CLASS(self)->set_rate(self, baud) : 0;
}
