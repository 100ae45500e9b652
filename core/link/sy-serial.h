/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Serial ports of the machine: the only place that knows libserialport. Private to core/link. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *name;         /* /dev/ttyUSB0; "pty:/dev/pts/3" of a terminal that udev's names lead to */
  char *product;      /* NULL where it is not known, as the next two */
  char *serial;       /* number of the adapter */
  char *manufacturer; /* of the adapter */
  char *usb;          /* "usb:VID:PID:SERIAL", NULL without a serial number */
  char *stable;       /* the name under which it is found again; see sy_port_get_stable_name */
} SySerialPort;

/* The ports there are now, by name: GPtrArray of SySerialPort that frees its elements. */
GPtrArray *sy_serial_list(void);

/* The name that the adapter "usb:VID:PID:SERIAL" has now; NULL when there is none; free with
 * g_free.
 */
char *sy_serial_find(const char *usb);

/* Whether a ttyS has a UART behind it, as the folder of the kernel's terminals, /sys/class/tty,
 * tells: some thirty have a name only. TRUE when it cannot be known. */
gboolean sy_serial_has_uart(const char *folder, const char *base);

G_END_DECLS
