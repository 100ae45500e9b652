/* SPDX-License-Identifier: GPL-3.0-or-later */

/* For the tests of fw-install: a loader on the flash of fw-bench with one program running and
 * another to be sent. Whatever is asked is checked to be one whole reply to the request, or none.
 */

#pragma once

#include "fw-bench.h"

enum {
  INSTALL_LENGTH = 0x2510, /* 19 blocks, the last not full: two sectors */
  INSTALL_BLOCKS = 19,
  INSTALL_OLD = WIRE_VERSION(1, 0, 0),
  INSTALL_NEW = WIRE_VERSION(1, 1, 0),
  INSTALL_TOKEN = 0x21,
};

typedef struct {
  BenchFlash flash;
  BenchImage old, new; /* what runs; what is sent */
  WireBank running;
  WireBank came_from; /* what the loader is told: `running`, unless a test says otherwise */
  FwInstall install;
  uint8_t token, seq;
  uint8_t reply[WIRE_FRAME_MAX];
  size_t reply_length;
  WireDecoder decoder;
  WireFrame answer; /* the reply, read again */
  WireLife life;    /* what the loader tells of its time */
} InstallBench;

/* For cmocka: a bench as install_prepare makes it, WIRE_BANK_LOW running. */
int install_set_up(void **state);
int install_tear_down(void **state);

/* The old program in `running` with a record, the other bank blank, the loader started. */
void install_prepare(InstallBench *bench, WireBank running);
/* The loader starts, as after the upgrade command or a reset. */
void install_start(InstallBench *bench);
uint32_t install_now_ms(const InstallBench *bench);

/* Sends a request; the payload in an allocation of its own. Returns the reply's type, 0: none. */
unsigned install_ask(InstallBench *bench, uint8_t type, const uint8_t *payload, size_t length);
/* The loader does what it left to be done behind its reply. Returns the type of what it sends then,
 * 0: nothing. */
unsigned install_work(InstallBench *bench);
/* BEGIN and the work behind it: the type of the last reply; `answer` is that. */
unsigned install_ask_begin(InstallBench *bench, const WireBegin *begin);
unsigned install_ask_data(InstallBench *bench, unsigned block);
unsigned install_ask_commit(InstallBench *bench);

/* A DATA frame of `count` blocks from `block` on; `install_ask_data` sends one. */
unsigned install_ask_blocks(InstallBench *bench, unsigned block, unsigned count);

/* The BEGIN that announces the new program. */
WireBegin install_make_begin(const InstallBench *bench);

/* These must be granted: BEGIN, a block, all blocks (each verified at once), the whole upgrade. */
void install_begin(InstallBench *bench);
WireDataStatus install_send_data(InstallBench *bench, unsigned block);
void install_send_blocks(InstallBench *bench);
void install_all(InstallBench *bench);

/* The whole upgrade, which may lose power; no answer is judged. */
void install_try_all(InstallBench *bench);

/* `answer`, the reply's type, is a NAK of this content. */
void install_check_nak(InstallBench *bench, unsigned answer, uint8_t type, WireCause cause,
                       uint32_t detail);
/* Both programs are whole and the new one starts, on trial. */
void install_check_new_starts(InstallBench *bench);
/* The new program starts and is confirmed. */
void install_prove_new(InstallBench *bench);
/* What was new is old now and runs; another one is to be sent to where the old one was. */
void install_turn(InstallBench *bench, uint32_t version);
/* The old program is whole and starts. */
void install_check_old_stays(InstallBench *bench);
