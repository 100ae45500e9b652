/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The device side of an upgrade: what the loader does with each request. PROTOCOL.md §5.
 *
 * No I/O and no clock of its own: frames and milliseconds go in, reply frames come out, flash is
 * behind FwFlash. Calls to flash are synchronous; what takes long, the erase, is work that is done
 * behind the answer, while the line goes on and frames wait. Every request may be repeated: a
 * repeated one is answered again and changes nothing.
 *
 * Order of commitment: image blocks 1 and up as they come; COMMIT checks the CRC over them and
 * block 0 (held in RAM so far), writes the bank record, which puts it on trial, and programs block
 * 0, which holds header and vectors and so is the seal. Before the seal the idle bank is no program
 * to anybody.
 */

#pragma once

#include "fw-identity.h"
#include "fw-record.h"

enum {
  FW_SILENCE_MS = 10000,   /* source design §3.3: 10 s without traffic, back to the program */
  FW_PROGRAM_ATTEMPTS = 3, /* of a block: erase and program again, then give up */
  FW_SOUND_SIZE = WIRE_FLASH_SIZE / WIRE_BLOCK_SIZE / 8,
};

typedef enum {
  FW_INSTALL_IDLE,
  FW_INSTALL_RECEIVING,
  FW_INSTALL_COMMITTED,
} FwInstallState;

/* What is asked for most comes first: the chip's short loads reach no farther. */
typedef struct {
  uint8_t token;    /* of the conversation that began */
  uint8_t leaving;  /* WireLeavingCause, 0: stay */
  bool on_trial;    /* the program that runs when we leave, with another to go back to */
  bool proven;      /* it has proved itself, so its record may say so */
  bool rubbish;     /* since last_ms something was heard, but nothing of use */
  bool can_return;  /* from what was committed */
  uint16_t missing; /* no block below is */
  FwInstallState state;
  WireBegin begin;
  const FwFlash *flash;
  uint32_t last_ms;      /* when upgrade traffic was last heard */
  uint32_t flash_status; /* of IAP, when a block was programmed last */
  uint32_t record_sequence;
  uint32_t mark;                 /* what the log said at BEGIN that the idle bank is erased for */
  unsigned first_erased;         /* the first sector that is erased: those before it are kept */
  WireFrame work;                /* BEGIN, answered and not done yet; type 0: none. No payload */
  const volatile WireLife *life; /* told with COMMIT's answer; whoever inits sets it */
  WireIdentity identity;
  /* Blocks of the whole flash that hold what they should: those of the running program, and of the
   * new one what is verified. Packed blocks may lean on them, but for block 0 of the new one, which
   * counts as soon as it has come although it is not in flash before the seal. */
  uint8_t sound[FW_SOUND_SIZE];
  uint8_t repeats[WIRE_SECTOR_COUNT];
  /* Word aligned, because IAP reads them (UM10114 table 324). */
  _Alignas(4) uint8_t seal[WIRE_BLOCK_SIZE];
  _Alignas(4) uint8_t scratch[WIRE_DATA_BLOCKS_MAX * WIRE_BLOCK_SIZE];
} FwInstall;

/* Judges flash (see fw_identity_fill for the time it takes) and waits for requests. `flash` must
 * stay. `came_from` is the bank of the program that entered the loader, as it said itself; NONE
 * when none did. Such a program has proved itself, or is settled. */
void fw_install_init(FwInstall *install, const FwFlash *flash, const FwSelf *self,
                     WireBank came_from, uint32_t now_ms);

/* Handles one request and writes the reply into `reply`, WIRE_FRAME_MAX bytes. Returns its length;
 * 0 when the frame was a reply itself and wants no answer. */
size_t fw_install_handle(FwInstall *install, const WireFrame *request, uint32_t now_ms,
                         uint8_t *reply);

/* Whether the last request has left something to be done. */
static inline bool fw_install_has_work(const FwInstall *install)
{
  return install->work.type != 0;
}

/* Does it, when the reply has been sent. Returns the length of
 * another reply to it, written into `reply`: when the work failed, else 0. */
size_t fw_install_work(FwInstall *install, uint8_t *reply);

/* Bytes came that were no good frame: says only why the loader leaves, when it does. */
void fw_install_note_rubbish(FwInstall *install);

/* Why the loader should leave now, or 0. To be asked after each request and from time to time. With
 * no program to go back to it stays for ever. */
WireLeavingCause fw_install_get_leaving(FwInstall *install, uint32_t now_ms);

/* The bank that runs after leaving. */
WireBank fw_install_get_running(const FwInstall *install);

/* What starts after leaving, as fw_boot_choose says it. Behind a commit nobody computes the CRCs
 * once more for that: both programs' have just been right. */
uint32_t fw_install_choose(const FwInstall *install);
