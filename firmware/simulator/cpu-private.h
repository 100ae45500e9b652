/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What the parts of the processor core share: banks, flags, the way to a new pc, data accesses.
 *
 * While an instruction executes, r[15] holds what the instruction reads as pc (its own address + 8
 * in ARM state, + 4 in Thumb state). When it is over, the step takes one instruction length off
 * again, which leaves the address of the next instruction; sim_branch() sets r[15] with that in
 * mind, so no handler has to tell whether it branched.
 */

#pragma once

#include "cpu.h"

#include <stddef.h>

/* The handlers become fast by being specialised over constant arguments: only a forced inline makes
 * one body serve all the instructions of a class. */
#define SIM_INLINE static inline __attribute__((always_inline))

enum {
  SIM_PC = 15,
  SIM_LR = 14,
  SIM_SP = 13,
  SIM_PSR_FLAGS = 0xf0000000u,
  SIM_PSR_CONTROL = 0xff,
  /* Mode bit 4 is 1 in each mode that the core has: whatever is written, it stays 1. */
  SIM_MODE_ALWAYS = 0x10,
};

/* Index into the banks. Values that name no mode see the user bank. */
typedef enum {
  SIM_BANK_USER,
  SIM_BANK_FIQ,
  SIM_BANK_IRQ,
  SIM_BANK_SVC,
  SIM_BANK_ABORT,
  SIM_BANK_UNDEFINED,
} SimBank;

typedef enum {
  SIM_VECTOR_RESET = 0x00,
  SIM_VECTOR_UNDEFINED = 0x04,
  SIM_VECTOR_SWI = 0x08,
  SIM_VECTOR_PREFETCH_ABORT = 0x0c,
  SIM_VECTOR_DATA_ABORT = 0x10,
  SIM_VECTOR_IRQ = 0x18,
  SIM_VECTOR_FIQ = 0x1c,
} SimVector;

typedef void SimHandler(SimCpu *cpu, uint32_t op);

/* ARM: [bits 27-20 of the instruction][bits 7-4]. Thumb: [bits 15-6]. */
extern SimHandler *const sim_arm_handlers[256][16];
extern SimHandler *const sim_thumb_handlers[1024];

SimBank sim_bank_of(uint32_t psr);

/* Changes the CPSR including mode and banks. Bits that the core does not have are dropped. */
void sim_set_cpsr(SimCpu *cpu, uint32_t value);

/* CPSR = SPSR of the present mode; false and nothing done in the modes that have none. */
bool sim_restore_cpsr(SimCpu *cpu);

/* Looks for the code at addr; without any, the window is empty. */
bool sim_find_window(SimCpu *cpu, uint32_t addr);

/* sim_branch() as a function. */
void sim_jump(SimCpu *cpu, uint32_t target);

void sim_take_swi(SimCpu *cpu);
void sim_take_undefined(SimCpu *cpu);
void sim_take_data_abort(SimCpu *cpu);

/* BKPT: hands it to the bus, or takes the undefined instruction exception. */
void sim_take_breakpoint(SimCpu *cpu, uint32_t number);

/* Handlers of ARM instructions that access memory (cpu-transfer.c). */
SimHandler sim_arm_str_immediate, sim_arm_ldr_immediate, sim_arm_strb_immediate,
    sim_arm_ldrb_immediate, sim_arm_str_register, sim_arm_ldr_register, sim_arm_strb_register,
    sim_arm_ldrb_register, sim_arm_strh, sim_arm_ldrh, sim_arm_ldrsb, sim_arm_ldrsh, sim_arm_stm,
    sim_arm_ldm, sim_arm_swp, sim_arm_swpb;

/* A block transfer as the ARM and the Thumb instructions have it. */
typedef struct {
  uint32_t list;  /* bit n: register n */
  uint32_t start; /* lowest address */
  uint32_t final; /* of the base, if it is written back */
  unsigned base;  /* register number */
  bool write_back;
  bool user_bank;    /* transfers the registers of user mode */
  bool restore_cpsr; /* with pc in the list of an LDM */
} SimBlock;

void sim_block_store(SimCpu *cpu, const SimBlock *block);
void sim_block_load(SimCpu *cpu, const SimBlock *block);

SIM_INLINE bool sim_is_thumb(const SimCpu *cpu)
{
  return (cpu->cpsr & SIM_PSR_T) != 0;
}

SIM_INLINE bool sim_is_user(const SimCpu *cpu)
{
  return (cpu->cpsr & SIM_PSR_MODE) == SIM_MODE_USER;
}

/* 2 in Thumb state, 4 in ARM state. */
SIM_INLINE uint32_t sim_instruction_length(const SimCpu *cpu)
{
  return 4 - ((cpu->cpsr >> 4) & 2);
}

SIM_INLINE void sim_internal_cycles(SimCpu *cpu, uint32_t cycles)
{
  cpu->cycles += cycles;
}

/* Makes `next` the instruction behind the present one, without a pipeline refill. */
SIM_INLINE void sim_continue_at(SimCpu *cpu, uint32_t next)
{
  cpu->r[SIM_PC] = next + sim_instruction_length(cpu);
}

/* A new pc in the present state. Pays for the two fetches that fill the pipeline again; the window
 * must be found here, for its wait states belong to this instruction. */
SIM_INLINE void sim_branch(SimCpu *cpu, uint32_t target)
{
  target &= ~(sim_instruction_length(cpu) - 1);
  if (target - cpu->window.base >= cpu->window.size)
    sim_find_window(cpu, target);
  cpu->cycles += 2 + 2 * (uint64_t)cpu->window.wait;
  sim_continue_at(cpu, target);
}

SIM_INLINE void sim_branch_exchange(SimCpu *cpu, uint32_t target)
{
  cpu->cpsr = (cpu->cpsr & ~(uint32_t)SIM_PSR_T) | (target & 1) << 5;
  sim_branch(cpu, target);
}

/* A result that may be meant for the pc. Only few are: out of line, they cost the others nothing.
 */
SIM_INLINE void sim_write_register(SimCpu *cpu, unsigned n, uint32_t value)
{
  if (n == SIM_PC)
    sim_jump(cpu, value);
  else
    cpu->r[n] = value;
}

SIM_INLINE unsigned sim_carry(const SimCpu *cpu)
{
  return (cpu->cpsr >> 29) & 1;
}

SIM_INLINE void sim_set_nz(SimCpu *cpu, uint32_t result)
{
  cpu->cpsr = (cpu->cpsr & 0x3fffffff) | (result & SIM_PSR_N) | (uint32_t)(result == 0) << 30;
}

SIM_INLINE void sim_set_nzc(SimCpu *cpu, uint32_t result, unsigned carry)
{
  cpu->cpsr = (cpu->cpsr & 0x1fffffff) | (result & SIM_PSR_N) | (uint32_t)(result == 0) << 30 |
              (uint32_t)carry << 29;
}

/* a + b + carry; with flags if `s`. A subtraction is the addition of the complement, as in the ALU
 * of the core: the carry then means "no borrow". */
SIM_INLINE uint32_t sim_add(SimCpu *cpu, uint32_t a, uint32_t b, unsigned carry, bool s)
{
  uint64_t sum = (uint64_t)a + b + carry;
  uint32_t result = (uint32_t)sum;
  if (s) {
    uint32_t overflow = (~(a ^ b) & (a ^ result)) >> 31;
    cpu->cpsr = (cpu->cpsr & 0x0fffffff) | (result & SIM_PSR_N) | (uint32_t)(result == 0) << 30 |
                (uint32_t)(sum >> 32) << 29 | overflow << 28;
  }
  return result;
}

SIM_INLINE uint32_t sim_rotate_right(uint32_t value, unsigned amount)
{
  return value >> (amount & 31) | value << (-amount & 31);
}

typedef enum { SIM_LSL, SIM_LSR, SIM_ASR, SIM_ROR } SimShift;

/* A shift by an amount of 0 to 255, as the register forms have it. *carry: in old, out new. */
SIM_INLINE uint32_t sim_shift(uint32_t value, SimShift shift, unsigned amount, unsigned *carry)
{
  if (amount == 0)
    return value;
  switch (shift) {
  case SIM_LSL:
    *carry = amount <= 32 ? (value >> ((32 - amount) & 31)) & 1 : 0;
    return amount < 32 ? value << amount : 0;
  case SIM_LSR:
    *carry = amount <= 32 ? (value >> (amount - 1)) & 1 : 0;
    return amount < 32 ? value >> amount : 0;
  case SIM_ASR:
    if (amount > 31) {
      *carry = value >> 31;
      return -(value >> 31);
    }
    *carry = (value >> (amount - 1)) & 1;
    return value >> amount | (value >> 31 ? ~(0xffffffffu >> amount) : 0);
  case SIM_ROR:
    value = sim_rotate_right(value, amount);
    *carry = value >> 31;
    return value;
  }
  return value;
}

/* A shift by the 5 bit amount in the instruction, where 0 stands for something else: LSR and ASR by
 * 32, and ROR for RRX. */
SIM_INLINE uint32_t sim_shift_immediate(uint32_t value, SimShift shift, unsigned amount,
                                        unsigned *carry)
{
  if (amount == 0 && shift != SIM_LSL) {
    if (shift == SIM_ROR) {
      uint32_t result = value >> 1 | (uint32_t)*carry << 31;
      *carry = value & 1;
      return result;
    }
    amount = 32;
  }
  return sim_shift(value, shift, amount, carry);
}

SIM_INLINE void sim_note_unaligned(SimCpu *cpu, uint32_t addr, unsigned width)
{
  if ((addr & (width - 1)) != 0 && cpu->bus->unaligned != NULL)
    cpu->bus->unaligned(cpu->bus->context, addr, width);
}

/* Data accesses drive the aligned address. The caller says `user` and takes the abort when the
 * instruction is over. */
SIM_INLINE bool sim_access_load(SimCpu *cpu, uint32_t addr, unsigned width, bool user,
                                uint32_t *value)
{
  cpu->cycles++;
  return cpu->bus->load(cpu->bus->context, addr & ~(width - 1), width, user, value);
}

SIM_INLINE bool sim_access_store(SimCpu *cpu, uint32_t addr, unsigned width, bool user,
                                 uint32_t value)
{
  cpu->cycles++;
  if (width < 4)
    value &= (1u << (8 * width)) - 1;
  return cpu->bus->store(cpu->bus->context, addr & ~(width - 1), width, user, value);
}

typedef enum { SIM_WORD, SIM_BYTE, SIM_HALFWORD, SIM_SIGNED_BYTE, SIM_SIGNED_HALFWORD } SimSize;

SIM_INLINE unsigned sim_width_of(SimSize size)
{
  return size == SIM_WORD ? 4 : size == SIM_BYTE || size == SIM_SIGNED_BYTE ? 1 : 2;
}

/* What a load register instruction makes of the aligned data: the byte lanes are rotated so that
 * the addressed byte comes lowest. At an odd address the signed halfword has only that one byte. */
SIM_INLINE uint32_t sim_align_loaded(uint32_t data, uint32_t addr, SimSize size)
{
  switch (size) {
  case SIM_WORD:
    return sim_rotate_right(data, 8 * (addr & 3));
  case SIM_BYTE:
    return data & 0xff;
  case SIM_HALFWORD:
    return sim_rotate_right(data & 0xffff, 8 * (addr & 1));
  case SIM_SIGNED_HALFWORD:
    if ((addr & 1) == 0)
      return ((data & 0xffff) ^ 0x8000) - 0x8000;
    data >>= 8;
    break;
  case SIM_SIGNED_BYTE:
    break;
  }
  return ((data & 0xff) ^ 0x80) - 0x80;
}

/* LDR and its kin, after write-back: on abort the destination keeps its value. */
SIM_INLINE void sim_load_register(SimCpu *cpu, unsigned rd, uint32_t addr, SimSize size, bool user)
{
  uint32_t data = 0;
  unsigned width = sim_width_of(size);
  sim_note_unaligned(cpu, addr, width);
  bool done = sim_access_load(cpu, addr, width, user, &data);
  sim_internal_cycles(cpu, 1);
  if (done)
    sim_write_register(cpu, rd, sim_align_loaded(data, addr, size));
  else
    sim_take_data_abort(cpu);
}

SIM_INLINE void sim_store_value(SimCpu *cpu, uint32_t value, uint32_t addr, SimSize size, bool user)
{
  unsigned width = sim_width_of(size);
  sim_note_unaligned(cpu, addr, width);
  if (!sim_access_store(cpu, addr, width, user, value))
    sim_take_data_abort(cpu);
}

/* Internal cycles of a multiplication, by how many bytes of the multiplier carry information. */
SIM_INLINE uint32_t sim_multiplier_cycles(uint32_t multiplier, bool is_signed)
{
  uint32_t m = is_signed && multiplier >> 31 ? ~multiplier : multiplier;
  return m < 0x100 ? 1 : m < 0x10000 ? 2 : m < 0x1000000 ? 3 : 4;
}
