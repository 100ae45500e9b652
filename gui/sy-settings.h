/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the workstation remembers between two starts; the keys stand in data/, with their meanings.
 * Main thread. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Borrowed, the same for the life of the process; never NULL. A program that runs from a build
 * folder takes the schema that lies there, one that is installed the system's. With neither it
 * takes the one compiled into it, and remembers nothing beyond its own end. */
GSettings *sy_settings_get(void);

G_END_DECLS
