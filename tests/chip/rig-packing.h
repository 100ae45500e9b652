/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Packing for rigs: against the program that lies in the running bank of the modelled flash, as if
 * the library had it. What was packed once is not packed again: a sweep sends the same blocks
 * thousands of times. */

#pragma once

#include "chip.h"
#include "sy-session.h"

#include <glib.h>

/* A plain value: a rig that is copied takes it along. Packers and what they packed are kept for all
 * rigs of the process. */
typedef struct {
  SyPacking packing;
  SimChip *chip;
  struct RigPackers *packers;
} RigPacking;

/* For the upgrades of the rig that it lies in; reads this chip's flash when one begins. To be
 * called anew when either has moved. */
const SyPacking *rig_packing_set_up(RigPacking *packing, SimChip *chip);
