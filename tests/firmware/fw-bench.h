/* SPDX-License-Identifier: GPL-3.0-or-later */

/* For the tests of the firmware's logic: images made in memory, and a flash that obeys the chip's
 * rules, logs what is done to it, fails when told and loses power when told.
 *
 * Rules that fail the test when they are broken: only sectors 1 to 14 are touched; a block is
 * programmed once per erase (lpc2114 sheet §1.4), aligned, from aligned RAM; a sector whose erase
 * was interrupted counts as not erased, whatever it reads. */

#pragma once

#include "fw-handover.h"
#include "fw-install.h"
#include "fw-trial.h"
#include "wire-random.h"

enum {
  BENCH_LENGTH_MAX = 0x7000,
  BENCH_OPERATIONS_MAX = 1024,
  BENCH_ERASE_MS = 100,
  BENCH_PROGRAM_MS = 1,
};

typedef struct {
  WireBank bank;
  WireImageHeader header;
  uint32_t length;
  uint8_t bytes[BENCH_LENGTH_MAX];
} BenchImage;

/* A program right in every check; its bytes depend on bank and version. */
void bench_image_make(BenchImage *image, WireBank bank, uint32_t version, uint32_t length);
/* Puts header, vector sum and CRC right after a change of image->header or of the bytes. */
void bench_image_seal(BenchImage *image);
/* Block `block` with 0xFF behind the image's end. */
void bench_image_get_block(const BenchImage *image, unsigned block, uint8_t *to);

typedef struct {
  bool erase;
  bool done;     /* false: it failed or was cut */
  uint32_t addr; /* of the block, or of the first sector */
  unsigned last_sector;
} BenchOperation;

typedef enum {
  BENCH_CUT_NONE,
  BENCH_CUT_BEFORE,
  BENCH_CUT_TORN,  /* inside: part of the bytes has changed */
  BENCH_CUT_BLANK, /* inside an erase: reads blank and is not; inside a program: all but the end */
  BENCH_CUT_AFTER,
  /* inside, and nothing that reads has changed, but for a record: what is programmed there twice no
   * log of any order could tell. In an erase the bytes still read as before. */
  BENCH_CUT_UNSEEN,
} BenchCut;

typedef struct {
  FwFlash flash; /* for fw_install_init */
  uint8_t memory[WIRE_FLASH_SIZE];
  bool used[WIRE_FLASH_SIZE / WIRE_BLOCK_SIZE]; /* programmed since the last whole erase */
  uint64_t now_us;                              /* the caller's clock; operations move it on */
  BenchOperation operations[BENCH_OPERATIONS_MAX];
  unsigned count;

  uint32_t fail_addr; /* programming this block, or any of its sector, fails … */
  bool fail_sector;
  unsigned fail_times;    /* … so often */
  bool fail_silently;     /* with status 0 and a wrong byte */
  unsigned fail_erases;   /* so many erases fail */
  unsigned fail_erase_at; /* or one: the next is number 1 */
  bool forgiving;         /* a record may be programmed where it was not erased: behind an erase of
                             the log that was interrupted there is no better place */

  BenchCut cut;    /* power is lost at … */
  unsigned cut_at; /* … this operation, counted from 0 */
  bool dead;       /* it was lost: nothing happens any more until bench_flash_power_on */
} BenchFlash;

void bench_flash_init(BenchFlash *flash);
void bench_flash_power_on(BenchFlash *flash);

/* Test's own hand, outside the rules: an image, a record, whole. */
void bench_flash_put(BenchFlash *flash, const BenchImage *image);
void bench_flash_erase_bank(BenchFlash *flash, WireBank bank);

/* A record of what lies in `bank`. */
WireRecord bench_record_make(const BenchFlash *flash, WireBank bank, WireRecordState state,
                             uint32_t sequence);
/* Records put into the log: one that confirms; of a trial; of a first program; any; and what is
 * none. */
void bench_flash_put_record(BenchFlash *flash, unsigned slot, WireBank bank, uint32_t sequence);
void bench_flash_put_trial(BenchFlash *flash, unsigned slot, WireBank bank, uint32_t sequence,
                           uint8_t starts);
void bench_flash_put_first(BenchFlash *flash, unsigned slot, WireBank bank, uint32_t sequence);
void bench_flash_put_any_record(BenchFlash *flash, unsigned slot, const WireRecord *record);
void bench_flash_put_garbage(BenchFlash *flash, unsigned slot, unsigned last_slot, uint32_t seed);
void bench_flash_erase_log(BenchFlash *flash);
/* The newest record; its bank is NONE when there is none. */
WireRecord bench_flash_get_record(const BenchFlash *flash);

/* The bank that the jump program starts itself or behind a loader that listens, NONE when it must
 * stay in the loader; that a start must be counted first fails the test. */
WireBank bench_flash_get_start(const BenchFlash *flash);
/* A reset up to the program: the choice, and the loader if that is asked for, which counts the
 * start, or has its session with nobody on the line. The bank that is entered, or NONE. `evidence`
 * is what is left of it for the program. */
WireBank bench_flash_enter(BenchFlash *flash, WireTrialCause *evidence);
/* And the program starts, which may have something to record. */
WireBank bench_flash_boot(BenchFlash *flash, WireTrialCause evidence);

/* An identity with both banks judged. */
void bench_identity_fill(WireIdentity *identity, const BenchFlash *flash, const FwSelf *self,
                         WireBank running);

/* The program in `bank` as it starts, which may have something to record; with its identity; and
 * as it is confirmed, which must succeed. */
void bench_trial_start(FwTrial *trial, BenchFlash *flash, WireBank bank);
WireIdentity bench_trial_start_with(FwTrial *trial, BenchFlash *flash, WireBank bank,
                                    WireTrialCause evidence);
void bench_trial_confirm(BenchFlash *flash, WireBank bank);

/* Whether the bank holds exactly this image. */
bool bench_flash_holds(const BenchFlash *flash, const BenchImage *image);
