/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Random instructions for the lockstep test, without those on which two right cores may differ.
 *
 * Each exclusion gives its reason: the data sheet (ARM DDI 0029E) leaves the effect open, or
 * mGBA's core is known to differ from it.
 */

#include "cpu-streams.h"

#include <stddef.h>

enum { PC = 15 };

uint32_t random_next(Random *random)
{
  uint64_t x = random->state;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  random->state = x;
  return (uint32_t)((x * 0x2545f4914f6cdd1dull) >> 32);
}

static bool one_in(Random *random, uint32_t n)
{
  return random_next(random) % n == 0;
}

uint32_t random_word(Random *random)
{
  static const uint32_t corners[8] = {0, 1, 31, 32, 33, 0x7fffffff, 0x80000000, 0xffffffff};
  uint32_t word = random_next(random);
  switch (random_next(random) & 7) {
  case 0:
    return corners[word & 7];
  case 1:
    return word >> (word >> 27);
  default:
    return word;
  }
}

static uint32_t random_mode(Random *random)
{
  static const uint32_t modes[7] = {SIM_MODE_USER,  SIM_MODE_FIQ,   SIM_MODE_IRQ,
                                    SIM_MODE_SVC,   SIM_MODE_ABORT, SIM_MODE_UNDEFINED,
                                    SIM_MODE_SYSTEM};
  return modes[random_next(random) % 7];
}

uint32_t random_psr(Random *random)
{
  uint32_t bits = random_next(random) & 0xf00000e0;
  return bits | random_mode(random);
}

static bool has_spsr(const SimCpu *cpu)
{
  uint32_t mode = cpu->cpsr & SIM_PSR_MODE;
  return mode != SIM_MODE_USER && mode != SIM_MODE_SYSTEM;
}

/* ---- ARM ---- */

/* The bits of `fixed` have the value of `bits`, the rest is random. */
typedef struct {
  uint32_t bits;
  uint32_t fixed;
  uint32_t weight;
} Shape;

static const Shape arm_shapes[] = {
    {0x00000000, 0x0e000010, 20}, /* data processing, shift by an immediate; MRS, MSR */
    {0x00000010, 0x0e000090, 16}, /* data processing, shift by a register; BX and what v5 has here
                                   */
    {0x02000000, 0x0e000000, 16}, /* data processing, immediate; MSR */
    {0x00000090, 0x0f0000f0, 8},  /* multiplications */
    {0x01000090, 0x0f000ff0, 3},  /* swaps */
    {0x00000090, 0x0e000090, 10}, /* halfword transfers */
    {0x04000000, 0x0e000000, 12}, /* single transfers */
    {0x06000000, 0x0e000010, 10}, {0x06000010, 0x0e000010, 1}, /* undefined */
    {0x08000000, 0x0e000000, 14},                              /* block transfers */
    {0x0a000000, 0x0e000000, 5},                               /* branches */
    {0x012fff10, 0x0ffffff0, 4},                               /* BX */
    {0x010f0000, 0x0fbf0fff, 3},                               /* MRS */
    {0x0120f000, 0x0fb0fff0, 4},                               /* MSR */
    {0x0320f000, 0x0fb0f000, 2},                               /* MSR, immediate */
    {0x0c000000, 0x0e000000, 1},                               /* coprocessor */
    {0x0e000000, 0x0e000000, 2},                               /* coprocessor, SWI */
};

static uint32_t register_at(uint32_t op, unsigned position)
{
  return op >> position & 15;
}

static bool names_pc(uint32_t op, unsigned position)
{
  return register_at(op, position) == PC;
}

/* With pc among the operands, and with one register for both halves of a long result, the data
 * sheet gives a multiplication no meaning. Bits 23-21 010 and 011 belong to ARMv6 (UMAAL, MLS). */
static bool multiplication_is_open(uint32_t op)
{
  if (names_pc(op, 0) || names_pc(op, 8) || names_pc(op, 12) || names_pc(op, 16))
    return true;
  bool is_long = (op & 1u << 23) != 0;
  if (!is_long)
    return (op & 1u << 22) != 0;
  return register_at(op, 12) == register_at(op, 16);
}

/* pc as an operand of a swap is ruled out. The encodings around it became LDREX and its kin. */
static bool swap_is_open(uint32_t op)
{
  if ((op & 0x0fb00f00) != 0x01000000)
    return true;
  return names_pc(op, 0) || names_pc(op, 12) || names_pc(op, 16);
}

/* Stores with the S bit became LDRD and STRD. pc as data or as the offset, write-back to pc, and W
 * in a post-indexed form are ruled out. */
static bool halfword_is_open(uint32_t op)
{
  bool load = (op & 1u << 20) != 0;
  bool pre = (op & 1u << 24) != 0;
  bool write_back = (op & 1u << 21) != 0;
  if (!load && (op & 0x40) != 0)
    return true;
  if (!pre && write_back)
    return true;
  if ((op & 1u << 22) == 0 && names_pc(op, 0))
    return true;
  return names_pc(op, 12) || (names_pc(op, 16) && (!pre || write_back));
}

/* Write-back to pc, pc as the offset and a byte loaded to or stored from pc are ruled out, and so
 * is a load with write-back to its own base. mGBA gets the register forms of LDRT and STRT wrong.
 */
static bool single_is_open(uint32_t op)
{
  bool load = (op & 1u << 20) != 0;
  bool in_register = (op & 1u << 25) != 0;
  bool byte = (op & 1u << 22) != 0;
  bool post = (op & 1u << 24) == 0;
  bool moves_base = post || (op & 1u << 21) != 0;
  if (in_register && (op & 0x10) != 0)
    return false; /* undefined, and both cores say so */
  if (in_register && (names_pc(op, 0) || (post && (op & 1u << 21) != 0)))
    return true;
  if (names_pc(op, 12) && (byte || (!load && post && (op & 1u << 21) != 0)))
    return true;
  return moves_base && (names_pc(op, 16) || (load && register_at(op, 12) == register_at(op, 16)));
}

/* pc as the base, the user bank in the modes that have no other, and write-back together with the
 * user bank are ruled out. STM with its base in the list stores the changed base unless it is the
 * first register (data sheet 4.11.6); mGBA always stores the old one. */
static bool block_is_open(uint32_t op, const SimCpu *cpu)
{
  bool load = (op & 1u << 20) != 0;
  bool write_back = (op & 1u << 21) != 0;
  bool hat = (op & 1u << 22) != 0;
  uint32_t list = op & 0xffff;
  uint32_t base = register_at(op, 16);
  bool user_bank = hat && !(load && (list >> PC & 1) != 0);
  if (base == PC || (hat && !has_spsr(cpu)) || (user_bank && write_back))
    return true;
  return !load && write_back && (list >> base & 1) != 0 && (list & ((1u << base) - 1)) != 0;
}

/* The room of comparisons without S: of it ARMv4 has MRS, MSR and BX only. The rest is v5 and later
 * (BLX, CLZ, QADD, SMLA, MOVW, MOVT); this core calls it undefined, mGBA has some of it as MSR.
 * SPSR in the modes without one, and pc as an operand, are ruled out. */
static bool status_is_open(uint32_t op, const SimCpu *cpu)
{
  bool spsr = (op & 1u << 22) != 0;
  bool msr = (op & 1u << 21) != 0;
  if ((op & 0x0ffffff0) == 0x012fff10)
    return false;
  if ((op & 0x0ff000f0) == 0x01200070)
    return false; /* BKPT: undefined here, with no bus to catch it */
  if (spsr && !has_spsr(cpu))
    return true;
  if ((op & 0x0fb0fff0) == 0x0120f000)
    return names_pc(op, 0);
  if ((op & 0x0fbf0fff) == 0x010f0000)
    return names_pc(op, 12);
  return !(msr && (op & 0x0fb0f000) == 0x0320f000);
}

bool stream_is_old_comparison(uint32_t op)
{
  return (op & 0x0d90f000) == 0x0110f000;
}

/* The amount of a shift in pc is ruled out. As the value to shift, pc may wrap around to 0, and
 * there mGBA's signed sum overflows. TEQP and its kin: the data sheet has them copy SPSR in the
 * modes that have one and do nothing elsewhere; mGBA sets the flags there. With T in that SPSR, the
 * pipeline would have been filled in the wrong state. */
static bool data_is_open(uint32_t op, const SimCpu *cpu)
{
  bool in_register = (op & 1u << 25) == 0 && (op & 0x10) != 0;
  if (in_register && (names_pc(op, 8) || (names_pc(op, 0) && cpu->r[15] == 0xfffffff4)))
    return true;
  if (!stream_is_old_comparison(op))
    return false;
  return !has_spsr(cpu) || (sim_cpu_get_spsr(cpu, cpu->cpsr & SIM_PSR_MODE) & SIM_PSR_T) != 0;
}

static bool arm_is_open(uint32_t op, const SimCpu *cpu)
{
  /* BLX of ARMv5 in the condition NV: undefined here, skipped by mGBA; ARMv4 leaves it open. */
  if ((op & 0xfe000000) == 0xfa000000)
    return true;
  switch (op >> 25 & 7) {
  case 0:
    if ((op & 0x0f0000f0) == 0x00000090)
      return multiplication_is_open(op);
    if ((op & 0x0f0000f0) == 0x01000090)
      return swap_is_open(op);
    if ((op & 0x90) == 0x90)
      return halfword_is_open(op);
    break;
  case 1:
    break;
  case 2:
  case 3:
    return single_is_open(op);
  case 4:
    return block_is_open(op, cpu);
  default:
    return false;
  }
  if ((op & 0x01900000) == 0x01000000)
    return status_is_open(op, cpu);
  return data_is_open(op, cpu);
}

static uint32_t random_arm(Random *random)
{
  uint32_t total = 0;
  for (size_t i = 0; i < sizeof arm_shapes / sizeof arm_shapes[0]; i++)
    total += arm_shapes[i].weight;
  uint32_t pick = random_next(random) % total;
  const Shape *shape = arm_shapes;
  while (pick >= shape->weight)
    pick -= shape++->weight;
  uint32_t op = (random_next(random) & ~shape->fixed) | shape->bits;
  /* Most conditions hold, or half of the stream would do nothing. */
  if (!one_in(random, 4))
    op = (op & 0x0fffffff) | 0xe0000000;
  return op;
}

Instruction stream_arm(Random *random, const SimCpu *cpu)
{
  Instruction instruction = {.operand = -1};
  do
    instruction.op = random_arm(random);
  while (arm_is_open(instruction.op, cpu));
  uint32_t op = instruction.op;
  bool control = (op & 0x10000) != 0;
  /* T is not to be changed by an MSR to the CPSR, so it is clear there as in the CPSR itself. */
  uint32_t kept = op & 1u << 22 ? 0xffffffff : ~(uint32_t)SIM_PSR_T;
  if (control && (op & 0x0fb0fff0) == 0x0120f000) {
    instruction.operand = (int)(op & 15);
    instruction.operand_value = random_psr(random) & kept;
  } else if (control && (op & 0x0fb0f000) == 0x0320f000) {
    instruction.op = (op & 0xfffff000) | (random_psr(random) & kept & 0xff);
  }
  return instruction;
}

/* ---- Thumb ---- */

/* High register forms with two low registers, and BX with bits that v4 wants to be 0, are ruled
 * out. STMIA with the base in the list, but not as the first: as for STM above. NEG of 0x80000000
 * overflows by the data sheet; mGBA leaves V clear. POP with an empty list loads pc like the other
 * empty lists, but the data sheet does not say so, and mGBA forgets to fetch from there. */
static bool thumb_is_open(uint32_t op, const SimCpu *cpu)
{
  if ((op & 0xfc00) == 0x4400) {
    if ((op & 0x0300) == 0x0300)
      return (op & 0x0087) != 0;
    return (op & 0x00c0) == 0;
  }
  if ((op & 0xf800) == 0xc000) {
    uint32_t base = op >> 8 & 7;
    return (op >> base & 1) != 0 && (op & ((1u << base) - 1)) != 0;
  }
  if ((op & 0xffc0) == 0x4240)
    return cpu->r[op >> 3 & 7] == 0x80000000;
  return op == 0xbc00;
}

Instruction stream_thumb(Random *random, const SimCpu *cpu)
{
  Instruction instruction = {.operand = -1};
  do {
    instruction.op = random_next(random) & 0xffff;
    /* The ALU has a 64th of the encodings and deserves more. */
    if (one_in(random, 8))
      instruction.op = 0x4000 | (instruction.op & 0x7ff);
  } while (thumb_is_open(instruction.op, cpu));
  return instruction;
}

bool stream_is_flag_multiplication(bool thumb, uint32_t op)
{
  if (thumb)
    return (op & 0xffc0) == 0x4340;
  return (op & 0x0f1000f0) == 0x00100090;
}
