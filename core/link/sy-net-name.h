/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Names of ports that lie behind a network, as pyserial has them:
 *
 *   socket://HOST:PORT    a raw serial server: what goes in comes out of the serial port
 *   rfc2217://HOST:PORT   telnet with the COM port option of RFC 2217, which has a rate
 *
 * HOST is a name or an IPv4 address, or an IPv6 address in brackets. Any thread.
 */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum { SY_NET_RAW, SY_NET_RFC2217, SY_NET_COUNT } SyNetKind;

typedef struct {
  SyNetKind kind;
  char *host;   /* without brackets */
  guint16 port; /* 1 to 65535 */
} SyNetName;

void sy_net_name_free(SyNetName *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyNetName, sy_net_name_free)

/* Whether `port` is meant as such a name, right or wrong. */
gboolean sy_net_name_is(const char *port);

/* NULL with SY_LINK_ERROR_PORT, which says what is wrong with it. */
SyNetName *sy_net_name_parse(const char *port, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The parts alone: FALSE with SY_LINK_ERROR_PORT. `host` without brackets. */
gboolean sy_net_name_check_host(const char *host, GError **error) G_GNUC_WARN_UNUSED_RESULT;
gboolean sy_net_name_read_port(const char *text, guint16 *port,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* "socket://[::1]:2001" and "[::1]:2001"; free with g_free. */
char *sy_net_name_dup_port(const SyNetName *self);
char *sy_net_name_dup_address(const SyNetName *self);

/* "Raw TCP", "RFC 2217 over TCP": for people. */
const char *sy_net_kind_get_label(SyNetKind kind);

G_END_DECLS
