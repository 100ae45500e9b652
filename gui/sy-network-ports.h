/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The ports behind a network that were used last, kept in the settings. Main thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The key of the settings, for who wants to be told of changes. */
#define SY_NETWORK_PORTS_KEY "network-ports"

enum { SY_NETWORK_PORTS_MAX = 10 };

/* The newest first; free with g_strfreev. */
char **sy_network_ports_dup(void);
/* Any other port is left alone. One that is known keeps its place; the oldest makes room. */
void sy_network_ports_remember(const char *port);
void sy_network_ports_forget(const char *port);

G_END_DECLS
