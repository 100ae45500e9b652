/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyPortList: the ports a substation may be behind, as a GListModel of SyPort. The virtual
 * substation is always first; serial ports follow by name, and those behind a network as they were
 * given. Main thread.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define SY_TYPE_PORT (sy_port_get_type())
G_DECLARE_FINAL_TYPE(SyPort, sy_port, SY, PORT, GObject)

/* What sy_link_open takes: "virtual", "/dev/ttyUSB0". A SyPort never changes; one whose facts do is
 * taken out of the list and put in again. */
const char *sy_port_get_name(SyPort *self);
/* The name to remember it by: it stays when the adapter gets another number, and leads to no other
 * adapter. A path of /dev/serial/by-id or by-path, which sy_link_open takes too; else
 * "usb:VID:PID:SERIAL"; else as sy_port_get_name. */
const char *sy_port_get_stable_name(SyPort *self);
/* For people, in one line: "Virtual substation", "FT232R USB UART · A10K2 (ttyUSB0)". Property
 * "label". */
const char *sy_port_get_label(SyPort *self);
/* In two: "FT232R USB UART · A10K2", "ttyUSB0 · usb-FTDI_FT232R_USB_UART_A10K2-if00-port0". */
const char *sy_port_get_title(SyPort *self);
const char *sy_port_get_detail(SyPort *self);
gboolean sy_port_is_virtual(SyPort *self);
/* It was asked for by name and is not among the ports that were found. */
gboolean sy_port_is_missing(SyPort *self);

/* A port that is not in the list: `name` is what sy_port_get_name gave, or a stable name. `like`
 * was seen under it, or NULL. */
SyPort *sy_port_new_missing(const char *name, SyPort *like);

#define SY_TYPE_PORT_LIST (sy_port_list_get_type())
G_DECLARE_FINAL_TYPE(SyPortList, sy_port_list, SY, PORT_LIST, GObject)

SyPortList *sy_port_list_new(void);

/* Looks again; items-changed only for what really changed, so that a selection stays. Half a
 * millisecond. SyPortWatch tells when. */
void sy_port_list_refresh(SyPortList *self);

/* The ports behind a network, which nobody can look for: "socket://…" and "rfc2217://…". Others are
 * left out. */
void sy_port_list_set_network(SyPortList *self, const char *const *names);

/* Position of the port with this name, or GTK_INVALID_LIST_POSITION's value, G_MAXUINT. */
guint sy_port_list_find(SyPortList *self, const char *name);
/* The same by stable name, or by name where the port has no better one. */
guint sy_port_list_find_stable(SyPortList *self, const char *stable_name);

G_END_DECLS
