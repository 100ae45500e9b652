/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The program's side of its trial: it confirms itself when its self-test is done and the
 * workstation has said that it heard it, and gives itself up when that does not come in time or the
 * self-test fails. PROTOCOL.md §5. What it cannot notice itself, a hang or a crash, the watchdog
 * and the jump program do.
 *
 * No I/O and no clock of its own. Every request may be repeated.
 */

#pragma once

#include "fw-record.h"

typedef struct {
  const FwFlash *flash;
  WireBank bank;   /* own */
  WireTrial state; /* RUNNING, or what it was when the program started */
  bool alone;      /* there is no program to go back to */
  uint32_t start_ms;
  bool self_tested;
  uint8_t self_test; /* WireSelfTest bits of what failed */
  bool operator_wants_back;
  uint32_t sequence; /* of the record that confirmed */
  _Alignas(4) uint8_t scratch[WIRE_BLOCK_SIZE];
} FwTrial;

/* `identity` is the program's own, filled. If this start is the end of the other program's trial,
 * that is recorded, with its cause as far as it is known: `evidence` is what this start tells, and
 * the identity is told. Else what settled the last trial is written once more, if that stands only
 * once. */
void fw_trial_init(FwTrial *trial, const FwFlash *flash, WireIdentity *identity,
                   WireTrialCause evidence, uint32_t now_ms);

/* The self-test is done; `failed` has WireSelfTest bits. With no other program to go back to, this
 * alone confirms. */
void fw_trial_end_self_test(FwTrial *trial, uint8_t failed);

/* CONFIRM and GO_BACK. Write the reply into `reply` and return its length. */
size_t fw_trial_handle_confirm(FwTrial *trial, const WireFrame *request, uint8_t *reply);
size_t fw_trial_handle_go_back(FwTrial *trial, const WireFrame *request, uint8_t *reply);

/* Whether the program is settled or at least passed its self-test. */
bool fw_trial_is_proven(const FwTrial *trial);

/* Whether the program must leave now, for what the record log says should run: the record that says
 * so has been written. If flash did not take it the trial's starts are used up instead. */
bool fw_trial_is_over(FwTrial *trial, uint32_t now_ms);

/* Brings the trial's part of an identity up to date. */
void fw_trial_tell(const FwTrial *trial, uint32_t now_ms, WireIdentity *identity);
