/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From addresses to pixels, with the gaps shortened. */

#include "sy-config.h"

#include "sy-image-scale.h"

enum {
  BREAKS_MAX = 48,
  ROOM_PER_BREAK = 3 * SY_SCALE_BREAK_HEIGHT, /* pixels of strip that a break wants */
};

struct _SyImageScale {
  GArray *pieces; /* of SyScalePiece */
};

typedef struct {
  guint index; /* of the segment behind it */
  guint64 length;
} Gap;

static guint64 segment_end(const SySegment *segment)
{
  return (guint64)segment->addr + segment->length;
}

/* The longest gaps, longest first. */
static GArray *find_longest_gaps(SyImage *image, guint count_max)
{
  GArray *gaps = g_array_new(FALSE, FALSE, sizeof(Gap));

  for (guint n = 1; n < sy_image_get_n_segments(image); n++) {
    const SySegment *before = sy_image_get_segment(image, n - 1);
    const Gap gap = {n, sy_image_get_segment(image, n)->addr - segment_end(before)};
    guint at = gaps->len;

    while (at > 0 && g_array_index(gaps, Gap, at - 1).length < gap.length)
      at--;
    if (at < count_max)
      g_array_insert_val(gaps, at, gap);
    if (gaps->len > count_max)
      g_array_set_size(gaps, count_max);
  }
  return gaps;
}

static int compare_places(gconstpointer a, gconstpointer b)
{
  guint first = ((const Gap *)a)->index;
  guint second = ((const Gap *)b)->index;

  return first < second ? -1 : first > second;
}

/* Leaves those that would take more room than a break does, in rising order. Without a gap the
 * rest grows, so the next shorter one is measured anew. */
static void keep_worthy_gaps(GArray *gaps, guint64 span, int height)
{
  guint kept = 0;

  for (; kept < gaps->len; kept++) {
    const Gap *gap = &g_array_index(gaps, Gap, kept);

    if ((double)gap->length / (double)span * height <= SY_SCALE_BREAK_HEIGHT)
      break;
    span -= gap->length;
    height -= SY_SCALE_BREAK_HEIGHT;
  }
  g_array_set_size(gaps, kept);
  g_array_sort(gaps, compare_places);
}

static void add_piece(SyImageScale *self, guint64 begin_addr, guint64 end_addr, gboolean is_break)
{
  const SyScalePiece piece = {.begin_addr = begin_addr, .end_addr = end_addr, .is_break = is_break};

  g_array_append_val(self->pieces, piece);
}

static void add_pieces(SyImageScale *self, SyImage *image, GArray *gaps)
{
  guint64 begin = sy_image_get_segment(image, 0)->addr;

  for (guint n = 0; n < gaps->len; n++) {
    guint index = g_array_index(gaps, Gap, n).index;
    guint64 end = segment_end(sy_image_get_segment(image, index - 1));
    guint64 next = sy_image_get_segment(image, index)->addr;

    add_piece(self, begin, end, FALSE);
    add_piece(self, end, next, TRUE);
    begin = next;
  }
  add_piece(self, begin,
            segment_end(sy_image_get_segment(image, sy_image_get_n_segments(image) - 1)), FALSE);
}

/* Each piece has its minimum, and what is left is shared by length. */
static void place_pieces(SyImageScale *self, int height)
{
  guint breaks = self->pieces->len / 2;
  int room = height - (int)breaks * SY_SCALE_BREAK_HEIGHT;
  int minimum = MIN(SY_SCALE_PIECE_MIN, room / (int)(breaks + 1));
  double shared = room - minimum * (int)(breaks + 1);
  double whole = 0;
  double y = 0;

  for (guint n = 0; n < self->pieces->len; n += 2) {
    const SyScalePiece *piece = &g_array_index(self->pieces, SyScalePiece, n);

    whole += (double)(piece->end_addr - piece->begin_addr);
  }
  for (guint n = 0; n < self->pieces->len; n++) {
    SyScalePiece *piece = &g_array_index(self->pieces, SyScalePiece, n);

    piece->y = (int)(y + 0.5);
    if (piece->is_break)
      y += SY_SCALE_BREAK_HEIGHT;
    else
      y += minimum + shared * (double)(piece->end_addr - piece->begin_addr) / whole;
    piece->height = (int)(y + 0.5) - piece->y;
  }
}

SyImageScale *sy_image_scale_new(SyImage *image, int height)
{
  SyImageScale *self;
  guint count;

  g_return_val_if_fail(image, NULL);

  self = g_new0(SyImageScale, 1);
  self->pieces = g_array_new(FALSE, FALSE, sizeof(SyScalePiece));
  count = sy_image_get_n_segments(image);
  if (count > 0 && height > 0) {
    guint64 span =
        segment_end(sy_image_get_segment(image, count - 1)) - sy_image_get_segment(image, 0)->addr;
    g_autoptr(GArray) gaps =
        find_longest_gaps(image, MIN(BREAKS_MAX, (guint)(height / ROOM_PER_BREAK)));

    keep_worthy_gaps(gaps, span, height);
    add_pieces(self, image, gaps);
    place_pieces(self, height);
  }
  return self;
}

void sy_image_scale_free(SyImageScale *self)
{
  g_return_if_fail(self);

  g_array_unref(self->pieces);
  g_free(self);
}

guint sy_image_scale_get_n(SyImageScale *self)
{
  g_return_val_if_fail(self, 0);

  return self->pieces->len;
}

const SyScalePiece *sy_image_scale_get(SyImageScale *self, guint index)
{
  g_return_val_if_fail(self && index < self->pieces->len, NULL);

  return &g_array_index(self->pieces, SyScalePiece, index);
}

const SyScalePiece *sy_image_scale_find(SyImageScale *self, double y)
{
  const SyScalePiece *piece = NULL;

  g_return_val_if_fail(self, NULL);

  for (guint n = 0; n < self->pieces->len && (n == 0 || y >= sy_image_scale_get(self, n)->y); n++)
    piece = sy_image_scale_get(self, n);
  return piece;
}

double sy_image_scale_get_y(SyImageScale *self, guint64 addr)
{
  double y = 0;

  g_return_val_if_fail(self, 0);

  for (guint n = 0; n < self->pieces->len; n++) {
    const SyScalePiece *piece = sy_image_scale_get(self, n);

    if (addr < piece->begin_addr)
      break;
    y = piece->y + piece->height;
    if (addr < piece->end_addr)
      return piece->y + piece->height * ((double)(addr - piece->begin_addr) /
                                         (double)(piece->end_addr - piece->begin_addr));
  }
  return y;
}

guint64 sy_image_scale_get_addr(SyImageScale *self, double y)
{
  const SyScalePiece *piece = sy_image_scale_find(self, y);
  double share;
  guint64 length;

  if (!piece)
    return 0;
  share = piece->height > 0 ? CLAMP((y - piece->y) / piece->height, 0, 1) : 0;
  length = piece->end_addr - piece->begin_addr;
  return piece->begin_addr + MIN(length, (guint64)(share * (double)length));
}
