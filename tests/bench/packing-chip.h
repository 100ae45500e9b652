/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The decoder as the loader has it, on the modelled processor: flash, the decoder behind it, and
 * RAM. Every access takes the cycles of zero-wait memory, as the MAM gives for code in a row. */

#pragma once

#include "wire-unpack.h"

/* Loads the decoder; its bytes, or 0 when there is none. */
size_t packing_chip_load(const char *elf, const char *bin);

/* Unpacks there, and leaves the result in `to`. Returns the cycles from call to return, or 0 when
 * the decoder refused. */
uint64_t packing_chip_unpack(const WireUnpack *source, const uint8_t *packed, size_t packed_length,
                             uint32_t addr, uint8_t *to, size_t length);
