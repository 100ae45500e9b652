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
  bool late; /* the last of `before` was confirmed at its last start only */
} SweepScene;

/* Between them: both directions, an idle bank that is empty or holds a whole third program, a
 * record log that is sound and one that has to be emptied. */
extern const SweepScene sweep_scenes[];
extern const unsigned sweep_scene_count;

typedef enum { SWEEP_POWER, SWEEP_PIN, SWEEP_WATCHDOG } SweepKind;

/* What is counted. Summed over worker processes, so numbers only. */
typedef struct {
  uint64_t cases;
  uint64_t fired;    /* cuts that happened: one a case, two where a recovery is cut too */
  uint64_t old, new; /* what ran afterwards */
  uint64_t dead;     /* nothing ran */
  uint64_t wrong;    /* something ran that is neither, or not as it should */
  uint64_t upgraded; /* following upgrades that succeeded */
  uint64_t not_upgraded;
  uint64_t known;   /* of upgraded, told from a flash that was seen before */
  uint64_t reports; /* things the firmware did wrong on the way */
} SweepCount;

void sweep_count_add(SweepCount *to, const SweepCount *from);
bool sweep_count_is_clean(const SweepCount *count);

/* One upgrade ready to be cut. */
typedef struct {
  const SweepScene *scene;
  SyRelease *release;
  SyUpload halves[2];
  Rig *start;               /* before the upgrade */
  Rig *leader, *cut, *work; /* an upgrade under way, where it is cut, what becomes of it */
  WireIdentity before;      /* who ran then */
  uint8_t *old_flash;       /* the flash then */
  unsigned operations; /* flash operations of the whole upgrade, trial and confirmation included */
  uint64_t begin, end; /* instruction counts of an upgrade that nobody cuts */
  GArray *edges;       /* of them, where a flash operation begins or ends: uint64_t */
  bool remembers;      /* take a following upgrade for granted when this flash was seen before */
  GHashTable *seen;
} Sweep;

/* `factory` is the image's file name. */
Sweep *sweep_new(const SweepScene *scene, const char *factory, bool remembers);
void sweep_free(Sweep *sweep);

/* Runs on until the substation's program says who it is, judges what runs and upgrades it. `rig`
 * has been cut: it may have power or not. `was_confirming`: the workstation may have confirmed. */
void sweep_judge(Sweep *sweep, Rig *rig, bool was_confirming, SweepCount *count);

/* Proof 1: operation n meets this fate, and then each of a set of second cuts in the recovery. */
void sweep_cut_operation(Sweep *sweep, unsigned n, SimFlashFate fate, uint8_t depth,
                         bool recovery_too, SweepCount *count);

/* Proof 2 and 3: cuts at these instruction counts, in rising order; only those of which the index
 * leaves `part` when divided by `parts`. */
void sweep_cut_instructions(Sweep *sweep, const uint64_t *at, unsigned at_count, SweepKind kind,
                            unsigned part, unsigned parts, SweepCount *count);

/* Proof 3: in the middle of operation n the pin is pulled or the watchdog bites. */
void sweep_reset_inside(Sweep *sweep, unsigned n, SweepKind kind, unsigned percent,
                        SweepCount *count);

/* Proof 4: two upgrades one after the other under random cuts. */
void sweep_random(Sweep *sweep, SyRelease *second, uint32_t seed, SweepCount *count);
