/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A test bench around the modelled chip: a board that starts, and a hand on the core's data bus.
 *
 * The core is parked in a branch to itself in RAM; each peek and poke is one real LDR or STR that
 * it executes there, so registers are reached the way firmware reaches them.
 */

#pragma once

#include "chip-private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum {
  BENCH_CODE = 0x40003000, /* STR, LDR, and the parking place */
  BENCH_PARK = BENCH_CODE + 8,
  BENCH_TABLE = 0x40003100, /* IAP command and result */
  BENCH_STACK = 0x40003fe0,
  BENCH_ACCESS =
      5, /* cycles from the start of a peek to its access to an APB register, PCLK = CCLK */
  BENCH_COUNTER = 0x40000200, /* counts interrupts, see bench_install_irq() */
};

/* Registers the tests use. */
#define T0IR               0xe0004000u
#define T0TCR              0xe0004004u
#define T0TC               0xe0004008u
#define T0PR               0xe000400cu
#define T0MCR              0xe0004014u
#define T0MR0              0xe0004018u
#define U0RBR              0xe000c000u
#define U0THR              0xe000c000u
#define U0DLL              0xe000c000u
#define U0DLM              0xe000c004u
#define U0IER              0xe000c004u
#define U0IIR              0xe000c008u
#define U0FCR              0xe000c008u
#define U0LCR              0xe000c00cu
#define U0LSR              0xe000c014u
#define WDMOD              0xe0000000u
#define WDTC               0xe0000004u
#define WDFEED             0xe0000008u
#define WDTV               0xe000000cu
#define PINSEL0            0xe002c000u
#define MAMCR              0xe01fc000u
#define MAMTIM             0xe01fc004u
#define MEMMAP             0xe01fc040u
#define PCON               0xe01fc0c0u
#define VPBDIV             0xe01fc100u
#define ADCR               0xe0034000u
#define ADDR               0xe0034004u
#define VIC_IRQ_STATUS     0xfffff000u
#define VIC_RAW            0xfffff008u
#define VIC_SELECT         0xfffff00cu
#define VIC_ENABLE         0xfffff010u
#define VIC_DISABLE        0xfffff014u
#define VIC_SOFT           0xfffff018u
#define VIC_SOFT_CLEAR     0xfffff01cu
#define VIC_VECT_ADDR      0xfffff030u
#define VIC_DEF_VECT_ADDR  0xfffff034u
#define VIC_VECT_ADDR_N(n) (0xfffff100u + 4 * (n))
#define VIC_VECT_CNTL_N(n) (0xfffff200u + 4 * (n))

/* A chip with the default configuration and a valid vector table in flash; without power. */
SimChip *bench_new(void);
SimChip *bench_new_with(const SimChipConfig *config);

/* The valid vector table, into flash before power-on. */
void bench_put_vectors(SimChip *chip);

/* The fate of the flash operation with this number; others go well. */
typedef struct {
  SimFlashOperationKind kind;
  unsigned number;
  SimFlashFate fate;
  uint8_t depth;
  unsigned fired;
  SimFlashOperation seen;
  /* Operations that ended, and the last of them. */
  unsigned done;
  SimFlashOperation seen_done;
} BenchPlan;

enum { BENCH_KHZ = 11059, BENCH_SOURCE = 0x40000800, BENCH_SECTOR_3 = 0x6000, BENCH_OLD = 0x3c };

/* A started chip with that plan; sector 3 is full of BENCH_OLD. */
SimChip *bench_new_with_plan(BenchPlan *plan, uint64_t seed);
/* Puts data into RAM at BENCH_SOURCE, no 16 bytes of which are all 0xff. */
void bench_fill_source(SimChip *chip, unsigned length);

/* Power on, boot ROM over, core parked, MAMTIM=1, VPBDIV=1. */
void bench_start(SimChip *chip);
/* The same, fresh from bench_new(). */
SimChip *bench_new_started(void);

/* Runs until the boot ROM has come to its decision. */
void bench_boot(SimChip *chip);
/* Puts the bench's code into RAM and the core onto it: SVC mode, interrupts masked. */
void bench_park(SimChip *chip);

uint32_t bench_peek(SimChip *chip, uint32_t addr);
void bench_poke(SimChip *chip, uint32_t addr, uint32_t value);
/* Writes words to memory without the core. Flash: only before power-on. */
void bench_put_words(SimChip *chip, uint32_t addr, const uint32_t *words, unsigned count);
uint32_t bench_get_word(SimChip *chip, uint32_t addr);

/* The core sleeps until exactly that cycle, or until an enabled interrupt asks. */
void bench_sleep_until(SimChip *chip, uint64_t cycle);
/* Reads an APB register at exactly that cycle. */
uint32_t bench_peek_at(SimChip *chip, uint64_t cycle, uint32_t addr);

/* Lets the parked core run for so many cycles. */
void bench_pass(SimChip *chip, uint64_t cycles);

/* An IAP call by BX from ARM state; returns the status. `results` may be NULL. */
uint32_t bench_iap(SimChip *chip, const uint32_t command[5], uint32_t results[2]);
/* The same without waiting for its end. */
void bench_iap_begin(SimChip *chip, const uint32_t command[5]);
bool bench_iap_is_over(const SimChip *chip);

uint32_t bench_prepare(SimChip *chip, uint32_t first, uint32_t last);
uint32_t bench_erase(SimChip *chip, uint32_t first, uint32_t last); /* with its prepare */
uint32_t bench_program(SimChip *chip, uint32_t dst, uint32_t src, uint32_t count); /* also */

/* UART0 at the divisor, 8N1, FIFOs on with the trigger setting 0-3; pins connected. */
void bench_setup_uart(SimChip *chip, uint32_t divisor, unsigned trigger);
uint8_t bench_lsr(SimChip *chip);

/* MEMMAP=2 and an IRQ handler, all in RAM: it counts in BENCH_COUNTER, clears T0IR and ends the
 * interrupt. TIMER0 interrupts in slot 0 every `period` PCLKs; CPSR.I is cleared. */
void bench_install_irq(SimChip *chip, uint32_t period);
