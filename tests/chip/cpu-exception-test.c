/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Golden values for the processor core: exceptions, modes, privileges, cycles and the run loop.
 */

#include "cpu-fixture.h"

static void reset_masks_interrupts_and_keeps_the_rest(void **state)
{
  (void)state;
  start(SIM_MODE_FIQ | THUMB);
  cpu.r[3] = 0x33;
  cpu.cycles = 77;
  sim_cpu_reset(&cpu, cpu.bus);
  assert_word(cpu.r[15], 0);
  assert_word(cpu.cpsr, SVC);
  assert_word(cpu.r[3], 0x33);
  assert_int_equal(cpu.cycles, 77);
}

/* ---- Each exception ---- */

static void swi_enters_supervisor_mode(void **state)
{
  (void)state;
  start(SIM_MODE_USER | 0x60000000);
  assert_int_equal(arm(0xef123456), 3);
  assert_exception(SIM_MODE_SVC, 0x08, CODE + 4, SIM_MODE_USER | 0x60000000);
  assert_word(cpu.cpsr, 0x60000000 | SIM_PSR_I | SIM_MODE_SVC);
  start(SIM_MODE_USER | THUMB);
  assert_int_equal(thumb(0xdf12), 3);
  assert_exception(SIM_MODE_SVC, 0x08, CODE + 4, SIM_MODE_USER | THUMB);
}

static void what_armv4_does_not_have_is_undefined(void **state)
{
  static const uint32_t arm_ops[] = {
      0xe7f000f0, /* UDF */
      0xe6000010, /* the architecture's own undefined space */
      0xee070f9a, /* MCR */
      0xee110f10, /* MRC */
      0xed900100, /* LDC */
      0xe12fff31, /* BLX r1 */
      0xfa000000, /* BLX <label> */
      0xe16f0f11, /* CLZ r0, r1 */
      0xe1010052, /* QADD */
      0xe1000281, /* SMLABB */
      0xe1c000d0, /* LDRD */
      0xe1c000f0, /* STRD */
      0xe1910f9f, /* LDREX */
      0xe3000001, /* MOVW */
      0xe3400001, /* MOVT */
      0xe0400291, /* UMAAL */
      0x01200070, /* BKPT under a condition */
  };
  static const uint32_t thumb_ops[] = {0xde00, 0xb100, 0xb600, 0xb800, 0xbf00, 0x4780, 0xe800};
  (void)state;
  for (size_t i = 0; i < sizeof arm_ops / sizeof arm_ops[0]; i++) {
    start(SVC | 0x40000000);
    seen.trap_result = true;
    assert_int_equal(arm(arm_ops[i]), 4);
    assert_exception(SIM_MODE_UNDEFINED, 0x04, CODE + 4, SVC | 0x40000000);
  }
  for (size_t i = 0; i < sizeof thumb_ops / sizeof thumb_ops[0]; i++) {
    start(SVC | THUMB);
    assert_int_equal(thumb(thumb_ops[i]), 4);
    assert_exception(SIM_MODE_UNDEFINED, 0x04, CODE + 4, SVC | THUMB);
  }
}

static void a_breakpoint_goes_to_the_bus_and_carries_on(void **state)
{
  (void)state;
  start(SVC);
  seen.trap_result = true;
  arm(0xe1212374); /* BKPT #0x1234 */
  assert_word(seen.trapped, 0x1234);
  assert_word(seen.trap_pc, CODE + 4);
  assert_word(cpu.r[15], CODE + 4);
  assert_word(cpu.r[0], 0x7ab);
  start(SVC | THUMB);
  seen.trap_result = true;
  thumb(0xbe42);
  assert_word(seen.trapped, 0x42);
  assert_word(seen.trap_pc, CODE + 4);
  assert_word(cpu.r[15], CODE + 4);
}

static void a_breakpoint_that_nobody_wants_is_undefined(void **state)
{
  (void)state;
  start(SVC);
  arm(0xe1200070);
  assert_exception(SIM_MODE_UNDEFINED, 0x04, CODE + 4, SVC);
  start(SVC | THUMB);
  thumb(0xbe00);
  assert_exception(SIM_MODE_UNDEFINED, 0x04, CODE + 4, SVC | THUMB);
}

static void code_that_is_not_there_aborts_when_it_is_executed(void **state)
{
  (void)state;
  start(SVC);
  cpu.r[1] = FAULTS;
  assert_int_equal(arm(0xe1a0f001), 3); /* MOV pc, r1: no abort yet */
  assert_word(cpu.r[15], FAULTS);
  assert_word(cpu.cpsr, SVC);
  sim_cpu_step(&cpu);
  assert_exception(SIM_MODE_ABORT, 0x0c, FAULTS + 4, SVC);
  assert_int_equal(cpu.instructions, 1);
  assert_int_equal(cpu.cycles, 6);
  start(SVC | THUMB);
  cpu.r[15] = FAULTS + 2;
  sim_cpu_step(&cpu);
  assert_exception(SIM_MODE_ABORT, 0x0c, FAULTS + 6, SVC | THUMB);
  /* Running over the end of the window. */
  start(SVC);
  cpu.r[15] = FAULTS - 4;
  put_word(FAULTS - 4, 0xe1a00000);
  sim_cpu_step(&cpu);
  sim_cpu_step(&cpu);
  assert_exception(SIM_MODE_ABORT, 0x0c, FAULTS + 4, SVC);
}

static void irq_is_taken_at_a_boundary_when_i_is_clear(void **state)
{
  (void)state;
  start(SIM_MODE_SYSTEM | SIM_PSR_I);
  cpu.irq_line = true;
  arm(0xe1a00000); /* NOP: masked */
  assert_word(cpu.r[15], CODE + 4);
  cpu.cpsr &= ~(uint32_t)SIM_PSR_I;
  uint64_t before = cpu.cycles;
  sim_cpu_step(&cpu);
  assert_exception(SIM_MODE_IRQ, 0x18, CODE + 8, SIM_MODE_SYSTEM);
  assert_word(cpu.cpsr & SIM_PSR_F, 0);
  assert_int_equal(cpu.cycles - before, 3);
  assert_int_equal(cpu.instructions, 1);
  start(SIM_MODE_SYSTEM | THUMB);
  cpu.irq_line = true;
  sim_cpu_step(&cpu);
  assert_exception(SIM_MODE_IRQ, 0x18, CODE + 4, SIM_MODE_SYSTEM | THUMB);
  /* SUBS pc, lr, #4 goes back to where it was, in Thumb state. */
  cpu.irq_line = false;
  put_word(0x18, 0xe25ef004);
  sim_cpu_step(&cpu);
  assert_word(cpu.r[15], CODE);
  assert_word(cpu.cpsr, SIM_MODE_SYSTEM | THUMB);
}

static void fiq_goes_before_irq_and_masks_both(void **state)
{
  (void)state;
  start(SIM_MODE_USER);
  cpu.irq_line = cpu.fiq_line = true;
  sim_cpu_step(&cpu);
  assert_exception(SIM_MODE_FIQ, 0x1c, CODE + 4, SIM_MODE_USER);
  assert_word(cpu.cpsr & SIM_PSR_F, SIM_PSR_F);
  /* IRQ goes before the prefetch abort of the same instruction. */
  start(SIM_MODE_USER | SIM_PSR_F);
  cpu.irq_line = cpu.fiq_line = true;
  cpu.r[15] = FAULTS;
  sim_cpu_step(&cpu);
  assert_exception(SIM_MODE_IRQ, 0x18, FAULTS + 4, SIM_MODE_USER | SIM_PSR_F);
}

/* ---- Data aborts ---- */

static void a_data_abort_keeps_the_written_back_base(void **state)
{
  (void)state;
  start(SVC);
  cpu.r[1] = FAULTS;
  assert_int_equal(arm(0xe5b10004), 6); /* LDR r0, [r1, #4]!: 3 and 3 for the exception */
  assert_exception(SIM_MODE_ABORT, 0x10, CODE + 8, SVC);
  assert_word(cpu.r[1], FAULTS + 4);
  assert_word(cpu.r[0], 0);
  start(SVC);
  cpu.r[1] = FAULTS;
  assert_int_equal(arm(0xe4012004), 5); /* STR r2, [r1], #-4 */
  assert_exception(SIM_MODE_ABORT, 0x10, CODE + 8, SVC);
  assert_word(cpu.r[1], FAULTS - 4);
  start(SVC);
  cpu.r[1] = FAULTS;
  arm(0xe0d100b2); /* LDRH r0, [r1], #2 */
  assert_word(cpu.r[1], FAULTS + 2);
  assert_word(cpu.r[0], 0);
  start(SVC | THUMB);
  cpu.r[1] = FAULTS;
  thumb(0x6808); /* LDR r0, [r1] */
  assert_exception(SIM_MODE_ABORT, 0x10, CODE + 10, SVC | THUMB);
  start(SVC);
  cpu.r[1] = FAULTS;
  arm(0xe1010092); /* SWP r0, r2, [r1] */
  assert_exception(SIM_MODE_ABORT, 0x10, CODE + 8, SVC);
  assert_word(cpu.r[0], 0);
  assert_int_equal(seen.stores, 0);
}

static void an_aborted_block_load_can_be_repeated(void **state)
{
  (void)state;
  start(SVC);
  put_word(FAULTS - 8, 0x11);
  put_word(FAULTS - 4, 0x22);
  cpu.r[1] = FAULTS - 8;
  arm(0xe891800f); /* LDMIA r1, {r0-r3, pc}: the base is overwritten, then the third word aborts */
  assert_exception(SIM_MODE_ABORT, 0x10, CODE + 8, SVC);
  assert_word(cpu.r[0], 0x11);
  assert_word(cpu.r[1], FAULTS - 8);
  assert_word(cpu.r[2], 0x200);
  assert_word(cpu.r[3], 0x300);
  assert_int_equal(seen.loads, 5);
  start(SVC);
  cpu.r[1] = FAULTS - 8;
  arm(0xe8b1000f); /* with write-back the base is the changed one */
  assert_word(cpu.r[1], FAULTS + 8);
  start(SVC);
  cpu.r[1] = FAULTS - 4;
  arm(0xe8a10005); /* STMIA r1!, {r0, r2} */
  assert_exception(SIM_MODE_ABORT, 0x10, CODE + 8, SVC);
  assert_word(cpu.r[1], FAULTS + 4);
  start(SVC | THUMB);
  cpu.r[13] = FAULTS;
  thumb(0xbd01); /* POP {r0, pc} */
  assert_exception(SIM_MODE_ABORT, 0x10, CODE + 10, SVC | THUMB);
  assert_word(sim_cpu_get_register(&cpu, SIM_MODE_SVC, 13), FAULTS + 8);
}

static void a_data_abort_goes_before_a_fiq_that_waits(void **state)
{
  (void)state;
  start(SIM_MODE_SYSTEM);
  cpu.r[1] = FAULTS;
  arm(0xe5910000); /* LDR r0, [r1] */
  cpu.irq_line = cpu.fiq_line = true;
  assert_exception(SIM_MODE_ABORT, 0x10, CODE + 8, SIM_MODE_SYSTEM);
  sim_cpu_step(&cpu);
  assert_exception(SIM_MODE_FIQ, 0x1c, 0x14, SIM_MODE_ABORT | SIM_PSR_I);
}

/* ---- Modes and status registers ---- */

static void every_mode_has_its_own_registers(void **state)
{
  static const SimMode modes[7] = {SIM_MODE_USER,  SIM_MODE_FIQ,       SIM_MODE_IRQ,   SIM_MODE_SVC,
                                   SIM_MODE_ABORT, SIM_MODE_UNDEFINED, SIM_MODE_SYSTEM};
  (void)state;
  start(SVC);
  for (uint32_t i = 1; i < 7; i++) {
    arm(0xe321f000 | modes[i]); /* MSR CPSR_c, #mode */
    assert_word(cpu.cpsr, modes[i]);
    for (unsigned n = 8; n < 15; n++)
      cpu.r[n] = n << 8 | modes[i];
    cpu.r[7] = modes[i];
  }
  for (uint32_t i = 0; i < 7; i++) {
    uint32_t own = modes[i] == SIM_MODE_USER ? SIM_MODE_SYSTEM : modes[i];
    uint32_t middle = modes[i] == SIM_MODE_FIQ ? SIM_MODE_FIQ : SIM_MODE_SYSTEM;
    assert_word(sim_cpu_get_register(&cpu, modes[i], 7), SIM_MODE_SYSTEM);
    assert_word(sim_cpu_get_register(&cpu, modes[i], 8), 8 << 8 | middle);
    assert_word(sim_cpu_get_register(&cpu, modes[i], 12), 12 << 8 | middle);
    assert_word(sim_cpu_get_register(&cpu, modes[i], 13), 13 << 8 | own);
    assert_word(sim_cpu_get_register(&cpu, modes[i], 14), 14 << 8 | own);
  }
}

static void user_mode_writes_the_flags_and_nothing_else(void **state)
{
  (void)state;
  start(SIM_MODE_USER);
  cpu.r[1] = 0xf00000df;
  assert_int_equal(arm(0xe129f001), 1); /* MSR CPSR_fc, r1 */
  assert_word(cpu.cpsr, 0xf0000000 | SIM_MODE_USER);
  arm(0xe321f0d3); /* MSR CPSR_c, #0xd3 */
  assert_word(cpu.cpsr, 0xf0000000 | SIM_MODE_USER);
  arm(0xe328f205); /* MSR CPSR_f, #0x50000000 */
  assert_word(cpu.cpsr, 0x50000000 | SIM_MODE_USER);
  arm(0xe10f0000); /* MRS r0, CPSR */
  assert_word(cpu.r[0], 0x50000000 | SIM_MODE_USER);
}

static void status_registers_move_through_general_ones(void **state)
{
  (void)state;
  start(SVC);
  cpu.r[1] = 0x9fffff30;
  arm(0xe169f001); /* MSR SPSR_fc, r1: only the bits that exist */
  assert_word(sim_cpu_get_spsr(&cpu, SIM_MODE_SVC), 0x90000030);
  assert_int_equal(arm(0xe14f0000), 1); /* MRS r0, SPSR */
  assert_word(cpu.r[0], 0x90000030);
  cpu.r[1] = 0x20;
  arm(0xe121f001); /* MSR CPSR_c cannot change T */
  assert_word(cpu.cpsr & SIM_PSR_T, 0);
}

static void s_forms_with_pc_restore_the_mode_and_state(void **state)
{
  (void)state;
  start(SVC);
  arm(0xe3a01030); /* MOV r1, #0x30: user mode, Thumb */
  arm(0xe169f001); /* MSR SPSR_fc, r1 */
  cpu.r[14] = 0x3002;
  assert_int_equal(arm(0xe1b0f00e), 3); /* MOVS pc, lr */
  assert_word(cpu.r[15], 0x3002);
  assert_word(cpu.cpsr, SIM_MODE_USER | THUMB);
  start(SVC);
  cpu.spsr[3] = SIM_MODE_FIQ | 0x80000000;
  put_word(DATA, 0x55);
  put_word(DATA + 4, 0x3000);
  cpu.r[1] = DATA;
  arm(0xe8f18100); /* LDMIA r1!, {r8, pc}^ */
  assert_word(cpu.cpsr, SIM_MODE_FIQ | 0x80000000);
  assert_word(cpu.r[15], 0x3000);
  assert_word(cpu.r[1], DATA + 8);
  /* r8 went to the bank of the mode that was left. */
  assert_word(cpu.r[8], 0x800);
  assert_word(sim_cpu_get_register(&cpu, SIM_MODE_USER, 8), 0x55);
}

static void s_forms_with_pc_in_user_mode_restore_nothing(void **state)
{
  (void)state;
  start(SIM_MODE_USER | 0x40000000);
  cpu.r[14] = 0x3000;
  arm(0xe1b0f00e); /* MOVS pc, lr: sets the flags like any other */
  assert_word(cpu.r[15], 0x3000);
  assert_word(cpu.cpsr, SIM_MODE_USER);
  cpu.r[1] = DATA;
  arm(0xe8d18000); /* LDMIA r1, {pc}^ */
  assert_word(cpu.cpsr, SIM_MODE_USER);
  arm(0xe13ff001); /* TEQP pc, r1 does nothing here */
  assert_word(cpu.cpsr, SIM_MODE_USER);
  assert_word(cpu.r[15], CODE + 4);
}

static void the_hat_reaches_the_registers_of_user_mode(void **state)
{
  (void)state;
  start(SIM_MODE_FIQ);
  sim_cpu_set_register(&cpu, SIM_MODE_USER, 8, 0x8888);
  sim_cpu_set_register(&cpu, SIM_MODE_USER, 13, 0xdddd);
  cpu.r[1] = DATA;
  assert_int_equal(arm(0xe8c12100), 3); /* STMIA r1, {r8, sp}^ */
  assert_word(get_word(DATA), 0x8888);
  assert_word(get_word(DATA + 4), 0xdddd);
  put_word(DATA, 0x1234);
  assert_int_equal(arm(0xe8d10100), 3); /* LDMIA r1, {r8}^ */
  assert_word(cpu.r[8], 0x800);
  assert_word(sim_cpu_get_register(&cpu, SIM_MODE_USER, 8), 0x1234);
}

static void the_bus_is_told_who_asks(void **state)
{
  (void)state;
  start(SVC);
  cpu.r[1] = DATA;
  arm(0xe5910000); /* LDR */
  assert_false(seen.last_user);
  assert_word(seen.last_instruction, CODE);
  arm(0xe4b10000); /* LDRT r0, [r1], #0 */
  assert_true(seen.last_user);
  arm(0xe4a10004); /* STRT r0, [r1], #4 */
  assert_true(seen.last_user);
  assert_word(cpu.r[1], DATA + 4);
  arm(0xe4e10001); /* STRBT r0, [r1], #1 */
  assert_true(seen.last_user);
  start(SIM_MODE_USER);
  cpu.r[1] = DATA;
  arm(0xe8910001); /* LDMIA r1, {r0} */
  assert_true(seen.last_user);
  start(SIM_MODE_SYSTEM | THUMB);
  cpu.r[1] = DATA;
  thumb(0x6008); /* STR r0, [r1] */
  assert_false(seen.last_user);
  assert_word(seen.last_instruction, CODE + 2);
}

/* ---- Cycles and the loop ---- */

static void wait_states_are_paid_per_fetch_and_per_access(void **state)
{
  (void)state;
  start(SVC);
  cpu.r[15] = WAITING + CODE;
  put_word(CODE, 0xe1a00000);      /* NOP */
  put_word(CODE + 4, 0xeb000000);  /* BL WAITING + CODE + 12 */
  put_word(CODE + 12, 0xe5910000); /* LDR r0, [r1] */
  put_word(CODE + 16, 0xe1a0f002); /* MOV pc, r2: to memory that does not wait */
  cpu.r[1] = DATA;
  cpu.r[2] = CODE;
  seen.stall = 5;
  sim_cpu_step(&cpu);
  assert_int_equal(cpu.cycles, 3);
  sim_cpu_step(&cpu);
  assert_int_equal(cpu.cycles, 3 + 9);
  assert_word(cpu.r[14], WAITING + CODE + 8);
  sim_cpu_step(&cpu);
  assert_int_equal(cpu.cycles, 12 + 3 + 1 + 5 + 1);
  sim_cpu_step(&cpu);
  assert_int_equal(cpu.cycles, 22 + 3 + 2);
  assert_word(cpu.r[15], CODE);
}

static void an_exception_pays_for_the_fetch_it_throws_away(void **state)
{
  (void)state;
  start(SIM_MODE_SYSTEM);
  cpu.r[15] = WAITING + CODE;
  put_word(CODE, 0xe1a00000);
  sim_cpu_step(&cpu);
  cpu.irq_line = true;
  sim_cpu_step(&cpu);
  assert_word(cpu.r[15], 0x18);
  assert_int_equal(cpu.cycles, 3 + 3 + 2);
}

static void a_run_ends_at_the_first_boundary_behind_its_time(void **state)
{
  (void)state;
  start(SVC);
  for (uint32_t i = 0; i < 8; i++)
    put_word(CODE + 4 * i, 0xe5810000); /* STR r0, [r1] */
  cpu.r[1] = DATA;
  sim_cpu_run(&cpu, 5);
  assert_int_equal(cpu.cycles, 6);
  assert_int_equal(cpu.instructions, 3);
  assert_word(cpu.r[15], CODE + 12);
  /* The bus may lower the end. */
  seen.lower_after = 4;
  sim_cpu_run(&cpu, 1000);
  assert_int_equal(cpu.cycles, 8);
  assert_word(cpu.r[15], CODE + 16);
  sim_cpu_run(&cpu, 8);
  assert_int_equal(cpu.instructions, 4);
}

static void code_is_looked_up_again_when_the_window_is_forgotten(void **state)
{
  (void)state;
  start(SVC);
  arm(0xe1a00000);
  assert_int_equal(cpu.window.size, SIZE);
  sim_cpu_forget_fetch_window(&cpu);
  arm(0xe1a00000);
  assert_int_equal(cpu.window.size, SIZE);
}

static void a_copy_of_the_state_is_a_snapshot(void **state)
{
  (void)state;
  start(SVC);
  arm(0xe3a00001); /* MOV r0, #1 */
  SimCpu snapshot = cpu;
  arm(0xe3a00002);
  arm(0xe321f011); /* MSR CPSR_c, #FIQ */
  cpu = snapshot;
  sim_cpu_forget_fetch_window(&cpu);
  assert_word(cpu.r[0], 1);
  assert_word(cpu.cpsr, SVC);
  assert_int_equal(arm(0xe0800000), 1);
  assert_word(cpu.r[0], 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reset_masks_interrupts_and_keeps_the_rest),
      cmocka_unit_test(swi_enters_supervisor_mode),
      cmocka_unit_test(what_armv4_does_not_have_is_undefined),
      cmocka_unit_test(a_breakpoint_goes_to_the_bus_and_carries_on),
      cmocka_unit_test(a_breakpoint_that_nobody_wants_is_undefined),
      cmocka_unit_test(code_that_is_not_there_aborts_when_it_is_executed),
      cmocka_unit_test(irq_is_taken_at_a_boundary_when_i_is_clear),
      cmocka_unit_test(fiq_goes_before_irq_and_masks_both),
      cmocka_unit_test(a_data_abort_keeps_the_written_back_base),
      cmocka_unit_test(an_aborted_block_load_can_be_repeated),
      cmocka_unit_test(a_data_abort_goes_before_a_fiq_that_waits),
      cmocka_unit_test(every_mode_has_its_own_registers),
      cmocka_unit_test(user_mode_writes_the_flags_and_nothing_else),
      cmocka_unit_test(status_registers_move_through_general_ones),
      cmocka_unit_test(s_forms_with_pc_restore_the_mode_and_state),
      cmocka_unit_test(s_forms_with_pc_in_user_mode_restore_nothing),
      cmocka_unit_test(the_hat_reaches_the_registers_of_user_mode),
      cmocka_unit_test(the_bus_is_told_who_asks),
      cmocka_unit_test(wait_states_are_paid_per_fetch_and_per_access),
      cmocka_unit_test(an_exception_pays_for_the_fetch_it_throws_away),
      cmocka_unit_test(a_run_ends_at_the_first_boundary_behind_its_time),
      cmocka_unit_test(code_is_looked_up_again_when_the_window_is_forgotten),
      cmocka_unit_test(a_copy_of_the_state_is_a_snapshot),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
