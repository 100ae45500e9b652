/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SySession: the workstation's side of the upgrade protocol, as an engine without I/O.
 *
 * Bytes and the time go in; bytes to send, the next deadline and events come out. No clock, no
 * allocation, no logging: two of these, or one and the loader's fw-install, run against each other
 * in memory in virtual time. PROTOCOL.md §5 has the steps, sy-session-steps.c has them as a table.
 *
 * Plain value owned by the caller; one thread. Times are microseconds of any steady clock.
 */

#pragma once

#include "sy-outcome.h"
#include "sy-round-trip.h"

/* One half of a release, ready to send. `bytes` are borrowed for the session's life. */
typedef struct {
  uint32_t product;
  uint32_t version;
  uint32_t length; /* bytes; 0: there is no program for this bank */
  uint32_t crc;
  const uint8_t *bytes;
} SyUpload;

/* Packing for the line (core/pack), if the caller has one: the engine allocates nothing and reads
 * no files. `context` is the caller's. */
typedef struct {
  void *context;
  /* Told once, before anything is sent, what will be and who is there: which program runs there,
   * and so is a dictionary if it can be found here. */
  void (*open)(void *context, const SyUpload *upload, WireBank bank, const WireIdentity *identity);
  /* Packs blocks that lean on nothing but what `readable` names (see wire-unpack.h). Returns the
   * bytes written, 0 when they do not fit into `room`. */
  size_t (*pack)(void *context, unsigned block, unsigned count, const uint8_t *readable,
                 uint8_t *to, size_t room);
} SyPacking;

typedef enum {
  SY_EVENT_PHASE,       /* phase */
  SY_EVENT_IDENTITY,    /* the session's identity has news */
  SY_EVENT_RATE,        /* number: baud, proven by a link test */
  SY_EVENT_RATE_FAILED, /* number: baud that was tried, or carries no more */
  SY_EVENT_RATE_FAR,    /* number: milliseconds of a round trip, too many to prove another rate */
  SY_EVENT_RESUMED,     /* number: blocks that an earlier transfer has left there */
  SY_EVENT_ERASED,      /* number: milliseconds */
  SY_EVENT_BLOCK,       /* block; number: SyBlockState */
  SY_EVENT_PAGE,        /* block: the page of flash that was read */
  SY_EVENT_TIMEOUT,     /* request; number: the attempt that comes, from 2 */
  SY_EVENT_NAK,         /* request; cause, number: detail */
  SY_EVENT_BAD_FRAMES,  /* number: how many more arrived damaged */
  SY_EVENT_LEAVING,     /* cause: WireLeavingCause */
  SY_EVENT_READING,     /* the session's reading has news */
  SY_EVENT_COMMITTED,   /* number: sequence of the bank record */
  SY_EVENT_CONFIRMED,   /* number: sequence of the bank record, 0 when there was none to write */
  SY_EVENT_FINISHED,    /* the session's result stands */
} SyEventKind;

typedef struct {
  SyEventKind kind;
  SyPhase phase;   /* in which it happened */
  uint8_t request; /* WireType */
  uint8_t cause;
  uint16_t block;
  uint32_t number;
} SyEvent;

enum {
  SY_SESSION_EVENTS = 512,
  SY_SESSION_EVENTS_PER_FRAME = 128, /* most that one frame or one deadline can cause */
  SY_SESSION_ASKED = 64,             /* questions that are remembered; more than are under way */
};

typedef enum {
  SY_JOB_IDENTIFY,
  SY_JOB_UPGRADE,
  SY_JOB_CONFIRM,
  SY_JOB_GO_BACK,
  SY_JOB_READ,
  SY_JOB_CHECK, /* a dry run */
} SyJob;

typedef enum {
  SY_STEP_NONE,
  SY_STEP_IDENTIFY,  /* who is there? */
  SY_STEP_LINE,      /* does the line carry what it must? */
  SY_STEP_SETTLE,    /* the program to be replaced is itself on trial: it is heard, so confirm it */
  SY_STEP_ENTER,     /* the upgrade command */
  SY_STEP_LOADER,    /* has the loader started? */
  SY_STEP_RATE,      /* shall we go on faster? */
  SY_STEP_RATE_TEST, /* does the line carry that? */
  SY_STEP_BEGIN,
  SY_STEP_DATA,
  SY_STEP_READ, /* what lies in flash? */
  SY_STEP_COMMIT,
  SY_STEP_RUN,
  SY_STEP_HEAR,    /* does the new program run? */
  SY_STEP_CONFIRM, /* it was heard, and says when its self-test is done */
  SY_STEP_PROVE,   /* it says that it is confirmed: does it say so of itself too? */
  SY_STEP_GO_BACK, /* to the program in the other bank */
  SY_STEP_ABORT,
  SY_STEP_WHAT_RUNS, /* which program runs after all? */
  SY_STEP_COUNT,
} SyStep;

/* A question on the line: its answer says how long the path is, unless it was asked again. */
typedef struct {
  uint8_t seq;
  uint8_t times;   /* that it was asked */
  uint64_t out_us; /* when its last byte was on the wire; UINT64_MAX: not yet */
} SyAsked;

enum { SY_STREAM_FRAMES = 16 }; /* most DATA frames under way */

/* A DATA frame under way. */
typedef struct {
  uint8_t seq;
  uint8_t count;
  uint16_t block;
  uint16_t length; /* of the frame */
} SyFlight;

/* What of a block is known for sending it. */
typedef enum { SY_SEND_WAITS, SY_SEND_UNDER_WAY, SY_SEND_THERE } SySend;

typedef struct {
  SyFlight flights[SY_STREAM_FRAMES]; /* in the order sent, which is that of the answers */
  unsigned count;
  uint32_t bytes;                 /* of all of them */
  uint8_t sends[WIRE_BLOCKS_MAX]; /* SySend */
  unsigned clean;                 /* frames answered since one was lost */
  unsigned attempts;              /* time-outs in a row */
  uint8_t answered_seq;           /* sequence number of the last answer */
  uint8_t probe_seq;              /* of an ECHO that asks whether anything still comes back */
  bool probing;                   /* and its answer is wanted */
  bool probed;                    /* it showed a loss, and no DATA was answered since */
  bool answered;                  /* DATA was: the erase is over */
} SyStream;

enum {
  SY_READ_FRAMES = 12,                    /* most READ under way */
  SY_READ_MAP_SIZE = WIRE_PAGE_COUNT / 8, /* bit n % 8 of byte n / 8: page n */
};

/* A READ under way. */
typedef struct {
  uint8_t seq;
  uint8_t page;
  bool lost; /* its answer was, or it was: to be asked again */
} SyReadFlight;

typedef struct {
  uint8_t *flash;                       /* WIRE_FLASH_SIZE bytes, whoever reads owns them */
  uint8_t pages[WIRE_PAGE_COUNT];       /* SySend; those that nobody wants are there */
  SyReadFlight flights[SY_READ_FRAMES]; /* in the order sent, which is that of the answers */
  unsigned count;
  unsigned attempts; /* time-outs in a row */
  uint32_t frames;   /* sent: bounded, whatever the substation says */
  bool pauses;       /* until the line is at its default rate */
} SyReadBack;

typedef struct {
  uint8_t token;
  SyStep step;
  SyJob job;
  SyUpload halves[2];  /* LOW, HIGH */
  SyUpload upload;     /* the half that is sent, or the program to go back to, without bytes */
  WireIdentity before; /* what ran when the job began */
  bool committed;      /* COMMIT or GO_BACK went out: another program may start */
  bool obeyed;         /* the last GO_BACK was answered */
  bool settles;        /* BEGIN was refused for a trial, which is settled first: once */
  unsigned begins;     /* BEGIN begun: an earlier one may have been obeyed */
  unsigned endings;    /* CONFIRM begun behind a failure: bounded */
  unsigned go_backs;   /* GO_BACK begun behind a failure or once more: bounded */
  unsigned echoes;     /* that came back in a dry run */

  /* The request under way. */
  uint8_t seq;
  uint8_t first_seq;    /* of its first attempt; only IDENTIFY has another with each */
  uint8_t attempt;      /* from 1 */
  uint8_t damaged;      /* resends in this attempt, because it arrived damaged */
  bool awaiting;        /* its answer is still wanted */
  uint64_t deadline_us; /* UINT64_MAX: none */
  uint64_t step_end_us; /* polling steps give up here */
  uint8_t out[WIRE_FRAME_MAX];
  size_t out_length, out_sent;

  /* The path. */
  SyRoundTrip trip;
  SyAsked asked[SY_SESSION_ASKED]; /* by sequence number */
  uint64_t line_free_us;           /* what was sent is on the wire so long */
  uint64_t framed_us;              /* when the last frame had come */

  SyStream stream;
  uint8_t sent[WIRE_BLOCKS_MAX]; /* how often each block was, 255 and more alike */
  SyReadBack read;
  const SyPacking *packing; /* may be NULL */
  bool anew;                /* what an earlier transfer left is not to be kept */
  uint32_t data_frames;     /* sent in this upgrade: bounded, whatever the substation says */
  uint64_t start_us, write_us, phase_us;

  uint32_t rate;      /* that the line should have */
  uint64_t rates_us;  /* when the first was asked for; 0: none was */
  uint64_t rated_us;  /* when the loader said that it goes to it */
  uint32_t rate_max;  /* highest that may be tried */
  unsigned rate_next; /* the next that is tried */
  bool slows;         /* back to the default rate when the loader has said its last word */
  SyReason failure;   /* why WHAT_RUNS was entered */

  WireDecoder decoder;
  uint32_t decoder_faults; /* counted into progress so far */
  uint64_t heard_us;

  SyEvent events[SY_SESSION_EVENTS];
  unsigned events_first, events_count;

  SyProgress progress;
  WireReading reading;
  SyResult result;
} SySession;

/* `token` should differ from that of the last session on this line. */
void sy_session_init(SySession *session, uint8_t token);

/* Before an upgrade starts: what it may make use of. Without, it stays at the default rate and
 * packs nothing. `packing` must stay for the session's life. */
void sy_session_allow_rates(SySession *session, uint32_t baud_max);
void sy_session_allow_packing(SySession *session, const SyPacking *packing);
/* And what it may not: blocks that an interrupted upgrade has left are sent again. */
void sy_session_begin_anew(SySession *session);

/* The rate that the line should have. Whoever drives the session brings it there when nothing is
 * left to be sent, and tells what it is then, as read back: 0 when it was refused. */
uint32_t sy_session_get_rate(const SySession *session);
void sy_session_rate_set(SySession *session, uint32_t baud, uint64_t now_us);

/* Start a job; once per sy_session_init. `halves` are LOW and HIGH. */
void sy_session_start_identify(SySession *session, uint64_t now_us);
void sy_session_start_upgrade(SySession *session, const SyUpload halves[2], uint64_t now_us);
/* Confirms a program that is found on trial; done at once when none is. */
void sy_session_start_confirm(SySession *session, uint64_t now_us);
/* Makes the substation run the program in its other bank: a program on trial is left, one that is
 * confirmed makes place for the other, which then runs on trial and is confirmed when heard. */
void sy_session_start_go_back(SySession *session, uint64_t now_us);

/* A dry run: asks who is there, judges whether an upgrade could begin, and tests the line with
 * frames that the running program sends back. It goes on running; nothing is changed. */
void sy_session_start_check(SySession *session, const SyUpload halves[2], uint64_t now_us);

/* Reads pages of flash through the loader, and lets the program run again. `flash` has
 * WIRE_FLASH_SIZE bytes and stays the caller's; page n comes to n * WIRE_PAGE_SIZE, bytes of pages
 * that are not wanted stay as they are. When the job is done all of them are there. */
void sy_session_start_read(SySession *session, const uint8_t wanted[SY_READ_MAP_SIZE],
                           uint8_t *flash, uint64_t now_us);
/* Adds the pages that [addr, addr + length) touches to those wanted, as far as they can be read. */
void sy_read_map_add(uint8_t map[SY_READ_MAP_SIZE], uint32_t addr, uint64_t length);

/* Takes received bytes, as many as there is room to tell about in events: drain those and feed the
 * rest. Returns the number taken. */
size_t sy_session_feed(SySession *session, const uint8_t *bytes, size_t length, uint64_t now_us);

/* To be called at sy_session_get_deadline, and harmless at any time. */
void sy_session_tick(SySession *session, uint64_t now_us);
/* UINT64_MAX when there is none. */
uint64_t sy_session_get_deadline(const SySession *session);

/* What is to be sent: a pointer to `length` bytes; tell with sy_session_sent how many went. There
 * may be more then. */
const uint8_t *sy_session_peek_output(const SySession *session, size_t *length);
void sy_session_sent(SySession *session, size_t length, uint64_t now_us);

/* The next event, or false. */
bool sy_session_next_event(SySession *session, SyEvent *event);

/* Give up: what has begun is undone as far as it can be, a new program that is still on trial
 * included, and the session finds out what runs. */
void sy_session_cancel(SySession *session, uint64_t now_us);
/* The link is gone: nothing can be asked any more. */
void sy_session_lose_link(SySession *session, uint64_t now_us);

/* Whether this program can upgrade a substation that says this of itself: SY_REASON_NONE,
 * NOT_COMPATIBLE or NO_LOADER. */
SyReason sy_identity_judge(const WireIdentity *identity);
/* The same for reading back: also NO_READING, NO_PROGRAM or ON_TRIAL. */
SyReason sy_identity_judge_reading(const WireIdentity *identity);

/* When true, session->result stands. */
bool sy_session_is_finished(const SySession *session);
