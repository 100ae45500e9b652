/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyNetworkPortDialog: asks for a port behind a network: kind of the serial server, host and port
 * number, checked while they are typed. A whole name, as in rfc2217://host:2001, may be put where
 * the host goes. Below are the ports that are remembered, to be chosen or removed.
 *
 * Signal "chosen" (const char *port): a person wants it, as sy_link_open takes it; the dialog
 * closes by itself then.
 */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define SY_TYPE_NETWORK_PORT_DIALOG (sy_network_port_dialog_get_type())
G_DECLARE_FINAL_TYPE(SyNetworkPortDialog, sy_network_port_dialog, SY, NETWORK_PORT_DIALOG,
                     AdwWindow)

/* `port` is what it begins with, if that is behind a network; may be NULL. */
SyNetworkPortDialog *sy_network_port_dialog_new(GtkWindow *parent, const char *port);

G_END_DECLS
