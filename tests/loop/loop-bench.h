/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Both sides of an upgrade against each other in memory and in virtual time: the workstation's
 * SySession, a line that loses, changes, doubles, repeats and delays, and a substation of the real
 * logic (choice, errands, loader, trial) on the flash of fw-bench, with a model of reset, watchdog,
 * rates and program around it.
 *
 * loop_run and loop_run_back end with the truth: what the session says is compared with what the
 * flash holds and the substation runs, at once and after everything has come to rest; time, frames
 * and events are held to bounds that follow from the session's table. Each test adds what it
 * expects beyond that. */

#pragma once

#include "loop-image.h"
#include "loop-line.h"
#include "sy-session.h"

enum {
  LOOP_LENGTH = 0x8f0, /* 5 blocks */
  LOOP_BLOCKS = 5,
  LOOP_LONG = 0x7ff0, /* 64 blocks: more than the substation has room for at once, and so many that
                         behind a restart two sectors before the window are kept */
  LOOP_LONG_BLOCKS = 64,
  LOOP_OLD = WIRE_VERSION(1, 0, 0),
  LOOP_NEW = WIRE_VERSION(1, 1, 0),
  LOOP_OTHER = WIRE_VERSION(0, 9, 0),
};

/* A line that disturbs one frame costs at most one time-out over a clean run: the longest is that
 * of the first DATA, which waits for the erase. A 1.1 loader waits with each. Of one that goes
 * faster it may cost a rate: RATE's answer comes when the loader has gone back, both link tests are
 * not heard, the loader is given its time, and the rest goes at the next rate. */
#define LOOP_ONE_FAULT_US (2300 * 1000ull)
#define LOOP_ONE_RATE_US  ((350 + 3 * 300 + 1600 + 100) * 1000ull)

/* What the two sides can do, for all that follows: a stream at the default rate; the same with
 * rates and packing; a loader of protocol 1.1, which takes one frame at a time and answers BEGIN
 * behind the erase. */
typedef enum { LOOP_STREAM, LOOP_FAST, LOOP_ONE_BY_ONE } LoopStyle;
/* Of the command line: "fast" or "one-by-one". */
void loop_set_style(int argc, char **argv);
LoopStyle loop_get_style(void);

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
  LoopStyle style;     /* may be changed behind a reset */
  LoopImage images[2]; /* the file: LOW, HIGH */
  LoopImage old;       /* what ran before; old.length 0: nothing */
  LoopImage other;     /* what lay in the other bank; other.length 0: nothing */
  bool old_on_trial;   /* so it may be left whatever the workstation does */
  LoopCharacter old_character, new_character, other_character;

  BenchFlash flash;
  LoopMode mode;
  bool starting;                  /* until alive_us nothing is heard */
  bool watchdog;                  /* is on */
  WireTrialCause evidence;        /* of how the last start ended; the next who runs takes it */
  WireTrialCause loader_evidence; /* and the loader keeps it */
  WireBank running;               /* or came from, in the loader */
  bool begun;                     /* the program that runs came further than to hang */
  FwInstall install;
  FwTrial trial;
  WireIdentity identity; /* the program's */
  WireLife life;         /* the loader's */
  uint32_t erase_ms;     /* as a 1.1 loader tells it */
  WireDecoder decoder;
  uint32_t skipped; /* by the decoder, that the loader was told of */
  uint64_t alive_us, heard_us, reading_us, chatter_us, tick_us, started_us;
  uint64_t self_test_us; /* takes so long */
  uint64_t data_us;      /* each DATA takes so much longer … */
  uint64_t anew_us;      /* … and so much one for which a sector is erased anew */
  uint64_t hold_us;      /* and the workstation is busy so long between making it and sending it */
  bool no_trials;        /* a substation of protocol 1.0: what is committed stands */
  bool new_is_plain;     /* only the new program is of 1.0: it cannot confirm itself */
  uint16_t boots;
  unsigned handled; /* requests that reached it */

  /* Rates. */
  uint32_t rate_max;      /* that the workstation may try; 0: none */
  uint32_t host_makes;    /* the most the workstation's port can make, and says else … */
  uint32_t host_says;     /* … that it made this */
  uint64_t host_takes_us; /* for bringing it to another rate */
  uint64_t host_set_us;   /* when it has done so; 0: it is not about to */
  uint32_t station_makes; /* the most the substation can make */
  uint32_t host_baud, host_wanted, station_baud;
  bool packs;
  SyPacking packing;
  bool station_proven; /* a good frame came at a raised rate */
  uint64_t good_us;    /* when the last one came */
  unsigned mute_rates; /* so many of its answers to RATE are lost */
  unsigned raises;     /* how often the loader raised its rate */

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
  bool chatter;        /* the substation announces itself all the time … */
  bool stutter;        /* … or says its last true answer to DATA again instead */
  uint8_t said[64];    /* that */
  size_t said_length;
  bool lazy;             /* the workstation's owner takes one event at a time */
  WireFrame lie_request; /* what is answered falsely */
  unsigned lies, cuts;   /* how often it happened */

  /* DATA that was sent and not answered, as the loader has to have room for it. */
  unsigned under_way_most, under_way_bytes_most;
  unsigned under_way_at_commit; /* most as COMMIT went out */

  /* What the session told. */
  unsigned sessions; /* on this substation, this one counted */
  unsigned commits;  /* times COMMIT was begun */
  double fraction;
  unsigned events[SY_EVENT_FINISHED + 1];
  SyPhase phase;
  uint64_t start_us;

  /* What a read is to bring, and what it brought. */
  uint8_t wanted[SY_READ_MAP_SIZE];
  uint8_t read[WIRE_FLASH_SIZE];

  LoopLine to_device, to_host; /* last: loop_reset leaves most of them */
};

/* The file holds programs of this length from here on; then loop_reset. */
void loop_set_length(uint32_t length);

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
/* And with reading back what is `wanted`. */
enum { LOOP_UNREAD = 0x5a }; /* in `read`, where nothing was */
SyOutcome loop_run_read(Loop *loop);
/* The upgrade up to the session's end, which is checked, and not further. */
SyOutcome loop_run_to_end(Loop *loop);

/* Time passes for both sides, also behind the session's end. */
void loop_rest(Loop *loop, uint64_t for_us);

/* The image that is to run. */
const LoopImage *loop_get_new(const Loop *loop);
bool loop_is_erased(const Loop *loop);
bool loop_holds(const Loop *loop, const LoopImage *image);

/* The job's first frame of this type to the substation, as it is counted on the line: UINT_MAX when
 * there was none. And how many there were. */
unsigned loop_find_frame(const Loop *loop, uint8_t type);
unsigned loop_count_frames(const Loop *loop, uint8_t type);

/* One step of the clock, to whatever comes next. */
void loop_step(Loop *loop);

/* The truth about what was said, in loop-truth.c: as the session ends, and when all has come to
 * rest. */
void loop_truth_check_claim(const Loop *loop);
void loop_truth_check_rest(Loop *loop);
/* How long it took is told, and where that went. */
void loop_truth_check_times(const Loop *loop);
/* Before either: the job may be about another program than the test set up. */
void loop_truth_look_who_was_found(Loop *loop);
/* The bank whose program runs, or will when the start under way or the next one is over. */
WireBank loop_truth_get_runner(const Loop *loop);
/* The session's ends in this time, and with no more frames than this. */
uint64_t loop_truth_get_bound_us(const Loop *loop);
unsigned loop_truth_get_bound_frames(const Loop *loop);

/* The session may use what the style has. */
void loop_allow(Loop *loop);

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

/* What both halves of it need. */
enum { LOOP_PART_ID = 16908050 };
size_t loop_station_write_identity(Loop *loop, uint8_t *to);
void loop_station_send(Loop *loop, const uint8_t *frame, size_t length);

/* Its loader, in loop-loader.c. */
void loop_loader_begin(Loop *loop);
/* `baud` becomes the rate to go to behind the reply, if there is one to go to. */
size_t loop_loader_handle(Loop *loop, const WireFrame *request, uint8_t *reply, uint32_t *baud);
/* Behind the reply. */
void loop_loader_work(Loop *loop, uint32_t baud);
/* When nothing comes. */
void loop_loader_watch_rate(Loop *loop);
/* It takes one frame at a time, erases before it answers BEGIN, and tells no map. */
bool loop_loader_is_one_by_one(const Loop *loop);
