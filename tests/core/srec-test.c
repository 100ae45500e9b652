/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Motorola S-records: what is taken, what is told, and that line rules are those of Intel HEX.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "hex-fixture.h"
#include "text-fixture.h"

#define NO_ADDR G_MAXUINT32

#define OK  SY_SEVERITY_OK
#define ODD SY_SEVERITY_WARNING
#define BAD SY_SEVERITY_ERROR

static void read_and_expect(const char *bytes, const TextProblem *problems, SyText *text)
{
  text_read(SY_FORMAT_SREC, bytes, strlen(bytes), text);
  text_has_problems(text, problems);
  text_reads_alike_in_pieces(SY_FORMAT_SREC, bytes, strlen(bytes));
}

/* A record with its checksum and a line end. */
static void append(GString *text, guint type, guint addr_len, guint32 addr, const guint8 *data,
                   guint count)
{
  guint sum = addr_len + count + 1;

  g_string_append_printf(text, "S%u%02X%0*X", type, sum, (int)(2 * addr_len), addr);
  for (guint i = 0; i < addr_len; i++)
    sum += addr >> 8 * i & 0xff;
  for (guint i = 0; i < count; i++) {
    g_string_append_printf(text, "%02X", data[i]);
    sum += data[i];
  }
  g_string_append_printf(text, "%02X\n", ~sum & 0xff);
}

static void all_kinds_of_records_are_understood(void **state)
{
  (void)state;
  static const TextProblem none[] = {{OK}};
  guint32 start = 0;
  g_autoptr(GString) bytes = g_string_new("S00F000068656C6C6F202020202000003C\r\n");
  g_auto(SyText) text = {NULL, NULL, NULL};

  append(bytes, 1, 2, 0x1000, (const guint8 *)"ab", 2);
  append(bytes, 2, 3, 0x123456, (const guint8 *)"cd", 2);
  append(bytes, 3, 4, 0xfffffffe, (const guint8 *)"ef", 2);
  append(bytes, 1, 2, 0xffff, (const guint8 *)"gh", 2);
  append(bytes, 1, 2, 0x2000, NULL, 0);
  append(bytes, 5, 2, 5, NULL, 0);
  append(bytes, 6, 3, 5, NULL, 0);
  append(bytes, 7, 4, 0x12345678, NULL, 0);
  read_and_expect(bytes->str, none, &text);
  text_has_bytes(&text, 0x1000, "ab", 2);
  text_has_bytes(&text, 0x123456, "cd", 2);
  text_has_bytes(&text, 0xfffffffe, "ef", 2);
  text_has_bytes(&text, 0xffff, "gh", 2);
  assert_int_equal(sy_image_get_size(text.image), 8);
  assert_int_equal(sy_image_find_line(text.image, 0xffffffff), 4);
  assert_true(sy_image_get_start(text.image, &start));
  assert_int_equal(start, 0x12345678);
}

static void every_end_record_ends_and_zero_is_no_start(void **state)
{
  (void)state;
  static const TextProblem none[] = {{OK}};
  static const char *const ends[] = {"S9030000FC\n", "S804000000FB\n", "S70500000000FA"};

  for (guint i = 0; i < G_N_ELEMENTS(ends); i++) {
    g_auto(SyText) text = {NULL, NULL, NULL};

    read_and_expect(ends[i], none, &text);
    assert_false(sy_image_get_start(text.image, NULL));
  }
}

static void what_is_wrong_is_told_with_its_place(void **state)
{
  (void)state;
  static const char bytes[] = "S104000041BA\n"
                              "S104000141B9\n"
                              "S104000241B9\n"   /* wants B8 */
                              "S10400034zB7\n"   /* no digit */
                              "S104000441B\n"    /* odd */
                              "S105000541B6\n"   /* too short */
                              "S104000641B400\n" /* too long */
                              "S4030000FC\n"     /* no such type */
                              "S10201FC\n"       /* count too small */
                              "S5030009F3\n"     /* wrong count */
                              "S903000000\n"     /* wrong checksum: no end */
                              "S004000941B1\n";  /* data, but for one bit */
  static const TextProblem problems[] = {
      {BAD, SY_HEX_ERROR_CHECKSUM, 3, 11, 2, "checksum is B9, but the line's bytes want B8"},
      {BAD, SY_HEX_ERROR_SYNTAX, 4, 10, 3, "“z” is no hexadecimal digit"},
      {BAD, SY_HEX_ERROR_SYNTAX, 5, 0, 4, "odd number of digits, 9"},
      {BAD, SY_HEX_ERROR_SYNTAX, 6, 3, 5, "holds 2 data bytes, but it holds 1"},
      {BAD, SY_HEX_ERROR_SYNTAX, 7, 3, 6, "holds 1 data bytes, but it holds 2"},
      {BAD, SY_HEX_ERROR_SYNTAX, 8, 2, NO_ADDR, "no such S-record"},
      {BAD, SY_HEX_ERROR_SYNTAX, 9, 0, 0x1fc, "6 digits, but no record of its kind is shorter"},
      {BAD, SY_HEX_ERROR_CUT, 10, 5, NO_ADDR, "9 data records came before it, but 8 did"},
      {BAD, SY_HEX_ERROR_CHECKSUM, 11, 9, NO_ADDR, "checksum is 00"},
      {BAD, SY_HEX_ERROR_SYNTAX, 12, 5, NO_ADDR, "S0, has the address 0, not 0x0009"},
      {BAD, SY_HEX_ERROR_CUT, 12, 0, NO_ADDR, "without an end record"},
      {OK}};
  g_auto(SyText) text = {NULL, NULL, NULL};

  read_and_expect(bytes, problems, &text);
  text_has_bytes(&text, 0, "AA", 2);
  assert_int_equal(sy_image_get_size(text.image), 2);
}

static void lengths_that_cannot_be_are_told(void **state)
{
  (void)state;
  static const char bytes[] = "S102000000FD\nS30600000000FFFA\nS307FFFFFFFFAABB97\nS5040001\nS503\n"
                              "S50400010AF0\nS904000055A6\nS9030000FC\n";
  static const TextProblem problems[] = {
      {BAD, SY_HEX_ERROR_SYNTAX, 1, 3, 0, "count is 2, but no record of its kind has less than 3"},
      {BAD, SY_HEX_ERROR_SYNTAX, 3, 5, 0xffffffff, "past the last address"},
      {BAD, SY_HEX_ERROR_SYNTAX, 4, 0, NO_ADDR, "6 digits"},
      {BAD, SY_HEX_ERROR_SYNTAX, 5, 0, NO_ADDR, "2 digits"},
      {BAD, SY_HEX_ERROR_SYNTAX, 6, 3, NO_ADDR, "type S5 has 0 data bytes, not 1"},
      {BAD, SY_HEX_ERROR_SYNTAX, 7, 3, NO_ADDR, "type S9 has 0 data bytes, not 1"},
      {OK}};
  g_auto(SyText) text = {NULL, NULL, NULL};

  read_and_expect(bytes, problems, &text);
}

static void the_rules_for_lines_are_those_of_intel_hex(void **state)
{
  (void)state;
  static const char bytes[] = "\xef\xbb\xbfS104000041BA\r; note\rS104000042B9 x\rS104000141B9\r"
                              "S9030000FC\rS9030000FC\rbye\rS104001041AA\r\x1a";
  static const TextProblem problems[] = {
      {ODD, SY_HEX_ERROR_SYNTAX, 1, 1, NO_ADDR, "byte order mark"},
      {ODD, SY_HEX_ERROR_SYNTAX, 1, 0, NO_ADDR, "carriage return alone"},
      {ODD, SY_HEX_ERROR_SYNTAX, 2, 0, NO_ADDR, "comment"},
      {ODD, SY_HEX_ERROR_SYNTAX, 3, 13, NO_ADDR, "text follows"},
      {BAD, SY_HEX_ERROR_CLASH, 3, 0, 0, "another value than in line 1"},
      {ODD, SY_HEX_ERROR_SYNTAX, 6, 0, NO_ADDR, "given again"},
      {ODD, SY_HEX_ERROR_SYNTAX, 9, 1, NO_ADDR, "Ctrl-Z"},
      {ODD, SY_HEX_ERROR_SYNTAX, 7, 0, NO_ADDR, "1 line of other text"},
      {BAD, SY_HEX_ERROR_SYNTAX, 8, 0, NO_ADDR, "1 record follows"},
      {OK}};
  g_auto(SyText) text = {NULL, NULL, NULL};

  read_and_expect(bytes, problems, &text);
  text_has_bytes(&text, 0, "AA", 2);
}

static void an_intel_hex_file_is_no_s_record_file(void **state)
{
  (void)state;
  static const TextProblem problems[] = {
      {BAD, SY_HEX_ERROR_SYNTAX, 1, 1, NO_ADDR, "“:” instead of an S. This is no S-record file"},
      {BAD, SY_HEX_ERROR_CUT, 1, 0, NO_ADDR, "without an end record"},
      {OK}};
  g_auto(SyText) text = {NULL, NULL, NULL};

  read_and_expect(HEX_END, problems, &text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_kinds_of_records_are_understood),
      cmocka_unit_test(every_end_record_ends_and_zero_is_no_start),
      cmocka_unit_test(what_is_wrong_is_told_with_its_place),
      cmocka_unit_test(lengths_that_cannot_be_are_told),
      cmocka_unit_test(the_rules_for_lines_are_those_of_intel_hex),
      cmocka_unit_test(an_intel_hex_file_is_no_s_record_file),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
