/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A workstation session and a virtual substation on one line, in virtual time: the real ARM images
 * against the real engine, without a process between them. */

#pragma once

#include "substation.h"
#include "sy-release.h"
#include "sy-session.h"

typedef struct {
  SimSubstation *substation;
  SySession session;
  unsigned data_frames; /* DATA frames that went out in the present job */
  unsigned stop_after;  /* once so many went out, the workstation says nothing any more; 0: never */
  bool stopped;
  unsigned reports;       /* things the firmware did wrong */
  WireIdentity announced; /* the last ANNOUNCE on the line */
  unsigned announcements;
  WireLeaving leaving; /* the last LEAVING */
  unsigned leavings;
  uint64_t leaving_us;
  unsigned readings;   /* heard on the line */
  WireDecoder monitor; /* listens to what the substation sends */
} Rig;

/* A release by its file name in the build's firmware folder. Fails the test when it is not there.
 */
SyRelease *rig_load_release(const char *name);

/* Blocks that an upgrade of this bank sends. */
unsigned rig_count_blocks(SyRelease *release, WireBank bank);

/* A substation with the factory image, switched on and up. NULL hooks. */
Rig *rig_new(void);
/* The same, with power cuts at another depth of the block (of 256). */
Rig *rig_new_with_cut_depth(uint8_t cut_depth);
void rig_free(Rig *rig);

/* Brings it to run the 1.1.0 program in HIGH, by an upgrade. */
void rig_move_to_high(Rig *rig);

uint64_t rig_now_us(Rig *rig);
void rig_run_ms(Rig *rig, unsigned ms);

/* Runs an upgrade to its end, or until stop_after silences the workstation. */
void rig_upgrade(Rig *rig, SyRelease *release);
/* Sends one request, waits until `ms` have passed; what came is in announced and leaving. */
void rig_send(Rig *rig, uint8_t type, const uint8_t *payload, uint16_t length);

/* Asks who is there: the identity, asserted to come. */
WireIdentity rig_identify(Rig *rig);

/* Asserts that a bank of the flash holds exactly the release's program for it. */
void rig_assert_bank_holds(Rig *rig, SyRelease *release, WireBank bank);
