/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What an image is made of, for SyImage and its builder; and where addresses and segments end, for
 * the rest of this room. Not for others.
 */

#pragma once

#include "sy-image.h"
#include "sy-line-table.h"

#define SY_IMAGE_ADDR_END (G_GUINT64_CONSTANT(1) << 32)

struct _SyImage {
  gatomicrefcount ref_count;
  GArray *segments; /* of SySegment */
  GByteArray *bytes;
  GByteArray *gathered; /* of the segments whose bytes did not come in order */
  SyLineTable *lines;   /* by address */
  guint64 size;
  gboolean has_start;
  guint32 start;
};

/* What of an addition was there before. */
typedef struct {
  guint n_again; /* bytes with the same value, and the address of the first */
  guint32 again_addr;
  guint n_clashes; /* bytes with another value, which are left out, and the address of the first */
  guint32 clash_addr;
} SyImageOverlap;

/* As sy_image_builder_add, but counts into `overlap`, on top of what is in it. */
void sy_image_builder_add_over(SyImageBuilder *builder, guint32 addr, const guint8 *bytes,
                               guint32 length, guint line, SyImageOverlap *overlap);

static inline guint64 sy_segment_end(const SySegment *segment)
{
  return (guint64)segment->addr + segment->length;
}

/* Cut at 4 GiB. */
static inline guint64 sy_range_end(const SyRange *range)
{
  return range->addr + MIN(range->length, SY_IMAGE_ADDR_END - range->addr);
}
