/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Finding bytes: patterns as a person writes them, and matches in both directions.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "image-fixture.h"
#include "sy-search.h"

#define FOUR_GIB (G_GUINT64_CONSTANT(1) << 32)

static void assert_pattern(const char *text, const char *wanted, gsize length)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) pattern = sy_pattern_parse_hex(text, &error);

  assert_null(error);
  assert_int_equal(g_bytes_get_size(pattern), length);
  assert_memory_equal(g_bytes_get_data(pattern, NULL), wanted, length);
}

static void assert_refused(GBytes *pattern, GError *error, const char *holds)
{
  assert_null(pattern);
  assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
  assert_non_null(strstr(error->message, holds));
}

static void assert_hex_refused(const char *text, const char *holds)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) pattern = sy_pattern_parse_hex(text, &error);

  assert_refused(pattern, error, holds);
}

static void bytes_are_taken_as_people_write_them(void **state)
{
  (void)state;
  assert_pattern("de ad BE EF", "\xde\xad\xbe\xef", 4);
  assert_pattern("DEADBEEF", "\xde\xad\xbe\xef", 4);
  assert_pattern("0xDE, 0XAD,0xbe ,\t0xEF\n", "\xde\xad\xbe\xef", 4);
  assert_pattern("0xDEAD beef", "\xde\xad\xbe\xef", 4);
  assert_pattern(" 00", "\0", 1);
}

static void what_is_no_bytes_is_refused_with_a_sentence(void **state)
{
  (void)state;
  static const char *const wrong[] = {"d",   "de a",  "dea",    "0x",      "0xd",
                                      "xyz", "de;ad", "0x0x12", "de ad g", "-1"};

  for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
    assert_hex_refused(wrong[i], "two digits for each byte");
  assert_hex_refused("", "nothing to search for");
  assert_hex_refused(" ,\t", "nothing to search for");
}

static void a_pattern_has_256_bytes_at_most(void **state)
{
  (void)state;
  g_autofree char *hex = g_strnfill(2 * SY_PATTERN_MAX, '5');
  g_autofree char *more_hex = g_strdup_printf("%s55", hex);
  g_autofree char *text = g_strnfill(SY_PATTERN_MAX, 'U');
  g_autofree char *more_text = g_strdup_printf("%sU", text);
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) longest = sy_pattern_from_text(text, &error);
  g_autoptr(GBytes) too_long = NULL;

  assert_null(error);
  assert_int_equal(g_bytes_get_size(longest), SY_PATTERN_MAX);
  assert_pattern(hex, text, SY_PATTERN_MAX);
  assert_hex_refused(more_hex, "At most 256 bytes");
  too_long = sy_pattern_from_text(more_text, &error);
  assert_refused(too_long, error, "At most 256 bytes");
}

static void text_is_searched_as_its_own_bytes(void **state)
{
  (void)state;
  g_autoptr(GError) error = NULL;
  g_autoptr(GBytes) pattern = sy_pattern_from_text("Ωx", &error);
  g_autoptr(GBytes) empty = NULL;

  assert_int_equal(g_bytes_get_size(pattern), 3);
  assert_memory_equal(g_bytes_get_data(pattern, NULL), "\xce\xa9x", 3);
  empty = sy_pattern_from_text("", &error);
  assert_refused(empty, error, "nothing to search for");
}

/* "10 12 ffffffff": all matches in the order they are found. */
static char *find_all(SyImage *image, const char *text, gboolean back)
{
  g_autoptr(GBytes) pattern = g_bytes_new_static(text, strlen(text));
  g_autoptr(GString) found = g_string_new(NULL);
  guint64 at = back ? FOUR_GIB : 0;
  guint32 addr;

  while (back ? sy_image_search_back(image, pattern, at, &addr)
              : sy_image_search_forward(image, pattern, at, &addr)) {
    g_string_append_printf(found, "%s%x", found->len ? " " : "", addr);
    at = back ? addr : (guint64)addr + 1;
  }
  return g_string_free(g_steal_pointer(&found), FALSE);
}

static void assert_found(SyImage *image, const char *text, const char *forward, const char *back)
{
  g_autofree char *rising = find_all(image, text, FALSE);
  g_autofree char *falling = find_all(image, text, TRUE);

  assert_string_equal(rising, forward);
  assert_string_equal(falling, back);
}

static void all_matches_are_found_in_both_directions(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = IMAGE({0x10, "abcabcab"}, {0x20, "ab"}, {0xfffffffe, "ab"});

  assert_found(image, "ab", "10 13 16 20 fffffffe", "fffffffe 20 16 13 10");
  assert_found(image, "b", "11 14 17 21 ffffffff", "ffffffff 21 17 14 11");
  assert_found(image, "abcab", "10 13", "13 10");
  assert_found(image, "abcabcab", "10", "10");
  assert_found(image, "abcabcabc", "", "");
  assert_found(image, "zz", "", "");
}

static void overlapping_matches_are_matches(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = IMAGE({0, "aaaaa"});

  assert_found(image, "aa", "0 1 2 3", "3 2 1 0");
}

static void a_gap_matches_nothing(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = IMAGE({0x10, "ab"}, {0x13, "cd"});
  g_autoptr(SyImage) nothing = image_fixture_empty();

  assert_found(image, "bc", "", "");
  assert_found(image, "abcd", "", "");
  assert_found(nothing, "a", "", "");
}

static void a_search_begins_where_it_is_told(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = IMAGE({0x10, "aXaXa"}, {0xfffffffd, "aXa"});
  g_autoptr(GBytes) pattern = g_bytes_new_static("a", 1);
  g_autoptr(GBytes) pair = g_bytes_new_static("aX", 2);
  g_autoptr(GBytes) empty = g_bytes_new_static("", 0);
  guint32 found = 0;

  assert_true(sy_image_search_forward(image, pattern, 0x12, &found));
  assert_int_equal(found, 0x12);
  assert_true(sy_image_search_forward(image, pattern, 0x15, &found));
  assert_int_equal(found, 0xfffffffd);
  assert_true(sy_image_search_forward(image, pattern, 0xffffffff, &found));
  assert_int_equal(found, 0xffffffff);
  assert_false(sy_image_search_forward(image, pattern, FOUR_GIB, &found));
  assert_true(sy_image_search_back(image, pattern, FOUR_GIB, &found));
  assert_int_equal(found, 0xffffffff);
  assert_true(sy_image_search_back(image, pattern, 0x12, &found));
  assert_int_equal(found, 0x10);
  /* A match may reach beyond where the search back begins. */
  assert_true(sy_image_search_back(image, pair, 0x13, &found));
  assert_int_equal(found, 0x12);
  assert_false(sy_image_search_back(image, pattern, 0x10, &found));
  assert_false(sy_image_search_back(image, pattern, 0, &found));
  assert_false(sy_image_search_forward(image, empty, 0, &found));
  assert_false(sy_image_search_back(image, empty, FOUR_GIB, &found));
}

/* A search back looks at many bytes at a time; a match must not be lost between two of these. */
static void matches_are_found_at_every_place_of_a_large_segment(void **state)
{
  (void)state;
  enum { BYTES = 60000, STEP = 251 };
  static const char wanted[] = "needle";

  for (guint32 at = 0; at <= BYTES - 6; at += STEP) {
    g_autofree guint8 *bytes = g_malloc0(BYTES);
    SyImageBuilder *builder = sy_image_builder_new();
    g_autoptr(SyImage) image = NULL;
    g_autoptr(GBytes) pattern = g_bytes_new_static(wanted, 6);
    guint32 found = 0;

    memcpy(bytes + at, wanted, 6);
    assert_true(sy_image_builder_add(builder, 0x1000, bytes, BYTES, 0, NULL));
    image = sy_image_builder_end(builder);
    assert_true(sy_image_search_forward(image, pattern, 0, &found));
    assert_int_equal(found, 0x1000 + at);
    assert_true(sy_image_search_back(image, pattern, FOUR_GIB, &found));
    assert_int_equal(found, 0x1000 + at);
    assert_true(sy_image_search_back(image, pattern, 0x1000 + at + 1, &found));
    assert_int_equal(found, 0x1000 + at);
    assert_false(sy_image_search_back(image, pattern, 0x1000 + at, &found));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bytes_are_taken_as_people_write_them),
      cmocka_unit_test(what_is_no_bytes_is_refused_with_a_sentence),
      cmocka_unit_test(a_pattern_has_256_bytes_at_most),
      cmocka_unit_test(text_is_searched_as_its_own_bytes),
      cmocka_unit_test(all_matches_are_found_in_both_directions),
      cmocka_unit_test(overlapping_matches_are_matches),
      cmocka_unit_test(a_gap_matches_nothing),
      cmocka_unit_test(a_search_begins_where_it_is_told),
      cmocka_unit_test(matches_are_found_at_every_place_of_a_large_segment),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
