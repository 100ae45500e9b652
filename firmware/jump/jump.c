/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The jump program: first after every reset, it starts the program that should run. It decides
 * nothing itself (logic/fw-boot.c) and keeps nothing in RAM but the boot count. */

#include "cpu.h"
#include "fw-boot.h"
#include "fw-handover.h"
#include "watchdog.h"

void start_main(uint32_t reason)
{
  (void)reason;
  cpu_set_up_clocks();
  /* It is on if a program handed over rather than a reset. Once is enough: judging both banks takes
   * a fifth of a second, the watchdog two. */
  watchdog_feed_masked();
  fw_mailbox_count_boot((volatile FwMailbox *)FW_MAILBOX_ADDR);

  WireBank bank = fw_boot_choose((const uint8_t *)0);

  if (bank == WIRE_BANK_NONE)
    cpu_enter(WIRE_LOADER_ADDR, FW_ENTRY_NO_PROGRAM);
  cpu_enter(wire_bank_map(bank)->addr, 0);
}

void start_over(void)
{
  cpu_enter(WIRE_LOADER_ADDR, FW_ENTRY_NO_PROGRAM);
}
