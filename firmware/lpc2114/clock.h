/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Time since the image started, from timer 0; its 10 ms interrupt also ends each idle. */

#pragma once

#include <stdint.h>

void clock_set_up(void);

/* Milliseconds, in steps of 10; wraps after 49 days. */
uint32_t clock_get_ms(void);
