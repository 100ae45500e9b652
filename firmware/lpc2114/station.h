/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What loader and program share on the board: who we are, and frames through UART0. */

#pragma once

#include "fw-identity.h"

/* Fills in what only the chip knows. */
void station_get_self(WireMode mode, FwSelf *self);

/* The next frame from the line, or false. Call until false. A frame that stops in the middle is
 * given up after 20 ms of silence. The payload is borrowed until the next call. */
bool station_receive(WireFrame *frame);

/* True when station_receive may have something. */
bool station_has_bytes(void);

/* Where to build frames to send: WIRE_FRAME_MAX bytes. */
uint8_t *station_get_buffer(void);

/* Sends the first `length` bytes of the buffer; nothing with 0. */
void station_send(size_t length);
