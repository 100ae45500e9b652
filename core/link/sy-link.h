/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyLink: an open byte stream to a substation, whatever carries it.
 *
 * A link is used by one thread at a time; nothing here blocks but opening it and, behind RFC 2217,
 * setting its rate. The caller polls
 * sy_link_get_fd() for reading (and for writing when a write was short) and then reads or writes.
 */

#pragma once

#include "sy-link-settings.h"
#include "sy-trouble.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What went wrong, by what the person does next. */
#define SY_LINK_ERROR (sy_link_error_quark())
GQuark sy_link_error_quark(void);
typedef enum {
  SY_LINK_ERROR_PORT,   /* the port's name is none we know: correct it */
  SY_LINK_ERROR_ABSENT, /* no such port, or nobody at its address: plug it in */
  SY_LINK_ERROR_BUSY,   /* another program holds it: close that */
  SY_LINK_ERROR_DENIED, /* no permission */
  SY_LINK_ERROR_LOST,   /* it was open and is gone: the cable was pulled, the process ended */
  SY_LINK_ERROR_SILENT, /* open, but no substation answers: check power, cable, rate */
  SY_LINK_ERROR_FAILED, /* anything else */
} SyLinkError;

/* The error carries what a person does about it; NULL when it is none of these, or has no more to
 * say than its message. Borrowed from the error. */
SyTrouble *sy_link_error_get_trouble(const GError *error);
/* A SY_LINK_ERROR that carries `trouble`, its message the trouble's sentence. */
GError *sy_link_error_new(SyLinkError code, SyTrouble *trouble) G_GNUC_WARN_UNUSED_RESULT;

#define SY_TYPE_LINK (sy_link_get_type())
G_DECLARE_DERIVABLE_TYPE(SyLink, sy_link, SY, LINK, GObject)

struct _SyLinkClass {
  GObjectClass parent_class;

  int (*get_fd)(SyLink *self);
  gssize (*read)(SyLink *self, guint8 *bytes, gsize room, GError **error);
  gssize (*write)(SyLink *self, const guint8 *bytes, gsize length, GError **error);
  guint (*set_rate)(SyLink *self, guint baud); /* NULL: the link has no rate that can be set */
  gboolean (*has_input)(SyLink *self);         /* NULL: all that waits is behind the descriptor */
};

/* Opens PORT at 115200 8N1. May block: a second at most, for a virtual substation starts; behind a
 * network up to five for the connection and ten more until an RFC 2217 server has agreed, unless it
 * is cancelled. Not for the main thread. PORT is
 *   "virtual"      a private virtual substation with the factory image, which ends with the link
 *   "pty:PATH"     the pseudo terminal PATH
 *   "/dev/tty…"    a serial port
 *   "/dev/serial/by-id/…" and by-path: the same under the name that it keeps
 *   "usb:VID:PID:SERIAL" the same, found by what the adapter says of itself
 *   "socket://HOST:PORT", "rfc2217://HOST:PORT": see sy-net-name.h */
SyLink *sy_link_open(const char *port, GCancellable *cancellable,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The same; a port that has DTR and RTS has them as `settings` say. NULL: off. */
SyLink *sy_link_open_with(const char *port, const SyLinkSettings *settings,
                          GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether that names a port, without looking whether it is there; SY_LINK_ERROR_PORT if not. */
gboolean sy_link_check_name(const char *port, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* To be polled; valid as long as the link. */
int sy_link_get_fd(SyLink *self);

/* Whether the link's rate can be set. */
gboolean sy_link_has_rate(SyLink *self);
/* Sets the rate, when nothing is under way, and returns what it is then, as read back from the
 * driver: adapters round, and some stay where they were. 0 when it was refused.
 *
 * Behind RFC 2217 it is the server's answer, which takes a round trip: this call blocks for it, 0.6
 * s at most, and returns 0 when none came. The server follows all the same, before what is written
 * next. Data that come meanwhile are kept, see sy_link_has_input. */
guint sy_link_set_rate(SyLink *self, guint baud);

/* Whether a line at `rate` carries what is sent at `wanted`: adapters round, and up to 2 % off is
 * no harm to a byte of ten bits. Any thread. */
gboolean sy_link_is_rate_near(guint rate, guint wanted);

/* Reads what is there: the number of bytes, 0 when there is nothing now, -1 with SY_LINK_ERROR_LOST
 * when the other end is gone. */
gssize sy_link_read(SyLink *self, guint8 *bytes, gsize room,
                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether bytes wait that were received already, so that polling the descriptor tells nothing of
 * them: to be read before polling. */
gboolean sy_link_has_input(SyLink *self);

/* Told of all bytes that are read, in the thread that reads, before sy_link_read returns. */
typedef void (*SyLinkTap)(const guint8 *bytes, gsize length, gpointer user_data);
/* From now on; NULL: nobody. `user_data` must stay as long as it is set. */
void sy_link_set_tap(SyLink *self, SyLinkTap tap, gpointer user_data);

/* Writes what can be written now: the number of bytes (0 when the line is full), -1 when lost. */
gssize sy_link_write(SyLink *self, const guint8 *bytes, gsize length,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
