/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * How long a job still takes, for people: a number that counts down and does not jump, out of
 * estimates that do.
 *
 * Between two updates it never rises and falls at most three times as fast as the clock. Only when
 * nothing has moved for a second does it rise, no faster than the clock runs. It is not told before
 * the estimates have had some time to settle.
 *
 * Plain value without I/O, clock or allocation; one thread. Times are microseconds of any steady
 * clock.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
  SY_TIME_LEFT_SETTLE_US = 300 * 1000,
  SY_TIME_LEFT_STALL_US = 1000 * 1000,
  SY_TIME_LEFT_FALL_MAX = 3, /* seconds told for each that passes */
};

typedef struct {
  bool begun, told;
  double seconds;
  uint32_t done;                           /* at the last update */
  uint64_t begun_us, moved_us, updated_us; /* when estimates began, when `done` last grew */
} SyTimeLeft;

void sy_time_left_init(SyTimeLeft *left);
/* `done` is how far the job is, in anything that grows; `estimate` the seconds left as estimated
 * when it last grew, negative when not known. Returns what to tell, negative when nothing. */
double sy_time_left_update(SyTimeLeft *left, uint32_t done, double estimate, uint64_t now_us);
