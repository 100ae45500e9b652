/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyPortChooser: the drop-down of ports a substation may be behind. Follows what is
 * plugged in and pulled out by itself.
 *
 * What is chosen is an adapter, by its stable name: when it is plugged in again it is found under
 * whatever name it has then. One that vanishes while chosen stays chosen, under a name that no
 * other adapter can take: another substation must never slip in its place.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_PORT_CHOOSER (sy_port_chooser_get_type())
G_DECLARE_FINAL_TYPE(SyPortChooser, sy_port_chooser, SY, PORT_CHOOSER, GtkWidget)

/* Property "port": the chosen port as sy_link_open takes it; the virtual substation at first. It
 * may change while the stable name stays: that is the same adapter. It stays as it is while the
 * chooser is not sensitive. */
const char *sy_port_chooser_get_port(SyPortChooser *self);
/* To be remembered, and given to sy_port_chooser_set_port another day; see sy-port-list.h. */
const char *sy_port_chooser_get_stable_name(SyPortChooser *self);
/* By name or stable name. Adds it to the list if it is not there. */
void sy_port_chooser_set_port(SyPortChooser *self, const char *port);

/* For screen readers: what says how the chosen port stands. */
void sy_port_chooser_set_described_by(SyPortChooser *self, GtkWidget *state, GtkWidget *trouble);

/* Property "has-adapter": there is a port besides the virtual substation. */
gboolean sy_port_chooser_has_adapter(SyPortChooser *self);

G_END_DECLS
