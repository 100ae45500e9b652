/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What lies between workstation and substation when it is more than a cable: a relay that turns
 * bits, loses, doubles and holds back chunks, lets them overtake each other, goes deaf in one
 * direction and says again what is long past. In virtual time, by a seed, and every impairment
 * counts how often it has happened. The serial line's own time is not in it. */

#pragma once

#include "wire-frame.h"
#include "wire-random.h"

enum { RELAY_RECENT = 256 }; /* more than an upgrade has answers */

typedef enum { RELAY_TO_DEVICE, RELAY_TO_HOST, RELAY_WAYS } RelayWay;

typedef enum {
  RELAY_BIT,      /* bytes with a bit turned */
  RELAY_BURST,    /* chunks with some tens of bytes turned into noise */
  RELAY_LOST,     /* chunks */
  RELAY_DOUBLED,  /* chunks */
  RELAY_LATE,     /* chunks that jitter held back */
  RELAY_OVERTOOK, /* chunks that arrive before one that was sent earlier */
  RELAY_OLD,      /* chunks said again seconds later */
  RELAY_DEAF,     /* chunks that met a dead direction */
  RELAY_IMPAIRMENTS,
} RelayImpairment;

/* Of both directions alike, but for deafness. Chances are in 10,000 chunks. */
typedef struct {
  const char *name;
  double bit_errors; /* the chance of each bit on the line */
  unsigned chunk;    /* bytes that travel together; 0: as they were written, as in a datagram */
  unsigned burst, lose, twice, overtake, old;
  unsigned alike; /* an old frame of the same type arrives in front of this one */
  unsigned latency_ms, jitter_ms, overtake_ms, old_ms;
  unsigned latency_us;     /* and so much more */
  bool dies[RELAY_WAYS];   /* at some moment … */
  unsigned dies_within_ms; /* … up to this one */
  unsigned dead_ms;        /* for so long; 0: for good */
  unsigned done_percent;   /* at least so many upgrades come through */
} RelayPath;

/* The paths of the torture, the clean one first. */
extern const RelayPath relay_paths[];
extern const unsigned relay_path_count;

/* Whether this is something that the path does. */
bool relay_path_has(const RelayPath *path, RelayImpairment impairment);
const char *relay_impairment_name(RelayImpairment impairment);

typedef struct RelayPiece RelayPiece;

typedef struct {
  size_t length;
  uint32_t baud;
  uint8_t bytes[WIRE_FRAME_MAX];
} RelayChunk;

typedef struct {
  WireRandom random;
  uint64_t dead_from_us, dead_until_us;
  uint64_t last_us;      /* what keeps its place arrives no earlier */
  RelayPiece *pieces;    /* under way, in the order of arrival */
  RelayChunk pending;    /* gathered and not under way yet */
  uint64_t pending_us;   /* when the last byte of it came */
  unsigned recent_count; /* ever */
  RelayChunk recent[RELAY_RECENT];
  unsigned counts[RELAY_IMPAIRMENTS];
} RelayDirection;

typedef struct {
  RelayPath path;
  uint64_t gather_us; /* bytes that come within this time of each other are one chunk; 0: those
                         that come at once */
  RelayDirection ways[RELAY_WAYS];
} Relay;

/* A path without faults or latency. Allocated; relay_free, which takes NULL, frees it. */
Relay *relay_new(void);
void relay_free(Relay *relay);
/* From now on the path is this one, which is copied. What is under way stays so, and what was heard
 * may still be said again; counts begin anew. */
void relay_set_path(Relay *relay, const RelayPath *path, uint32_t seed, uint64_t now_us);

/* `baud` is for whoever takes it. */
void relay_push(Relay *relay, RelayWay way, const uint8_t *bytes, size_t length, uint32_t baud,
                uint64_t now_us);
/* Takes what has arrived, of one piece at most; returns the bytes, 0 when there are none. */
size_t relay_pop(Relay *relay, RelayWay way, uint8_t *bytes, size_t room, uint32_t *baud,
                 uint64_t now_us);
/* Whether all that was pushed has arrived, old things aside. */
bool relay_is_empty(const Relay *relay, RelayWay way);
/* When the next piece arrives; UINT64_MAX: nothing is under way. */
uint64_t relay_get_next_us(const Relay *relay, RelayWay way);
