/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Tells people who do not see the window what has changed in it. Main thread only.
 *
 * From GTK 4.14 on by its own announcements. Before, there are none: a screen reader speaks a new
 * name of the window that is in use, so the window is called by the announcement until it is left.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum {
  SY_URGENCY_POLITE,    /* at most one a second, the newest: what is said is said to its end */
  SY_URGENCY_ASSERTIVE, /* at once, and what waited is left out */
} SyUrgency;

/* `widget` is what it is about; one outside a window announces nothing, nor does an empty text. */
void sy_announce(GtkWidget *widget, const char *text, SyUrgency urgency);

/* Announces the label's text, politely, whenever it changes. */
void sy_announce_label(GtkLabel *label);

G_END_DECLS
