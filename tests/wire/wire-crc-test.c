/* SPDX-License-Identifier: GPL-3.0-or-later */

/* CRC-32: its check value, and the table against the definition. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "wire-crc.h"
#include "wire-random.h"

static const uint8_t digits[9] = {'1', '2', '3', '4', '5', '6', '7', '8', '9'};

static void the_check_value_is_the_published_one(void **state)
{
  (void)state;
  assert_int_equal(wire_crc32(0, digits, sizeof digits), 0xcbf43926);
}

static void known_values_of_zlib_come_out(void **state)
{
  static const uint8_t zeros[4] = {0}, ones[4] = {0xff, 0xff, 0xff, 0xff};

  (void)state;
  assert_int_equal(wire_crc32(0, zeros, sizeof zeros), 0x2144df1c);
  assert_int_equal(wire_crc32(0, ones, sizeof ones), 0xffffffff);
}

static void nothing_changes_nothing(void **state)
{
  (void)state;
  assert_int_equal(wire_crc32(0, digits, 0), 0);
  assert_int_equal(wire_crc32(0xcbf43926, digits, 0), 0xcbf43926);
}

static void it_may_be_chained_at_every_place(void **state)
{
  (void)state;
  for (size_t cut = 0; cut <= sizeof digits; cut++) {
    uint32_t crc = wire_crc32(0, digits, cut);

    assert_int_equal(wire_crc32(crc, digits + cut, sizeof digits - cut), 0xcbf43926);
  }
}

/* Each length has its own allocation, so that a byte read too many is noticed. */
static void every_byte_and_length_agree_with_the_definition(void **state)
{
  WireRandom random = wire_random(1);

  (void)state;
  for (unsigned value = 0; value < 256; value++) {
    uint8_t byte = (uint8_t)value;

    assert_int_equal(wire_crc32(0, &byte, 1), wire_reference_crc(&byte, 1));
  }
  for (size_t length = 1; length < 300; length++) {
    uint8_t *bytes = malloc(length);

    assert_non_null(bytes);
    wire_random_fill(&random, bytes, length);
    assert_int_equal(wire_crc32(0, bytes, length), wire_reference_crc(bytes, length));
    free(bytes);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_check_value_is_the_published_one),
      cmocka_unit_test(known_values_of_zlib_come_out),
      cmocka_unit_test(nothing_changes_nothing),
      cmocka_unit_test(it_may_be_chained_at_every_place),
      cmocka_unit_test(every_byte_and_length_agree_with_the_definition),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
