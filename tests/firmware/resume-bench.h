/* SPDX-License-Identifier: GPL-3.0-or-later */

/* For the tests of transfers that are interrupted and go on: on the bench of install-bench an image
 * that is longer than the window and two sectors. */

#pragma once

#include "install-bench.h"

/* The last block is not full. */
enum {
  RESUME_BLOCKS = 53,
  RESUME_LENGTH = 53 * WIRE_BLOCK_SIZE - 100,
  RESUME_SECTOR = WIRE_BLOCKS_PER_SECTOR,
};

/* The flash operations of a transfer that begins anew with a sound log: BEGIN's are two records and
 * an erase; then come all blocks but the first; COMMIT's are the record and the seal. */
enum {
  RESUME_AT_BLOCKS = 3,
  RESUME_AT_RECORD = RESUME_AT_BLOCKS + RESUME_BLOCKS - 1,
  RESUME_AT_SEAL,
};

/* How many blocks from the first on are never kept: block 0 waits in RAM, which is lost. */
enum { RESUME_NEVER_KEPT = 1 };

/* In which order blocks are sent, as far as the window goes: 0 as they stand, else by chance. */
typedef uint32_t ResumeOrder;

/* As install_prepare; and with so many places of the log used. */
void resume_prepare(InstallBench *bench, WireBank running);
void resume_prepare_log(InstallBench *bench, WireBank running, unsigned used);

/* BEGIN and the work behind it: the type of the last reply; what it says, if it is granted. */
unsigned resume_begin(InstallBench *bench, WireBeginMode mode, WireBegun *begun);
bool resume_is_kept(const WireBegun *begun, unsigned block);
unsigned resume_count_kept(const WireBegun *begun);

/* Sends what is missing until `limit` blocks are there from the first on, or power is lost. */
void resume_send_missing(InstallBench *bench, unsigned missing, unsigned limit, ResumeOrder order);

/* A whole upgrade that may lose power; no answer is judged but by what it says is missing. */
void resume_try_all(InstallBench *bench, WireBeginMode mode, ResumeOrder order);

/* `blocks` have come when power fails, between two operations. */
void resume_interrupt(InstallBench *bench, WireBank running, unsigned blocks);

/* The newest record, with what it marks, stands so often that `used` places of the log are. */
void resume_fill_log(InstallBench *bench, unsigned used);

/* Power comes back and the old program starts; that enters the loader. Returns false when the new
 * one starts already: then there is nothing to go on with. */
bool resume_come_back(InstallBench *bench);

/* The upgrade goes on and to its end; what the loader says it keeps is what was sent. Returns how
 * many blocks were kept. */
unsigned resume_go_on(InstallBench *bench, ResumeOrder order);

/* How many that must be when `used` blocks from the first on had been programmed: whole sectors
 * below the window's doubt. */
unsigned resume_expect_kept(unsigned used);
