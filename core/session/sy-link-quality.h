/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * How good the line is, from what was counted: how many frames arrived whole and how many were
 * damaged, not answered or had to be sent again. Over the last seconds while a job runs, over all
 * of it at its end.
 *
 * Plain values without I/O, clock or allocation; one thread. Times are microseconds of any steady
 * clock.
 */

#pragma once

#include "sy-outcome.h"

typedef enum {
  SY_LINK_QUALITY_UNKNOWN, /* nothing was asked yet */
  SY_LINK_QUALITY_GOOD,    /* less than one frame in a hundred is lost */
  SY_LINK_QUALITY_FAIR,    /* less than one in ten */
  SY_LINK_QUALITY_POOR,
  SY_LINK_QUALITY_DEAD, /* nothing arrives, and it was waited for */
} SyLinkQuality;

/* Of everything between two counts, `before` the earlier. */
SyLinkQuality sy_link_quality_judge(const SyCounts *before, const SyCounts *now);
/* Of a job that has ended: dead if that is what ended it. */
SyLinkQuality sy_link_quality_of_result(const SyResult *result);

enum {
  SY_LINK_METER_MARKS = 8,
  SY_LINK_METER_STEP_US = 400 * 1000, /* so the last 2.8 to 3.2 seconds count */
};

/* The counts of the last seconds. */
typedef struct {
  SyCounts marks[SY_LINK_METER_MARKS]; /* oldest first */
  uint64_t marked_us;
  unsigned count;
  SyLinkQuality quality;
} SyLinkMeter;

void sy_link_meter_init(SyLinkMeter *meter);
/* What is counted by now; to be called every now and then, also when nothing happens. Returns the
 * quality over the last seconds, or the last one known while nothing is asked. */
SyLinkQuality sy_link_meter_update(SyLinkMeter *meter, const SyCounts *counts, uint64_t now_us);
