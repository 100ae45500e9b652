/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The record log in sector 14: one 512-byte block a record, never programmed twice, the newest
 * valid one counts. PROTOCOL.md §7. */

#pragma once

#include "fw-flash.h"
#include "wire-image.h"
#include "wire-message.h"

/* A log is as good as new while it has so many free places: an upgrade takes two as it begins, one
 * with the seal, one for each of WIRE_TRIAL_STARTS starts, two at the end; one may be torn. Should
 * two be, the trial cannot be confirmed, and the old program runs on. */
enum { FW_RECORD_ROOM = 9 };

/* An upgrade that goes on with an interrupted one makes do with less: the end is not written twice,
 * and none may be torn. Else it would find room only every other time. */
enum { FW_RECORD_ROOM_AGAIN = FW_RECORD_ROOM - 2 };

/* The first place of the log that is blank with all behind it; WIRE_RECORD_COUNT: full. */
unsigned fw_record_find_free_slot(const uint8_t *flash);

/* Whether the log is as this firmware leaves it and says that this very program has settled in
 * `bank`: records from the first place on, one after the other, none torn, and `room` behind them.
 * Anything else may be an erase that was interrupted, and what reads blank after that is not
 * erased. */
bool fw_record_is_log_sound(const uint8_t *flash, WireBank bank, uint32_t crc, unsigned room);

/* Whether the newest record settles which program runs and nothing in the log says the same: if
 * power failed while it was written, it may read right for years and then not. */
bool fw_record_is_settled_once(const uint8_t *flash);

/* Appends a record, stepping over places that fail; its sequence is filled in. `scratch` is a word
 * aligned block. Returns whether it stands. */
bool fw_record_append(const FwFlash *flash, WireRecord *record, uint8_t *scratch);

/* A record of the program that lies in `bank`, which must be sealed. */
WireRecord fw_record_of_bank(const uint8_t *flash, WireBank bank, WireRecordState state);
