/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Names under which a port is found again whatever number it has today: the links that udev makes
 * in /dev/serial/by-id and by-path (below sy_locate_devices). Any thread. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Path of the link that leads to `device`, e.g. /dev/serial/by-id/usb-FTDI_…, or NULL; free with
 * g_free. `with_serial`: the adapter has a serial number, else two of a kind have the same id and
 * the socket tells them apart. */
char *sy_stable_name_find(const char *device, gboolean with_serial);

/* Pseudo terminals that have such a link, as sy_link_open takes them: GPtrArray of "pty:PATH". */
GPtrArray *sy_stable_name_list_terminals(void);

/* Whether `port` is a path of such a link, there or not. */
gboolean sy_stable_name_is_link(const char *port);

/* Whether `port` is what an adapter without such a link is known by: "usb:0403:6001:A10K2". */
gboolean sy_stable_name_is_usb(const char *port);

/* The port that it leads to now, as sy_link_open takes it; NULL when there is none; free with
 * g_free. */
char *sy_stable_name_resolve(const char *link);

/* What an adapter is called, from its link's name: "FTDI FT232R USB UART" and "A10K2". NULL where
 * it cannot be told; free with g_free. */
void sy_stable_name_read(const char *link, char **product, char **serial);

G_END_DECLS
