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

/* Goes on from `crc` (0 at the start) over `length` bytes; calls may be chained. */
WIRE_SHARED uint32_t wire_crc32(uint32_t crc, const uint8_t *bytes, size_t length);
