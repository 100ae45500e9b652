/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Payload layouts: each message's bytes written out, its way there and back, and lengths that are
 * not the expected one. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "wire-message.h"

/* Sorts of payload, each behind the same two functions. */
typedef struct {
  const char *name;
  size_t length;
  const uint8_t *golden;
  size_t least; /* bytes that are taken; shorter than `length`: of an older version */
  size_t (*write)(uint8_t *to); /* the sample */
  /* Reads; whether what came out is the sample. `taken` is what the reader said. */
  bool (*read)(const WireFrame *frame, bool *taken);
} Layout;

static const WireIdentity identity = {
    .protocol_major = 0x01,
    .protocol_minor = 0x02,
    .mode = 0x03,
    .running_bank = 0x04,
    .product = 0x08070605,
    .part_id = 0x0c0b0a09,
    .loader_version = 0x100f0e0d,
    .program_version = 0x14131211,
    .reset_cause = 0x15,
    .trial = 0x16,
    .boots = 0x1817,
    .capabilities = 0x1c1b1a19,
    .payload_max = 0x1e1d,
    .window = 0x201f,
    .uptime_ms = 0x24232221,
    .banks = {{.state = 0x25, .version = 0x2c2b2a29, .length = 0x302f2e2d, .crc = 0x34333231},
              {.state = 0x35, .version = 0x3c3b3a39, .length = 0x403f3e3d, .crc = 0x44434241}},
    .trial_starts = 0x45,
    .trial_cause = 0x46,
    .flags = 0x47,
    .trial_left_s = 0x4a49,
    .room = 0x4c4b,
};

/* clang-format off */
static const uint8_t identity_bytes[WIRE_IDENTITY_LENGTH] = {
    0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10,
    0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f, 0x20,
    0x21, 0x22, 0x23, 0x24, 0x25, 0x00, 0x00, 0x00, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30,
    0x31, 0x32, 0x33, 0x34, 0x35, 0x00, 0x00, 0x00, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x40,
    0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x00, 0x49, 0x4a, 0x4b, 0x4c,
};
/* clang-format on */

static size_t write_identity(uint8_t *to)
{
  return wire_identity_write(&identity, to);
}

static bool is_bank_like(const WireBankIdentity *a, const WireBankIdentity *b)
{
  return a->state == b->state && a->version == b->version && a->length == b->length &&
         a->crc == b->crc;
}

/* All that version 1.0 of the protocol had. */
static bool is_identity_1_0_like(const WireIdentity *a, const WireIdentity *b)
{
  return a->protocol_major == b->protocol_major && a->protocol_minor == b->protocol_minor &&
         a->mode == b->mode && a->running_bank == b->running_bank && a->product == b->product &&
         a->part_id == b->part_id && a->loader_version == b->loader_version &&
         a->program_version == b->program_version && a->reset_cause == b->reset_cause &&
         a->trial == b->trial && a->boots == b->boots && a->capabilities == b->capabilities &&
         a->payload_max == b->payload_max && a->window == b->window &&
         a->uptime_ms == b->uptime_ms && is_bank_like(&a->banks[0], &b->banks[0]) &&
         is_bank_like(&a->banks[1], &b->banks[1]);
}

static bool read_identity(const WireFrame *frame, bool *taken)
{
  WireIdentity out = {.protocol_major = 0};

  *taken = wire_identity_read(frame, &out);
  return is_identity_1_0_like(&out, &identity) && out.trial_starts == identity.trial_starts &&
         out.trial_cause == identity.trial_cause && out.flags == identity.flags &&
         out.trial_left_s == identity.trial_left_s && out.room == identity.room;
}

static const uint8_t enter_bytes[WIRE_ENTER_LENGTH] = {'D', 'S', 'S', '1'};

static size_t write_enter(uint8_t *to)
{
  return wire_enter_write(&(WireEnter){.product = 0x31535344}, to);
}

static bool read_enter(const WireFrame *frame, bool *taken)
{
  WireEnter out = {0};

  *taken = wire_enter_read(frame, &out);
  return out.product == 0x31535344;
}

static const uint8_t begin_bytes[WIRE_BEGIN_LENGTH] = {0x02, 0x01, 0x04, 0x03, 0x08, 0x07, 0x06,
                                                       0x05, 0x0c, 0x0b, 0x0a, 0x09, 0x10, 0x0f,
                                                       0x0e, 0x0d, 0x14, 0x13, 0x12, 0x11};

static size_t write_begin(uint8_t *to)
{
  return wire_begin_write(&(WireBegin){.bank = 2,
                                       .encoding = 1,
                                       .blocks = 0x0304,
                                       .product = 0x05060708,
                                       .version = 0x090a0b0c,
                                       .length = 0x0d0e0f10,
                                       .crc = 0x11121314},
                          to);
}

static bool read_begin(const WireFrame *frame, bool *taken)
{
  WireBegin out = {0};

  *taken = wire_begin_read(frame, &out);
  return out.bank == 2 && out.encoding == 1 && out.blocks == 0x0304 && out.product == 0x05060708 &&
         out.version == 0x090a0b0c && out.length == 0x0d0e0f10 && out.crc == 0x11121314;
}

static const uint8_t begun_bytes[WIRE_BEGUN_LENGTH] = {
    1,    0,    0x03, 0x02, 0x05, 0x04, 0x07, 0x06, 0x11, 0x12, 0x13,
    0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e};

static size_t write_begun(uint8_t *to)
{
  return wire_begun_write(&(WireBegun){.bank = 1,
                                       .blocks = 0x0203,
                                       .missing = 0x0405,
                                       .erase_ms = 0x0607,
                                       .verified = {0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,
                                                    0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e}},
                          to);
}

/* All that version 1.1 of the protocol had. */
static bool is_begun_1_1_like(const WireBegun *out)
{
  return out->bank == 1 && out->reserved == 0 && out->blocks == 0x0203 && out->missing == 0x0405 &&
         out->erase_ms == 0x0607;
}

static bool read_begun(const WireFrame *frame, bool *taken)
{
  WireBegun out = {0};

  *taken = wire_begun_read(frame, &out);
  return is_begun_1_1_like(&out) && memcmp(out.verified, begun_bytes + 8, 14) == 0;
}

/* Filled in main: what stands here, then different bytes. The first is also that of version 1.1. */
static uint8_t data_bytes[2 + 512] = {0x02, 0x01};
static uint8_t data_two_bytes[2 + 1024] = {0x02, 0x05};
static uint8_t data_packed_bytes[2 + 9] = {0x6f, 0x84};

static size_t write_data(uint8_t *to)
{
  return wire_data_write(
      &(WireData){.block = 0x0102, .count = 1, .length = 512, .bytes = data_bytes + 2}, to);
}

static bool is_data_like(const WireData *a, unsigned block, unsigned count, bool packed,
                         const uint8_t *bytes, unsigned length)
{
  return a->block == block && a->count == count && a->packed == packed && a->length >= length &&
         memcmp(a->bytes, bytes, length) == 0;
}

static bool read_data(const WireFrame *frame, bool *taken)
{
  WireData out = {0};

  *taken = wire_data_read(frame, &out);
  return *taken && is_data_like(&out, 0x0102, 1, false, data_bytes + 2, 512);
}

static size_t write_data_two(uint8_t *to)
{
  return wire_data_write(
      &(WireData){.block = 0x0102, .count = 2, .length = 1024, .bytes = data_two_bytes + 2}, to);
}

static bool read_data_two(const WireFrame *frame, bool *taken)
{
  WireData out = {0};

  *taken = wire_data_read(frame, &out);
  return *taken && is_data_like(&out, 0x0102, 2, false, data_two_bytes + 2, 1024);
}

static size_t write_data_packed(uint8_t *to)
{
  return wire_data_write(
      &(WireData){
          .block = 0x6f, .count = 2, .packed = true, .length = 9, .bytes = data_packed_bytes + 2},
      to);
}

static bool read_data_packed(const WireFrame *frame, bool *taken)
{
  WireData out = {0};

  *taken = wire_data_read(frame, &out);
  return *taken && is_data_like(&out, 0x6f, 2, true, data_packed_bytes + 2, 9);
}

static const uint8_t status_bytes[WIRE_DATA_STATUS_LENGTH] = {0x02, 0x01, 0x01, 0x05, 0x07,
                                                              0x06, 0x0b, 0x0a, 0x09, 0x08};

static size_t write_status(uint8_t *to)
{
  return wire_data_status_write(
      &(WireDataStatus){
          .block = 0x0102, .verified = 1, .repeats = 5, .missing = 0x0607, .following = 0x08090a0b},
      to);
}

static bool read_status(const WireFrame *frame, bool *taken)
{
  WireDataStatus out = {0};

  *taken = wire_data_status_read(frame, &out);
  return out.block == 0x0102 && out.verified == 1 && out.repeats == 5 && out.missing == 0x0607 &&
         out.following == 0x08090a0b;
}

static const uint8_t commit_bytes[WIRE_COMMIT_LENGTH] = {4, 3, 2, 1, 8, 7, 6, 5};

static size_t write_commit(uint8_t *to)
{
  return wire_commit_write(&(WireCommit){.length = 0x01020304, .crc = 0x05060708}, to);
}

static bool read_commit(const WireFrame *frame, bool *taken)
{
  WireCommit out = {0};

  *taken = wire_commit_read(frame, &out);
  return out.length == 0x01020304 && out.crc == 0x05060708;
}

/* clang-format off */
static const uint8_t committed_bytes[WIRE_COMMITTED_LENGTH] = {
    2, 0, 0, 0, 4, 3, 2, 1, 8, 7, 6, 5,
    0x10, 0, 0, 0xa0, 0x11, 0, 0, 0xa1, 0x12, 0, 0, 0xa2, 0x13, 0, 0, 0xa3, 0x14, 0, 0, 0xa4,
    0x15, 0, 0, 0xa5, 0x16, 0, 0, 0xa6, 0x17, 0, 0, 0xa7, 0x18, 0, 0, 0xa8, 0x19, 0, 0, 0xa9,
    0x1a, 0, 0, 0xaa,
};
/* clang-format on */

static uint32_t life_field(unsigned field)
{
  return 0xa0000010u + field * 0x01000001u;
}

static size_t write_committed(uint8_t *to)
{
  WireCommitted committed = {.bank = 2, .sequence = 0x01020304, .crc = 0x05060708};

  for (unsigned field = 0; field < WIRE_LIFE_COUNT; field++)
    committed.life.fields[field] = life_field(field);
  return wire_committed_write(&committed, to);
}

/* All that version 1.1 of the protocol had. */
static bool is_committed_1_1_like(const WireCommitted *out)
{
  return out->bank == 2 && out->sequence == 0x01020304 && out->crc == 0x05060708;
}

static bool read_committed(const WireFrame *frame, bool *taken)
{
  WireCommitted out = {0};
  bool like;

  *taken = wire_committed_read(frame, &out);
  like = is_committed_1_1_like(&out);
  for (unsigned field = 0; field < WIRE_LIFE_COUNT; field++)
    like = like && out.life.fields[field] == life_field(field);
  return like;
}

static const uint8_t rate_bytes[WIRE_RATE_LENGTH] = {0x00, 0x8c, 0x0a, 0x00};

static size_t write_rate(uint8_t *to)
{
  return wire_rate_write(&(WireRate){.baud = 691200}, to);
}

static bool read_rate(const WireFrame *frame, bool *taken)
{
  WireRate out = {0};

  *taken = wire_rate_read(frame, &out);
  return out.baud == 691200;
}

static const uint8_t read_bytes[WIRE_READ_LENGTH] = {0x5a};

static size_t write_read(uint8_t *to)
{
  return wire_read_write(&(WireRead){.page = 0x5a}, to);
}

static bool read_read(const WireFrame *frame, bool *taken)
{
  WireRead out = {0};

  *taken = wire_read_read(frame, &out);
  return out.page == 0x5a;
}

static uint8_t read_back_bytes[1024]; /* filled in main */

static size_t write_read_back(uint8_t *to)
{
  return wire_read_back_write(&(WireReadBack){.bytes = read_back_bytes}, to);
}

static bool read_read_back(const WireFrame *frame, bool *taken)
{
  WireReadBack out = {0};

  *taken = wire_read_back_read(frame, &out);
  return out.bytes != NULL && memcmp(out.bytes, read_back_bytes, sizeof read_back_bytes) == 0;
}

static const uint8_t confirm_bytes[WIRE_CONFIRM_LENGTH] = {4, 3, 2, 1};

static size_t write_confirm(uint8_t *to)
{
  return wire_confirm_write(&(WireConfirm){.crc = 0x01020304}, to);
}

static bool read_confirm(const WireFrame *frame, bool *taken)
{
  WireConfirm out = {0};

  *taken = wire_confirm_read(frame, &out);
  return out.crc == 0x01020304;
}

static const uint8_t confirmed_bytes[WIRE_CONFIRMED_LENGTH] = {8, 7, 6, 5};

static size_t write_confirmed(uint8_t *to)
{
  return wire_confirmed_write(&(WireConfirmed){.sequence = 0x05060708}, to);
}

static bool read_confirmed(const WireFrame *frame, bool *taken)
{
  WireConfirmed out = {0};

  *taken = wire_confirmed_read(frame, &out);
  return out.sequence == 0x05060708;
}

static const uint8_t nak_bytes[WIRE_NAK_LENGTH] = {7, 4, 0, 0, 4, 3, 2, 1};

static size_t write_nak(uint8_t *to)
{
  return wire_nak_write(&(WireNak){.cause = 7, .type = 4, .detail = 0x01020304}, to);
}

static bool read_nak(const WireFrame *frame, bool *taken)
{
  WireNak out = {0};

  *taken = wire_nak_read(frame, &out);
  return out.cause == 7 && out.type == 4 && out.detail == 0x01020304;
}

static const WireReading reading = {
    .uptime_ms = 0x01020304,
    .number = 0x0506,
    .raw = {0x0708, 0x090a, 0x0b0c, 0x0d0e},
    .value = {1, -1, INT16_MIN, INT16_MAX},
};
static const uint8_t reading_bytes[WIRE_READING_LENGTH] = {
    4, 3, 2, 1, 6, 5, 8, 7, 10, 9, 12, 11, 14, 13, 1, 0, 0xff, 0xff, 0x00, 0x80, 0xff, 0x7f};

static size_t write_reading(uint8_t *to)
{
  return wire_reading_write(&reading, to);
}

static bool read_reading(const WireFrame *frame, bool *taken)
{
  WireReading out = {0};

  *taken = wire_reading_read(frame, &out);
  return out.uptime_ms == reading.uptime_ms && out.number == reading.number &&
         memcmp(out.raw, reading.raw, sizeof out.raw) == 0 &&
         memcmp(out.value, reading.value, sizeof out.value) == 0;
}

static const uint8_t leaving_bytes[WIRE_LEAVING_LENGTH] = {3, 1};

static size_t write_leaving(uint8_t *to)
{
  return wire_leaving_write(&(WireLeaving){.cause = 3, .bank = 1}, to);
}

static bool read_leaving(const WireFrame *frame, bool *taken)
{
  WireLeaving out = {0};

  *taken = wire_leaving_read(frame, &out);
  return out.cause == 3 && out.bank == 1;
}

static const Layout layouts[] = {
    {"identity", 76, identity_bytes, 68, write_identity, read_identity},
    {"enter", 4, enter_bytes, 4, write_enter, read_enter},
    {"begin", 20, begin_bytes, 20, write_begin, read_begin},
    {"begun", 22, begun_bytes, 8, write_begun, read_begun},
    {"data", 514, data_bytes, 514, write_data, read_data},
    {"data of two blocks", 1026, data_two_bytes, 1026, write_data_two, read_data_two},
    {"packed data", 11, data_packed_bytes, 2, write_data_packed, read_data_packed},
    {"data status", 10, status_bytes, 10, write_status, read_status},
    {"commit", 8, commit_bytes, 8, write_commit, read_commit},
    {"committed", 56, committed_bytes, 12, write_committed, read_committed},
    {"rate", 4, rate_bytes, 4, write_rate, read_rate},
    {"read", 1, read_bytes, 1, write_read, read_read},
    {"read back", 1024, read_back_bytes, 1024, write_read_back, read_read_back},
    {"confirm", 4, confirm_bytes, 4, write_confirm, read_confirm},
    {"confirmed", 4, confirmed_bytes, 4, write_confirmed, read_confirmed},
    {"nak", 8, nak_bytes, 8, write_nak, read_nak},
    {"reading", 22, reading_bytes, 22, write_reading, read_reading},
    {"leaving", 2, leaving_bytes, 2, write_leaving, read_leaving},
};
enum { LAYOUTS = sizeof layouts / sizeof *layouts };

static void every_message_is_written_as_the_protocol_says(void **state)
{
  (void)state;
  for (unsigned i = 0; i < LAYOUTS; i++) {
    const Layout *layout = &layouts[i];
    uint8_t *bytes = malloc(layout->length); /* not a byte more may be written */

    assert_non_null(bytes);
    memset(bytes, 0xcc, layout->length);
    assert_int_equal(layout->write(bytes), layout->length);
    if (memcmp(bytes, layout->golden, layout->length) != 0)
      fail_msg("%s is written otherwise", layout->name);
    free(bytes);
  }
}

/* `length` bytes of the sample, 0xEE behind it, in an allocation of just that length. */
static bool read_cut(const Layout *layout, size_t length, bool *taken)
{
  uint8_t *bytes = malloc(length ? length : 1);
  WireFrame frame = {.length = (uint16_t)length, .payload = bytes};
  bool like;

  assert_non_null(bytes);
  memset(bytes, 0xee, length);
  memcpy(bytes, layout->golden, length < layout->length ? length : layout->length);
  like = layout->read(&frame, taken);
  free(bytes);
  return like;
}

static void every_message_reads_back_the_same(void **state)
{
  (void)state;
  for (unsigned i = 0; i < LAYOUTS; i++) {
    bool taken;

    if (!read_cut(&layouts[i], layouts[i].length, &taken) || !taken)
      fail_msg("%s is not read as it was written", layouts[i].name);
  }
}

static void a_payload_too_short_is_refused_and_touches_nothing(void **state)
{
  (void)state;
  for (unsigned i = 0; i < LAYOUTS; i++)
    for (size_t length = 0; length < layouts[i].least; length++) {
      bool taken;

      if (read_cut(&layouts[i], length, &taken) || taken)
        fail_msg("%s of %zu bytes is taken", layouts[i].name, length);
    }
}

/* Of a substation of protocol 1.0: it knows no trial, and what it says is all read. */
static void an_identity_of_version_1_0_is_read_and_has_no_trial(void **state)
{
  (void)state;
  for (size_t length = 68; length < 76; length++) {
    uint8_t *bytes = malloc(length);
    WireFrame frame = {.length = (uint16_t)length, .payload = bytes};
    WireIdentity out;

    assert_non_null(bytes);
    memcpy(bytes, identity_bytes, length);
    memset(&out, 0xa5, sizeof out);
    assert_true(wire_identity_read(&frame, &out));
    assert_true(is_identity_1_0_like(&out, &identity));
    assert_int_equal(out.trial_starts, 0);
    assert_int_equal(out.trial_cause, 0);
    assert_int_equal(out.flags, 0);
    assert_int_equal(out.trial_left_s, 0);
    assert_int_equal(out.room, 0);
    free(bytes);
  }
}

/* Of a substation of protocol 1.1: it tells neither a map nor of its life. */
static void
begun_and_committed_of_version_1_1_are_read_and_the_rest_of_them_is_nothing(void **state)
{
  WireFrame frame = {.payload = begun_bytes};
  WireBegun begun;
  WireCommitted committed;

  (void)state;
  for (frame.length = 8; frame.length < 22; frame.length++) {
    memset(&begun, 0xa5, sizeof begun);
    assert_true(wire_begun_read(&frame, &begun));
    assert_true(is_begun_1_1_like(&begun));
    for (unsigned i = 0; i < sizeof begun.verified; i++)
      assert_int_equal(begun.verified[i], 0);
  }
  frame.payload = committed_bytes;
  for (frame.length = 12; frame.length < 56; frame.length++) {
    memset(&committed, 0xa5, sizeof committed);
    assert_true(wire_committed_read(&frame, &committed));
    assert_true(is_committed_1_1_like(&committed));
    for (unsigned field = 0; field < WIRE_LIFE_COUNT; field++)
      assert_int_equal(committed.life.fields[field], 0);
  }
}

static void a_longer_payload_of_a_later_version_is_read(void **state)
{
  (void)state;
  for (unsigned i = 0; i < LAYOUTS; i++)
    for (size_t more = 1; more < 40; more++) {
      bool taken;

      if (!read_cut(&layouts[i], layouts[i].length + more, &taken) || !taken)
        fail_msg("%s with %zu bytes more is not read", layouts[i].name, more);
    }
}

static void every_message_fits_a_frame(void **state)
{
  (void)state;
  for (unsigned i = 0; i < LAYOUTS; i++)
    assert_true(layouts[i].length <= WIRE_PAYLOAD_MAX);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_message_is_written_as_the_protocol_says),
      cmocka_unit_test(every_message_reads_back_the_same),
      cmocka_unit_test(a_payload_too_short_is_refused_and_touches_nothing),
      cmocka_unit_test(an_identity_of_version_1_0_is_read_and_has_no_trial),
      cmocka_unit_test(begun_and_committed_of_version_1_1_are_read_and_the_rest_of_them_is_nothing),
      cmocka_unit_test(a_longer_payload_of_a_later_version_is_read),
      cmocka_unit_test(every_message_fits_a_frame),
  };

  for (unsigned i = 2; i < sizeof data_two_bytes; i++)
    data_two_bytes[i] = (uint8_t)(i + i / 256);
  memcpy(data_bytes + 2, data_two_bytes + 2, sizeof data_bytes - 2);
  memcpy(data_packed_bytes + 2, data_two_bytes + 2, sizeof data_packed_bytes - 2);
  memcpy(read_back_bytes, data_two_bytes + 2, sizeof read_back_bytes);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
