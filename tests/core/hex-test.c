/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Reading and writing Intel HEX: each thing that is accepted, each error with its line and code.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "sy-hex.h"

#define END ":00000001FF\n"

/* A record with its checksum, no line end; free with g_free. */
static char *record(guint type, guint offset, const guint8 *data, guint count)
{
  static const char digits[] = "0123456789ABCDEF";
  guint8 raw[5 + G_MAXUINT8] = {(guint8)count, (guint8)(offset >> 8), (guint8)offset, (guint8)type};
  char *text = g_malloc(2 + 2 * (5 + count));
  guint sum = 0;

  for (guint i = 0; i < count; i++)
    raw[4 + i] = data[i];
  for (guint i = 0; i < 4 + count; i++)
    sum += raw[i];
  raw[4 + count] = (guint8)(0 - sum);
  text[0] = ':';
  for (guint i = 0; i < 5 + count; i++) {
    text[1 + 2 * i] = digits[raw[i] >> 4];
    text[2 + 2 * i] = digits[raw[i] & 15];
  }
  text[1 + 2 * (5 + count)] = '\0';
  return text;
}

static void append(GString *text, guint type, guint offset, const guint8 *data, guint count)
{
  g_autofree char *line = record(type, offset, data, count);

  g_string_append(text, line);
  g_string_append_c(text, '\n');
}

static SyImage *read_ok(const char *text)
{
  g_autoptr(GError) error = NULL;
  SyImage *image = sy_hex_read(text, strlen(text), &error);

  if (error)
    fail_msg("%s", error->message);
  assert_non_null(image);
  return image;
}

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

static void segment_is(SyImage *image, guint index, guint32 addr, const char *bytes, guint32 length,
                       guint line)
{
  const SySegment *segment = sy_image_get_segment(image, index);

  assert_non_null(segment);
  assert_int_equal(segment->addr, addr);
  assert_int_equal(segment->length, length);
  assert_memory_equal(segment->bytes, bytes, length);
  assert_int_equal(segment->line, line);
}

static void a_plain_file_gives_its_bytes_at_its_addresses(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = read_ok(":0300300002337A1E\n" END);

  assert_int_equal(sy_image_get_n_segments(image), 1);
  segment_is(image, 0, 0x30, "\x02\x33\x7a", 3, 1);
  assert_false(sy_image_get_start(image, NULL));
}

static void both_line_ends_either_case_and_blanks_are_read_alike(void **state)
{
  (void)state;
  static const char *const texts[] = {
      ":02000000ABCD86\n:00000001FF\n",      ":02000000ABCD86\r\n:00000001FF\r\n",
      ":02000000abcd86\n:00000001ff\n",      ":02000000aBCd86\r\n:00000001Ff",
      ":02000000ABCD86 \t\r\n:00000001FF  ", ":02000000ABCD86\n:00000001FF\n\r\n \t\n\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
    g_autoptr(SyImage) image = read_ok(texts[i]);

    assert_int_equal(sy_image_get_n_segments(image), 1);
    segment_is(image, 0, 0, "\xab\xcd", 2, 1);
  }
}

static void blank_lines_count_as_lines(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = read_ok("\n\r\n  \n:02000000ABCD86\n" END);

  segment_is(image, 0, 0, "\xab\xcd", 2, 4);
}

static void records_in_any_order_join_into_segments(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = read_ok(":0100020003FA\n:0100000001FE\n:0100050006F4\n"
                                     ":0100010002FC\n" END);

  assert_int_equal(sy_image_get_n_segments(image), 2);
  segment_is(image, 0, 0, "\x01\x02\x03", 3, 2);
  segment_is(image, 1, 5, "\x06", 1, 3);
}

static void empty_data_records_are_let_pass(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = read_ok(":00123400BA\n" END);

  assert_int_equal(sy_image_get_n_segments(image), 0);
}

static void a_linear_base_moves_data_and_zero_moves_it_back(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = read_ok(":020000040001F9\n:0100000011EE\n:02000004FFFFFC\n"
                                     ":01FFFF0022DF\n:020000040000FA\n:0100000033CC\n" END);

  assert_int_equal(sy_image_get_n_segments(image), 3);
  segment_is(image, 0, 0, "\x33", 1, 6);
  segment_is(image, 1, 0x10000, "\x11", 1, 2);
  segment_is(image, 2, 0xffffffff, "\x22", 1, 4);
}

static void a_segment_base_is_sixteen_times_its_value(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = read_ok(":020000021200EA\n:0100100044AB\n" END);

  segment_is(image, 0, 0x12010, "\x44", 1, 2);
}

static void under_a_segment_base_data_wrap_at_64_kb(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = read_ok(":020000021000EC\n:04FFFE0001020304F5\n" END);

  assert_int_equal(sy_image_get_n_segments(image), 2);
  segment_is(image, 0, 0x10000, "\x03\x04", 2, 2);
  segment_is(image, 1, 0x1fffe, "\x01\x02", 2, 2);
}

static void under_a_linear_base_data_run_on_over_64_kb(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = read_ok(":020000021000EC\n:020000040001F9\n:04FFFE0001020304F5\n" END);

  assert_int_equal(sy_image_get_n_segments(image), 1);
  segment_is(image, 0, 0x1fffe, "\x01\x02\x03\x04", 4, 3);
}

static void start_addresses_of_both_kinds_are_kept(void **state)
{
  (void)state;
  guint32 start = 0;
  g_autoptr(SyImage) segmented = read_ok(":0400000312340010A3\n" END);
  g_autoptr(SyImage) linear = read_ok(":04000005DEADBEEFBF\n:04000005DEADBEEFBF\n" END);

  assert_true(sy_image_get_start(segmented, &start));
  assert_int_equal(start, 0x12350);
  assert_true(sy_image_get_start(linear, &start));
  assert_int_equal(start, 0xdeadbeef);
}

static void bytes_given_twice_alike_are_let_pass(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = read_ok(":02000000ABCD86\n:02000100CDEF41\n" END);

  segment_is(image, 0, 0, "\xab\xcd\xef", 3, 1);
}

static void bytes_given_twice_differently_name_both_lines(void **state)
{
  (void)state;
  refused(":0100400011AE\n:02000000ABCD86\n:02000200EF010C\n\n:01000200EE0F\n" END,
          SY_HEX_ERROR_CLASH, "line 5: ",
          "0x00000002 is given again with another value than in "
          "line 3");
}

static void a_clash_across_a_wrap_is_found(void **state)
{
  (void)state;
  refused(":020000021000EC\n:01000000AA55\n:02FFFF000102FD\n" END, SY_HEX_ERROR_CLASH,
          "line 3: ", "0x00010000 is given again with another value than in line 2");
}

static void two_start_addresses_clash(void **state)
{
  (void)state;
  refused(":0400000500001000E7\n:0400000500002000D7\n" END, SY_HEX_ERROR_CLASH,
          "line 2: ", "in line 1");
}

static void what_is_no_intel_hex_is_told_by_its_kind(void **state)
{
  (void)state;
  refused("\x7f"
          "ELF\x01\x01",
          SY_HEX_ERROR_SYNTAX, "line 1: ", "ELF");
  refused("S00600004844521B\n", SY_HEX_ERROR_SYNTAX, "line 1: ", "S-record");
  refused("\xef\xbb\xbf" END, SY_HEX_ERROR_SYNTAX, "line 1: ", "byte order mark");
  refused("hello\n", SY_HEX_ERROR_SYNTAX, "line 1: ", "“h” instead of a colon. This is not");
  refused_bytes("\0\0\0\n", 4, SY_HEX_ERROR_SYNTAX, "line 1: ", "0x00 instead of a colon");
  refused_bytes("\x80\xff", 2, SY_HEX_ERROR_SYNTAX, "line 1: ", "0x80 instead of a colon");
}

static void a_line_without_colon_is_refused(void **state)
{
  (void)state;
  refused(":0100000001FE\n00000001FF\n", SY_HEX_ERROR_SYNTAX, "line 2: ", "“0” instead of a colon");
  refused(":0100000001FE\n :00000001FF\n", SY_HEX_ERROR_SYNTAX, "line 2: ", "0x20 instead");
}

static void a_digit_that_is_none_is_named_with_its_column(void **state)
{
  (void)state;
  refused(":0100000001FE\n:01000G0001FE\n" END, SY_HEX_ERROR_SYNTAX, "line 2: ", "“G” at column 7");
  refused(":01 0000001FE\n" END, SY_HEX_ERROR_SYNTAX, "line 1: ", "0x20 at column 4");
  refused_bytes(":01\0"
                "00000001FE\n",
                15, SY_HEX_ERROR_SYNTAX, "line 1: ", "0x00 at column 4");
  refused(":\n" END, SY_HEX_ERROR_SYNTAX, "line 1: ", "0 digits");
}

static void lines_that_end_in_a_bare_carriage_return_are_refused(void **state)
{
  (void)state;
  refused(":0100000001FE\r:00000001FF\r", SY_HEX_ERROR_SYNTAX,
          "line 1: ", "carriage return without a line feed stands at column 14");
}

static void a_length_that_does_not_fit_the_line_is_refused(void **state)
{
  (void)state;
  refused(":0100000001F\n" END, SY_HEX_ERROR_SYNTAX, "line 1: ", "odd number of digits, 11");
  refused(":0100\n" END, SY_HEX_ERROR_SYNTAX, "line 1: ", "4 digits");
  refused(":0200000001FE\n" END, SY_HEX_ERROR_SYNTAX, "line 1: ",
          "holds 2 data bytes, but it "
          "holds 1");
  refused(":0100000001FE00\n" END, SY_HEX_ERROR_SYNTAX, "line 1: ",
          "holds 1 data bytes, but it "
          "holds 2");
}

static void a_wrong_checksum_is_refused_with_the_right_one(void **state)
{
  (void)state;
  refused(":0100000001FE\n:0100000001FF\n" END, SY_HEX_ERROR_CHECKSUM,
          "line 2: ", "the checksum is FF, but the line's bytes want FE");
  refused(":00000001FE\n", SY_HEX_ERROR_CHECKSUM, "line 1: ", "want FF");
}

static void an_unknown_type_is_refused(void **state)
{
  (void)state;
  refused(":00000006FA\n" END, SY_HEX_ERROR_SYNTAX, "line 1: ", "no record type 06");
  refused(":0100000001FE\n:000000FF01\n" END, SY_HEX_ERROR_SYNTAX, "line 2: ", "type FF");
}

static void a_wrong_length_for_a_type_is_refused(void **state)
{
  (void)state;
  static const guint8 bytes[6] = {0};
  static const guint right[] = {0, 0, 2, 4, 2, 4};

  for (guint type = 1; type <= 5; type++)
    for (guint count = 0; count <= 6; count++) {
      g_autoptr(GString) text = g_string_new("\n");

      append(text, type, 0, bytes, count);
      if (type != 1)
        g_string_append(text, END);
      if (count != right[type]) {
        g_autofree char *meaning =
            g_strdup_printf("type 0%u has %u data bytes, not %u", type, right[type], count);

        refused(text->str, SY_HEX_ERROR_SYNTAX, "line 2: ", meaning);
      } else {
        sy_image_unref(read_ok(text->str));
      }
    }
}

static void data_past_4_gib_are_refused(void **state)
{
  (void)state;
  refused(":02000004FFFFFC\n:02FFFF000102FD\n" END, SY_HEX_ERROR_SYNTAX,
          "line 2: ", "past the last address");
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

static void anything_behind_the_end_record_is_refused(void **state)
{
  (void)state;
  refused(END ":0100000001FE\n", SY_HEX_ERROR_SYNTAX, "line 2: ", "behind the end record");
  refused(END "\n" END, SY_HEX_ERROR_SYNTAX, "line 3: ", "behind the end record");
  refused(END "\x1a", SY_HEX_ERROR_SYNTAX, "line 2: ", "behind the end record");
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
      append(text, 4, 0, (guint8[]){(guint8)(addr >> 24), (guint8)(addr >> 16)}, 2);
    append(text, 0, addr % 0x10000, (guint8[]){(guint8)i}, 1);
  }
  g_string_append(text, END);
  return text;
}

static void as_many_pieces_as_allowed_are_taken_and_not_one_more(void **state)
{
  (void)state;
  g_autoptr(GString) fits = many_pieces(SY_HEX_SEGMENTS_MAX);
  g_autoptr(GString) too_many = many_pieces(SY_HEX_SEGMENTS_MAX + 1);
  g_autoptr(SyImage) image = read_ok(fits->str);

  assert_int_equal(sy_image_get_n_segments(image), SY_HEX_SEGMENTS_MAX);
  /* 65537 data lines and one base for every 32768 of them. */
  refused(too_many->str, SY_HEX_ERROR_LIMIT, "line 65540: ", "separate pieces");
}

/* `n_bytes` of 0xA5 in records of 255. */
static GString *much_data(guint32 n_bytes)
{
  GString *text = g_string_sized_new(2 * (gsize)n_bytes + n_bytes / 8);
  guint8 bytes[255];
  guint page = G_MAXUINT;

  memset(bytes, 0xa5, sizeof bytes);
  for (guint32 addr = 0; addr < n_bytes; addr += sizeof bytes) {
    if (addr >> 16 != page) {
      page = addr >> 16;
      append(text, 4, 0, (guint8[]){(guint8)(page >> 8), (guint8)page}, 2);
    }
    append(text, 0, addr & 0xffff, bytes, MIN(sizeof bytes, n_bytes - addr));
  }
  g_string_append(text, END);
  return text;
}

static void as_much_data_as_allowed_is_taken_and_not_one_byte_more(void **state)
{
  (void)state;
  g_autoptr(GString) fits = much_data(SY_HEX_DATA_MAX);
  g_autoptr(SyImage) image = read_ok(fits->str);

  assert_int_equal(sy_image_get_size(image), SY_HEX_DATA_MAX);
  assert_int_equal(sy_image_get_n_segments(image), 1);
  g_string_truncate(fits, fits->len - strlen(END));
  append(fits, 4, 0, (guint8[]){0x80, 0x00}, 2);
  append(fits, 0, 0, (guint8[]){1}, 1);
  g_string_append(fits, END);
  refused(fits->str, SY_HEX_ERROR_LIMIT, "line ", "more than 64 MB of data");
}

/* Records of one image of 1 MB, each 16 bytes, in an order that is as bad as any. */
static void a_shuffled_file_gives_one_segment(void **state)
{
  (void)state;
  enum { RECORDS = 65536 };
  g_autoptr(GString) text = g_string_new(NULL);

  for (guint i = 0; i < RECORDS; i++) {
    guint32 addr = i * 40503u % RECORDS * 16;
    guint8 bytes[16];

    for (guint j = 0; j < sizeof bytes; j++)
      bytes[j] = (guint8)((addr + j) * 167 >> 4);
    append(text, 4, 0, (guint8[]){0, (guint8)(addr >> 16)}, 2);
    append(text, 0, addr & 0xffff, bytes, sizeof bytes);
  }
  g_string_append(text, END);

  g_autoptr(SyImage) image = read_ok(text->str);
  const SySegment *segment = sy_image_get_segment(image, 0);

  assert_int_equal(sy_image_get_n_segments(image), 1);
  assert_int_equal(segment->length, RECORDS * 16);
  for (guint32 i = 0; i < segment->length; i++)
    assert_int_equal(segment->bytes[i], (guint8)(i * 167 >> 4));
}

static void the_writer_writes_what_a_person_expects(void **state)
{
  (void)state;
  g_autoptr(SyImage) image =
      read_ok(":020000040001F9\n:04FFFE0001020304F5\n:0400000500010000F6\n" END);
  g_autoptr(GString) text = sy_hex_write(image, 16);

  assert_string_equal(text->str, ":020000040001F9\n:02FFFE000102FE\n:020000040002F8\n"
                                 ":020000000304F7\n:0400000500010000F6\n:00000001FF\n");
}

static void an_empty_image_is_written_as_an_end_record(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = read_ok(END);
  g_autoptr(GString) text = sy_hex_write(image, 1);

  assert_string_equal(text->str, END);
}

static void images_are_equal(SyImage *one, SyImage *two)
{
  guint32 start[2] = {0, 0};

  assert_int_equal(sy_image_get_n_segments(one), sy_image_get_n_segments(two));
  assert_int_equal(sy_image_get_size(one), sy_image_get_size(two));
  assert_int_equal(sy_image_get_start(one, &start[0]), sy_image_get_start(two, &start[1]));
  assert_int_equal(start[0], start[1]);
  for (guint i = 0; i < sy_image_get_n_segments(one); i++) {
    const SySegment *a = sy_image_get_segment(one, i);
    const SySegment *b = sy_image_get_segment(two, i);

    assert_int_equal(a->addr, b->addr);
    assert_int_equal(a->length, b->length);
    assert_memory_equal(a->bytes, b->bytes, a->length);
  }
}

/* A few areas with many pieces each, so that pieces touch and overlap; some at the very end. */
static SyImage *random_image(GRand *random)
{
  SyImageBuilder *builder = sy_image_builder_new();
  guint n_pieces = (guint)g_rand_int_range(random, 0, 60);
  guint32 areas[3] = {g_rand_int(random), 0xffff0000, (guint32)g_rand_int(random) & 0xffff0000};

  for (guint i = 0; i < n_pieces; i++) {
    guint8 bytes[700];
    guint32 addr =
        areas[g_rand_int_range(random, 0, 3)] + (guint32)g_rand_int_range(random, 0, 65536);
    guint32 length = (guint32)g_rand_int_range(random, 0, sizeof bytes);

    length = (guint32)MIN(length, (G_GUINT64_CONSTANT(1) << 32) - addr);
    for (guint32 j = 0; j < length; j++)
      bytes[j] = (guint8)((addr + j) * 2654435761u >> 13);
    assert_true(sy_image_builder_add(builder, addr, bytes, length, i, NULL));
  }
  if (g_rand_boolean(random))
    sy_image_builder_set_start(builder, g_rand_int(random));
  return sy_image_builder_end(builder);
}

static void what_is_written_reads_back_the_same(void **state)
{
  (void)state;
  for (guint32 seed = 0; seed < 300; seed++) {
    GRand *random = g_rand_new_with_seed(seed);
    g_autoptr(SyImage) image = random_image(random);
    g_autoptr(GString) text = sy_hex_write(image, (guint)g_rand_int_range(random, 1, 256));
    g_autoptr(SyImage) again = read_ok(text->str);

    images_are_equal(image, again);
    g_rand_free(random);
  }
}

static void one_flipped_bit_in_a_record_is_always_noticed(void **state)
{
  (void)state;
  static const char text[] = ":020000040001F9\n:10010000214601360121470136007EFE09D2190140\n" END;

  for (gsize i = 0; i < sizeof text - 1; i++)
    for (guint bit = 0; bit < 8; bit++) {
      g_autofree char *flipped = g_strdup(text);

      flipped[i] = (char)(flipped[i] ^ 1 << bit);

      g_autoptr(GError) error = NULL;
      g_autoptr(SyImage) image = sy_hex_read(flipped, sizeof text - 1, &error);
      /* Bit 5 of a letter is its case. */
      gboolean same_meaning = g_ascii_isalpha(text[i]) && bit == 5;

      if (same_meaning)
        assert_non_null(image);
      else
        assert_null(image);
    }
}

static SyImage *load(const char *path, GError **error)
{
  g_autoptr(GFile) file = g_file_new_for_path(path);

  return sy_hex_load(file, NULL, error);
}

static void a_file_that_is_not_there_and_a_directory_are_read_errors(void **state)
{
  (void)state;
  g_autoptr(GError) absent = NULL;
  g_autoptr(GError) directory = NULL;
  g_autofree char *dir = g_dir_make_tmp("hex-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename(dir, "absent.hex", NULL);

  assert_null(load(path, &absent));
  assert_true(g_error_matches(absent, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  assert_true(g_str_has_prefix(absent->message, "Cannot read “"));
  assert_non_null(strstr(absent->message, "absent.hex"));
  assert_null(load(dir, &directory));
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
  assert_null(load(path, &error));
  assert_true(g_error_matches(error, SY_HEX_ERROR, SY_HEX_ERROR_LIMIT));
  assert_int_equal(close(fd), 0);
  assert_int_equal(g_unlink(path), 0);
}

static void files_load_like_texts_and_a_cancelled_load_says_so(void **state)
{
  (void)state;
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) cancelled = NULL;
  g_autofree char *path = NULL;
  /* Longer than one read. */
  g_autoptr(GString) text = much_data(2 * 1024 * 1024);
  int fd = g_file_open_tmp("hex-test-XXXXXX", &path, NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_autoptr(GFile) file = g_file_new_for_path(path);

  assert_true(fd >= 0 && close(fd) == 0);
  assert_true(g_file_set_contents(path, text->str, (gssize)text->len, NULL));

  g_autoptr(SyImage) loaded = load(path, &error);
  g_autoptr(SyImage) direct = read_ok(text->str);

  assert_non_null(loaded);
  images_are_equal(loaded, direct);
  g_cancellable_cancel(cancellable);
  assert_null(sy_hex_load(file, cancellable, &cancelled));
  assert_true(g_error_matches(cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED));
  assert_int_equal(g_unlink(path), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_plain_file_gives_its_bytes_at_its_addresses),
      cmocka_unit_test(both_line_ends_either_case_and_blanks_are_read_alike),
      cmocka_unit_test(blank_lines_count_as_lines),
      cmocka_unit_test(records_in_any_order_join_into_segments),
      cmocka_unit_test(empty_data_records_are_let_pass),
      cmocka_unit_test(a_linear_base_moves_data_and_zero_moves_it_back),
      cmocka_unit_test(a_segment_base_is_sixteen_times_its_value),
      cmocka_unit_test(under_a_segment_base_data_wrap_at_64_kb),
      cmocka_unit_test(under_a_linear_base_data_run_on_over_64_kb),
      cmocka_unit_test(start_addresses_of_both_kinds_are_kept),
      cmocka_unit_test(bytes_given_twice_alike_are_let_pass),
      cmocka_unit_test(bytes_given_twice_differently_name_both_lines),
      cmocka_unit_test(a_clash_across_a_wrap_is_found),
      cmocka_unit_test(two_start_addresses_clash),
      cmocka_unit_test(what_is_no_intel_hex_is_told_by_its_kind),
      cmocka_unit_test(a_line_without_colon_is_refused),
      cmocka_unit_test(a_digit_that_is_none_is_named_with_its_column),
      cmocka_unit_test(lines_that_end_in_a_bare_carriage_return_are_refused),
      cmocka_unit_test(a_length_that_does_not_fit_the_line_is_refused),
      cmocka_unit_test(a_wrong_checksum_is_refused_with_the_right_one),
      cmocka_unit_test(an_unknown_type_is_refused),
      cmocka_unit_test(a_wrong_length_for_a_type_is_refused),
      cmocka_unit_test(data_past_4_gib_are_refused),
      cmocka_unit_test(a_missing_end_record_means_cut_short),
      cmocka_unit_test(a_file_cut_anywhere_is_never_taken),
      cmocka_unit_test(an_empty_file_is_called_empty),
      cmocka_unit_test(anything_behind_the_end_record_is_refused),
      cmocka_unit_test(too_long_a_text_is_refused_unread),
      cmocka_unit_test(as_many_pieces_as_allowed_are_taken_and_not_one_more),
      cmocka_unit_test(as_much_data_as_allowed_is_taken_and_not_one_byte_more),
      cmocka_unit_test(a_shuffled_file_gives_one_segment),
      cmocka_unit_test(the_writer_writes_what_a_person_expects),
      cmocka_unit_test(an_empty_image_is_written_as_an_end_record),
      cmocka_unit_test(what_is_written_reads_back_the_same),
      cmocka_unit_test(one_flipped_bit_in_a_record_is_always_noticed),
      cmocka_unit_test(a_file_that_is_not_there_and_a_directory_are_read_errors),
      cmocka_unit_test(a_huge_file_is_refused_by_its_size),
      cmocka_unit_test(files_load_like_texts_and_a_cancelled_load_says_so),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
