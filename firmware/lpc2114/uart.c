/* SPDX-License-Identifier: GPL-3.0-or-later */

/* UART0 driver. */

#include "uart.h"

#include "cpu.h"
#include "life.h"

enum { UART_SLOT = 0, UART_CLOCK = LPC_CRYSTAL_HZ / 16 };

/* One writer, the handler; one reader, the main loop. Indices only grow, so no lock is needed. */
static struct {
  volatile uint32_t written;
  volatile uint32_t read;
  uint8_t bytes[UART_RING];
} ring;

/* What is still to be sent; the handler takes it from here. */
static const uint8_t *volatile unsent;
static volatile size_t unsent_length;

/* Bytes with line errors are kept: the frame's CRC finds them, and a ring without holes keeps the
 * decoder's place. A full ring drops the newest, as the FIFO would. */
static CPU_RAM_CODE volatile uint32_t *handle_interrupt(void)
{
  volatile uint32_t *fields = life.fields;
  uint32_t written = ring.written;
  uint32_t waiting = written - ring.read;
  uint32_t status;

  LPC_VIC_SOFT_INT_CLR = 1u << LPC_CHANNEL_UART0; /* if it was uart_write that called */
  (void)LPC_U0IIR; /* that the FIFO is empty is told once a reading */
  while (((status = LPC_U0LSR) & LPC_ULSR_RECEIVED) != 0) {
    uint8_t byte = (uint8_t)LPC_U0RBR;

    if (waiting >= UART_RING)
      status = LPC_ULSR_OVERRUN;
    else
      ring.bytes[written++ % UART_RING] = byte, waiting++;
    if (status & LPC_ULSR_OVERRUN)
      fields[WIRE_LIFE_OVERRUNS]++;
  }
  ring.written = written;
  /* THRE says that the whole FIFO is empty, not that one place is free (UM10114 table 145). */
  if (status & LPC_ULSR_THR_EMPTY)
    for (unsigned room = LPC_UART_FIFO; unsent_length > 0 && room > 0; unsent_length--, room--)
      LPC_U0THR = *unsent++;
  fields[WIRE_LIFE_UART_COUNT]++;
  return &fields[WIRE_LIFE_UART_CLOCKS];
}

unsigned uart_find_divisor(uint32_t baud)
{
  unsigned divisor = UART_DIVISOR_DEFAULT;

  while (divisor > 0 && baud * divisor != UART_CLOCK)
    divisor--;
  return divisor;
}

void uart_set_divisor(unsigned divisor)
{
  uint32_t cpsr;

  uart_flush();
  cpsr =
      cpu_mask_irq(); /* the handler would take the divisor for bytes, and never come to an end */
  LPC_U0LCR = LPC_ULCR_DIVISOR | LPC_ULCR_8N1;
  LPC_U0DLL = divisor;
  LPC_U0DLM = 0;
  LPC_U0LCR = LPC_ULCR_8N1;
  cpu_restore_irq(cpsr);
}

void uart_set_up(void)
{
  ring.written = 0;
  ring.read = 0;
  LPC_PINSEL0 = (LPC_PINSEL0 & ~(uint32_t)LPC_PINSEL0_UART0_MASK) | LPC_PINSEL0_UART0;
  uart_set_divisor(UART_DIVISOR_DEFAULT);
  LPC_U0FCR = LPC_UFCR_ENABLE_RESET_TRIGGER_8;
  cpu_set_handler(UART_SLOT, LPC_CHANNEL_UART0, handle_interrupt);
  LPC_U0IER = LPC_UIER_RECEIVE | LPC_UIER_SENT | LPC_UIER_LINE_STATUS;
}

bool uart_has_bytes(void)
{
  return ring.written != ring.read;
}

size_t uart_read(uint8_t *bytes, size_t room)
{
  size_t length = 0;

  while (length < room && uart_has_bytes())
    bytes[length++] = ring.bytes[ring.read++ % UART_RING];
  return length;
}

bool uart_is_sending(void)
{
  return unsent_length > 0;
}

void uart_write(const uint8_t *bytes, size_t length)
{
  unsent = bytes;
  unsent_length = length;
  /* Whether enabling THRE with an empty FIFO raises it, the manuals do not say: the VIC does. */
  LPC_VIC_SOFT_INT = 1u << LPC_CHANNEL_UART0;
}

void uart_flush(void)
{
  while (unsent_length > 0 || (LPC_U0LSR & LPC_ULSR_EMPTY) == 0)
    ;
}
