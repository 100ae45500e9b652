/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An image as the rows of a page that can be scrolled. */

#include "sy-config.h"

#include "sy-hex-rows.h"

#include "sy-release.h"
#include "wire-flash-map.h"

#include <glib/gi18n.h>

#include <string.h>

/* Rows without a gap between them, with what stands before them. Sectors never share one. */
typedef struct {
  guint first_row;
  gboolean has_gap;
  gboolean has_heading;
  guint32 first_addr; /* of the first byte */
  guint64 end_addr;   /* behind the last byte */
} Block;

struct _SyHexRows {
  gatomicrefcount ref_count;
  SyImage *images[2];
  guint width;
  GArray *blocks; /* of Block */
  guint n_rows;
};

static guint64 row_begin(SyHexRows *self, guint64 addr)
{
  return addr / self->width * self->width;
}

static guint64 row_end(SyHexRows *self, guint64 end)
{
  return row_begin(self, end + self->width - 1);
}

static Block *get_block(SyHexRows *self, guint index)
{
  return &g_array_index(self->blocks, Block, index);
}

/* Rows before those of bytes. */
static guint get_lead(const Block *block)
{
  return (block->has_gap ? 1 : 0) + (block->has_heading ? 1 : 0);
}

static guint count_rows(SyHexRows *self, const Block *block)
{
  guint64 length = row_end(self, block->end_addr) - row_begin(self, block->first_addr);

  return get_lead(block) + (guint)(length / self->width);
}

/* --- building --- */

/* The part that has one heading: a sector, or all that is outside. */
static guint get_part(guint64 addr)
{
  return (guint)(MIN(addr, WIRE_FLASH_SIZE) / WIRE_SECTOR_SIZE);
}

static void append_block(SyHexRows *self, guint32 addr, guint64 end, gboolean gap, gboolean heading)
{
  Block block = {.has_gap = gap, .has_heading = heading, .first_addr = addr, .end_addr = end};

  if (self->blocks->len > 0) {
    const Block *last = get_block(self, self->blocks->len - 1);

    block.first_row = last->first_row + count_rows(self, last);
  }
  g_array_append_val(self->blocks, block);
}

/* Bytes of one part, not below what was added before. */
static void add_piece(SyHexRows *self, guint32 addr, guint64 end)
{
  Block *last = self->blocks->len > 0 ? get_block(self, self->blocks->len - 1) : NULL;
  gboolean news = !last || get_part(last->first_addr) != get_part(addr);
  gboolean gap = last && row_begin(self, addr) > row_end(self, last->end_addr);

  if (!news && !gap)
    last->end_addr = MAX(last->end_addr, end);
  else
    append_block(self, addr, end, gap, news || addr >= WIRE_FLASH_SIZE);
}

/* A run of bytes, cut at the sectors' borders. */
static void add_run(SyHexRows *self, guint64 addr, guint64 end)
{
  while (addr < end) {
    guint64 border = (addr / WIRE_SECTOR_SIZE + 1) * WIRE_SECTOR_SIZE;
    guint64 stop = addr < WIRE_FLASH_SIZE ? MIN(border, end) : end;

    add_piece(self, (guint32)addr, stop);
    addr = stop;
  }
}

/* The lowest segment that was not taken yet, of any image; NULL when all were. */
static const SySegment *take_lowest(SyHexRows *self, guint *next)
{
  const SySegment *lowest = NULL;
  guint from = 0;

  for (guint n = 0; n < G_N_ELEMENTS(self->images) && self->images[n]; n++) {
    const SySegment *segment = next[n] < sy_image_get_n_segments(self->images[n])
                                   ? sy_image_get_segment(self->images[n], next[n])
                                   : NULL;

    if (segment && (!lowest || segment->addr < lowest->addr)) {
      lowest = segment;
      from = n;
    }
  }
  next[from]++;
  return lowest;
}

static void build(SyHexRows *self)
{
  const SySegment *segment;
  guint next[G_N_ELEMENTS(self->images)] = {0};
  guint64 addr = 0;
  guint64 end = 0;

  while ((segment = take_lowest(self, next))) {
    if (segment->addr > end || end == 0) {
      add_run(self, addr, end);
      addr = segment->addr;
    }
    end = MAX(end, (guint64)segment->addr + segment->length);
  }
  add_run(self, addr, end);
  if (self->blocks->len > 0) {
    const Block *last = get_block(self, self->blocks->len - 1);

    self->n_rows = last->first_row + count_rows(self, last);
  }
}

SyHexRows *sy_hex_rows_new(SyImage *first, SyImage *second, guint bytes_per_row)
{
  SyHexRows *self;

  g_return_val_if_fail(first, NULL);
  g_return_val_if_fail(bytes_per_row == 4 || bytes_per_row == 8 || bytes_per_row == 16, NULL);

  self = g_new0(SyHexRows, 1);
  g_atomic_ref_count_init(&self->ref_count);
  self->images[0] = sy_image_ref(first);
  self->images[1] = second ? sy_image_ref(second) : NULL;
  self->width = bytes_per_row;
  self->blocks = g_array_new(FALSE, FALSE, sizeof(Block));
  build(self);
  return self;
}

SyHexRows *sy_hex_rows_ref(SyHexRows *self)
{
  g_return_val_if_fail(self, NULL);

  g_atomic_ref_count_inc(&self->ref_count);
  return self;
}

void sy_hex_rows_unref(SyHexRows *self)
{
  g_return_if_fail(self);

  if (!g_atomic_ref_count_dec(&self->ref_count))
    return;
  g_array_unref(self->blocks);
  g_clear_pointer(&self->images[0], sy_image_unref);
  g_clear_pointer(&self->images[1], sy_image_unref);
  g_free(self);
}

/* --- rows --- */

guint sy_hex_rows_get_n(SyHexRows *self)
{
  g_return_val_if_fail(self, 0);

  return self->n_rows;
}

guint sy_hex_rows_get_bytes_per_row(SyHexRows *self)
{
  g_return_val_if_fail(self, SY_ROW_WIDTH_MAX);

  return self->width;
}

/* The last block that begins at a row or below. */
static guint find_block_of_row(SyHexRows *self, guint row)
{
  guint from = 0;
  guint to = self->blocks->len;

  while (to - from > 1) {
    guint middle = from + (to - from) / 2;

    if (get_block(self, middle)->first_row <= row)
      from = middle;
    else
      to = middle;
  }
  return from;
}

static void fill_heading(SyHexRows *self, const Block *block, SyRow *row)
{
  guint first;
  guint last;

  if (block->first_addr < WIRE_FLASH_SIZE) {
    row->kind = SY_ROW_SECTOR;
    row->number = block->first_addr / WIRE_SECTOR_SIZE;
    row->addr = row->number * WIRE_SECTOR_SIZE;
    row->length = WIRE_SECTOR_SIZE;
    return;
  }
  row->kind = SY_ROW_SEGMENT;
  row->addr = block->first_addr;
  row->length = block->end_addr - block->first_addr;
  if (self->images[1])
    return;
  first = sy_image_find_segment_index(self->images[0], block->first_addr);
  last = sy_image_find_segment_index(self->images[0], block->end_addr - 1);
  row->number = first + 1;
  row->n_segments = last - first + 1;
}

void sy_hex_rows_get(SyHexRows *self, guint index, SyRow *row)
{
  const Block *block;
  guint at;
  guint offset;

  g_return_if_fail(self && index < self->n_rows);

  at = find_block_of_row(self, index);
  block = get_block(self, at);
  offset = index - block->first_row;
  *row = (SyRow){.kind = SY_ROW_BYTES, .length = self->width};
  row->part = sy_flash_part_at(block->first_addr);
  if (block->has_gap && offset == 0) {
    guint64 from = get_block(self, at - 1)->end_addr;

    row->kind = SY_ROW_GAP;
    row->addr = (guint32)from;
    row->length = block->first_addr - from;
  } else if (offset < get_lead(block)) {
    fill_heading(self, block, row);
  } else {
    row->addr = (guint32)(row_begin(self, block->first_addr) +
                          (guint64)(offset - get_lead(block)) * self->width);
  }
}

guint sy_hex_rows_find(SyHexRows *self, guint32 addr)
{
  guint from = 0;
  guint to;
  const Block *block;

  g_return_val_if_fail(self, 0);

  to = self->blocks->len;
  if (to == 0)
    return 0;
  while (to - from > 1) { /* the last block that begins at `addr` or below, else the first */
    guint middle = from + (to - from) / 2;

    if (row_begin(self, get_block(self, middle)->first_addr) <= addr)
      from = middle;
    else
      to = middle;
  }
  block = get_block(self, from);
  if (addr < row_begin(self, block->first_addr))
    return block->first_row + get_lead(block);
  if (addr < row_end(self, block->end_addr))
    return block->first_row + get_lead(block) +
           (guint)((addr - row_begin(self, block->first_addr)) / self->width);
  if (to < self->blocks->len)
    return get_block(self, to)->first_row;
  return self->n_rows - 1;
}

/* --- bytes --- */

guint sy_row_read(SyImage *image, guint32 addr, guint length, guint8 *bytes)
{
  guint64 end = (guint64)addr + length;
  guint there = 0;

  g_return_val_if_fail(image && bytes && length <= SY_ROW_WIDTH_MAX, 0);

  for (guint n = sy_image_find_segment_index(image, addr); n < sy_image_get_n_segments(image);
       n++) {
    const SySegment *segment = sy_image_get_segment(image, n);
    guint64 from = MAX(segment->addr, addr);
    guint64 stop = MIN((guint64)segment->addr + segment->length, end);

    if (from >= stop)
      break;
    memcpy(bytes + (from - addr), segment->bytes + (from - segment->addr), stop - from);
    there |= ((1u << (stop - from)) - 1) << (from - addr);
  }
  return there;
}

gboolean sy_hex_rows_has(SyHexRows *self, guint32 addr)
{
  g_return_val_if_fail(self, FALSE);

  for (guint n = 0; n < G_N_ELEMENTS(self->images) && self->images[n]; n++)
    if (sy_image_find_segment(self->images[n], addr))
      return TRUE;
  return FALSE;
}

gboolean sy_hex_rows_find_from(SyHexRows *self, guint64 addr, guint32 *found)
{
  gboolean any = FALSE;

  g_return_val_if_fail(self && found, FALSE);

  for (guint n = 0; n < G_N_ELEMENTS(self->images) && self->images[n]; n++) {
    guint index = sy_image_find_segment_index(self->images[n], addr);
    guint64 at;

    if (index == sy_image_get_n_segments(self->images[n]))
      continue;
    at = MAX(sy_image_get_segment(self->images[n], index)->addr, addr);
    *found = any ? MIN(*found, (guint32)at) : (guint32)at;
    any = TRUE;
  }
  return any;
}

gboolean sy_hex_rows_find_below(SyHexRows *self, guint64 addr, guint32 *found)
{
  gboolean any = FALSE;

  g_return_val_if_fail(self && found, FALSE);

  for (guint n = 0; n < G_N_ELEMENTS(self->images) && self->images[n]; n++) {
    SyImage *image = self->images[n];
    guint index = sy_image_find_segment_index(image, addr);
    const SySegment *segment;
    guint64 at;

    /* The one that ends above `addr` if it begins below, else the one before. */
    if (index == sy_image_get_n_segments(image) || sy_image_get_segment(image, index)->addr >= addr)
      if (index-- == 0)
        continue;
    segment = sy_image_get_segment(image, index);
    at = MIN((guint64)segment->addr + segment->length, addr) - 1;
    *found = any ? MAX(*found, (guint32)at) : (guint32)at;
    any = TRUE;
  }
  return any;
}
