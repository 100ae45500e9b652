/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Golden values for the processor core, the Thumb instruction set: each format once and at its
 * edges.
 */

#include "cpu-fixture.h"

enum { T = SVC | THUMB };

/* ---- Formats 1 to 5 ---- */

static void shifts_by_an_immediate_set_the_flags(void **state)
{
  (void)state;
  start(T);
  cpu.r[1] = 0x80000001;
  assert_int_equal(thumb(0x0048), 1); /* LSL r0, r1, #1 */
  assert_word(cpu.r[0], 2);
  assert_int_equal(flags(), NZCV_C);
  thumb(0x0808); /* LSR r0, r1, #32 */
  assert_word(cpu.r[0], 0);
  assert_int_equal(flags(), NZCV_Z | NZCV_C);
  thumb(0x1008); /* ASR r0, r1, #32 */
  assert_word(cpu.r[0], 0xffffffff);
  assert_int_equal(flags(), NZCV_N | NZCV_C);
  thumb(0x0008); /* LSL r0, r1, #0 keeps the carry */
  assert_int_equal(flags(), NZCV_N | NZCV_C);
}

static void three_operand_sums_set_the_flags(void **state)
{
  (void)state;
  start(T);
  cpu.r[1] = 7;
  cpu.r[2] = 7;
  thumb(0x1888); /* ADD r0, r1, r2 */
  assert_word(cpu.r[0], 14);
  thumb(0x1a88); /* SUB r0, r1, r2 */
  assert_int_equal(flags(), NZCV_Z | NZCV_C);
  thumb(0x1dc8); /* ADD r0, r1, #7 */
  assert_word(cpu.r[0], 14);
  thumb(0x1fc8); /* SUB r0, r1, #7 */
  assert_word(cpu.r[0], 0);
  thumb(0x1e40); /* SUB r0, r0, #1 */
  assert_int_equal(flags(), NZCV_N);
}

static void eight_bit_immediates_set_the_flags(void **state)
{
  (void)state;
  start(T | 0x10000000);
  thumb(0x2000); /* MOV r0, #0 */
  assert_int_equal(flags(), NZCV_Z | NZCV_V);
  thumb(0x30ff); /* ADD r0, #255 */
  assert_word(cpu.r[0], 255);
  thumb(0x3855); /* SUB r0, #0x55 */
  assert_word(cpu.r[0], 0xaa);
  thumb(0x28aa); /* CMP r0, #0xaa */
  assert_int_equal(flags(), NZCV_Z | NZCV_C);
  assert_word(cpu.r[0], 0xaa);
}

typedef struct {
  uint32_t op;
  uint32_t rd, rs;
  unsigned carry;
  uint32_t result;
  unsigned nzcv;
  unsigned cycles;
} AluCase;

/* <op> r0, r1 */
static const AluCase alu_cases[] = {
    {0x4008, 0xff, 0x0f, 0, 0x0f, 0, 1},                         /* AND */
    {0x4048, 0xff, 0xff, 0, 0, NZCV_Z, 1},                       /* EOR */
    {0x4088, 1, 32, 0, 0, NZCV_Z | NZCV_C, 2},                   /* LSL */
    {0x40c8, 0x80000000, 33, 1, 0, NZCV_Z, 2},                   /* LSR */
    {0x4108, 0x80000000, 40, 0, 0xffffffff, NZCV_N | NZCV_C, 2}, /* ASR */
    {0x41c8, 0x00000001, 1, 0, 0x80000000, NZCV_N | NZCV_C, 2},  /* ROR */
    {0x41c8, 0x80000001, 0x100, 0, 0x80000001, NZCV_N, 2},       /* ROR by nothing */
    {0x4148, 0xffffffff, 0, 1, 0, NZCV_Z | NZCV_C, 1},           /* ADC */
    {0x4188, 5, 5, 0, 0xffffffff, NZCV_N, 1},                    /* SBC */
    {0x4208, 1, 2, 0, 1, NZCV_Z, 1},                             /* TST */
    {0x4248, 9, 0x80000000, 0, 0x80000000, NZCV_N | NZCV_V, 1},  /* NEG */
    {0x4248, 9, 0, 0, 0, NZCV_Z | NZCV_C, 1},
    {0x4288, 3, 4, 0, 3, NZCV_N, 1},                         /* CMP */
    {0x42c8, 1, 0xffffffff, 0, 1, NZCV_Z | NZCV_C, 1},       /* CMN */
    {0x4308, 0xf0, 0x0f, 0, 0xff, 0, 1},                     /* ORR */
    {0x4348, 0x10000, 0xffffffff, 0, 0xffff0000, NZCV_N, 4}, /* MUL: m by Rd */
    {0x4348, 0xffffffff, 0x10000, 0, 0xffff0000, NZCV_N, 2},
    {0x4388, 0xff, 0x0f, 0, 0xf0, 0, 1},      /* BIC */
    {0x43c8, 0, 0, 0, 0xffffffff, NZCV_N, 1}, /* MVN */
};

static void each_alu_operation_has_its_result_flags_and_cycles(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof alu_cases / sizeof alu_cases[0]; i++) {
    const AluCase *alu = &alu_cases[i];
    start(T | alu->carry << 29);
    cpu.r[0] = alu->rd;
    cpu.r[1] = alu->rs;
    assert_int_equal(thumb(alu->op), alu->cycles);
    assert_word(cpu.r[0], alu->result);
    assert_int_equal(flags(), alu->nzcv);
  }
}

static void high_registers_move_and_add_without_flags(void **state)
{
  (void)state;
  start(T | 0xf0000000);
  thumb(0x4640); /* MOV r0, r8 */
  assert_word(cpu.r[0], 0x800);
  thumb(0x44c1); /* ADD r9, r8 */
  assert_word(cpu.r[9], 0x1100);
  assert_int_equal(flags(), 15);
  thumb(0x45c8); /* CMP r8, r9 */
  assert_int_equal(flags(), NZCV_N);
  thumb(0x4678); /* MOV r0, pc */
  assert_word(cpu.r[0], CODE + 6);
  cpu.r[8] = 0x3001;
  assert_int_equal(thumb(0x46c7), 3); /* MOV pc, r8 */
  assert_word(cpu.r[15], 0x3000);
  assert_word(cpu.cpsr & SIM_PSR_T, SIM_PSR_T);
}

static void bx_changes_the_state_both_ways(void **state)
{
  (void)state;
  start(T);
  cpu.r[8] = 0x3000;
  assert_int_equal(thumb(0x4740), 3); /* BX r8 */
  assert_word(cpu.r[15], 0x3000);
  assert_word(cpu.cpsr, SVC);
  cpu.r[8] = 0x3003;
  assert_int_equal(arm(0xe12fff18), 3); /* BX r8 */
  assert_word(cpu.r[15], 0x3002);
  assert_word(cpu.cpsr, T);
  cpu.r[15] = CODE;
  put_word(CODE, 0x4778); /* BX pc, on a word boundary */
  sim_cpu_step(&cpu);
  assert_word(cpu.r[15], CODE + 4);
  assert_word(cpu.cpsr, SVC);
  /* To the address that pc would have had: it must not be mistaken for going on. */
  cpu.r[8] = CODE + 7;
  arm(0xe12fff18);
  assert_word(cpu.r[15], CODE + 6);
}

/* ---- Formats 6 to 13 ---- */

static void loads_and_stores_scale_their_offsets(void **state)
{
  (void)state;
  start(T);
  cpu.r[1] = DATA;
  cpu.r[2] = 0xa1b2c3d4;
  assert_int_equal(thumb(0x604a), 2); /* STR r2, [r1, #4] */
  assert_word(get_word(DATA + 4), 0xa1b2c3d4);
  assert_int_equal(thumb(0x6848), 3); /* LDR r0, [r1, #4] */
  assert_word(cpu.r[0], 0xa1b2c3d4);
  thumb(0x8888); /* LDRH r0, [r1, #4] */
  assert_word(cpu.r[0], 0xc3d4);
  thumb(0x79c8); /* LDRB r0, [r1, #7] */
  assert_word(cpu.r[0], 0xa1);
  thumb(0x810a); /* STRH r2, [r1, #8] */
  assert_word(get_word(DATA + 8), 0xc3d4);
  thumb(0x728a); /* STRB r2, [r1, #10] */
  assert_word(get_word(DATA + 8), 0x00d4c3d4);
}

static void register_offsets_reach_every_size(void **state)
{
  (void)state;
  start(T);
  cpu.r[1] = DATA;
  cpu.r[2] = 0x81828384;
  cpu.r[3] = 4;
  thumb(0x50ca); /* STR r2, [r1, r3] */
  assert_word(get_word(DATA + 4), 0x81828384);
  thumb(0x58c8); /* LDR r0, [r1, r3] */
  assert_word(cpu.r[0], 0x81828384);
  thumb(0x5ac8); /* LDRH r0, [r1, r3] */
  assert_word(cpu.r[0], 0x8384);
  thumb(0x5ec8); /* LDRSH */
  assert_word(cpu.r[0], 0xffff8384);
  thumb(0x5cc8); /* LDRB */
  assert_word(cpu.r[0], 0x84);
  thumb(0x56c8); /* LDRSB */
  assert_word(cpu.r[0], 0xffffff84);
  cpu.r[3] = 5;
  thumb(0x58c8); /* LDR, unaligned: rotated */
  assert_word(cpu.r[0], 0x84818283);
  thumb(0x5ec8); /* LDRSH, unaligned: the one byte */
  assert_word(cpu.r[0], 0xffffff83);
  cpu.r[3] = 8;
  thumb(0x52ca); /* STRH r2, [r1, r3] */
  assert_word(get_word(DATA + 8), 0x8384);
  thumb(0x54c9); /* STRB r1, [r1, r3] */
  assert_word(get_word(DATA + 8), 0x8300);
}

static void pc_and_sp_are_bases_and_addresses(void **state)
{
  (void)state;
  start(T);
  put_word(CODE + 8, 0x12345678);
  assert_int_equal(thumb(0x4801), 3); /* LDR r0, [pc, #4]: pc rounded down */
  assert_word(cpu.r[0], 0x12345678);
  assert_int_equal(thumb(0xa001), 1); /* ADD r0, pc, #4 */
  assert_word(cpu.r[0], CODE + 8);
  cpu.r[13] = DATA;
  cpu.r[2] = 0xfeed;
  thumb(0x9202); /* STR r2, [sp, #8] */
  assert_word(get_word(DATA + 8), 0xfeed);
  thumb(0x9802); /* LDR r0, [sp, #8] */
  assert_word(cpu.r[0], 0xfeed);
  thumb(0xa803); /* ADD r0, sp, #12 */
  assert_word(cpu.r[0], DATA + 12);
  thumb(0xb084); /* SUB sp, #16 */
  assert_word(cpu.r[13], DATA - 16);
  thumb(0xb002); /* ADD sp, #8 */
  assert_word(cpu.r[13], DATA - 8);
}

/* ---- Formats 14 to 19 ---- */

static void push_and_pop_are_full_descending(void **state)
{
  (void)state;
  start(T);
  cpu.r[13] = DATA;
  assert_int_equal(thumb(0xb503), 4); /* PUSH {r0, r1, lr} */
  assert_word(cpu.r[13], DATA - 12);
  assert_word(get_word(DATA - 8), 0x100);
  assert_word(get_word(DATA - 4), 0xe00);
  assert_int_equal(thumb(0xbd0c), 7); /* POP {r2, r3, pc}: 3 + 1 + 1 + 2 */
  assert_word(cpu.r[13], DATA);
  assert_word(cpu.r[3], 0x100);
  assert_word(cpu.r[15], 0xe00);
  put_word(DATA, 0x3000);
  thumb(0xbd00); /* POP {pc}: an even address does not lead to ARM state */
  assert_word(cpu.r[15], 0x3000);
  assert_word(cpu.cpsr, T);
}

static void a_misaligned_block_keeps_the_low_bits_of_its_base(void **state)
{
  (void)state;
  start(T);
  put_word(DATA, 0x44332211);
  cpu.r[1] = DATA + 2;
  thumb(0xc901); /* LDMIA r1!, {r0} */
  assert_word(cpu.r[0], 0x44332211);
  assert_word(cpu.r[1], DATA + 6);
  cpu.r[13] = DATA + 3;
  thumb(0xbc01); /* POP {r0} */
  assert_word(cpu.r[0], 0x44332211);
  assert_word(cpu.r[13], DATA + 7);
  assert_int_equal(seen.unaligned, 2);
}

static void multiple_transfers_write_their_base_back(void **state)
{
  (void)state;
  start(T);
  cpu.r[2] = DATA;
  assert_int_equal(thumb(0xc20a), 3); /* STMIA r2!, {r1, r3} */
  assert_word(cpu.r[2], DATA + 8);
  assert_word(get_word(DATA + 4), 0x300);
  cpu.r[2] = DATA;
  thumb(0xc206); /* STMIA r2!, {r1, r2}: the changed base */
  assert_word(get_word(DATA + 4), DATA + 8);
  cpu.r[2] = DATA;
  assert_int_equal(thumb(0xca05), 4); /* LDMIA r2!, {r0, r2}: what was loaded stays */
  assert_word(cpu.r[0], 0x100);
  assert_word(cpu.r[2], DATA + 8);
  cpu.r[2] = DATA;
  thumb(0xc200); /* STMIA r2!, {} */
  assert_word(cpu.r[2], DATA + 0x40);
}

static void branches_reach_both_ways(void **state)
{
  (void)state;
  start(T);
  assert_int_equal(thumb(0xe7fe), 3); /* B . */
  assert_word(cpu.r[15], CODE + 2);
  thumb(0xe3ff); /* the farthest forward */
  assert_word(cpu.r[15], CODE + 6 + 2046);
  thumb(0xe400); /* the farthest back */
  assert_word(cpu.r[15], CODE + 6 - 2048);
  set_flags(NZCV_Z);
  thumb(0xd080); /* BEQ, the farthest back */
  assert_word(cpu.r[15], CODE + 6 - 256);
}

static void a_long_call_is_two_instructions(void **state)
{
  (void)state;
  start(T);
  cpu.r[15] = CODE;
  put_word(CODE, 0xf803f001); /* BL CODE + 4 + 0x1000 + 6 */
  sim_cpu_step(&cpu);
  assert_word(cpu.r[14], CODE + 4 + 0x1000);
  assert_word(cpu.r[15], CODE + 2);
  assert_int_equal(cpu.cycles, 1);
  sim_cpu_step(&cpu);
  assert_word(cpu.r[15], CODE + 4 + 0x1000 + 6);
  assert_word(cpu.r[14], (CODE + 4) | 1);
  assert_int_equal(cpu.cycles, 4);
  cpu.r[15] = CODE;
  put_word(CODE, 0xfffef7ff); /* BL CODE: backwards */
  sim_cpu_step(&cpu);
  sim_cpu_step(&cpu);
  assert_word(cpu.r[15], CODE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shifts_by_an_immediate_set_the_flags),
      cmocka_unit_test(three_operand_sums_set_the_flags),
      cmocka_unit_test(eight_bit_immediates_set_the_flags),
      cmocka_unit_test(each_alu_operation_has_its_result_flags_and_cycles),
      cmocka_unit_test(high_registers_move_and_add_without_flags),
      cmocka_unit_test(bx_changes_the_state_both_ways),
      cmocka_unit_test(loads_and_stores_scale_their_offsets),
      cmocka_unit_test(register_offsets_reach_every_size),
      cmocka_unit_test(pc_and_sp_are_bases_and_addresses),
      cmocka_unit_test(push_and_pop_are_full_descending),
      cmocka_unit_test(a_misaligned_block_keeps_the_low_bits_of_its_base),
      cmocka_unit_test(multiple_transfers_write_their_base_back),
      cmocka_unit_test(branches_reach_both_ways),
      cmocka_unit_test(a_long_call_is_two_instructions),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
