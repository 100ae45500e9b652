/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * How long the path to the substation and back takes, without the time that the bytes themselves
 * take on the wire: smoothed, and how much it varies, as in RFC 6298.
 *
 * Plain value without I/O, clock or allocation; one thread. Times are microseconds.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct {
  uint64_t smoothed_us; /* 0 while nothing was measured */
  uint64_t varies_us;   /* mean distance from that */
  uint32_t samples;
} SyRoundTrip;

/* An answer took between `least_us` and `most_us`: alike for a question that was alone on its way;
 * answers that queue behind others tell only that much. To a question that was asked more than
 * once there is no telling which was answered: such are not to be given (Karn's rule). */
void sy_round_trip_take(SyRoundTrip *trip, uint64_t least_us, uint64_t most_us);

/* What an answer on this path may need beyond what any local port does: 0 on those, and while
 * nothing was measured. */
uint64_t sy_round_trip_get_patience_us(const SyRoundTrip *trip);

/* Whether the path is longer than that of a local port. */
bool sy_round_trip_is_far(const SyRoundTrip *trip);
