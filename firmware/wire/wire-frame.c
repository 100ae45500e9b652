/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The frame writer and the incremental decoder. A false start costs only its own first byte: the
 * decoder looks again from the second, so noise never eats a good frame behind it. */

#include "wire-frame.h"

#include "wire-bytes.h"
#include "wire-crc.h"

enum { TYPE = WIRE_FRAME_TYPE_OFFSET, TOKEN = 3, SEQ = 4, LENGTH = 5, HCHECK = 7 };

/* For people who look at a workstation's log; the chip has nobody to tell. */
static inline void count(uint32_t *counter)
{
#ifndef WIRE_ON_CHIP
  ++*counter;
#else
  (void)counter;
#endif
}

static uint16_t header_check(const uint8_t *frame)
{
  return (uint16_t)wire_crc32(0, frame + TYPE, HCHECK - TYPE);
}

size_t wire_frame_write(const WireFrame *frame, uint8_t *to)
{
  uint8_t *payload = to + WIRE_FRAME_HEADER_SIZE;

  if (frame->length > WIRE_PAYLOAD_MAX)
    return 0;
  to[0] = WIRE_SYNC_0;
  to[1] = WIRE_SYNC_1;
  to[TYPE] = frame->type;
  to[TOKEN] = frame->token;
  to[SEQ] = frame->seq;
  wire_put_u16(to + LENGTH, frame->length);
  wire_put_u16(to + HCHECK, header_check(to));
  if (frame->payload != payload)
    wire_copy(payload, frame->payload, frame->length);
  wire_put_u32(payload + frame->length,
               wire_crc32(0, to + TYPE, WIRE_FRAME_HEADER_SIZE - TYPE + (size_t)frame->length));
  return (size_t)frame->length + WIRE_FRAME_OVERHEAD;
}

void wire_decoder_init(WireDecoder *decoder)
{
  decoder->length = 0;
  decoder->taken = 0;
  decoder->bad_headers = 0;
  decoder->bad_crcs = 0;
  decoder->cut_frames = 0;
  decoder->skipped = 0;
  decoder->has_damaged = false;
}

size_t wire_decoder_push(WireDecoder *decoder, const uint8_t *bytes, size_t length)
{
  size_t room = sizeof decoder->buffer - decoder->length;

  if (length > room)
    length = room;
  wire_copy(decoder->buffer + decoder->length, bytes, length);
  decoder->length = (uint16_t)(decoder->length + length);
  return length;
}

static void drop(WireDecoder *decoder, uint16_t count)
{
  decoder->length = (uint16_t)(decoder->length - count);
  for (uint16_t i = 0; i < decoder->length; i++)
    decoder->buffer[i] = decoder->buffer[i + count];
}

typedef enum { LOOK_MORE, LOOK_NONE, LOOK_BAD_HEADER, LOOK_BAD_CRC, LOOK_FRAME } Look;

/* What begins at `at`, of which `length` bytes are there. */
static Look look(const uint8_t *at, uint16_t length)
{
  if (length >= 1 && at[0] != WIRE_SYNC_0)
    return LOOK_NONE;
  if (length >= 2 && at[1] != WIRE_SYNC_1)
    return LOOK_NONE;
  if (length < WIRE_FRAME_HEADER_SIZE)
    return LOOK_MORE;

  uint16_t payload_length = wire_get_u16(at + LENGTH);

  if (wire_get_u16(at + HCHECK) != header_check(at) || payload_length > WIRE_PAYLOAD_MAX)
    return LOOK_BAD_HEADER;
  if (length < payload_length + WIRE_FRAME_OVERHEAD)
    return LOOK_MORE;

  uint32_t crc = wire_crc32(0, at + TYPE, WIRE_FRAME_HEADER_SIZE - TYPE + (size_t)payload_length);

  return crc == wire_get_u32(at + WIRE_FRAME_HEADER_SIZE + payload_length) ? LOOK_FRAME
                                                                           : LOOK_BAD_CRC;
}

static void read_header(const uint8_t *at, WireFrame *frame)
{
  frame->type = at[TYPE];
  frame->token = at[TOKEN];
  frame->seq = at[SEQ];
  frame->length = wire_get_u16(at + LENGTH);
  frame->payload = NULL;
}

bool wire_decoder_next(WireDecoder *decoder, WireFrame *frame)
{
  uint16_t at = decoder->taken;

  decoder->taken = 0;
  while (at < decoder->length) {
    const uint8_t *start = decoder->buffer + at;
    Look found = look(start, (uint16_t)(decoder->length - at));

    if (found == LOOK_MORE)
      break;
    if (found == LOOK_FRAME) {
      if (at > 0) {
        drop(decoder, at);
        start = decoder->buffer;
      }
      read_header(start, frame);
      frame->payload = start + WIRE_FRAME_HEADER_SIZE;
      decoder->taken = (uint16_t)(frame->length + WIRE_FRAME_OVERHEAD);
      return true;
    }
    if (found == LOOK_BAD_HEADER)
      count(&decoder->bad_headers);
    if (found == LOOK_BAD_CRC) {
      count(&decoder->bad_crcs);
      read_header(start, &decoder->damaged);
      decoder->has_damaged = true;
    }
    decoder->skipped++;
    at++;
  }
  if (at > 0)
    drop(decoder, at);
  return false;
}

bool wire_decoder_is_inside(const WireDecoder *decoder)
{
  return decoder->length > decoder->taken;
}

bool wire_decoder_peek(const WireDecoder *decoder, WireFrame *header)
{
  const uint8_t *at = decoder->buffer + decoder->taken;
  uint16_t length = (uint16_t)(decoder->length - decoder->taken);

  if (length < WIRE_FRAME_HEADER_SIZE || look(at, length) != LOOK_MORE)
    return false;
  read_header(at, header);
  return true;
}

void wire_decoder_gap(WireDecoder *decoder)
{
  if (!wire_decoder_is_inside(decoder))
    return;
  count(&decoder->cut_frames);
  decoder->skipped++;
  decoder->taken++;
}
