/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which program runs: the reading of bank records and sealed headers that the jump program, the
 * loader and the program itself share. Pure: `flash` is the address of the 128 KB as the caller
 * sees them (0 on the chip, a buffer on the host). DESIGN.md draws the decision table. */

#pragma once

#include "wire-crc.h"
#include "wire-image.h"
#include "wire-message.h"

/* The newest valid record of the log where it lies, NULL with none. */
WIRE_SHARED const uint8_t *fw_boot_find_record(const uint8_t *flash);

/* Asks for a header that fits and the right CRC over the whole image: 0.7 ms a KB on the chip.
 * `head` is the image's first block when it lies elsewhere, because the loader holds it in RAM
 * until it seals; else NULL. */
WIRE_SHARED WireBankState fw_boot_judge(const uint8_t *flash, const uint8_t *head, WireBank bank);

/* What to start, as the word with which the jump program enters (see FwEntryKind): PROGRAM and a
 * bank, or a kind for the loader. Judges no more than it must: a CRC over both banks is 0.2 s of
 * every boot. */
WIRE_SHARED uint32_t fw_boot_choose(const uint8_t *flash);
