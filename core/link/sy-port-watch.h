/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyPortWatch: tells when ports may have come, gone, been renamed or been given to somebody.
 *
 * The kernel tells of the folder where devices are (sy_locate_devices), and of serial/by-id and
 * serial/by-path in it, which udev makes and takes away; this works in a sandbox too, which udev's
 * own messages do not enter. Looking every three seconds remains for what happens unseen, as in a
 * file system that tells nothing; without the kernel's help it is every half second.
 *
 * Lives in the thread that made it, whose main context must run.
 */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Signal "changed" (void): look again. A burst of news is told once. */
#define SY_TYPE_PORT_WATCH (sy_port_watch_get_type())
G_DECLARE_FINAL_TYPE(SyPortWatch, sy_port_watch, SY, PORT_WATCH, GObject)

/* SWITCHYARD_PORT_POLL_MS, for tests: another time between two looks; 0: only news are told. */
SyPortWatch *sy_port_watch_new(void);

/* Whether the kernel tells of the devices' folder, so that "changed" comes at once. */
gboolean sy_port_watch_is_told(SyPortWatch *self);

G_END_DECLS
