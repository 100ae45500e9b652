/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyImageBuilder.
 *
 * All bytes are appended to one buffer in the order they come; an index of runs, sorted by address
 * and never overlapping, says where they belong. A file in rising order has as many runs as
 * segments and its bytes are never moved again; a shuffled one is put in order once, at the end.
 */

#include "sy-image-private.h"

#include <string.h>

#include "sy-line-table.h"

/* Large enough that splits are rare, small enough that an insertion moves little. */
enum { LEAF_RUNS = 256 };

typedef struct {
  guint32 addr;
  guint32 length;
  guint32 offset; /* into the builder's bytes */
} Run;

/* The index is a list of leaves in rising order, each a sorted array; no leaf is empty. */
typedef struct {
  guint n_runs;
  Run runs[LEAF_RUNS];
} Leaf;

typedef struct {
  guint leaf;
  guint index;
} Place;

struct _SyImageBuilder {
  GPtrArray *leaves;
  GByteArray *bytes;
  SyLineTable *lines; /* of the bytes */
  Place tail;         /* the run whose bytes were appended last; valid when there are bytes */
  guint64 tail_limit; /* where the run after it begins */
  gboolean has_start;
  guint32 start;
};

SyImageBuilder *sy_image_builder_new(void)
{
  SyImageBuilder *builder = g_new0(SyImageBuilder, 1);

  builder->leaves = g_ptr_array_new_with_free_func(g_free);
  builder->bytes = g_byte_array_new();
  builder->lines = sy_line_table_new();
  return builder;
}

void sy_image_builder_free(SyImageBuilder *builder)
{
  if (!builder)
    return;
  g_clear_pointer(&builder->leaves, g_ptr_array_unref);
  g_clear_pointer(&builder->bytes, g_byte_array_unref);
  g_clear_pointer(&builder->lines, sy_line_table_free);
  g_free(builder);
}

guint64 sy_image_builder_get_size(SyImageBuilder *builder)
{
  g_return_val_if_fail(builder, 0);
  return builder->bytes->len;
}

void sy_image_builder_reserve(SyImageBuilder *builder, guint32 length)
{
  g_return_if_fail(builder);

  guint before = builder->bytes->len;

  g_byte_array_set_size(builder->bytes, before + length);
  g_byte_array_set_size(builder->bytes, before);
}

void sy_image_builder_set_start(SyImageBuilder *builder, guint32 addr)
{
  g_return_if_fail(builder);
  builder->has_start = TRUE;
  builder->start = addr;
}

static guint64 run_end(const Run *run)
{
  return (guint64)run->addr + run->length;
}

static Leaf *leaf_at(const SyImageBuilder *builder, guint index)
{
  return g_ptr_array_index(builder->leaves, index);
}

static Run *run_at(const SyImageBuilder *builder, Place place)
{
  return &leaf_at(builder, place.leaf)->runs[place.index];
}

/* How many of the leaves begin at or below `addr`. */
static guint count_leaves_below(const SyImageBuilder *builder, guint32 addr)
{
  guint from = 0;
  guint to = builder->leaves->len;

  while (from < to) {
    guint middle = from + (to - from) / 2;

    if (leaf_at(builder, middle)->runs[0].addr <= addr)
      from = middle + 1;
    else
      to = middle;
  }
  return from;
}

static guint count_runs_below(const Leaf *leaf, guint32 addr)
{
  guint from = 0;
  guint to = leaf->n_runs;

  while (from < to) {
    guint middle = from + (to - from) / 2;

    if (leaf->runs[middle].addr <= addr)
      from = middle + 1;
    else
      to = middle;
  }
  return from;
}

/* Where a run that begins at `addr` would be inserted: behind all that begin at or below it. */
static Place find_place(const SyImageBuilder *builder, guint32 addr)
{
  guint leaf = count_leaves_below(builder, addr);

  if (leaf == 0)
    return (Place){0, 0};
  return (Place){leaf - 1, count_runs_below(leaf_at(builder, leaf - 1), addr)};
}

/* The run before a place, and the run at it: NULL when there is none. */
static Run *run_before(const SyImageBuilder *builder, Place place)
{
  return place.index > 0 ? run_at(builder, (Place){place.leaf, place.index - 1}) : NULL;
}

static Run *run_behind(const SyImageBuilder *builder, Place place)
{
  if (place.leaf < builder->leaves->len && place.index < leaf_at(builder, place.leaf)->n_runs)
    return run_at(builder, place);
  if (place.leaf + 1 < builder->leaves->len)
    return run_at(builder, (Place){place.leaf + 1, 0});
  return NULL;
}

/* Makes room in a full leaf and says where the place lies then. Runs that only ever rise leave full
 * leaves behind. */
static Place split_leaf(SyImageBuilder *builder, Place place)
{
  Leaf *full = leaf_at(builder, place.leaf);
  guint keep = place.index == LEAF_RUNS ? LEAF_RUNS : LEAF_RUNS / 2;
  Leaf *upper = g_new(Leaf, 1);

  upper->n_runs = LEAF_RUNS - keep;
  memcpy(upper->runs, full->runs + keep, upper->n_runs * sizeof(Run));
  full->n_runs = keep;
  g_ptr_array_insert(builder->leaves, (gint)place.leaf + 1, upper);
  if (place.index >= keep)
    return (Place){place.leaf + 1, place.index - keep};
  return place;
}

static Place insert_run(SyImageBuilder *builder, Place place, const Run *run)
{
  if (builder->leaves->len == 0)
    g_ptr_array_add(builder->leaves, g_new0(Leaf, 1));
  if (leaf_at(builder, place.leaf)->n_runs == LEAF_RUNS)
    place = split_leaf(builder, place);

  Leaf *leaf = leaf_at(builder, place.leaf);

  memmove(leaf->runs + place.index + 1, leaf->runs + place.index,
          (leaf->n_runs - place.index) * sizeof(Run));
  leaf->runs[place.index] = *run;
  leaf->n_runs++;
  return place;
}

static void append(SyImageBuilder *builder, const guint8 *bytes, guint32 length, guint line)
{
  sy_line_table_add(builder->lines, builder->bytes->len, length, line);
  g_byte_array_append(builder->bytes, bytes, length);
}

/* Appends bytes that nobody gave before; `place` is find_place of `addr`. */
static void store(SyImageBuilder *builder, Place place, guint32 addr, const guint8 *bytes,
                  guint32 length, guint line)
{
  Run *before = run_before(builder, place);
  const Run *behind = run_behind(builder, place);

  builder->tail_limit = behind ? behind->addr : SY_IMAGE_ADDR_END;
  if (before && run_end(before) == addr && before->offset + before->length == builder->bytes->len) {
    before->length += length;
    builder->tail = (Place){place.leaf, place.index - 1};
  } else {
    Run run = {addr, length, builder->bytes->len};

    builder->tail = insert_run(builder, place, &run);
  }
  append(builder, bytes, length, line);
}

/* The usual case, a record that goes on where the last one ended: no search. */
static gboolean store_at_tail(SyImageBuilder *builder, guint32 addr, const guint8 *bytes,
                              guint32 length, guint line)
{
  if (builder->bytes->len == 0 || (guint64)addr + length > builder->tail_limit)
    return FALSE;

  Run *tail = run_at(builder, builder->tail);

  if (run_end(tail) != addr)
    return FALSE;
  tail->length += length;
  append(builder, bytes, length, line);
  return TRUE;
}

gboolean sy_image_builder_open_tail(SyImageBuilder *builder, guint32 room, SyImageTail *tail)
{
  g_return_val_if_fail(builder, FALSE);

  if (builder->bytes->len == 0)
    return FALSE;

  guint64 addr = run_end(run_at(builder, builder->tail));
  guint64 free_room = MIN(builder->tail_limit - addr, G_MAXUINT32 - builder->bytes->len);

  tail->addr = (guint32)addr;
  tail->room = (guint32)MIN(room, free_room);
  if (tail->room == 0)
    return FALSE;
  sy_image_builder_reserve(builder, tail->room);
  tail->bytes = builder->bytes->data + builder->bytes->len;
  return TRUE;
}

void sy_image_builder_close_tail(SyImageBuilder *builder, guint32 length, guint32 per_line,
                                 guint line)
{
  g_return_if_fail(builder && builder->bytes->len > 0);

  if (length == 0)
    return;
  sy_line_table_add(builder->lines, builder->bytes->len, per_line, line);
  run_at(builder, builder->tail)->length += length;
  g_byte_array_set_size(builder->bytes, builder->bytes->len + length);
}

/* Compares with bytes that are there already. */
static void compare(const SyImageBuilder *builder, const Run *run, guint32 addr,
                    const guint8 *bytes, guint32 length, SyImageOverlap *overlap)
{
  const guint8 *old = builder->bytes->data + run->offset + (addr - run->addr);

  for (guint32 i = 0; i < length; i++)
    if (old[i] == bytes[i]) {
      if (overlap->n_again++ == 0)
        overlap->again_addr = addr + i;
    } else if (overlap->n_clashes++ == 0) {
      overlap->clash_addr = addr + i;
    }
}

void sy_image_builder_add_over(SyImageBuilder *builder, guint32 addr, const guint8 *bytes,
                               guint32 length, guint line, SyImageOverlap *overlap)
{
  g_return_if_fail(builder && (bytes || length == 0));
  g_return_if_fail((guint64)addr + length <= SY_IMAGE_ADDR_END);
  g_return_if_fail((guint64)builder->bytes->len + length <= G_MAXUINT32);

  guint64 end = (guint64)addr + length;
  guint64 at = addr;

  if (length == 0 || store_at_tail(builder, addr, bytes, length, line))
    return;
  while (at < end) {
    Place place = find_place(builder, (guint32)at);
    const Run *before = run_before(builder, place);
    const Run *behind = run_behind(builder, place);
    gboolean covered = before && run_end(before) > at;
    guint64 border = covered ? run_end(before) : behind ? behind->addr : SY_IMAGE_ADDR_END;
    guint64 stop = MIN(end, border);

    if (covered)
      compare(builder, before, (guint32)at, bytes + (at - addr), (guint32)(stop - at), overlap);
    else
      store(builder, place, (guint32)at, bytes + (at - addr), (guint32)(stop - at), line);
    at = stop;
  }
}

gboolean sy_image_builder_add(SyImageBuilder *builder, guint32 addr, const guint8 *bytes,
                              guint32 length, guint line, guint32 *clash_addr)
{
  SyImageOverlap overlap = {0};

  sy_image_builder_add_over(builder, addr, bytes, length, line, &overlap);
  if (overlap.n_clashes > 0 && clash_addr)
    *clash_addr = overlap.clash_addr;
  return overlap.n_clashes == 0;
}

guint sy_image_builder_find_line(SyImageBuilder *builder, guint32 addr)
{
  g_return_val_if_fail(builder, 0);

  const Run *run = run_before(builder, find_place(builder, addr));

  g_return_val_if_fail(run && run_end(run) > addr, 0);
  return sy_line_table_find(builder->lines, run->offset + (addr - run->addr));
}

/* Segments while they grow: where their bytes lie is known by offset only, as the buffer for
 * gathered bytes still moves. */
typedef struct {
  SySegment segment;
  gboolean gathered;
  guint32 offset;
} Growing;

static void grow(const SyImageBuilder *builder, Growing *growing, const Run *run,
                 GByteArray *gathered)
{
  if (!growing->gathered && growing->offset + growing->segment.length != run->offset) {
    guint32 offset = gathered->len;

    g_byte_array_append(gathered, builder->bytes->data + growing->offset, growing->segment.length);
    growing->offset = offset;
    growing->gathered = TRUE;
  }
  if (growing->gathered)
    g_byte_array_append(gathered, builder->bytes->data + run->offset, run->length);
  growing->segment.length += run->length;
}

static GArray *join_runs(const SyImageBuilder *builder, const SyLineTable *lines,
                         GByteArray *gathered)
{
  GArray *list = g_array_new(FALSE, FALSE, sizeof(Growing));

  for (guint i = 0; i < builder->leaves->len; i++)
    for (guint j = 0; j < leaf_at(builder, i)->n_runs; j++) {
      const Run *run = run_at(builder, (Place){i, j});
      Growing *last = list->len ? &g_array_index(list, Growing, list->len - 1) : NULL;

      if (last && sy_segment_end(&last->segment) == run->addr) {
        grow(builder, last, run, gathered);
      } else {
        guint line = sy_line_table_find(lines, run->addr);
        Growing fresh = {{run->addr, run->length, NULL, line}, FALSE, run->offset};

        g_array_append_val(list, fresh);
      }
    }
  return list;
}

/* The table by address, out of the one by when the bytes came. */
static SyLineTable *sort_lines(const SyImageBuilder *builder)
{
  SyLineTable *lines = sy_line_table_new();

  for (guint i = 0; i < builder->leaves->len; i++)
    for (guint j = 0; j < leaf_at(builder, i)->n_runs; j++) {
      const Run *run = run_at(builder, (Place){i, j});

      sy_line_table_copy(builder->lines, run->offset, run->length, lines, run->addr);
    }
  sy_line_table_trim(lines);
  return lines;
}

SyImage *sy_image_builder_end(SyImageBuilder *builder)
{
  g_return_val_if_fail(builder, NULL);

  SyImage *image = g_new0(SyImage, 1);

  g_atomic_ref_count_init(&image->ref_count);
  image->size = builder->bytes->len;
  image->has_start = builder->has_start;
  image->start = builder->start;
  image->gathered = g_byte_array_new();
  image->lines = sort_lines(builder);
  g_clear_pointer(&builder->lines, sy_line_table_free);

  g_autoptr(GArray) list = join_runs(builder, image->lines, image->gathered);

  /* With every byte gathered, the first copy has had its day. */
  if (image->gathered->len == builder->bytes->len)
    image->bytes = g_byte_array_new();
  else
    image->bytes = g_steal_pointer(&builder->bytes);
  image->segments = g_array_sized_new(FALSE, FALSE, sizeof(SySegment), list->len);
  for (guint i = 0; i < list->len; i++) {
    Growing *growing = &g_array_index(list, Growing, i);
    const GByteArray *source = growing->gathered ? image->gathered : image->bytes;

    growing->segment.bytes = source->data + growing->offset;
    g_array_append_val(image->segments, growing->segment);
  }
  sy_image_builder_free(builder);
  return image;
}
