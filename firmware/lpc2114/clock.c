/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tick. 10 ms is the shortest round time that is a whole number of clocks at 11.0592 MHz. */

#include "clock.h"

#include "cpu.h"
#include "lpc2114.h"

enum {
  CLOCK_SLOT = 1,
  TICK_MS = 10,
  TICK_CLOCKS = LPC_CRYSTAL_HZ / 100,
  MATCH_INTERRUPT_AND_RESET = 3,
  MATCH_0 = 1,
  TIMER_RUN = 1,
  TIMER_RESET = 2,
};

static volatile uint32_t ticks;

static CPU_INTERRUPT void tick(void)
{
  ticks++;
  LPC_T0IR = MATCH_0;
  LPC_VIC_VECT_ADDR = 0;
}

void clock_set_up(void)
{
  ticks = 0;
  LPC_T0TCR = TIMER_RESET;
  LPC_T0PR = 0;
  LPC_T0MR0 = TICK_CLOCKS - 1;
  LPC_T0MCR = MATCH_INTERRUPT_AND_RESET;
  LPC_T0IR = 0xff;
  cpu_set_handler(CLOCK_SLOT, LPC_CHANNEL_TIMER0, tick);
  LPC_T0TCR = TIMER_RUN;
}

uint32_t clock_get_ms(void)
{
  return ticks * TICK_MS;
}
