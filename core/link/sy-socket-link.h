/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SySocketLink: a SyLink over TCP, to a raw serial server; base of that of RFC 2217. Private to
 * core/link. */

#pragma once

#include "sy-link.h"
#include "sy-net-name.h"

G_BEGIN_DECLS

#define SY_TYPE_SOCKET_LINK (sy_socket_link_get_type())
G_DECLARE_DERIVABLE_TYPE(SySocketLink, sy_socket_link, SY, SOCKET_LINK, SyLink)

struct _SySocketLinkClass {
  SyLinkClass parent_class;
};

/* Most that connecting may take, names and all. */
enum { SY_CONNECT_MS = 5000 };

/* A link of `type`, which is SySocketLink's or below; NULL with a SY_LINK_ERROR that has a trouble,
 * or G_IO_ERROR_CANCELLED. */
SySocketLink *sy_socket_link_connect(GType type, const char *port, GCancellable *cancellable,
                                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What came and what could be sent, as sy_link_read and sy_link_write say, past the class. */
gssize sy_socket_link_receive(SySocketLink *self, guint8 *bytes, gsize room,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
gssize sy_socket_link_send(SySocketLink *self, const guint8 *bytes, gsize length,
                           GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What comes first may be the server's own words, for which it closes the connection. To be told of
 * all data. */
void sy_socket_link_hear(SySocketLink *self, const guint8 *data, gsize length);

/* Waits until the socket has something; FALSE when the time is over or it was cancelled. */
gboolean sy_socket_link_wait(SySocketLink *self, gint64 end_us, GCancellable *cancellable);

const char *sy_socket_link_get_port(SySocketLink *self);

/* A SY_LINK_ERROR about `port` with its trouble; `said`: the server's words, or NULL. */
void sy_socket_link_set_error(GError **error, SyLinkError code, SyTroubleKind kind,
                              const char *port, const char *said);

G_END_DECLS
