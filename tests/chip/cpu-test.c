/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Golden values for the processor core, the ARM instruction set: small hand-encoded
 * programs, each with the registers, flags and cycles that the data sheet (ARM DDI 0029E) promises.
 */

#include "cpu-fixture.h"

/* ---- Data processing ---- */

static void a_sum_sets_carry_and_overflow_apart(void **state)
{
  (void)state;
  start(SVC);
  cpu.r[1] = 0xffffffff;
  cpu.r[2] = 1;
  assert_int_equal(arm(0xe0910002), 1); /* ADDS r0, r1, r2 */
  assert_word(cpu.r[0], 0);
  assert_int_equal(flags(), NZCV_Z | NZCV_C);
  cpu.r[1] = 0x7fffffff;
  arm(0xe0910002);
  assert_word(cpu.r[0], 0x80000000);
  assert_int_equal(flags(), NZCV_N | NZCV_V);
}

static void a_difference_sets_carry_when_nothing_is_borrowed(void **state)
{
  (void)state;
  start(SVC);
  cpu.r[1] = 5;
  cpu.r[2] = 5;
  arm(0xe0510002); /* SUBS r0, r1, r2 */
  assert_int_equal(flags(), NZCV_Z | NZCV_C);
  cpu.r[2] = 6;
  arm(0xe1510002); /* CMP r1, r2 */
  assert_int_equal(flags(), NZCV_N);
  assert_word(cpu.r[0], 0);
  arm(0xe0710002); /* RSBS r0, r1, r2 */
  assert_word(cpu.r[0], 1);
  assert_int_equal(flags(), NZCV_C);
  cpu.r[1] = 0x80000000;
  cpu.r[2] = 1;
  arm(0xe0510002);
  assert_int_equal(flags(), NZCV_C | NZCV_V);
}

static void the_carry_goes_into_longer_sums_and_differences(void **state)
{
  (void)state;
  start(SVC);
  cpu.r[1] = 10;
  cpu.r[2] = 3;
  set_flags(NZCV_C);
  arm(0xe0a10002); /* ADC r0, r1, r2 */
  assert_word(cpu.r[0], 14);
  arm(0xe0c10002); /* SBC r0, r1, r2 */
  assert_word(cpu.r[0], 7);
  set_flags(0);
  arm(0xe0c10002);
  assert_word(cpu.r[0], 6);
  arm(0xe0f10002); /* RSCS r0, r1, r2 */
  assert_word(cpu.r[0], -8);
  assert_int_equal(flags(), NZCV_N);
  cpu.r[1] = 0xffffffff;
  cpu.r[2] = 0;
  set_flags(NZCV_C);
  arm(0xe0b10002); /* ADCS */
  assert_int_equal(flags(), NZCV_Z | NZCV_C);
}

static void logic_leaves_overflow_alone(void **state)
{
  (void)state;
  start(SVC | 0x10000000);
  cpu.r[1] = 0xf0f0;
  cpu.r[2] = 0xff00;
  arm(0xe0110002); /* ANDS */
  assert_word(cpu.r[0], 0xf000);
  arm(0xe0310002); /* EORS */
  assert_word(cpu.r[0], 0x0ff0);
  arm(0xe1910002); /* ORRS */
  assert_word(cpu.r[0], 0xfff0);
  arm(0xe1d10002); /* BICS */
  assert_word(cpu.r[0], 0x00f0);
  arm(0xe1f00002); /* MVNS */
  assert_word(cpu.r[0], 0xffff00ff);
  assert_int_equal(flags(), NZCV_N | NZCV_V);
  arm(0xe1310001); /* TEQ r1, r1 */
  assert_int_equal(flags(), NZCV_Z | NZCV_V);
  arm(0xe1110002); /* TST r1, r2 */
  assert_int_equal(flags(), NZCV_V);
  arm(0xe1710001); /* CMN r1, r1 */
  assert_int_equal(flags(), 0);
}

static void instructions_without_s_keep_the_flags(void **state)
{
  (void)state;
  start(SVC | 0xf0000000);
  arm(0xe0910001); /* ADDS, to see that it would change them */
  assert_int_equal(flags(), 0);
  set_flags(15);
  arm(0xe0810001); /* ADD */
  arm(0xe1a00001); /* MOV */
  arm(0xe0010091); /* MUL */
  assert_int_equal(flags(), 15);
}

static void a_rotated_immediate_sets_carry_only_if_it_rotates(void **state)
{
  (void)state;
  start(SVC | 0x20000000);
  arm(0xe3b00001); /* MOVS r0, #1 */
  assert_int_equal(flags(), NZCV_C);
  arm(0xe3b00101); /* MOVS r0, #0x40000000 */
  assert_word(cpu.r[0], 0x40000000);
  assert_int_equal(flags(), 0);
  arm(0xe3b00102); /* MOVS r0, #0x80000000 */
  assert_int_equal(flags(), NZCV_N | NZCV_C);
}

static void all_sixteen_conditions_read_all_sixteen_flags(void **state)
{
  (void)state;
  for (unsigned nzcv = 0; nzcv < 16; nzcv++) {
    bool n = nzcv & NZCV_N, z = nzcv & NZCV_Z, c = nzcv & NZCV_C, v = nzcv & NZCV_V;
    const bool holds[16] = {z,    !z,      c,       !c,     n,      !n,           v,
                            !v,   c && !z, !c || z, n == v, n != v, !z && n == v, z || n != v,
                            true, false};
    for (uint32_t condition = 0; condition < 16; condition++) {
      start(SVC | nzcv << FLAG_BITS);
      assert_int_equal(arm(condition << 28 | 0x03a00001), 1); /* MOV r0, #1 */
      assert_word(cpu.r[0], holds[condition]);
      assert_word(cpu.r[15], CODE + 4);
      assert_int_equal(cpu.instructions, 1);
      if (condition >= 14)
        continue;
      start(SVC | THUMB | nzcv << FLAG_BITS);
      assert_int_equal(thumb(0xd000 | condition << 8 | 0x10), holds[condition] ? 3 : 1);
      assert_word(cpu.r[15], holds[condition] ? CODE + 2 + 4 + 0x20 : CODE + 4);
    }
  }
}

/* ---- The shifter ---- */

typedef struct {
  uint32_t op;
  uint32_t value, amount;
  unsigned carry_in;
  uint32_t result;
  unsigned carry_out;
} ShiftCase;

/* MOVS r0, r1, <shift>: by an immediate, or by r2. */
static const ShiftCase shift_cases[] = {
    {0xe1b00001, 0x80000001, 0, 1, 0x80000001, 1}, /* LSL #0: carry stays */
    {0xe1b00001, 0x80000001, 0, 0, 0x80000001, 0},
    {0xe1b00081, 0x80000001, 0, 0, 0x00000002, 1}, /* LSL #1 */
    {0xe1b00f81, 0x00000003, 0, 0, 0x80000000, 1}, /* LSL #31 */
    {0xe1b00021, 0x80000000, 0, 0, 0, 1},          /* LSR #32, encoded as 0 */
    {0xe1b00021, 0x7fffffff, 0, 1, 0, 0},
    {0xe1b000a1, 0x00000003, 0, 0, 1, 1},          /* LSR #1 */
    {0xe1b00041, 0x80000000, 0, 0, 0xffffffff, 1}, /* ASR #32, encoded as 0 */
    {0xe1b00041, 0x7fffffff, 0, 1, 0, 0},
    {0xe1b000c1, 0x80000001, 0, 0, 0xc0000000, 1}, /* ASR #1 */
    {0xe1b00061, 0x00000001, 0, 1, 0x80000000, 1}, /* RRX */
    {0xe1b00061, 0x00000002, 0, 0, 0x00000001, 0},
    {0xe1b000e1, 0x00000001, 0, 0, 0x80000000, 1}, /* ROR #1 */
    {0xe1b00211, 0x80000001, 0, 1, 0x80000001, 1}, /* by a register: 0 keeps all */
    {0xe1b00231, 0x80000001, 0x100, 1, 0x80000001, 1},
    {0xe1b00211, 0x00000001, 31, 0, 0x80000000, 0}, /* LSL */
    {0xe1b00211, 0x00000001, 32, 0, 0, 1},
    {0xe1b00211, 0xffffffff, 33, 1, 0, 0},
    {0xe1b00211, 0xffffffff, 255, 1, 0, 0},
    {0xe1b00231, 0x80000000, 31, 0, 1, 0}, /* LSR */
    {0xe1b00231, 0x80000000, 32, 0, 0, 1},
    {0xe1b00231, 0xffffffff, 33, 1, 0, 0},
    {0xe1b00251, 0x80000000, 31, 1, 0xffffffff, 0}, /* ASR */
    {0xe1b00251, 0x80000000, 32, 0, 0xffffffff, 1},
    {0xe1b00251, 0x40000000, 200, 1, 0, 0},
    {0xe1b00271, 0x80000001, 32, 0, 0x80000001, 1}, /* ROR: 32 only sets the carry */
    {0xe1b00271, 0x00000010, 36, 1, 0x00000001, 0},
    {0xe1b00271, 0x00000018, 36, 0, 0x80000001, 1},
};

static void the_shifter_knows_its_edges(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof shift_cases / sizeof shift_cases[0]; i++) {
    const ShiftCase *shift = &shift_cases[i];
    start(SVC | shift->carry_in << 29);
    cpu.r[1] = shift->value;
    cpu.r[2] = shift->amount;
    bool by_register = (shift->op & 0x10) != 0;
    assert_int_equal(arm(shift->op), by_register ? 2 : 1);
    assert_word(cpu.r[0], shift->result);
    assert_int_equal((cpu.cpsr >> 29) & 1, shift->carry_out);
  }
}

static void pc_reads_eight_ahead_and_twelve_with_a_register_shift(void **state)
{
  (void)state;
  start(SVC);
  cpu.r[2] = 0;
  arm(0xe1a0000f); /* MOV r0, pc */
  assert_word(cpu.r[0], CODE + 8);
  arm(0xe1a0021f); /* MOV r0, pc, LSL r2 */
  assert_word(cpu.r[0], CODE + 12);
  arm(0xe08f0211); /* ADD r0, pc, r1, LSL r2 */
  assert_word(cpu.r[0], CODE + 12 + 0x100);
  cpu.r[1] = DATA;
  arm(0xe581f000); /* STR pc, [r1] */
  assert_word(get_word(DATA), CODE + 12);
  arm(0xe8818001); /* STMIA r1, {r0, pc} */
  assert_word(get_word(DATA + 4), CODE + 12);
}

static void a_result_in_pc_branches_without_changing_state(void **state)
{
  (void)state;
  start(SVC);
  cpu.r[1] = 0x3003;
  assert_int_equal(arm(0xe1a0f001), 3); /* MOV pc, r1 */
  assert_word(cpu.r[15], 0x3000);
  assert_word(cpu.cpsr, SVC);
  cpu.r[2] = 0;
  assert_int_equal(arm(0xe1a0f211), 4); /* MOV pc, r1, LSL r2 */
}

/* ---- Multiplication ---- */

static void a_multiplication_ends_early_for_small_multipliers(void **state)
{
  static const struct {
    uint32_t multiplier;
    unsigned m, m_unsigned;
  } cases[] = {{0, 1, 1},          {0xff, 1, 1},       {0x100, 2, 2},      {0xffff, 2, 2},
               {0x10000, 3, 3},    {0xffffff, 3, 3},   {0x1000000, 4, 4},  {0xffffffff, 1, 4},
               {0xffffff00, 1, 4}, {0xfffffeff, 2, 4}, {0xfffeffff, 3, 4}, {0xfeffffff, 4, 4}};
  (void)state;
  start(SVC);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    cpu.r[3] = cases[i].multiplier;
    assert_int_equal(arm(0xe0000392), 1 + cases[i].m);          /* MUL r0, r2, r3 */
    assert_int_equal(arm(0xe0204392), 2 + cases[i].m);          /* MLA r0, r2, r3, r4 */
    assert_int_equal(arm(0xe0c10392), 2 + cases[i].m);          /* SMULL r0, r1, r2, r3 */
    assert_int_equal(arm(0xe0e10392), 3 + cases[i].m);          /* SMLAL */
    assert_int_equal(arm(0xe0810392), 2 + cases[i].m_unsigned); /* UMULL */
    assert_int_equal(arm(0xe0a10392), 3 + cases[i].m_unsigned); /* UMLAL */
  }
}

static void products_have_their_value_and_their_flags(void **state)
{
  (void)state;
  start(SVC);
  cpu.r[2] = 0xffffffff;
  cpu.r[3] = 3;
  cpu.r[4] = 3;
  arm(0xe0100392); /* MULS r0, r2, r3 */
  assert_word(cpu.r[0], -3);
  assert_int_equal(flags() & (NZCV_N | NZCV_Z), NZCV_N);
  arm(0xe0304392); /* MLAS r0, r2, r3, r4 */
  assert_word(cpu.r[0], 0);
  assert_int_equal(flags() & (NZCV_N | NZCV_Z), NZCV_Z);
  arm(0xe0810392); /* UMULL r0, r1, r2, r3 */
  assert_word(cpu.r[0], 0xfffffffd);
  assert_word(cpu.r[1], 2);
  arm(0xe0d10392); /* SMULLS */
  assert_word(cpu.r[0], 0xfffffffd);
  assert_word(cpu.r[1], 0xffffffff);
  assert_int_equal(flags() & (NZCV_N | NZCV_Z), NZCV_N);
  cpu.r[0] = 3;
  cpu.r[1] = 0;
  arm(0xe0f10392); /* SMLALS: -3 + 3 */
  assert_word(cpu.r[0], 0);
  assert_word(cpu.r[1], 0);
  assert_int_equal(flags() & (NZCV_N | NZCV_Z), NZCV_Z);
  cpu.r[0] = 5;
  arm(0xe0b10392); /* UMLALS */
  assert_word(cpu.r[0], 2);
  assert_word(cpu.r[1], 3);
  cpu.r[2] = cpu.r[3] = 0x80000000;
  arm(0xe0c10392); /* SMULL */
  assert_word(cpu.r[1], 0x40000000);
}

/* ---- Loads and stores ---- */

static void a_word_at_an_odd_address_comes_rotated(void **state)
{
  static const uint32_t expected[4] = {0x44332211, 0x11443322, 0x22114433, 0x33221144};
  (void)state;
  for (uint32_t i = 0; i < 4; i++) {
    start(SVC);
    put_word(DATA, 0x44332211);
    cpu.r[1] = DATA + i;
    assert_int_equal(arm(0xe5910000), 3); /* LDR r0, [r1] */
    assert_word(cpu.r[0], expected[i]);
    assert_word(seen.last_addr, DATA);
    assert_int_equal(seen.unaligned, i != 0);
    cpu.r[2] = 0x55667788;
    assert_int_equal(arm(0xe1010092), 4); /* SWP r0, r2, [r1] */
    assert_word(cpu.r[0], expected[i]);
    assert_word(get_word(DATA), 0x55667788);
    cpu.r[2] = 0xa0b0c0d0;
    assert_int_equal(arm(0xe5812000), 2); /* STR r2, [r1] */
    assert_word(get_word(DATA), 0xa0b0c0d0);
    assert_int_equal(seen.unaligned, i != 0 ? 3 : 0);
  }
}

static void halfwords_and_bytes_extend_as_told(void **state)
{
  (void)state;
  start(SVC);
  put_word(DATA, 0x8081c2f3);
  cpu.r[1] = DATA;
  assert_int_equal(arm(0xe1d100b0), 3); /* LDRH r0, [r1] */
  assert_word(cpu.r[0], 0xc2f3);
  arm(0xe1d100f2); /* LDRSH r0, [r1, #2] */
  assert_word(cpu.r[0], 0xffff8081);
  arm(0xe1d100d1); /* LDRSB r0, [r1, #1] */
  assert_word(cpu.r[0], 0xffffffc2);
  arm(0xe5d10003); /* LDRB r0, [r1, #3] */
  assert_word(cpu.r[0], 0x80);
  assert_int_equal(seen.unaligned, 0);
  arm(0xe1d100b1); /* LDRH r0, [r1, #1] */
  assert_word(cpu.r[0], 0xf30000c2);
  arm(0xe1d100f3); /* LDRSH r0, [r1, #3] */
  assert_word(cpu.r[0], 0xffffff80);
  assert_int_equal(seen.unaligned, 2);
  cpu.r[2] = 0x12345678;
  arm(0xe1c120b3); /* STRH r2, [r1, #3] */
  assert_word(get_word(DATA), 0x5678c2f3);
  assert_word(seen.last_value, 0x5678);
  arm(0xe5c12001); /* STRB r2, [r1, #1] */
  assert_word(get_word(DATA), 0x567878f3);
  arm(0xe1410092); /* SWPB r0, r2, [r1] */
  assert_word(cpu.r[0], 0xf3);
  assert_word(get_word(DATA), 0x56787878);
}

static void a_transfer_indexes_before_or_after(void **state)
{
  (void)state;
  start(SVC);
  put_word(DATA + 4, 0x11);
  put_word(DATA + 8, 0x22);
  cpu.r[1] = DATA;
  arm(0xe5b10004); /* LDR r0, [r1, #4]! */
  assert_word(cpu.r[0], 0x11);
  assert_word(cpu.r[1], DATA + 4);
  arm(0xe4910004); /* LDR r0, [r1], #4 */
  assert_word(cpu.r[0], 0x11);
  assert_word(cpu.r[1], DATA + 8);
  cpu.r[2] = 1;
  arm(0xe7110102); /* LDR r0, [r1, -r2, LSL #2] */
  assert_word(cpu.r[0], 0x11);
  assert_word(cpu.r[1], DATA + 8);
  cpu.r[2] = 4;
  arm(0xe11120b2); /* LDRH r2, [r1, -r2] */
  assert_word(cpu.r[2], 0x11);
  cpu.r[3] = 4;
  arm(0xe09120b3); /* LDRH r2, [r1], r3 */
  assert_word(cpu.r[2], 0x22);
  assert_word(cpu.r[1], DATA + 12);
  arm(0xe5a11004); /* STR r1, [r1, #4]!: the old base */
  assert_word(get_word(DATA + 16), DATA + 12);
}

static void a_load_of_pc_stays_in_arm_state(void **state)
{
  (void)state;
  start(SVC);
  put_word(DATA, 0x3003);
  cpu.r[1] = DATA;
  assert_int_equal(arm(0xe591f000), 5); /* LDR pc, [r1] */
  assert_word(cpu.r[15], 0x3000);
  assert_word(cpu.cpsr, SVC);
  assert_int_equal(arm(0xe8918001), 6); /* LDMIA r1, {r0, pc}: 2 + 1 + 1 + 2 */
}

static void block_transfers_go_four_ways(void **state)
{
  static const struct {
    uint32_t op;
    uint32_t first, last;
    int back;
  } cases[] = {{0xe8a10005, 0, 4, 8},    /* STMIA r1!, {r0, r2} */
               {0xe9a10005, 4, 8, 8},    /* STMIB */
               {0xe8210005, -4, 0, -8},  /* STMDA */
               {0xe9210005, -8, -4, -8}, /* STMDB */
               {0xe8810005, 0, 4, 0}};   /* without write-back */
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    start(SVC);
    cpu.r[0] = 0xaaaa;
    cpu.r[1] = DATA;
    cpu.r[2] = 0xbbbb;
    assert_int_equal(arm(cases[i].op), 3);
    assert_word(get_word(DATA + cases[i].first), 0xaaaa);
    assert_word(get_word(DATA + cases[i].last), 0xbbbb);
    assert_word(cpu.r[1], DATA + (uint32_t)cases[i].back);
    cpu.r[0] = cpu.r[2] = 0;
    cpu.r[1] = DATA;
    assert_int_equal(arm(cases[i].op | 1u << 20), 4); /* LDM */
    assert_word(cpu.r[0], 0xaaaa);
    assert_word(cpu.r[2], 0xbbbb);
    assert_word(cpu.r[1], DATA + (uint32_t)cases[i].back);
  }
}

static void a_base_in_the_list_is_old_only_as_the_first(void **state)
{
  (void)state;
  start(SVC);
  cpu.r[1] = DATA + 1;
  arm(0xe8a10006); /* STMIA r1!, {r1, r2} */
  assert_word(get_word(DATA), DATA + 1);
  assert_word(cpu.r[1], DATA + 9);
  assert_int_equal(seen.unaligned, 1);
  cpu.r[1] = DATA;
  arm(0xe8a10003); /* STMIA r1!, {r0, r1} */
  assert_word(get_word(DATA + 4), DATA + 8);
  cpu.r[1] = DATA;
  arm(0xe8b10003); /* LDMIA r1!, {r0, r1}: what was loaded stays */
  assert_word(cpu.r[1], DATA + 8);
  put_word(DATA + 4, 0x77);
  cpu.r[1] = DATA;
  arm(0xe8b10003);
  assert_word(cpu.r[1], 0x77);
}

static void an_empty_list_transfers_pc_and_moves_by_sixteen_words(void **state)
{
  (void)state;
  start(SVC);
  cpu.r[1] = DATA;
  arm(0xe8a10000); /* STMIA r1!, {} */
  assert_word(get_word(DATA), CODE + 12);
  assert_word(cpu.r[1], DATA + 0x40);
  arm(0xe9310000); /* LDMDB r1!, {} */
  assert_word(cpu.r[15], CODE + 12);
  assert_word(cpu.r[1], DATA);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sum_sets_carry_and_overflow_apart),
      cmocka_unit_test(a_difference_sets_carry_when_nothing_is_borrowed),
      cmocka_unit_test(the_carry_goes_into_longer_sums_and_differences),
      cmocka_unit_test(logic_leaves_overflow_alone),
      cmocka_unit_test(instructions_without_s_keep_the_flags),
      cmocka_unit_test(a_rotated_immediate_sets_carry_only_if_it_rotates),
      cmocka_unit_test(all_sixteen_conditions_read_all_sixteen_flags),
      cmocka_unit_test(the_shifter_knows_its_edges),
      cmocka_unit_test(pc_reads_eight_ahead_and_twelve_with_a_register_shift),
      cmocka_unit_test(a_result_in_pc_branches_without_changing_state),
      cmocka_unit_test(a_multiplication_ends_early_for_small_multipliers),
      cmocka_unit_test(products_have_their_value_and_their_flags),
      cmocka_unit_test(a_word_at_an_odd_address_comes_rotated),
      cmocka_unit_test(halfwords_and_bytes_extend_as_told),
      cmocka_unit_test(a_transfer_indexes_before_or_after),
      cmocka_unit_test(a_load_of_pc_stays_in_arm_state),
      cmocka_unit_test(block_transfers_go_four_ways),
      cmocka_unit_test(a_base_in_the_list_is_old_only_as_the_first),
      cmocka_unit_test(an_empty_list_transfers_pc_and_moves_by_sixteen_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
