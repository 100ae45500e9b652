/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The frame writer and the decoder: one frame's bytes written out, each byte of it spoilt, and
 * streams with noise before, between and inside the frames, fed whole, byte by byte and cut at
 * random. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "wire-frame.h"
#include "wire-random.h"

static const uint8_t golden[] = {0xa5, 0x5a, 0x04, 0x2b, 0x07, 0x04, 0x00, 0x63, 0xaa,
                                 0x10, 0x20, 0xa5, 0x5a, 0x80, 0x42, 0xa5, 0x08};
static const uint8_t golden_payload[] = {0x10, 0x20, 0xa5, 0x5a};
static const WireFrame golden_frame = {
    .type = 4, .token = 0x2b, .seq = 7, .length = 4, .payload = golden_payload};

enum { STREAM_MAX = 24000, CUT_AT_RANDOM = 0 };

/* What came out of a decoder: the frames one behind the other, as they would be written again. */
typedef struct {
  WireDecoder decoder;
  uint8_t bytes[STREAM_MAX];
  size_t length;
  unsigned frames;
} Sink;

static void drain(Sink *sink)
{
  WireFrame frame;

  while (wire_decoder_next(&sink->decoder, &frame)) {
    assert_true(sink->length + frame.length + WIRE_FRAME_OVERHEAD <= sizeof sink->bytes);
    sink->length += wire_frame_write(&frame, sink->bytes + sink->length);
    sink->frames++;
  }
}

static Sink *make_sink(void)
{
  Sink *sink = calloc(1, sizeof *sink);

  assert_non_null(sink);
  wire_decoder_init(&sink->decoder);
  return sink;
}

/* A chunk in an allocation of its own, so that a byte read behind it is noticed. */
static void push_chunk(Sink *sink, const uint8_t *bytes, size_t length)
{
  uint8_t *chunk = malloc(length);
  size_t at = 0;

  assert_non_null(chunk);
  memcpy(chunk, bytes, length);
  while (at < length) {
    size_t count = wire_decoder_push(&sink->decoder, chunk + at, length - at);

    assert_true(count > 0); /* after next has returned false there is always room */
    at += count;
    drain(sink);
  }
  free(chunk);
}

/* Chunks of `step` bytes, or of random length. */
static void push_in_steps(Sink *sink, const uint8_t *bytes, size_t length, size_t step,
                          uint32_t seed)
{
  WireRandom random = wire_random(seed);

  for (size_t at = 0; at < length;) {
    size_t count = step == CUT_AT_RANDOM ? 1 + wire_random_below(&random, 90) : step;

    if (count > length - at)
      count = length - at;
    push_chunk(sink, bytes + at, count);
    at += count;
  }
}

/* The line is silent for good: what is begun is given up, start for start. */
static void end_stream(Sink *sink)
{
  while (wire_decoder_is_inside(&sink->decoder)) {
    wire_decoder_gap(&sink->decoder);
    drain(sink);
  }
}

static unsigned count_frames(const uint8_t *bytes, size_t length)
{
  Sink *sink = make_sink();
  unsigned frames;

  push_chunk(sink, bytes, length);
  end_stream(sink);
  frames = sink->frames;
  free(sink);
  return frames;
}

static void a_frame_is_written_as_the_protocol_says(void **state)
{
  uint8_t bytes[sizeof golden];

  (void)state;
  assert_int_equal(wire_frame_write(&golden_frame, bytes), sizeof golden);
  assert_memory_equal(bytes, golden, sizeof golden);
}

static void a_payload_in_place_gives_the_same_bytes(void **state)
{
  uint8_t bytes[sizeof golden];
  WireFrame frame = golden_frame;

  (void)state;
  memcpy(bytes + WIRE_FRAME_HEADER_SIZE, golden_payload, sizeof golden_payload);
  frame.payload = bytes + WIRE_FRAME_HEADER_SIZE;
  assert_int_equal(wire_frame_write(&frame, bytes), sizeof golden);
  assert_memory_equal(bytes, golden, sizeof golden);
}

static void the_golden_frame_is_read(void **state)
{
  WireDecoder decoder;
  WireFrame frame;

  (void)state;
  wire_decoder_init(&decoder);
  assert_int_equal(wire_decoder_push(&decoder, golden, sizeof golden), sizeof golden);
  assert_true(wire_decoder_next(&decoder, &frame));
  assert_int_equal(frame.type, 4);
  assert_int_equal(frame.token, 0x2b);
  assert_int_equal(frame.seq, 7);
  assert_int_equal(frame.length, 4);
  assert_memory_equal(frame.payload, golden_payload, 4);
  assert_false(wire_decoder_is_inside(&decoder));
  assert_false(wire_decoder_next(&decoder, &frame));
}

static void every_other_value_of_every_byte_is_refused(void **state)
{
  (void)state;
  for (size_t at = 0; at < sizeof golden; at++)
    for (unsigned change = 1; change < 256; change++) {
      uint8_t bytes[sizeof golden];

      memcpy(bytes, golden, sizeof golden);
      bytes[at] ^= (uint8_t)change;
      if (count_frames(bytes, sizeof bytes) != 0)
        fail_msg("byte %zu changed by %02x is taken", at, change);
    }
}

static void a_spoilt_header_and_a_spoilt_payload_are_counted_apart(void **state)
{
  (void)state;
  for (size_t at = 0; at < sizeof golden; at++) {
    uint8_t bytes[sizeof golden];
    Sink *sink = make_sink();

    memcpy(bytes, golden, sizeof golden);
    bytes[at] ^= 0x01;
    push_chunk(sink, bytes, sizeof bytes);
    assert_int_equal(sink->decoder.bad_headers, at >= 2 && at < WIRE_FRAME_HEADER_SIZE);
    assert_int_equal(sink->decoder.bad_crcs, at >= WIRE_FRAME_HEADER_SIZE);
    end_stream(sink);
    assert_int_equal(sink->decoder.skipped, sizeof bytes);
    free(sink);
  }
}

static void every_length_up_to_the_most_goes_there_and_back(void **state)
{
  uint8_t payload[WIRE_PAYLOAD_MAX];
  WireRandom random = wire_random(1);

  (void)state;
  wire_random_fill(&random, payload, sizeof payload);
  for (unsigned length = 0; length <= WIRE_PAYLOAD_MAX; length += length < 40 ? 1 : 31) {
    WireFrame frame = {.type = 8, .length = (uint16_t)length, .payload = payload};
    size_t size = length + WIRE_FRAME_OVERHEAD;
    uint8_t *bytes = malloc(size); /* not a byte more may be written */

    assert_non_null(bytes);
    assert_int_equal(wire_frame_write(&frame, bytes), size);
    assert_int_equal(count_frames(bytes, size), 1);
    free(bytes);
  }
}

static void the_longest_payload_fills_the_decoder_and_is_read(void **state)
{
  uint8_t payload[WIRE_PAYLOAD_MAX + 1], bytes[WIRE_FRAME_MAX];
  WireFrame frame = {.type = 8, .length = WIRE_PAYLOAD_MAX, .payload = payload}, back;
  WireDecoder decoder;

  (void)state;
  memset(payload, WIRE_SYNC_0, sizeof payload);
  assert_int_equal(wire_frame_write(&frame, bytes), WIRE_FRAME_MAX);
  wire_decoder_init(&decoder);
  assert_int_equal(wire_decoder_push(&decoder, bytes, sizeof bytes), sizeof bytes);
  assert_int_equal(wire_decoder_push(&decoder, bytes, 1), 0); /* full, and says so */
  assert_true(wire_decoder_next(&decoder, &back));
  assert_int_equal(back.length, WIRE_PAYLOAD_MAX);
  assert_memory_equal(back.payload, payload, WIRE_PAYLOAD_MAX);
  frame.length = WIRE_PAYLOAD_MAX + 1;
  assert_int_equal(wire_frame_write(&frame, bytes), 0);
}

/* Header check right, length too long: refused at the header, not waited for. */
static void an_over_long_length_is_refused_at_once(void **state)
{
  uint32_t lengths[] = {WIRE_PAYLOAD_MAX + 1, 0x4000, 0xffff};

  (void)state;
  for (unsigned i = 0; i < 3; i++) {
    uint8_t bytes[WIRE_FRAME_HEADER_SIZE + sizeof golden] = {0xa5, 0x5a, 1, 1, 1};
    Sink *sink = make_sink();
    uint32_t check;

    bytes[5] = (uint8_t)lengths[i];
    bytes[6] = (uint8_t)(lengths[i] >> 8);
    check = wire_reference_crc(bytes + 2, 5);
    bytes[7] = (uint8_t)check;
    bytes[8] = (uint8_t)(check >> 8);
    memcpy(bytes + WIRE_FRAME_HEADER_SIZE, golden, sizeof golden);
    push_chunk(sink, bytes, sizeof bytes);
    assert_int_equal(sink->decoder.bad_headers, 1);
    assert_int_equal(sink->frames, 1);
    free(sink);
  }
}

static void a_frame_behind_noise_is_found(void **state)
{
  WireRandom random = wire_random(2);

  (void)state;
  for (unsigned noise = 1; noise < 300; noise++) {
    uint8_t bytes[300 + sizeof golden];

    wire_random_fill(&random, bytes, noise);
    if (noise % 3 == 0)
      bytes[noise - 1] = WIRE_SYNC_0; /* A5 A5 5A: the second is the start */
    memcpy(bytes + noise, golden, sizeof golden);
    assert_int_equal(count_frames(bytes, noise + sizeof golden), 1);
  }
}

static void two_frames_in_one_push_come_one_after_the_other(void **state)
{
  uint8_t bytes[2 * sizeof golden];
  WireFrame other = golden_frame, frame;
  WireDecoder decoder;

  (void)state;
  other.seq = 8;
  memcpy(bytes, golden, sizeof golden);
  wire_frame_write(&other, bytes + sizeof golden);
  wire_decoder_init(&decoder);
  wire_decoder_push(&decoder, bytes, sizeof bytes);
  assert_true(wire_decoder_next(&decoder, &frame));
  assert_int_equal(frame.seq, 7);
  assert_true(wire_decoder_is_inside(&decoder));
  assert_memory_equal(frame.payload, golden_payload, 4);
  assert_true(wire_decoder_next(&decoder, &frame));
  assert_int_equal(frame.seq, 8);
  assert_false(wire_decoder_next(&decoder, &frame));
  assert_int_equal(decoder.skipped, 0);
}

static void sync_bytes_inside_a_payload_start_nothing(void **state)
{
  uint8_t payload[64], bytes[64 + WIRE_FRAME_OVERHEAD];
  WireFrame frame = {.type = 8, .length = sizeof payload, .payload = payload};
  Sink *sink = make_sink();

  (void)state;
  for (unsigned i = 0; i < sizeof payload; i++)
    payload[i] = i % 2 == 0 ? WIRE_SYNC_0 : WIRE_SYNC_1;
  memcpy(payload + 20, golden, sizeof golden); /* even a whole frame */
  wire_frame_write(&frame, bytes);
  push_in_steps(sink, bytes, sizeof bytes, 1, 0);
  assert_int_equal(sink->frames, 1);
  assert_memory_equal(sink->bytes, bytes, sizeof bytes);
  assert_int_equal(sink->decoder.bad_headers, 0);
  free(sink);
}

static void a_cut_frame_is_given_up_at_the_gap(void **state)
{
  (void)state;
  for (size_t cut = 1; cut < sizeof golden; cut++) {
    Sink *sink = make_sink();

    push_chunk(sink, golden, cut);
    assert_int_equal(sink->frames, 0);
    assert_true(wire_decoder_is_inside(&sink->decoder));
    end_stream(sink);
    assert_true(sink->decoder.cut_frames > 0);
    assert_int_equal(sink->decoder.skipped, cut);
    push_chunk(sink, golden, sizeof golden);
    assert_int_equal(sink->frames, 1);
    assert_memory_equal(sink->bytes, golden, sizeof golden);
    free(sink);
  }
}

/* A cut frame took the next one for its payload: the gap gives that one back, whole. */
static void a_frame_swallowed_by_a_cut_one_comes_out_at_the_gap(void **state)
{
  uint8_t payload[200] = {0}, bytes[200 + WIRE_FRAME_OVERHEAD];
  WireFrame frame = {.type = 8, .length = sizeof payload, .payload = payload};
  Sink *sink = make_sink();

  (void)state;
  wire_frame_write(&frame, bytes);
  push_chunk(sink, bytes, 60);
  push_chunk(sink, golden, sizeof golden);
  assert_int_equal(sink->frames, 0);
  wire_decoder_gap(&sink->decoder);
  drain(sink);
  assert_int_equal(sink->frames, 1);
  assert_int_equal(sink->decoder.cut_frames, 1);
  assert_int_equal(sink->decoder.skipped, 60);
  free(sink);
}

static void a_gap_between_frames_is_nothing(void **state)
{
  WireDecoder decoder;
  WireFrame frame;

  (void)state;
  wire_decoder_init(&decoder);
  wire_decoder_gap(&decoder);
  wire_decoder_push(&decoder, golden, sizeof golden);
  assert_true(wire_decoder_next(&decoder, &frame));
  wire_decoder_gap(&decoder);
  assert_int_equal(decoder.cut_frames, 0);
  wire_decoder_push(&decoder, golden, sizeof golden);
  assert_true(wire_decoder_next(&decoder, &frame));
  assert_int_equal(decoder.skipped, 0);
}

typedef struct {
  uint8_t bytes[STREAM_MAX]; /* with noise */
  size_t length;
  uint8_t clean[STREAM_MAX]; /* the frames alone */
  size_t clean_length;
  unsigned frames;
} Stream;

static void add_noise(Stream *stream, WireRandom *random)
{
  unsigned count = wire_random_below(random, 40);

  for (unsigned i = 0; i < count; i++) {
    uint32_t dice = wire_random_below(random, 8);
    uint8_t byte = dice == 0   ? WIRE_SYNC_0
                   : dice == 1 ? WIRE_SYNC_1
                               : (uint8_t)(random->state >> 3);

    stream->bytes[stream->length++] = byte;
  }
}

static size_t make_frame(WireRandom *random, uint8_t *to)
{
  uint8_t payload[WIRE_PAYLOAD_MAX];
  unsigned limit = wire_random_below(random, 10) == 0 ? WIRE_PAYLOAD_MAX : 60;
  WireFrame frame = {
      .type = (uint8_t)wire_random_below(random, 256),
      .token = (uint8_t)wire_random_below(random, 256),
      .seq = (uint8_t)wire_random_below(random, 256),
      .length = (uint16_t)wire_random_below(random, limit + 1),
      .payload = payload,
  };

  wire_random_fill(random, payload, sizeof payload);
  for (unsigned i = 0; i + 1 < frame.length; i += 1 + wire_random_below(random, 20)) {
    payload[i] = WIRE_SYNC_0;
    payload[i + 1] = WIRE_SYNC_1;
  }
  return wire_frame_write(&frame, to);
}

/* Frames with noise between them; and cut or spoilt frames, which are noise that looks right. */
static Stream *make_stream(uint32_t seed)
{
  Stream *stream = calloc(1, sizeof *stream);
  WireRandom random = wire_random(seed);

  assert_non_null(stream);
  while (stream->length + 3 * WIRE_FRAME_MAX < STREAM_MAX && stream->frames < 30) {
    uint8_t bytes[WIRE_FRAME_MAX];
    size_t length = make_frame(&random, bytes);
    uint32_t dice = wire_random_below(&random, 10);

    add_noise(stream, &random);
    if (dice == 0) {
      length = 1 + wire_random_below(&random, (uint32_t)length - 1);
    } else if (dice == 1) {
      bytes[wire_random_below(&random, (uint32_t)length)] ^= 0x40;
    } else {
      memcpy(stream->clean + stream->clean_length, bytes, length);
      stream->clean_length += length;
      stream->frames++;
    }
    memcpy(stream->bytes + stream->length, bytes, length);
    stream->length += length;
  }
  return stream;
}

static void check_stream(const Stream *stream, size_t step, uint32_t seed, WireDecoder *counts)
{
  Sink *sink = make_sink();

  push_in_steps(sink, stream->bytes, stream->length, step, seed);
  end_stream(sink);
  assert_int_equal(sink->frames, stream->frames);
  assert_int_equal(sink->length, stream->clean_length);
  assert_memory_equal(sink->bytes, stream->clean, stream->clean_length);
  assert_int_equal(sink->decoder.skipped, stream->length - stream->clean_length);
  *counts = sink->decoder;
  free(sink);
}

static void check_same_damaged(const WireDecoder *a, const WireDecoder *b)
{
  assert_int_equal(a->has_damaged, a->bad_crcs > 0);
  assert_int_equal(a->has_damaged, b->has_damaged);
  if (!a->has_damaged)
    return;
  assert_int_equal(a->damaged.type, b->damaged.type);
  assert_int_equal(a->damaged.token, b->damaged.token);
  assert_int_equal(a->damaged.seq, b->damaged.seq);
  assert_int_equal(a->damaged.length, b->damaged.length);
}

static void every_frame_of_a_noisy_stream_is_found_however_it_is_cut(void **state)
{
  unsigned faults = 0;

  (void)state;
  for (uint32_t seed = 1; seed <= 60; seed++) {
    Stream *stream = make_stream(seed);
    WireDecoder whole, single, cut;

    check_stream(stream, stream->length, 0, &whole);
    check_stream(stream, 1, 0, &single);
    check_stream(stream, CUT_AT_RANDOM, seed, &cut);
    assert_int_equal(single.bad_headers, whole.bad_headers);
    assert_int_equal(single.bad_crcs, whole.bad_crcs);
    assert_int_equal(single.cut_frames, whole.cut_frames);
    assert_int_equal(cut.bad_headers, whole.bad_headers);
    assert_int_equal(cut.bad_crcs, whole.bad_crcs);
    check_same_damaged(&single, &whole);
    check_same_damaged(&cut, &whole);
    faults += whole.bad_headers + whole.bad_crcs;
    free(stream);
  }
  assert_true(faults > 60); /* the noise was not too kind */
}

static void noise_alone_gives_no_frame_and_leaves_room(void **state)
{
  WireRandom random = wire_random(77);
  Sink *sink = make_sink();

  (void)state;
  for (unsigned round = 0; round < 400; round++) {
    uint8_t noise[500];

    wire_random_fill(&random, noise, sizeof noise);
    for (unsigned i = 0; i + 1 < sizeof noise; i += 5 + round % 30) {
      noise[i] = WIRE_SYNC_0;
      noise[i + 1] = WIRE_SYNC_1;
    }
    push_chunk(sink, noise, sizeof noise);
  }
  end_stream(sink);
  assert_int_equal(sink->frames, 0);
  assert_true(sink->decoder.bad_headers > 1000);
  assert_int_equal(sink->decoder.skipped, 400 * 500);
  free(sink);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_frame_is_written_as_the_protocol_says),
      cmocka_unit_test(a_payload_in_place_gives_the_same_bytes),
      cmocka_unit_test(the_golden_frame_is_read),
      cmocka_unit_test(every_other_value_of_every_byte_is_refused),
      cmocka_unit_test(a_spoilt_header_and_a_spoilt_payload_are_counted_apart),
      cmocka_unit_test(every_length_up_to_the_most_goes_there_and_back),
      cmocka_unit_test(the_longest_payload_fills_the_decoder_and_is_read),
      cmocka_unit_test(an_over_long_length_is_refused_at_once),
      cmocka_unit_test(a_frame_behind_noise_is_found),
      cmocka_unit_test(two_frames_in_one_push_come_one_after_the_other),
      cmocka_unit_test(sync_bytes_inside_a_payload_start_nothing),
      cmocka_unit_test(a_cut_frame_is_given_up_at_the_gap),
      cmocka_unit_test(a_frame_swallowed_by_a_cut_one_comes_out_at_the_gap),
      cmocka_unit_test(a_gap_between_frames_is_nothing),
      cmocka_unit_test(every_frame_of_a_noisy_stream_is_found_however_it_is_cut),
      cmocka_unit_test(noise_alone_gives_no_frame_and_leaves_room),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
