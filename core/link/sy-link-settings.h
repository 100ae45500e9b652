/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a serial port is to be held while it is open. A plain value. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * TRUE: the line is on. All off, as a value of zeros has it, is the safest: on many boards DTR is
 * the reset and RTS holds P0.14, with which the LPC2114 starts its ROM boot loader; there "on"
 * means that no program runs. Adapters and opto-couplers that take their power from these lines
 * want them on. The kernel turns both on when a port is opened, whoever opens it, and off when it
 * is closed: what is to be off is so some microseconds later, behind USB a millisecond.
 */
typedef struct {
  gboolean dtr;
  gboolean rts;
} SyLinkSettings;

G_END_DECLS
