/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The one checksum of frames, images and records: CRC-32 of ISO-HDLC (polynomial 0x04C11DB7
 * reflected, start and final XOR 0xFFFFFFFF), the same as zlib's crc32 and of srec_cat -crc32.
 * Check value: the nine bytes "123456789" give 0xCBF43926. */

#pragma once

#include <stddef.h>
#include <stdint.h>

/* Functions that the loader does not have itself: on the chip it calls the jump program's, which
 * lie in the same sector and never change either. So they must stay functions there. */
#ifdef WIRE_ON_CHIP
#define WIRE_SHARED __attribute__((noinline))
#else
#define WIRE_SHARED
#endif

#ifdef WIRE_ON_CHIP
/* Fills the table that the chip's CRC goes by: 1 KB of RAM that the linker scripts keep free, in
 * the same place in every image (WIRE_CRC_TABLE_ADDR), so that the jump program's function serves
 * the loader too. Each image does this once as it starts. 1 ms. */
WIRE_SHARED void wire_crc_prepare(void);
enum { WIRE_CRC_TABLE_ADDR = 0x40000240, WIRE_CRC_TABLE_SIZE = 0x400 };
#endif

/* Goes on from `crc` (0 at the start) over `length` bytes; calls may be chained. */
WIRE_SHARED uint32_t wire_crc32(uint32_t crc, const uint8_t *bytes, size_t length);
