/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the loader's interrupts cost and how long they are kept waiting, measured on the modelled
 * chip instruction by instruction, with no help of the firmware; and how long the line has nothing
 * to carry. Times are clocks of the processor. */

#pragma once

#include "rig.h"

typedef struct {
  uint64_t uart_clocks, uart_count; /* from the exception's entry to its return */
  uint64_t longest_interrupt;       /* of any source */
  uint64_t longest_masked;          /* awake, with CPSR.I set and outside an interrupt */
  uint32_t longest_masked_pc;       /* where that ended */
  uint64_t bytes;                   /* that the workstation sent meanwhile */
  uint64_t blocks_clocks;           /* while blocks were sent */
  uint64_t blocks_idle_clocks;      /* of them, with nothing on the line to the substation */

  uint64_t then;  /* the last step ended */
  uint64_t since; /* the present interrupt, or masking, began */
  uint64_t bytes_before;
  bool on, in_interrupt, by_uart, masked, asleep;
} RigProbe;

/* Watches the rig's upgrades: from when the loader was heard until it says that it leaves. */
void rig_probe_set_up(RigProbe *probe, Rig *rig);
