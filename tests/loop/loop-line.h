/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One direction of the line between the two sides: it takes its time, and loses, changes, doubles,
 * repeats and delays. */

#pragma once

#include "relay.h"
#include "wire-frame.h"
#include "wire-random.h"

#include <limits.h>

enum {
  LOOP_CHUNKS = 512,
  LOOP_RECENT = 8,
  LOOP_SIZES = 512,
};

typedef enum { LOOP_DROP, LOOP_FLIP, LOOP_DOUBLE, LOOP_DELAY } LoopFaultKind;

typedef struct {
  LoopFaultKind kind;
  bool active;
  bool frames;       /* whole frames are hit and counted, else bytes */
  unsigned first;    /* the first to be hit, counted from 0 */
  unsigned every;    /* and then each so manieth; 0: no other */
  unsigned random;   /* instead: each by this chance in 10000 */
  uint64_t until_us; /* the line has healed then; 0: never */
  uint64_t delay_us;
  unsigned times; /* no more than so many; 0: no such limit */
} LoopFault;

typedef struct {
  uint64_t at_us;
  uint32_t baud; /* 0: was read at another rate than it was sent at, and is rubbish now */
  size_t length;
  uint8_t bytes[2 * WIRE_FRAME_MAX];
} LoopChunk;

typedef struct {
  size_t length;
  uint8_t bytes[WIRE_FRAME_MAX];
} LoopFrame;

typedef struct {
  LoopFault fault;
  unsigned silent_from; /* frames from this one on are lost; UINT_MAX: none */
  uint64_t latency_us;  /* everything arrives so much later … */
  uint64_t jitter_us;   /* … and by up to so much more, without overtaking … */
  uint64_t prompt_us;   /* … but from this moment on in time again; 0: never */
  unsigned replay;      /* behind each frame the one so many before it comes again; 0: none */
  uint32_t carries;     /* faster, nothing arrives whole; 0: all rates are carried … */
  unsigned dies_at;     /* … and from this frame on none but the default one; UINT_MAX: never */
  Relay *relay;         /* behind the line, if there is one */
  RelayWay way;         /* of the relay */
  WireRandom random;
  unsigned frames, bytes, hits, replays; /* what went in, and what was done to it */
  unsigned job_frames, job_bytes;        /* of them, before the session was finished */
  unsigned type_firsts[256];             /* the first frame of each type */
  unsigned type_counts[256];
  uint16_t sizes[LOOP_SIZES]; /* of the first frames */
  uint64_t free_us;           /* the line is busy so long */
  uint64_t last_us;           /* nothing arrives before what was sent before it */
  unsigned first, count, recent_count;
  LoopFrame recent[LOOP_RECENT];
  LoopChunk chunks[LOOP_CHUNKS]; /* last: loop_line_init leaves them */
} LoopLine;

void loop_line_init(LoopLine *line, uint32_t seed);
/* Forgets which types of frames there were. */
void loop_line_forget_types(LoopLine *line);

void loop_line_send(LoopLine *line, const uint8_t *bytes, size_t length, uint32_t baud,
                    uint64_t now_us);
/* What has arrived, as it is read at this rate, or NULL; to be dropped when it was taken. */
LoopChunk *loop_line_peek(LoopLine *line, uint32_t baud, uint64_t now_us);
void loop_line_drop(LoopLine *line);
/* When the next of it arrives; UINT64_MAX: nothing is under way. */
uint64_t loop_line_get_next_us(const LoopLine *line);
