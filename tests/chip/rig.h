/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A workstation session and a virtual substation on one line, in virtual time: the real ARM images
 * against the real engine, without a process between them. */

#pragma once

#include "relay.h"
#include "rig-packing.h"
#include "substation.h"
#include "sy-release.h"
#include "sy-session.h"

/* What shall become of a flash operation, and whether it came to that. */
typedef struct {
  unsigned at; /* the n-th from now on, erase or program; 0: none */
  SimFlashFate fate;
  uint8_t depth;
  unsigned begun; /* operations since this was set */
  unsigned done;  /* of them, ended by themselves */
  bool erase;     /* the last one begun is one */
  uint32_t addr;  /* and where it begins */
  bool fired;
  uint64_t begun_at; /* the instruction count when the last one began */
  uint64_t done_at;  /* and when it ended */
} RigCut;

typedef struct Rig Rig;

struct Rig {
  SimSubstation *substation;
  RigCut cut;
  SySession session;
  uint32_t baud;         /* of the line */
  uint32_t garbled_baud; /* at which the line turns bits in every frame, both ways; 0: none */
  unsigned garbled_from; /* that begins behind so many DATA frames */
  unsigned garbled;      /* frames that met it */
  uint32_t misread_baud; /* of which the adapter makes another; 0: none */
  void (*stepped)(void *context, Rig *rig); /* behind each instruction; NULL: nobody looks */
  void *stepped_context;
  Relay *relay; /* NULL: at once and without a fault */
  RigPacking packing;
  bool plain;           /* upgrades stay at the default rate and pack nothing */
  bool one_block;       /* in a DATA frame */
  unsigned data_frames; /* DATA frames that went out in the present job */
  unsigned stop_after;  /* once so many went out, the workstation says nothing any more; 0: never */
  bool stopped;
  unsigned reports;       /* things the firmware did wrong */
  WireIdentity announced; /* the last ANNOUNCE on the line */
  unsigned announcements;
  WireNak nak; /* the last refusal on the line */
  unsigned naks;
  WireLeaving leaving; /* the last LEAVING */
  unsigned leavings;
  uint64_t leaving_us;
  unsigned readings;     /* heard on the line */
  unsigned heard[256];   /* good frames from the substation, by type */
  unsigned rates_failed; /* that the session gave up */
  uint8_t programs[WIRE_FLASH_SIZE / WIRE_BLOCK_SIZE]; /* times that a block was begun to program */
  WireDecoder monitor;                                 /* listens to what the substation sends */
};

/* A release by its file name in the build's firmware folder, or by a path. Fails the test when it
 * is not there. */
SyRelease *rig_load_release(const char *name);

/* Blocks that an upgrade of this bank sends. */
unsigned rig_count_blocks(SyRelease *release, WireBank bank);

/* A substation with the factory image, switched on and up. */
Rig *rig_new(void);
/* The same, where an erase takes 400 ms, as older chips do. */
Rig *rig_new_with_slow_erase(void);
/* The same, with power cuts at another depth of the block (of 256). */
Rig *rig_new_with_cut_depth(uint8_t cut_depth);
/* The same, with another factory image from the build's firmware folder, and power that comes back
 * at once behind a cut. */
Rig *rig_new_with_factory(const char *name);
/* The same, with jump program and loader only. */
Rig *rig_new_blank(const char *name);
void rig_free(Rig *rig);
/* Makes `to` what `from` is now, time included; the faults stay its own. */
void rig_copy(Rig *to, const Rig *from);

/* Brings it to run the 1.1.0 program in HIGH, by an upgrade. */
void rig_move_to_high(Rig *rig);

SimChip *rig_chip(Rig *rig);
uint64_t rig_count_instructions(Rig *rig);
uint64_t rig_now_us(Rig *rig);
void rig_run_ms(Rig *rig, unsigned ms);

/* An upgrade step by step, at the highest rate and packed, unless `plain`: rig_turn sends what is
 * to be sent and runs 0.1 ms. */
void rig_start_upgrade(Rig *rig, const SyUpload halves[2]);
/* The same, with what the workstation makes use of: rates up to this one, packing (may be NULL). */
void rig_start_fast_upgrade(Rig *rig, const SyUpload halves[2], uint32_t baud_max,
                            const SyPacking *packing);
/* Runs the job that was started to its end, or until stop_after silences the workstation. */
void rig_finish(Rig *rig);
/* The workstation is gone, and what it had sent and has not arrived; the next one begins at the
 * default rate. */
void rig_hang_up(Rig *rig);
/* Brings the workstation's end of the line to a rate. */
void rig_set_baud(Rig *rig, uint32_t baud);
/* From now on the line delays, and turns bits. */
void rig_set_line(Rig *rig, uint64_t latency_us, double bit_error_rate, uint32_t seed);
/* From now on a relay is on the line, with this path. */
void rig_set_path(Rig *rig, const RelayPath *path, uint32_t seed);
void rig_pump(Rig *rig);
void rig_turn(Rig *rig);

/* Lets something happen to the n-th block programmed, or sector erased, from now on. */
void rig_add_fault(Rig *rig, SimFaultKind kind, unsigned n);

/* Runs an upgrade to its end, or until stop_after silences the workstation. */
void rig_upgrade(Rig *rig, SyRelease *release);
/* Goes back to the program in the other bank, to the end of the job. */
void rig_go_back(Rig *rig);
/* Reads pages back, as sy_session_start_read does; rig_finish or rig_turn goes on. */
void rig_start_read(Rig *rig, const uint8_t wanted[SY_READ_MAP_SIZE], uint8_t *flash,
                    uint32_t baud_max);
/* Confirms the program that announced itself last, and waits for it; false when it is not. */
bool rig_confirm(Rig *rig);
/* Sends one request, waits until `ms` have passed; what came is in announced and leaving. */
void rig_send(Rig *rig, uint8_t type, const uint8_t *payload, uint16_t length);

/* Asks who is there: the identity, asserted to come. */
WireIdentity rig_identify(Rig *rig);

/* Asserts that a bank of the flash holds exactly the release's program for it. */
void rig_assert_bank_holds(Rig *rig, SyRelease *release, WireBank bank);
