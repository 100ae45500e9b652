/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The identity of a substation, put together from flash. */

#include "fw-identity.h"

void fw_identity_fill(WireIdentity *identity, const FwSelf *self, const uint8_t *flash,
                      WireBank running)
{
  identity->protocol_major = WIRE_PROTOCOL_MAJOR;
  identity->protocol_minor = WIRE_PROTOCOL_MINOR;
  identity->mode = (uint8_t)self->mode;
  identity->running_bank = (uint8_t)running;
  identity->product = WIRE_PRODUCT_DEMO;
  identity->part_id = self->part_id;
  identity->loader_version = FW_LOADER_VERSION;
  identity->program_version = 0;
  identity->reset_cause = (uint8_t)self->reset_cause;
  identity->trial = 0;
  identity->boots = self->boots;
  identity->capabilities = WIRE_CAP_UPGRADE;
  identity->payload_max = WIRE_PAYLOAD_MAX;
  identity->window = 1;
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    WireBankIdentity *entry = &identity->banks[bank - WIRE_BANK_LOW];
    WireImageHeader header = {.version = 0};

    entry->state = (uint8_t)fw_boot_judge(flash, bank, &header);
    bool empty = entry->state == WIRE_BANK_EMPTY;
    entry->version = empty ? 0 : header.version;
    entry->length = empty ? 0 : header.length;
    entry->crc = empty ? 0 : header.crc;
    if (bank == running)
      identity->program_version = entry->version;
  }
}
