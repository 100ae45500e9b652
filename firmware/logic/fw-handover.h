/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What one program leaves for the next: why it enters the loader, and what lies in RAM. */

#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Why the loader is entered, in r0 at WIRE_LOADER_ADDR: mark, a bit for user mode, kind and bank.
 * With the mark, a stray SWI is told from a wanted one. */
typedef enum {
  FW_ENTRY_PROGRAM = 0,    /* not for the loader: the jump program starts `bank` itself */
  FW_ENTRY_NO_PROGRAM = 1, /* from the jump program: nothing can be started */
  FW_ENTRY_UPGRADE = 2,    /* from the program in `bank`, which got the upgrade command */
  FW_ENTRY_START = 3,      /* start what should run; on trial, the start of `bank` is counted */
  FW_ENTRY_LISTEN = 6,     /* the program in `bank` is not proven and there is no other */
} FwEntryKind;

enum {
  FW_ENTRY_MARK = 0x5357,       /* upper half of the word */
  FW_ENTRY_USER_MODE = 1 << 15, /* set by the SWI handler (start.S) */
};

static inline uint32_t fw_entry_make(FwEntryKind kind, uint32_t bank)
{
  return (uint32_t)FW_ENTRY_MARK << 16 | (uint32_t)kind << 8 | bank;
}

/* Without the mark somebody came here by accident. */
static inline bool fw_entry_is_wanted(uint32_t word)
{
  return word >> 16 == FW_ENTRY_MARK;
}

static inline FwEntryKind fw_entry_get_kind(uint32_t word)
{
  return (FwEntryKind)(word >> 8 & 0x7f);
}

/* A WireBank, as far as whoever entered is to be trusted. */
static inline uint32_t fw_entry_get_bank(uint32_t word)
{
  return word & 15;
}

/* What survives from one program to the next, and a reset. It lies in RAM that no linker script
 * gives away and that the ROM leaves alone (UM10114 §21.5.11 to .13), and is not cleared at start.
 * RAM is random after power-on: each word counts only with its complement beside it. */
typedef struct {
  uint32_t boots;
  uint32_t boots_check;
  uint32_t reset_cause;
  uint32_t reset_cause_check;
  uint32_t crash;
  uint32_t crash_check;
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

/* A program leaves the mode of the exception it cannot go on from; whoever looks takes it away. 0:
 * none. */
void fw_mailbox_set_crash(volatile FwMailbox *mailbox, uint32_t mode);
uint32_t fw_mailbox_take_crash(volatile FwMailbox *mailbox);
