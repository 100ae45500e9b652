/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Blocks that came packed: bytes, and copies of what the substation already holds. PROTOCOL.md §9.
 *
 * A copy names how far back it reads. Addresses are one circle of WIRE_FLASH_SIZE, so the program
 * in the other bank is in reach as much as the blocks before: the same offset there is always
 * WIRE_UNPACK_FROM_LOW or WIRE_UNPACK_FROM_HIGH back. */

#pragma once

#include "wire-flash-map.h"

enum {
  WIRE_UNPACK_BLOCKS_MAX = 2,                                     /* packed as one */
  WIRE_UNPACK_FROM_LOW = WIRE_HIGH_ADDR - WIRE_LOW_ADDR,          /* when HIGH is written */
  WIRE_UNPACK_FROM_HIGH = WIRE_FLASH_SIZE - WIRE_UNPACK_FROM_LOW, /* when LOW is written */
  WIRE_UNPACK_CALL_DISTANCE = 0x8000, /* calls copied from less far back are made to fit */
  WIRE_UNPACK_READABLE_SIZE = WIRE_FLASH_SIZE / WIRE_BLOCK_SIZE / 8,
  WIRE_UNPACK_OVERHEAD_MAX = 3, /* bytes by which what cannot be packed grows */
};

/* What copies may read. Both are borrowed. */
typedef struct {
  const uint8_t *flash;    /* address 0 */
  const uint8_t *readable; /* bit n of byte m: block 8 * m + n of the flash. The last block, which
                              is the chip's own, is never set: reading ends in front of it */
} WireUnpack;

/* Unpacks `length` bytes that belong at the even `addr`. `to` lies on a halfword boundary, `length`
 * is WIRE_UNPACK_BLOCKS_MAX blocks at most. False when the packed bytes end early or late, or a
 * copy reads what is not readable or runs past the end: `to` then holds rubbish. Whatever the
 * packed bytes are, nothing else is read or written. */
bool wire_unpack(const WireUnpack *source, const uint8_t *packed_bytes, size_t packed_length,
                 uint32_t addr, uint8_t *to, size_t length);
