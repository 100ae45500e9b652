/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the decoder keeps of a frame whose header is right and whose CRC is not: enough to refuse
 * it, so that it is sent again at once. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "wire-frame.h"

static const uint8_t golden_payload[] = {0x10, 0x20, 0xa5, 0x5a};
static const WireFrame golden_frame = {
    .type = 4, .token = 0x2b, .seq = 7, .length = 4, .payload = golden_payload};
static const uint8_t golden[] = {0xa5, 0x5a, 0x04, 0x2b, 0x07, 0x04, 0x00, 0x63, 0xaa,
                                 0x10, 0x20, 0xa5, 0x5a, 0x80, 0x42, 0xa5, 0x08};

/* In chunks of `step` bytes; returns the good frames that came out. */
static unsigned feed(WireDecoder *decoder, const uint8_t *bytes, size_t length, size_t step)
{
  unsigned frames = 0;
  WireFrame frame;

  for (size_t at = 0; at < length; at += step) {
    wire_decoder_push(decoder, bytes + at, length - at < step ? length - at : step);
    while (wire_decoder_next(decoder, &frame))
      frames++;
  }
  return frames;
}

static void end_stream(WireDecoder *decoder)
{
  WireFrame frame;

  while (wire_decoder_is_inside(decoder)) {
    wire_decoder_gap(decoder);
    assert_false(wire_decoder_next(decoder, &frame));
  }
}

static void check_damaged(WireDecoder *decoder, uint8_t type, uint8_t token, uint8_t seq)
{
  assert_true(decoder->has_damaged);
  assert_int_equal(decoder->damaged.type, type);
  assert_int_equal(decoder->damaged.token, token);
  assert_int_equal(decoder->damaged.seq, seq);
  assert_null(decoder->damaged.payload);
}

/* A right header whose CRC is wrong is kept, so that it can be asked for again; a wrong header says
 * nothing of any frame. */
static void the_header_of_a_damaged_frame_is_kept_and_only_of_such_a_one(void **state)
{
  (void)state;
  for (size_t step = 1; step <= sizeof golden; step += sizeof golden - 1)
    for (size_t at = 0; at <= sizeof golden; at++) {
      uint8_t bytes[sizeof golden + 1];
      WireDecoder decoder;

      memcpy(bytes, golden, sizeof golden);
      bytes[at] ^= 0x20; /* the last one spoils nothing */
      wire_decoder_init(&decoder);
      feed(&decoder, bytes, sizeof golden, step);
      if (at < sizeof golden)
        end_stream(&decoder);
      if (at >= WIRE_FRAME_HEADER_SIZE && at < sizeof golden)
        check_damaged(&decoder, 4, 0x2b, 7);
      else
        assert_false(decoder.has_damaged);
    }
}

static void a_damaged_header_stays_until_it_is_cleared_and_the_last_one_counts(void **state)
{
  uint8_t bytes[sizeof golden], other[sizeof golden];
  WireFrame frame = golden_frame;
  WireDecoder decoder;

  (void)state;
  memcpy(bytes, golden, sizeof golden);
  bytes[sizeof golden - 1] ^= 1;
  wire_decoder_init(&decoder);
  assert_int_equal(feed(&decoder, bytes, sizeof bytes, 99), 0);
  assert_int_equal(feed(&decoder, golden, sizeof golden, 99), 1);
  check_damaged(&decoder, 4, 0x2b, 7);
  wire_decoder_gap(&decoder);
  check_damaged(&decoder, 4, 0x2b, 7);
  frame.seq = 8;
  frame.token = 0x2c;
  wire_frame_write(&frame, other);
  other[sizeof other - 1] ^= 1;
  feed(&decoder, other, sizeof other, 99);
  check_damaged(&decoder, 4, 0x2c, 8);
  decoder.has_damaged = false;
  feed(&decoder, golden, sizeof golden, 99);
  assert_false(decoder.has_damaged);
  wire_decoder_init(&decoder);
  assert_false(decoder.has_damaged);
}

/* The good frame behind a damaged one comes out of the same call; nothing is lost. */
static void a_good_frame_right_behind_a_damaged_one_comes_out_with_its_header(void **state)
{
  uint8_t bytes[2 * sizeof golden];
  WireDecoder decoder;
  WireFrame frame;

  (void)state;
  memcpy(bytes, golden, sizeof golden);
  memcpy(bytes + sizeof golden, golden, sizeof golden);
  bytes[WIRE_FRAME_HEADER_SIZE] ^= 0x80;
  wire_decoder_init(&decoder);
  wire_decoder_push(&decoder, bytes, sizeof bytes);
  assert_true(wire_decoder_next(&decoder, &frame));
  assert_int_equal(frame.seq, 7);
  assert_memory_equal(frame.payload, golden_payload, 4);
  check_damaged(&decoder, 4, 0x2b, 7);
}

/* A frame that was begun and never came to its end has no CRC that could be wrong. */
static void a_cut_frame_is_not_a_damaged_one(void **state)
{
  WireDecoder decoder;

  (void)state;
  wire_decoder_init(&decoder);
  feed(&decoder, golden, sizeof golden - 1, 99);
  end_stream(&decoder);
  assert_false(decoder.has_damaged);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_header_of_a_damaged_frame_is_kept_and_only_of_such_a_one),
      cmocka_unit_test(a_damaged_header_stays_until_it_is_cleared_and_the_last_one_counts),
      cmocka_unit_test(a_good_frame_right_behind_a_damaged_one_comes_out_with_its_header),
      cmocka_unit_test(a_cut_frame_is_not_a_damaged_one),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
