/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Start-up and interrupts. */

#include "cpu.h"

#include "life.h"
#include "wire-crc.h"

enum { VECTOR_WORDS = 16, RAM_VECTORS = 0x40000000, PSR_I = 0x80 };

extern const uint32_t vectors[], data_load[];
extern uint32_t data_start[], data_end[], bss_end[];

void cpu_set_up_clocks(void)
{
  LPC_MAMCR = 0;
  LPC_MAMTIM = 1;
  LPC_VPBDIV = LPC_VPBDIV_1;
}

static CPU_RAM_CODE volatile uint32_t *ignore_spurious(void)
{
  return &life.fields[WIRE_LIFE_TICK_CLOCKS]; /* it belongs to whoever withdrew it */
}

void cpu_set_up_ram(void)
{
  volatile uint32_t *window = (volatile uint32_t *)RAM_VECTORS;
  const uint32_t *from = data_load;
  uint32_t *to = data_start;

  cpu_quiet();
  while (to != data_end)
    *to++ = *from++;
  while (to != bss_end)
    *to++ = 0;
  wire_crc_prepare();
  for (unsigned i = 0; i < VECTOR_WORDS; i++)
    window[i] = vectors[i];
  LPC_MEMMAP = LPC_MEMMAP_RAM;
  LPC_VIC_DEF_VECT_ADDR = (uint32_t)ignore_spurious;
}

void cpu_quiet(void)
{
  cpu_mask_irq(); /* first: a source switched off with interrupts on can still raise a spurious one
                   */
  LPC_VIC_INT_ENABLE_CLR = 0xffffffff;
  LPC_VIC_SOFT_INT_CLR = 0xffffffff;
  LPC_VIC_INT_SELECT = 0;
  LPC_U0LCR = LPC_ULCR_8N1; /* or the next line would write the divisor */
  LPC_U0IER = 0;
  LPC_T0TCR = 0;
  LPC_T0IR = 0xff;
  LPC_VIC_VECT_ADDR = 0; /* if a fault came out of a handler, it is no longer in service */
  LPC_MEMMAP = LPC_MEMMAP_FLASH;
}

void cpu_set_handler(unsigned slot, unsigned channel, CpuHandler *handler)
{
  LPC_VIC_SLOT_ADDR(slot) = (uint32_t)handler;
  LPC_VIC_SLOT_CNTL(slot) = LPC_VIC_SLOT_ENABLE | channel;
  LPC_VIC_INT_ENABLE = 1u << channel;
}

void cpu_enable_irq(void)
{
  cpu_restore_irq(cpu_mask_irq() & ~(uint32_t)PSR_I);
}

void cpu_idle(void)
{
  LPC_PCON = LPC_PCON_IDLE;
}

/* What the compiler calls for copies of structures, after it has seen the whole program; there is
 * no C library. */
void *memcpy(void *to, const void *from, unsigned length) __attribute__((used));
void *memset(void *to, int value, unsigned length) __attribute__((used));

void *memcpy(void *to, const void *from, unsigned length)
{
  uint8_t *at = to;

  for (const uint8_t *byte = from; length > 0; length--)
    *at++ = *byte++;
  return to;
}

void *memset(void *to, int value, unsigned length)
{
  for (uint8_t *at = to; length > 0; length--)
    *at++ = (uint8_t)value;
  return to;
}
