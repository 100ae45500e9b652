/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Start-up, interrupts and leaving, below the C of jump, loader and program. */

#pragma once

#include <stdint.h>

/* Called by start.S as the first C: SVC mode, interrupts masked, stacks set, RAM as it was found.
 * Each image has its own. `reason` is r0 at entry. */
void start_main(uint32_t reason) __attribute__((noreturn));

/* Called after a fault the image cannot go on from; each image has its own. `mode` is the CPSR of
 * the exception. */
void start_over(uint32_t mode) __attribute__((noreturn));

/* Full speed from flash (MAMTIM 1 is right below 20 MHz, UM10114 table 26) and PCLK = CCLK (115200
 * needs it). Whatever ran before is not trusted to have left them so. */
void cpu_set_up_clocks(void);

/* Quiets what was left on, copies initialised data and RAM code, clears the rest, fills the table
 * of the CRC and brings the vectors to RAM. */
void cpu_set_up_ram(void);

/* Leaves everything quiet for whoever comes next: interrupts masked and off at their sources,
 * vectors of flash in the window. */
void cpu_quiet(void);

/* An interrupt handler (start.S calls it): answers where the clocks that it takes are counted. */
typedef volatile uint32_t *CpuHandler(void);

/* Interrupt `handler` of `channel` gets slot `slot` (0 is first) and is switched on. It must be
 * CPU_RAM_CODE. */
void cpu_set_handler(unsigned slot, unsigned channel, CpuHandler *handler);

/* The core sleeps until an interrupt; call with interrupts masked, so that none slips in between
 * the look for work and the sleep. */
void cpu_idle(void);

uint32_t cpu_mask_irq(void);
void cpu_restore_irq(uint32_t cpsr);
void cpu_enable_irq(void);
void cpu_enter(uint32_t addr, uint32_t reason) __attribute__((noreturn));

/* For code that must run while flash is busy (UM10114 §21.5.10). */
#define CPU_RAM_CODE __attribute__((section(".ram_code"), noinline))
