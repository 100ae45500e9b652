/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The loader's errands. */

#include "fw-errand.h"

#include "fw-boot.h"

/* `wanted` if it is whole, else the other, else none. */
static WireBank whole_one(const FwFlash *flash, WireBank wanted)
{
  if (fw_boot_judge(flash->memory, wanted) == WIRE_BANK_VALID)
    return wanted;
  wanted = wire_bank_other(wanted);
  return fw_boot_judge(flash->memory, wanted) == WIRE_BANK_VALID ? wanted : WIRE_BANK_NONE;
}

/* The start is counted before it begins, or it does not begin: a start that no record counts could
 * be repeated for ever. */
static WireBank count_start(const FwFlash *flash, WireBank bank, WireTrialCause evidence,
                            uint8_t *scratch)
{
  const uint8_t *newest = fw_boot_find_record(flash->memory);
  WireBank other = wire_bank_other(bank);
  WireRecord record;

  if (newest && wire_record_read(newest, &record)) {
    if (record.starts > 0 && evidence != WIRE_TRIAL_CAUSE_NONE)
      record.cause = (uint8_t)evidence; /* what an earlier start left outlasts a power cut */
    record.starts++;
    if (fw_record_append(flash, &record, scratch))
      return bank;
  }
  return fw_boot_judge(flash->memory, other) == WIRE_BANK_VALID ? other : WIRE_BANK_NONE;
}

/* Why the trial of the other bank is over, as far as flash and this start know. */
static WireTrialCause find_cause(const FwFlash *flash, WireBank left, WireTrialCause evidence)
{
  const uint8_t *newest = fw_boot_find_record(flash->memory);
  WireRecord record = {.cause = WIRE_TRIAL_CAUSE_NONE};

  if (fw_boot_judge(flash->memory, left) != WIRE_BANK_VALID)
    return WIRE_TRIAL_CAUSE_DAMAGED;
  if (evidence != WIRE_TRIAL_CAUSE_NONE)
    return evidence;
  if (newest)
    wire_record_read(newest, &record);
  return record.cause != WIRE_TRIAL_CAUSE_NONE ? (WireTrialCause)record.cause
                                               : WIRE_TRIAL_CAUSE_STARTS;
}

static WireBank go_back(const FwFlash *flash, const FwEntry *entry, WireTrialCause evidence,
                        uint8_t *scratch)
{
  WireBank bank = (WireBank)entry->bank;
  WireRecord record;

  if (fw_boot_judge(flash->memory, bank) != WIRE_BANK_VALID)
    return whole_one(flash, bank);
  record = fw_record_of_bank(flash->memory, bank, WIRE_RECORD_RETURNED);
  record.cause = entry->cause != WIRE_TRIAL_CAUSE_NONE
                     ? entry->cause
                     : (uint8_t)find_cause(flash, wire_bank_other(bank), evidence);
  /* Without the record the jump program comes to the same decision at the next start. */
  fw_record_append(flash, &record, scratch);
  return bank;
}

/* A program that the operator asks for is not trusted more than one that was just sent. */
static WireBank switch_over(const FwFlash *flash, WireBank bank, uint8_t *scratch)
{
  WireRecord record;

  if (fw_boot_judge(flash->memory, bank) != WIRE_BANK_VALID)
    return whole_one(flash, bank);
  record = fw_record_of_bank(flash->memory, bank, WIRE_RECORD_TRIAL);
  record.starts = 1;
  return fw_record_append(flash, &record, scratch) ? bank : whole_one(flash, wire_bank_other(bank));
}

/* What the jump program asks for must be what it would ask for now: anything else was not sent by
 * it, or the log reads otherwise than a moment ago. */
static bool is_still_asked(const FwFlash *flash, const FwEntry *entry)
{
  return fw_boot_choose(flash->memory) == fw_entry_make(entry->kind, entry->bank, 0);
}

WireBank fw_errand_run(const FwFlash *flash, const FwEntry *entry, WireTrialCause evidence,
                       uint8_t *scratch)
{
  WireBank bank = (WireBank)entry->bank;

  if (entry->kind == FW_ENTRY_SWITCH)
    return switch_over(flash, bank, scratch);
  if ((entry->kind == FW_ENTRY_TRIAL || entry->cause == WIRE_TRIAL_CAUSE_NONE) &&
      !is_still_asked(flash, entry))
    return whole_one(flash, bank);
  return entry->kind == FW_ENTRY_TRIAL ? count_start(flash, bank, evidence, scratch)
                                       : go_back(flash, entry, evidence, scratch);
}
