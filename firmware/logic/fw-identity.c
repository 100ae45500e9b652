/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The identity of a substation, put together from flash. */

#include "fw-identity.h"

#include "fw-record.h"

void fw_identity_fill_bank(WireIdentity *identity, const uint8_t *flash, WireBank bank,
                           WireBankState state)
{
  WireBankIdentity *entry = &identity->banks[bank - WIRE_BANK_LOW];
  const uint8_t *image = flash + wire_bank_get_addr(bank);
  bool empty = state == WIRE_BANK_EMPTY || state == WIRE_BANK_UNCHECKED;

  entry->state = state;
  entry->version = empty ? 0 : wire_image_get_version(image);
  entry->length = empty ? 0 : wire_image_get_length(image);
  entry->crc = empty ? 0 : wire_image_get_crc(image);
}

/* The newest record in the light of who runs. A trial whose program does not run is over, also when
 * nobody could record that. */
void fw_identity_set_running(WireIdentity *identity, const uint8_t *flash, WireBank running)
{
  static const uint8_t trials[] = {
      [WIRE_RECORD_CONFIRMED] = WIRE_TRIAL_CONFIRMED,
      [WIRE_RECORD_TRIAL] = WIRE_TRIAL_RUNNING,
      [WIRE_RECORD_RETURNED] = WIRE_TRIAL_RETURNED,
      [WIRE_RECORD_FIRST] = WIRE_TRIAL_RUNNING,
  };
  const uint8_t *newest = fw_boot_find_record(flash);
  WireRecord record;

  identity->running_bank = (uint8_t)running;
  identity->program_version =
      running == WIRE_BANK_NONE ? 0 : identity->banks[running - WIRE_BANK_LOW].version;
  identity->trial = WIRE_TRIAL_NONE;
  identity->trial_starts = 0;
  identity->trial_cause = WIRE_TRIAL_CAUSE_NONE;
  identity->trial_left_s = 0;
  if (!newest || !wire_record_read(newest, &record) || running == WIRE_BANK_NONE)
    return;
  if (record.bank == running && record.crc == identity->banks[running - WIRE_BANK_LOW].crc)
    identity->trial = trials[record.state];
  else if (record.bank != running && trials[record.state] == WIRE_TRIAL_RUNNING)
    identity->trial = WIRE_TRIAL_RETURNED;
  if (identity->trial == WIRE_TRIAL_NONE || identity->trial == WIRE_TRIAL_CONFIRMED)
    return;
  identity->trial_starts = record.starts;
  identity->trial_cause = record.cause;
  if (identity->trial == WIRE_TRIAL_RETURNED && record.cause == WIRE_TRIAL_CAUSE_NONE)
    identity->trial_cause = WIRE_TRIAL_CAUSE_STARTS;
}

void fw_identity_fill(WireIdentity *identity, const FwSelf *self)
{
  identity->protocol_major = WIRE_PROTOCOL_MAJOR;
  identity->protocol_minor = WIRE_PROTOCOL_MINOR;
  identity->mode = (uint8_t)self->mode;
  identity->product = WIRE_PRODUCT_DEMO;
  identity->part_id = self->part_id;
  identity->loader_version = FW_LOADER_VERSION;
  identity->reset_cause = (uint8_t)self->reset_cause;
  identity->boots = self->boots;
  identity->capabilities = WIRE_CAP_UPGRADE | WIRE_CAP_TRIAL | WIRE_CAP_STREAM | WIRE_CAP_PACKED |
                           WIRE_CAP_RATE | WIRE_CAP_RESUME | WIRE_CAP_READ;
  identity->payload_max = WIRE_PAYLOAD_MAX;
  identity->window = FW_WINDOW;
  identity->room = FW_ROOM;
  identity->flags = self->flags;
}
