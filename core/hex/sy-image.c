/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyImage.
 */

#include "sy-image-private.h"

#include <string.h>

G_DEFINE_BOXED_TYPE(SyImage, sy_image, sy_image_ref, sy_image_unref)

SyImage *sy_image_ref(SyImage *image)
{
  g_return_val_if_fail(image, NULL);
  g_atomic_ref_count_inc(&image->ref_count);
  return image;
}

void sy_image_unref(SyImage *image)
{
  g_return_if_fail(image);
  if (!g_atomic_ref_count_dec(&image->ref_count))
    return;
  g_array_unref(image->segments);
  g_byte_array_unref(image->bytes);
  g_byte_array_unref(image->gathered);
  sy_line_table_free(image->lines);
  g_free(image);
}

guint sy_image_get_n_segments(SyImage *image)
{
  g_return_val_if_fail(image, 0);
  return image->segments->len;
}

const SySegment *sy_image_get_segment(SyImage *image, guint index)
{
  g_return_val_if_fail(image && index < image->segments->len, NULL);
  return &g_array_index(image->segments, SySegment, index);
}

guint64 sy_image_get_size(SyImage *image)
{
  g_return_val_if_fail(image, 0);
  return image->size;
}

gboolean sy_image_get_start(SyImage *image, guint32 *addr)
{
  g_return_val_if_fail(image, FALSE);
  if (addr && image->has_start)
    *addr = image->start;
  return image->has_start;
}

guint sy_image_find_segment_index(SyImage *image, guint64 addr)
{
  g_return_val_if_fail(image, 0);

  guint from = 0;
  guint to = image->segments->len;

  while (from < to) {
    guint middle = from + (to - from) / 2;

    if (sy_segment_end(&g_array_index(image->segments, SySegment, middle)) > addr)
      to = middle;
    else
      from = middle + 1;
  }
  return from;
}

const SySegment *sy_image_find_segment(SyImage *image, guint32 addr)
{
  g_return_val_if_fail(image, NULL);

  guint index = sy_image_find_segment_index(image, addr);

  if (index == image->segments->len)
    return NULL;

  const SySegment *segment = &g_array_index(image->segments, SySegment, index);

  return segment->addr <= addr ? segment : NULL;
}

const guint8 *sy_image_peek(SyImage *image, guint32 addr, guint32 length)
{
  const SySegment *segment = sy_image_find_segment(image, addr);

  if (!segment || sy_segment_end(segment) - addr < length)
    return NULL;
  return segment->bytes + (addr - segment->addr);
}

guint32 sy_image_copy(SyImage *image, guint32 addr, guint32 length, guint8 fill, guint8 *to)
{
  guint64 end = (guint64)addr + length;
  guint32 copied = 0;

  g_return_val_if_fail(image && (to || length == 0), 0);

  if (length > 0)
    memset(to, fill, length);
  for (guint i = sy_image_find_segment_index(image, addr); i < image->segments->len; i++) {
    const SySegment *segment = &g_array_index(image->segments, SySegment, i);
    guint64 from = MAX(segment->addr, addr);
    guint64 stop = MIN(sy_segment_end(segment), end);

    if (from >= stop)
      break;
    memcpy(to + (from - addr), segment->bytes + (from - segment->addr), stop - from);
    copied += (guint32)(stop - from);
  }
  return copied;
}

guint64 sy_image_count(SyImage *image, guint32 addr, guint64 length, guint32 *first)
{
  guint64 end = MIN(length, SY_IMAGE_ADDR_END - addr) + addr;
  guint64 count = 0;

  g_return_val_if_fail(image, 0);

  for (guint i = sy_image_find_segment_index(image, addr); i < image->segments->len; i++) {
    const SySegment *segment = &g_array_index(image->segments, SySegment, i);
    guint64 from = MAX(segment->addr, addr);
    guint64 stop = MIN(sy_segment_end(segment), end);

    if (from >= stop)
      break;
    if (count == 0 && first)
      *first = (guint32)from;
    count += stop - from;
  }
  return count;
}

guint sy_image_find_line(SyImage *image, guint32 addr)
{
  return sy_image_find_segment(image, addr) ? sy_line_table_find(image->lines, addr) : 0;
}

gboolean sy_image_find_extent(SyImage *image, const SyRange *within, SyRange *extent)
{
  g_return_val_if_fail(image && within && extent, FALSE);

  guint64 end = sy_range_end(within);
  guint64 last = 0;
  gboolean found = FALSE;

  for (guint i = sy_image_find_segment_index(image, within->addr); i < image->segments->len; i++) {
    const SySegment *segment = &g_array_index(image->segments, SySegment, i);

    if (segment->addr >= end || within->length == 0)
      break;
    if (!found)
      extent->addr = MAX(segment->addr, within->addr);
    found = TRUE;
    last = MIN(sy_segment_end(segment), end);
  }
  if (found)
    extent->length = last - extent->addr;
  return found;
}
