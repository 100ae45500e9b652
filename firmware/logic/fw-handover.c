/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The mailbox in RAM that survives a reset. */

#include "fw-handover.h"

uint32_t fw_mailbox_get_boots(const volatile FwMailbox *mailbox)
{
  uint32_t boots = mailbox->boots;

  return mailbox->boots_check == ~boots ? boots : 0;
}

void fw_mailbox_count_boot(volatile FwMailbox *mailbox)
{
  uint32_t boots = fw_mailbox_get_boots(mailbox) + 1;

  mailbox->boots = boots;
  mailbox->boots_check = ~boots;
  /* The SRAM's write buffer holds the last word and a reset loses it: write once more. */
  mailbox->boots_check = ~boots;
}

uint32_t fw_mailbox_get_reset_cause(const volatile FwMailbox *mailbox)
{
  uint32_t cause = mailbox->reset_cause;

  return mailbox->reset_cause_check == ~cause ? cause : 0;
}

void fw_mailbox_set_reset_cause(volatile FwMailbox *mailbox, uint32_t cause)
{
  mailbox->reset_cause = cause;
  mailbox->reset_cause_check = ~cause;
}
