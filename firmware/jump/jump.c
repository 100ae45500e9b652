/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The jump program: first after every reset, it starts the program that should run. It decides
 * nothing itself (logic/fw-boot.c), writes no flash and keeps nothing in RAM but the boot count and
 * the table of its CRC: a start that must be counted is an errand of the loader's. */

#include "cpu.h"
#include "fw-boot.h"
#include "fw-handover.h"
#include "watchdog.h"

void start_main(uint32_t reason)
{
  (void)reason;
  cpu_set_up_clocks();
  wire_crc_prepare();
  /* It is on if a program handed over rather than a reset. Once is enough: judging both banks takes
   * a tenth of a second, the watchdog two. */
  watchdog_feed_masked();
  fw_mailbox_count_boot((volatile FwMailbox *)FW_MAILBOX_ADDR);

  uint32_t word = fw_boot_choose((const uint8_t *)0);

  if (fw_entry_get_kind(word) == FW_ENTRY_PROGRAM)
    cpu_enter(wire_bank_get_addr((WireBank)fw_entry_get_bank(word)), 0);
  cpu_enter(WIRE_LOADER_ADDR, word);
}

void start_over(uint32_t mode)
{
  (void)mode;
  cpu_enter(WIRE_LOADER_ADDR, fw_entry_make(FW_ENTRY_NO_PROGRAM, WIRE_BANK_NONE));
}
