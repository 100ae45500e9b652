/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyPortChooser: the drop-down of ports a substation may be behind. Looks for ports each second
 * while it is shown. A port that vanishes while chosen stays chosen: another substation must never
 * slip in its place.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_PORT_CHOOSER (sy_port_chooser_get_type())
G_DECLARE_FINAL_TYPE(SyPortChooser, sy_port_chooser, SY, PORT_CHOOSER, GtkWidget)

/* Property "port": the chosen port as sy_link_open takes it; the virtual substation at first. */
const char *sy_port_chooser_get_port(SyPortChooser *self);
/* Adds it to the list if it is not there. */
void sy_port_chooser_set_port(SyPortChooser *self, const char *port);

G_END_DECLS
