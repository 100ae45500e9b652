/* SPDX-License-Identifier: GPL-3.0-or-later */

/* UART0: received bytes wait in a ring that an interrupt handler in RAM fills, also while flash is
 * being programmed; the same handler sends. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the ring: the build gives the loader more, whose line goes on while flash is busy. */
#ifndef UART_RING
#define UART_RING 2048
#endif

enum { UART_DIVISOR_DEFAULT = 6 /* 11059200 / 16 / WIRE_RATE_DEFAULT */ };

/* At WIRE_RATE_DEFAULT. */
void uart_set_up(void);

/* The divisor that makes exactly this rate, if it is WIRE_RATE_DEFAULT or above; else 0. */
unsigned uart_find_divisor(uint32_t baud);

/* Goes on at another rate. What has not left yet leaves first. */
void uart_set_divisor(unsigned divisor);

/* Takes up to `room` received bytes. */
size_t uart_read(uint8_t *bytes, size_t room);

/* True when a byte waits. */
bool uart_has_bytes(void);

/* Sends all of them, when uart_is_sending no more; `bytes` must stay until it is so again.
 * Interrupts must be on. */
void uart_write(const uint8_t *bytes, size_t length);
bool uart_is_sending(void);

/* Waits until the last bit has left, as one must before the line changes hands. */
void uart_flush(void);
