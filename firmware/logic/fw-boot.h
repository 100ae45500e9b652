/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which program runs: the reading of bank records and sealed headers that the jump program, the
 * loader and the program itself share. Pure: `flash` is the address of the 128 KB as the caller
 * sees them (0 on the chip, a buffer on the host). */

#pragma once

#include "wire-image.h"
#include "wire-message.h"

/* The newest valid record in sector 14: highest sequence. bank is NONE and sequence 0 with none. */
void fw_boot_find_record(const uint8_t *flash, WireRecord *newest);

/* The first block of sector 14 that is blank with all behind it; WIRE_RECORD_COUNT: full. */
unsigned fw_boot_find_free_slot(const uint8_t *flash);

/* Reads a bank's header and checks the CRC over its whole image: about 2 ms a KB on the chip. The
 * header is filled unless the answer is EMPTY. */
WireBankState fw_boot_judge(const uint8_t *flash, WireBank bank, WireImageHeader *header);

/* The bank to start: the recorded one if its image is whole and the one that was recorded, else the
 * other if that is whole, else the recorded one if it is whole at all. With no record the newer of
 * the two comes first, LOW when they are alike. NONE: stay in the loader. */
WireBank fw_boot_choose(const uint8_t *flash);
