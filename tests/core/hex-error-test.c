/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Reading Intel HEX: each thing that is refused, with its line and code.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "hex-fixture.h"
#include "sy-hex.h"

/* The text is refused with this code and a message that begins with `begins` and holds `holds`. */
static void refused_bytes(const char *text, gsize length, SyHexError code, const char *begins,
                          const char *holds)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImage) image = sy_hex_read(text, length, &error);

  assert_null(image);
  assert_non_null(error);
  assert_int_equal(error->domain, SY_HEX_ERROR);
  if (error->code != (int)code || !g_str_has_prefix(error->message, begins) ||
      !strstr(error->message, holds))
    fail_msg("got code %d: %s\nwanted code %d: %s...%s", error->code, error->message, code, begins,
             holds);
}

static void refused(const char *text, SyHexError code, const char *begins, const char *holds)
{
  refused_bytes(text, strlen(text), code, begins, holds);
}

static void bytes_given_twice_differently_name_both_lines(void **state)
{
  (void)state;
  refused(":0100400011AE\n:02000000ABCD86\n:02000200EF010C\n\n:01000200EE0F\n" HEX_END,
          SY_HEX_ERROR_CLASH, "line 5: ",
          "0x00000002 is given again with another value than in "
          "line 3");
}

static void a_clash_across_a_wrap_is_found(void **state)
{
  (void)state;
  refused(":020000021000EC\n:01000000AA55\n:02FFFF000102FD\n" HEX_END, SY_HEX_ERROR_CLASH,
          "line 3: ", "0x00010000 is given again with another value than in line 2");
}

static void two_start_addresses_clash(void **state)
{
  (void)state;
  refused(":0400000500001000E7\n:0400000500002000D7\n" HEX_END, SY_HEX_ERROR_CLASH,
          "line 2: ", "in line 1");
}

static void what_is_no_intel_hex_is_told_by_its_kind(void **state)
{
  (void)state;
  refused("\x7f"
          "ELF\x01\x01",
          SY_HEX_ERROR_SYNTAX, "line 1: ", "ELF");
  refused("S00600004844521B\n", SY_HEX_ERROR_SYNTAX, "line 1: ", "S-record");
  refused("\x1f\x8b\x08\x00", SY_HEX_ERROR_SYNTAX, "line 1: ", "gzip");
  refused("PK\x03\x04\n\n", SY_HEX_ERROR_SYNTAX, "line 1: ", "ZIP");
  refused("hello\n", SY_HEX_ERROR_SYNTAX,
          "line 1, column 1: ", "“h” instead of a colon. This is not");
  refused_bytes("\0\0\0\n", 4, SY_HEX_ERROR_SYNTAX,
                "line 1, column 1: ", "0x00 instead of a colon");
  refused_bytes("\x80\xff", 2, SY_HEX_ERROR_SYNTAX,
                "line 1, column 1: ", "0x80 instead of a colon");
}

static void a_line_without_colon_is_refused(void **state)
{
  (void)state;
  refused(":0100000001FE\n00000001FF\n", SY_HEX_ERROR_SYNTAX,
          "line 2, column 1: ", "“0” instead of a colon");
  refused(":0100000001FE\n :00000001FF\n", SY_HEX_ERROR_SYNTAX,
          "line 2, column 1: ", "0x20 instead");
}

static void a_digit_that_is_none_is_named_with_its_column(void **state)
{
  (void)state;
  refused(":0100000001FE\n:01000G0001FE\n" HEX_END, SY_HEX_ERROR_SYNTAX,
          "line 2, column 7: ", "“G” is no hex");
  refused(":01 0000001FE\n" HEX_END, SY_HEX_ERROR_SYNTAX, "line 1, column 4: ", "0x20 is no hex");
  refused_bytes(":01\0"
                "00000001FE\n",
                15, SY_HEX_ERROR_SYNTAX, "line 1, column 4: ", "0x00 is no hex");
  refused(":\n" HEX_END, SY_HEX_ERROR_SYNTAX, "line 1: ", "0 digits");
}

static void a_length_that_does_not_fit_the_line_is_refused(void **state)
{
  (void)state;
  refused(":0100000001F\n" HEX_END, SY_HEX_ERROR_SYNTAX, "line 1: ", "odd number of digits, 11");
  refused(":0100\n" HEX_END, SY_HEX_ERROR_SYNTAX, "line 1: ", "4 digits");
  refused(":0200000001FE\n" HEX_END, SY_HEX_ERROR_SYNTAX, "line 1, column 2: ",
          "holds 2 data bytes, but it "
          "holds 1");
  refused(":0100000001FE00\n" HEX_END, SY_HEX_ERROR_SYNTAX, "line 1, column 2: ",
          "holds 1 data bytes, but it "
          "holds 2");
}

static void a_wrong_checksum_is_refused_with_the_right_one(void **state)
{
  (void)state;
  refused(":0100000001FE\n:0100000001FF\n" HEX_END, SY_HEX_ERROR_CHECKSUM,
          "line 2, column 12: ", "the checksum is FF, but the line's bytes want FE");
  refused(":00000001FE\n", SY_HEX_ERROR_CHECKSUM, "line 1, column 10: ", "want FF");
}

static void an_unknown_type_is_refused(void **state)
{
  (void)state;
  refused(":00000006FA\n" HEX_END, SY_HEX_ERROR_SYNTAX, "line 1, column 8: ", "no record type 06");
  refused(":0100000001FE\n:000000FF01\n" HEX_END, SY_HEX_ERROR_SYNTAX,
          "line 2, column 8: ", "type FF");
}

static void a_wrong_length_for_a_type_is_refused(void **state)
{
  (void)state;
  static const guint8 bytes[6] = {0};
  static const guint right[] = {0, 0, 2, 4, 2, 4};

  for (guint type = 1; type <= 5; type++)
    for (guint count = 0; count <= 6; count++) {
      g_autoptr(GString) text = g_string_new("\n");

      hex_append(text, type, 0, bytes, count);
      if (type != 1)
        g_string_append(text, HEX_END);
      if (count != right[type]) {
        g_autofree char *meaning =
            g_strdup_printf("type 0%u has %u data bytes, not %u", type, right[type], count);

        refused(text->str, SY_HEX_ERROR_SYNTAX, "line 2, column 2: ", meaning);
      } else {
        sy_image_unref(hex_read_ok(text->str));
      }
    }
}

static void data_past_4_gib_are_refused(void **state)
{
  (void)state;
  refused(":02000004FFFFFC\n:02FFFF000102FD\n" HEX_END, SY_HEX_ERROR_SYNTAX,
          "line 2, column 4: ", "past the last address");
}

static void a_missing_end_record_means_cut_short(void **state)
{
  (void)state;
  refused(":0100000001FE\n", SY_HEX_ERROR_CUT, "line 1: ", "without an end record");
  refused(":0100000001FE\n\n\n", SY_HEX_ERROR_CUT, "line 3: ", "without an end record");
  refused("\n", SY_HEX_ERROR_CUT, "line 1: ", "without an end record");
}

static void a_file_cut_anywhere_is_never_taken(void **state)
{
  (void)state;
  static const char text[] = ":020000040001F9\r\n:04FFFE0001020304F5\r\n:00000001FF\r\n";

  for (gsize length = 0; length < sizeof text - 3; length++) {
    g_autoptr(GError) error = NULL;
    /* A copy, so that a sanitizer sees a look behind the end. */
    g_autofree char *cut = length > 0 ? g_memdup2(text, length) : NULL;
    g_autoptr(SyImage) image = sy_hex_read(cut, length, &error);

    assert_null(image);
    assert_int_equal(error->code, SY_HEX_ERROR_CUT);
  }
}

static void an_empty_file_is_called_empty(void **state)
{
  (void)state;
  refused("", SY_HEX_ERROR_CUT, "The file is empty", "");
}

static void records_behind_the_end_record_are_refused(void **state)
{
  (void)state;
  refused(HEX_END ":0100000001FE\n", SY_HEX_ERROR_SYNTAX,
          "line 2: ", "1 record follows behind the end record");
  refused(HEX_END "\n:0100000001FE\n\n" HEX_END, SY_HEX_ERROR_SYNTAX,
          "line 3: ", "2 records follow behind the end record");
}

static void too_long_a_text_is_refused_unread(void **state)
{
  (void)state;
  refused_bytes(":", (gsize)SY_HEX_TEXT_MAX + 1, SY_HEX_ERROR_LIMIT, "The file is larger than 512",
                "");
}

static GString *many_pieces(guint n_pieces)
{
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < n_pieces; i++) {
    guint32 addr = 2 * i;

    if (addr % 0x10000 == 0)
      hex_append(text, 4, 0, (guint8[]){(guint8)(addr >> 24), (guint8)(addr >> 16)}, 2);
    hex_append(text, 0, addr % 0x10000, (guint8[]){(guint8)i}, 1);
  }
  g_string_append(text, HEX_END);
  return text;
}

static void as_many_pieces_as_allowed_are_taken_and_not_one_more(void **state)
{
  (void)state;
  g_autoptr(GString) fits = many_pieces(SY_HEX_SEGMENTS_MAX);
  g_autoptr(GString) too_many = many_pieces(SY_HEX_SEGMENTS_MAX + 1);
  g_autoptr(SyImage) image = hex_read_ok(fits->str);

  assert_int_equal(sy_image_get_n_segments(image), SY_HEX_SEGMENTS_MAX);
  /* 1048577 data lines and one base for every 32768 of them. */
  refused(too_many->str, SY_HEX_ERROR_LIMIT, "line 1048610: ", "separate pieces");
}

static void as_much_data_as_allowed_is_taken_and_not_one_byte_more(void **state)
{
  (void)state;
  g_autoptr(GString) fits = hex_much_data(SY_HEX_DATA_MAX);
  g_autoptr(SyImage) image = hex_read_ok(fits->str);

  assert_int_equal(sy_image_get_size(image), SY_HEX_DATA_MAX);
  assert_int_equal(sy_image_get_n_segments(image), 1);
  g_string_truncate(fits, fits->len - strlen(HEX_END));
  hex_append(fits, 4, 0, (guint8[]){0x80, 0x00}, 2);
  hex_append(fits, 0, 0, (guint8[]){1}, 1);
  g_string_append(fits, HEX_END);
  refused(fits->str, SY_HEX_ERROR_LIMIT, "line ", "more than 64 MB of data");
}

static void one_flipped_bit_in_a_record_is_always_noticed(void **state)
{
  (void)state;
  static const char text[] =
      ":020000040001F9\n:10010000214601360121470136007EFE09D2190140\n" HEX_END;

  for (gsize i = 0; i < sizeof text - 1; i++)
    for (guint bit = 0; bit < 8; bit++) {
      g_autofree char *flipped = g_strdup(text);

      flipped[i] = (char)(flipped[i] ^ 1 << bit);

      g_autoptr(GError) error = NULL;
      g_autoptr(SyImage) image = sy_hex_read(flipped, sizeof text - 1, &error);
      /* Bit 5 of a letter is its case, and bit 4 makes a Ctrl-Z of the last line feed. */
      gboolean same_meaning =
          (g_ascii_isalpha(text[i]) && bit == 5) || (i == sizeof text - 2 && bit == 4);

      if (same_meaning)
        assert_non_null(image);
      else
        assert_null(image);
    }
}

static void a_file_that_is_not_there_and_a_directory_are_read_errors(void **state)
{
  (void)state;
  g_autoptr(GError) absent = NULL;
  g_autoptr(GError) directory = NULL;
  g_autofree char *dir = g_dir_make_tmp("hex-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(dir, "absent.hex", NULL);

  assert_null(hex_load(path, &absent));
  assert_true(g_error_matches(absent, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  assert_true(g_str_has_prefix(absent->message, "Cannot read “"));
  assert_non_null(strstr(absent->message, "absent.hex"));
  assert_null(hex_load(dir, &directory));
  assert_true(g_error_matches(directory, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY));
  assert_int_equal(g_rmdir(dir), 0);
}

static void a_huge_file_is_refused_by_its_size(void **state)
{
  (void)state;
  g_autoptr(GError) error = NULL;
  g_autofree char *path = NULL;
  int fd = g_file_open_tmp("hex-test-XXXXXX", &path, NULL);

  assert_true(fd >= 0);
  assert_int_equal(ftruncate(fd, (off_t)SY_HEX_TEXT_MAX * 20), 0);
  assert_null(hex_load(path, &error));
  assert_true(g_error_matches(error, SY_HEX_ERROR, SY_HEX_ERROR_LIMIT));
  assert_int_equal(close(fd), 0);
  assert_int_equal(g_unlink(path), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bytes_given_twice_differently_name_both_lines),
      cmocka_unit_test(a_clash_across_a_wrap_is_found),
      cmocka_unit_test(two_start_addresses_clash),
      cmocka_unit_test(what_is_no_intel_hex_is_told_by_its_kind),
      cmocka_unit_test(a_line_without_colon_is_refused),
      cmocka_unit_test(a_digit_that_is_none_is_named_with_its_column),
      cmocka_unit_test(a_length_that_does_not_fit_the_line_is_refused),
      cmocka_unit_test(a_wrong_checksum_is_refused_with_the_right_one),
      cmocka_unit_test(an_unknown_type_is_refused),
      cmocka_unit_test(a_wrong_length_for_a_type_is_refused),
      cmocka_unit_test(data_past_4_gib_are_refused),
      cmocka_unit_test(a_missing_end_record_means_cut_short),
      cmocka_unit_test(a_file_cut_anywhere_is_never_taken),
      cmocka_unit_test(an_empty_file_is_called_empty),
      cmocka_unit_test(records_behind_the_end_record_are_refused),
      cmocka_unit_test(too_long_a_text_is_refused_unread),
      cmocka_unit_test(as_many_pieces_as_allowed_are_taken_and_not_one_more),
      cmocka_unit_test(as_much_data_as_allowed_is_taken_and_not_one_byte_more),
      cmocka_unit_test(one_flipped_bit_in_a_record_is_always_noticed),
      cmocka_unit_test(a_file_that_is_not_there_and_a_directory_are_read_errors),
      cmocka_unit_test(a_huge_file_is_refused_by_its_size),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
