/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The calls into the boot ROM. */

#include "iap.h"

#include "clock.h"
#include "lpc2114.h"
#include "watchdog.h"

enum {
  IAP_ENTRY = 0x7ffffff1, /* Thumb */
  IAP_PREPARE = 50,
  IAP_COPY = 51,
  IAP_ERASE = 52,
  IAP_PART_ID = 54,
  IAP_BLOCK = 512,
};

/* The ROM may write three result words, more than the source design gave it. */
typedef struct {
  uint32_t command[5];
  uint32_t result[3];
} IapCall;

static uint32_t call(IapCall *iap)
{
  void (*entry)(uint32_t * command, uint32_t * result) =
      (void (*)(uint32_t *, uint32_t *))(uintptr_t)IAP_ENTRY;

  entry(iap->command, iap->result);
  return iap->result[0];
}

static uint32_t prepare(unsigned first_sector, unsigned last_sector)
{
  IapCall iap = {.command = {IAP_PREPARE, first_sector, last_sector}};

  return call(&iap);
}

uint32_t iap_erase(unsigned first_sector, unsigned last_sector)
{
  IapCall iap = {.command = {IAP_ERASE, first_sector, last_sector, LPC_IAP_CLOCK_KHZ}};
  uint32_t status = prepare(first_sector, last_sector);

  return status != 0 ? status : call(&iap);
}

uint32_t iap_program(uint32_t addr, const uint8_t *block)
{
  IapCall iap = {.command = {IAP_COPY, addr, (uint32_t)block, IAP_BLOCK, LPC_IAP_CLOCK_KHZ}};
  uint32_t status = prepare(addr >> 13, addr >> 13);

  return status != 0 ? status : call(&iap);
}

static uint32_t erase(void *context, unsigned first_sector, unsigned last_sector)
{
  (void)context;
  watchdog_feed();
  return iap_erase(first_sector, last_sector);
}

static uint32_t program(void *context, uint32_t addr, const uint8_t *block)
{
  (void)context;
  watchdog_feed();
  return iap_program(addr, block);
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
  IapCall iap = {.command = {IAP_PART_ID}};

  return call(&iap) == 0 ? iap.result[1] : 0;
}
