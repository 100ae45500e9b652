/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading and writing the record log. */

#include "fw-record.h"

#include "fw-boot.h"

static const uint8_t *slot_at(const uint8_t *flash, unsigned slot)
{
  return flash + WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE;
}

unsigned fw_record_find_free_slot(const uint8_t *flash)
{
  return fw_flash_count_used(flash, WIRE_RECORD_ADDR, WIRE_SECTOR_SIZE);
}

static bool is_settled(WireRecordState state)
{
  return state == WIRE_RECORD_CONFIRMED || state == WIRE_RECORD_RETURNED;
}

bool fw_record_is_settled_once(const uint8_t *flash)
{
  const uint8_t *newest = fw_boot_find_record(flash);

  if (!newest || !is_settled(wire_record_get_state(newest)))
    return false;
  for (unsigned slot = 0; slot < WIRE_RECORD_COUNT; slot++) {
    const uint8_t *record = slot_at(flash, slot);

    if (wire_record_is_valid(record) && is_settled(wire_record_get_state(record)) &&
        wire_record_get_sequence(record) == wire_record_get_sequence(newest) - 1 &&
        wire_record_get_image_crc(record) == wire_record_get_image_crc(newest) &&
        wire_record_get_bank(record) == wire_record_get_bank(newest))
      return false;
  }
  return true;
}

bool fw_record_is_log_sound(const uint8_t *flash, WireBank bank, uint32_t crc, unsigned room)
{
  unsigned used = fw_record_find_free_slot(flash);
  WireRecord record = {.bank = WIRE_BANK_NONE};
  uint32_t before = 0;

  for (unsigned slot = 0; slot < used; slot++, before = record.sequence)
    if (!wire_record_read(slot_at(flash, slot), &record) ||
        (slot > 0 && record.sequence != before + 1))
      return false;
  return record.bank == bank && record.crc == crc && is_settled((WireRecordState)record.state) &&
         used + room <= WIRE_RECORD_COUNT;
}

bool fw_record_append(const FwFlash *flash, WireRecord *record, uint8_t *scratch)
{
  const uint8_t *newest = fw_boot_find_record(flash->memory);

  record->sequence = newest ? wire_record_get_sequence(newest) + 1 : 1;
  wire_record_write(record, scratch);
  for (unsigned slot = fw_record_find_free_slot(flash->memory); slot < WIRE_RECORD_COUNT; slot++)
    if (fw_flash_program(flash, WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE, scratch, NULL))
      return true;
  return false;
}

WireRecord fw_record_of_bank(const uint8_t *flash, WireBank bank, WireRecordState state)
{
  const uint8_t *image = flash + wire_bank_get_addr(bank);

  return (WireRecord){
      .bank = bank,
      .state = state,
      .version = wire_image_get_version(image),
      .crc = wire_image_get_crc(image),
  };
}
