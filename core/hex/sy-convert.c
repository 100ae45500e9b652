/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Images out of images. No line of a file stands behind what comes out.
 */

#include "sy-convert.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "sy-hex.h"
#include "sy-image-private.h"

enum { FILL_PIECE_SIZE = 64 * 1024, NO_LINE = 0 };

G_DEFINE_QUARK(sy - convert - error - quark, sy_convert_error)

/* Adds bytes where there are none yet, so that nothing can clash. */
static void add(SyImageBuilder *builder, guint64 addr, const guint8 *bytes, guint64 length)
{
  gboolean clean =
      sy_image_builder_add(builder, (guint32)addr, bytes, (guint32)length, NO_LINE, NULL);

  g_warn_if_fail(clean);
}

SyImage *sy_image_extract(SyImage *image, const SyRange *ranges, guint n_ranges)
{
  g_return_val_if_fail(image && (ranges || n_ranges == 0), NULL);

  SyImageBuilder *builder = sy_image_builder_new();
  guint n_segments = sy_image_get_n_segments(image);
  guint32 start;
  gboolean has_start = sy_image_get_start(image, &start);

  for (guint r = 0, i = 0; r < n_ranges; r++) {
    guint64 end = sy_range_end(&ranges[r]);

    if (has_start && start >= ranges[r].addr && start < end)
      sy_image_builder_set_start(builder, start);
    /* A segment may reach into the next range too, so only those before this one are left behind.
     */
    while (i < n_segments && sy_segment_end(sy_image_get_segment(image, i)) <= ranges[r].addr)
      i++;
    for (guint s = i; s < n_segments; s++) {
      const SySegment *segment = sy_image_get_segment(image, s);
      guint64 from = MAX(segment->addr, ranges[r].addr);
      guint64 stop = MIN(sy_segment_end(segment), end);

      if (from >= stop)
        break;
      add(builder, from, segment->bytes + (from - segment->addr), stop - from);
    }
  }
  return sy_image_builder_end(builder);
}

static gboolean fail_large(GError **error)
{
  g_set_error(error, SY_CONVERT_ERROR, SY_CONVERT_ERROR_LARGE,
              _("Together this is more than %u MB, more than this program takes."),
              SY_HEX_DATA_MAX >> 20);
  return FALSE;
}

static gboolean add_image(SyImageBuilder *builder, SyImage *image, GError **error)
{
  if (sy_image_get_size(image) > SY_HEX_DATA_MAX)
    return fail_large(error);
  for (guint i = 0; i < sy_image_get_n_segments(image); i++) {
    const SySegment *segment = sy_image_get_segment(image, i);
    guint32 clash;

    if (!sy_image_builder_add(builder, segment->addr, segment->bytes, segment->length, NO_LINE,
                              &clash)) {
      g_set_error(error, SY_CONVERT_ERROR, SY_CONVERT_ERROR_CLASH,
                  _("Two of the files hold different bytes for address 0x%08X, so they cannot be "
                    "merged."),
                  clash);
      return FALSE;
    }
  }
  return sy_image_builder_get_size(builder) <= SY_HEX_DATA_MAX || fail_large(error);
}

SyImage *sy_image_merge(SyImage *const *images, guint n_images, GError **error)
{
  g_return_val_if_fail(images || n_images == 0, NULL);

  g_autoptr(SyImageBuilder) builder = sy_image_builder_new();
  gboolean has_start = FALSE;

  for (guint i = 0; i < n_images; i++) {
    guint32 start;

    if (!add_image(builder, images[i], error))
      return NULL;
    if (!has_start && sy_image_get_start(images[i], &start)) {
      has_start = TRUE;
      sy_image_builder_set_start(builder, start);
    }
  }
  return sy_image_builder_end(g_steal_pointer(&builder));
}

static void add_fill(SyImageBuilder *builder, guint64 from, guint64 to, const guint8 *piece)
{
  while (from < to) {
    guint64 length = MIN(to - from, FILL_PIECE_SIZE);

    add(builder, from, piece, length);
    from += length;
  }
}

SyImage *sy_image_fill(SyImage *image, const SyRange *range, guint8 value, GError **error)
{
  g_return_val_if_fail(image && range, NULL);

  guint64 end = sy_range_end(range);
  guint64 gaps = end - range->addr - sy_image_count(image, range->addr, range->length, NULL);
  guint64 at = range->addr;
  guint32 start;

  if (sy_image_get_size(image) + gaps > SY_HEX_DATA_MAX) {
    g_set_error(error, SY_CONVERT_ERROR, SY_CONVERT_ERROR_LARGE,
                _("With its gaps filled this is more than %u MB, more than this program takes. "
                  "Fill a smaller range."),
                SY_HEX_DATA_MAX >> 20);
    return NULL;
  }

  SyImageBuilder *builder = sy_image_builder_new();
  g_autofree guint8 *piece = g_malloc(FILL_PIECE_SIZE);

  memset(piece, value, FILL_PIECE_SIZE);
  sy_image_builder_reserve(builder, (guint32)(sy_image_get_size(image) + gaps));
  for (guint i = 0; i < sy_image_get_n_segments(image); i++) {
    const SySegment *segment = sy_image_get_segment(image, i);

    add_fill(builder, at, MIN(segment->addr, end), piece);
    add(builder, segment->addr, segment->bytes, segment->length);
    at = MAX(at, sy_segment_end(segment));
  }
  add_fill(builder, at, end, piece);
  if (sy_image_get_start(image, &start))
    sy_image_builder_set_start(builder, start);
  return sy_image_builder_end(builder);
}
