/* SPDX-License-Identifier: GPL-3.0-or-later */

/* UART0 driver. */

#include "uart.h"

#include "cpu.h"
#include "lpc2114.h"

enum { UART_SLOT = 0 };

/* One writer, the handler; one reader, the main loop. Indices only grow, so no lock is needed. */
static struct {
  volatile uint32_t written;
  volatile uint32_t read;
  uint8_t bytes[UART_RING];
} ring;

/* Bytes with line errors are kept: the frame's CRC finds them, and a ring without holes keeps the
 * decoder's place. A full ring drops the newest, as the FIFO would. */
static CPU_INTERRUPT void receive(void)
{
  while ((LPC_U0IIR & LPC_UIIR_NONE) == 0) {
    while (LPC_U0LSR & LPC_ULSR_RECEIVED) {
      uint8_t byte = (uint8_t)LPC_U0RBR;

      if (ring.written - ring.read < UART_RING) {
        ring.bytes[ring.written % UART_RING] = byte;
        ring.written++;
      }
    }
  }
  LPC_VIC_VECT_ADDR = 0;
}

void uart_set_up(void)
{
  ring.written = 0;
  ring.read = 0;
  LPC_PINSEL0 = (LPC_PINSEL0 & ~(uint32_t)LPC_PINSEL0_UART0_MASK) | LPC_PINSEL0_UART0;
  LPC_U0LCR = LPC_ULCR_DIVISOR | LPC_ULCR_8N1;
  LPC_U0DLL = UART_DIVISOR_115200;
  LPC_U0DLM = 0;
  LPC_U0LCR = LPC_ULCR_8N1;
  LPC_U0FCR = LPC_UFCR_ENABLE_RESET_TRIGGER_8;
  cpu_set_handler(UART_SLOT, LPC_CHANNEL_UART0, receive);
  LPC_U0IER = LPC_UIER_RECEIVE | LPC_UIER_LINE_STATUS;
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

void uart_write(const uint8_t *bytes, size_t length)
{
  while (length > 0) {
    unsigned room = LPC_UART_FIFO;

    /* THRE says that the whole FIFO is empty, not that one place is free (UM10114 table 145). */
    while ((LPC_U0LSR & LPC_ULSR_THR_EMPTY) == 0)
      ;
    for (; length > 0 && room > 0; length--, room--)
      LPC_U0THR = *bytes++;
  }
}

void uart_flush(void)
{
  while ((LPC_U0LSR & LPC_ULSR_EMPTY) == 0)
    ;
}
