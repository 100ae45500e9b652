/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The packed form: golden bytes, and each way in which it can be wrong. Round trips are in
 * tests/core/packer-test.c. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "wire-random.h"
#include "wire-unpack.h"

enum { BLOCK = WIRE_BLOCK_SIZE, FRAME = WIRE_UNPACK_BLOCKS_MAX * BLOCK, HIGH = WIRE_HIGH_ADDR };

static uint8_t flash[WIRE_FLASH_SIZE], readable[WIRE_UNPACK_READABLE_SIZE];
static _Alignas(4) uint8_t to[FRAME];

static int start(void **state)
{
  (void)state;
  for (size_t i = 0; i < sizeof flash; i++)
    flash[i] = (uint8_t)(i ^ i >> 8);
  memset(readable, 0, sizeof readable);
  memset(to, 0, sizeof to);
  return 0;
}

static void allow(uint32_t addr)
{
  readable[addr / BLOCK / 8] |= (uint8_t)(1 << addr / BLOCK % 8);
}

/* Packed bytes and output in allocations of just their size, so that one too many is noticed. */
static bool unpack(const uint8_t *packed, size_t packed_length, uint32_t addr, size_t length)
{
  const WireUnpack source = {flash, readable};
  uint8_t *copy = malloc(packed_length + (packed_length == 0));
  uint8_t *room = malloc(length);
  bool done;

  assert_non_null(copy);
  assert_non_null(room);
  memcpy(copy, packed, packed_length);
  memset(room, 0, length);
  done = wire_unpack(&source, copy, packed_length, addr, room, length);
  memcpy(to, room, length);
  free(copy);
  free(room);
  return done;
}

#define assert_unpacks(packed, addr, expected)                                                     \
  do {                                                                                             \
    assert_true(unpack(packed, sizeof packed, addr, sizeof expected));                             \
    assert_memory_equal(to, expected, sizeof expected);                                            \
  } while (0)

/* PROTOCOL.md §9 takes this apart. */
static const uint8_t again_and_again[] = {0x1e, 'a', 'b', 0x00, 0x40};
static const uint8_t abababab[] = {'a', 'b', 'a', 'b', 'a', 'b', 'a', 'b'};

static void bytes_and_a_copy_of_them_come_out(void **state)
{
  (void)state;
  assert_unpacks(again_and_again, HIGH, abababab);
}

static void the_first_distance_is_that_of_the_other_bank(void **state)
{
  static const uint8_t packed[] = {0x69, 'X'};
  uint8_t expected[8] = {'X'};

  (void)state;
  memcpy(expected + 1, flash + WIRE_LOW_ADDR + BLOCK + 1, 7);
  allow(WIRE_LOW_ADDR + BLOCK);
  assert_unpacks(packed, WIRE_HIGH_ADDR + BLOCK, expected);
  memcpy(expected + 1, flash + WIRE_HIGH_ADDR + BLOCK + 1, 7);
  assert_false(unpack(packed, sizeof packed, WIRE_LOW_ADDR + BLOCK, sizeof expected));
  allow(WIRE_HIGH_ADDR + BLOCK);
  assert_unpacks(packed, WIRE_LOW_ADDR + BLOCK, expected);
}

/* 256 bytes back lies the first half 0xf000 and the second 0xf880: 0x80 halfwords on. */
static const uint8_t call[] = {0xc4, 0x7f};

static void a_call_that_is_copied_calls_the_same(void **state)
{
  static const uint8_t there[] = {0x00, 0xf0, 0x80, 0xf8}, here[] = {0x00, 0xf0, 0x00, 0xf8};
  static const uint8_t before[] = {0xff, 0xf7, 0xff, 0xff};

  (void)state;
  allow(HIGH);
  memcpy(flash + HIGH + 0x100, there, sizeof there);
  assert_unpacks(call, HIGH + 0x200, here);
  flash[HIGH + 0x102] = 0x7f; /* one less: it calls backward from here */
  assert_unpacks(call, HIGH + 0x200, before);
}

static void what_is_no_whole_call_stays_as_it_is(void **state)
{
  static const uint8_t near_calls[][4] = {
      {0x00, 0xf0, 0x80, 0xf0}, {0x00, 0xf8, 0x80, 0xf8}, {0x00, 0xe8, 0x80, 0xf8}};
  static const uint8_t pair[] = {0x00, 0xf0, 0x80, 0xf8};
  static const uint8_t first_three[] = {0xf4, 0x7f}; /* a length of 3: 11 */

  (void)state;
  allow(HIGH);
  for (size_t i = 0; i < sizeof near_calls / sizeof *near_calls; i++) {
    memcpy(flash + HIGH + 0x100, near_calls[i], 4);
    assert_unpacks(call, HIGH + 0x200, near_calls[i]);
  }
  memcpy(flash + HIGH + 0x100, pair, 4);
  assert_true(unpack(first_three, sizeof first_three, HIGH + 0x200, 3));
  assert_memory_equal(to, pair, 3);
}

static void a_call_in_the_other_bank_stays_as_it_is(void **state)
{
  static const uint8_t packed[] = {0x49, 'X'};
  static const uint8_t expected[] = {'X', 0x00, 0x00, 0xf0, 0x80, 0xf8};

  (void)state;
  allow(WIRE_LOW_ADDR);
  flash[WIRE_LOW_ADDR + 1] = 0x00;
  memcpy(flash + WIRE_LOW_ADDR + 2, expected + 2, 4);
  assert_unpacks(packed, HIGH, expected);
}

static void packed_bytes_that_end_early_or_late_are_refused(void **state)
{
  uint8_t longer[sizeof again_and_again + 1] = {0};

  (void)state;
  memcpy(longer, again_and_again, sizeof again_and_again);
  assert_true(unpack(longer, sizeof again_and_again, HIGH, sizeof abababab));
  assert_false(unpack(longer, sizeof longer, HIGH, sizeof abababab));
  for (size_t length = 0; length < sizeof again_and_again; length++)
    assert_false(unpack(again_and_again, length, HIGH, sizeof abababab));
}

static void nothing_runs_past_the_end(void **state)
{
  (void)state;
  for (size_t length = 1; length < sizeof abababab; length++)
    assert_false(unpack(again_and_again, sizeof again_and_again, HIGH, length));
}

static void a_block_that_is_not_readable_is_not_read(void **state)
{
  static const uint8_t packed[] = {0xc4, 0xff}; /* four bytes from 0x200 back */

  (void)state;
  for (uint32_t addr = HIGH; addr < HIGH + 3 * BLOCK; addr += BLOCK)
    allow(addr);
  assert_true(unpack(packed, sizeof packed, HIGH + 2 * BLOCK, 4));
  memset(readable, 0, sizeof readable);
  allow(HIGH);
  allow(HIGH + 2 * BLOCK);
  assert_false(unpack(packed, sizeof packed, HIGH + 2 * BLOCK, 4));
}

static void a_copy_that_crosses_into_such_a_block_is_refused(void **state)
{
  static const uint8_t packed[] = {0xc4, 0x00}; /* four bytes from 2 back */

  (void)state;
  allow(HIGH);
  assert_false(unpack(packed, sizeof packed, HIGH + BLOCK, 4));
  allow(HIGH + BLOCK); /* then it is flash all the way, not what was unpacked */
  assert_true(unpack(packed, sizeof packed, HIGH + BLOCK, 4));
  assert_memory_equal(to, flash + HIGH + BLOCK - 2, 4);
}

static void reading_ends_before_the_boot_block(void **state)
{
  static const uint8_t packed[] = {0xc4, 0x01}; /* four bytes from 4 back */

  (void)state;
  memset(readable, 0xff, sizeof readable);
  readable[sizeof readable - 1] = 0x7f;
  assert_true(unpack(packed, sizeof packed, WIRE_FLASH_SIZE - BLOCK, 4));
  assert_false(unpack(packed, sizeof packed, 0, 4));
}

static void numbers_without_an_end_are_refused(void **state)
{
  uint8_t packed[FRAME] = {0};

  (void)state;
  for (size_t length = 0; length < sizeof packed; length++)
    assert_false(unpack(packed, length, HIGH, FRAME));
  memset(packed, 0xaa, sizeof packed);
  assert_false(unpack(packed, sizeof packed, HIGH, FRAME));
}

/* Nothing is to be seen of it but that the sanitizers are silent. */
static void no_rubbish_reads_or_writes_elsewhere(void **state)
{
  WireRandom random = wire_random(9);
  unsigned taken = 0;

  (void)state;
  for (unsigned i = 0; i < 100000; i++) {
    uint8_t packed[24];
    size_t length = wire_random_below(&random, sizeof packed + 1);

    wire_random_fill(&random, packed, length);
    wire_random_fill(&random, readable, sizeof readable);
    readable[sizeof readable - 1] &= 0x7f;
    taken += unpack(packed, length, wire_random_below(&random, WIRE_FLASH_SIZE / 2) * 2,
                    1 + wire_random_below(&random, 40));
  }
  assert_true(taken > 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(bytes_and_a_copy_of_them_come_out, start),
      cmocka_unit_test_setup(the_first_distance_is_that_of_the_other_bank, start),
      cmocka_unit_test_setup(a_call_that_is_copied_calls_the_same, start),
      cmocka_unit_test_setup(what_is_no_whole_call_stays_as_it_is, start),
      cmocka_unit_test_setup(a_call_in_the_other_bank_stays_as_it_is, start),
      cmocka_unit_test_setup(packed_bytes_that_end_early_or_late_are_refused, start),
      cmocka_unit_test_setup(nothing_runs_past_the_end, start),
      cmocka_unit_test_setup(a_block_that_is_not_readable_is_not_read, start),
      cmocka_unit_test_setup(a_copy_that_crosses_into_such_a_block_is_refused, start),
      cmocka_unit_test_setup(reading_ends_before_the_boot_block, start),
      cmocka_unit_test_setup(numbers_without_an_end_are_refused, start),
      cmocka_unit_test_setup(no_rubbish_reads_or_writes_elsewhere, start),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
