/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Both sides of an upgrade against each other in memory and in virtual time: the workstation's
 * SySession, a line that loses, changes, doubles, repeats and delays, and a substation of the real
 * logic (choice, errands, loader, trial) on the flash of fw-bench, with a model of reset, watchdog
 * and program around it.
 *
 * loop_run and loop_run_back end with the truth: what the session says is compared with what the
 * flash holds and the substation runs, at once and after everything has come to rest; time, frames
 * and events are held to bounds that follow from the session's table. Each test adds what it
 * expects beyond that. */

#pragma once

#include "fw-bench.h"
#include "sy-session.h"

enum {
  LOOP_LENGTH = 0x8f0, /* 5 blocks */
  LOOP_BLOCKS = 5,
  LOOP_OLD = WIRE_VERSION(1, 0, 0),
  LOOP_NEW = WIRE_VERSION(1, 1, 0),
  LOOP_OTHER = WIRE_VERSION(0, 9, 0),
  LOOP_CHUNKS = 128,
  LOOP_RECENT = 8,
};

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
  unsigned times; /* no more than so many; 0: no such limit */
} LoopFault;

typedef struct {
  uint64_t at_us;
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
  uint64_t prompt_us;   /* … but from this moment on in time again; 0: never */
  unsigned replay;      /* behind each frame the one so many before it comes again; 0: none */
  WireRandom random;
  unsigned frames, bytes, hits, replays; /* what went in, and what was done to it */
  unsigned job_frames, job_bytes;        /* of them, before the session was finished */
  uint64_t free_us;                      /* the line is busy so long */
  uint64_t last_us;                      /* nothing arrives before what was sent before it */
  unsigned first, count, recent_count;
  LoopChunk chunks[LOOP_CHUNKS];
  LoopFrame recent[LOOP_RECENT];
} LoopLine;

void loop_line_send(LoopLine *line, const uint8_t *bytes, size_t length, uint64_t now_us);
/* What has arrived, or NULL; to be dropped when it was taken. */
LoopChunk *loop_line_peek(LoopLine *line, uint64_t now_us);
void loop_line_drop(LoopLine *line);

typedef enum { LOOP_OFF, LOOP_PROGRAM, LOOP_LOADER } LoopMode;

/* What a program is like once it runs. */
typedef enum {
  LOOP_GOOD,
  LOOP_HANGS,   /* before it does anything: the watchdog comes */
  LOOP_CRASHES, /* half a second after its start */
  LOOP_MUTE,    /* works, but neither sends nor hears */
  LOOP_FAILS,   /* its self-test */
  LOOP_CHARACTERS,
} LoopCharacter;

typedef struct Loop Loop;
/* Changes an answer before it is sent; the payload may be written, WIRE_PAYLOAD_MAX bytes. */
typedef void (*LoopLie)(Loop *loop, WireFrame *answer, uint8_t *payload);

struct Loop {
  uint64_t now_us;
  SySession session;
  SyUpload halves[2];
  BenchImage images[2]; /* the file: LOW, HIGH */
  BenchImage old;       /* what ran before; old.length 0: nothing */
  BenchImage other;     /* what lay in the other bank; other.length 0: nothing */
  bool old_on_trial;    /* so it may be left whatever the workstation does */
  LoopCharacter old_character, new_character, other_character;
  LoopLine to_device, to_host;

  BenchFlash flash;
  LoopMode mode;
  bool starting; /* until alive_us nothing is heard */
  bool watchdog; /* is on */
  WireTrialCause evidence;
  WireBank running; /* or came from, in the loader */
  FwInstall install;
  FwTrial trial;
  WireIdentity identity; /* the program's */
  WireDecoder decoder;
  uint32_t skipped; /* by the decoder, that the loader was told of */
  uint64_t alive_us, heard_us, reading_us, chatter_us, tick_us, started_us;
  uint64_t self_test_us; /* takes so long */
  bool no_trials;        /* a substation of protocol 1.0: what is committed stands */
  bool new_is_plain;     /* only the new program is of 1.0: it cannot confirm itself */
  uint16_t boots;
  unsigned handled; /* requests that reached it */

  /* What happens on the way. Indexes count from 0, UINT_MAX: never. */
  unsigned power_cut_before, power_cut_after;           /* this request is handled */
  unsigned power_cut_before_send, power_cut_after_send; /* this frame is sent */
  unsigned power_cut_times;                             /* so often, each time it is on again … */
  uint64_t power_cut_again_us;                          /* … for so long; 0 times means once */
  uint64_t power_cut_at_us;
  uint64_t power_off_us;       /* for so long; UINT64_MAX: until the session has ended */
  unsigned cancel_at, lose_at; /* as the workstation sends this frame … */
  uint64_t act_delay_us;       /* … or so long after */
  uint64_t act_us;
  uint8_t lie_type;   /* answers to this request … */
  unsigned lie_times; /* … so many of them, after … */
  unsigned lie_after; /* … so many true ones, are changed */
  bool lie_instead;   /* and the request is not obeyed */
  bool lie_unasked;   /* what is sent unasked is changed too */
  bool lie_when_new;  /* only when another program than the old one runs */
  bool
      lie_is_complete; /* nobody could see through it: what is claimed of the trial is not judged */
  LoopLie lie;
  unsigned lie_number; /* for the lie's own use */
  bool mute_announce;  /* the substation does not announce itself */
  bool chatter;        /* the substation announces itself all the time */
  bool lazy;           /* the workstation's owner takes one event at a time */
  unsigned lies, cuts; /* how often it happened */

  /* What the session told. */
  double fraction;
  unsigned events[SY_EVENT_FINISHED + 1];
  SyPhase phase;
  uint64_t start_us;
};

/* A substation that runs LOOP_OLD in `running` (NONE: both banks empty), a file with both halves.
 * Allocated; free with free. */
Loop *loop_new(WireBank running);
/* The same once more, in place. */
void loop_reset(Loop *loop, WireBank running);
/* LOOP_OLD runs in `running`, settled or on trial, and LOOP_OTHER lies in the other bank. */
void loop_reset_both(Loop *loop, WireBank running, bool settled);

/* The jobs there are, by what they find. */
typedef enum {
  LOOP_UPGRADE,          /* the other bank is empty */
  LOOP_UPGRADE_ON_TRIAL, /* what runs is itself on trial */
  LOOP_CONFIRM,          /* what runs on trial stays */
  LOOP_BACK,             /* to the program in the other bank */
  LOOP_BACK_FROM_TRIAL,  /* the same, from a program on trial */
  LOOP_JOBS,
} LoopJob;
void loop_reset_job(Loop *loop, LoopJob job);
/* loop_run, loop_run_confirm or loop_run_back. */
SyOutcome loop_run_job(Loop *loop, LoopJob job);
/* A clean run of the job, which must be DONE; leaves the numbers of frames in the lines. */
void loop_run_clean(Loop *loop, LoopJob job);

/* A new session on the same line and substation, with another token. What runs is the old program
 * from here on. */
void loop_start_anew(Loop *loop);

/* Runs the upgrade to its end, lets the substation come to rest and checks the truth. */
SyOutcome loop_run(Loop *loop);
/* The same with going back, and with confirming what runs. */
SyOutcome loop_run_back(Loop *loop);
SyOutcome loop_run_confirm(Loop *loop);
/* The upgrade up to the session's end, which is checked, and not further. */
SyOutcome loop_run_to_end(Loop *loop);

/* Time passes for both sides, also behind the session's end. */
void loop_rest(Loop *loop, uint64_t for_us);

/* The image that is to run. */
const BenchImage *loop_get_new(const Loop *loop);
bool loop_is_erased(const Loop *loop);

/* The substation's part, in loop-station.c. */
void loop_station_run(Loop *loop);
void loop_station_boot(Loop *loop);
/* Ends a start under way at once and without a word. */
void loop_station_settle(Loop *loop);
/* It waits in its loader, which the running program has entered. */
void loop_station_enter_loader(Loop *loop);
void loop_station_cut_power(Loop *loop);
void loop_station_switch_on(Loop *loop);
/* What the program is like that runs, or ran last. */
LoopCharacter loop_station_get_character(const Loop *loop);
