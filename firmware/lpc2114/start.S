/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Vectors and the first instructions of jump, loader and program alike. Each begins with eight
 * vectors and their eight literals, 64 bytes, so that they can be copied to RAM as one (UM10114
 * §2.3.2); the word at 0x14 is for the boot ROM's vector sum and is filled by the build.
 *
 * Entry: whatever the caller left. From here: SVC mode, ARM state, I and F set. r0 is passed on to
 * start_main() untouched: it is why the loader was entered. */

        .syntax unified
        .cpu    arm7tdmi
        .arm

        .equ    MODE_IRQ_QUIET, 0xd2        /* I and F set */
        .equ    MODE_SVC_QUIET, 0xd3
        .equ    MODE_UND_QUIET, 0xdb
        .equ    MODE_ABT_QUIET, 0xd7

        .section .vectors, "ax"
        .global vectors
vectors:
        ldr     pc, at_reset
        ldr     pc, at_undefined
        ldr     pc, at_software_interrupt
        ldr     pc, at_prefetch_abort
        ldr     pc, at_data_abort
        .word   0                           /* vector sum */
        ldr     pc, [pc, #-0xff0]           /* VICVectAddr, 0xfffff030 seen from 0x18 */
        ldr     pc, at_fast_interrupt
at_reset:
        .word   reset
at_undefined:
        .word   fault
at_software_interrupt:
        .word   fault
at_prefetch_abort:
        .word   fault
at_data_abort:
        .word   fault
        .word   0
        .word   0
at_fast_interrupt:
        .word   fault

        .section .text.start, "ax"
        .global reset
reset:
        msr     cpsr_c, #MODE_IRQ_QUIET
        ldr     sp, =irq_stack_top
        msr     cpsr_c, #MODE_SVC_QUIET
        ldr     sp, =stack_top
        ldr     r1, =start_main
        bx      r1

/* Undefined instruction, abort, stray SWI or FIQ: nothing here can be trusted any more. The state is
 * made that of a reset and the jump program decides afresh; a watchdog that is on goes on counting
 * and ends a loop of faults. */
        .global fault
fault:
        msr     cpsr_c, #MODE_SVC_QUIET
        ldr     sp, =stack_top
        ldr     r1, =start_over
        bx      r1

/* void cpu_enter(uint32_t addr, uint32_t reason): leaves for another program's entry, which is ARM
 * code; never returns. */
        .global cpu_enter
        .type   cpu_enter, %function
cpu_enter:
        msr     cpsr_c, #MODE_SVC_QUIET
        mov     r2, r0
        mov     r0, r1
        bx      r2

/* uint32_t cpu_mask_irq(void): sets I, returns the CPSR as it was.
 * void cpu_restore_irq(uint32_t cpsr): sets I as it was. MSR and MRS exist in ARM state only. */
        .section .text.irq, "ax"
        .global cpu_mask_irq
        .type   cpu_mask_irq, %function
cpu_mask_irq:
        mrs     r0, cpsr
        orr     r1, r0, #0x80
        msr     cpsr_c, r1
        bx      lr

        .global cpu_restore_irq
        .type   cpu_restore_irq, %function
cpu_restore_irq:
        msr     cpsr_c, r0
        bx      lr
