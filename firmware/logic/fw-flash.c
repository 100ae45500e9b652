/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Programming that looks at what became of it. */

#include "fw-flash.h"

bool fw_flash_holds(const FwFlash *flash, uint32_t addr, const uint8_t *block)
{
  for (unsigned i = 0; i < WIRE_BLOCK_SIZE; i++)
    if (flash->memory[addr + i] != block[i])
      return false;
  return true;
}

bool fw_flash_program(const FwFlash *flash, uint32_t addr, const uint8_t *block, uint32_t *status)
{
  uint32_t answer = flash->program(flash->context, addr, block);

  if (status)
    *status = answer;
  return answer == 0 && fw_flash_holds(flash, addr, block);
}
