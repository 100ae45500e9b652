/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "sy-pack-source.h"

#include "wire-bytes.h"

#include <string.h>

enum {
  KEYS = 1 << 15,
  VISITS_MAX = 96,           /* of each chain: more cost time and gain nothing that one can see */
  SHORT_DISTANCE_MAX = 4096, /* two bytes from farther away are cheaper as they are */
  MARGIN = 4,                /* so that a look at four bytes ends in memory */
};

struct _SyPackSource {
  guint32 addr, length; /* of the image, whole blocks */
  guint32 other_addr, other_length;
  SyPackRange range; /* being packed */
  guint8 flash[WIRE_FLASH_SIZE + MARGIN];
  guint8 moved[WIRE_FLASH_SIZE + MARGIN]; /* calls by what they call: alike wherever they stand */
  guint8 is_call[WIRE_FLASH_SIZE];
  guint8 is_readable[WIRE_FLASH_SIZE];
  gint32 before[WIRE_FLASH_SIZE];       /* three bytes alike */
  gint32 before_short[WIRE_FLASH_SIZE]; /* two */
  gint32 other_last[KEYS];
};

/* A BL of the image as it reads `distance` further on. */
static guint32 move_call(guint32 pair, guint32 distance)
{
  guint32 target = ((pair & 0x7ff) << 11 | (pair >> 16 & 0x7ff)) - distance / 2;

  return 0xf800f000 | (target >> 11 & 0x7ff) | (target & 0x7ff) << 16;
}

static gboolean is_pair(guint32 pair)
{
  return (pair & 0xf800f800) == 0xf800f000;
}

static void find_calls(SyPackSource *self, guint32 addr, guint32 length)
{
  for (guint32 at = addr; at + 4 <= addr + length; at += 2) {
    guint32 pair = wire_get_u32(self->flash + at);

    self->is_call[at] = (guint8)is_pair(pair);
    if (self->is_call[at])
      wire_put_u32(self->moved + at, move_call(pair, 0u - at));
  }
}

/* Copies go whole halfwords back, so odd and even places never meet. */
static guint make_key(const guint8 *bytes, guint32 at, guint n)
{
  guint32 value = bytes[at] | (guint32)bytes[at + 1] << 8;

  if (n == 3)
    value |= (guint32)bytes[at + 2] << 16;
  return ((value * 2654435761u >> 17) & ~1u) | (at & 1);
}

static void make_chain(const guint8 *bytes, guint n, guint32 addr, guint32 length, gint32 *before,
                       gint32 *last)
{
  for (guint key = 0; key < KEYS; key++)
    last[key] = -1;
  for (guint32 at = addr; at < addr + length; at++) {
    guint key = make_key(bytes, at, n);

    before[at] = last[key];
    last[key] = (gint32)at;
  }
}

SyPackSource *sy_pack_source_new(guint32 addr, const guint8 *image, gsize length,
                                 guint32 other_addr, const guint8 *other, gsize other_length)
{
  SyPackSource *self = g_new0(SyPackSource, 1);
  g_autofree gint32 *last = g_new(gint32, KEYS);

  self->addr = addr;
  self->length = (guint32)(length + WIRE_BLOCK_SIZE - 1) / WIRE_BLOCK_SIZE * WIRE_BLOCK_SIZE;
  self->other_addr = other_addr;
  self->other_length = other ? (guint32)other_length : 0;
  memset(self->flash, 0xff, sizeof self->flash);
  memcpy(self->flash + addr, image, length);
  if (self->other_length > 0)
    memcpy(self->flash + other_addr, other, other_length);
  memcpy(self->moved, self->flash, sizeof self->moved);
  find_calls(self, addr, self->length);
  find_calls(self, self->other_addr, self->other_length);
  make_chain(self->moved, 3, addr, self->length, self->before, last);
  make_chain(self->flash, 2, addr, self->length, self->before_short, last);
  make_chain(self->flash, 3, self->other_addr, self->other_length, self->before, self->other_last);
  return self;
}

void sy_pack_source_free(SyPackSource *self)
{
  g_free(self);
}

static void set_known(SyPackSource *self, const guint8 *readable, guint32 addr, guint32 length)
{
  for (guint32 at = addr; at < addr + length; at++) {
    guint block = at / WIRE_BLOCK_SIZE;

    self->is_readable[at] = readable[block / 8] >> block % 8 & 1;
  }
}

void sy_pack_source_set_readable(SyPackSource *self, const guint8 *readable, SyPackRange range)
{
  self->range = range;
  set_known(self, readable, self->addr, self->length);
  set_known(self, readable, self->other_addr, self->other_length);
  for (guint32 at = range.start; at < range.end; at++)
    self->is_readable[at] = FALSE;
}

guint32 sy_pack_source_get_addr(const SyPackSource *self)
{
  return self->addr;
}

guint sy_pack_source_get_blocks(const SyPackSource *self)
{
  return self->length / WIRE_BLOCK_SIZE;
}

guint8 sy_pack_source_get_byte(const SyPackSource *self, guint32 addr)
{
  return self->flash[addr];
}

/* Whether a copy that begins at `from` may read `count` bytes on. What begins in the range itself
 * is there by then; what begins before it never reads on into it. */
static gboolean can_read(const SyPackSource *self, gboolean is_inside, guint32 from, guint count)
{
  for (guint i = 0; i < count && !is_inside; i++)
    if (!self->is_readable[(from + i) % WIRE_FLASH_SIZE])
      return FALSE;
  return TRUE;
}

guint sy_pack_source_match(const SyPackSource *self, guint32 at, guint32 distance, guint8 *may_end)
{
  gboolean is_inside = distance <= at - self->range.start;
  gboolean moves_calls = distance < WIRE_UNPACK_CALL_DISTANCE;
  guint limit = self->range.end - at;
  guint length = 0;

  while (length < limit) {
    guint32 from = (at + length - distance) % WIRE_FLASH_SIZE;

    if (!can_read(self, is_inside, from, 1))
      break;
    if (moves_calls && self->is_call[from] && distance <= length)
      break; /* one of this same copy: it is not moved before the whole copy is there */
    if (moves_calls && self->is_call[from] && limit - length >= 4 &&
        can_read(self, is_inside, from, 4)) {
      guint32 pair = move_call(wire_get_u32(self->flash + from), distance);

      if (pair == wire_get_u32(self->flash + at + length)) {
        for (guint i = 1; i < 4; i++)
          may_end[length + i] = FALSE;
        length += 4;
        may_end[length] = TRUE;
        continue;
      }
      limit = length + 3; /* as it stands, if the copy ends before it is whole */
    }
    if (self->flash[from] != self->flash[at + length])
      break;
    may_end[++length] = TRUE;
  }
  return length;
}

void sy_pack_search_init(SyPackSearch *search, const SyPackSource *source, guint32 at)
{
  *search = (SyPackSearch){.source = source, .at = at, .next = source->before[at]};
}

guint32 sy_pack_search_next(SyPackSearch *search)
{
  const SyPackSource *source = search->source;

  if (!search->in_other && (search->next < 0 || search->visits == VISITS_MAX)) {
    search->in_other = TRUE;
    search->visits = 0;
    search->next = source->other_last[make_key(source->flash, search->at, 3)];
  }
  if (search->next < 0 || search->visits == VISITS_MAX)
    return 0;

  guint32 from = (guint32)search->next;

  search->next = source->before[from];
  search->visits++;
  return (search->at - from) % WIRE_FLASH_SIZE;
}

guint32 sy_pack_source_find_short(const SyPackSource *self, guint32 at)
{
  gint32 from = self->before_short[at];

  while (from >= 0 && at - (guint32)from <= SHORT_DISTANCE_MAX) {
    if (can_read(self, (guint32)from >= self->range.start, (guint32)from, 2))
      return at - (guint32)from;
    from = self->before_short[from];
  }
  return 0;
}
