/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyComparison.
 *
 * Both images are walked together, from one border of a segment to the next, so that between two
 * borders each image has all or nothing.
 */

#include "sy-compare.h"

#include <string.h>

#include "sy-image-private.h"

struct _SyComparison {
  gatomicrefcount ref_count;
  SyImage *a;
  SyImage *b;
  GArray *kept; /* of SyDiff */
  guint64 total;
  guint64 bytes[SY_DIFF_COUNT];
  guint64 same;
  SyDiff last; /* still grows, while total is not 0 */
};

G_DEFINE_BOXED_TYPE(SyComparison, sy_comparison, sy_comparison_ref, sy_comparison_unref)

SyComparison *sy_comparison_ref(SyComparison *self)
{
  g_return_val_if_fail(self, NULL);
  g_atomic_ref_count_inc(&self->ref_count);
  return self;
}

void sy_comparison_unref(SyComparison *self)
{
  g_return_if_fail(self);
  if (!g_atomic_ref_count_dec(&self->ref_count))
    return;
  g_clear_pointer(&self->a, sy_image_unref);
  g_clear_pointer(&self->b, sy_image_unref);
  g_array_unref(self->kept);
  g_free(self);
}

/* What there is of one image at the place that is looked at. */
typedef struct {
  SyImage *image;
  guint index; /* of the first segment that ends above the place */
} Walk;

static const SySegment *walk_to(Walk *walk, guint64 at)
{
  while (walk->index < sy_image_get_n_segments(walk->image)) {
    const SySegment *segment = sy_image_get_segment(walk->image, walk->index);

    if (sy_segment_end(segment) > at)
      return segment;
    walk->index++;
  }
  return NULL;
}

static gboolean holds(const SySegment *segment, guint64 at)
{
  return segment && segment->addr <= at;
}

/* Where a segment begins or ends next. */
static guint64 next_border(const SySegment *segment, guint64 at)
{
  if (!segment)
    return SY_IMAGE_ADDR_END;
  return holds(segment, at) ? sy_segment_end(segment) : segment->addr;
}

static void keep_last(SyComparison *self)
{
  if (self->total > 0 && self->kept->len < SY_DIFFS_MAX)
    g_array_append_val(self->kept, self->last);
}

static void add_run(SyComparison *self, guint64 addr, guint32 length, SyDiffKind kind)
{
  self->bytes[kind] += length;
  if (self->total > 0 && self->last.kind == kind &&
      (guint64)self->last.addr + self->last.length == addr) {
    self->last.length += length;
    return;
  }
  keep_last(self);
  self->last = (SyDiff){(guint32)addr, length, kind};
  self->total++;
}

/* How many bytes are alike at the beginning. Most are in most files, so by words. */
static guint32 count_same(const guint8 *a, const guint8 *b, guint32 length)
{
  guint32 at = 0;

  for (; length - at >= sizeof(guint64); at += (guint32)sizeof(guint64)) {
    guint64 word_a, word_b;

    memcpy(&word_a, a + at, sizeof word_a);
    memcpy(&word_b, b + at, sizeof word_b);
    if (word_a != word_b)
      break;
  }
  while (at < length && a[at] == b[at])
    at++;
  return at;
}

static guint32 count_changed(const guint8 *a, const guint8 *b, guint32 length)
{
  guint32 at = 0;

  while (at < length && a[at] != b[at])
    at++;
  return at;
}

static void compare_bytes(SyComparison *self, guint64 addr, const guint8 *a, const guint8 *b,
                          guint32 length)
{
  for (guint32 at = 0; at < length;) {
    guint32 same = count_same(a + at, b + at, length - at);
    guint32 changed;

    self->same += same;
    at += same;
    changed = count_changed(a + at, b + at, length - at);
    if (changed > 0)
      add_run(self, addr + at, changed, SY_DIFF_CHANGED);
    at += changed;
  }
}

static void compare_range(SyComparison *self, Walk *walk_a, Walk *walk_b, const SyRange *range)
{
  guint64 end = sy_range_end(range);

  for (guint64 at = range->addr; at < end;) {
    const SySegment *a = walk_to(walk_a, at);
    const SySegment *b = walk_to(walk_b, at);
    guint64 stop = MIN(end, MIN(next_border(a, at), next_border(b, at)));
    gboolean in_a = holds(a, at), in_b = holds(b, at);

    if (in_a && in_b)
      compare_bytes(self, at, a->bytes + (at - a->addr), b->bytes + (at - b->addr),
                    (guint32)(stop - at));
    else if (in_a || in_b)
      add_run(self, at, (guint32)(stop - at), in_a ? SY_DIFF_ONLY_A : SY_DIFF_ONLY_B);
    at = stop;
  }
}

SyComparison *sy_comparison_new(SyImage *a, SyImage *b, const SyRange *within, guint n_within)
{
  static const SyRange everywhere = {0, SY_IMAGE_ADDR_END};

  g_return_val_if_fail(a && b && (within || n_within == 0), NULL);

  SyComparison *self = g_new0(SyComparison, 1);
  Walk walk_a = {a, 0}, walk_b = {b, 0};

  g_atomic_ref_count_init(&self->ref_count);
  self->a = sy_image_ref(a);
  self->b = sy_image_ref(b);
  self->kept = g_array_new(FALSE, FALSE, sizeof(SyDiff));
  if (!within)
    compare_range(self, &walk_a, &walk_b, &everywhere);
  for (guint i = 0; within && i < n_within; i++)
    compare_range(self, &walk_a, &walk_b, &within[i]);
  keep_last(self);
  return self;
}

SyImage *sy_comparison_get_a(SyComparison *self)
{
  g_return_val_if_fail(self, NULL);
  return self->a;
}

SyImage *sy_comparison_get_b(SyComparison *self)
{
  g_return_val_if_fail(self, NULL);
  return self->b;
}

guint sy_comparison_get_n(SyComparison *self)
{
  g_return_val_if_fail(self, 0);
  return self->kept->len;
}

guint64 sy_comparison_get_total(SyComparison *self)
{
  g_return_val_if_fail(self, 0);
  return self->total;
}

const SyDiff *sy_comparison_get(SyComparison *self, guint index)
{
  g_return_val_if_fail(self && index < self->kept->len, NULL);
  return &g_array_index(self->kept, SyDiff, index);
}

guint64 sy_comparison_count_bytes(SyComparison *self, SyDiffKind kind)
{
  g_return_val_if_fail(self && kind < SY_DIFF_COUNT, 0);
  return self->bytes[kind];
}

guint64 sy_comparison_count_same(SyComparison *self)
{
  g_return_val_if_fail(self, 0);
  return self->same;
}

/* How many of the kept differences begin below `addr`, which may be 4 GiB. */
static guint count_below(SyComparison *self, guint64 addr)
{
  guint from = 0;
  guint to = self->kept->len;

  while (from < to) {
    guint middle = from + (to - from) / 2;

    if (g_array_index(self->kept, SyDiff, middle).addr < addr)
      from = middle + 1;
    else
      to = middle;
  }
  return from;
}

gint sy_comparison_find_at(SyComparison *self, guint32 addr)
{
  g_return_val_if_fail(self, -1);

  gint index = (gint)count_below(self, (guint64)addr + 1) - 1;

  if (index < 0)
    return -1;

  const SyDiff *diff = &g_array_index(self->kept, SyDiff, index);

  return addr - diff->addr < diff->length ? index : -1;
}

gint sy_comparison_find_next(SyComparison *self, guint32 addr)
{
  g_return_val_if_fail(self, -1);

  guint index = count_below(self, (guint64)addr + 1);

  return index < self->kept->len ? (gint)index : -1;
}

gint sy_comparison_find_previous(SyComparison *self, guint32 addr)
{
  g_return_val_if_fail(self, -1);
  return (gint)count_below(self, addr) - 1;
}
