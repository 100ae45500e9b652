/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The calls into the boot ROM. */

#include "iap.h"

#include "clock.h"
#include "life.h"
#include "watchdog.h"

enum {
  IAP_ENTRY = 0x7ffffff1, /* Thumb */
  IAP_PREPARE = 50,
  IAP_COPY = 51,
  IAP_ERASE = 52,
  IAP_PART_ID = 54,
  IAP_BLOCK = 512,
};

/* Command and result share one table (UM10114 §21.10). The ROM may write three result words, more
 * than the source design gave it. */
static uint32_t table[5];

static uint32_t call(uint32_t command, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
  void (*entry)(uint32_t * command, uint32_t * result) =
      (void (*)(uint32_t *, uint32_t *))(uintptr_t)IAP_ENTRY;

  table[0] = command;
  table[1] = a;
  table[2] = b;
  table[3] = c;
  table[4] = d;
  entry(table, table);
  return table[0];
}

static uint32_t prepare(unsigned first_sector, unsigned last_sector)
{
  return call(IAP_PREPARE, first_sector, last_sector, 0, 0);
}

uint32_t iap_erase(unsigned first_sector, unsigned last_sector)
{
  uint32_t status = prepare(first_sector, last_sector);

  return status != 0 ? status : call(IAP_ERASE, first_sector, last_sector, LPC_IAP_CLOCK_KHZ, 0);
}

uint32_t iap_program(uint32_t addr, const uint8_t *block)
{
  uint32_t sector = addr >> 13;
  uint32_t status = prepare(sector, sector);

  return status != 0 ? status : call(IAP_COPY, addr, (uint32_t)block, IAP_BLOCK, LPC_IAP_CLOCK_KHZ);
}

static uint32_t erase(void *context, unsigned first_sector, unsigned last_sector)
{
  (void)context;
  watchdog_feed();

  uint32_t start = life_now();
  uint32_t status = iap_erase(first_sector, last_sector);

  life_spend(WIRE_LIFE_ERASE_CLOCKS, start);
  return status;
}

static uint32_t program(void *context, uint32_t addr, const uint8_t *block)
{
  (void)context;
  watchdog_feed();

  uint32_t start = life_now();
  uint32_t status = iap_program(addr, block);

  life_spend(WIRE_LIFE_PROGRAM_CLOCKS, start);
  life_count(WIRE_LIFE_BLOCKS);
  return status;
}

static uint32_t now_ms(void *context)
{
  (void)context;
  return clock_get_ms();
}

const FwFlash iap_flash = {
    .memory = (const uint8_t *)0,
    .erase = erase,
    .program = program,
    .now_ms = now_ms,
};

uint32_t iap_read_part_id(void)
{
  return call(IAP_PART_ID, 0, 0, 0, 0) == 0 ? table[1] : 0;
}
