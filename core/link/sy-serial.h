/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Serial ports of the machine: the only place that knows libserialport. Private to core/link. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *name;  /* /dev/ttyUSB0 */
  char *label; /* "FT232R USB UART · A10K2 (ttyUSB0)" */
} SySerialPort;

/* The ports there are now, by name: GPtrArray of SySerialPort that frees its elements. */
GPtrArray *sy_serial_list(void);

G_END_DECLS
