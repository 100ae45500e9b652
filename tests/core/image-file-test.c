/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Opening files to look at them: what they are, raw bytes, and lines that are read again.
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
#include "sy-image-file.h"
#include "temp-folder.h"

/* Also one with NULs. */
#define TEXT(literal) literal, sizeof literal - 1

#define SREC "S104000041BA\nS9030000FC\n"

static char *folder;

static int set_up(void **state)
{
  (void)state;
  folder = temp_folder_new();
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  g_clear_pointer(&folder, temp_folder_remove);
  return 0;
}

static GFile *write_file(const char *bytes, gsize length)
{
  g_autofree char *path = g_build_filename(folder, "file", NULL);

  assert_true(g_file_set_contents(path, bytes, (gssize)length, NULL));
  return g_file_new_for_path(path);
}

static SyImageFile *load(const char *bytes, gsize length, const SyFileOptions *options,
                         GError **error)
{
  g_autoptr(GFile) file = write_file(bytes, length);

  return sy_image_file_load(file, options, NULL, error);
}

static void is_told_as(const char *bytes, gsize length, SyFormat format)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImageFile) file = load(bytes, length, NULL, &error);

  if (format == SY_FORMAT_BINARY) {
    assert_null(file);
    assert_true(g_error_matches(error, SY_FILE_ERROR, SY_FILE_ERROR_ADDRESS));
    return;
  }
  if (error)
    fail_msg("%s: %s", bytes, error->message);
  assert_int_equal(sy_image_file_get_format(file), format);
}

static void a_file_is_told_by_its_first_line_that_says_something(void **state)
{
  (void)state;
  static const char *const hex[] = {
      HEX_END,
      ":",
      ":G",
      "\xef\xbb\xbf\n  \n; by hand\n\r\n" HEX_END,
      "x\n:0100000001FE\n",
      "",
      "just a text\n",
      "\n\n",
      "S",
      "Sure\n",
  };
  static const char *const srec[] = {
      SREC,
      "\xef\xbb\xbf# x\n" SREC,
      "hello\r" SREC,
      "S0\n" HEX_END,
  };
  static const char *const raw[] = {"\1\2\3", "abc\x7\n"};

  for (guint i = 0; i < G_N_ELEMENTS(hex); i++)
    is_told_as(hex[i], strlen(hex[i]), SY_FORMAT_HEX);
  for (guint i = 0; i < G_N_ELEMENTS(srec); i++)
    is_told_as(srec[i], strlen(srec[i]), SY_FORMAT_SREC);
  for (guint i = 0; i < G_N_ELEMENTS(raw); i++)
    is_told_as(raw[i], strlen(raw[i]), SY_FORMAT_BINARY);
  is_told_as(TEXT("\0\0"), SY_FORMAT_BINARY);
  is_told_as(TEXT(":\0:\0"), SY_FORMAT_BINARY);
  is_told_as(TEXT("hello\0" HEX_END), SY_FORMAT_BINARY);
  is_told_as(TEXT("hello\0\n" HEX_END), SY_FORMAT_HEX);
}

static void what_a_file_is_instead_is_named(void **state)
{
  (void)state;
  static const struct {
    const char *bytes;
    const char *name;
  } kinds[] = {
      {"\177ELF\1\1\1", "ELF"}, {"PK\3\4\n:", "ZIP"},  {"\x1f\x8b\x08:", "gzip"},
      {"BZh9", "bzip2"},        {"%PDF-1.4\n", "PDF"}, {"\xff\xfe:", "UTF-16"},
  };

  for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
    g_autoptr(GError) error = NULL;

    assert_null(load(kinds[i].bytes, strlen(kinds[i].bytes), NULL, &error));
    assert_true(g_error_matches(error, SY_FILE_ERROR, SY_FILE_ERROR_ADDRESS));
    assert_non_null(strstr(error->message, kinds[i].name));
  }
}

static void an_empty_file_is_one_error(void **state)
{
  (void)state;
  g_autoptr(SyImageFile) file = load("", 0, NULL, NULL);
  SyProblems *problems = sy_image_file_get_problems(file);

  assert_int_equal(sy_problems_get_n(problems), 1);
  assert_string_equal(sy_problems_get(problems, 0)->text, "The file is empty. Get it again.");
  assert_int_equal(sy_image_file_get_n_lines(file), 0);
  assert_int_equal(sy_image_file_get_length(file), 0);
}

static void a_broken_file_shows_what_it_holds(void **state)
{
  (void)state;
  g_autoptr(SyImageFile) file =
      load(TEXT(":0100000001FE\n:010001000100\n:0100020003FA\n"), NULL, NULL);
  SyImage *image = sy_image_file_get_image(file);

  assert_int_equal(sy_image_get_n_segments(image), 2);
  assert_int_equal(sy_image_find_line(image, 2), 3);
  assert_int_equal(sy_problems_count(sy_image_file_get_problems(file), SY_SEVERITY_ERROR), 2);
  assert_int_equal(sy_image_file_get_n_lines(file), 3);
  assert_int_equal(sy_image_file_get_length(file), 42);
}

static void raw_bytes_lie_where_a_person_says(void **state)
{
  (void)state;
  SyFileOptions options = {SY_FORMAT_BINARY, TRUE, 0xfff00000};
  enum { LENGTH = 0x100000 };
  g_autofree char *bytes = g_malloc(LENGTH + 1);
  g_autoptr(GError) past = NULL;

  for (guint i = 0; i <= LENGTH; i++)
    bytes[i] = (char)(i * 167 >> 4);

  g_autoptr(SyImageFile) file = load(bytes, LENGTH, &options, NULL);

  assert_int_equal(sy_image_file_get_format(file), SY_FORMAT_BINARY);
  assert_int_equal(sy_image_file_get_n_lines(file), 0);
  assert_int_equal(sy_image_file_get_length(file), LENGTH);
  assert_memory_equal(sy_image_peek(sy_image_file_get_image(file), 0xfff00000, LENGTH), bytes,
                      LENGTH);
  assert_int_equal(sy_problems_get_n(sy_image_file_get_problems(file)), 0);
  assert_int_equal(sy_image_find_line(sy_image_file_get_image(file), 0xfff00000), 0);
  assert_null(load(bytes, LENGTH + 1, &options, &past));
  assert_true(g_error_matches(past, SY_FILE_ERROR, SY_FILE_ERROR_ADDRESS));
}

static void an_address_is_enough_for_a_file_that_is_no_text(void **state)
{
  (void)state;
  SyFileOptions options = {SY_FORMAT_AUTO, TRUE, 0x2000};
  g_autoptr(SyImageFile) raw = load("\0\1\2", 3, &options, NULL);
  g_autoptr(SyImageFile) hex = load(HEX_END, strlen(HEX_END), &options, NULL);
  g_autoptr(SyImageFile) empty = load("", 0, &(SyFileOptions){SY_FORMAT_BINARY, TRUE, 0}, NULL);

  assert_memory_equal(sy_image_peek(sy_image_file_get_image(raw), 0x2000, 3), "\0\1\2", 3);
  assert_int_equal(sy_image_file_get_format(hex), SY_FORMAT_HEX);
  assert_int_equal(sy_problems_count(sy_image_file_get_problems(empty), SY_SEVERITY_ERROR), 1);
}

static void too_many_raw_bytes_are_refused(void **state)
{
  (void)state;
  SyFileOptions options = {SY_FORMAT_BINARY, TRUE, 0};
  g_autoptr(GError) error = NULL;
  g_autoptr(GFile) file = write_file("", 0);

  assert_int_equal(truncate(g_file_peek_path(file), SY_HEX_DATA_MAX + 1), 0);
  assert_null(sy_image_file_load(file, &options, NULL, &error));
  assert_true(g_error_matches(error, SY_HEX_ERROR, SY_HEX_ERROR_LIMIT));
}

static void line_is(SyImageFile *file, guint line, const char *wanted)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = sy_image_file_dup_line(file, line, &error);

  if (error)
    fail_msg("line %u: %s", line, error->message);
  assert_string_equal(text, wanted);
}

static void no_line(SyImageFile *file, guint line, int code)
{
  g_autoptr(GError) error = NULL;

  assert_null(sy_image_file_dup_line(file, line, &error));
  assert_true(g_error_matches(error, G_IO_ERROR, code));
}

static void lines_are_read_again_whatever_ends_them(void **state)
{
  (void)state;
  g_autoptr(SyImageFile) file =
      load(TEXT("; one\r\n\n;\xff three\r\r; five\n" HEX_END "; seven"), NULL, NULL);

  assert_int_equal(sy_image_file_get_n_lines(file), 7);
  line_is(file, 1, "; one");
  line_is(file, 2, "");
  line_is(file, 3, ";\xef\xbf\xbd three");
  line_is(file, 4, "");
  line_is(file, 5, "; five");
  line_is(file, 6, ":00000001FF");
  line_is(file, 7, "; seven");
  no_line(file, 8, G_IO_ERROR_INVALID_ARGUMENT);
  no_line(file, 0, G_IO_ERROR_INVALID_ARGUMENT);
}

/* Lines of very different lengths, 4 MB in all; each says its number. */
static void every_line_of_a_large_file_is_found(void **state)
{
  (void)state;
  enum { LINES = 30000 };
  g_autoptr(GString) text = g_string_new(NULL);
  GRand *random = g_rand_new_with_seed(5);

  for (guint i = 1; i <= LINES; i++) {
    gint filling = i % 3000 == 0 ? 300000 : g_rand_int_range(random, 0, 60);
    g_autofree char *blanks = g_strnfill((gsize)filling, '.');

    g_string_append_printf(text, ";%u %s%s", i, blanks, i % 2 ? "\n" : "\r\n");
  }
  g_rand_free(random);

  g_autoptr(SyImageFile) file = load(text->str, text->len, NULL, NULL);

  assert_int_equal(sy_image_file_get_n_lines(file), LINES);
  for (guint i = 1; i <= LINES; i += i % 3000 < 3 || i % 3000 > 2996 ? 1 : 97) {
    g_autofree char *line = sy_image_file_dup_line(file, i, NULL);
    g_autofree char *begin = g_strdup_printf(";%u ", i);

    assert_non_null(line);
    assert_true(g_str_has_prefix(line, begin));
    assert_true(strlen(line) <= 600);
    assert_int_equal(strlen(line) == 600, i % 3000 == 0);
  }
}

/* Records of one byte come many at a time, and make the longest way between two known lines. */
static void every_line_of_plain_records_is_found(void **state)
{
  (void)state;
  g_autoptr(GString) text = g_string_new(NULL);
  enum { RECORDS = 60000 };

  for (guint i = 0; i < RECORDS; i++)
    hex_append(text, 0, i, (guint8[]){(guint8)i}, 1);
  g_string_append(text, HEX_END);

  g_autoptr(SyImageFile) file = load(text->str, text->len, NULL, NULL);

  assert_int_equal(sy_problems_get_n(sy_image_file_get_problems(file)), 0);
  for (guint i = 0; i < RECORDS; i += 37) {
    g_autofree char *wanted = g_strndup(text->str + 14 * i, 13);

    assert_int_equal(sy_image_find_line(sy_image_file_get_image(file), i), i + 1);
    line_is(file, i + 1, wanted);
  }
}

static void a_file_that_changed_since_is_noticed(void **state)
{
  (void)state;
  g_autoptr(SyImageFile) file = load(HEX_END, strlen(HEX_END), NULL, NULL);

  line_is(file, 1, ":00000001FF");
  /* A rename puts another file in its place, of the same size and maybe the same second. */
  g_object_unref(write_file(":00000001fe\n", strlen(HEX_END)));
  no_line(file, 1, G_IO_ERROR_FAILED);
  assert_int_equal(g_unlink(g_file_peek_path(sy_image_file_get_file(file))), 0);
  no_line(file, 1, G_IO_ERROR_NOT_FOUND);
}

static void a_pipe_is_read_but_not_twice(void **state)
{
  (void)state;
  int ends[2];

  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], HEX_END, strlen(HEX_END)), strlen(HEX_END));
  assert_int_equal(close(ends[1]), 0);

  g_autofree char *path = g_strdup_printf("/dev/fd/%d", ends[0]);
  g_autoptr(GFile) pipe_file = g_file_new_for_path(path);
  g_autoptr(SyImageFile) file = sy_image_file_load(pipe_file, NULL, NULL, NULL);

  assert_int_equal(close(ends[0]), 0);
  assert_int_equal(sy_image_file_get_n_lines(file), 1);
  no_line(file, 1, G_IO_ERROR_NOT_SUPPORTED);
}

static void what_cannot_be_read_is_an_error(void **state)
{
  (void)state;
  g_autoptr(GError) absent = NULL;
  g_autoptr(GError) cancelled = NULL;
  g_autofree char *path = g_build_filename(folder, "absent", NULL);
  g_autoptr(GFile) file = g_file_new_for_path(path);
  g_autoptr(GFile) there = write_file(HEX_END, strlen(HEX_END));
  g_autoptr(GCancellable) cancellable = g_cancellable_new();

  assert_null(sy_image_file_load(file, NULL, NULL, &absent));
  assert_true(g_error_matches(absent, G_IO_ERROR, G_IO_ERROR_NOT_FOUND));
  assert_true(g_str_has_prefix(absent->message, "Cannot read “"));
  g_cancellable_cancel(cancellable);
  assert_null(sy_image_file_load(there, NULL, cancellable, &cancelled));
  assert_true(g_error_matches(cancelled, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

#define each(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

static void keep_preview(SyImage *beginning, gpointer user_data)
{
  SyImage **kept = user_data;

  assert_null(*kept);
  *kept = sy_image_ref(beginning);
}

/* Records that go on from address 0, until the text has `length`. */
static GString *make_records(gsize length)
{
  SyImageBuilder *builder = sy_image_builder_new();
  gsize size = length / 45 * 16; /* characters and data of a line */
  g_autofree guint8 *bytes = g_malloc(size);

  for (gsize n = 0; n < size; n++)
    bytes[n] = (guint8)(n ^ n >> 8);
  assert_true(sy_image_builder_add(builder, 0, bytes, (guint32)size, 0, NULL));

  g_autoptr(SyImage) image = sy_image_builder_end(builder);

  return sy_hex_write(image, 16);
}

static void the_beginning_of_a_large_file_is_told_long_before_its_end(void **state)
{
  g_autoptr(GString) text = make_records(5 * 1024 * 1024);
  g_autoptr(SyImage) beginning = NULL;
  SyFileOptions options = {.preview = keep_preview, .preview_data = &beginning};
  g_autoptr(SyImageFile) file = load(text->str, text->len, &options, NULL);
  const SySegment *segment;

  (void)state;
  assert_non_null(file);
  assert_non_null(beginning);
  segment = sy_image_get_segment(beginning, 0);
  assert_int_equal(sy_image_get_n_segments(beginning), 1);
  assert_true(segment->length > 64 * 1024);
  assert_true(segment->length < sy_image_get_size(sy_image_file_get_image(file)) / 10);
  assert_memory_equal(segment->bytes,
                      sy_image_peek(sy_image_file_get_image(file), 0, segment->length),
                      segment->length);
}

static void the_beginning_of_a_small_file_is_not_worth_telling(void **state)
{
  g_autoptr(GString) text = make_records(1024 * 1024);
  g_autoptr(SyImage) beginning = NULL;
  SyFileOptions options = {.preview = keep_preview, .preview_data = &beginning};
  g_autoptr(SyImageFile) file = load(text->str, text->len, &options, NULL);

  (void)state;
  assert_non_null(file);
  assert_null(beginning);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      each(a_file_is_told_by_its_first_line_that_says_something),
      each(what_a_file_is_instead_is_named),
      each(an_empty_file_is_one_error),
      each(a_broken_file_shows_what_it_holds),
      each(raw_bytes_lie_where_a_person_says),
      each(an_address_is_enough_for_a_file_that_is_no_text),
      each(too_many_raw_bytes_are_refused),
      each(lines_are_read_again_whatever_ends_them),
      each(every_line_of_a_large_file_is_found),
      each(every_line_of_plain_records_is_found),
      each(a_file_that_changed_since_is_noticed),
      each(a_pipe_is_read_but_not_twice),
      each(what_cannot_be_read_is_an_error),
      each(the_beginning_of_a_large_file_is_told_long_before_its_end),
      each(the_beginning_of_a_small_file_is_not_worth_telling),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
