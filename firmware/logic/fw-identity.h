/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who answers IDENTIFY, in the program and in the loader alike. */

#pragma once

#include "fw-boot.h"

/* What the caller knows and flash does not. */
typedef struct {
  WireMode mode;
  uint32_t part_id;
  WireResetCause reset_cause;
  uint16_t boots;
  uint8_t flags; /* WireFlag bits */
} FwSelf;

enum { FW_LOADER_VERSION = WIRE_VERSION(1, 3, 0) };

/* What loader and program take in an upgrade, whichever of them is asked. The ring behind the UART
 * has place for more than FW_ROOM. */
enum { FW_WINDOW = 24, FW_ROOM = 7936 };

/* Says of a bank what its header says, and `state` of the whole, which somebody has judged (see
 * fw_boot_judge). */
void fw_identity_fill_bank(WireIdentity *identity, const uint8_t *flash, WireBank bank,
                           WireBankState state);

/* Says which bank runs or would, and what the newest record says about it. */
void fw_identity_set_running(WireIdentity *identity, const uint8_t *flash, WireBank running);

/* Fills the rest, but for uptime_ms and trial_left_s. */
void fw_identity_fill(WireIdentity *identity, const FwSelf *self);
