/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Making frames that answer a request. The payload is written in place, behind the header. */

#pragma once

#include "wire-message.h"

/* Where the payload of a frame in `frame` goes. */
static inline uint8_t *fw_reply_payload(uint8_t *frame)
{
  return frame + WIRE_FRAME_HEADER_SIZE;
}

/* Ends a reply whose payload of `length` bytes is in place. Returns the frame's bytes. */
size_t fw_reply_finish(const WireFrame *request, size_t length, uint8_t *frame);

/* A whole refusal. */
size_t fw_reply_nak(const WireFrame *request, WireCause cause, uint32_t detail, uint8_t *frame);

/* A frame nobody asked for; payload in place. */
size_t fw_reply_unasked(WireType type, size_t length, uint8_t *frame);
