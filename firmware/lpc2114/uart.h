/* SPDX-License-Identifier: GPL-3.0-or-later */

/* UART0: received bytes wait in a ring that an interrupt handler in RAM fills, also while flash is
 * being programmed; sending waits for the FIFO. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UART_RING = 2048, UART_DIVISOR_115200 = 6 /* 11059200 / 16 / 115200 */ };

void uart_set_up(void);

/* Takes up to `room` received bytes. */
size_t uart_read(uint8_t *bytes, size_t room);

/* True when a byte waits. */
bool uart_has_bytes(void);

/* Sends all of them; returns when the last is in the FIFO. */
void uart_write(const uint8_t *bytes, size_t length);

/* Waits until the last bit has left, as one must before the line changes hands. */
void uart_flush(void);
