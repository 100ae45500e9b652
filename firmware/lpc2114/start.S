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
        .equ    LOADER, 0x400               /* WIRE_LOADER_ADDR */
        .equ    FW_ENTRY_USER_MODE, 0x8000

        .section .vectors, "ax"
        .global vectors
vectors:
        ldr     pc, at_reset
        ldr     pc, at_undefined
        ldr     pc, at_software_interrupt
        ldr     pc, at_prefetch_abort
        ldr     pc, at_data_abort
        .word   0                           /* vector sum */
        ldr     pc, at_interrupt
        ldr     pc, at_fast_interrupt
at_reset:
        .word   reset
at_undefined:
        .word   fault
at_software_interrupt:
        .word   enter_loader
at_prefetch_abort:
        .word   fault
at_data_abort:
        .word   fault
        .word   0
at_interrupt:
#ifdef WITHOUT_INTERRUPTS
        .word   fault
#else
        .word   interrupt
#endif
at_fast_interrupt:
        .word   fault

        .section .text.start, "ax"
        .global reset
reset:
#ifndef WITHOUT_INTERRUPTS
        msr     cpsr_c, #MODE_IRQ_QUIET
        ldr     sp, =irq_stack_top
#endif
        msr     cpsr_c, #MODE_SVC_QUIET
        ldr     sp, =stack_top
        ldr     r1, =start_main
        bx      r1

/* Undefined instruction, abort or FIQ: nothing here can be trusted any more. start_over() is told the
 * mode of the exception and never returns. */
        .global fault
fault:
        mrs     r0, cpsr
        msr     cpsr_c, #MODE_SVC_QUIET
        ldr     sp, =stack_top
        ldr     r1, =start_over
        bx      r1

/* SWI: the way into the loader for a program that runs in user mode and so cannot raise itself (MSR
 * is ignored there). r0 is the entry word, as at the loader's own entry; the caller's mode is added
 * to it. Every image has this, because a program may leave the vectors where they are or bring its
 * own; the number in the instruction does not matter. */
enter_loader:
        mrs     r1, spsr
        tst     r1, #0xf                    /* user mode is 0x10, all others have more */
        orreq   r0, r0, #FW_ENTRY_USER_MODE
        msr     cpsr_c, #MODE_SVC_QUIET
        mov     r1, #LOADER
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

#ifndef WITHOUT_INTERRUPTS
/* Every interrupt: calls the handler that the VIC names, which may be Thumb code, and adds the clocks
 * that it took, by timer 1, to where its answer points. In RAM, as the handlers. */
        .equ    VIC_VECT_ADDR, -0xfd0       /* 0xfffff030, from 0 */
        .equ    TIMER_1, 0xe0008000
        .equ    TIMER_COUNT, 8

        .section .ram_code, "ax"
interrupt:
        sub     lr, lr, #4
        stmfd   sp!, {r0-r5, r12, lr}
        mov     r4, #TIMER_1 & 0xff000000
        orr     r4, r4, #TIMER_1 & 0xffff
        ldr     r5, [r4, #TIMER_COUNT]
        mov     r0, #0
        ldr     r0, [r0, #VIC_VECT_ADDR]
        mov     lr, pc
        bx      r0
        ldr     r1, [r0]
        ldr     r2, [r4, #TIMER_COUNT]
        add     r1, r1, r2
        sub     r1, r1, r5
        str     r1, [r0]
        mov     r0, #0
        str     r0, [r0, #VIC_VECT_ADDR]    /* it is no longer in service */
        ldmfd   sp!, {r0-r5, r12, pc}^
#endif

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
