/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Flash as the logic sees it: the chip's through IAP, or a test's in memory. */

#pragma once

#include "wire-flash-map.h"

typedef struct {
  void *context;
  /* The 128 KB for reading. */
  const uint8_t *memory;
  /* Both return the IAP status, 0 for success. `block` is word aligned RAM, WIRE_BLOCK_SIZE bytes.
   */
  uint32_t (*erase)(void *context, unsigned first_sector, unsigned last_sector);
  uint32_t (*program)(void *context, uint32_t addr, const uint8_t *block);
  /* Milliseconds since start, for telling how long an erase took. */
  uint32_t (*now_ms)(void *context);
} FwFlash;

/* Whether the block at `addr` reads as `block`. */
bool fw_flash_holds(const FwFlash *flash, uint32_t addr, const uint8_t *block);

/* Programs one block, unless it reads so already, and reads it back: a blank block of an erased
 * sector costs nothing. True when flash holds what it should; `status`, which may be NULL, receives
 * what IAP said. The sector must be known to be erased. */
bool fw_flash_program(const FwFlash *flash, uint32_t addr, const uint8_t *block, uint32_t *status);

/* How many blocks from `addr` on, of `size` bytes, come before those that all read blank. */
unsigned fw_flash_count_used(const uint8_t *memory, uint32_t addr, uint32_t size);
