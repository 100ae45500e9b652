/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A time left that does not jump. */

#include "sy-time-left.h"

/* The told time comes to the estimate in about so long. */
static const double follow_s = 1.5;
/* While work goes on it is never over. */
static const double least_s = 0.5;

void sy_time_left_init(SyTimeLeft *left)
{
  *left = (SyTimeLeft){.begun = false};
}

static double clamp(double value, double low, double high)
{
  return value < low ? low : value > high ? high : value;
}

static void begin(SyTimeLeft *left, uint32_t done, uint64_t now_us)
{
  left->begun = true;
  left->done = done;
  left->begun_us = left->moved_us = left->updated_us = now_us;
}

double sy_time_left_update(SyTimeLeft *left, uint32_t done, double estimate, uint64_t now_us)
{
  double passed = (double)(now_us - left->updated_us) / 1e6;
  double pace, error;
  bool stalled;

  if (estimate < 0)
    return left->told ? left->seconds : -1;
  if (!left->begun)
    begin(left, done, now_us);
  if (done > left->done)
    left->moved_us = now_us;
  left->done = done;
  left->updated_us = now_us;
  if (!left->told) {
    left->told = now_us >= left->begun_us + SY_TIME_LEFT_SETTLE_US;
    left->seconds = estimate > least_s ? estimate : least_s;
    return left->told ? left->seconds : -1;
  }
  /* The estimate is from when it last moved: a short pause is in it already, and behind a long one
   * as much is left as there was. */
  stalled = now_us >= left->moved_us + SY_TIME_LEFT_STALL_US;
  pace = stalled ? 0 : passed;
  if (!stalled)
    estimate -= (double)(now_us - left->moved_us) / 1e6;
  error = estimate - (left->seconds - pace);
  left->seconds += clamp(error * passed / follow_s - pace, -SY_TIME_LEFT_FALL_MAX * passed,
                         stalled ? passed : 0);
  if (left->seconds < least_s)
    left->seconds = least_s;
  return left->seconds;
}
