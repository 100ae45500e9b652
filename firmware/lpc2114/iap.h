/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Flash programming through the boot ROM (UM10114 §21.10). Interrupts may stay on: vectors,
 * handlers and their data are in RAM. Every call returns the ROM's status, 0 for success. */

#pragma once

#include "fw-flash.h"

uint32_t iap_erase(unsigned first_sector, unsigned last_sector);

/* 512 bytes from word-aligned RAM to a 512-byte boundary: the one size every boot ROM takes. */
uint32_t iap_program(uint32_t addr, const uint8_t *block);

/* The chip's flash for the logic; feeds the watchdog before each operation, none of which takes as
 * long as it waits. */
extern const FwFlash iap_flash;

/* 16908050 on an LPC2114. */
uint32_t iap_read_part_id(void);
