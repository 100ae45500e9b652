/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Both sides of an upgrade against each other in memory and in virtual time: the workstation's
 * SySession, a line that loses, changes, doubles and delays, and a substation of the real loader
 * logic on the flash of fw-bench, with a model of the program and of the reset around it.
 *
 * loop_run ends with the truth: what the session says is compared with what the flash holds and the
 * substation runs. Each test adds what it expects beyond that. */

#pragma once

#include "fw-bench.h"
#include "sy-session.h"

enum {
  LOOP_LENGTH = 0x8f0, /* 5 blocks */
  LOOP_BLOCKS = 5,
  LOOP_OLD = WIRE_VERSION(1, 0, 0),
  LOOP_NEW = WIRE_VERSION(1, 1, 0),
  LOOP_CHUNKS = 64,
};

/* No job takes longer than this, whatever line and substation do, in virtual time. */
#define LOOP_BOUND_US (60 * 1000000ull)
/* A line that disturbs one frame costs at most one time-out, that of BEGIN, over a clean run. */
#define LOOP_ONE_FAULT_US (2300 * 1000ull)

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
} LoopFault;

typedef struct {
  uint64_t at_us;
  size_t length;
  uint8_t bytes[2 * WIRE_FRAME_MAX];
} LoopChunk;

typedef struct {
  LoopFault fault;
  unsigned silent_from; /* frames from this one on are lost; UINT_MAX: none */
  WireRandom random;
  unsigned frames, bytes, hits;   /* what went in, and what was done to it */
  unsigned job_frames, job_bytes; /* of them, before the session was finished */
  uint64_t free_us;               /* the line is busy so long */
  unsigned first, count;
  LoopChunk chunks[LOOP_CHUNKS];
} LoopLine;

typedef enum { LOOP_OFF, LOOP_PROGRAM, LOOP_LOADER } LoopMode;

typedef struct Loop Loop;
/* Changes an answer before it is sent; the payload may be written, WIRE_PAYLOAD_MAX bytes. */
typedef void (*LoopLie)(Loop *loop, WireFrame *answer, uint8_t *payload);

struct Loop {
  uint64_t now_us;
  SySession session;
  SyUpload halves[2];
  BenchImage images[2]; /* the file: LOW, HIGH */
  BenchImage old;       /* what ran before; old.length 0: nothing */
  LoopLine to_device, to_host;

  BenchFlash flash;
  LoopMode mode;
  WireBank running;
  FwInstall install;
  WireIdentity identity; /* the program's */
  WireDecoder decoder;
  uint64_t alive_us, heard_us, reading_us, chatter_us, tick_us;
  uint16_t boots;
  unsigned handled; /* requests that reached it */

  /* What happens on the way. Indexes count from 0, UINT_MAX: never. */
  unsigned power_cut_before, power_cut_after; /* this request is handled */
  uint64_t power_off_us;                      /* for so long; UINT64_MAX: for good */
  unsigned cancel_at, lose_at;                /* as the workstation sends this frame … */
  uint64_t act_delay_us;                      /* … or so long after */
  uint64_t act_us;
  uint8_t lie_type;   /* answers to this request … */
  unsigned lie_times; /* … so many of them, after … */
  unsigned lie_after; /* … so many true ones, are changed */
  bool lie_instead;   /* and the request is not obeyed */
  LoopLie lie;
  uint8_t lie_number;  /* for the lie's own use */
  bool mute_announce;  /* the substation does not announce itself */
  bool chatter;        /* the substation announces itself all the time */
  unsigned lies, cuts; /* how often it happened */
  double fraction;
};

/* A substation that runs LOOP_OLD in `running` (NONE: both banks empty), a file with both halves.
 * Allocated; free with free. */
Loop *loop_new(WireBank running);
/* The same once more, in place. */
void loop_reset(Loop *loop, WireBank running);

/* Runs the upgrade to its end, lets the substation come to rest and checks the truth. */
SyOutcome loop_run(Loop *loop);

/* The half that is to be written. */
const BenchImage *loop_get_new(const Loop *loop);
bool loop_is_erased(const Loop *loop);
