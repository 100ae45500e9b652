/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Fault drills. Nothing of this is left in a program without one. */

#include "drill.h"

#include "cpu.h"
#include "wire-message.h"

enum { CRASH_MS = 500, NOWHERE = 0x50000000 };

void drill_start(void)
{
  while (DRILL == DRILL_HANG)
    ;
}

void drill_turn(uint32_t now_ms)
{
  if (now_ms < CRASH_MS)
    return;
  if (DRILL == DRILL_CRASH)
    __asm__ volatile(".inst 0xde00"); /* undefined in every Thumb */
  if (DRILL == DRILL_ABORT)
    (void)*(volatile uint32_t *)NOWHERE;
}

uint8_t drill_self_test(void)
{
  return DRILL == DRILL_SELF_TEST ? WIRE_SELF_TEST_INPUTS : 0;
}

bool drill_is_mute(void)
{
  return DRILL == DRILL_MUTE;
}

#if DRILL == DRILL_USER || DRILL == DRILL_USER_RAM
/* Down into user mode, with the stack of before, and up again by SWI: an ARM program's way. */
static __attribute__((noinline, noreturn, target("arm"))) void leave_by_swi(uint32_t word)
{
  register uint32_t r0 __asm__("r0") = word;

  __asm__ volatile("mov  r1, sp\n"
                   "msr  cpsr_c, #0x10\n"
                   "mov  sp, r1\n"
                   "swi  0\n"
                   :
                   : "r"(r0)
                   : "r1", "memory");
  __builtin_unreachable();
}
#endif

void drill_enter_loader(uint32_t word)
{
  (void)word;
#if DRILL == DRILL_USER || DRILL == DRILL_USER_RAM
  if (DRILL == DRILL_USER)
    cpu_quiet();
  leave_by_swi(word);
#endif
}
