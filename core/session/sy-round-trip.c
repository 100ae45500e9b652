/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The round trip. */

#include "sy-round-trip.h"

enum {
  /* A USB adapter holds bytes back for 16 ms: each time-out allows for that, also at first. */
  LOCAL_US = 20 * 1000,
  MAX_US = 3000 * 1000, /* the loader itself waits no longer than 10 s for what comes next */
  VARIATIONS = 4,
  /* Gains of RFC 6298, and the slower one for answers that only agree with what is known: of those
   * there are many in each round trip. */
  SMOOTHED_SHARE = 8,
  VARIES_SHARE = 4,
  AGREES_SHARE = 16,
};

static uint64_t clamp(uint64_t us, uint64_t least_us, uint64_t most_us)
{
  if (us > most_us)
    us = most_us;
  return us < least_us ? least_us : us;
}

static uint64_t blend(uint64_t old_us, uint64_t new_us, unsigned share)
{
  return (old_us * (share - 1) + new_us) / share;
}

void sy_round_trip_take(SyRoundTrip *trip, uint64_t least_us, uint64_t most_us)
{
  uint64_t sample_us = clamp(trip->smoothed_us, least_us, most_us);
  uint64_t apart_us =
      sample_us > trip->smoothed_us ? sample_us - trip->smoothed_us : trip->smoothed_us - sample_us;
  bool alone = least_us >= most_us;

  if (trip->samples++ == 0) {
    trip->smoothed_us = most_us;
    trip->varies_us = most_us / 2;
    return;
  }
  trip->varies_us =
      blend(trip->varies_us, apart_us, apart_us == 0 && !alone ? AGREES_SHARE : VARIES_SHARE);
  trip->smoothed_us = blend(trip->smoothed_us, sample_us, SMOOTHED_SHARE);
}

uint64_t sy_round_trip_get_patience_us(const SyRoundTrip *trip)
{
  uint64_t us = trip->smoothed_us + VARIATIONS * trip->varies_us;

  return clamp(us, LOCAL_US, MAX_US) - LOCAL_US;
}

bool sy_round_trip_is_far(const SyRoundTrip *trip)
{
  return trip->smoothed_us > LOCAL_US;
}
