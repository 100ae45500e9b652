/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The watchdog: once on it stays on until the next reset, so whoever runs feeds it. */

#pragma once

#include <stdbool.h>

/* Long enough for an erase of 400 ms with room to spare. */
enum { WATCHDOG_MS = 2000 };

/* Switches it on. */
void watchdog_start(void);

/* Feeds it if it is on; may always be called. */
void watchdog_feed(void);

/* Feeds it, where interrupts are masked. */
void watchdog_feed_masked(void);

/* Takes over what another program may have left running, perhaps with a shorter time than an erase
 * needs: WATCHDOG_MS from here on. Does not switch it on. With interrupts masked. */
void watchdog_take_over(void);

/* Resets the chip. */
void watchdog_reset(void) __attribute__((noreturn));

bool watchdog_is_on(void);

/* True when the last reset was the watchdog's; the flag is cleared by watchdog_clear_timed_out. */
bool watchdog_has_timed_out(void);

/* Clears WDTOF, which would keep the boot ROM from looking at the ISP pin (UM10114 §21.5). */
void watchdog_clear_timed_out(void);
