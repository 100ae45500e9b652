/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The policy of sy-hex.h, rule by rule: what is taken, what is told, and what the image holds then.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "hex-fixture.h"
#include "text-fixture.h"

/* Two data records and what they give: AB CD at 0, 01 at 0x10. */
#define FIRST  ":02000000ABCD86"
#define SECOND ":0100100001EE"
#define END    ":00000001FF"

#define NO_ADDR G_MAXUINT32

#define OK  SY_SEVERITY_OK
#define ODD SY_SEVERITY_WARNING
#define BAD SY_SEVERITY_ERROR

/* A text with literal NULs too. */
#define TEXT(literal) literal, sizeof literal - 1

typedef struct {
  const char *text;
  gsize length;
  TextProblem problems[4];
} Rule;

/* Each text gives both records and these problems, however it is cut; and is refused or not by the
 * strict reader. */
static void rules_hold(const Rule *rules, guint n_rules)
{
  for (guint i = 0; i < n_rules; i++) {
    const Rule *rule = &rules[i];
    g_auto(SyText) text = {NULL, NULL, NULL};
    g_autoptr(SyImage) strict = sy_hex_read(rule->text, rule->length, NULL);

    text_read(SY_FORMAT_HEX, rule->text, rule->length, &text);
    text_has_problems(&text, rule->problems);
    text_has_bytes(&text, 0x00, "\xab\xcd", 2);
    text_has_bytes(&text, 0x10, "\x01", 1);
    assert_int_equal(sy_image_get_size(text.image), 3);
    assert_int_equal(strict != NULL, sy_problems_count(text.problems, SY_SEVERITY_ERROR) == 0);
    text_reads_alike_in_pieces(SY_FORMAT_HEX, rule->text, rule->length);
  }
}

static void what_is_accepted_is_not_told(void **state)
{
  (void)state;
  static const Rule rules[] = {
      {TEXT(FIRST "\n" SECOND "\n" END "\n")},
      {TEXT(FIRST "\r\n" SECOND "\r\n" END "\r\n")},
      {TEXT(":02000000abcd86\n:0100100001ee\n:00000001ff")},
      {TEXT(SECOND "\n" FIRST "\n" END)},
      {TEXT("\n \t\n" FIRST " \t\n\r\n" SECOND "  \r\n\n" END " \n\n \n")},
      {TEXT(FIRST "\n:00004000C0\n" SECOND "\n" END "\n")},
      {TEXT(FIRST "\n" SECOND "\n:0400000500001000E7\n:0400000500001000E7\n" END "\n")},
  };

  rules_hold(rules, G_N_ELEMENTS(rules));
}

static void odd_texts_are_taken_with_a_warning(void **state)
{
  (void)state;
  static const Rule rules[] = {
      {TEXT(FIRST "\r" SECOND "\r" END "\r"),
       {{ODD, SY_HEX_ERROR_SYNTAX, 1, 0, NO_ADDR, "carriage return alone"}}},
      {TEXT("\xef\xbb\xbf" FIRST "\n" SECOND "\n" END "\n"),
       {{ODD, SY_HEX_ERROR_SYNTAX, 1, 1, NO_ADDR, "byte order mark"}}},
      {TEXT(FIRST "\n" SECOND "\n" END "\n\x1a\x1a\x1ahello\n:nonsense\n"),
       {{ODD, SY_HEX_ERROR_SYNTAX, 4, 1, NO_ADDR, "Ctrl-Z"}}},
      {TEXT(FIRST "\n" SECOND "\n" END "\x1a"),
       {{ODD, SY_HEX_ERROR_SYNTAX, 3, 12, NO_ADDR, "Ctrl-Z"}}},
      {TEXT(FIRST "\n" SECOND "\n" END "\n\0\0\0"),
       {{ODD, SY_HEX_ERROR_SYNTAX, 4, 1, NO_ADDR, "NUL"}}},
      {TEXT(FIRST "\n" SECOND "\n" END "\0\0\0"),
       {{ODD, SY_HEX_ERROR_SYNTAX, 3, 12, NO_ADDR, "NUL"}}},
      {TEXT(FIRST " first\n" SECOND ";second\n" END "#third\n"),
       {{ODD, SY_HEX_ERROR_SYNTAX, 1, 16, NO_ADDR, "text follows the record"},
        {ODD, SY_HEX_ERROR_SYNTAX, 2, 14, NO_ADDR, "text follows the record"},
        {ODD, SY_HEX_ERROR_SYNTAX, 3, 12, NO_ADDR, "text follows the record"}}},
      {TEXT("; made by\n#:0100200001DE\n" FIRST "\n// half\n" SECOND "\n" END "\n"),
       {{ODD, SY_HEX_ERROR_SYNTAX, 1, 0, NO_ADDR, "comment"},
        {ODD, SY_HEX_ERROR_SYNTAX, 2, 0, NO_ADDR, "comment"},
        {ODD, SY_HEX_ERROR_SYNTAX, 4, 0, NO_ADDR, "comment"}}},
      {TEXT(FIRST "\n" SECOND "\n" END "\n\nsigned\nby hand\n"),
       {{ODD, SY_HEX_ERROR_SYNTAX, 5, 0, NO_ADDR, "2 lines of other text follow"}}},
      {TEXT(FIRST "\n" SECOND "\n" FIRST "\n" END "\n"),
       {{ODD, SY_HEX_ERROR_CLASH, 3, 0, 0, "again, with the value of line 1"}}},
      {TEXT(FIRST "\n" SECOND "\n" END "\n" END "\n\n" END "\n"),
       {{ODD, SY_HEX_ERROR_SYNTAX, 4, 0, NO_ADDR, "end record is given again"},
        {ODD, SY_HEX_ERROR_SYNTAX, 6, 0, NO_ADDR, "end record is given again"}}},
  };

  rules_hold(rules, G_N_ELEMENTS(rules));
}

static void data_that_wrap_in_their_segment_are_told(void **state)
{
  (void)state;
  static const char wrapped[] = ":020000021000EC\n:04FFFE0001020304F5\n" END "\n";
  static const TextProblem problems[] = {
      {ODD, SY_HEX_ERROR_SYNTAX, 2, 0, 0x10000, "last 2 of the line's bytes wrap to 0x00010000"},
      {OK}};
  g_auto(SyText) text = {NULL, NULL, NULL};

  text_read(SY_FORMAT_HEX, wrapped, strlen(wrapped), &text);
  text_has_problems(&text, problems);
  text_has_bytes(&text, 0x1fffe, "\x01\x02", 2);
  text_has_bytes(&text, 0x10000, "\x03\x04", 2);
  assert_int_equal(sy_image_find_line(text.image, 0x10001), 2);
}

static void what_is_refused_leaves_a_gap_and_reading_goes_on(void **state)
{
  (void)state;
  static const Rule rules[] = {
      {TEXT(FIRST "\n:0100200001DF\n" SECOND "\n" END "\n"),
       {{BAD, SY_HEX_ERROR_CHECKSUM, 2, 12, 0x20, "checksum is DF, but the line's bytes want DE"}}},
      {TEXT(FIRST "\n:01002000x1DE\n" SECOND "\n" END "\n"),
       {{BAD, SY_HEX_ERROR_SYNTAX, 2, 10, 0x20, "“x” is no hexadecimal digit"}}},
      {TEXT(FIRST "\n:0100200001D\n" SECOND "\n" END "\n"),
       {{BAD, SY_HEX_ERROR_SYNTAX, 2, 0, 0x20, "odd number of digits, 11"}}},
      {TEXT(FIRST "\n:0200200001DD\n" SECOND "\n" END "\n"),
       {{BAD, SY_HEX_ERROR_SYNTAX, 2, 2, 0x20, "holds 2 data bytes, but it holds 1"}}},
      {TEXT(FIRST "\n:0100200001DE00\n" SECOND "\n" END "\n"),
       {{BAD, SY_HEX_ERROR_SYNTAX, 2, 2, 0x20, "holds 1 data bytes, but it holds 2"}}},
      {TEXT(FIRST "\n:0100200001DE00 x\n" SECOND "\n" END "\n"),
       {{BAD, SY_HEX_ERROR_SYNTAX, 2, 2, 0x20, "holds 1 data bytes, but it holds 2"}}},
      {TEXT(FIRST "\n:00000006FA\n:010000010AF4\n:0100000401FA\n" SECOND "\n" END "\n"),
       {{BAD, SY_HEX_ERROR_SYNTAX, 2, 8, NO_ADDR, "no record type 06"},
        {BAD, SY_HEX_ERROR_SYNTAX, 3, 2, NO_ADDR, "type 01 has 0 data bytes, not 1"},
        {BAD, SY_HEX_ERROR_SYNTAX, 4, 2, NO_ADDR, "type 04 has 2 data bytes, not 1"}}},
      {TEXT(FIRST "\n" SECOND "\n:02000004FFFFFC\n:02FFFF000102FD\n" END "\n"),
       {{BAD, SY_HEX_ERROR_SYNTAX, 4, 4, 0xffffffff, "past the last address"}}},
      {TEXT(FIRST "\n" SECOND "\n:02000000ABCE85\n" END "\n"),
       {{BAD, SY_HEX_ERROR_CLASH, 3, 0, 1, "another value than in line 1"}}},
      {TEXT(FIRST "\n" SECOND "\n:0400000500001000E7\n:0400000500002000D7\n" END "\n"),
       {{BAD, SY_HEX_ERROR_CLASH, 4, 0, 0x2000, "differs from 0x00001000 in line 3"}}},
      {TEXT(FIRST "\n" SECOND "\n"),
       {{BAD, SY_HEX_ERROR_CUT, 2, 0, NO_ADDR, "without an end record"}}},
      {TEXT(FIRST "\n" SECOND "\n:0100200"),
       {{BAD, SY_HEX_ERROR_CUT, 3, 0, NO_ADDR, "ends within this line"},
        {BAD, SY_HEX_ERROR_CUT, 3, 0, NO_ADDR, "without an end record"}}},
      {TEXT(FIRST "\n" SECOND "\n" END "\n:0100200001DE\n:nonsense\n"),
       {{BAD, SY_HEX_ERROR_SYNTAX, 4, 0, NO_ADDR, "2 records follow behind the end record"}}},
      {TEXT(FIRST "\nhello\n" SECOND "\n" END "\n"),
       {{BAD, SY_HEX_ERROR_SYNTAX, 2, 1, NO_ADDR, "“h” instead of a colon"}}},
      {TEXT(FIRST "\n;0100200001DE\n" SECOND "\n" END "\n"),
       {{BAD, SY_HEX_ERROR_SYNTAX, 2, 1, NO_ADDR, "looks like a record"}}},
      {TEXT(FIRST "\n\0\0\n" SECOND "\n" END "\n"),
       {{BAD, SY_HEX_ERROR_SYNTAX, 2, 1, NO_ADDR, "0x00 instead of a colon"}}},
      {TEXT(FIRST "\n\x1a\n" SECOND "\n" END "\n"),
       {{BAD, SY_HEX_ERROR_SYNTAX, 2, 1, NO_ADDR, "0x1A instead of a colon"}}},
  };

  rules_hold(rules, G_N_ELEMENTS(rules));
}

static void a_file_of_another_kind_is_one_error(void **state)
{
  (void)state;
  static const char elf[] = "\177ELF\1\1\n:\n:\nhello\n:0100000001FE\n";
  static const TextProblem problems[] = {
      {BAD, SY_HEX_ERROR_SYNTAX, 1, 0, NO_ADDR, "this is an ELF program, not Intel HEX"}, {OK}};
  static const TextProblem empty[] = {{BAD, SY_HEX_ERROR_CUT, 0, 0, NO_ADDR, "The file is empty."},
                                      {OK}};
  g_auto(SyText) text = {NULL, NULL, NULL};
  g_auto(SyText) nothing = {NULL, NULL, NULL};

  text_read(SY_FORMAT_HEX, elf, strlen(elf), &text);
  text_has_problems(&text, problems);
  assert_int_equal(sy_image_get_size(text.image), 0);
  text_reads_alike_in_pieces(SY_FORMAT_HEX, elf, strlen(elf));
  text_read(SY_FORMAT_HEX, "", 0, &nothing);
  text_has_problems(&nothing, empty);
}

static void all_problems_are_counted_and_the_first_are_kept(void **state)
{
  (void)state;
  enum { LINES = 3000 };
  g_autoptr(GString) bytes = g_string_new(NULL);
  g_auto(SyText) text = {NULL, NULL, NULL};

  for (guint i = 0; i < LINES; i++)
    g_string_append(bytes, ":0100200001DF\n; x\n");
  text_read(SY_FORMAT_HEX, bytes->str, bytes->len, &text);
  assert_int_equal(sy_problems_count(text.problems, SY_SEVERITY_ERROR), LINES + 1);
  assert_int_equal(sy_problems_count(text.problems, SY_SEVERITY_WARNING), LINES);
  assert_int_equal(sy_problems_get_n(text.problems), 2 * SY_PROBLEMS_MAX);
  assert_int_equal(sy_problems_get(text.problems, 2 * SY_PROBLEMS_MAX - 1)->line,
                   2 * SY_PROBLEMS_MAX);
}

/* `unit` again and again, `length` bytes in all, in chunks as a file gives them. */
static void read_much(const char *unit, guint64 length, SyText *text)
{
  enum { CHUNK = 256 * 1024 };
  SyTextReader *reader = sy_text_reader_new(SY_FORMAT_HEX, length);
  g_autoptr(GString) chunk = g_string_new(NULL);

  while (chunk->len < CHUNK)
    g_string_append(chunk, unit);
  for (guint64 fed = 0; fed < length; fed += chunk->len)
    assert_true(sy_text_reader_feed(reader, chunk->str, chunk->len));
  assert_true(sy_text_reader_end(reader, text, NULL));
}

/* What takes longer than linear time here would take hours. */
static void broken_texts_of_64_mb_are_read_to_their_end(void **state)
{
  (void)state;
  static const struct {
    const char *unit;
    guint mb;
  } texts[] = {{":010020", 64}, {":01002\n", 64}, {"\r", 8}, {"S", 8}, {";\r", 8}, {"x y\n", 8}};

  for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_auto(SyText) text = {NULL, NULL, NULL};

    read_much(texts[i].unit, (guint64)texts[i].mb << 20, &text);
    assert_int_equal(sy_image_get_size(text.image), 0);
    assert_true(sy_problems_count(text.problems, SY_SEVERITY_ERROR) > 0);
  }
}

static void a_line_is_looked_at_up_to_its_limit(void **state)
{
  (void)state;
  g_autofree char *blanks = g_strnfill(10000, ' ');
  g_autofree char *blank = g_strconcat(FIRST, blanks, "\n" SECOND "\n" END "\n", NULL);
  g_autofree char *long_text = g_strconcat(FIRST, blanks, "x\n" SECOND "\n" END "\n", NULL);
  static const TextProblem none[] = {{OK}};
  static const TextProblem too_long[] = {
      {BAD, SY_HEX_ERROR_SYNTAX, 1, 0, NO_ADDR, "longer than 4096 characters"}, {OK}};
  g_auto(SyText) one = {NULL, NULL, NULL};
  g_auto(SyText) two = {NULL, NULL, NULL};

  text_read(SY_FORMAT_HEX, blank, strlen(blank), &one);
  text_has_problems(&one, none);
  text_read(SY_FORMAT_HEX, long_text, strlen(long_text), &two);
  text_has_problems(&two, too_long);
  for (gsize piece = 1; piece < 12000; piece = piece * 3 / 2 + 1) {
    text_reads_alike_in_pieces_of(SY_FORMAT_HEX, blank, strlen(blank), piece, &one);
    text_reads_alike_in_pieces_of(SY_FORMAT_HEX, long_text, strlen(long_text), piece, &two);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_accepted_is_not_told),
      cmocka_unit_test(odd_texts_are_taken_with_a_warning),
      cmocka_unit_test(data_that_wrap_in_their_segment_are_told),
      cmocka_unit_test(what_is_refused_leaves_a_gap_and_reading_goes_on),
      cmocka_unit_test(a_file_of_another_kind_is_one_error),
      cmocka_unit_test(all_problems_are_counted_and_the_first_are_kept),
      cmocka_unit_test(broken_texts_of_64_mb_are_read_to_their_end),
      cmocka_unit_test(a_line_is_looked_at_up_to_its_limit),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
