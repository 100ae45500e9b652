/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Reading Intel HEX that comes in pieces: however it is cut, the outcome is that of the whole text.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "hex-fixture.h"
#include "sy-hex.h"
#include "sy-text-reader.h"
#include "text-fixture.h"

static void right_texts_in_pieces_of_any_size_give_the_same_image(void **state)
{
  (void)state;
  static const char *const texts[] = {
      HEX_END,
      ":00000001FF",
      "\n\r\n  \n:02000000ABCD86\n:00000001ff \t\r\n\n \t",
      ":020000040001F9\r\n:04FFFE0001020304F5\r\n:0400000500010000F6\r\n:00000001FF\r\n",
      ":020000021000EC\n:04FFFE0001020304F5\n" HEX_END,
      ":0100000001FE\n:0100010002FC\n:0100020003FA\n:0100040004F7\n:0100030005F7\n" HEX_END,
  };

  for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
    sy_image_unref(hex_read_ok(texts[i]));
    text_reads_alike_in_pieces(SY_FORMAT_HEX, texts[i], strlen(texts[i]));
  }
}

static void wrong_texts_in_pieces_of_any_size_give_the_same_problems(void **state)
{
  (void)state;
  static const char *const texts[] = {
      "",
      "\n \n",
      "\x7f"
      "ELF\x01\x01",
      ":0100000001FE\n :00000001FF\n",
      ":0100000001FE\r:0100000001FF\r:00000001FF\r",
      ":0100000001FE\n:01000G0001FE\n" HEX_END,
      ":0100000001FE\n:0100000001FE00  \r\n" HEX_END,
      ":0100000001FE\n:0100010002FC\n:0100020003FB\n" HEX_END,
      ":0100000001FE\n:0100010002FC\n:01000200",
      ":0100000001FE\n:0100010002FC\n:0100000002FD\n" HEX_END,
      ":0100000001FE\n:00000006FA\n" HEX_END,
      ":0100000001FE\n:0100010002FC\n",
      ":0100000001FE\n" HEX_END ":0100010002FC\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS(texts); i++) {
    assert_null(sy_hex_read(texts[i], strlen(texts[i]), NULL));
    text_reads_alike_in_pieces(SY_FORMAT_HEX, texts[i], strlen(texts[i]));
  }
}

static void end_line(GString *text, const char *line_end)
{
  g_string_truncate(text, text->len - 1);
  g_string_append(text, line_end);
}

/* Records of 16 bytes over some borders of 64 KB; now and then something else, if `odd` is given.
 */
static GString *usual_text(GRand *odd, const char *line_end)
{
  GString *text = g_string_new(NULL);

  for (guint32 addr = 0xc000; addr < 0x24000; addr += 16) {
    guint8 bytes[16];
    guint dice = odd ? (guint)g_rand_int_range(odd, 0, 400) : G_MAXUINT;

    for (guint i = 0; i < sizeof bytes; i++)
      bytes[i] = (guint8)((addr + i) * 2654435761u >> 13);
    if (addr % 0x10000 == 0)
      hex_append(text, 4, 0, (guint8[]){0, (guint8)(addr >> 16)}, 2);
    if (dice == 0)
      g_string_append(text, " \r\n\n");
    if (dice == 1)
      continue;
    hex_append(text, 0, addr & 0xffff, bytes, dice == 2 ? 5 : sizeof bytes);
    end_line(text, line_end);
    if (dice == 3)
      hex_append(text, 0, addr & 0xffff, bytes, sizeof bytes);
  }
  g_string_append(text, HEX_END);
  return text;
}

/* One that a disk or a line may do to a text. */
static void spoil(GString *text, GRand *random)
{
  gsize at = (gsize)g_rand_int_range(random, 0, (gint32)text->len);

  if (g_rand_boolean(random))
    text->str[at] ^= 1;
  if (g_rand_int_range(random, 0, 4) == 0)
    g_string_insert_len(text, (gssize)at, "\r", 1);
  if (g_rand_int_range(random, 0, 4) == 0) {
    g_autofree char *blanks = g_strnfill(6000, ' ');

    g_string_insert(text, (gssize)at, blanks);
  }
}

static void long_texts_cut_anywhere_read_like_the_whole(void **state)
{
  (void)state;
  static const char *const line_ends[] = {"\n", "\r\n", "\r"};

  for (guint32 seed = 0; seed < 40; seed++) {
    GRand *random = g_rand_new_with_seed(seed);
    g_autoptr(GString) text = usual_text(seed % 4 ? random : NULL, line_ends[seed % 3]);
    g_auto(SyText) whole = {NULL, NULL, NULL};

    spoil(text, random);
    text_read(SY_FORMAT_HEX, text->str, text->len, &whole);
    for (guint i = 0; i < 4; i++)
      text_reads_alike_in_pieces_of(SY_FORMAT_HEX, text->str, text->len,
                                    (gsize)g_rand_int_range(random, 20, (gint32)text->len), &whole);
    g_rand_free(random);
  }
}

static void a_clash_names_the_line_far_behind(void **state)
{
  (void)state;
  g_autoptr(GString) text = usual_text(NULL, "\n");
  g_autoptr(GError) error = NULL;
  guint8 right = (guint8)(0x10018u * 2654435761u >> 13);
  guint8 wrong = (guint8) ~(0x10019u * 2654435761u >> 13);

  /* Line 1025 is the type 04 record at 0x10000, line 1026 gives 0x10000 to 0x1000F. */
  g_string_truncate(text, text->len - strlen(HEX_END));
  hex_append(text, 4, 0, (guint8[]){0, 1}, 2);
  hex_append(text, 0, 0x18, (guint8[]){right, wrong}, 2);
  assert_null(sy_hex_read(text->str, text->len, &error));
  assert_non_null(strstr(error->message, "0x00010019 is given again with another value than in "
                                         "line 1027. "));
}

static void too_long_a_text_is_refused_whatever_stood_in_it(void **state)
{
  (void)state;
  g_autofree char *blanks = g_strnfill(1024 * 1024 - 1, ' ');
  g_autoptr(GError) error = NULL;
  SyTextReader *reader = sy_text_reader_new(SY_FORMAT_HEX, 0);
  g_auto(SyText) read = {NULL, NULL, NULL};
  gsize fed = 0;

  assert_true(sy_text_reader_feed(reader, "hello\n", 6));
  while (sy_text_reader_feed(reader, blanks, strlen(blanks)))
    fed += strlen(blanks);
  assert_true(fed + 6 <= SY_HEX_TEXT_MAX && fed + 6 + strlen(blanks) > SY_HEX_TEXT_MAX);
  assert_false(sy_text_reader_end(reader, &read, &error));
  assert_null(read.image);
  assert_int_equal(error->code, SY_HEX_ERROR_LIMIT);
  assert_true(g_str_has_prefix(error->message, "The file is larger than 512 MB"));
}

static void a_reader_can_be_given_up(void **state)
{
  (void)state;
  SyTextReader *reader = sy_text_reader_new(SY_FORMAT_HEX, 1000);

  assert_true(sy_text_reader_feed(reader, ":0100000001FE\nhello\n:", 21));
  sy_text_reader_free(reader);
  sy_text_reader_free(NULL);
}

/* Gives `text` to a pipe, whose size nobody knows beforehand. */
static SyImage *load_from_pipe(const char *text, GError **error)
{
  int ends[2];

  assert_int_equal(pipe(ends), 0);
  assert_int_equal(write(ends[1], text, strlen(text)), strlen(text));
  assert_int_equal(close(ends[1]), 0);

  g_autofree char *path = g_strdup_printf("/dev/fd/%d", ends[0]);
  SyImage *image = hex_load(path, error);

  assert_int_equal(close(ends[0]), 0);
  return image;
}

static void a_pipe_loads_like_a_file(void **state)
{
  (void)state;
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImage) image = load_from_pipe(":02000000ABCD86\n" HEX_END, &error);

  assert_non_null(image);
  assert_memory_equal(sy_image_peek(image, 0, 2), "\xab\xcd", 2);
  assert_null(load_from_pipe("\n:02000000ABCD86\n:01000100EF0F\n" HEX_END, &error));
  assert_int_equal(error->code, SY_HEX_ERROR_CLASH);
  assert_true(g_str_has_prefix(error->message, "line 3: "));
  assert_non_null(strstr(error->message, "than in line 2. "));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(right_texts_in_pieces_of_any_size_give_the_same_image),
      cmocka_unit_test(wrong_texts_in_pieces_of_any_size_give_the_same_problems),
      cmocka_unit_test(long_texts_cut_anywhere_read_like_the_whole),
      cmocka_unit_test(a_clash_names_the_line_far_behind),
      cmocka_unit_test(too_long_a_text_is_refused_whatever_stood_in_it),
      cmocka_unit_test(a_reader_can_be_given_up),
      cmocka_unit_test(a_pipe_loads_like_a_file),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
