/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How good the line is. */

#include "sy-link-quality.h"

enum {
  GOOD_PER_CENT = 1,
  FAIR_PER_CENT = 10,
  FEW = 3,     /* losses fewer than these are no poor line, however little was sent */
  SILENCE = 2, /* time-outs in a row that make a line dead */
};

SyLinkQuality sy_link_quality_judge(const SyCounts *before, const SyCounts *now)
{
  uint32_t whole = now->frames - before->frames;
  uint32_t timeouts = now->timeouts - before->timeouts;
  uint32_t damaged =
      now->bad_frames - before->bad_frames +
      (now->naks_by_cause[WIRE_CAUSE_DAMAGED] - before->naks_by_cause[WIRE_CAUSE_DAMAGED]);
  uint32_t again = now->retries - before->retries;
  uint32_t lost = damaged + timeouts;

  /* What vanished without a trace shows only in that it was sent again; but a sector that is erased
   * anew has everything behind it sent again, and that is not the line's doing. */
  if (again > lost && now->repeats == before->repeats)
    lost = again;
  if (whole == 0)
    return timeouts >= SILENCE || lost >= FEW ? SY_LINK_QUALITY_DEAD : SY_LINK_QUALITY_UNKNOWN;
  if (lost * 100 < (whole + lost) * GOOD_PER_CENT || lost == 0)
    return SY_LINK_QUALITY_GOOD;
  return lost < FEW || lost * 100 < (whole + lost) * FAIR_PER_CENT ? SY_LINK_QUALITY_FAIR
                                                                   : SY_LINK_QUALITY_POOR;
}

SyLinkQuality sy_link_quality_of_result(const SyResult *result)
{
  static const SyCounts nothing;

  if (result->reason == SY_REASON_SILENT || result->reason == SY_REASON_LINK_LOST)
    return SY_LINK_QUALITY_DEAD;
  return sy_link_quality_judge(&nothing, &result->counts);
}

void sy_link_meter_init(SyLinkMeter *meter)
{
  *meter = (SyLinkMeter){.count = 0};
}

static void mark(SyLinkMeter *meter, const SyCounts *counts, uint64_t now_us)
{
  if (meter->count == SY_LINK_METER_MARKS) {
    for (unsigned i = 1; i < SY_LINK_METER_MARKS; i++)
      meter->marks[i - 1] = meter->marks[i];
    meter->count--;
  }
  meter->marks[meter->count++] = *counts;
  meter->marked_us = now_us;
}

SyLinkQuality sy_link_meter_update(SyLinkMeter *meter, const SyCounts *counts, uint64_t now_us)
{
  SyLinkQuality quality;

  if (meter->count == 0) /* the job began with nothing */
    mark(meter, &(SyCounts){.retries = 0}, now_us);
  quality = sy_link_quality_judge(&meter->marks[0], counts);
  if (quality != SY_LINK_QUALITY_UNKNOWN)
    meter->quality = quality;
  if (now_us >= meter->marked_us + SY_LINK_METER_STEP_US)
    mark(meter, counts, now_us);
  return meter->quality;
}
