/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Watchdog driver. */

#include "watchdog.h"

#include "cpu.h"
#include "lpc2114.h"

enum {
  FEED_1 = 0xaa,
  FEED_2 = 0x55,
  CLOCKS_PER_TICK = 4,
  TICKS = LPC_CRYSTAL_HZ / CLOCKS_PER_TICK / 1000 * WATCHDOG_MS,
  TICKS_MIN = 0xff, /* the chip's own lower limit (UM10114 §17.5.2) */
};

/* The two writes must follow each other without another access to the watchdog between them. Before
 * the watchdog is enabled a feed does nothing (UM10114 §17.5.3). */
void watchdog_feed_masked(void)
{
  LPC_WDFEED = FEED_1;
  LPC_WDFEED = FEED_2;
}

static void feed(void)
{
  uint32_t cpsr = cpu_mask_irq();

  watchdog_feed_masked();
  cpu_restore_irq(cpsr);
}

void watchdog_take_over(void)
{
  LPC_WDTC = TICKS;
  watchdog_feed_masked();
}

void watchdog_reset(void)
{
  cpu_mask_irq();
  LPC_WDTC = TICKS_MIN;
  LPC_WDMOD = LPC_WDMOD_ENABLE | LPC_WDMOD_RESET;
  watchdog_feed_masked();
  for (;;)
    ;
}

void watchdog_start(void)
{
  LPC_WDTC = TICKS;
  LPC_WDMOD = LPC_WDMOD_ENABLE | LPC_WDMOD_RESET;
  feed();
}

bool watchdog_is_on(void)
{
  return LPC_WDMOD & LPC_WDMOD_ENABLE;
}

void watchdog_feed(void)
{
  if (watchdog_is_on())
    feed();
}

bool watchdog_has_timed_out(void)
{
  return LPC_WDMOD & LPC_WDMOD_TIMED_OUT;
}

void watchdog_clear_timed_out(void)
{
  /* Enable and reset bits can only be set, so writing 0 clears nothing but the flag. */
  LPC_WDMOD = 0;
}
