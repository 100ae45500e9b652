/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The abstract link, and which kind a port's name means. */

#include "sy-fd-link.h"
#include "sy-link-private.h"
#include "sy-net-name.h"
#include "sy-serial.h"
#include "sy-stable-name.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>

typedef struct {
  SyTrouble *trouble; /* may be NULL */
} SyLinkErrorPrivate;

static void sy_link_error_private_init(SyLinkErrorPrivate *self)
{
  self->trouble = NULL;
}

static void sy_link_error_private_copy(const SyLinkErrorPrivate *from, SyLinkErrorPrivate *to)
{
  to->trouble = from->trouble ? sy_trouble_ref(from->trouble) : NULL;
}

static void sy_link_error_private_clear(SyLinkErrorPrivate *self)
{
  g_clear_pointer(&self->trouble, sy_trouble_unref);
}

G_DEFINE_EXTENDED_ERROR(SyLinkError, sy_link_error)
typedef struct {
  SyLinkTap tap;
  gpointer tap_data;
} SyLinkPrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE(SyLink, sy_link, G_TYPE_OBJECT)

static void sy_link_class_init(SyLinkClass *klass)
{
  (void)klass;
}

static void sy_link_init(SyLink *self)
{
  (void)self;
}

SyTrouble *sy_link_error_get_trouble(const GError *error)
{
  return error->domain == SY_LINK_ERROR ? sy_link_error_get_private(error)->trouble : NULL;
}

GError *sy_link_error_new(SyLinkError code, SyTrouble *trouble)
{
  g_autofree char *sentence = sy_trouble_dup_sentence(trouble);
  GError *error = g_error_new_literal(SY_LINK_ERROR, (int)code, sentence);

  sy_link_error_get_private(error)->trouble = sy_trouble_ref(trouble);
  return error;
}

/* A stable name leads to the device that has it now. */
static SyLink *open_stable(const char *port, const SyLinkSettings *settings, GError **error)
{
  g_autofree char *device =
      sy_stable_name_is_usb(port) ? sy_serial_find(port) : sy_stable_name_resolve(port);

  if (!device) {
    sy_fd_link_set_open_error(error, ENOENT, port);
    return NULL;
  }
  return g_str_has_prefix(device, "pty:") ? sy_pty_link_open(device + strlen("pty:"), error)
                                          : sy_serial_link_open(device, settings, error);
}

gboolean sy_link_check_name(const char *port, GError **error)
{
  if (sy_net_name_is(port)) {
    g_autoptr(SyNetName) name = sy_net_name_parse(port, error);

    return name != NULL;
  }
  if (g_str_equal(port, "virtual") || (g_str_has_prefix(port, "pty:") && port[4] != '\0') ||
      g_str_has_prefix(port, "/dev/") || sy_stable_name_is_link(port) ||
      sy_stable_name_is_usb(port))
    return TRUE;
  g_set_error(error, SY_LINK_ERROR, SY_LINK_ERROR_PORT,
              _("“%s” is no port. A port is “virtual”, “pty:PATH”, a device like /dev/ttyUSB0, "
                "“socket://HOST:PORT” or “rfc2217://HOST:PORT”."),
              port);
  return FALSE;
}

SyLink *sy_link_open(const char *port, GCancellable *cancellable, GError **error)
{
  return sy_link_open_with(port, NULL, cancellable, error);
}

SyLink *sy_link_open_with(const char *port, const SyLinkSettings *settings,
                          GCancellable *cancellable, GError **error)
{
  static const SyLinkSettings off;

  g_return_val_if_fail(port != NULL, NULL);

  if (!settings)
    settings = &off;
  if (g_cancellable_set_error_if_cancelled(cancellable, error) || !sy_link_check_name(port, error))
    return NULL;
  if (g_str_equal(port, "virtual"))
    return sy_virtual_link_open(error);
  if (sy_net_name_is(port))
    return sy_net_link_open(port, settings, cancellable, error);
  if (g_str_has_prefix(port, "pty:"))
    return sy_pty_link_open(port + 4, error);
  if (sy_stable_name_is_link(port) || sy_stable_name_is_usb(port))
    return open_stable(port, settings, error);
  return sy_serial_link_open(port, settings, error);
}

int sy_link_get_fd(SyLink *self)
{
  return SY_LINK_GET_CLASS(self)->get_fd(self);
}

gboolean sy_link_has_input(SyLink *self)
{
  return SY_LINK_GET_CLASS(self)->has_input && SY_LINK_GET_CLASS(self)->has_input(self);
}

gssize sy_link_read(SyLink *self, guint8 *bytes, gsize room, GError **error)
{
  const SyLinkPrivate *tapped = sy_link_get_instance_private(self);
  gssize length = SY_LINK_GET_CLASS(self)->read(self, bytes, room, error);

  if (length > 0 && tapped->tap)
    tapped->tap(bytes, (gsize)length, tapped->tap_data);
  return length;
}

void sy_link_set_tap(SyLink *self, SyLinkTap tap, gpointer user_data)
{
  SyLinkPrivate *tapped = sy_link_get_instance_private(self);

  tapped->tap = tap;
  tapped->tap_data = user_data;
}

gssize sy_link_write(SyLink *self, const guint8 *bytes, gsize length, GError **error)
{
  return SY_LINK_GET_CLASS(self)->write(self, bytes, length, error);
}

gboolean sy_link_has_rate(SyLink *self)
{
  return SY_LINK_GET_CLASS(self)->set_rate != NULL;
}

gboolean sy_link_is_rate_near(guint rate, guint wanted)
{
  guint64 apart = rate > wanted ? rate - wanted : wanted - rate;

  return apart * 50 <= wanted;
}

guint sy_link_set_rate(SyLink *self, guint baud)
{
  return sy_link_has_rate(self) ? SY_LINK_GET_CLASS(self)->set_rate(self, baud) : 0;
}
