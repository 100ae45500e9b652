/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The tick. 10 ms is the shortest round time that is a whole number of clocks at 11.0592 MHz. */

#include "clock.h"

#include "cpu.h"
#include "life.h"

enum {
  CLOCK_SLOT = 1,
  TICK_MS = 10,
  TICK_CLOCKS = LPC_CRYSTAL_HZ / 100,
  MATCH_INTERRUPT_AND_RESET = 3,
  MATCH_0 = 1,
  TIMER_RUN = 1,
  TIMER_RESET = 2,
};

volatile WireLife life;

static CPU_RAM_CODE volatile uint32_t *tick(void)
{
  life_count(WIRE_LIFE_TICK_COUNT);
  LPC_T0IR = MATCH_0;
  return &life.fields[WIRE_LIFE_TICK_CLOCKS];
}

void clock_set_up(void)
{
  LPC_T1TCR = TIMER_RESET;
  LPC_T1PR = 0;
  LPC_T1MCR = 0;
  LPC_T1TCR = TIMER_RUN;
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
  return life.fields[WIRE_LIFE_TICK_COUNT] * TICK_MS;
}
