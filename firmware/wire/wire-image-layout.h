/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Offsets of image headers and bank records, for wire-image.c and wire-seal.c. PROTOCOL.md §6, §7.
 */

#pragma once

#include "wire-bytes.h"
#include "wire-image.h"

enum {
  HEADER_MAGIC = 0x40,
  HEADER_FORMAT = 0x44, /* and the header's size in the upper half */
  HEADER_PRODUCT = 0x48,
  HEADER_VERSION = 0x4c,
  HEADER_LENGTH = 0x50,
  HEADER_BANK_ADDR = 0x54,
  HEADER_NAME = 0x58,
  HEADER_RESERVED = 0x74,
  HEADER_CRC = WIRE_IMAGE_CRC_OFFSET,

  RECORD_TOKEN = 0,
  RECORD_MAGIC = 4,
  RECORD_SEQUENCE = 8,
  RECORD_STATE = 12,
  RECORD_VERSION = 16,
  RECORD_IMAGE_CRC = 20,
  RECORD_TRIAL = 24, /* starts in the low byte, cause in the next, incoming in the upper half */
  RECORD_CRC = 28,
};

static inline bool wire_image_has_header(const uint8_t *image)
{
  return wire_get_word(image + HEADER_MAGIC) == WIRE_IMAGE_MAGIC &&
         wire_get_word(image + HEADER_FORMAT) ==
             (WIRE_IMAGE_FORMAT | (uint32_t)WIRE_IMAGE_HEADER_SIZE << 16);
}

static inline bool wire_image_fits(uint32_t bank_addr, uint32_t length, WireBank bank)
{
  return bank_addr == wire_bank_get_addr(bank) && length >= WIRE_IMAGE_LENGTH_MIN &&
         length <= wire_bank_get_size(bank);
}
