/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The boot block: its bytes, and the boot ROM's decision after a reset (UM10114 §21.5, Fig. 73).
 * The ISP handler itself is not modelled: who ends there stays there, silent, until a reset.
 */

#include "chip-private.h"

#include <string.h>

enum {
  /* UM10114 Fig. 18 and §21.5: wake-up timer, flash initialisation, then up to 3 ms of ROM until it
   * has looked at P0.14; the longest is taken. */
  WAKE_UP_CLOCKS = 4096,
  FLASH_INIT_CLOCKS = 1000,
  ROM_MS = 3,
};

/* Code read protection patterns (UM10114 tables 301-303). */
#define CRP1 0x12345678u
#define CRP2 0x87654321u
#define CRP3 0x43218765u

static void put16(uint8_t *at, uint16_t value)
{
  at[0] = (uint8_t)value;
  at[1] = (uint8_t)(value >> 8);
}

/* Vectors that go nowhere (an exception with MEMMAP=0 ends there), the IAP entry, and the places
 * where the ROM waits and reads: Thumb BKPT with the numbers that iap.c knows. */
void sim_boot_write_rom(uint8_t *boot_block)
{
  memset(boot_block, 0xff, WIRE_SECTOR_SIZE);
  for (unsigned vector = 0; vector < WIRE_VECTOR_COUNT; vector++) {
    put16(boot_block + 4 * vector, 0xfffe);
    put16(boot_block + 4 * vector + 2, 0xeaff); /* b . */
  }
  put16(boot_block + 0x1f00, 0xbe01);
  put16(boot_block + 0x1f02, 0xbe02);
  put16(boot_block + 0x1f04, 0xbe03);
  put16(boot_block + 0x1ff0, 0xbe00);
  put16(boot_block + 0x1ff2, 0x4770); /* bx lr */
}

static uint32_t flash_word(const SimChip *chip, uint32_t addr)
{
  const uint8_t *at = chip->flash_bytes + addr;
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

void sim_boot_begin(SimChip *chip)
{
  uint64_t rom = (uint64_t)chip->config.crystal_hz * ROM_MS / 1000;
  chip->state = SIM_STATE_BOOTING;
  sim_schedule(chip, SIM_EVENT_BOOT, chip->cpu.cycles + WAKE_UP_CLOCKS + FLASH_INIT_CLOCKS + rom);
}

/* The vector sum is that of flash sector 0, whatever MEMMAP shows (UM10114 §21.5.2). */
static uint32_t vector_sum(const SimChip *chip)
{
  uint32_t sum = 0;
  for (unsigned vector = 0; vector < WIRE_VECTOR_COUNT; vector++)
    sum += flash_word(chip, 4 * vector);
  return sum;
}

/* An earlier watchdog reset or CRP3 makes the ROM ignore the pin. */
static bool is_isp_asked_for(const SimChip *chip, uint32_t crp)
{
  bool pin_low = (chip->gpio.input[0] >> 14 & 1) == 0;
  return pin_low && !sim_watchdog_is_flagged(chip) && crp != CRP3;
}

void sim_boot_event(SimChip *chip, uint64_t cycle)
{
  (void)cycle;
  uint32_t crp = flash_word(chip, WIRE_CRP_ADDR);
  if (crp == CRP1 || crp == CRP2 || crp == CRP3)
    sim_report(chip, SIM_REPORT_CRP, crp);
  uint32_t sum = vector_sum(chip);
  bool asked = is_isp_asked_for(chip, crp);
  if (!asked && sum != 0)
    sim_report(chip, SIM_REPORT_NO_PROGRAM, sum);
  if (asked || sum != 0) {
    chip->state = SIM_STATE_ISP;
    chip->isp_ran = true;
    return;
  }
  chip->system.memmap = 1;
  chip->state = SIM_STATE_RUNNING;
  sim_cpu_forget_fetch_window(&chip->cpu);
}
