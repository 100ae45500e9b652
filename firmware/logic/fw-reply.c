/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames the substation sends. */

#include "fw-reply.h"

size_t fw_reply_finish(const WireFrame *request, size_t length, uint8_t *frame)
{
  WireFrame reply = {
      .type = request->type | WIRE_REPLY,
      .token = request->token,
      .seq = request->seq,
      .length = (uint16_t)length,
      .payload = fw_reply_payload(frame),
  };

  return wire_frame_write(&reply, frame);
}

size_t fw_reply_nak(const WireFrame *request, WireCause cause, uint32_t detail, uint8_t *frame)
{
  WireNak nak = {.cause = (uint8_t)cause, .type = request->type, .detail = detail};
  WireFrame reply = {
      .type = WIRE_NAK,
      .token = request->token,
      .seq = request->seq,
      .length = (uint16_t)wire_nak_write(&nak, fw_reply_payload(frame)),
      .payload = fw_reply_payload(frame),
  };

  return wire_frame_write(&reply, frame);
}

size_t fw_reply_unasked(WireType type, size_t length, uint8_t *frame)
{
  WireFrame unasked = {
      .type = (uint8_t)type,
      .length = (uint16_t)length,
      .payload = fw_reply_payload(frame),
  };

  return wire_frame_write(&unasked, frame);
}
