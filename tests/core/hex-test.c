/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Reading and writing Intel HEX: each thing that is accepted, and that what is written reads back.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <unistd.h>

#include "hex-fixture.h"
#include "sy-hex.h"

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
  g_autoptr(SyImage) image = hex_read_ok(":0300300002337A1E\n" HEX_END);

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
    g_autoptr(SyImage) image = hex_read_ok(texts[i]);

    assert_int_equal(sy_image_get_n_segments(image), 1);
    segment_is(image, 0, 0, "\xab\xcd", 2, 1);
  }
}

static void blank_lines_count_as_lines(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = hex_read_ok("\n\r\n  \n:02000000ABCD86\n" HEX_END);

  segment_is(image, 0, 0, "\xab\xcd", 2, 4);
}

static void records_in_any_order_join_into_segments(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = hex_read_ok(":0100020003FA\n:0100000001FE\n:0100050006F4\n"
                                         ":0100010002FC\n" HEX_END);

  assert_int_equal(sy_image_get_n_segments(image), 2);
  segment_is(image, 0, 0, "\x01\x02\x03", 3, 2);
  segment_is(image, 1, 5, "\x06", 1, 3);
}

static void empty_data_records_are_let_pass(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = hex_read_ok(":00123400BA\n" HEX_END);

  assert_int_equal(sy_image_get_n_segments(image), 0);
}

static void a_linear_base_moves_data_and_zero_moves_it_back(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = hex_read_ok(":020000040001F9\n:0100000011EE\n:02000004FFFFFC\n"
                                         ":01FFFF0022DF\n:020000040000FA\n:0100000033CC\n" HEX_END);

  assert_int_equal(sy_image_get_n_segments(image), 3);
  segment_is(image, 0, 0, "\x33", 1, 6);
  segment_is(image, 1, 0x10000, "\x11", 1, 2);
  segment_is(image, 2, 0xffffffff, "\x22", 1, 4);
}

static void a_segment_base_is_sixteen_times_its_value(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = hex_read_ok(":020000021200EA\n:0100100044AB\n" HEX_END);

  segment_is(image, 0, 0x12010, "\x44", 1, 2);
}

static void under_a_segment_base_data_wrap_at_64_kb(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = hex_read_ok(":020000021000EC\n:04FFFE0001020304F5\n" HEX_END);

  assert_int_equal(sy_image_get_n_segments(image), 2);
  segment_is(image, 0, 0x10000, "\x03\x04", 2, 2);
  segment_is(image, 1, 0x1fffe, "\x01\x02", 2, 2);
}

static void under_a_linear_base_data_run_on_over_64_kb(void **state)
{
  (void)state;
  g_autoptr(SyImage) image =
      hex_read_ok(":020000021000EC\n:020000040001F9\n:04FFFE0001020304F5\n" HEX_END);

  assert_int_equal(sy_image_get_n_segments(image), 1);
  segment_is(image, 0, 0x1fffe, "\x01\x02\x03\x04", 4, 3);
}

static void start_addresses_of_both_kinds_are_kept(void **state)
{
  (void)state;
  guint32 start = 0;
  g_autoptr(SyImage) segmented = hex_read_ok(":0400000312340010A3\n" HEX_END);
  g_autoptr(SyImage) linear = hex_read_ok(":04000005DEADBEEFBF\n:04000005DEADBEEFBF\n" HEX_END);

  assert_true(sy_image_get_start(segmented, &start));
  assert_int_equal(start, 0x12350);
  assert_true(sy_image_get_start(linear, &start));
  assert_int_equal(start, 0xdeadbeef);
}

static void bytes_given_twice_alike_are_let_pass(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = hex_read_ok(":02000000ABCD86\n:02000100CDEF41\n" HEX_END);

  segment_is(image, 0, 0, "\xab\xcd\xef", 3, 1);
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
    hex_append(text, 4, 0, (guint8[]){0, (guint8)(addr >> 16)}, 2);
    hex_append(text, 0, addr & 0xffff, bytes, sizeof bytes);
  }
  g_string_append(text, HEX_END);

  g_autoptr(SyImage) image = hex_read_ok(text->str);
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
      hex_read_ok(":020000040001F9\n:04FFFE0001020304F5\n:0400000500010000F6\n" HEX_END);
  g_autoptr(GString) text = sy_hex_write(image, 16);

  assert_string_equal(text->str, ":020000040001F9\n:02FFFE000102FE\n:020000040002F8\n"
                                 ":020000000304F7\n:0400000500010000F6\n:00000001FF\n");
}

static void an_empty_image_is_written_as_an_end_record(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = hex_read_ok(HEX_END);
  g_autoptr(GString) text = sy_hex_write(image, 1);

  assert_string_equal(text->str, HEX_END);
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
    g_autoptr(SyImage) again = hex_read_ok(text->str);

    hex_images_are_equal(image, again);
    g_rand_free(random);
  }
}

static void files_load_like_texts_and_a_cancelled_load_says_so(void **state)
{
  (void)state;
  g_autoptr(GError) error = NULL;
  g_autoptr(GError) cancelled = NULL;
  g_autofree char *path = NULL;
  /* Longer than one read. */
  g_autoptr(GString) text = hex_much_data(2 * 1024 * 1024);
  int fd = g_file_open_tmp("hex-test-XXXXXX", &path, NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_autoptr(GFile) file = g_file_new_for_path(path);

  assert_true(fd >= 0 && close(fd) == 0);
  assert_true(g_file_set_contents(path, text->str, (gssize)text->len, NULL));

  g_autoptr(SyImage) loaded = hex_load(path, &error);
  g_autoptr(SyImage) direct = hex_read_ok(text->str);

  assert_non_null(loaded);
  hex_images_are_equal(loaded, direct);
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
      cmocka_unit_test(a_shuffled_file_gives_one_segment),
      cmocka_unit_test(the_writer_writes_what_a_person_expects),
      cmocka_unit_test(an_empty_image_is_written_as_an_end_record),
      cmocka_unit_test(what_is_written_reads_back_the_same),
      cmocka_unit_test(files_load_like_texts_and_a_cancelled_load_says_so),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
