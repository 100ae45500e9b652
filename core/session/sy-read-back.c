/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Ranges, pages, images. */

#include "sy-read-back.h"

/* What of the range can be read; length 0: nothing. */
static SyRange clip(const SyRange *range)
{
  guint64 start = MAX(range->addr, WIRE_READABLE_START);
  guint64 end = MIN(range->addr + range->length, WIRE_READABLE_END);

  return (SyRange){.addr = (guint32)start, .length = start < end ? end - start : 0};
}

GArray *sy_read_back_find_ranges(SyImage *file, const SyRange *within)
{
  GArray *ranges = g_array_new(FALSE, FALSE, sizeof(SyRange));
  guint64 from = within ? within->addr : 0;
  guint64 to = within ? within->addr + within->length : WIRE_FLASH_SIZE;

  for (guint i = 0; i < sy_image_get_n_segments(file); i++) {
    const SySegment *segment = sy_image_get_segment(file, i);
    guint64 start = MAX(segment->addr, from);
    guint64 end = MIN((guint64)segment->addr + segment->length, to);
    SyRange range = {(guint32)start, start < end ? end - start : 0};

    range = clip(&range);
    if (range.length > 0)
      g_array_append_val(ranges, range);
  }
  return ranges;
}

void sy_read_back_get_pages(const SyRange *ranges, guint n_ranges, guint8 map[SY_READ_MAP_SIZE])
{
  memset(map, 0, SY_READ_MAP_SIZE);
  for (guint i = 0; i < n_ranges; i++)
    sy_read_map_add(map, ranges[i].addr, ranges[i].length);
}

SyImage *sy_read_back_make_image(const SyRange *ranges, guint n_ranges, const guint8 *flash)
{
  SyImageBuilder *builder = sy_image_builder_new();

  for (guint i = 0; i < n_ranges; i++) {
    SyRange range = clip(&ranges[i]);

    /* A byte that two ranges hold is the same in both. */
    if (range.length > 0 && !sy_image_builder_add(builder, range.addr, flash + range.addr,
                                                  (guint32)range.length, 0, NULL))
      g_assert_not_reached();
  }
  return sy_image_builder_end(builder);
}

guint64 sy_read_back_count(const SyRange *ranges, guint n_ranges)
{
  g_autofree guint8 *flash = g_malloc0(WIRE_FLASH_SIZE);
  g_autoptr(SyImage) image = sy_read_back_make_image(ranges, n_ranges, flash);

  return sy_image_get_size(image);
}
