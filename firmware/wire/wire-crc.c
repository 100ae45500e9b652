/* SPDX-License-Identifier: GPL-3.0-or-later */

/* CRC-32. On the chip with a table in RAM that is filled here (lpc2114/crc.S goes by it), elsewhere
 * by nibbles, with a table that is constant and so needs no care. */

#include "wire-crc.h"

#ifdef WIRE_ON_CHIP

enum { POLYNOMIAL = (int)0xedb88320, ENTRIES = WIRE_CRC_TABLE_SIZE / 4 };

#define TABLE ((uint32_t *)WIRE_CRC_TABLE_ADDR)

void wire_crc_prepare(void)
{
  for (uint32_t i = 0; i < ENTRIES; i++) {
    uint32_t entry = i;

    for (unsigned bit = 0; bit < 8; bit++)
      entry = entry >> 1 ^ ((uint32_t)POLYNOMIAL & -(entry & 1));
    TABLE[i] = entry;
  }
}

#else

static const uint32_t nibble_table[16] = {
    0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
    0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

uint32_t wire_crc32(uint32_t crc, const uint8_t *bytes, size_t length)
{
  crc = ~crc;
  for (const uint8_t *end = bytes + length; bytes != end; bytes++) {
    crc ^= *bytes;
    crc = crc >> 4 ^ nibble_table[crc & 15];
    crc = crc >> 4 ^ nibble_table[crc & 15];
  }
  return ~crc;
}

#endif
