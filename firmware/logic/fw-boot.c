/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The choice of the program to run: one table. */

#include "fw-boot.h"

#include "fw-handover.h"

/* What the newest record says. */
typedef enum {
  RECORD_NONE,
  RECORD_SETTLED,     /* confirmed, or returned to */
  RECORD_TRIAL,       /* on trial, with starts left */
  RECORD_TRIAL_SPENT, /* and none left */
  RECORD_FIRST,       /* not proven, and there was no other program when it came */
  RECORD_KINDS,
} RecordKind;

/* What lies in the bank that it names. */
typedef enum {
  IMAGE_NOT_WHOLE,
  IMAGE_ANOTHER, /* whole, but not the one that was recorded */
  IMAGE_AS_RECORDED,
  IMAGE_KINDS,
} ImageKind;

/* What to do: an FwEntryKind, and which bank it is about. */
#define DECISION(kind, other) ((kind) << 1 | (other))
enum {
  LOADER = DECISION(FW_ENTRY_NO_PROGRAM, 0),
  RECORDED = DECISION(FW_ENTRY_PROGRAM, 0), /* with no record the newer one */
  OTHER = DECISION(FW_ENTRY_PROGRAM, 1),
  LISTEN = DECISION(FW_ENTRY_LISTEN, 0), /* the recorded one, when nobody spoke to the loader */
  LISTEN_OTHER = DECISION(FW_ENTRY_LISTEN, 1),
  TRIAL = DECISION(FW_ENTRY_START, 0), /* the recorded one, when the loader counted this start */
};

/* The last index says whether the other bank holds a whole image.
 *
 * A program that is not proven and has no other to go back to is started, but the loader listens
 * first: whatever the program does, somebody can send another. That is a first program, or one
 * whose log was cut while an upgrade emptied it, so that an old record came to light: it may be the
 * best program there ever was. */
static const uint8_t decisions[RECORD_KINDS][IMAGE_KINDS][2] = {
    [RECORD_NONE] =
        {
            [IMAGE_NOT_WHOLE] = {LOADER, LISTEN_OTHER},
            [IMAGE_ANOTHER] = {LISTEN, RECORDED},
        },
    [RECORD_SETTLED] =
        {
            [IMAGE_NOT_WHOLE] = {LOADER, OTHER},
            [IMAGE_ANOTHER] = {RECORDED, OTHER},
            [IMAGE_AS_RECORDED] = {RECORDED, RECORDED},
        },
    [RECORD_TRIAL] =
        {
            [IMAGE_NOT_WHOLE] = {LOADER, OTHER},
            [IMAGE_ANOTHER] = {LISTEN, OTHER},
            [IMAGE_AS_RECORDED] = {LISTEN, TRIAL},
        },
    [RECORD_TRIAL_SPENT] =
        {
            [IMAGE_NOT_WHOLE] = {LOADER, OTHER},
            [IMAGE_ANOTHER] = {LISTEN, OTHER},
            [IMAGE_AS_RECORDED] = {LISTEN, OTHER},
        },
    [RECORD_FIRST] =
        {
            [IMAGE_NOT_WHOLE] = {LOADER, LISTEN_OTHER},
            [IMAGE_ANOTHER] = {LISTEN, LISTEN_OTHER},
            [IMAGE_AS_RECORDED] = {LISTEN, LISTEN},
        },
};

const uint8_t *fw_boot_find_record(const uint8_t *flash)
{
  const uint8_t *newest = NULL;

  for (unsigned slot = 0; slot < WIRE_RECORD_COUNT; slot++) {
    const uint8_t *record = flash + WIRE_RECORD_ADDR + slot * WIRE_BLOCK_SIZE;

    if (wire_record_is_valid(record) &&
        (!newest || wire_record_get_sequence(record) >= wire_record_get_sequence(newest)))
      newest = record;
  }
  return newest;
}

WireBankState fw_boot_judge(const uint8_t *flash, const uint8_t *head, WireBank bank)
{
  const uint8_t *image = flash + wire_bank_get_addr(bank);

  if (!head)
    head = image;
  if (!wire_image_is_sealed(head, bank))
    return WIRE_BANK_EMPTY;
  return wire_image_crc(head, image, wire_image_get_length(head)) == wire_image_get_crc(head)
             ? WIRE_BANK_VALID
             : WIRE_BANK_DAMAGED;
}

/* With no record: the bank whose header names the newer version, LOW when they are alike. Where
 * there is no header this is any bank: it is judged next, and then the other. */
static WireBank newer_bank(const uint8_t *flash)
{
  return wire_image_get_version(flash + WIRE_HIGH_ADDR) >
                 wire_image_get_version(flash + WIRE_LOW_ADDR)
             ? WIRE_BANK_HIGH
             : WIRE_BANK_LOW;
}

static RecordKind judge_record(const uint8_t *record)
{
  WireRecordState state = wire_record_get_state(record);

  if (state == WIRE_RECORD_TRIAL)
    return wire_record_get_starts(record) < WIRE_TRIAL_STARTS ? RECORD_TRIAL : RECORD_TRIAL_SPENT;
  return state == WIRE_RECORD_FIRST ? RECORD_FIRST : RECORD_SETTLED;
}

uint32_t fw_boot_choose(const uint8_t *flash)
{
  const uint8_t *record = fw_boot_find_record(flash);
  RecordKind kind = RECORD_NONE;
  WireBank bank;
  ImageKind image = IMAGE_NOT_WHOLE;

  if (record) {
    kind = judge_record(record);
    bank = wire_record_get_bank(record);
  } else {
    bank = newer_bank(flash);
  }
  if (fw_boot_judge(flash, NULL, bank) == WIRE_BANK_VALID) {
    image = IMAGE_ANOTHER;
    if (record &&
        wire_record_get_image_crc(record) == wire_image_get_crc(flash + wire_bank_get_addr(bank)))
      image = IMAGE_AS_RECORDED;
  }

  const uint8_t *row = decisions[kind][image];
  WireBank other = (WireBank)(WIRE_BANK_LOW + WIRE_BANK_HIGH - bank);
  uint32_t decision = row[0];

  if (decision != row[1] && fw_boot_judge(flash, NULL, other) == WIRE_BANK_VALID)
    decision = row[1];
  if (decision & 1)
    bank = other;
  return fw_entry_make((FwEntryKind)(decision >> 1), bank);
}
