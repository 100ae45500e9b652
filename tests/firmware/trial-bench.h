/* SPDX-License-Identifier: GPL-3.0-or-later */

/* For the tests of fw-trial: LOW settled, HIGH is the program on trial and was started once. */

#pragma once

#include "fw-bench.h"

enum {
  NOW_MS = 5000, /* when the program under test starts */
  LENGTH = 0x500,
  OLD = WIRE_VERSION(1, 0, 0),
  NEW = WIRE_VERSION(1, 1, 0),
};

#define LOW  WIRE_BANK_LOW
#define HIGH WIRE_BANK_HIGH

typedef struct {
  BenchFlash flash;
  FwTrial trial;
  uint8_t reply[WIRE_FRAME_MAX];
  WireDecoder decoder;
  WireFrame answer; /* the reply, read again */
} TrialBench;

/* For cmocka: a bench as trial_prepare makes it. */
int trial_set_up(void **state);
int trial_tear_down(void **state);
void trial_prepare(TrialBench *bench);

/* The program in `bank` starts. */
void trial_start(TrialBench *bench, WireBank bank);
/* There never was another program, and the program under test starts again. */
void trial_leave_alone(TrialBench *bench);
void trial_fail_every_record(TrialBench *bench);

/* Send a request; the payload in an allocation of its own. Return the reply's type. */
unsigned trial_ask(TrialBench *bench, uint8_t type, const uint8_t *payload, size_t length);
unsigned trial_ask_confirm(TrialBench *bench, uint32_t crc);
unsigned trial_ask_go_back(TrialBench *bench, uint32_t crc);

uint32_t trial_crc_of(const TrialBench *bench, WireBank bank);
void trial_check_nak(const TrialBench *bench, unsigned type, WireCause cause, uint32_t detail);
/* Confirmed with this sequence. */
void trial_check_confirmed(TrialBench *bench, uint32_t sequence);

bool trial_is_over(TrialBench *bench, uint32_t after_ms);
/* It leaves, and has recorded that LOW is gone back to, and why. */
void trial_check_returned(TrialBench *bench, uint32_t after_ms, WireTrialCause cause);
/* It leaves, and has put the other program on trial: none of its starts is counted yet. */
void trial_check_switched(TrialBench *bench, WireBank to);

WireIdentity trial_tell(const TrialBench *bench, uint32_t after_ms);
