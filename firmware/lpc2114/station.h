/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What loader and program share on the board: who we are, and frames through UART0. */

#pragma once

#include "fw-identity.h"

/* Fills in what only the chip knows. To be called before the watchdog is started: from then
 * on its registers no longer tell what the last reset was, and the mailbox does. The flag for user
 * mode is the loader's.
 */
void station_get_self(WireMode mode, FwSelf *self);

/* What this start tells about how the last one of a program on trial ended. Once: it takes the
 * crash's mark away. To be called before station_get_self, which takes the other. */
WireTrialCause station_find_evidence(void);

/* The next frame from the line, or false. Call until false. A frame that stops in the middle is
 * given up after 20 ms of silence; one with a right header and a wrong CRC is refused as DAMAGED,
 * so that nobody waits for its answer. The payload is borrowed until the next call. */
bool station_receive(WireFrame *frame);

/* Bytes heard so far that belonged to no good frame. */
uint32_t station_count_rubbish(void);

/* Sleeps until the next interrupt, unless a byte waits. For when station_receive had nothing. */
void station_wait(void);

/* Where to build frames to send: WIRE_FRAME_MAX bytes. Waits for the one before to be gone. */
uint8_t *station_get_buffer(void);

/* Sends the first `length` bytes of the buffer; nothing with 0. */
void station_send(size_t length);
