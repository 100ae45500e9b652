/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * System control block (UM10114 ch. 3, 6): MAM, MEMMAP, PLL registers, power, VPBDIV, EXTINT.
 * The PLL is not modelled: its registers answer, CCLK stays the crystal's.
 */

#include "chip-private.h"

enum {
  MAMCR = 0x000,
  MAMTIM = 0x004,
  MEMMAP = 0x040,
  PLLCON = 0x080,
  PLLCFG = 0x084,
  PLLSTAT = 0x088,
  PLLFEED = 0x08c,
  PCON = 0x0c0,
  PCONP = 0x0c4,
  VPBDIV = 0x100,
  EXTINT = 0x140,
  EXTWAKE = 0x144,
  EXTMODE = 0x148,
  EXTPOLAR = 0x14c,
};

enum { PCON_IDL = 1, PCON_PD = 2 };

/* UM10114 tables 24, 25, 62, 74, 76. */
void sim_system_reset(SimChip *chip)
{
  chip->system = (SimSystem){.mamtim = 7, .pconp = 0x1fbe};
  chip->pclk_ticks = sim_ticks_now(chip);
  chip->pclk_cycle = chip->cpu.cycles;
  chip->pclk_divider = 4;
}

uint32_t sim_system_flash_wait(const SimChip *chip)
{
  unsigned clocks = chip->system.mamtim;
  return (clocks == 0 ? 7 : clocks) - 1; /* 0 is reserved: the worst is assumed */
}

/* Ticks keep their numbers, so that what is scheduled by tick only moves in time. */
static void set_vpbdiv(SimChip *chip, uint32_t value)
{
  static const uint8_t dividers[4] = {4, 1, 2, 0};
  unsigned setting = value & 3;
  if (dividers[setting] == 0 || setting == chip->system.vpbdiv)
    return; /* 3 is ignored (UM10114 table 76) */
  uint64_t ticks = sim_ticks_now(chip);
  chip->pclk_cycle = chip->cpu.cycles;
  chip->pclk_ticks = ticks;
  chip->pclk_divider = dividers[setting];
  chip->system.vpbdiv = (uint8_t)setting;
  for (unsigned unit = 0; unit < 2; unit++) {
    sim_uart_schedule(chip, unit);
    sim_timer_schedule(chip, unit);
  }
  sim_watchdog_schedule(chip);
  sim_adc_schedule(chip);
}

/* Idle lasts until an enabled interrupt asks, whatever CPSR says. Power-down stops the oscillator:
 * EINT pins, which could end it, are not modelled. PD wins over IDL (UM10114 table 73). */
static void set_pcon(SimChip *chip, uint32_t value)
{
  if (value & PCON_PD) {
    chip->state = SIM_STATE_POWER_DOWN;
    for (unsigned i = 0; i < SIM_EVENT_COUNT; i++)
      if (i != SIM_EVENT_LINE && i != SIM_EVENT_FLASH)
        sim_schedule(chip, i, SIM_NEVER);
    sim_leave_core(chip);
  } else if (value & PCON_IDL) {
    chip->idle = ((chip->vic.requests | chip->vic.soft) & chip->vic.enable) == 0;
    if (chip->idle)
      sim_leave_core(chip);
  }
}

/* 0xAA then 0x55 take PLLCON and PLLCFG over; a wrong feed has no effect (UM10114 §6.9.7). */
static void feed_pll(SimChip *chip, uint32_t value)
{
  SimSystem *system = &chip->system;
  bool second = system->pll_fed_first_half && (value & 0xff) == 0x55;
  system->pll_fed_first_half = (value & 0xff) == 0xaa;
  if (!second)
    return;
  bool enabled = system->pllcon & 1;
  bool connected = enabled && (system->pllcon & 2);
  system->pllstat = (uint16_t)(system->pllcfg | enabled << 8 | connected << 9 | enabled << 10);
  if (connected)
    sim_report(chip, SIM_REPORT_UNKNOWN_REGISTER, 0xe01fc000 + PLLFEED);
}

bool sim_system_load(SimChip *chip, unsigned unit, uint32_t offset, uint32_t *value)
{
  (void)unit;
  const SimSystem *system = &chip->system;
  switch (offset) {
  case MAMCR:
    *value = system->mamcr;
    return true;
  case MAMTIM:
    *value = system->mamtim;
    return true;
  case MEMMAP:
    *value = system->memmap;
    return true;
  case PLLCON:
    *value = system->pllcon;
    return true;
  case PLLCFG:
    *value = system->pllcfg;
    return true;
  case PLLSTAT:
    *value = system->pllstat;
    return true;
  case PCON:
    *value = system->pcon;
    return true;
  case PCONP:
    *value = system->pconp;
    return true;
  case VPBDIV:
    *value = system->vpbdiv;
    return true;
  case EXTINT:
    *value = system->extint;
    return true;
  case EXTWAKE:
    *value = system->extwake;
    return true;
  case EXTMODE:
    *value = system->extmode;
    return true;
  case EXTPOLAR:
    *value = system->extpolar;
    return true;
  default:
    return false;
  }
}

bool sim_system_store(SimChip *chip, unsigned unit, uint32_t offset, uint32_t value)
{
  (void)unit;
  SimSystem *system = &chip->system;
  switch (offset) {
  case MAMCR:
    system->mamcr = value & 3;
    sim_cpu_forget_fetch_window(&chip->cpu);
    return true;
  case MAMTIM:
    system->mamtim = value & 7;
    sim_cpu_forget_fetch_window(&chip->cpu);
    return true;
  case MEMMAP:
    system->memmap = value & 3;
    sim_cpu_forget_fetch_window(&chip->cpu);
    return true;
  case PLLCON:
    system->pllcon = value & 3;
    return true;
  case PLLCFG:
    system->pllcfg = value & 0x7f;
    return true;
  case PLLFEED:
    feed_pll(chip, value);
    return true;
  case PCON:
    set_pcon(chip, value);
    return true;
  case PCONP:
    system->pconp = value;
    return true;
  case VPBDIV:
    set_vpbdiv(chip, value);
    return true;
  case EXTINT:
    system->extint &= (uint8_t)~value;
    return true;
  case EXTWAKE:
    system->extwake = value & 15;
    return true;
  case EXTMODE:
    system->extmode = value & 15;
    return true;
  case EXTPOLAR:
    system->extpolar = value & 15;
    return true;
  default:
    return false;
  }
}
