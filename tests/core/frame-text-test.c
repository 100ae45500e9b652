/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Frames in words: every type of PROTOCOL.md, what is too short, and what is no frame. */

#include "sy-frame-text.h"

#include "wire-message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { RANDOM_FRAMES = 20000, DEADLINE_S = 60 };

typedef struct {
  WireFrame frame;
  guint8 bytes[WIRE_FRAME_MAX];
  gsize length;
} Built;

/* The payload lies in place already. */
static void build(Built *built, guint8 type, guint8 seq, gsize length)
{
  built->frame = (WireFrame){
      .type = type,
      .token = seq == 0 ? 0 : 9,
      .seq = seq,
      .length = (guint16)length,
      .payload = built->bytes + WIRE_FRAME_HEADER_SIZE,
  };
  built->length = wire_frame_write(&built->frame, built->bytes);
}

static guint8 *payload_of(Built *built)
{
  return built->bytes + WIRE_FRAME_HEADER_SIZE;
}

static void assert_text(SyDirection direction, const Built *built, const char *expected)
{
  g_autofree char *text = sy_frame_dup_text(direction, &built->frame);

  assert_string_equal(text, expected);
}

static WireIdentity make_identity(void)
{
  return (WireIdentity){
      .protocol_major = 1,
      .protocol_minor = 3,
      .mode = WIRE_MODE_PROGRAM,
      .running_bank = WIRE_BANK_HIGH,
      .product = 0x31535344,
      .part_id = 16908050,
      .loader_version = 0x01030000,
      .program_version = 0x01010000,
      .reset_cause = WIRE_RESET_WATCHDOG,
      .trial = WIRE_TRIAL_RUNNING,
      .boots = 2,
      .capabilities = 0x7f,
      .payload_max = 1032,
      .window = 24,
      .uptime_ms = 1234,
      .banks = {{WIRE_BANK_EMPTY, 0, 0, 0}, {WIRE_BANK_VALID, 0x01010000, 14216, 0x20d24d04}},
      .trial_starts = 1,
      .trial_cause = WIRE_TRIAL_CAUSE_HANG,
      .trial_left_s = 28,
      .room = 7936,
  };
}

#define IDENTITY_TEXT                                                                              \
  ": program, bank HIGH 1.1.0, loader 1.3.0, product DSS1, part 16908050, protocol 1.3; reset by " \
  "watchdog, boots 2, up 1234 ms, flags 0x00, capabilities 0x7f, payload 1032, window 24, room "   \
  "7936; LOW empty; HIGH 1.1.0 of 14216 bytes, CRC 0x20d24d04, whole; trial running, start 1, 28 " \
  "s left, cause hang"

static void who_is_there_is_told_whole(void **state)
{
  WireIdentity identity = make_identity();
  Built built;

  (void)state;
  build(&built, WIRE_IDENTIFY, 3, 0);
  assert_text(SY_DIRECTION_OUT, &built, "→ IDENTIFY seq 3");
  build(&built, WIRE_IDENTIFY | WIRE_REPLY, 3, wire_identity_write(&identity, payload_of(&built)));
  assert_text(SY_DIRECTION_IN, &built, "← reply to IDENTIFY seq 3" IDENTITY_TEXT);
  build(&built, WIRE_ANNOUNCE, 0, wire_identity_write(&identity, payload_of(&built)));
  assert_text(SY_DIRECTION_IN, &built, "← ANNOUNCE" IDENTITY_TEXT);
}

static void the_way_into_the_loader_and_out_is_told(void **state)
{
  static const guint8 empty[] = {WIRE_RUN,
                                 WIRE_ABORT,
                                 WIRE_ENTER_LOADER | WIRE_REPLY,
                                 WIRE_RUN | WIRE_REPLY,
                                 WIRE_ABORT | WIRE_REPLY,
                                 WIRE_GO_BACK | WIRE_REPLY};
  static const char *const texts[] = {
      "← RUN seq 5",          "← ABORT seq 5",          "← reply to ENTER_LOADER seq 5",
      "← reply to RUN seq 5", "← reply to ABORT seq 5", "← reply to GO_BACK seq 5"};
  WireEnter enter = {.product = 0x31535344};
  WireLeaving leaving = {.cause = WIRE_LEAVING_SILENCE, .bank = WIRE_BANK_LOW};
  WireRate rate = {.baud = 691200};
  Built built;

  (void)state;
  build(&built, WIRE_ENTER_LOADER, 2, wire_enter_write(&enter, payload_of(&built)));
  assert_text(SY_DIRECTION_OUT, &built, "→ ENTER_LOADER seq 2: product DSS1");
  build(&built, WIRE_LEAVING, 0, wire_leaving_write(&leaving, payload_of(&built)));
  assert_text(SY_DIRECTION_IN, &built, "← LEAVING: cause silence, bank LOW");
  build(&built, WIRE_RATE, 4, wire_rate_write(&rate, payload_of(&built)));
  assert_text(SY_DIRECTION_OUT, &built, "→ RATE seq 4: 691200 baud");
  built.frame.type |= WIRE_REPLY;
  assert_text(SY_DIRECTION_IN, &built, "← reply to RATE seq 4: 691200 baud");
  build(&built, WIRE_ECHO, 5, 128);
  assert_text(SY_DIRECTION_OUT, &built, "→ ECHO seq 5: 128 bytes");
  built.frame.type |= WIRE_REPLY;
  assert_text(SY_DIRECTION_IN, &built, "← reply to ECHO seq 5: 128 bytes");
  for (guint i = 0; i < G_N_ELEMENTS(empty); i++) {
    build(&built, empty[i], 5, 0);
    assert_text(SY_DIRECTION_IN, &built, texts[i]);
  }
}

static void a_transfer_is_told_block_by_block(void **state)
{
  WireBegin begin = {WIRE_BANK_HIGH, WIRE_BEGIN_KEEP, 28,        0x31535344,
                     0x01010000,     14216,           0x20d24d04};
  WireBegun begun = {.bank = WIRE_BANK_HIGH, .blocks = 28, .missing = 2, .verified = {0x83}};
  guint8 bytes[600] = {0};
  WireData packed = {.block = 12, .count = 2, .packed = TRUE, .length = 600, .bytes = bytes};
  WireData plain = {.block = 3, .count = 1, .length = WIRE_BLOCK_SIZE, .bytes = bytes};
  WireDataStatus status = {.block = 12, .verified = 1, .missing = 14, .following = 5};
  WireDataStatus failed = {.block = 3, .repeats = 2, .missing = 0};
  Built built;

  (void)state;
  build(&built, WIRE_BEGIN, 6, wire_begin_write(&begin, payload_of(&built)));
  assert_text(SY_DIRECTION_OUT, &built,
              "→ BEGIN seq 6: bank HIGH 1.1.0, 28 blocks, 14216 bytes, CRC 0x20d24d04, product "
              "DSS1, keep");
  build(&built, WIRE_BEGIN | WIRE_REPLY, 6, wire_begun_write(&begun, payload_of(&built)));
  assert_text(SY_DIRECTION_IN, &built,
              "← reply to BEGIN seq 6: bank HIGH, 28 blocks, 3 verified, first missing 2, erased "
              "in 0 ms");
  build(&built, WIRE_DATA, 7, wire_data_write(&packed, payload_of(&built)));
  assert_text(SY_DIRECTION_OUT, &built, "→ DATA seq 7: block 12, 2 blocks, packed, 600 bytes");
  build(&built, WIRE_DATA, 8, wire_data_write(&plain, payload_of(&built)));
  assert_text(SY_DIRECTION_OUT, &built, "→ DATA seq 8: block 3, 1 block, plain, 512 bytes");
  build(&built, WIRE_DATA | WIRE_REPLY, 7, wire_data_status_write(&status, payload_of(&built)));
  assert_text(SY_DIRECTION_IN, &built,
              "← reply to DATA seq 7: block 12 verified, first missing 14, following 0x00000005");
  build(&built, WIRE_DATA | WIRE_REPLY, 8, wire_data_status_write(&failed, payload_of(&built)));
  assert_text(SY_DIRECTION_IN, &built,
              "← reply to DATA seq 8: block 3 failed, first missing 0, following 0x00000000, "
              "sector erased anew 2 times");
}

static void the_seal_and_the_confirmation_are_told(void **state)
{
  WireCommit commit = {.length = 14216, .crc = 0x20d24d04};
  WireCommitted committed = {.bank = WIRE_BANK_HIGH, .sequence = 5, .crc = 0x20d24d04};
  WireConfirm confirm = {.crc = 0x20d24d04};
  WireConfirmed confirmed = {.sequence = 7};
  Built built;

  (void)state;
  committed.life.fields[WIRE_LIFE_BYTES] = 11271;
  build(&built, WIRE_COMMIT, 21, wire_commit_write(&commit, payload_of(&built)));
  assert_text(SY_DIRECTION_OUT, &built, "→ COMMIT seq 21: 14216 bytes, CRC 0x20d24d04");
  build(&built, WIRE_COMMIT | WIRE_REPLY, 21, wire_committed_write(&committed, payload_of(&built)));
  assert_text(SY_DIRECTION_IN, &built,
              "← reply to COMMIT seq 21: bank HIGH, record 5, CRC 0x20d24d04, 11271 bytes heard, 0 "
              "overruns");
  build(&built, WIRE_CONFIRM, 22, wire_confirm_write(&confirm, payload_of(&built)));
  assert_text(SY_DIRECTION_OUT, &built, "→ CONFIRM seq 22: CRC 0x20d24d04");
  built.frame.type = WIRE_GO_BACK;
  assert_text(SY_DIRECTION_OUT, &built, "→ GO_BACK seq 22: CRC 0x20d24d04");
  build(&built, WIRE_CONFIRM | WIRE_REPLY, 22,
        wire_confirmed_write(&confirmed, payload_of(&built)));
  assert_text(SY_DIRECTION_IN, &built, "← reply to CONFIRM seq 22: record 7");
}

static void what_the_substation_says_by_itself_and_refuses_is_told(void **state)
{
  WireReading reading = {
      .uptime_ms = 500, .number = 3, .raw = {496, 615, 0, 1023}, .value = {264, -5, 0, -1234}};
  WireNak nak = {.cause = WIRE_CAUSE_INCOMPLETE, .type = WIRE_COMMIT, .detail = 12};
  WireRead read = {.page = 9};
  Built built;

  (void)state;
  build(&built, WIRE_READING, 0, wire_reading_write(&reading, payload_of(&built)));
  assert_text(SY_DIRECTION_IN, &built,
              "← READING: number 3, up 500 ms, 26.4 (raw 496), -0.5 (raw 615), 0.0 (raw 0), -123.4 "
              "(raw 1023)");
  build(&built, WIRE_NAK, 21, wire_nak_write(&nak, payload_of(&built)));
  assert_text(SY_DIRECTION_IN, &built,
              "← NAK seq 21 to COMMIT: cause 11, detail 0xc (block 12 is still missing)");
  build(&built, WIRE_READ, 1, wire_read_write(&read, payload_of(&built)));
  assert_text(SY_DIRECTION_OUT, &built, "→ READ seq 1: page 9, from 0x02400");
  build(&built, WIRE_READ | WIRE_REPLY, 1, WIRE_READ_BACK_LENGTH);
  assert_text(SY_DIRECTION_IN, &built, "← reply to READ seq 1: 1024 bytes");
}

static void what_is_too_short_or_unknown_is_told_as_such(void **state)
{
  Built built;

  (void)state;
  build(&built, WIRE_DATA, 7, 1);
  assert_text(SY_DIRECTION_OUT, &built, "→ DATA seq 7: too short, 1 bytes");
  build(&built, WIRE_IDENTIFY | WIRE_REPLY, 7, 10);
  assert_text(SY_DIRECTION_IN, &built, "← reply to IDENTIFY seq 7: too short, 10 bytes");
  build(&built, 0x55, 0, 3);
  assert_text(SY_DIRECTION_IN, &built, "← type 0x55: 3 bytes");
}

static void any_payload_of_any_type_makes_a_line(void **state)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(7);

  (void)state;
  for (guint n = 0; n < RANDOM_FRAMES; n++) {
    Built built;
    gsize length = (gsize)g_rand_int_range(random, 0, n % 10 == 0 ? WIRE_PAYLOAD_MAX : 100);
    g_autofree char *text = NULL;

    for (gsize i = 0; i < length; i++)
      payload_of(&built)[i] = (guint8)g_rand_int(random);
    build(&built, (guint8)n, (guint8)(n / 7), length);
    text = sy_frame_dup_text(SY_DIRECTION_IN, &built.frame);
    assert_true(g_str_has_prefix(text, "← "));
    assert_true(g_utf8_validate(text, -1, NULL));
    assert_null(strchr(text, '\n'));
  }
}

/* ---- The trace ---- */

static void on_line(const SyFrameLine *line, gpointer user_data)
{
  assert_true(line->length > 0);
  g_string_append_printf(user_data, "%s\n", line->text);
}

/* Fed in pieces; then silence, until it has told `lines` lines. */
static void assert_traced(const GByteArray *stream, gsize piece, guint lines, const char *expected)
{
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(SyFrameTrace) trace = sy_frame_trace_new(on_line, text);
  gint64 end_us = g_get_monotonic_time() + DEADLINE_S * G_USEC_PER_SEC;
  guint told = 0;

  sy_frame_trace_set_on(trace, TRUE);
  for (gsize at = 0; at < stream->len; at += piece)
    sy_frame_trace_feed(trace, SY_DIRECTION_IN, stream->data + at, MIN(piece, stream->len - at));
  while (told < lines && g_get_monotonic_time() < end_us) {
    told = 0;
    sy_frame_trace_tick(trace);
    for (gsize i = 0; i < text->len; i++)
      told += text->str[i] == '\n';
    g_usleep(1000);
  }
  assert_string_equal(text->str, expected);
}

static void add_frame(GByteArray *stream, guint8 type, guint8 seq, gsize length)
{
  Built built;

  memset(payload_of(&built), 0x11, length);
  build(&built, type, seq, length);
  g_byte_array_append(stream, built.bytes, (guint)built.length);
}

static void a_stream_is_told_alike_in_pieces_of_any_size(void **state)
{
  static const gsize pieces[] = {1, 2, 3, 7, 64, 1000, 100000};
  static const char noise[] = "Boot 1.0\r\n";
  g_autoptr(GByteArray) stream = g_byte_array_new();
  gsize damaged;

  (void)state;
  g_byte_array_append(stream, (const guint8 *)noise, strlen(noise));
  add_frame(stream, WIRE_ECHO, 1, 20);
  damaged = stream->len + WIRE_FRAME_HEADER_SIZE;
  add_frame(stream, WIRE_DATA, 2, 40);
  stream->data[damaged] ^= 1;
  add_frame(stream, WIRE_ECHO, 3, 0);
  damaged = stream->len + WIRE_FRAME_TYPE_OFFSET;
  add_frame(stream, WIRE_ECHO, 4, 0);
  stream->data[damaged] ^= 1;
  add_frame(stream, WIRE_ECHO, 5, 0);
  add_frame(stream, WIRE_DATA, 6, 30);
  g_byte_array_set_size(stream, stream->len - 20);
  for (guint n = 0; n < G_N_ELEMENTS(pieces); n++)
    assert_traced(stream, pieces[n], 7,
                  "← no frame, 10 bytes: “Boot 1.0”\n"
                  "← ECHO seq 1: 20 bytes\n"
                  "← DATA seq 2 damaged: wrong CRC over 53 bytes; 53 skipped\n"
                  "← ECHO seq 3\n"
                  "← damaged frame header; 13 bytes skipped\n"
                  "← ECHO seq 5\n"
                  "← DATA seq 6 cut off: 23 of 43 bytes; 23 skipped\n");
}

static void noise_without_end_is_told_now_and_then(void **state)
{
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(SyFrameTrace) trace = sy_frame_trace_new(on_line, text);
  static const guint8 noise[1024] = {1, 2, 3};

  (void)state;
  sy_frame_trace_set_on(trace, TRUE);
  for (guint n = 0; n < 5; n++)
    sy_frame_trace_feed(trace, SY_DIRECTION_IN, noise, sizeof noise);
  assert_true(g_str_has_prefix(text->str, "← no frame, 2048 bytes: 01 02 03 00 "));
  assert_non_null(strstr(text->str, " …\n← no frame, 2048 bytes: 01 02 03 00 "));
}

static void a_trace_that_is_off_tells_nothing_and_begins_anew(void **state)
{
  g_autoptr(GString) text = g_string_new(NULL);
  g_autoptr(SyFrameTrace) trace = sy_frame_trace_new(on_line, text);
  Built built;

  (void)state;
  build(&built, WIRE_RUN, 1, 0);
  sy_frame_trace_feed(trace, SY_DIRECTION_OUT, built.bytes, built.length);
  sy_frame_trace_set_on(trace, TRUE);
  sy_frame_trace_feed(trace, SY_DIRECTION_OUT, built.bytes, 5);
  sy_frame_trace_set_on(trace, FALSE);
  sy_frame_trace_feed(trace, SY_DIRECTION_OUT, built.bytes + 5, built.length - 5);
  assert_string_equal(text->str, "");
  sy_frame_trace_set_on(trace, TRUE);
  sy_frame_trace_feed(trace, SY_DIRECTION_OUT, built.bytes, built.length);
  assert_string_equal(text->str, "→ RUN seq 1\n");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(who_is_there_is_told_whole),
      cmocka_unit_test(the_way_into_the_loader_and_out_is_told),
      cmocka_unit_test(a_transfer_is_told_block_by_block),
      cmocka_unit_test(the_seal_and_the_confirmation_are_told),
      cmocka_unit_test(what_the_substation_says_by_itself_and_refuses_is_told),
      cmocka_unit_test(what_is_too_short_or_unknown_is_told_as_such),
      cmocka_unit_test(any_payload_of_any_type_makes_a_line),
      cmocka_unit_test(a_stream_is_told_alike_in_pieces_of_any_size),
      cmocka_unit_test(noise_without_end_is_told_now_and_then),
      cmocka_unit_test(a_trace_that_is_off_tells_nothing_and_begins_anew),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
