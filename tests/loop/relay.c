/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The relay. */

#include "relay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BITS = 10, BURST_MAX = 40, MS = 1000, CHANCES = 10000 };

struct RelayPiece {
  RelayPiece *next;
  uint64_t due_us;
  bool old; /* said before */
  RelayChunk chunk;
};

static void *allocate(size_t size)
{
  void *memory = calloc(1, size);

  if (!memory)
    abort();
  return memory;
}

Relay *relay_new(void)
{
  Relay *relay = allocate(sizeof *relay);

  relay_set_path(relay, &(RelayPath){.name = "none"}, 1, 0);
  return relay;
}

static RelayPiece *take_first(RelayDirection *way)
{
  RelayPiece *piece = way->pieces;

  way->pieces = piece->next;
  return piece;
}

void relay_free(Relay *relay)
{
  for (RelayWay way = RELAY_TO_DEVICE; relay && way < RELAY_WAYS; way++)
    while (relay->ways[way].pieces)
      free(take_first(&relay->ways[way]));
  free(relay);
}

static uint64_t pick_us(RelayDirection *way, unsigned within_ms)
{
  return within_ms > 0 ? (uint64_t)wire_random_below(&way->random, within_ms * MS) : 0;
}

void relay_set_path(Relay *relay, const RelayPath *path, uint32_t seed, uint64_t now_us)
{
  relay->path = *path;
  for (RelayWay at = RELAY_TO_DEVICE; at < RELAY_WAYS; at++) {
    RelayDirection *way = &relay->ways[at];

    way->random = wire_random(2 * seed + at);
    way->dead_from_us = way->dead_until_us = UINT64_MAX;
    memset(way->counts, 0, sizeof way->counts);
    if (!path->dies[at])
      continue;
    way->dead_from_us = now_us + pick_us(way, path->dies_within_ms);
    if (path->dead_ms > 0)
      way->dead_until_us = way->dead_from_us + (uint64_t)path->dead_ms * MS;
  }
}

static uint64_t get_latency_us(const RelayPath *path)
{
  return (uint64_t)path->latency_ms * MS + path->latency_us;
}

static bool is_drawn(RelayDirection *way, unsigned chance)
{
  return chance > 0 && wire_random_below(&way->random, CHANCES) < chance;
}

/* Whether it happens to this chunk, and counted if so. */
static bool happens(RelayDirection *way, unsigned chance, RelayImpairment impairment)
{
  bool yes = is_drawn(way, chance);

  way->counts[impairment] += yes;
  return yes;
}

static void turn_bits(RelayDirection *way, double bit_errors, RelayChunk *chunk)
{
  uint32_t limit = (uint32_t)((1 - pow(1 - bit_errors, BITS)) * UINT32_MAX);

  for (size_t i = 0; limit > 0 && i < chunk->length; i++)
    if (wire_random_next(&way->random) < limit) {
      chunk->bytes[i] ^= (uint8_t)(1 << wire_random_below(&way->random, 8));
      way->counts[RELAY_BIT]++;
    }
}

static void make_noise(RelayDirection *way, RelayChunk *chunk)
{
  size_t from = wire_random_below(&way->random, (uint32_t)chunk->length);
  size_t to = from + 1 + wire_random_below(&way->random, BURST_MAX);

  for (size_t i = from; i < to && i < chunk->length; i++)
    chunk->bytes[i] = (uint8_t)(wire_random_next(&way->random) >> 9);
}

/* Behind all that arrives no later. */
static RelayPiece *add_piece(RelayDirection *way, const RelayChunk *chunk, uint64_t due_us)
{
  RelayPiece *piece = allocate(sizeof *piece), **at = &way->pieces;

  piece->due_us = due_us;
  piece->chunk = *chunk;
  while (*at && (*at)->due_us <= due_us)
    at = &(*at)->next;
  piece->next = *at;
  *at = piece;
  return piece;
}

static bool has_new(const RelayPiece *first)
{
  for (const RelayPiece *piece = first; piece; piece = piece->next)
    if (!piece->old)
      return true;
  return false;
}

/* One chunk on its way, with all that can become of it. */
static void carry(Relay *relay, RelayDirection *way, RelayChunk *chunk, uint64_t now_us)
{
  const RelayPath *path = &relay->path;
  uint64_t due_us = now_us + get_latency_us(path), jitter_us = pick_us(way, path->jitter_ms);

  if (now_us >= way->dead_from_us && now_us < way->dead_until_us) {
    way->counts[RELAY_DEAF]++;
    return;
  }
  if (happens(way, path->lose, RELAY_LOST))
    return;
  turn_bits(way, path->bit_errors, chunk);
  if (happens(way, path->burst, RELAY_BURST))
    make_noise(way, chunk);
  way->counts[RELAY_LATE] += jitter_us > 0;
  due_us += jitter_us;
  if (is_drawn(way, path->overtake)) {
    due_us += pick_us(way, path->overtake_ms);
  } else {
    if (due_us < way->last_us)
      due_us = way->last_us;
    way->last_us = due_us;
  }
  /* Something that was sent earlier arrives later. */
  way->counts[RELAY_OVERTOOK] += has_new(add_piece(way, chunk, due_us)->next);
  if (happens(way, path->twice, RELAY_DOUBLED))
    add_piece(way, chunk, due_us + pick_us(way, path->overtake_ms));
}

static unsigned count_known(const RelayDirection *way)
{
  return way->recent_count < RELAY_RECENT ? way->recent_count : RELAY_RECENT;
}

/* One that was heard and begins with a frame of the same type, or NULL. */
static const RelayChunk *find_alike(RelayDirection *way, const RelayChunk *chunk)
{
  unsigned known = count_known(way);
  unsigned from = known > 0 ? wire_random_below(&way->random, known) : 0;

  for (unsigned i = 0; i < known; i++) {
    const RelayChunk *old = &way->recent[(from + i) % known];

    if (old->bytes[WIRE_FRAME_TYPE_OFFSET] == chunk->bytes[WIRE_FRAME_TYPE_OFFSET])
      return old;
  }
  return NULL;
}

/* Whoever says it again does so at the rate at which it speaks now. */
static void add_old(RelayDirection *way, const RelayChunk *old, uint32_t baud, uint64_t due_us)
{
  RelayChunk chunk = *old;

  chunk.baud = baud;
  add_piece(way, &chunk, due_us)->old = true;
  way->counts[RELAY_OLD]++;
}

/* Remembers what was said, and maybe says something that was said before. */
static void say_again(const RelayPath *path, RelayDirection *way, const RelayChunk *chunk,
                      uint64_t now_us)
{
  unsigned known = count_known(way);
  const RelayChunk *alike = is_drawn(way, path->alike) ? find_alike(way, chunk) : NULL;

  if (known > 0 && is_drawn(way, path->old))
    add_old(way, &way->recent[wire_random_below(&way->random, known)], chunk->baud,
            now_us + pick_us(way, path->old_ms));
  if (alike)
    add_old(way, alike, chunk->baud, now_us + get_latency_us(path));
  way->recent[way->recent_count++ % RELAY_RECENT] = *chunk;
}

/* What was gathered goes, in chunks as long as the path takes them. */
static void flush(Relay *relay, RelayDirection *way)
{
  RelayChunk all = way->pending;
  size_t most = relay->path.chunk > 0 ? relay->path.chunk : WIRE_FRAME_MAX;

  way->pending.length = 0;
  if (all.length == 0)
    return;
  say_again(&relay->path, way, &all, way->pending_us);
  for (size_t at = 0; at < all.length; at += most) {
    RelayChunk chunk = {.baud = all.baud,
                        .length = all.length - at < most ? all.length - at : most};

    memcpy(chunk.bytes, all.bytes + at, chunk.length);
    carry(relay, way, &chunk, way->pending_us);
  }
}

void relay_push(Relay *relay, RelayWay to, const uint8_t *bytes, size_t length, uint32_t baud,
                uint64_t now_us)
{
  RelayDirection *way = &relay->ways[to];
  RelayChunk *pending = &way->pending;

  if (pending->baud != baud || now_us > way->pending_us + relay->gather_us)
    flush(relay, way);
  for (size_t i = 0; i < length; i++) {
    if (pending->length == sizeof pending->bytes)
      flush(relay, way);
    pending->bytes[pending->length++] = bytes[i];
    pending->baud = baud;
    way->pending_us = now_us;
  }
  if (relay->gather_us == 0)
    flush(relay, way);
}

size_t relay_pop(Relay *relay, RelayWay to, uint8_t *bytes, size_t room, uint32_t *baud,
                 uint64_t now_us)
{
  RelayDirection *way = &relay->ways[to];
  RelayPiece *piece;
  size_t length;

  if (now_us >= way->pending_us + relay->gather_us)
    flush(relay, way);
  piece = way->pieces;
  if (!piece || piece->due_us > now_us)
    return 0;
  length = piece->chunk.length < room ? piece->chunk.length : room;
  memcpy(bytes, piece->chunk.bytes, length);
  *baud = piece->chunk.baud;
  piece->chunk.length -= length;
  memmove(piece->chunk.bytes, piece->chunk.bytes + length, piece->chunk.length);
  if (piece->chunk.length == 0)
    free(take_first(way));
  return length;
}

bool relay_is_empty(const Relay *relay, RelayWay way)
{
  return relay->ways[way].pending.length == 0 && !has_new(relay->ways[way].pieces);
}

uint64_t relay_get_next_us(const Relay *relay, RelayWay way)
{
  const RelayPiece *piece = relay->ways[way].pieces;

  return piece ? piece->due_us : UINT64_MAX;
}
