/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who made it, under which licence, and what to send with a report of trouble. Main thread. */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Above `parent`, which may be NULL. */
void sy_about_show(GtkWindow *parent);

/* The versions this program runs with, for somebody who looks into trouble: plain lines, English.
 * `parent` may be NULL. Free with g_free. */
char *sy_about_dup_debug_info(GtkWindow *parent);

G_END_DECLS
