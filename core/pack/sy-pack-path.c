/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "sy-pack-path.h"

#include "sy-pack-writer.h"

enum {
  WAYS = 6,         /* kept to each place: the dearer one may know the better distance */
  LONG_ENOUGH = 64, /* a copy of this length is taken: what lies within is not looked at */
  EACH_LENGTH = 40, /* up to here every length is tried; behind it only the longest */
};

/* One way to a place: its last step, and which way of where that step began it goes on. */
typedef struct {
  guint cost; /* bits */
  guint32 distance;
  guint16 literals; /* in a row up to here; 0 behind a copy */
  guint16 length;
  guint8 kind;
  guint8 before;
} Way;

typedef struct {
  Way ways[WAYS];
  guint n;
} Place;

struct _SyPackPath {
  Place places[SY_PACK_LENGTH_MAX + 1];
  guint8 may_end[SY_PACK_LENGTH_MAX + 1];
};

SyPackPath *sy_pack_path_new(void)
{
  return g_new0(SyPackPath, 1);
}

void sy_pack_path_free(SyPackPath *self)
{
  g_free(self);
}

/* Keeps the cheapest ways, one for each distance and for each side of a copy. */
static void reach(Place *place, const Way *way)
{
  guint dearest = 0;

  for (guint i = 0; i < place->n; i++) {
    Way *other = &place->ways[i];

    if (other->distance == way->distance && (other->literals == 0) == (way->literals == 0)) {
      if (way->cost < other->cost)
        *other = *way;
      return;
    }
    if (other->cost > place->ways[dearest].cost)
      dearest = i;
  }
  if (place->n < WAYS)
    place->ways[place->n++] = *way;
  else if (way->cost < place->ways[dearest].cost)
    place->ways[dearest] = *way;
}

static void go_by_literal(Place *place, guint before)
{
  const Way *from = &place->ways[before];
  Way way = *from;

  way.literals++;
  way.cost += 8 + sy_pack_number_get_bits(way.literals * 2);
  if (from->literals > 0)
    way.cost -= sy_pack_number_get_bits(from->literals * 2);
  way.kind = SY_PACK_LITERALS;
  way.length = 1;
  way.before = (guint8)before;
  reach(place + 1, &way);
}

static void go_by_copy(Place *place, guint before, guint32 distance, guint length)
{
  const Way *from = &place->ways[before];
  Way way = {.distance = distance, .length = (guint16)length, .before = (guint8)before};

  way.cost = from->cost;
  if (distance == from->distance && from->literals > 0) {
    way.kind = SY_PACK_NEAR;
    way.cost += sy_pack_number_get_bits(length * 2);
  } else {
    if (length < 2)
      return;
    way.kind = SY_PACK_FAR;
    way.cost += 8 + sy_pack_number_get_bits(length) +
                sy_pack_number_get_bits((((distance / 2 - 1) >> 8) + 1) * 2);
  }
  reach(place + length, &way);
}

/* All useful lengths from `shortest` on. */
static void go_by_copies(SyPackPath *self, Place *place, guint before, guint32 distance,
                         guint shortest, guint longest)
{
  for (guint length = shortest; length <= longest; length++) {
    if (length > EACH_LENGTH)
      length = longest;
    if (self->may_end[length])
      go_by_copy(place, before, distance, length);
  }
}

/* Whatever leaves a place. Returns the longest copy. */
static guint leave(SyPackPath *self, const SyPackSource *source, Place *place, guint32 at)
{
  guint longest = 1;
  guint32 distance;
  SyPackSearch search;

  for (guint i = 0; i < place->n; i++) {
    const Way *way = &place->ways[i];

    go_by_literal(place, i);
    if (way->literals == 0)
      continue;

    guint length = sy_pack_source_match(source, at, way->distance, self->may_end);

    go_by_copies(self, place, i, way->distance, 1, length);
    if (length >= LONG_ENOUGH)
      return length;
  }
  distance = sy_pack_source_find_short(source, at);
  sy_pack_search_init(&search, source, at);
  if (distance == 0)
    distance = sy_pack_search_next(&search);
  while (distance > 0) {
    guint length = sy_pack_source_match(source, at, distance, self->may_end);

    if (length > longest) {
      for (guint i = 0; i < place->n; i++)
        go_by_copies(self, place, i, distance, longest + 1, length);
      longest = length;
      if (longest >= LONG_ENOUGH)
        break;
    }
    distance = sy_pack_search_next(&search);
  }
  return longest;
}

static guint gather(const SyPackPath *self, guint length, SyPackStep *steps)
{
  const Place *place = &self->places[length];
  const Way *way = &place->ways[0];
  guint n = 0;

  for (guint i = 1; i < place->n; i++)
    if (place->ways[i].cost < way->cost)
      way = &place->ways[i];
  while (place > self->places) {
    if (n > 0 && way->kind == SY_PACK_LITERALS && steps[n - 1].kind == SY_PACK_LITERALS)
      steps[n - 1].length++;
    else
      steps[n++] = (SyPackStep){(SyPackStepKind)way->kind, way->length, way->distance};
    place -= way->length;
    way = &place->ways[way->before];
  }
  for (guint i = 0; i < n / 2; i++) {
    SyPackStep step = steps[i];

    steps[i] = steps[n - 1 - i];
    steps[n - 1 - i] = step;
  }
  return n;
}

guint sy_pack_path_find(SyPackPath *self, const SyPackSource *source, SyPackRange range,
                        guint32 distance, SyPackStep *steps)
{
  guint length = range.end - range.start;
  guint step;

  for (guint i = 0; i <= length; i++)
    self->places[i].n = 0;
  self->places[0].n = 1;
  self->places[0].ways[0] = (Way){.distance = distance};
  for (guint i = 0; i < length; i += step) {
    guint longest = leave(self, source, &self->places[i], range.start + i);

    step = longest >= LONG_ENOUGH ? longest : 1;
  }
  return gather(self, length, steps);
}
