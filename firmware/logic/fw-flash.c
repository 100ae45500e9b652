/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Programming that looks at what became of it. */

#include "fw-flash.h"

#include "wire-bytes.h"

bool fw_flash_holds(const FwFlash *flash, uint32_t addr, const uint8_t *block)
{
  for (unsigned i = 0; i < WIRE_BLOCK_SIZE; i += 4)
    if (wire_get_word(flash->memory + addr + i) != wire_get_word(block + i))
      return false;
  return true;
}

bool fw_flash_program(const FwFlash *flash, uint32_t addr, const uint8_t *block, uint32_t *status)
{
  uint32_t answer = 0;

  if (!fw_flash_holds(flash, addr, block))
    answer = flash->program(flash->context, addr, block);
  if (status)
    *status = answer;
  return answer == 0 && fw_flash_holds(flash, addr, block);
}

unsigned fw_flash_count_used(const uint8_t *memory, uint32_t addr, uint32_t size)
{
  while (size > 0 && memory[addr + size - 1] == 0xff)
    size--;
  return wire_block_count(size);
}
