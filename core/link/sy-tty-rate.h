/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rate of a terminal as a plain number. The C library knows a list of rates, the kernel takes
 * any; its own structure and the C library's exclude each other in one file. Any thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Both ways, at once. Returns what it is then, 0 when it was refused. */
guint sy_tty_set_rate(int fd, guint baud);
/* Asked of either end of a pseudo terminal it is what was set at the other's; 0 when there is none.
 */
guint sy_tty_get_rate(int fd);

G_END_DECLS
