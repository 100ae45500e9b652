/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the loader does for jump program and program, neither of which writes the record log about a
 * start: an errand appends one record and says which bank to enter then. Whatever fails on the way,
 * a bank with a whole program comes out, so nobody goes round in circles; NONE when there is none,
 * or none that may start: then the loader stays. */

#pragma once

#include "fw-handover.h"
#include "fw-record.h"

/* Does the errand of `entry`, a TRIAL, RETURN or SWITCH. `evidence` is what this start tells about
 * how the last one ended. `scratch` is a word aligned block. */
WireBank fw_errand_run(const FwFlash *flash, const FwEntry *entry, WireTrialCause evidence,
                       uint8_t *scratch);
