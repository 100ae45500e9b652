/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The sector and bank table. */

#include "wire-flash-map.h"

static const WireBankMap bank_maps[] = {
    [WIRE_BANK_LOW] = {WIRE_LOW_ADDR, WIRE_LOW_SIZE, 1, 7, WIRE_LOW_TOKEN},
    [WIRE_BANK_HIGH] = {WIRE_HIGH_ADDR, WIRE_HIGH_SIZE, 8, 13, WIRE_HIGH_TOKEN},
};

const WireBankMap *wire_bank_map(WireBank bank)
{
  return bank == WIRE_BANK_LOW || bank == WIRE_BANK_HIGH ? &bank_maps[bank] : NULL;
}

WireBank wire_bank_of_range(uint32_t addr, uint32_t length)
{
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    const WireBankMap *map = &bank_maps[bank];
    uint32_t offset = addr - map->addr; /* wraps to something large below the bank */

    if (offset < map->size && length <= map->size - offset)
      return bank;
  }
  return WIRE_BANK_NONE;
}
