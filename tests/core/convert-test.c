/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Images out of images, and the texts that images become.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "hex-fixture.h"
#include "image-fixture.h"
#include "sy-convert.h"
#include "sy-hex.h"
#include "temp-folder.h"

static void assert_image(SyImage *image, const char *wanted)
{
  g_autofree char *found = image_fixture_print(image);

  assert_string_equal(found, wanted);
}

static void assert_start(SyImage *image, guint32 wanted)
{
  guint32 start = 0;

  assert_true(sy_image_get_start(image, &start));
  assert_int_equal(start, wanted);
}

/* ---- Extracting ---- */

static void extracting_takes_what_lies_within_the_ranges(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = IMAGE({0x10, "abcdefgh"}, {0x20, "ij"}, {0xfffffffe, "yz"});
  const SyRange ranges[] = {{0x11, 2}, {0x15, 0xc}, {0xffffffff, G_MAXUINT64}};
  g_autoptr(SyImage) some = sy_image_extract(image, ranges, G_N_ELEMENTS(ranges));
  g_autoptr(SyImage) none = sy_image_extract(image, ranges, 0);
  g_autoptr(SyImage) gap = sy_image_extract(image, &(SyRange){0x18, 8}, 1);

  assert_image(some, "00000011:bc 00000015:fgh 00000020:i ffffffff:z");
  assert_image(none, "");
  assert_image(gap, "");
}

static void the_start_address_stays_where_its_place_does(void **state)
{
  (void)state;
  g_autoptr(SyImage) plain = IMAGE({0x10, "abcdefgh"});
  g_autoptr(SyImage) image = image_fixture_with_start(plain, 0x14);
  g_autoptr(SyImage) with = sy_image_extract(image, &(SyRange){0x14, 1}, 1);
  g_autoptr(SyImage) without = sy_image_extract(image, &(SyRange){0x10, 4}, 1);

  assert_start(with, 0x14);
  assert_false(sy_image_get_start(without, NULL));
}

/* ---- Merging ---- */

static void images_apart_are_put_together(void **state)
{
  (void)state;
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImage) low = IMAGE({0x10, "low"});
  g_autoptr(SyImage) plain = IMAGE({0xfffffffd, "end"}, {0x13, "er"});
  g_autoptr(SyImage) high = image_fixture_with_start(plain, 0x13);
  g_autoptr(SyImage) late = image_fixture_with_start(low, 0x10);
  g_autoptr(SyImage) merged = sy_image_merge((SyImage *[]){low, high, late}, 3, &error);
  g_autoptr(SyImage) nothing = sy_image_merge(NULL, 0, &error);

  assert_null(error);
  assert_image(merged, "00000010:lower fffffffd:end");
  assert_start(merged, 0x13); /* the first that any has */
  assert_int_equal(sy_image_get_size(nothing), 0);
}

static void images_that_agree_may_overlap(void **state)
{
  (void)state;
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImage) a = IMAGE({0x10, "abcd"});
  g_autoptr(SyImage) b = IMAGE({0x0e, "xyabcdef"});
  g_autoptr(SyImage) merged = sy_image_merge((SyImage *[]){a, b}, 2, &error);

  assert_null(error);
  assert_image(merged, "0000000e:xyabcdef");
}

static void images_that_disagree_are_refused_with_the_first_address(void **state)
{
  (void)state;
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImage) a = IMAGE({0x10, "abcd"}, {0x20, "x"});
  g_autoptr(SyImage) b = IMAGE({0x10, "abXY"}, {0x20, "y"});

  assert_null(sy_image_merge((SyImage *[]){a, b}, 2, &error));
  assert_true(g_error_matches(error, SY_CONVERT_ERROR, SY_CONVERT_ERROR_CLASH));
  assert_non_null(strstr(error->message, "0x00000012"));
}

static void more_than_this_program_takes_is_not_merged(void **state)
{
  (void)state;
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImage) full = image_fixture_flat(0, SY_HEX_DATA_MAX, 7);
  g_autoptr(SyImage) within = image_fixture_flat(100, 100, 7);
  g_autoptr(SyImage) beyond = IMAGE({SY_HEX_DATA_MAX, "x"});
  g_autoptr(SyImage) merged = sy_image_merge((SyImage *[]){full, within}, 2, &error);

  assert_null(error);
  assert_int_equal(sy_image_get_size(merged), SY_HEX_DATA_MAX);
  assert_null(sy_image_merge((SyImage *[]){full, beyond}, 2, &error));
  assert_true(g_error_matches(error, SY_CONVERT_ERROR, SY_CONVERT_ERROR_LARGE));
}

/* ---- Filling ---- */

static void assert_filled(SyImage *image, guint32 addr, guint64 length, const char *wanted)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImage) filled = sy_image_fill(image, &(SyRange){addr, length}, '.', &error);

  assert_null(error);
  assert_image(filled, wanted);
}

static void every_gap_in_the_range_is_filled_and_none_outside(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = IMAGE({0x10, "abc"}, {0x16, "de"}, {0x1a, "f"}, {0xfffffffc, "z"});
  g_autoptr(SyImage) nothing = image_fixture_empty();
  static const char apart[] = "00000010:abc 00000016:de 0000001a:f fffffffc:z";

  assert_filled(image, 0x11, 6, "00000010:abc...de 0000001a:f fffffffc:z");
  assert_filled(image, 0x0e, 0xe, "0000000e:..abc...de..f. fffffffc:z");
  assert_filled(image, 0x14, 1, "00000010:abc 00000014:. 00000016:de 0000001a:f fffffffc:z");
  assert_filled(image, 0xfffffffb, G_MAXUINT64,
                "00000010:abc 00000016:de 0000001a:f fffffffb:.z...");
  assert_filled(image, 0x14, 0, apart);
  assert_filled(image, 0x10, 3, apart);
  assert_filled(nothing, 0xffffffff, 1, "ffffffff:.");
}

static void filling_keeps_the_start_address(void **state)
{
  (void)state;
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImage) plain = IMAGE({0x10, "abc"});
  g_autoptr(SyImage) image = image_fixture_with_start(plain, 0x8000);
  g_autoptr(SyImage) filled = sy_image_fill(image, &(SyRange){0, 0x20}, 0, &error);

  assert_start(filled, 0x8000);
}

static void a_fill_of_more_than_this_program_takes_is_refused(void **state)
{
  (void)state;
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImage) apart = IMAGE({0, "a"}, {0xffffffff, "b"});
  g_autoptr(SyImage) fits = sy_image_fill(apart, &(SyRange){0, SY_HEX_DATA_MAX - 1}, 0, &error);

  assert_null(error);
  assert_int_equal(sy_image_get_size(fits), SY_HEX_DATA_MAX);
  assert_null(sy_image_fill(apart, &(SyRange){0, SY_HEX_DATA_MAX}, 0, &error));
  assert_true(g_error_matches(error, SY_CONVERT_ERROR, SY_CONVERT_ERROR_LARGE));
  g_clear_error(&error);
  assert_null(sy_image_fill(apart, &(SyRange){0, G_MAXUINT64}, 0, &error));
  assert_true(g_error_matches(error, SY_CONVERT_ERROR, SY_CONVERT_ERROR_LARGE));
}

/* ---- The texts ---- */

static int set_up(void **state)
{
  *state = temp_folder_new();
  return 0;
}

static int tear_down(void **state)
{
  temp_folder_remove(*state);
  return 0;
}

/* The file that an image becomes; free with g_free. */
static char *save(const char *folder, SyImage *image, SyFormat format, guint per_line,
                  gsize *length)
{
  const SySaveOptions options = {
      .format = format, .per_line = per_line, .fill = '.', .replace = TRUE};
  g_autofree char *path = g_build_filename(folder, "saved", NULL);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  g_autoptr(GError) error = NULL;
  char *text = NULL;

  if (!sy_image_save(image, file, &options, NULL, &error))
    fail_msg("%s", error->message);
  assert_true(g_file_get_contents(path, &text, length, NULL));
  return text;
}

static void assert_srec(const char *folder, SyImage *image, guint per_line, const char *wanted)
{
  g_autofree char *text = save(folder, image, SY_FORMAT_SREC, per_line, NULL);

  assert_string_equal(text, wanted);
}

/* The lines were made by hand; srec_cat writes the same data, count and start records. */
static void s_records_have_the_address_length_that_is_needed(void **state)
{
  g_autoptr(SyImage) s1 = IMAGE({0x10, "abcd"});
  g_autoptr(SyImage) s2 = IMAGE({0x10, "a"}, {0x10000, "b"});
  g_autoptr(SyImage) s3 = IMAGE({0xffffff, "ab"});
  g_autoptr(SyImage) top = IMAGE({0xffff, "a"});

  assert_srec(*state, s1, 0, "S00600004844521B\nS1070010616263645E\nS5030001FB\nS9030000FC\n");
  assert_srec(*state, s2, 0,
              "S00600004844521B\nS2050000106189\nS2050100006297\nS5030002FA\nS804000000FB\n");
  assert_srec(*state, s3, 0, "S00600004844521B\nS30700FFFFFF616238\nS5030001FB\nS70500000000FA\n");
  assert_srec(*state, top, 0, "S00600004844521B\nS104FFFF619C\nS5030001FB\nS9030000FC\n");
}

static void s_records_end_with_the_start_address(void **state)
{
  g_autoptr(SyImage) plain = IMAGE({0x10, "a"});
  g_autoptr(SyImage) near = image_fixture_with_start(plain, 0x1234);
  g_autoptr(SyImage) far = image_fixture_with_start(plain, 0x80000000);

  assert_srec(*state, near, 0, "S00600004844521B\nS1040010618A\nS5030001FB\nS9031234B6\n");
  assert_srec(*state, far, 0, "S00600004844521B\nS306000000106188\nS5030001FB\nS705800000007A\n");
}

static void records_hold_as_many_bytes_as_asked(void **state)
{
  g_autoptr(SyImage) image = IMAGE({0x10, "abcde"});
  g_autoptr(SyImage) long_one = image_fixture_flat(0xfffffe00, 500, 0x55);
  g_autofree char *hex = save(*state, image, SY_FORMAT_HEX, 2, NULL);
  g_autofree char *longest = save(*state, long_one, SY_FORMAT_SREC, 250, NULL);
  g_auto(GStrv) lines = g_strsplit(longest, "\n", -1);

  assert_srec(*state, image, 3,
              "S00600004844521B\nS1060010616263C3\nS105001364651E\nS5030002FA\nS9030000FC\n");
  assert_string_equal(hex, ":0200100061622B\n:02001200636425\n:010014006586\n:00000001FF\n");
  assert_int_equal(g_strv_length(lines), 6); /* header, two, count, end, and the last line's end */
  assert_true(g_str_has_prefix(lines[1], "S3FFFFFFFE0055"));
  assert_int_equal(strlen(lines[1]), 4 + 2 * 255);
}

/* Nothing else tells that the pieces in which a text is written fit together. */
static void a_text_of_many_pieces_is_the_whole_text(void **state)
{
  enum { BYTES = 1000000 };
  g_autoptr(GRand) rand = g_rand_new_with_seed(1);
  g_autofree guint8 *bytes = g_malloc(BYTES);
  g_autoptr(SyImage) image = NULL;
  SyImageBuilder *builder = sy_image_builder_new();
  gsize length = 0;

  for (guint i = 0; i < BYTES; i++)
    bytes[i] = (guint8)g_rand_int(rand);
  assert_true(sy_image_builder_add(builder, 0xffff1234 - BYTES, bytes, BYTES, 0, NULL));
  sy_image_builder_set_start(builder, 0x12345678);
  image = sy_image_builder_end(builder);

  g_autofree char *hex = save(*state, image, SY_FORMAT_HEX, 0, &length);
  g_autoptr(GString) whole = sy_hex_write(image, 16);
  g_autoptr(SyImage) again = hex_read_ok(hex);

  assert_int_equal(length, whole->len);
  assert_string_equal(hex, whole->str);
  hex_images_are_equal(image, again);
}

static void more_records_than_s5_can_count_are_counted_by_s6(void **state)
{
  g_autoptr(SyImage) most = image_fixture_flat(0, 0xffff, 0);
  g_autoptr(SyImage) more = image_fixture_flat(0, 0x10000, 0);
  g_autofree char *by_s5 = save(*state, most, SY_FORMAT_SREC, 1, NULL);
  g_autofree char *by_s6 = save(*state, more, SY_FORMAT_SREC, 1, NULL);

  assert_true(g_str_has_suffix(by_s5, "\nS503FFFFFE\nS9030000FC\n"));
  assert_true(g_str_has_suffix(by_s6, "\nS604010000FA\nS9030000FC\n"));
}

static void raw_bytes_have_their_gaps_filled(void **state)
{
  g_autoptr(SyImage) image = IMAGE({0xfffffff8, "ab"}, {0xfffffffd, "xyz"});
  gsize length = 0;
  g_autofree char *bytes = save(*state, image, SY_FORMAT_BINARY, 0, &length);

  assert_int_equal(length, 8);
  assert_memory_equal(bytes, "ab...xyz", 8);
}

static void raw_bytes_of_many_pieces_are_whole(void **state)
{
  enum { FIRST = 300000, GAP = 600000 };
  SyImageBuilder *builder = sy_image_builder_new();
  g_autoptr(SyImage) image = NULL;
  g_autofree guint8 *wanted = g_malloc(FIRST + GAP + 3);
  g_autofree char *bytes = NULL;
  gsize length = 0;

  for (guint i = 0; i < FIRST; i++)
    wanted[i] = (guint8)(i * 7 >> 3);
  memset(wanted + FIRST, '.', GAP);
  memcpy(wanted + FIRST + GAP, "end", 3);
  assert_true(sy_image_builder_add(builder, 5, wanted, FIRST, 0, NULL));
  assert_true(sy_image_builder_add(builder, 5 + FIRST + GAP, wanted + FIRST + GAP, 3, 0, NULL));
  image = sy_image_builder_end(builder);
  bytes = save(*state, image, SY_FORMAT_BINARY, 0, &length);
  assert_int_equal(length, FIRST + GAP + 3);
  assert_memory_equal(bytes, wanted, length);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(extracting_takes_what_lies_within_the_ranges),
      cmocka_unit_test(the_start_address_stays_where_its_place_does),
      cmocka_unit_test(images_apart_are_put_together),
      cmocka_unit_test(images_that_agree_may_overlap),
      cmocka_unit_test(images_that_disagree_are_refused_with_the_first_address),
      cmocka_unit_test(more_than_this_program_takes_is_not_merged),
      cmocka_unit_test(every_gap_in_the_range_is_filled_and_none_outside),
      cmocka_unit_test(filling_keeps_the_start_address),
      cmocka_unit_test(a_fill_of_more_than_this_program_takes_is_refused),
#define ON_DISK(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
      ON_DISK(s_records_have_the_address_length_that_is_needed),
      ON_DISK(s_records_end_with_the_start_address),
      ON_DISK(records_hold_as_many_bytes_as_asked),
      ON_DISK(a_text_of_many_pieces_is_the_whole_text),
      ON_DISK(more_records_than_s5_can_count_are_counted_by_s6),
      ON_DISK(raw_bytes_have_their_gaps_filled),
      ON_DISK(raw_bytes_of_many_pieces_are_whole),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
