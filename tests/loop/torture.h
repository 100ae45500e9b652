/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The line torture's frame: runs spread over paths, seeds and processes, the table of what came of
 * them, and the verdict. Whoever makes the runs brings both sides of the line.
 *
 *   PROGRAM [--full] [--jobs N] [--path N [--seed N]] */

#pragma once

#include "relay.h"
#include "sy-session.h"

/* What no run may end with. */
typedef enum {
  TORTURE_FALSE_SUCCESS, /* DONE was said, and not exactly the new program runs, confirmed */
  TORTURE_FALSE_FAILURE, /* the old one was said to run, or to be untouched, and is not */
  TORTURE_HURT,          /* neither the old program nor the new one runs when all is at rest */
  TORTURE_NO_REASON,     /* it gave up and did not say why */
  TORTURE_ENDLESS,       /* it did not end */
  TORTURE_NOT_AGAIN,     /* a clean line behind it, and the next upgrade was not done */
  TORTURE_FAULTS,
} TortureFault;

enum { TORTURE_WORDS = 200 };

typedef struct {
  const RelayPath *path;
  uint32_t seed;
  bool begun, ended;
  SyOutcome outcome;
  SyReason reason;
  SyPhase phase;
  bool faults[TORTURE_FAULTS];
  uint64_t took_us;
  uint64_t sent, needed; /* bytes to the substation: here, and on a clean line */
  unsigned retries;
  unsigned happened[RELAY_IMPAIRMENTS];
  char words[TORTURE_WORDS]; /* what the person would read */
} TortureRun;

/* Makes the run that `path` and `seed` name and fills in the rest. */
typedef void (*TortureFunc)(TortureRun *run);

/* Virtual time in which a session has to end. */
enum { TORTURE_BOUND_US = 900 * 1000000 };

/* Takes over what the session says of its end, the relay counted. */
void torture_note_result(TortureRun *run, const SyResult *result);
void torture_note_relay(TortureRun *run, const Relay *relay);

/* The whole program; `few` and `full` are the runs for each path. */
int torture_main(int argc, char **argv, TortureFunc func, unsigned few, unsigned full);
