/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A processor core in a small memory, for the golden tests.
 *
 * 32 KB of code and data lie at address 0. From FAULTS on no access succeeds. From WAITING on the
 * memory appears again, for fetches only and at three cycles each.
 */

#pragma once

#include "../../firmware/simulator/cpu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum {
  SIZE = 0x8000,
  CODE = 0x1000,
  DATA = 0x2000,
  FAULTS = 0x8000,
  WAITING = 0x100000,
  FLAG_BITS = 28,
  NZCV_N = 8,
  NZCV_Z = 4,
  NZCV_C = 2,
  NZCV_V = 1,
  SVC = 0xd3, /* as after reset: I and F set */
  THUMB = 0x20,
};

/* What the bus has seen since start(), and how it behaves. */
typedef struct {
  unsigned loads, stores, unaligned;
  uint32_t last_addr, last_width, last_value;
  bool last_user;
  uint32_t last_instruction; /* its address */
  uint32_t trapped;          /* number of the last BKPT */
  uint32_t trap_pc;          /* r[15] in it */
  bool trap_result;
  uint32_t stall;       /* wait states of each data access */
  unsigned lower_after; /* stores until the bus ends the run, 0: never */
} Seen;

extern SimCpu cpu;
extern Seen seen;

void put_word(uint32_t addr, uint32_t word);
uint32_t get_word(uint32_t addr);

/* A fresh core at CODE with this CPSR. r0 to r14 hold n * 0x100, in all banks. */
void start(uint32_t cpsr);

/* Executes one ARM instruction at CODE and returns its cycles. */
uint64_t arm(uint32_t op);

/* The same for a Thumb instruction; it stands at CODE + 2, off a word boundary. */
uint64_t thumb(uint32_t op);

/* N, Z, C and V as one number. */
unsigned flags(void);
void set_flags(unsigned nzcv);

#define assert_word(actual, expected) assert_int_equal((uint32_t)(actual), (uint32_t)(expected))

/* An exception was entered: mode, vector, lr, and the SPSR is the CPSR of before. */
void assert_exception(SimMode mode, uint32_t vector, uint32_t lr, uint32_t spsr);
