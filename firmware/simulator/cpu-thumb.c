/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The Thumb instruction set and its table, in the order of the nineteen formats of the data sheet.
 */

#include "cpu-private.h"

/* The low register named at a bit position. */
SIM_INLINE unsigned low(uint32_t op, unsigned position)
{
  return (op >> position) & 7;
}

/* ---- Formats 1 to 3: shifts, sums, immediates ---- */

SIM_INLINE void shift_immediate(SimCpu *cpu, uint32_t op, SimShift shift)
{
  unsigned carry = sim_carry(cpu);
  uint32_t result = sim_shift_immediate(cpu->r[low(op, 3)], shift, (op >> 6) & 31, &carry);
  cpu->r[low(op, 0)] = result;
  sim_set_nzc(cpu, result, carry);
}

static void lsl(SimCpu *cpu, uint32_t op)
{
  shift_immediate(cpu, op, SIM_LSL);
}

static void lsr(SimCpu *cpu, uint32_t op)
{
  shift_immediate(cpu, op, SIM_LSR);
}

static void asr(SimCpu *cpu, uint32_t op)
{
  shift_immediate(cpu, op, SIM_ASR);
}

static void add_3(SimCpu *cpu, uint32_t op)
{
  cpu->r[low(op, 0)] = sim_add(cpu, cpu->r[low(op, 3)], cpu->r[low(op, 6)], 0, true);
}

static void sub_3(SimCpu *cpu, uint32_t op)
{
  cpu->r[low(op, 0)] = sim_add(cpu, cpu->r[low(op, 3)], ~cpu->r[low(op, 6)], 1, true);
}

static void add_i3(SimCpu *cpu, uint32_t op)
{
  cpu->r[low(op, 0)] = sim_add(cpu, cpu->r[low(op, 3)], low(op, 6), 0, true);
}

static void sub_i3(SimCpu *cpu, uint32_t op)
{
  cpu->r[low(op, 0)] = sim_add(cpu, cpu->r[low(op, 3)], ~(uint32_t)low(op, 6), 1, true);
}

static void mov_i8(SimCpu *cpu, uint32_t op)
{
  cpu->r[low(op, 8)] = op & 0xff;
  sim_set_nz(cpu, op & 0xff);
}

static void cmp_i8(SimCpu *cpu, uint32_t op)
{
  sim_add(cpu, cpu->r[low(op, 8)], ~(op & 0xff), 1, true);
}

static void add_i8(SimCpu *cpu, uint32_t op)
{
  cpu->r[low(op, 8)] = sim_add(cpu, cpu->r[low(op, 8)], op & 0xff, 0, true);
}

static void sub_i8(SimCpu *cpu, uint32_t op)
{
  cpu->r[low(op, 8)] = sim_add(cpu, cpu->r[low(op, 8)], ~(op & 0xff), 1, true);
}

/* ---- Format 4: the ALU ---- */

/* One handler an operation: `rd` points to the destination, a is its value, b that of the other
 * register. */
#define ALU_HANDLER(name, action)                                                                  \
  static void name(SimCpu *cpu, uint32_t op)                                                       \
  {                                                                                                \
    uint32_t *rd = &cpu->r[low(op, 0)];                                                            \
    uint32_t a = *rd;                                                                              \
    uint32_t b = cpu->r[low(op, 3)];                                                               \
    action;                                                                                        \
  }

SIM_INLINE uint32_t logic(SimCpu *cpu, uint32_t result)
{
  sim_set_nz(cpu, result);
  return result;
}

SIM_INLINE uint32_t shift_by(SimCpu *cpu, uint32_t value, SimShift shift, uint32_t amount)
{
  unsigned carry = sim_carry(cpu);
  uint32_t result = sim_shift(value, shift, amount & 0xff, &carry);
  sim_set_nzc(cpu, result, carry);
  sim_internal_cycles(cpu, 1);
  return result;
}

/* Rd is the operand whose bytes end the multiplication early. */
SIM_INLINE uint32_t multiply(SimCpu *cpu, uint32_t a, uint32_t b)
{
  sim_internal_cycles(cpu, sim_multiplier_cycles(a, true));
  return logic(cpu, a * b);
}

ALU_HANDLER(alu_and, *rd = logic(cpu, a &b))
ALU_HANDLER(alu_eor, *rd = logic(cpu, a ^ b))
ALU_HANDLER(alu_lsl, *rd = shift_by(cpu, a, SIM_LSL, b))
ALU_HANDLER(alu_lsr, *rd = shift_by(cpu, a, SIM_LSR, b))
ALU_HANDLER(alu_asr, *rd = shift_by(cpu, a, SIM_ASR, b))
ALU_HANDLER(alu_adc, *rd = sim_add(cpu, a, b, sim_carry(cpu), true))
ALU_HANDLER(alu_sbc, *rd = sim_add(cpu, a, ~b, sim_carry(cpu), true))
ALU_HANDLER(alu_ror, *rd = shift_by(cpu, a, SIM_ROR, b))
ALU_HANDLER(alu_tst, logic(cpu, a &b))
ALU_HANDLER(alu_neg, (void)a; *rd = sim_add(cpu, 0, ~b, 1, true))
ALU_HANDLER(alu_cmp, sim_add(cpu, a, ~b, 1, true))
ALU_HANDLER(alu_cmn, sim_add(cpu, a, b, 0, true))
ALU_HANDLER(alu_orr, *rd = logic(cpu, a | b))
ALU_HANDLER(alu_mul, *rd = multiply(cpu, a, b))
ALU_HANDLER(alu_bic, *rd = logic(cpu, a & ~b))
ALU_HANDLER(alu_mvn, (void)a; *rd = logic(cpu, ~b))

/* ---- Format 5: high registers, BX ---- */

SIM_INLINE unsigned high_rd(uint32_t op)
{
  return ((op >> 4) & 8) | (op & 7);
}

SIM_INLINE unsigned high_rs(uint32_t op)
{
  return (op >> 3) & 15;
}

static void undef(SimCpu *cpu, uint32_t op)
{
  (void)op;
  sim_take_undefined(cpu);
}

static void add_high(SimCpu *cpu, uint32_t op)
{
  sim_write_register(cpu, high_rd(op), cpu->r[high_rd(op)] + cpu->r[high_rs(op)]);
}

static void cmp_high(SimCpu *cpu, uint32_t op)
{
  sim_add(cpu, cpu->r[high_rd(op)], ~cpu->r[high_rs(op)], 1, true);
}

static void mov_high(SimCpu *cpu, uint32_t op)
{
  sim_write_register(cpu, high_rd(op), cpu->r[high_rs(op)]);
}

static void bx(SimCpu *cpu, uint32_t op)
{
  sim_branch_exchange(cpu, cpu->r[high_rs(op)]);
}

/* ---- Formats 6 to 11: loads and stores ---- */

static void ldr_pc(SimCpu *cpu, uint32_t op)
{
  uint32_t addr = (cpu->r[SIM_PC] & ~3u) + ((op & 0xff) << 2);
  sim_load_register(cpu, low(op, 8), addr, SIM_WORD, sim_is_user(cpu));
}

SIM_INLINE void transfer(SimCpu *cpu, uint32_t op, bool load, SimSize size, uint32_t offset)
{
  uint32_t addr = cpu->r[low(op, 3)] + offset;
  if (load)
    sim_load_register(cpu, low(op, 0), addr, size, sim_is_user(cpu));
  else
    sim_store_value(cpu, cpu->r[low(op, 0)], addr, size, sim_is_user(cpu));
}

#define REGISTER_OFFSET(name, load, size)                                                          \
  static void name(SimCpu *cpu, uint32_t op)                                                       \
  {                                                                                                \
    transfer(cpu, op, load, size, cpu->r[low(op, 6)]);                                             \
  }

/* The offset counts in units of the width. */
#define IMMEDIATE_OFFSET(name, load, size)                                                         \
  static void name(SimCpu *cpu, uint32_t op)                                                       \
  {                                                                                                \
    transfer(cpu, op, load, size, ((op >> 6) & 31) * sim_width_of(size));                          \
  }

REGISTER_OFFSET(str_r, false, SIM_WORD)
REGISTER_OFFSET(strh_r, false, SIM_HALFWORD)
REGISTER_OFFSET(strb_r, false, SIM_BYTE)
REGISTER_OFFSET(ldrsb_r, true, SIM_SIGNED_BYTE)
REGISTER_OFFSET(ldr_r, true, SIM_WORD)
REGISTER_OFFSET(ldrh_r, true, SIM_HALFWORD)
REGISTER_OFFSET(ldrb_r, true, SIM_BYTE)
REGISTER_OFFSET(ldrsh_r, true, SIM_SIGNED_HALFWORD)
IMMEDIATE_OFFSET(str_i, false, SIM_WORD)
IMMEDIATE_OFFSET(ldr_i, true, SIM_WORD)
IMMEDIATE_OFFSET(strb_i, false, SIM_BYTE)
IMMEDIATE_OFFSET(ldrb_i, true, SIM_BYTE)
IMMEDIATE_OFFSET(strh_i, false, SIM_HALFWORD)
IMMEDIATE_OFFSET(ldrh_i, true, SIM_HALFWORD)

static void str_sp(SimCpu *cpu, uint32_t op)
{
  uint32_t addr = cpu->r[SIM_SP] + ((op & 0xff) << 2);
  sim_store_value(cpu, cpu->r[low(op, 8)], addr, SIM_WORD, sim_is_user(cpu));
}

static void ldr_sp(SimCpu *cpu, uint32_t op)
{
  uint32_t addr = cpu->r[SIM_SP] + ((op & 0xff) << 2);
  sim_load_register(cpu, low(op, 8), addr, SIM_WORD, sim_is_user(cpu));
}

/* ---- Formats 12 and 13: addresses ---- */

static void add_pc(SimCpu *cpu, uint32_t op)
{
  cpu->r[low(op, 8)] = (cpu->r[SIM_PC] & ~3u) + ((op & 0xff) << 2);
}

static void add_sp(SimCpu *cpu, uint32_t op)
{
  cpu->r[low(op, 8)] = cpu->r[SIM_SP] + ((op & 0xff) << 2);
}

static void move_sp(SimCpu *cpu, uint32_t op)
{
  uint32_t offset = (op & 0x7f) << 2;
  cpu->r[SIM_SP] += op & 0x80 ? -offset : offset;
}

/* ---- Formats 14 and 15: block transfers ---- */

/* An empty list transfers pc alone and moves the base as sixteen registers would. */
static SimBlock describe_block(const SimCpu *cpu, uint32_t list, unsigned base, bool down)
{
  uint32_t span = list != 0 ? 4 * (uint32_t)__builtin_popcount(list) : 0x40;
  uint32_t addr = cpu->r[base];
  return (SimBlock){
      .list = list != 0 ? list : 1u << SIM_PC,
      .start = down ? addr - span : addr,
      .final = down ? addr - span : addr + span,
      .base = base,
      .write_back = true,
  };
}

static void push(SimCpu *cpu, uint32_t op)
{
  uint32_t list = (op & 0xff) | (op & 0x100) << (SIM_LR - 8);
  SimBlock block = describe_block(cpu, list, SIM_SP, true);
  sim_block_store(cpu, &block);
}

/* pc in the list stays in Thumb state: this core cannot change state by a load. */
static void pop(SimCpu *cpu, uint32_t op)
{
  uint32_t list = (op & 0xff) | (op & 0x100) << (SIM_PC - 8);
  SimBlock block = describe_block(cpu, list, SIM_SP, false);
  sim_block_load(cpu, &block);
}

static void stmia(SimCpu *cpu, uint32_t op)
{
  SimBlock block = describe_block(cpu, op & 0xff, low(op, 8), false);
  sim_block_store(cpu, &block);
}

static void ldmia(SimCpu *cpu, uint32_t op)
{
  SimBlock block = describe_block(cpu, op & 0xff, low(op, 8), false);
  sim_block_load(cpu, &block);
}

/* ---- Formats 16 to 19: branches and SWI ---- */

/* One handler a condition: its test is then a constant expression of the flags. */
SIM_INLINE void branch_if(SimCpu *cpu, uint32_t op, bool condition)
{
  if (condition)
    sim_branch(cpu, cpu->r[SIM_PC] + ((op & 0x7f) << 1) - ((op & 0x80) << 1));
}

SIM_INLINE bool flag(const SimCpu *cpu, uint32_t psr_bit)
{
  return (cpu->cpsr & psr_bit) != 0;
}

SIM_INLINE bool is_less(const SimCpu *cpu)
{
  return flag(cpu, SIM_PSR_N) != flag(cpu, SIM_PSR_V);
}

#define CONDITION_HANDLERS(if_true, if_false, condition)                                           \
  static void if_true(SimCpu *cpu, uint32_t op)                                                    \
  {                                                                                                \
    branch_if(cpu, op, condition);                                                                 \
  }                                                                                                \
  static void if_false(SimCpu *cpu, uint32_t op)                                                   \
  {                                                                                                \
    branch_if(cpu, op, !(condition));                                                              \
  }

CONDITION_HANDLERS(beq, bne, flag(cpu, SIM_PSR_Z))
CONDITION_HANDLERS(bcs, bcc, flag(cpu, SIM_PSR_C))
CONDITION_HANDLERS(bmi, bpl, flag(cpu, SIM_PSR_N))
CONDITION_HANDLERS(bvs, bvc, flag(cpu, SIM_PSR_V))
CONDITION_HANDLERS(bhi, bls, flag(cpu, SIM_PSR_C) && !flag(cpu, SIM_PSR_Z))
CONDITION_HANDLERS(blt, bge, is_less(cpu))
CONDITION_HANDLERS(ble, bgt, flag(cpu, SIM_PSR_Z) || is_less(cpu))

static void swi(SimCpu *cpu, uint32_t op)
{
  (void)op;
  sim_take_swi(cpu);
}

static void bkpt(SimCpu *cpu, uint32_t op)
{
  sim_take_breakpoint(cpu, op & 0xff);
}

static void b(SimCpu *cpu, uint32_t op)
{
  sim_branch(cpu, cpu->r[SIM_PC] + ((op & 0x3ff) << 1) - ((op & 0x400) << 1));
}

/* BL is two instructions, and an interrupt may come between them: lr carries the half done sum. */
static void bl_first(SimCpu *cpu, uint32_t op)
{
  cpu->r[SIM_LR] = cpu->r[SIM_PC] + ((op & 0x3ff) << 12) - ((op & 0x400) << 12);
}

static void bl_second(SimCpu *cpu, uint32_t op)
{
  uint32_t target = cpu->r[SIM_LR] + ((op & 0x7ff) << 1);
  cpu->r[SIM_LR] = (cpu->r[SIM_PC] - 2) | 1;
  sim_branch(cpu, target);
}

/* ---- The table ---- */

#define X4(h)  h, h, h, h
#define X8(h)  X4(h), X4(h)
#define X16(h) X8(h), X8(h)
#define X32(h) X16(h), X16(h)

SimHandler *const sim_thumb_handlers[1024] = {
    /* 0x0000 */
    X32(lsl),
    X32(lsr),
    X32(asr),
    X8(add_3),
    X8(sub_3),
    X8(add_i3),
    X8(sub_i3),
    /* 0x2000 */
    X32(mov_i8),
    X32(cmp_i8),
    X32(add_i8),
    X32(sub_i8),
    /* 0x4000 */
    alu_and,
    alu_eor,
    alu_lsl,
    alu_lsr,
    alu_asr,
    alu_adc,
    alu_sbc,
    alu_ror,
    alu_tst,
    alu_neg,
    alu_cmp,
    alu_cmn,
    alu_orr,
    alu_mul,
    alu_bic,
    alu_mvn,
    /* 0x4400: BX with bit 7 set would be the BLX of ARMv5 */
    X4(add_high),
    X4(cmp_high),
    X4(mov_high),
    bx,
    bx,
    undef,
    undef,
    X32(ldr_pc),
    /* 0x5000 */
    X8(str_r),
    X8(strh_r),
    X8(strb_r),
    X8(ldrsb_r),
    X8(ldr_r),
    X8(ldrh_r),
    X8(ldrb_r),
    X8(ldrsh_r),
    /* 0x6000 */
    X32(str_i),
    X32(ldr_i),
    X32(strb_i),
    X32(ldrb_i),
    /* 0x8000 */
    X32(strh_i),
    X32(ldrh_i),
    X32(str_sp),
    X32(ldr_sp),
    /* 0xa000 */
    X32(add_pc),
    X32(add_sp),
    /* 0xb000 */
    X4(move_sp),
    X4(undef),
    X4(undef),
    X4(undef),
    X4(push),
    X4(push),
    X4(undef),
    X4(undef),
    X4(undef),
    X4(undef),
    X4(undef),
    X4(undef),
    X4(pop),
    X4(pop),
    X4(bkpt),
    X4(undef),
    /* 0xc000 */
    X32(stmia),
    X32(ldmia),
    /* 0xd000 */
    X4(beq),
    X4(bne),
    X4(bcs),
    X4(bcc),
    X4(bmi),
    X4(bpl),
    X4(bvs),
    X4(bvc),
    X4(bhi),
    X4(bls),
    X4(bge),
    X4(blt),
    X4(bgt),
    X4(ble),
    X4(undef),
    X4(swi),
    /* 0xe000: the gap would be the second half of a BLX of ARMv5 */
    X32(b),
    X32(undef),
    X32(bl_first),
    X32(bl_second),
};
