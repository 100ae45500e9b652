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

enum { FW_LOADER_VERSION = WIRE_VERSION(1, 1, 0) };

/* Fills everything but uptime_ms and trial_left_s. Judges both banks, so it takes as long as their
 * CRCs. `running` is the bank that runs or would. */
void fw_identity_fill(WireIdentity *identity, const FwSelf *self, const uint8_t *flash,
                      WireBank running);
