/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The ARM instruction set: data processing, status registers, multiplication, branches, and the
 * table by which all ARM instructions are found. Those that access memory are in cpu-transfer.c.
 */

#include "cpu-private.h"

/* ---- Data processing ---- */

typedef enum {
  AND,
  EOR,
  SUB,
  RSB,
  ADD,
  ADC,
  SBC,
  RSC,
  TST,
  TEQ,
  CMP,
  CMN,
  ORR,
  MOV,
  BIC,
  MVN,
} Opcode;

/* The kinds of second operand; the first four are those of SimShift with an immediate amount. */
typedef enum {
  BY_LSL = SIM_LSL,
  BY_LSR = SIM_LSR,
  BY_ASR = SIM_ASR,
  BY_ROR = SIM_ROR,
  BY_SHIFT_REGISTER,
  BY_IMMEDIATE,
} OperandKind;

SIM_INLINE bool is_comparison(Opcode opcode)
{
  return opcode >= TST && opcode <= CMN;
}

SIM_INLINE uint32_t rotated_immediate(uint32_t op, unsigned *carry)
{
  uint32_t value = sim_rotate_right(op & 0xff, (op >> 7) & 0x1e);
  if ((op & 0xf00) != 0)
    *carry = value >> 31;
  return value;
}

/* With the amount in a register, the instruction takes one cycle more and reads pc later. */
SIM_INLINE uint32_t second_operand(SimCpu *cpu, uint32_t op, OperandKind kind, unsigned *carry)
{
  if (kind == BY_IMMEDIATE)
    return rotated_immediate(op, carry);
  uint32_t value = cpu->r[op & 15];
  if (kind != BY_SHIFT_REGISTER)
    return sim_shift_immediate(value, (SimShift)kind, (op >> 7) & 31, carry);
  if ((op & 15) == SIM_PC)
    value += 4;
  return sim_shift(value, (op >> 5) & 3, cpu->r[(op >> 8) & 15] & 0xff, carry);
}

/* The ALU; `s` sets the flags. The carry of the shifter becomes C in the logical operations. */
SIM_INLINE uint32_t calculate(SimCpu *cpu, Opcode opcode, uint32_t a, uint32_t b, unsigned shifter,
                              bool s)
{
  uint32_t result;
  switch (opcode) {
  case SUB:
  case CMP:
    return sim_add(cpu, a, ~b, 1, s);
  case RSB:
    return sim_add(cpu, b, ~a, 1, s);
  case ADD:
  case CMN:
    return sim_add(cpu, a, b, 0, s);
  case ADC:
    return sim_add(cpu, a, b, sim_carry(cpu), s);
  case SBC:
    return sim_add(cpu, a, ~b, sim_carry(cpu), s);
  case RSC:
    return sim_add(cpu, b, ~a, sim_carry(cpu), s);
  case AND:
  case TST:
    result = a & b;
    break;
  case EOR:
  case TEQ:
    result = a ^ b;
    break;
  case ORR:
    result = a | b;
    break;
  case MOV:
    result = b;
    break;
  case BIC:
    result = a & ~b;
    break;
  case MVN:
  default:
    result = ~b;
    break;
  }
  if (s)
    sim_set_nzc(cpu, result, shifter);
  return result;
}

/* An S-form that names pc as its destination returns from an exception: CPSR = SPSR, flags and all.
 * The modes without SPSR have nothing to restore: there it sets the flags. */
static void return_from_exception(SimCpu *cpu, Opcode opcode, uint32_t a, uint32_t b,
                                  unsigned shifter)
{
  uint32_t next = cpu->r[SIM_PC] - 4;
  bool has_spsr = sim_bank_of(cpu->cpsr) != SIM_BANK_USER;
  if (is_comparison(opcode)) {
    /* TEQP and its kin: without SPSR they do nothing at all. */
    if (sim_restore_cpsr(cpu))
      sim_continue_at(cpu, next);
    return;
  }
  uint32_t result = calculate(cpu, opcode, a, b, shifter, !has_spsr);
  sim_restore_cpsr(cpu);
  sim_jump(cpu, result);
}

SIM_INLINE void process_data(SimCpu *cpu, uint32_t op, Opcode opcode, bool s, OperandKind kind)
{
  unsigned rd = (op >> 12) & 15;
  unsigned rn = (op >> 16) & 15;
  unsigned shifter = sim_carry(cpu);
  uint32_t b = second_operand(cpu, op, kind, &shifter);
  uint32_t a = cpu->r[rn];
  if (kind == BY_SHIFT_REGISTER) {
    sim_internal_cycles(cpu, 1);
    if (rn == SIM_PC)
      a += 4;
  }
  if (s && rd == SIM_PC) {
    return_from_exception(cpu, opcode, a, b, shifter);
    return;
  }
  uint32_t result = calculate(cpu, opcode, a, b, shifter, s);
  if (!is_comparison(opcode))
    sim_write_register(cpu, rd, result);
}

/* One handler each for the kinds of second operand. */
#define DATA_HANDLER(name, opcode, s, kind)                                                        \
  static void name(SimCpu *cpu, uint32_t op)                                                       \
  {                                                                                                \
    process_data(cpu, op, opcode, s, kind);                                                        \
  }
#define DATA_HANDLERS(name, opcode, s)                                                             \
  DATA_HANDLER(name##_lsl, opcode, s, BY_LSL)                                                      \
  DATA_HANDLER(name##_lsr, opcode, s, BY_LSR)                                                      \
  DATA_HANDLER(name##_asr, opcode, s, BY_ASR)                                                      \
  DATA_HANDLER(name##_ror, opcode, s, BY_ROR)                                                      \
  DATA_HANDLER(name##_r, opcode, s, BY_SHIFT_REGISTER)                                             \
  DATA_HANDLER(name##_i, opcode, s, BY_IMMEDIATE)

DATA_HANDLERS(and, AND, false)
DATA_HANDLERS(ands, AND, true)
DATA_HANDLERS(eor, EOR, false)
DATA_HANDLERS(eors, EOR, true)
DATA_HANDLERS(sub, SUB, false)
DATA_HANDLERS(subs, SUB, true)
DATA_HANDLERS(rsb, RSB, false)
DATA_HANDLERS(rsbs, RSB, true)
DATA_HANDLERS(add, ADD, false)
DATA_HANDLERS(adds, ADD, true)
DATA_HANDLERS(adc, ADC, false)
DATA_HANDLERS(adcs, ADC, true)
DATA_HANDLERS(sbc, SBC, false)
DATA_HANDLERS(sbcs, SBC, true)
DATA_HANDLERS(rsc, RSC, false)
DATA_HANDLERS(rscs, RSC, true)
DATA_HANDLERS(tst, TST, true)
DATA_HANDLERS(teq, TEQ, true)
DATA_HANDLERS(cmp, CMP, true)
DATA_HANDLERS(cmn, CMN, true)
DATA_HANDLERS(orr, ORR, false)
DATA_HANDLERS(orrs, ORR, true)
DATA_HANDLERS(mov, MOV, false)
DATA_HANDLERS(movs, MOV, true)
DATA_HANDLERS(bic, BIC, false)
DATA_HANDLERS(bics, BIC, true)
DATA_HANDLERS(mvn, MVN, false)
DATA_HANDLERS(mvns, MVN, true)

/* ---- Undefined, SWI, branches ---- */

static void undef(SimCpu *cpu, uint32_t op)
{
  (void)op;
  sim_take_undefined(cpu);
}

static void swi(SimCpu *cpu, uint32_t op)
{
  (void)op;
  sim_take_swi(cpu);
}

static void bkpt(SimCpu *cpu, uint32_t op)
{
  if (op >> 28 == 0xe)
    sim_take_breakpoint(cpu, ((op >> 4) & 0xfff0) | (op & 15));
  else
    sim_take_undefined(cpu);
}

static void bx(SimCpu *cpu, uint32_t op)
{
  sim_branch_exchange(cpu, cpu->r[op & 15]);
}

/* The offset in words from bits 23-0, as a two's complement number of bytes. */
static uint32_t branch_target(const SimCpu *cpu, uint32_t op)
{
  return cpu->r[SIM_PC] + ((op & 0xffffff) << 2 | (op & 0x800000 ? 0xfc000000 : 0));
}

static void b(SimCpu *cpu, uint32_t op)
{
  sim_branch(cpu, branch_target(cpu, op));
}

static void bl(SimCpu *cpu, uint32_t op)
{
  cpu->r[SIM_LR] = cpu->r[SIM_PC] - 4;
  sim_branch(cpu, branch_target(cpu, op));
}

/* ---- Status registers ---- */

static void mrs_c(SimCpu *cpu, uint32_t op)
{
  sim_write_register(cpu, (op >> 12) & 15, cpu->cpsr);
}

/* Where there is no SPSR, the core hands out the CPSR. */
static void mrs_s(SimCpu *cpu, uint32_t op)
{
  SimBank bank = sim_bank_of(cpu->cpsr);
  sim_write_register(cpu, (op >> 12) & 15, bank == SIM_BANK_USER ? cpu->cpsr : cpu->spsr[bank]);
}

/* The bits that the field mask of an MSR opens; ARMv4 has no others than flags and control. */
static uint32_t msr_mask(uint32_t op)
{
  return (op & 0x80000 ? (uint32_t)SIM_PSR_FLAGS : 0) | (op & 0x10000 ? SIM_PSR_CONTROL : 0);
}

/* User mode changes the flags only and nobody tells it so. T is not the MSR's to change: the
 * pipeline would go on in the wrong state. */
static void write_cpsr(SimCpu *cpu, uint32_t op, uint32_t value)
{
  uint32_t mask = msr_mask(op) & ~(uint32_t)SIM_PSR_T;
  if (sim_is_user(cpu))
    mask &= (uint32_t)SIM_PSR_FLAGS;
  sim_set_cpsr(cpu, (cpu->cpsr & ~mask) | (value & mask));
}

static void write_spsr(SimCpu *cpu, uint32_t op, uint32_t value)
{
  SimBank bank = sim_bank_of(cpu->cpsr);
  uint32_t mask = msr_mask(op);
  if (bank != SIM_BANK_USER)
    cpu->spsr[bank] = ((cpu->spsr[bank] & ~mask) | (value & mask)) | SIM_MODE_ALWAYS;
}

static void msr_c(SimCpu *cpu, uint32_t op)
{
  write_cpsr(cpu, op, cpu->r[op & 15]);
}

static void msr_s(SimCpu *cpu, uint32_t op)
{
  write_spsr(cpu, op, cpu->r[op & 15]);
}

static void msr_ci(SimCpu *cpu, uint32_t op)
{
  unsigned carry = 0;
  write_cpsr(cpu, op, rotated_immediate(op, &carry));
}

static void msr_si(SimCpu *cpu, uint32_t op)
{
  unsigned carry = 0;
  write_spsr(cpu, op, rotated_immediate(op, &carry));
}

/* ---- Multiplication ---- */

/* The data sheet calls C after a multiplication meaningless; here it stays as it was. */
static void multiply(SimCpu *cpu, uint32_t op)
{
  unsigned rd = (op >> 16) & 15;
  uint32_t multiplier = cpu->r[(op >> 8) & 15];
  uint32_t result = cpu->r[op & 15] * multiplier;
  sim_internal_cycles(cpu, sim_multiplier_cycles(multiplier, true));
  if (op & 1u << 21) {
    result += cpu->r[(op >> 12) & 15];
    sim_internal_cycles(cpu, 1);
  }
  if (op & 1u << 20)
    sim_set_nz(cpu, result);
  sim_write_register(cpu, rd, result);
}

static void multiply_long(SimCpu *cpu, uint32_t op)
{
  unsigned low = (op >> 12) & 15;
  unsigned high = (op >> 16) & 15;
  uint32_t a = cpu->r[op & 15];
  uint32_t multiplier = cpu->r[(op >> 8) & 15];
  bool is_signed = (op & 1u << 22) != 0;
  uint64_t result = (uint64_t)a * multiplier;
  if (is_signed) {
    /* A negative factor counts 2^32 too much in the unsigned product, times the other factor. */
    result -= (uint64_t)(a >> 31 ? multiplier : 0) << 32;
    result -= (uint64_t)(multiplier >> 31 ? a : 0) << 32;
  }
  sim_internal_cycles(cpu, 1 + sim_multiplier_cycles(multiplier, is_signed));
  if (op & 1u << 21) {
    result += (uint64_t)cpu->r[high] << 32 | cpu->r[low];
    sim_internal_cycles(cpu, 1);
  }
  if (op & 1u << 20) {
    sim_set_nz(cpu, (uint32_t)(result >> 32));
    if ((uint32_t)result != 0)
      cpu->cpsr &= ~(uint32_t)SIM_PSR_Z;
  }
  sim_write_register(cpu, low, (uint32_t)result);
  sim_write_register(cpu, high, (uint32_t)(result >> 32));
}

/* ---- The table ---- */

#define X2(...)  __VA_ARGS__, __VA_ARGS__
#define X4(...)  X2(__VA_ARGS__), X2(__VA_ARGS__)
#define X8(...)  X4(__VA_ARGS__), X4(__VA_ARGS__)
#define X16(...) X8(__VA_ARGS__), X8(__VA_ARGS__)

/* A row is the 16 values of bits 7-4 under one value of bits 27-20. */
#define ALL(h)                                                                                     \
  {                                                                                                \
    X16(h)                                                                                         \
  }

/* Bit 4 clear, or bit 4 set with bit 7 clear: data processing in registers; the other four: the
 * multiplications, swaps and halfword transfers that were fitted in later. */
#define DATA(name, x9, xb, xd, xf)                                                                 \
  {                                                                                                \
    name##_lsl, name##_r, name##_lsr, name##_r, name##_asr, name##_r, name##_ror, name##_r,        \
        name##_lsl, x9, name##_lsr, xb, name##_asr, xd, name##_ror, xf                             \
  }
#define DATA_AND_STORE(name, x9) DATA(name, x9, sim_arm_strh, undef, undef)
#define DATA_AND_LOAD(name, x9)  DATA(name, x9, sim_arm_ldrh, sim_arm_ldrsb, sim_arm_ldrsh)

/* Comparisons that set no flags would be useless: their room holds other instructions. */
#define MISC(x0, x1, x7, x9)                                                                       \
  {                                                                                                \
    x0, x1, X4(undef), undef, x7, undef, x9, undef, sim_arm_strh, X4(undef)                        \
  }

/* Single transfers by B, W and L, the lowest bits of the row; with the offset in a register bit 4
 * must be clear. */
#define REGISTER_OFFSET(h)                                                                         \
  {                                                                                                \
    X8(h, undef)                                                                                   \
  }
#define TRANSFERS_IMMEDIATE                                                                        \
  X2(ALL(sim_arm_str_immediate), ALL(sim_arm_ldr_immediate)),                                      \
      X2(ALL(sim_arm_strb_immediate), ALL(sim_arm_ldrb_immediate))
#define TRANSFERS_REGISTER                                                                         \
  X2(REGISTER_OFFSET(sim_arm_str_register), REGISTER_OFFSET(sim_arm_ldr_register)),                \
      X2(REGISTER_OFFSET(sim_arm_strb_register), REGISTER_OFFSET(sim_arm_ldrb_register))

SimHandler *const sim_arm_handlers[256][16] = {
    /* 0x00 */
    DATA_AND_STORE(and, multiply),
    DATA_AND_LOAD(ands, multiply),
    DATA_AND_STORE(eor, multiply),
    DATA_AND_LOAD(eors, multiply),
    DATA_AND_STORE(sub, undef),
    DATA_AND_LOAD(subs, undef),
    DATA_AND_STORE(rsb, undef),
    DATA_AND_LOAD(rsbs, undef),
    DATA_AND_STORE(add, multiply_long),
    DATA_AND_LOAD(adds, multiply_long),
    DATA_AND_STORE(adc, multiply_long),
    DATA_AND_LOAD(adcs, multiply_long),
    DATA_AND_STORE(sbc, multiply_long),
    DATA_AND_LOAD(sbcs, multiply_long),
    DATA_AND_STORE(rsc, multiply_long),
    DATA_AND_LOAD(rscs, multiply_long),
    /* 0x10 */
    MISC(mrs_c, undef, undef, sim_arm_swp),
    DATA_AND_LOAD(tst, undef),
    MISC(msr_c, bx, bkpt, undef),
    DATA_AND_LOAD(teq, undef),
    MISC(mrs_s, undef, undef, sim_arm_swpb),
    DATA_AND_LOAD(cmp, undef),
    MISC(msr_s, undef, undef, undef),
    DATA_AND_LOAD(cmn, undef),
    DATA_AND_STORE(orr, undef),
    DATA_AND_LOAD(orrs, undef),
    DATA_AND_STORE(mov, undef),
    DATA_AND_LOAD(movs, undef),
    DATA_AND_STORE(bic, undef),
    DATA_AND_LOAD(bics, undef),
    DATA_AND_STORE(mvn, undef),
    DATA_AND_LOAD(mvns, undef),
    /* 0x20 */
    ALL(and_i),
    ALL(ands_i),
    ALL(eor_i),
    ALL(eors_i),
    ALL(sub_i),
    ALL(subs_i),
    ALL(rsb_i),
    ALL(rsbs_i),
    ALL(add_i),
    ALL(adds_i),
    ALL(adc_i),
    ALL(adcs_i),
    ALL(sbc_i),
    ALL(sbcs_i),
    ALL(rsc_i),
    ALL(rscs_i),
    /* 0x30 */
    ALL(undef),
    ALL(tst_i),
    ALL(msr_ci),
    ALL(teq_i),
    ALL(undef),
    ALL(cmp_i),
    ALL(msr_si),
    ALL(cmn_i),
    ALL(orr_i),
    ALL(orrs_i),
    ALL(mov_i),
    ALL(movs_i),
    ALL(bic_i),
    ALL(bics_i),
    ALL(mvn_i),
    ALL(mvns_i),
    /* 0x40 */
    X4(TRANSFERS_IMMEDIATE),
    /* 0x60 */
    X4(TRANSFERS_REGISTER),
    /* 0x80 */
    X16(ALL(sim_arm_stm), ALL(sim_arm_ldm)),
    /* 0xa0 */
    X16(ALL(b)),
    X16(ALL(bl)),
    /* 0xc0: no coprocessor is there to claim one */
    X16(ALL(undef)),
    X16(ALL(undef)),
    X16(ALL(undef)),
    /* 0xf0 */
    X16(ALL(swi)),
};
