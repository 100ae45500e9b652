/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What an image is made of, for SyImage and its builder. Not for others.
 */

#pragma once

#include "sy-image.h"

#define SY_IMAGE_ADDR_END (G_GUINT64_CONSTANT(1) << 32)

struct _SyImage {
  gatomicrefcount ref_count;
  GArray *segments; /* of SySegment */
  GByteArray *bytes;
  GByteArray *gathered; /* of the segments whose bytes did not come in order */
  guint64 size;
  gboolean has_start;
  guint32 start;
};

static inline guint64 sy_segment_end(const SySegment *segment)
{
  return (guint64)segment->addr + segment->length;
}
