/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which part of the LPC2114's flash belongs to whom. The sector and bank table of the project
 * stands here and nowhere else: firmware, host checks and the modelled chip all ask it.
 *
 * Facts: 128 KB in 16 sectors of 8 KB, number = address >> 13, sector 15 is the factory boot block
 * (UM10114 table 300); one program operation per aligned 512-byte block per erase (§21.7). */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  WIRE_FLASH_SIZE = 0x20000,
  WIRE_SECTOR_SIZE = 0x2000,
  WIRE_SECTOR_COUNT = 16,
  WIRE_BLOCK_SIZE = 512,
  WIRE_BLOCKS_PER_SECTOR = WIRE_SECTOR_SIZE / WIRE_BLOCK_SIZE,

  WIRE_JUMP_ADDR = 0x00000,
  WIRE_JUMP_SIZE = 0x400,
  WIRE_VECTOR_SUM_ADDR = 0x14, /* word that makes the eight vectors sum to zero (UM10114 §21.5.2) */
  WIRE_VECTOR_COUNT = 8,
  WIRE_CRP_ADDR = 0x1fc, /* code read protection word (UM10114 §21.8) */

  WIRE_LOADER_ADDR = 0x400,
  WIRE_LOADER_SIZE = 0x1c00,

  WIRE_LOW_ADDR = 0x02000,
  WIRE_LOW_SIZE = 0x0e000,
  WIRE_HIGH_ADDR = 0x10000,
  WIRE_HIGH_SIZE = 0x0c000,

  /* First word of a bank record, which names the bank: the source design's flag. */
  WIRE_LOW_TOKEN = 0x00008000,
  WIRE_HIGH_TOKEN = 0x00010000,

  WIRE_RECORD_SECTOR = 14,
  WIRE_RECORD_ADDR = 0x1c000,
  WIRE_RECORD_COUNT = WIRE_SECTOR_SIZE / WIRE_BLOCK_SIZE,

  WIRE_BOOT_SECTOR = 15,

  WIRE_BLOCKS_MAX = 112,         /* blocks of the larger bank, LOW */
  WIRE_RELEASE_SIZE_MAX = 0xc000 /* a release must fit both banks, so the smaller one limits it */
};

typedef enum {
  WIRE_BANK_NONE = 0,
  WIRE_BANK_LOW = 1,
  WIRE_BANK_HIGH = 2,
} WireBank;

typedef struct {
  uint32_t addr; /* first byte; the program is linked here */
  uint32_t size; /* bytes */
  uint8_t first_sector;
  uint8_t last_sector; /* inclusive, as IAP counts */
  uint32_t token;      /* first word of a bank record that names this bank */
} WireBankMap;

/* The map of LOW or HIGH; NULL for anything else. */
const WireBankMap *wire_bank_map(WireBank bank);

/* The same facts for LOW or HIGH, which `bank` must be: no table, for the chip's few KB. */
static inline uint32_t wire_bank_get_addr(WireBank bank)
{
  return bank == WIRE_BANK_HIGH ? WIRE_HIGH_ADDR : WIRE_LOW_ADDR;
}

static inline uint32_t wire_bank_get_size(WireBank bank)
{
  return bank == WIRE_BANK_HIGH ? WIRE_HIGH_SIZE : WIRE_LOW_SIZE;
}

static inline unsigned wire_bank_get_first_sector(WireBank bank)
{
  return wire_bank_get_addr(bank) / WIRE_SECTOR_SIZE;
}

static inline unsigned wire_bank_get_last_sector(WireBank bank)
{
  return (wire_bank_get_addr(bank) + wire_bank_get_size(bank) - 1) / WIRE_SECTOR_SIZE;
}

/* The other of the two; NONE for NONE. */
static inline WireBank wire_bank_other(WireBank bank)
{
  return bank == WIRE_BANK_NONE ? WIRE_BANK_NONE
                                : (WireBank)(WIRE_BANK_LOW + WIRE_BANK_HIGH - bank);
}

/* Which bank holds the whole of [addr, addr + length); NONE if neither does. */
WireBank wire_bank_of_range(uint32_t addr, uint32_t length);

/* 512-byte blocks that `length` bytes fill. */
static inline uint32_t wire_block_count(uint32_t length)
{
  return length / WIRE_BLOCK_SIZE + (length % WIRE_BLOCK_SIZE != 0);
}
