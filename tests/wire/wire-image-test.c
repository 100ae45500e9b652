/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What lies in flash: image header, image CRC, vector sum, bank record. The bytes are written out
 * here once more, because devices in the field hold them. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "wire-image.h"
#include "wire-random.h"

static const WireImageHeader sample = {
    .product = WIRE_PRODUCT_DEMO,
    .version = WIRE_VERSION(1, 2, 3),
    .length = 0x1234,
    .bank_addr = 0x10000,
    .crc = 0xcafef00d,
    .name = "line 4",
};

/* clang-format off */
static const uint8_t sample_bytes[WIRE_IMAGE_HEADER_SIZE] = {
    'S', 'W', 'Y', 'H', 0x01, 0x00, 0x40, 0x00,
    'D', 'S', 'S', '1', 0x03, 0x00, 0x02, 0x01,
    0x34, 0x12, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00,
    'l', 'i', 'n', 'e', ' ', '4', 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0,
    0x0d, 0xf0, 0xfe, 0xca,
};

typedef struct {
  WireRecord record;
  uint8_t bytes[WIRE_RECORD_LENGTH];
} RecordSample;

/* One of each state, and one that marks an image that comes. */
static const RecordSample record_samples[] = {
    {
        {.bank = WIRE_BANK_HIGH, .sequence = 7, .state = WIRE_RECORD_CONFIRMED,
         .version = WIRE_VERSION(1, 1, 0), .crc = 0xdeadbeef},
        {0x00, 0x00, 0x01, 0x00, 0x53, 0x57, 0x59, 0x52, 0x07, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
         0x00, 0x00, 0x01, 0x01, 0xef, 0xbe, 0xad, 0xde, 0x00, 0x00, 0x00, 0x00, 0x6d, 0x07, 0xbe, 0x8c},
    },
    {
        {.bank = WIRE_BANK_LOW, .sequence = 0x01020304, .state = WIRE_RECORD_TRIAL,
         .version = WIRE_VERSION(1, 1, 0), .crc = 0xdeadbeef, .starts = 2, .cause = 4},
        {0x00, 0x80, 0x00, 0x00, 0x53, 0x57, 0x59, 0x52, 0x04, 0x03, 0x02, 0x01, 0x02, 0x00, 0x00, 0x00,
         0x00, 0x00, 0x01, 0x01, 0xef, 0xbe, 0xad, 0xde, 0x02, 0x04, 0x00, 0x00, 0x97, 0x4e, 0xd0, 0xff},
    },
    {
        {.bank = WIRE_BANK_HIGH, .sequence = 9, .state = WIRE_RECORD_RETURNED,
         .version = WIRE_VERSION(1, 1, 2), .crc = 0xcafef00d, .cause = 1},
        {0x00, 0x00, 0x01, 0x00, 0x53, 0x57, 0x59, 0x52, 0x09, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00,
         0x02, 0x00, 0x01, 0x01, 0x0d, 0xf0, 0xfe, 0xca, 0x00, 0x01, 0x00, 0x00, 0xe2, 0xfa, 0xa4, 0x35},
    },
    {
        {.bank = WIRE_BANK_LOW, .sequence = 1, .state = WIRE_RECORD_FIRST,
         .version = WIRE_VERSION(1, 0, 0), .crc = 0x11223344, .starts = 3, .cause = 2},
        {0x00, 0x80, 0x00, 0x00, 0x53, 0x57, 0x59, 0x52, 0x01, 0x00, 0x00, 0x00, 0x04, 0x00, 0x00, 0x00,
         0x00, 0x00, 0x00, 0x01, 0x44, 0x33, 0x22, 0x11, 0x03, 0x02, 0x00, 0x00, 0x03, 0x08, 0x59, 0x6f},
    },
    {
        {.bank = WIRE_BANK_LOW, .sequence = 10, .state = WIRE_RECORD_CONFIRMED,
         .version = WIRE_VERSION(1, 1, 0), .crc = 0xdeadbeef, .incoming = 0x6043},
        {0x00, 0x80, 0x00, 0x00, 0x53, 0x57, 0x59, 0x52, 0x0a, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
         0x00, 0x00, 0x01, 0x01, 0xef, 0xbe, 0xad, 0xde, 0x00, 0x00, 0x43, 0x60, 0xa2, 0x8a, 0x22, 0xd5},
    },
};
enum { RECORD_SAMPLES = sizeof record_samples / sizeof *record_samples };
/* clang-format on */

/* Exactly as many bytes as a header's reader may touch. */
static uint8_t *make_head(const WireImageHeader *header)
{
  uint8_t *head = malloc(WIRE_IMAGE_LENGTH_MIN);

  assert_non_null(head);
  memset(head, 0xee, WIRE_IMAGE_LENGTH_MIN);
  wire_image_header_write(header, head);
  return head;
}

static void a_header_is_written_as_the_format_says(void **state)
{
  uint8_t *head = make_head(&sample);

  (void)state;
  assert_memory_equal(head + WIRE_IMAGE_HEADER_OFFSET, sample_bytes, sizeof sample_bytes);
  for (unsigned i = 0; i < WIRE_IMAGE_HEADER_OFFSET; i++)
    assert_int_equal(head[i], 0xee); /* the vectors are not its business */
  free(head);
}

static void a_header_reads_back_as_it_was_written(void **state)
{
  uint8_t *head = make_head(&sample);
  WireImageHeader header;

  (void)state;
  assert_true(wire_image_header_read(head, &header));
  assert_int_equal(header.product, sample.product);
  assert_int_equal(header.version, sample.version);
  assert_int_equal(header.length, sample.length);
  assert_int_equal(header.bank_addr, sample.bank_addr);
  assert_int_equal(header.crc, sample.crc);
  assert_string_equal(header.name, "line 4");
  free(head);
}

static void a_name_that_fills_its_field_ends_all_the_same(void **state)
{
  WireImageHeader header = sample;
  uint8_t *head;

  (void)state;
  memset(header.name, 'n', WIRE_IMAGE_NAME_SIZE);
  head = make_head(&header);
  assert_true(wire_image_header_parse(head, &header));
  assert_int_equal(strlen(header.name), WIRE_IMAGE_NAME_SIZE);
  free(head);
}

static void another_magic_or_format_is_no_header(void **state)
{
  WireImageHeader header;

  (void)state;
  for (unsigned bit = 0; bit < 64; bit++) {
    uint8_t *head = make_head(&sample);

    head[WIRE_IMAGE_HEADER_OFFSET + bit / 8] ^= (uint8_t)(1 << bit % 8);
    assert_false(wire_image_header_parse(head, &header));
    free(head);
  }
}

static void a_header_fits_only_the_bank_it_is_linked_for(void **state)
{
  WireImageHeader header = sample;

  (void)state;
  assert_true(wire_image_header_fits(&header, WIRE_BANK_HIGH));
  assert_false(wire_image_header_fits(&header, WIRE_BANK_LOW));
  assert_false(wire_image_header_fits(&header, WIRE_BANK_NONE));
  assert_false(wire_image_header_fits(&header, (WireBank)7));
  header.bank_addr = 0x2000;
  assert_true(wire_image_header_fits(&header, WIRE_BANK_LOW));
  header.bank_addr = 0x2200;
  assert_false(wire_image_header_fits(&header, WIRE_BANK_LOW));
}

static bool is_length_read(uint32_t bank_addr, uint32_t length)
{
  WireImageHeader header = sample;
  uint8_t *head;
  bool read;

  header.bank_addr = bank_addr;
  header.length = length;
  head = make_head(&header);
  read = wire_image_header_read(head, &header);
  free(head);
  return read;
}

static void a_length_must_hold_the_header_and_stay_in_the_bank(void **state)
{
  (void)state;
  assert_false(is_length_read(0x2000, 0));
  assert_false(is_length_read(0x2000, WIRE_IMAGE_LENGTH_MIN - 1));
  assert_true(is_length_read(0x2000, WIRE_IMAGE_LENGTH_MIN));
  assert_true(is_length_read(0x2000, 0xe000));
  assert_false(is_length_read(0x2000, 0xe001));
  assert_true(is_length_read(0x10000, 0xc000));
  assert_false(is_length_read(0x10000, 0xc001));
  assert_false(is_length_read(0x10000, UINT32_MAX));
}

/* Judged where it lies, in an allocation of just what may be touched. */
static bool is_sealed(const WireImageHeader *header, WireBank bank, unsigned bit)
{
  uint8_t *head = make_head(header);
  bool sealed;

  if (bit < 8 * WIRE_IMAGE_HEADER_SIZE)
    head[WIRE_IMAGE_HEADER_OFFSET + bit / 8] ^= (uint8_t)(1 << bit % 8);
  sealed = wire_image_is_sealed(head, bank);
  free(head);
  return sealed;
}

enum { NO_BIT = 8 * WIRE_IMAGE_HEADER_SIZE };

static void a_bank_is_sealed_by_a_header_that_fits_it_and_only_it(void **state)
{
  static const uint32_t addrs[] = {0x2000, 0x10000};
  static const uint32_t sizes[] = {0xe000, 0xc000};

  (void)state;
  for (unsigned i = 0; i < 2; i++) {
    WireBank bank = i == 0 ? WIRE_BANK_LOW : WIRE_BANK_HIGH;
    WireImageHeader header = sample;

    header.bank_addr = addrs[i];
    assert_true(is_sealed(&header, bank, NO_BIT));
    assert_false(is_sealed(&header, wire_bank_other(bank), NO_BIT));
    for (int by = -1; by <= 1; by++) {
      header.length = (uint32_t)(WIRE_IMAGE_LENGTH_MIN + by);
      assert_int_equal(is_sealed(&header, bank, NO_BIT), by >= 0);
      header.length = sizes[i] + (uint32_t)by;
      assert_int_equal(is_sealed(&header, bank, NO_BIT), by <= 0);
    }
    header.length = 0;
    assert_false(is_sealed(&header, bank, NO_BIT));
    header.length = UINT32_MAX;
    assert_false(is_sealed(&header, bank, NO_BIT));
    header.length = 0x1000;
    header.bank_addr = addrs[i] + 4;
    assert_false(is_sealed(&header, bank, NO_BIT));
    header.bank_addr = 0;
    assert_false(is_sealed(&header, bank, NO_BIT));
  }
}

static void magic_format_and_address_seal_and_the_rest_of_a_header_does_not(void **state)
{
  WireImageHeader header = sample;

  (void)state;
  for (unsigned bit = 0; bit < NO_BIT; bit++) {
    unsigned at = WIRE_IMAGE_HEADER_OFFSET + bit / 8;
    bool magic_or_format = at < 0x48, address = at >= 0x54 && at < 0x58;
    bool length = at >= 0x50 && at < 0x54; /* its upper bits make it too long */

    if (!length)
      assert_int_equal(is_sealed(&header, WIRE_BANK_HIGH, bit), !magic_or_format && !address);
  }
}

static void blank_and_zeroed_flash_is_not_sealed(void **state)
{
  uint8_t head[WIRE_IMAGE_LENGTH_MIN];

  (void)state;
  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    memset(head, 0xff, sizeof head);
    assert_false(wire_image_is_sealed(head, bank));
    memset(head, 0, sizeof head);
    assert_false(wire_image_is_sealed(head, bank));
  }
}

static void the_fields_of_a_header_are_read_where_it_lies(void **state)
{
  uint8_t *head = make_head(&sample);

  (void)state;
  assert_int_equal(wire_image_get_version(head), sample.version);
  assert_int_equal(wire_image_get_length(head), sample.length);
  assert_int_equal(wire_image_get_crc(head), sample.crc);
  free(head);
}

/* All but the CRC's own word, from the definition. */
static uint32_t reference_image_crc(const uint8_t *image, uint32_t length)
{
  uint32_t crc = wire_reference_crc_step(UINT32_MAX, image, 0x7c);

  return ~wire_reference_crc_step(crc, image + 0x80, length - 0x80);
}

static void the_image_crc_is_over_all_but_its_own_word(void **state)
{
  static const uint32_t lengths[] = {0x80, 0x81, 0xff, 0x1ff, 0x200, 0x201, 0x400, 1500};
  WireRandom random = wire_random(3);

  (void)state;
  for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
    uint32_t length = lengths[i];
    uint8_t *image = malloc(length);
    uint32_t crc;

    assert_non_null(image);
    wire_random_fill(&random, image, length);
    crc = wire_image_crc(image, image, length);
    assert_int_equal(crc, reference_image_crc(image, length));
    free(image);
  }
}

static void every_byte_but_the_crc_word_changes_the_image_crc(void **state)
{
  uint8_t image[0x280];
  WireRandom random = wire_random(4);
  uint32_t right;

  (void)state;
  wire_random_fill(&random, image, sizeof image);
  right = wire_image_crc(image, image, sizeof image);
  for (unsigned at = 0; at < sizeof image; at++) {
    bool own_word = at >= WIRE_IMAGE_CRC_OFFSET && at < WIRE_IMAGE_CRC_OFFSET + 4;

    image[at] ^= 0x10;
    assert_int_equal(wire_image_crc(image, image, sizeof image) == right, own_word);
    image[at] ^= 0x10;
  }
}

/* As in the loader: the first block in RAM, the rest in flash, where the first block's place still
 * reads otherwise; and an image shorter than a block. */
static void the_first_block_may_lie_elsewhere(void **state)
{
  uint8_t image[0x300];
  WireRandom random = wire_random(5);

  (void)state;
  wire_random_fill(&random, image, sizeof image);
  for (uint32_t length = 0x80; length <= sizeof image; length += 0x10) {
    uint32_t head_length = length < WIRE_BLOCK_SIZE ? length : WIRE_BLOCK_SIZE;
    uint8_t *head = malloc(head_length), *rest = malloc(length);

    assert_non_null(head);
    assert_non_null(rest);
    memcpy(head, image, head_length);
    memcpy(rest, image, length);
    memset(rest, 0xff, head_length);
    assert_int_equal(wire_image_crc(head, rest, length), reference_image_crc(image, length));
    free(head);
    free(rest);
  }
}

static uint32_t get_word(const uint8_t *at)
{
  return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void put_word(uint8_t *at, uint32_t word)
{
  for (unsigned i = 0; i < 4; i++)
    at[i] = (uint8_t)(word >> 8 * i);
}

static void the_vector_sum_makes_eight_words_zero(void **state)
{
  WireRandom random = wire_random(6);

  (void)state;
  for (unsigned round = 0; round < 100; round++) {
    uint8_t vectors[32];
    uint32_t sum, total = 0;

    wire_random_fill(&random, vectors, sizeof vectors);
    sum = wire_vector_sum(vectors); /* whatever stands in its place does not count */
    put_word(vectors + WIRE_VECTOR_SUM_ADDR, sum);
    assert_int_equal(wire_vector_sum(vectors), sum);
    for (unsigned i = 0; i < 8; i++)
      total += get_word(vectors + 4 * i);
    assert_int_equal(total, 0);
  }
}

static void a_record_is_written_as_the_format_says(void **state)
{
  (void)state;
  for (unsigned kind = 0; kind < RECORD_SAMPLES; kind++) {
    uint8_t block[WIRE_BLOCK_SIZE];

    memset(block, 0, sizeof block);
    wire_record_write(&record_samples[kind].record, block);
    assert_memory_equal(block, record_samples[kind].bytes, WIRE_RECORD_LENGTH);
    for (unsigned i = WIRE_RECORD_LENGTH; i < sizeof block; i++)
      assert_int_equal(block[i], 0xff);
  }
}

static void check_same_record(const WireRecord *a, const WireRecord *b)
{
  assert_int_equal(a->bank, b->bank);
  assert_int_equal(a->sequence, b->sequence);
  assert_int_equal(a->state, b->state);
  assert_int_equal(a->version, b->version);
  assert_int_equal(a->crc, b->crc);
  assert_int_equal(a->starts, b->starts);
  assert_int_equal(a->cause, b->cause);
  assert_int_equal(a->incoming, b->incoming);
}

static void a_record_reads_back_as_it_was_written(void **state)
{
  (void)state;
  for (unsigned kind = 0; kind < RECORD_SAMPLES; kind++)
    for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
      uint8_t block[WIRE_BLOCK_SIZE];
      WireRecord record = record_samples[kind].record, back;

      record.bank = bank;
      wire_record_write(&record, block);
      assert_int_equal(get_word(block), bank == WIRE_BANK_LOW ? 0x8000 : 0x10000);
      assert_true(wire_record_read(block, &back));
      check_same_record(&back, &record);
    }
}

static void the_fields_of_a_record_are_read_where_it_lies(void **state)
{
  (void)state;
  for (unsigned kind = 0; kind < RECORD_SAMPLES; kind++) {
    const WireRecord *record = &record_samples[kind].record;
    uint8_t *block = malloc(WIRE_RECORD_LENGTH); /* nothing behind it may be touched */

    assert_non_null(block);
    memcpy(block, record_samples[kind].bytes, WIRE_RECORD_LENGTH);
    assert_true(wire_record_is_valid(block));
    assert_int_equal(wire_record_get_bank(block), record->bank);
    assert_int_equal(wire_record_get_sequence(block), record->sequence);
    assert_int_equal(wire_record_get_state(block), record->state);
    assert_int_equal(wire_record_get_image_crc(block), record->crc);
    assert_int_equal(wire_record_get_starts(block), record->starts);
    free(block);
  }
}

static void starts_and_cause_fill_a_byte_each(void **state)
{
  (void)state;
  for (unsigned value = 0; value < 256; value++) {
    uint8_t block[WIRE_BLOCK_SIZE];
    WireRecord record = record_samples[1].record, back;

    record.starts = (uint8_t)value;
    record.cause = (uint8_t)(255 - value);
    wire_record_write(&record, block);
    assert_true(wire_record_read(block, &back));
    check_same_record(&back, &record);
    assert_int_equal(wire_record_get_starts(block), value);
  }
}

/* Bytes 26 and 27, which were 0 before: a record that was written then marks nothing. */
static void the_mark_of_what_comes_in_fills_two_bytes(void **state)
{
  (void)state;
  for (unsigned value = 0; value < 0x10000; value += 0xff) {
    uint8_t block[WIRE_BLOCK_SIZE];
    WireRecord record = record_samples[1].record, back;

    record.incoming = (uint16_t)value;
    wire_record_write(&record, block);
    assert_int_equal(block[26] | block[27] << 8, value);
    assert_int_equal(get_word(block + 28), wire_reference_crc(block, 28));
    assert_true(wire_record_read(block, &back));
    check_same_record(&back, &record);
    assert_int_equal(wire_record_get_starts(block), record.starts);
  }
}

static void the_mark_of_an_image_is_never_that_of_none(void **state)
{
  WireRandom random = wire_random(8);
  unsigned changed = 0;

  (void)state;
  assert_int_equal(wire_record_mark(0), 1);
  assert_int_equal(wire_record_mark(UINT32_MAX), 1);
  assert_int_equal(wire_record_mark(0x00010001), 1);
  assert_int_equal(wire_record_mark(0x12345678), 0x444d); /* 0x1234 ^ 0x5678, made odd */
  for (unsigned round = 0; round < 10000; round++) {
    uint32_t crc = wire_random_next(&random);

    assert_int_not_equal(wire_record_mark(crc), 0);
    changed += wire_record_mark(crc) != wire_record_mark(crc ^ 1u << (1 + round % 15));
    changed += wire_record_mark(crc) != wire_record_mark(crc ^ 1u << (17 + round % 15));
  }
  assert_int_equal(changed, 20000); /* both halves are in it */
}

static void each_flipped_bit_of_a_record_is_refused(void **state)
{
  (void)state;
  for (unsigned kind = 0; kind < RECORD_SAMPLES; kind++)
    for (unsigned bit = 0; bit < 8 * WIRE_RECORD_LENGTH; bit++) {
      uint8_t *block = malloc(WIRE_RECORD_LENGTH);
      WireRecord record;

      assert_non_null(block);
      memcpy(block, record_samples[kind].bytes, WIRE_RECORD_LENGTH);
      assert_true(wire_record_read(block, &record));
      block[bit / 8] ^= (uint8_t)(1 << bit % 8);
      assert_false(wire_record_read(block, &record));
      assert_false(wire_record_is_valid(block));
      free(block);
    }
}

/* A later version's, or nobody's: the CRC is right and it is no record to this one. */
static void a_record_of_a_state_nobody_knows_is_refused_though_its_crc_is_right(void **state)
{
  static const uint32_t states[] = {0, 5, 6, 0x101, 0x80000001, UINT32_MAX};

  (void)state;
  for (unsigned i = 0; i < sizeof states / sizeof *states; i++) {
    uint8_t block[WIRE_BLOCK_SIZE];
    WireRecord record = record_samples[0].record;

    record.state = states[i];
    wire_record_write(&record, block);
    assert_int_equal(get_word(block + 12), states[i]);
    assert_int_equal(get_word(block + 28), wire_reference_crc(block, 28));
    assert_false(wire_record_is_valid(block));
    assert_false(wire_record_read(block, &record));
  }
}

static void a_record_of_no_bank_is_refused_though_its_crc_is_right(void **state)
{
  static const uint32_t tokens[] = {0, 0x8001, 0x4000, 0x18000, 0x20000, UINT32_MAX};

  (void)state;
  for (unsigned i = 0; i < sizeof tokens / sizeof *tokens; i++) {
    uint8_t block[WIRE_BLOCK_SIZE];
    WireRecord record = record_samples[0].record;

    wire_record_write(&record, block);
    put_word(block, tokens[i]);
    put_word(block + 28, wire_reference_crc(block, 28));
    assert_int_equal(wire_record_get_bank(block), WIRE_BANK_NONE);
    assert_false(wire_record_is_valid(block));
    assert_false(wire_record_read(block, &record));
  }
}

static void blank_and_zeroed_flash_hold_no_record(void **state)
{
  uint8_t block[WIRE_BLOCK_SIZE];
  WireRecord record;

  (void)state;
  memset(block, 0xff, sizeof block);
  assert_false(wire_record_read(block, &record));
  memset(block, 0, sizeof block);
  assert_false(wire_record_read(block, &record));
}

static void versions_compare_like_versions(void **state)
{
  (void)state;
  assert_int_equal(WIRE_VERSION(1, 2, 3), 0x01020003);
  assert_true(WIRE_VERSION(1, 2, 3) < WIRE_VERSION(1, 2, 4));
  assert_true(WIRE_VERSION(1, 2, 0xffff) < WIRE_VERSION(1, 3, 0));
  assert_true(WIRE_VERSION(1, 255, 0xffff) < WIRE_VERSION(2, 0, 0));
  assert_true(WIRE_VERSION(127, 0, 0) < WIRE_VERSION(255, 0, 0));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_header_is_written_as_the_format_says),
      cmocka_unit_test(a_header_reads_back_as_it_was_written),
      cmocka_unit_test(a_name_that_fills_its_field_ends_all_the_same),
      cmocka_unit_test(another_magic_or_format_is_no_header),
      cmocka_unit_test(a_header_fits_only_the_bank_it_is_linked_for),
      cmocka_unit_test(a_length_must_hold_the_header_and_stay_in_the_bank),
      cmocka_unit_test(a_bank_is_sealed_by_a_header_that_fits_it_and_only_it),
      cmocka_unit_test(magic_format_and_address_seal_and_the_rest_of_a_header_does_not),
      cmocka_unit_test(blank_and_zeroed_flash_is_not_sealed),
      cmocka_unit_test(the_fields_of_a_header_are_read_where_it_lies),
      cmocka_unit_test(the_image_crc_is_over_all_but_its_own_word),
      cmocka_unit_test(every_byte_but_the_crc_word_changes_the_image_crc),
      cmocka_unit_test(the_first_block_may_lie_elsewhere),
      cmocka_unit_test(the_vector_sum_makes_eight_words_zero),
      cmocka_unit_test(a_record_is_written_as_the_format_says),
      cmocka_unit_test(a_record_reads_back_as_it_was_written),
      cmocka_unit_test(the_fields_of_a_record_are_read_where_it_lies),
      cmocka_unit_test(starts_and_cause_fill_a_byte_each),
      cmocka_unit_test(the_mark_of_what_comes_in_fills_two_bytes),
      cmocka_unit_test(the_mark_of_an_image_is_never_that_of_none),
      cmocka_unit_test(each_flipped_bit_of_a_record_is_refused),
      cmocka_unit_test(a_record_of_a_state_nobody_knows_is_refused_though_its_crc_is_right),
      cmocka_unit_test(a_record_of_no_bank_is_refused_though_its_crc_is_right),
      cmocka_unit_test(blank_and_zeroed_flash_hold_no_record),
      cmocka_unit_test(versions_compare_like_versions),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
