/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Waiting for a file descriptor. Any thread. */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Sleeps until `fd` is ready for some of `condition`, somebody cancels, or it is `end_us` of the
 * monotonic clock; G_MAXINT64: however long it takes. Returns what `fd` is ready for.
 * With a `cancellable` that is cancelled already it does not sleep; NULL: nobody cancels. */
GIOCondition sy_poll(int fd, GIOCondition condition, gint64 end_us, GCancellable *cancellable);

G_END_DECLS
