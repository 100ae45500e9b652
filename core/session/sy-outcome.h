/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What can be seen of a job while it runs and what it ends with. Plain values: copied between the
 * thread that does the job and the one that shows it.
 */

#pragma once

#include "wire-message.h"

#include <stdbool.h>
#include <stdint.h>

/* The phases in order. COMMIT goes back to WRITE when the seal did not hold and its sector is sent
 * again; the fraction never falls. */
typedef enum {
  SY_PHASE_IDLE,
  SY_PHASE_CONNECT,   /* asking who is there */
  SY_PHASE_LINE,      /* a dry run tests the line */
  SY_PHASE_ENTER,     /* asking the program to start the loader */
  SY_PHASE_RATE,      /* going faster, if the line carries it */
  SY_PHASE_READ,      /* flash is read back; nothing is erased */
  SY_PHASE_ERASE,     /* the idle bank */
  SY_PHASE_WRITE,     /* blocks go across, each is read back */
  SY_PHASE_COMMIT,    /* CRC over the whole image, seal, bank record */
  SY_PHASE_START,     /* the new program starts and is asked who it is */
  SY_PHASE_TRIAL,     /* it tests itself and is confirmed */
  SY_PHASE_WHAT_RUNS, /* after a failure or cancel: finding out which program runs */
  SY_PHASE_FINISHED,
  SY_PHASE_COUNT,
} SyPhase;

typedef enum {
  SY_BLOCK_UNKNOWN, /* not touched by this upgrade */
  SY_BLOCK_ERASED,
  SY_BLOCK_SENT,     /* on its way */
  SY_BLOCK_VERIFIED, /* programmed, read back, equal */
  SY_BLOCK_REPEATED, /* the same, but it had to be sent more than once */
  SY_BLOCK_FAILED,   /* its sector had to be erased anew, or given up */
} SyBlockState;

/* Causes are counted each by itself: [WireCause], those without a name at 0. */
enum { SY_CAUSE_COUNT = WIRE_CAUSE_UNPACKABLE + 1 };

typedef struct {
  uint32_t frames;     /* that arrived whole */
  uint32_t retries;    /* frames sent again */
  uint32_t timeouts;   /* times that no answer came in time; what was under way may only be late */
  uint32_t bad_frames; /* frames that arrived damaged, and cut ones */
  uint32_t naks;       /* refusals */
  uint32_t naks_by_cause[SY_CAUSE_COUNT];
  uint32_t repeats;    /* sectors erased anew because a block failed */
  uint64_t bytes_sent; /* on the wire, everything counted */
  uint64_t bytes_received;
} SyCounts;

typedef struct {
  SyPhase phase;
  WireBank bank;        /* being written; NONE while not known */
  uint32_t version;     /* being written */
  uint32_t bytes_total; /* of the image */
  uint32_t bytes_done;  /* of the image, verified */
  uint16_t blocks_total;
  uint16_t blocks_done;
  double fraction;         /* of the whole job, 0 to 1; never falls; 1 only when finished */
  double bytes_per_second; /* of the image, since writing began; 0 when not known */
  double seconds_left;     /* negative when not known */
  SyCounts counts;
  uint8_t blocks[WIRE_BLOCKS_MAX]; /* SyBlockState, block n of the bank being written */
} SyProgress;

/* Where an upgrade's time went, and what became of its blocks. */
typedef struct {
  uint64_t phases_us[SY_PHASE_COUNT]; /* time in each phase */
  uint32_t baud;                      /* of the line while blocks were sent */
  uint64_t wait_us;       /* the path's own time for an answer, both ways, without the wire's: the
                             measured round trip; 0 when none was measured */
  uint32_t frames;        /* DATA sent, again or not */
  uint32_t frame_bytes;   /* of those on the wire */
  uint32_t blocks_sent;   /* in them */
  uint32_t blocks_packed; /* of those, packed */
  uint32_t blocks_kept;   /* not sent: an earlier transfer had left them */
  uint64_t host_us;       /* packing, as whoever packs counted it; not the engine's to know */
  bool knows_running;     /* packed against the program that ran; the same */
  WireLife loader;        /* the loader's own count of its clocks; all 0 when it tells none */
} SyLife;

/* How a job ended. The order is that of the command line's exit codes. */
typedef enum {
  SY_OUTCOME_DONE,     /* 0: identify answered; the new program was heard and is confirmed;
                          all was read, and the program was heard to run again */
  SY_OUTCOME_REFUSED,  /* 1: nothing was erased */
  SY_OUTCOME_LINK,     /* 3: absent, busy, denied, silent, before anything was erased */
  SY_OUTCOME_OLD_RUNS, /* 4: failed or cancelled, and the old program was heard running */
  SY_OUTCOME_UNKNOWN,  /* 5: failed, and nothing could be learned of what runs */
} SyOutcome;

/* Why, for the sentence and the log. */
typedef enum {
  SY_REASON_NONE,
  SY_REASON_CANCELLED,
  SY_REASON_SILENT,         /* no answer after all retries */
  SY_REASON_LINK_LOST,      /* the link itself ended */
  SY_REASON_NOT_COMPATIBLE, /* protocol of another major version */
  SY_REASON_NO_LOADER,      /* the program does not obey the upgrade command */
  SY_REASON_PRODUCT,        /* another product than the file's */
  SY_REASON_BANK,           /* the file has no program for the idle bank */
  SY_REASON_NAK,            /* refused by the substation: see nak */
  SY_REASON_LEFT,           /* the loader went back to the program by itself: see leaving */
  SY_REASON_RESTARTED,      /* it started anew in the middle: power was cut, the watchdog bit */
  SY_REASON_WRONG_ANSWER,   /* answered with something that makes no sense */
  SY_REASON_OTHER_RUNS,     /* all seemed well, but another program than the new one runs */
  SY_REASON_RETURNED,       /* the new program was left: see the identity's trial_cause */
  SY_REASON_NOT_CONFIRMED,  /* the new program runs on trial and could not be confirmed */
  SY_REASON_NO_TRIAL,       /* the substation cannot go back on command */
  SY_REASON_NO_OTHER,       /* there is no whole program to go back to */
  SY_REASON_NO_READING,     /* the loader cannot show what lies in flash */
  SY_REASON_NO_PROGRAM,     /* there is none to run again when flash was read */
  SY_REASON_ON_TRIAL, /* the running program must be confirmed, or left, before flash is read */
} SyReason;

enum { SY_HEARING_SAMPLE = 64 };

/* What arrived before anybody answered: it tells a silent line from another rate and another
 * device. */
typedef struct {
  uint32_t bytes;
  uint32_t frames;                   /* good ones, whoever asked for them */
  uint32_t echoes;                   /* of those, questions such as only this side asks */
  uint8_t sample[SY_HEARING_SAMPLE]; /* the first bytes */
} SyHearing;

typedef struct {
  SyOutcome outcome;
  SyReason reason;
  SyPhase phase;       /* in which it failed; FINISHED when done */
  WireNak nak;         /* with SY_REASON_NAK */
  WireLeaving leaving; /* with SY_REASON_LEFT */
  bool identified;     /* identity is what the substation said last */
  bool touched;        /* what lies in flash or runs was changed, or may have been */
  WireBank bank;       /* that was written, or would be; NONE when not known */
  uint32_t version;    /* that was written, or would be */
  uint16_t blocks_total;
  uint16_t blocks_left; /* about so many the next upgrade to this program need not send again */
  WireIdentity identity;
  SyCounts counts;
  SyLife life;
  SyHearing hearing; /* stands still from the first answer on */
  uint64_t duration_us;
} SyResult;
