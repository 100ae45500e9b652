/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The sector and bank table. */

#include "wire-flash-map.h"

static const WireBankMap bank_maps[] = {
    [WIRE_BANK_LOW] = {0x02000, 0x0e000, 1, 7, 0x00008000},
    [WIRE_BANK_HIGH] = {0x10000, 0x0c000, 8, 13, 0x00010000},
};

const WireBankMap *wire_bank_map(WireBank bank)
{
  return bank == WIRE_BANK_LOW || bank == WIRE_BANK_HIGH ? &bank_maps[bank] : NULL;
}

WireBank wire_bank_other(WireBank bank)
{
  switch (bank) {
  case WIRE_BANK_LOW:
    return WIRE_BANK_HIGH;
  case WIRE_BANK_HIGH:
    return WIRE_BANK_LOW;
  case WIRE_BANK_NONE:
  default:
    return WIRE_BANK_NONE;
  }
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
