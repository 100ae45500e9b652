/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Registers of the LPC2114 that this project uses, after UM10114 rev. 4 (chapter or table named at
 * each block). All are words. No decisions here. */

#pragma once

#include <stdint.h>

#define LPC_REGISTER(addr) (*(volatile uint32_t *)(addr))

enum { LPC_CRYSTAL_HZ = 11059200, LPC_IAP_CLOCK_KHZ = LPC_CRYSTAL_HZ / 1000 };

/* System control block: tables 24, 25, 62, 73, 76. */
#define LPC_MAMCR  LPC_REGISTER(0xe01fc000)
#define LPC_MAMTIM LPC_REGISTER(0xe01fc004)
#define LPC_MEMMAP LPC_REGISTER(0xe01fc040)
#define LPC_PCON   LPC_REGISTER(0xe01fc0c0)
#define LPC_VPBDIV LPC_REGISTER(0xe01fc100)
enum { LPC_MEMMAP_FLASH = 1, LPC_MEMMAP_RAM = 2, LPC_PCON_IDLE = 1, LPC_VPBDIV_1 = 1 };

/* Watchdog: chapter 17. */
#define LPC_WDMOD  LPC_REGISTER(0xe0000000)
#define LPC_WDTC   LPC_REGISTER(0xe0000004)
#define LPC_WDFEED LPC_REGISTER(0xe0000008)
enum { LPC_WDMOD_ENABLE = 1, LPC_WDMOD_RESET = 2, LPC_WDMOD_TIMED_OUT = 4 };

/* Timer 0: tables 213 to 220. */
#define LPC_T0IR  LPC_REGISTER(0xe0004000)
#define LPC_T0TCR LPC_REGISTER(0xe0004004)
#define LPC_T0TC  LPC_REGISTER(0xe0004008)
#define LPC_T0PR  LPC_REGISTER(0xe000400c)
#define LPC_T0MCR LPC_REGISTER(0xe0004014)
#define LPC_T0MR0 LPC_REGISTER(0xe0004018)

/* Timer 1, the same. */
#define LPC_T1TCR LPC_REGISTER(0xe0008004)
#define LPC_T1TC  LPC_REGISTER(0xe0008008)
#define LPC_T1PR  LPC_REGISTER(0xe000800c)
#define LPC_T1MCR LPC_REGISTER(0xe0008014)

/* UART0: tables 131 to 146. */
#define LPC_U0RBR LPC_REGISTER(0xe000c000)
#define LPC_U0THR LPC_REGISTER(0xe000c000)
#define LPC_U0DLL LPC_REGISTER(0xe000c000)
#define LPC_U0DLM LPC_REGISTER(0xe000c004)
#define LPC_U0IER LPC_REGISTER(0xe000c004)
#define LPC_U0IIR LPC_REGISTER(0xe000c008)
#define LPC_U0FCR LPC_REGISTER(0xe000c008)
#define LPC_U0LCR LPC_REGISTER(0xe000c00c)
#define LPC_U0LSR LPC_REGISTER(0xe000c014)
enum {
  LPC_UIER_RECEIVE = 1,
  LPC_UIER_SENT = 2,
  LPC_UIER_LINE_STATUS = 4,
  LPC_UIIR_NONE = 1, /* bit 0 set: nothing pending */
  LPC_UFCR_ENABLE_RESET_TRIGGER_8 = 0x87,
  LPC_ULCR_8N1 = 0x03,
  LPC_ULCR_DIVISOR = 0x80,
  LPC_ULSR_RECEIVED = 0x01,
  LPC_ULSR_OVERRUN = 0x02,
  LPC_ULSR_ERRORS = 0x1c, /* parity, framing, break: of the byte on top of the FIFO */
  LPC_ULSR_THR_EMPTY = 0x20,
  LPC_ULSR_EMPTY = 0x40,
  LPC_UART_FIFO = 16,
};

/* Pins: tables 86 to 88 and 93. */
#define LPC_PINSEL0 LPC_REGISTER(0xe002c000)
#define LPC_IO0SET  LPC_REGISTER(0xe0028004)
#define LPC_IO0DIR  LPC_REGISTER(0xe0028008)
#define LPC_IO0CLR  LPC_REGISTER(0xe002800c)
enum { LPC_PINSEL0_UART0 = 0x5, LPC_PINSEL0_UART0_MASK = 0xf };

/* ADC: tables 290 to 292. */
#define LPC_ADCR LPC_REGISTER(0xe0034000)
#define LPC_ADDR LPC_REGISTER(0xe0034004)
enum { LPC_ADC_ON = 1 << 21, LPC_ADC_START = 1 << 24 };
#define LPC_ADC_DONE 0x80000000u

/* Vectored interrupt controller: table 34, channels table 51. */
#define LPC_VIC_INT_ENABLE      LPC_REGISTER(0xfffff010)
#define LPC_VIC_INT_ENABLE_CLR  LPC_REGISTER(0xfffff014)
#define LPC_VIC_SOFT_INT_CLR    LPC_REGISTER(0xfffff01c)
#define LPC_VIC_INT_SELECT      LPC_REGISTER(0xfffff00c)
#define LPC_VIC_VECT_ADDR       LPC_REGISTER(0xfffff030)
#define LPC_VIC_DEF_VECT_ADDR   LPC_REGISTER(0xfffff034)
#define LPC_VIC_SLOT_ADDR(slot) LPC_REGISTER(0xfffff100 + 4 * (slot))
#define LPC_VIC_SLOT_CNTL(slot) LPC_REGISTER(0xfffff200 + 4 * (slot))
enum { LPC_VIC_SLOT_ENABLE = 0x20, LPC_CHANNEL_TIMER0 = 4, LPC_CHANNEL_UART0 = 6 };
