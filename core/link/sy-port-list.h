/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyPortList: the ports a substation may be behind, as a GListModel of SyPort. The virtual
 * substation is always first; serial ports follow by name. Main thread.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SY_TYPE_PORT (sy_port_get_type())
G_DECLARE_FINAL_TYPE(SyPort, sy_port, SY, PORT, GObject)

/* What sy_link_open takes: "virtual", "/dev/ttyUSB0". Never changes; two SyPorts with the same name
 * are the same port. */
const char *sy_port_get_name(SyPort *self);
/* For people: "Virtual substation", "FT232R USB UART · A10K2 (ttyUSB0)". Property "label". */
const char *sy_port_get_label(SyPort *self);
gboolean sy_port_is_virtual(SyPort *self);

#define SY_TYPE_PORT_LIST (sy_port_list_get_type())
G_DECLARE_FINAL_TYPE(SyPortList, sy_port_list, SY, PORT_LIST, GObject)

SyPortList *sy_port_list_new(void);

/* Looks again; items-changed only for what really changed, so that a selection stays. 0.2 ms. */
void sy_port_list_refresh(SyPortList *self);

/* Position of the port with this name, or GTK_INVALID_LIST_POSITION's value, G_MAXUINT. */
guint sy_port_list_find(SyPortList *self, const char *name);

G_END_DECLS
