/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The one checksum of frames, images and records: CRC-32 of ISO-HDLC (polynomial 0x04C11DB7
 * reflected, start and final XOR 0xFFFFFFFF), the same as zlib's crc32 and of srec_cat -crc32.
 * Check value: the nine bytes "123456789" give 0xCBF43926. */

#pragma once

#include <stddef.h>
#include <stdint.h>

/* Goes on from `crc` (0 at the start) over `length` bytes; calls may be chained. */
uint32_t wire_crc32(uint32_t crc, const uint8_t *bytes, size_t length);
