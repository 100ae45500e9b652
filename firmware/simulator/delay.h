/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bytes that are on their way for a while, one after the other. One thread. */

#pragma once

#include <stdbool.h>
#include <stdint.h>

enum { SIM_DELAY_BYTES_MAX = 128 * 1024 };

/* All zero: empty. */
typedef struct {
  struct SimDelayed *ring; /* NULL until there is something to keep */
  uint32_t first, count;
} SimDelay;

void sim_delay_clear(SimDelay *delay);

/* A byte that is there at `cycle`, or with the one before it if that is later. False when too many
 * are on their way: it is lost. */
bool sim_delay_add(SimDelay *delay, uint64_t cycle, uint8_t byte);
/* When the first is there; UINT64_MAX with none. */
uint64_t sim_delay_get_next(const SimDelay *delay);
/* The first, if it is there at `now`. */
bool sim_delay_take(SimDelay *delay, uint64_t now, uint8_t *byte);
