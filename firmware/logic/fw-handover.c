/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The mailbox in RAM that survives a reset. */

#include "fw-handover.h"

/* A word and its complement. The SRAM's write buffer holds the last word and a reset loses it: the
 * complement is written twice. */
static void put(volatile uint32_t *word, volatile uint32_t *check, uint32_t value)
{
  *word = value;
  *check = ~value;
  *check = ~value;
}

static uint32_t get(const volatile uint32_t *word, const volatile uint32_t *check)
{
  uint32_t value = *word;

  return *check == ~value ? value : 0;
}

uint32_t fw_mailbox_get_boots(const volatile FwMailbox *mailbox)
{
  return get(&mailbox->boots, &mailbox->boots_check);
}

void fw_mailbox_count_boot(volatile FwMailbox *mailbox)
{
  put(&mailbox->boots, &mailbox->boots_check, fw_mailbox_get_boots(mailbox) + 1);
}

uint32_t fw_mailbox_get_reset_cause(const volatile FwMailbox *mailbox)
{
  return get(&mailbox->reset_cause, &mailbox->reset_cause_check);
}

void fw_mailbox_set_reset_cause(volatile FwMailbox *mailbox, uint32_t cause)
{
  put(&mailbox->reset_cause, &mailbox->reset_cause_check, cause);
}

void fw_mailbox_set_crash(volatile FwMailbox *mailbox, uint32_t mode)
{
  put(&mailbox->crash, &mailbox->crash_check, mode);
}

uint32_t fw_mailbox_take_crash(volatile FwMailbox *mailbox)
{
  uint32_t mode = get(&mailbox->crash, &mailbox->crash_check);

  put(&mailbox->crash, &mailbox->crash_check, 0);
  return mode;
}
