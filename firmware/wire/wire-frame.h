/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames on the wire: how messages are cut out of a byte stream that may be noisy. PROTOCOL.md §2.
 *
 *   offset  0  1   2     3      4    5    6    7    8    9 …          9+n
 *           A5 5A  type  token  seq  length    hcheck    payload (n)  CRC-32
 *
 * length and CRC-32 are little endian. hcheck is the low half of CRC-32 over bytes 2–6; the CRC-32
 * behind the payload covers bytes 2 to the payload's end. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  WIRE_SYNC_0 = 0xa5,
  WIRE_SYNC_1 = 0x5a,
  WIRE_FRAME_TYPE_OFFSET = 2,
  WIRE_FRAME_SEQ_OFFSET = 4,
  WIRE_FRAME_HEADER_SIZE = 9,
  WIRE_FRAME_OVERHEAD = WIRE_FRAME_HEADER_SIZE + 4,
  WIRE_PAYLOAD_MAX = 1032, /* two blocks and eight bytes about them */
  WIRE_FRAME_MAX = WIRE_PAYLOAD_MAX + WIRE_FRAME_OVERHEAD,
};

typedef struct {
  uint8_t type;  /* WireType; a type this side does not know is handed on all the same */
  uint8_t token; /* the workstation's number for this conversation; a reply repeats it */
  uint8_t seq;   /* the request's frame number; a reply repeats it */
  uint16_t length;
  const uint8_t *payload; /* borrowed */
} WireFrame;

/* Writes a frame; `to` has room for at least frame->length + WIRE_FRAME_OVERHEAD bytes. `payload`
 * may already lie in place (to + WIRE_FRAME_HEADER_SIZE). Returns the frame's bytes, or 0 when the
 * payload is longer than WIRE_PAYLOAD_MAX. */
size_t wire_frame_write(const WireFrame *frame, uint8_t *to);

/* Takes frames out of a stream. Feeding it whole or byte by byte gives the same frames. */
typedef struct {
  uint8_t buffer[WIRE_FRAME_MAX];
  uint16_t length;      /* bytes in buffer */
  uint16_t taken;       /* of them, handed out by the last wire_decoder_next */
  uint32_t bad_headers; /* sync seen, header check or length wrong */
  uint32_t bad_crcs;    /* header right, CRC wrong */
  uint32_t cut_frames;  /* begun, then the line fell silent */
  uint32_t skipped;     /* bytes that belonged to no frame */
  WireFrame damaged;    /* header of the last frame with a wrong CRC; no payload */
  bool has_damaged;     /* there was one; for the caller to clear */
} WireDecoder;

void wire_decoder_init(WireDecoder *decoder);

/* Takes as many bytes as there is room for and returns their number. Room is made by calling
 * wire_decoder_next until it returns false; after that at least one byte is always taken. */
size_t wire_decoder_push(WireDecoder *decoder, const uint8_t *bytes, size_t length);

/* The next good frame. Its payload stays valid until the next call on this decoder. */
bool wire_decoder_next(WireDecoder *decoder, WireFrame *frame);

/* True while a frame is begun and not complete. */
bool wire_decoder_is_inside(const WireDecoder *decoder);

/* The header of the frame that is begun; false while it is not whole. No payload. */
bool wire_decoder_peek(const WireDecoder *decoder, WireFrame *header);

/* The line has been silent for so long that a frame begun will not be completed: what looked like
 * its start is given up, and wire_decoder_next may find frames in what came behind. */
void wire_decoder_gap(WireDecoder *decoder);
