/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The choice of the program to run. */

#include "fw-boot.h"

void fw_boot_find_record(const uint8_t *flash, WireRecord *newest)
{
  newest->bank = WIRE_BANK_NONE;
  newest->sequence = 0;
  for (unsigned slot = 0; slot < WIRE_RECORD_COUNT; slot++) {
    WireRecord record;

    if (wire_record_read(flash + WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE, &record) &&
        record.sequence > newest->sequence)
      *newest = record;
  }
}

unsigned fw_boot_find_free_slot(const uint8_t *flash)
{
  unsigned at = WIRE_SECTOR_SIZE;

  while (at > 0 && flash[WIRE_RECORD_ADDR + at - 1] == 0xff)
    at--;
  return wire_block_count(at);
}

WireBankState fw_boot_judge(const uint8_t *flash, WireBank bank, WireImageHeader *header)
{
  const uint8_t *image = flash + wire_bank_map(bank)->addr;

  if (!wire_image_header_parse(image, header) || !wire_image_header_fits(header, bank))
    return WIRE_BANK_EMPTY;

  uint32_t crc = wire_image_crc(image, WIRE_BLOCK_SIZE, image + WIRE_BLOCK_SIZE, header->length);

  return crc == header->crc ? WIRE_BANK_VALID : WIRE_BANK_DAMAGED;
}

/* Without a record: the bank whose header names the newer version, and LOW rather than HIGH. */
static WireBank newer_bank(const uint8_t *flash)
{
  WireImageHeader low, high;

  low.version = high.version = 0;
  wire_image_header_parse(flash + wire_bank_map(WIRE_BANK_LOW)->addr, &low);
  wire_image_header_parse(flash + wire_bank_map(WIRE_BANK_HIGH)->addr, &high);
  return high.version > low.version ? WIRE_BANK_HIGH : WIRE_BANK_LOW;
}

WireBank fw_boot_choose(const uint8_t *flash)
{
  WireRecord record;
  WireImageHeader header;

  fw_boot_find_record(flash, &record);

  WireBank first = record.bank != WIRE_BANK_NONE ? record.bank : newer_bank(flash);

  bool whole = fw_boot_judge(flash, first, &header) == WIRE_BANK_VALID;

  if (whole && (record.bank == WIRE_BANK_NONE || header.crc == record.crc))
    return first;
  if (fw_boot_judge(flash, wire_bank_other(first), &header) == WIRE_BANK_VALID)
    return wire_bank_other(first);
  return whole ? first : WIRE_BANK_NONE;
}
