/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The program's side of its trial. */

#include "fw-trial.h"

#include "fw-boot.h"
#include "fw-handover.h"
#include "fw-reply.h"

/* A program that is switched to needs a record of that, may need all its starts, and one of the
 * end. */
enum { RECORDS_OF_A_SWITCH = 1 + WIRE_TRIAL_STARTS + 1 };

/* A program that came when there was none that could be gone back to. */
static bool is_first(const FwFlash *flash)
{
  const uint8_t *newest = fw_boot_find_record(flash->memory);

  return newest && wire_record_get_state(newest) == WIRE_RECORD_FIRST;
}

/* What settled the last trial is written once more by a start that comes after it: behind that no
 * record matters any more that was torn and reads right by chance. */
static void settle_for_good(FwTrial *trial)
{
  WireRecord record;

  if (fw_record_is_settled_once(trial->flash->memory) &&
      wire_record_read(fw_boot_find_record(trial->flash->memory), &record) &&
      record.bank == trial->bank)
    fw_record_append(trial->flash, &record, trial->scratch);
}

/* Why the trial of the program in the other bank, of which `record` is the newest record, is over.
 */
static WireTrialCause find_cause(const WireIdentity *identity, const WireRecord *record,
                                 WireTrialCause evidence)
{
  if (identity->banks[record->bank - WIRE_BANK_LOW].state != WIRE_BANK_VALID)
    return WIRE_TRIAL_CAUSE_DAMAGED;
  if (evidence != WIRE_TRIAL_CAUSE_NONE)
    return evidence;
  return record->cause != WIRE_TRIAL_CAUSE_NONE ? (WireTrialCause)record->cause
                                                : WIRE_TRIAL_CAUSE_STARTS;
}

static void record_return(FwTrial *trial, WireTrialCause cause, WireBank bank)
{
  WireRecord record = fw_record_of_bank(trial->flash->memory, bank, WIRE_RECORD_RETURNED);

  record.cause = (uint8_t)cause;
  fw_record_append(trial->flash, &record, trial->scratch);
}

/* The other program was on trial and we were started. Without the record the jump program comes to
 * the same decision at the next start. */
static bool end_trial_of_other(FwTrial *trial, WireIdentity *identity, WireTrialCause evidence)
{
  const uint8_t *newest = fw_boot_find_record(trial->flash->memory);
  WireRecord record;

  if (!newest || !wire_record_read(newest, &record) || record.state != WIRE_RECORD_TRIAL ||
      record.bank == trial->bank)
    return false;
  identity->trial_cause = (uint8_t)find_cause(identity, &record, evidence);
  record_return(trial, (WireTrialCause)identity->trial_cause, trial->bank);
  return true;
}

void fw_trial_init(FwTrial *trial, const FwFlash *flash, WireIdentity *identity,
                   WireTrialCause evidence, uint32_t now_ms)
{
  WireBank other = wire_bank_other((WireBank)identity->running_bank);

  trial->flash = flash;
  trial->bank = (WireBank)identity->running_bank;
  trial->state = (WireTrial)identity->trial;
  trial->alone = identity->banks[other - WIRE_BANK_LOW].state != WIRE_BANK_VALID || is_first(flash);
  trial->start_ms = now_ms;
  trial->self_tested = false;
  trial->self_test = 0;
  trial->operator_wants_back = false;
  trial->sequence = 0;
  if (!end_trial_of_other(trial, identity, evidence) && trial->state != WIRE_TRIAL_RUNNING)
    settle_for_good(trial);
}

static bool confirm(FwTrial *trial)
{
  WireRecord record = fw_record_of_bank(trial->flash->memory, trial->bank, WIRE_RECORD_CONFIRMED);

  if (!fw_record_append(trial->flash, &record, trial->scratch))
    return false;
  trial->sequence = record.sequence;
  trial->state = WIRE_TRIAL_CONFIRMED;
  return true;
}

void fw_trial_end_self_test(FwTrial *trial, uint8_t failed)
{
  trial->self_tested = true;
  trial->self_test = failed;
  if (trial->alone && failed == 0 && trial->state == WIRE_TRIAL_RUNNING)
    confirm(trial);
}

static size_t reply_confirmed(const FwTrial *trial, const WireFrame *request, uint8_t *reply)
{
  WireConfirmed confirmed = {.sequence = trial->sequence};

  return fw_reply_finish(request, wire_confirmed_write(&confirmed, fw_reply_payload(reply)), reply);
}

/* CONFIRM and GO_BACK name the program they are about, so that one which the line repeats late
 * reaches no other. False: refused, and the length of the refusal is written. */
static bool is_about_us(const FwTrial *trial, const WireFrame *request, uint8_t *reply,
                        size_t *length)
{
  uint32_t own_crc = wire_image_get_crc(trial->flash->memory + wire_bank_get_addr(trial->bank));
  WireConfirm heard;

  if (!wire_confirm_read(request, &heard))
    *length = fw_reply_nak(request, WIRE_CAUSE_BAD_LENGTH, request->length, reply);
  else if (heard.crc != own_crc)
    *length = fw_reply_nak(request, WIRE_CAUSE_WRONG_IMAGE, own_crc, reply);
  else
    return true;
  return false;
}

size_t fw_trial_handle_confirm(FwTrial *trial, const WireFrame *request, uint8_t *reply)
{
  size_t length;

  if (!is_about_us(trial, request, reply, &length))
    return length;
  if (trial->state != WIRE_TRIAL_RUNNING)
    return reply_confirmed(trial, request, reply);
  if (!trial->self_tested || trial->self_test != 0)
    return fw_reply_nak(request, WIRE_CAUSE_SELF_TEST, trial->self_test, reply);
  if (!confirm(trial))
    return fw_reply_nak(request, WIRE_CAUSE_RECORD_FAILED, 0, reply);
  return reply_confirmed(trial, request, reply);
}

size_t fw_trial_handle_go_back(FwTrial *trial, const WireFrame *request, uint8_t *reply)
{
  unsigned free = WIRE_RECORD_COUNT - fw_record_find_free_slot(trial->flash->memory);
  size_t length;

  if (!is_about_us(trial, request, reply, &length))
    return length;
  if (trial->alone)
    return fw_reply_nak(request, WIRE_CAUSE_NO_OTHER, 0, reply);
  if (free < (trial->state == WIRE_TRIAL_RUNNING ? 1 : RECORDS_OF_A_SWITCH))
    return fw_reply_nak(request, WIRE_CAUSE_RECORD_FAILED, 0, reply);
  trial->operator_wants_back = true;
  return fw_reply_finish(request, 0, reply);
}

bool fw_trial_is_proven(const FwTrial *trial)
{
  return trial->state != WIRE_TRIAL_RUNNING || (trial->self_tested && trial->self_test == 0);
}

static WireTrialCause find_verdict(const FwTrial *trial, uint32_t now_ms)
{
  if (trial->operator_wants_back)
    return WIRE_TRIAL_CAUSE_OPERATOR;
  if (trial->self_tested && trial->self_test != 0)
    return WIRE_TRIAL_CAUSE_SELF_TEST;
  if (now_ms - trial->start_ms >= WIRE_TRIAL_MS)
    return WIRE_TRIAL_CAUSE_NOT_HEARD;
  return WIRE_TRIAL_CAUSE_NONE;
}

/* A program that the operator asks for is not trusted more than one that was just sent. */
static void record_switch(FwTrial *trial, WireBank bank)
{
  WireRecord record = fw_record_of_bank(trial->flash->memory, bank, WIRE_RECORD_TRIAL);

  fw_record_append(trial->flash, &record, trial->scratch);
}

bool fw_trial_is_over(FwTrial *trial, uint32_t now_ms)
{
  WireBank other = wire_bank_other(trial->bank);
  WireTrialCause cause = find_verdict(trial, now_ms);

  if (trial->state == WIRE_TRIAL_RUNNING && cause != WIRE_TRIAL_CAUSE_NONE && !trial->alone)
    record_return(trial, cause, other);
  else if (trial->operator_wants_back)
    record_switch(trial, other);
  else
    return false;
  return true;
}

void fw_trial_tell(const FwTrial *trial, uint32_t now_ms, WireIdentity *identity)
{
  uint32_t used_ms = now_ms - trial->start_ms;

  identity->trial = (uint8_t)trial->state;
  identity->trial_left_s = trial->state == WIRE_TRIAL_RUNNING && used_ms < WIRE_TRIAL_MS
                               ? (uint16_t)((WIRE_TRIAL_MS - used_ms + 999) / 1000)
                               : 0;
  if (trial->state == WIRE_TRIAL_CONFIRMED) {
    identity->trial_cause = WIRE_TRIAL_CAUSE_NONE;
    identity->trial_starts = 0;
  }
  if (trial->self_tested && trial->self_test == 0)
    identity->flags |= WIRE_FLAG_SELF_TEST;
}
