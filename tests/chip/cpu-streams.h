/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Random instructions for the lockstep test, without those on which two right cores may differ.
 */

#pragma once

#include "../../firmware/simulator/cpu.h"

/* xorshift64*: the same numbers everywhere. The state is never 0. */
typedef struct {
  uint64_t state;
} Random;

uint32_t random_next(Random *random);

/* Small and extreme numbers occur more often than chance would have them. */
uint32_t random_word(Random *random);

/* A status register value. The modes are always real ones: the data sheet leaves open what a core
 * does in others. */
uint32_t random_psr(Random *random);

/* An instruction to execute in the present state of `cpu`. An MSR takes its operand from a
 * register, and that must name a real mode: if `operand` is not -1, register `operand` is to be set
 * to `operand_value` first. */
typedef struct {
  uint32_t op;
  int operand;
  uint32_t operand_value;
} Instruction;

Instruction stream_arm(Random *random, const SimCpu *cpu);
Instruction stream_thumb(Random *random, const SimCpu *cpu);

/* True for multiplications that set flags: they leave C meaningless. */
bool stream_is_flag_multiplication(bool thumb, uint32_t op);

/* TSTP, TEQP, CMPP, CMNP of older cores, in ARM state. */
bool stream_is_old_comparison(uint32_t op);
