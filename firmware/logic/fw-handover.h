/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What one program leaves for the next in RAM, and why it enters it. */

#pragma once

#include <stdbool.h>
#include <stdint.h>

/* In r0 when the loader is entered at WIRE_LOADER_ADDR. */
typedef enum {
  FW_ENTRY_NO_PROGRAM = 0, /* from the jump program: no bank holds a whole image */
  FW_ENTRY_UPGRADE = 1,    /* from a program that got the upgrade command */
} FwEntry;

/* What survives from one program to the next, and a reset. It lies in RAM that no linker script
 * gives away and that the ROM leaves alone (UM10114 §21.5.11 to .13), and is not cleared at start.
 * RAM is random after power-on: each word counts only with its complement beside it. */
typedef struct {
  uint32_t boots;
  uint32_t boots_check;
  uint32_t reset_cause;
  uint32_t reset_cause_check;
} FwMailbox;

enum { FW_MAILBOX_ADDR = 0x40000200, FW_MAILBOX_SIZE = 64 };

/* One boot more; starts at 1 when the mailbox holds nothing. */
void fw_mailbox_count_boot(volatile FwMailbox *mailbox);

/* Boots since power-on, 0 when the mailbox holds nothing. */
uint32_t fw_mailbox_get_boots(const volatile FwMailbox *mailbox);

/* The last reset's cause (WireResetCause), as whoever ran first after it learnt it; 0 for nobody.
 */
void fw_mailbox_set_reset_cause(volatile FwMailbox *mailbox, uint32_t cause);
uint32_t fw_mailbox_get_reset_cause(const volatile FwMailbox *mailbox);
