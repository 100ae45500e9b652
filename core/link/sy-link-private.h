/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How each kind of port is opened; see sy_link_open_with. */

#pragma once

#include "sy-link.h"

G_BEGIN_DECLS

SyLink *sy_pty_link_open(const char *path, GError **error);
SyLink *sy_serial_link_open(const char *path, const SyLinkSettings *settings, GError **error);
SyLink *sy_virtual_link_open(GError **error);
/* Behind a network: whichever kind the name says; and RFC 2217. */
SyLink *sy_net_link_open(const char *port, const SyLinkSettings *settings,
                         GCancellable *cancellable, GError **error);
SyLink *sy_rfc2217_link_open(const char *port, const SyLinkSettings *settings,
                             GCancellable *cancellable, GError **error);

/* The ends of a line, ours and the substation's. */
gboolean sy_virtual_link_open_pair(int ends[2], GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Starts a substation that has `fd`, taken over, for this option. */
gboolean sy_virtual_link_spawn(const char *option, int fd,
                               GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
