/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames the substation sends. */

#include "fw-reply.h"

/* Answers `request` with a frame of this type, whose payload is in place. */
static size_t finish_as(uint8_t type, const WireFrame *request, size_t length, uint8_t *frame)
{
  WireFrame reply = *request;

  reply.type = type;
  reply.length = (uint16_t)length;
  reply.payload = fw_reply_payload(frame);
  return wire_frame_write(&reply, frame);
}

size_t fw_reply_finish(const WireFrame *request, size_t length, uint8_t *frame)
{
  return finish_as(request->type | WIRE_REPLY, request, length, frame);
}

size_t fw_reply_nak(const WireFrame *request, WireCause cause, uint32_t detail, uint8_t *frame)
{
  WireNak nak = {.cause = (uint8_t)cause, .type = request->type, .detail = detail};

  return finish_as(WIRE_NAK, request, wire_nak_write(&nak, fw_reply_payload(frame)), frame);
}

size_t fw_reply_unasked(WireType type, size_t length, uint8_t *frame)
{
  static WireFrame nobody; /* stays all 0; not constant, so that it costs no flash */

  return finish_as((uint8_t)type, &nobody, length, frame);
}
