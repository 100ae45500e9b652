/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the loader does for the jump program, which writes no flash: the start of a program on trial
 * is counted before it begins. */

#pragma once

#include "fw-handover.h"
#include "fw-record.h"

/* Counts a start of the program on trial in `bank`. `evidence` is what this start tells about how
 * the last one ended. `scratch` is a word aligned block. Returns the bank to enter: that one, or
 * the other if the count does not stand; NONE when there is nothing that may start. */
WireBank fw_errand_count_start(const FwFlash *flash, WireBank bank, WireTrialCause evidence,
                               uint8_t *scratch);
