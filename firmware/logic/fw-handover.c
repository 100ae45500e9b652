/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The mailbox in RAM that survives a reset. */

#include "fw-handover.h"

enum { MAILBOX_MAGIC = 0x544f4f42 }; /* "BOOT" */

uint32_t fw_mailbox_get_boots(const volatile FwMailbox *mailbox)
{
  uint32_t boots = mailbox->boots;

  return mailbox->magic == MAILBOX_MAGIC && mailbox->check == ~boots ? boots : 0;
}

void fw_mailbox_count_boot(volatile FwMailbox *mailbox)
{
  uint32_t boots = fw_mailbox_get_boots(mailbox) + 1;

  mailbox->magic = MAILBOX_MAGIC;
  mailbox->boots = boots;
  mailbox->check = ~boots;
  /* The SRAM's write buffer holds the last word and a reset loses it: write once more. */
  mailbox->check = ~boots;
}
