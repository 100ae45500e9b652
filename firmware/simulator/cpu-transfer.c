/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The instructions that access memory: ARM's single, halfword and block transfers and swaps, and
 * the block transfers that the Thumb set shares.
 *
 * A data abort follows the "base updated" model of this core: write-back happens as if the access
 * had succeeded, and a loaded register keeps its value.
 */

#include "cpu-private.h"

enum {
  OP_PRE_INDEXED = 1 << 24,
  OP_UP = 1 << 23,
  OP_USER_BANK = 1 << 22,
  OP_IMMEDIATE_HALFWORD = 1 << 22,
  OP_WRITE_BACK = 1 << 21,
};

/* ---- Single transfers ---- */

/* Where an instruction transfers to, and with what privilege. Does the write-back; with pc as the
 * base, which the data sheet rules out, there is none. */
typedef struct {
  uint32_t addr;
  bool user;
} Access;

SIM_INLINE Access index_base(SimCpu *cpu, uint32_t op, uint32_t offset)
{
  unsigned rn = (op >> 16) & 15;
  uint32_t base = cpu->r[rn];
  uint32_t moved = op & OP_UP ? base + offset : base - offset;
  bool pre = (op & OP_PRE_INDEXED) != 0;
  bool write_back = (op & OP_WRITE_BACK) != 0;
  if ((!pre || write_back) && rn != SIM_PC)
    cpu->r[rn] = moved;
  /* W in a post-indexed transfer makes it LDRT or STRT. */
  return (Access){.addr = pre ? moved : base, .user = sim_is_user(cpu) || (!pre && write_back)};
}

SIM_INLINE uint32_t word_offset(SimCpu *cpu, uint32_t op, bool in_register)
{
  if (!in_register)
    return op & 0xfff;
  unsigned carry = sim_carry(cpu);
  return sim_shift_immediate(cpu->r[op & 15], (op >> 5) & 3, (op >> 7) & 31, &carry);
}

SIM_INLINE void transfer(SimCpu *cpu, uint32_t op, bool load, SimSize size, uint32_t offset)
{
  unsigned rd = (op >> 12) & 15;
  /* The value to store is read before the write-back; pc has moved on by then. */
  uint32_t value = cpu->r[rd] + (rd == SIM_PC ? 4 : 0);
  Access access = index_base(cpu, op, offset);
  if (load)
    sim_load_register(cpu, rd, access.addr, size, access.user);
  else
    sim_store_value(cpu, value, access.addr, size, access.user);
}

#define SINGLE_HANDLERS(name, load, size)                                                          \
  void sim_arm_##name##_immediate(SimCpu *cpu, uint32_t op)                                        \
  {                                                                                                \
    transfer(cpu, op, load, size, word_offset(cpu, op, false));                                    \
  }                                                                                                \
  void sim_arm_##name##_register(SimCpu *cpu, uint32_t op)                                         \
  {                                                                                                \
    transfer(cpu, op, load, size, word_offset(cpu, op, true));                                     \
  }

SINGLE_HANDLERS(str, false, SIM_WORD)
SINGLE_HANDLERS(ldr, true, SIM_WORD)
SINGLE_HANDLERS(strb, false, SIM_BYTE)
SINGLE_HANDLERS(ldrb, true, SIM_BYTE)

static uint32_t halfword_offset(const SimCpu *cpu, uint32_t op)
{
  if (op & OP_IMMEDIATE_HALFWORD)
    return ((op >> 4) & 0xf0) | (op & 15);
  return cpu->r[op & 15];
}

/* There is no halfword LDRT: with W set, a post-indexed form is an ordinary one. */
SIM_INLINE void transfer_halfword(SimCpu *cpu, uint32_t op, bool load, SimSize size)
{
  uint32_t offset = halfword_offset(cpu, op);
  if ((op & OP_PRE_INDEXED) == 0)
    op &= ~(uint32_t)OP_WRITE_BACK;
  transfer(cpu, op, load, size, offset);
}

void sim_arm_strh(SimCpu *cpu, uint32_t op)
{
  transfer_halfword(cpu, op, false, SIM_HALFWORD);
}

void sim_arm_ldrh(SimCpu *cpu, uint32_t op)
{
  transfer_halfword(cpu, op, true, SIM_HALFWORD);
}

void sim_arm_ldrsb(SimCpu *cpu, uint32_t op)
{
  transfer_halfword(cpu, op, true, SIM_SIGNED_BYTE);
}

void sim_arm_ldrsh(SimCpu *cpu, uint32_t op)
{
  transfer_halfword(cpu, op, true, SIM_SIGNED_HALFWORD);
}

/* ---- Swaps ---- */

/* An abort of either access leaves the destination alone; after one of the load, the memory too. */
static void swap(SimCpu *cpu, uint32_t op, SimSize size)
{
  uint32_t addr = cpu->r[(op >> 16) & 15];
  uint32_t value = cpu->r[op & 15];
  unsigned width = sim_width_of(size);
  bool user = sim_is_user(cpu);
  uint32_t data = 0;
  sim_note_unaligned(cpu, addr, width);
  bool done = sim_access_load(cpu, addr, width, user, &data) &&
              sim_access_store(cpu, addr, width, user, value);
  sim_internal_cycles(cpu, 1);
  if (done)
    sim_write_register(cpu, (op >> 12) & 15, sim_align_loaded(data, addr, size));
  else
    sim_take_data_abort(cpu);
}

void sim_arm_swp(SimCpu *cpu, uint32_t op)
{
  swap(cpu, op, SIM_WORD);
}

void sim_arm_swpb(SimCpu *cpu, uint32_t op)
{
  swap(cpu, op, SIM_BYTE);
}

/* ---- Block transfers ---- */

static uint32_t block_register(SimCpu *cpu, const SimBlock *block, unsigned n)
{
  if (n == SIM_PC)
    return cpu->r[SIM_PC] + sim_instruction_length(cpu);
  return block->user_bank ? sim_cpu_get_register(cpu, SIM_MODE_USER, n) : cpu->r[n];
}

/* The base changes behind the first store: as the first of the list it is stored with its old
 * value, as a later one with the new. An abort does not end the instruction early: the remaining
 * stores are driven, and it is up to the memory to refuse them. */
void sim_block_store(SimCpu *cpu, const SimBlock *block)
{
  bool user = sim_is_user(cpu);
  bool done = true;
  uint32_t addr = block->start;
  sim_note_unaligned(cpu, addr, 4);
  for (unsigned n = 0; n < 16; n++) {
    if ((block->list >> n & 1) == 0)
      continue;
    done &= sim_access_store(cpu, addr, 4, user, block_register(cpu, block, n));
    addr += 4;
    if (block->write_back)
      cpu->r[block->base] = block->final;
  }
  if (!done)
    sim_take_data_abort(cpu);
}

/* pc is the last register of each list. With ^ the old mode comes back first, so that the pc goes
 * on in the right state. */
static void load_pc(SimCpu *cpu, const SimBlock *block, uint32_t value)
{
  if (block->restore_cpsr)
    sim_restore_cpsr(cpu);
  sim_branch(cpu, value);
}

/* From the first abort on, nothing is loaded any more, and the base is put right even if the list
 * had overwritten it: the instruction can be repeated. */
void sim_block_load(SimCpu *cpu, const SimBlock *block)
{
  bool user = sim_is_user(cpu);
  bool done = true;
  uint32_t addr = block->start;
  uint32_t base = block->write_back ? block->final : cpu->r[block->base];
  uint32_t value = 0;
  sim_note_unaligned(cpu, addr, 4);
  if (block->write_back)
    cpu->r[block->base] = block->final;
  for (unsigned n = 0; n < 16; n++) {
    if ((block->list >> n & 1) == 0)
      continue;
    done &= sim_access_load(cpu, addr, 4, user, &value);
    addr += 4;
    if (!done || n == SIM_PC)
      continue;
    if (block->user_bank)
      sim_cpu_set_register(cpu, SIM_MODE_USER, n, value);
    else
      cpu->r[n] = value;
  }
  sim_internal_cycles(cpu, 1);
  if (!done) {
    if (block->base != SIM_PC)
      cpu->r[block->base] = base;
    sim_take_data_abort(cpu);
  } else if (block->list >> SIM_PC & 1) {
    load_pc(cpu, block, value);
  }
}

/* An empty list transfers pc alone and moves the base as sixteen registers would. */
static SimBlock decode_block(const SimCpu *cpu, uint32_t op)
{
  unsigned rn = (op >> 16) & 15;
  uint32_t list = op & 0xffff;
  uint32_t base = cpu->r[rn];
  uint32_t span = list != 0 ? 4 * (uint32_t)__builtin_popcount(list) : 0x40;
  bool up = (op & OP_UP) != 0;
  bool pre = (op & OP_PRE_INDEXED) != 0;
  return (SimBlock){
      .list = list != 0 ? list : 1u << SIM_PC,
      /* The lowest register goes to the lowest address, whichever the direction. */
      .start = (up ? base : base - span) + (pre == up ? 4 : 0),
      .final = up ? base + span : base - span,
      .base = rn,
      .write_back = (op & OP_WRITE_BACK) != 0 && rn != SIM_PC,
  };
}

void sim_arm_stm(SimCpu *cpu, uint32_t op)
{
  SimBlock block = decode_block(cpu, op);
  block.user_bank = (op & OP_USER_BANK) != 0;
  sim_block_store(cpu, &block);
}

void sim_arm_ldm(SimCpu *cpu, uint32_t op)
{
  SimBlock block = decode_block(cpu, op);
  bool with_pc = (block.list >> SIM_PC & 1) != 0;
  block.user_bank = (op & OP_USER_BANK) != 0 && !with_pc;
  block.restore_cpsr = (op & OP_USER_BANK) != 0 && with_pc;
  sim_block_load(cpu, &block);
}
