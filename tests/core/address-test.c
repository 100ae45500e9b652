/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Addresses and ranges as people type them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sy-address.h"

static void an_address_is_hexadecimal_however_it_is_marked(void **state)
{
  static const char *const texts[] = {"1c000",  "1C000",  "0x1C000",   "0X1c000",
                                      "$1C000", "1C000h", "  0x1C000 "};
  guint32 addr = 0;

  (void)state;
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
    addr = 0;
    assert_true(sy_address_parse(texts[i], &addr, NULL));
    assert_int_equal(addr, 0x1c000);
  }
  assert_true(sy_address_parse("FFFFFFFF", &addr, NULL));
  assert_int_equal(addr, 0xffffffff);
  assert_true(sy_address_parse("0", &addr, NULL));
  assert_int_equal(addr, 0);
}

static void a_bank_is_an_address_by_its_name(void **state)
{
  guint32 addr = 0;

  (void)state;
  assert_true(sy_address_parse("low", &addr, NULL));
  assert_int_equal(addr, 0x2000);
  assert_true(sy_address_parse("HIGH", &addr, NULL));
  assert_int_equal(addr, 0x10000);
}

static void what_is_no_address_is_refused_with_a_sentence(void **state)
{
  static const char *const texts[] = {"",   "0x",  "$",    "h",         "12G",   "-1",
                                      "+1", "1 2", "0x-1", "100000000", "0x0x1", "1C000hh"};

  (void)state;
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_autoptr(GError) error = NULL;
    guint32 addr = 0;

    assert_false(sy_address_parse(texts[i], &addr, &error));
    assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
    assert_true(g_str_has_suffix(error->message, "."));
  }
}

static void a_range_is_a_bank_or_address_and_length(void **state)
{
  SyRange range;

  (void)state;
  assert_true(sy_range_parse("HIGH", 0, &range, NULL));
  assert_int_equal(range.addr, 0x10000);
  assert_int_equal(range.length, 0xc000);
  assert_true(sy_range_parse("0x100:16", 0, &range, NULL));
  assert_int_equal(range.addr, 0x100);
  assert_int_equal(range.length, 16);
  assert_true(sy_range_parse("low:0x10", 0, &range, NULL));
  assert_int_equal(range.addr, 0x2000);
  assert_int_equal(range.length, 16);
  assert_true(sy_range_parse("0:4294967296", 0, &range, NULL));
  assert_true(range.length == G_GUINT64_CONSTANT(1) << 32);
  assert_true(sy_range_parse("FFFFFFFF:1", 0, &range, NULL));
}

static void an_address_alone_is_a_range_where_a_length_is_usual(void **state)
{
  SyRange range;

  (void)state;
  assert_true(sy_range_parse("1000", 256, &range, NULL));
  assert_int_equal(range.addr, 0x1000);
  assert_int_equal(range.length, 256);
  assert_true(sy_range_parse("FFFFFFF0", 256, &range, NULL));
  assert_int_equal(range.length, 16);
  assert_true(sy_range_parse("1000:1", 256, &range, NULL));
  assert_int_equal(range.length, 1);
  assert_false(sy_range_parse("", 256, &range, NULL));
}

static void a_range_past_the_last_address_is_refused(void **state)
{
  static const char *const texts[] = {
      "FFFFFFFF:2", "1:4294967296", "0:4294967297",           "0:0", "0:", "0", ":", ":1",
      "0:-1",       "0:1:1",        "0:18446744073709551616", "0: 1"};

  (void)state;
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_autoptr(GError) error = NULL;
    SyRange range;

    assert_false(sy_range_parse(texts[i], 0, &range, &error));
    assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_address_is_hexadecimal_however_it_is_marked),
      cmocka_unit_test(a_bank_is_an_address_by_its_name),
      cmocka_unit_test(what_is_no_address_is_refused_with_a_sentence),
      cmocka_unit_test(a_range_is_a_bank_or_address_and_length),
      cmocka_unit_test(an_address_alone_is_a_range_where_a_length_is_usual),
      cmocka_unit_test(a_range_past_the_last_address_is_refused),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
