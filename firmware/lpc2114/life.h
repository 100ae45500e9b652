/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What becomes of the image's time and what its line sees: each driver counts its own part, the
 * loader tells it with COMMIT's answer (PROTOCOL.md §4). In clocks of the processor, from timer 1.
 */

#pragma once

#include "lpc2114.h"
#include "wire-message.h"

/* Also written by interrupt handlers, each field by one of them. */
extern volatile WireLife life;

static inline uint32_t life_now(void)
{
  return LPC_T1TC;
}

static inline void life_count(WireLifeField field)
{
  life.fields[field]++;
}

static inline void life_spend(WireLifeField field, uint32_t since)
{
  life.fields[field] += LPC_T1TC - since;
}
