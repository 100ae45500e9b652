/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyFinderBox: a search for the substation among all ports, as it goes, and what it found where
 * that leaves something to a person: several to choose from, or none, with each port's reason.
 * Hidden otherwise.
 *
 * Signals
 *   "stop" (void)            the search is to be given up
 *   "chosen" (string port)   one of those that were found
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_FINDER_BOX (sy_finder_box_get_type())
G_DECLARE_FINAL_TYPE(SyFinderBox, sy_finder_box, SY, FINDER_BOX, GtkWidget)

/* `waiting` ports have not said their last word. */
void sy_finder_box_show_progress(SyFinderBox *self, guint waiting, gboolean trying_rates);
/* `ports` is of SyFinderPort; not one of them, or several, can be used. */
void sy_finder_box_show_ports(SyFinderBox *self, GPtrArray *ports);
/* Whether it offers several to choose from. */
gboolean sy_finder_box_is_choosing(SyFinderBox *self);
void sy_finder_box_clear(SyFinderBox *self);

G_END_DECLS
