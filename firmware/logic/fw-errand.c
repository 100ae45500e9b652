/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The loader's errand. */

#include "fw-errand.h"

#include "fw-boot.h"

/* The start is counted before it begins, or it does not begin: a start that no record counts could
 * be repeated for ever. */
WireBank fw_errand_count_start(const FwFlash *flash, WireBank bank, WireTrialCause evidence,
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
  return fw_boot_judge(flash->memory, NULL, other) == WIRE_BANK_VALID ? other : WIRE_BANK_NONE;
}
