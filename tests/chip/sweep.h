/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The brute force behind tests/chip/power-cut: upgrades that are cut, what becomes of the
 * substation then, and the count of it. Nothing here is an assertion of cmocka: a case that fails
 * is counted and told, and the sweep goes on. */

#pragma once

#include "rig.h"

/* Where an upgrade starts and what it brings: releases sent one after the other to a new
 * substation, then the one whose upgrade is cut. */
typedef struct {
  const char *name;
  const char *before[5]; /* NULL terminated */
  const char *release;
  bool blank;   /* begins with jump program and loader only */
  bool late;    /* the last of `before` was confirmed at its last start only */
  bool empties; /* the upgrade empties the record log; made so by torn records where needed */
} SweepScene;

/* Between them: both directions, an idle bank that is empty or holds a whole third program, a
 * record log that is sound and one that has to be emptied, with all kinds of records in it. */
extern const SweepScene sweep_scenes[];
extern const unsigned sweep_scene_count;

typedef enum { SWEEP_POWER, SWEEP_PIN, SWEEP_WATCHDOG } SweepKind;

/* Whether the new program was confirmed when the cut came. */
typedef enum { SWEEP_NOT_CONFIRMED, SWEEP_MAY_BE_CONFIRMED, SWEEP_CONFIRMED } SweepConfirmed;

/* What is counted. Summed over worker processes, so numbers only. */
typedef struct {
  uint64_t planned;
  uint64_t cases;
  uint64_t skipped;  /* no case: the watchdog did not count yet, or no random cut came in time */
  uint64_t broken;   /* scenes that are not what they say, workers that died */
  uint64_t fired;    /* cuts that happened: one a case, also where it is the recovery that is cut;
                        under random cuts there may be more */
  uint64_t old, new; /* what ran afterwards */
  uint64_t dead;     /* nothing ran */
  uint64_t wrong;    /* something ran that is neither, or not as it should */
  uint64_t upgraded; /* following upgrades that succeeded */
  uint64_t not_upgraded;
  uint64_t known;   /* of upgraded, told from a flash that was seen before */
  uint64_t reports; /* things the firmware did wrong, from the upgrade's begin on */
  uint64_t lasted;  /* flashes whose confirmed program was switched off and on again and again */
  uint64_t seeds;   /* of random cuts, with a case at least */
} SweepCount;

void sweep_count_add(SweepCount *to, const SweepCount *from);
bool sweep_count_is_clean(const SweepCount *count);
/* The firmware is to blame, not the sweep. */
bool sweep_count_has_caught(const SweepCount *count);

/* A flash operation of the upgrade that nobody cuts. */
typedef struct {
  uint32_t addr;
  bool erase;
  uint64_t begun_at, done_at; /* instruction counts */
} SweepOperation;

/* One upgrade ready to be cut. */
typedef struct {
  const SweepScene *scene;
  SyRelease *release;
  SyUpload halves[2];
  Rig *start;               /* before the upgrade */
  Rig *leader, *cut, *work; /* an upgrade under way, where it is cut, what becomes of it */
  WireIdentity before;      /* who ran then */
  uint8_t *old_flash;       /* the flash then */
  unsigned wrongs;          /* what the firmware had done wrong by then */
  GArray *operations;       /* SweepOperation, of the whole upgrade, trial and confirmation too */
  uint64_t begin, end;      /* instruction counts of an upgrade that nobody cuts */
  bool broken;              /* it is not what it says: nothing to cut here */
  bool remembers; /* take a following upgrade for granted when this flash was seen before */
  GHashTable *seen, *lasted;
  char what[96]; /* the present case, for a reader who wants to see it again */
} Sweep;

/* `factory` is the image's file name. */
Sweep *sweep_new(const SweepScene *scene, const char *factory, bool remembers);
void sweep_free(Sweep *sweep);

const SweepOperation *sweep_get_operation(const Sweep *sweep, unsigned n);

/* For all that is worth a line; only the first few are told. */
void sweep_tell(const Sweep *sweep, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* An upgrade to its end; whether it succeeded. */
bool sweep_upgrade(Rig *rig, const SyUpload halves[2]);
unsigned sweep_count_wrongs(Rig *rig);
/* Power on if it is off, and until a program says who it is. */
bool sweep_recover(Rig *rig);
/* Power off and on: another number of times makes another stream of all that is random. */
void sweep_power_cycle(Rig *rig, unsigned times);

/* Runs on until the substation's program says who it is, judges what runs and upgrades it. `rig`
 * has been cut: it may have power or not. */
void sweep_judge(Sweep *sweep, Rig *rig, SweepConfirmed confirmed, SweepCount *count);

/* What becomes of operation n. */
typedef struct {
  unsigned n;
  SimFlashFate fate;
  uint8_t depth;
  unsigned power_cycles; /* before the upgrade */
} SweepCut;

/* Proof 1: a cut, and then each of a set of second cuts in the recovery. */
void sweep_cut_operation(Sweep *sweep, const SweepCut *cut, bool recovery_too, SweepCount *count);

/* Proof 2 and 3: cuts at these instruction counts, in rising order; only those of which the index
 * leaves `part` when divided by `parts`. */
void sweep_cut_instructions(Sweep *sweep, const uint64_t *at, unsigned at_count, SweepKind kind,
                            unsigned part, unsigned parts, SweepCount *count);

/* Proof 3: in the middle of operation n the pin is pulled or the watchdog bites. */
void sweep_reset_inside(Sweep *sweep, unsigned n, SweepKind kind, unsigned percent,
                        SweepCount *count);

/* Proof 4: two upgrades one after the other under random cuts. */
void sweep_random(Sweep *sweep, SyRelease *second, uint32_t seed, SweepCount *count);
