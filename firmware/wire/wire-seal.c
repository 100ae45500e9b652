/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the jump program asks of records, and lends to the loader. */

#include "wire-image-layout.h"

bool wire_record_is_valid(const uint8_t *block)
{
  uint32_t state = wire_get_word(block + RECORD_STATE);

  return wire_get_word(block + RECORD_MAGIC) == WIRE_RECORD_MAGIC &&
         state - WIRE_RECORD_CONFIRMED <= WIRE_RECORD_FIRST - WIRE_RECORD_CONFIRMED &&
         wire_record_get_bank(block) != WIRE_BANK_NONE &&
         wire_get_word(block + RECORD_CRC) == wire_crc32(0, block, RECORD_CRC);
}
