/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bytes on their way, in a ring that is made when it is needed: most lines are short. */

#include "delay.h"

#include <stdlib.h>

typedef struct SimDelayed {
  uint64_t cycle;
  uint8_t byte;
} Delayed;

static Delayed *at(const SimDelay *delay, uint32_t n)
{
  return &delay->ring[(delay->first + n) % SIM_DELAY_BYTES_MAX];
}

void sim_delay_clear(SimDelay *delay)
{
  free(delay->ring);
  *delay = (SimDelay){.count = 0};
}

bool sim_delay_add(SimDelay *delay, uint64_t cycle, uint8_t byte)
{
  if (!delay->ring)
    delay->ring = calloc(SIM_DELAY_BYTES_MAX, sizeof *delay->ring);
  if (!delay->ring || delay->count == SIM_DELAY_BYTES_MAX)
    return false;
  if (delay->count > 0 && at(delay, delay->count - 1)->cycle > cycle)
    cycle = at(delay, delay->count - 1)->cycle;
  *at(delay, delay->count++) = (Delayed){.cycle = cycle, .byte = byte};
  return true;
}

uint64_t sim_delay_get_next(const SimDelay *delay)
{
  return delay->count > 0 ? at(delay, 0)->cycle : UINT64_MAX;
}

bool sim_delay_take(SimDelay *delay, uint64_t now, uint8_t *byte)
{
  if (sim_delay_get_next(delay) > now || delay->count == 0)
    return false;
  *byte = at(delay, 0)->byte;
  delay->first = (delay->first + 1) % SIM_DELAY_BYTES_MAX;
  delay->count--;
  return true;
}
