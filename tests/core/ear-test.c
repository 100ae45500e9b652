/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What of a line is a frame, and what is told as text. */

#include "sy-ear.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

typedef struct {
  SyEar *ear;
  GString *told; /* "<type>" for a frame, "[line]" for a line */
} Heard;

static void on_frame(const WireFrame *frame, gpointer user_data)
{
  Heard *heard = user_data;

  g_string_append_printf(heard->told, "<%u:%u>", frame->type, frame->length);
}

static void on_text(const char *line, gpointer user_data)
{
  Heard *heard = user_data;

  g_string_append_printf(heard->told, "[%s]", line);
}

static const SyEarFuncs funcs = {.frame = on_frame, .text = on_text};

static int set_up(void **state)
{
  Heard *heard = g_new0(Heard, 1);

  heard->ear = sy_ear_new(&funcs, heard);
  heard->told = g_string_new(NULL);
  sy_ear_gap(heard->ear); /* a line on which nothing is under way */
  *state = heard;
  return 0;
}

static int tear_down(void **state)
{
  Heard *heard = *state;

  sy_ear_free(heard->ear);
  g_string_free(heard->told, TRUE);
  g_free(heard);
  return 0;
}

static GByteArray *frame_new(guint8 type, guint16 length)
{
  GByteArray *bytes = g_byte_array_new();
  const WireFrame frame = {.type = type, .length = length, .payload = g_malloc0(length + 1u)};

  g_byte_array_set_size(bytes, length + WIRE_FRAME_OVERHEAD);
  wire_frame_write(&frame, bytes->data);
  g_free((gpointer)frame.payload);
  return bytes;
}

static void add_text(GByteArray *bytes, const char *text)
{
  g_byte_array_append(bytes, (const guint8 *)text, (guint)strlen(text));
}

static GByteArray *mixed_new(void)
{
  GByteArray *bytes = frame_new(0x40, 22);
  g_autoptr(GByteArray) second = frame_new(0x41, 1000);

  add_text(bytes, "hello\r\nhalf \x01\\");
  g_byte_array_append(bytes, second->data, second->len);
  add_text(bytes, " end\n\xa5");
  return bytes;
}

static const char *const mixed_told = "<64:22>[hello]<65:1000>[half \\x01\\ end]";

static void frames_and_text_between_them_are_told_apart(void **state)
{
  Heard *heard = *state;
  g_autoptr(GByteArray) bytes = mixed_new();

  sy_ear_feed(heard->ear, bytes->data, bytes->len, 0);
  assert_string_equal(heard->told->str, mixed_told);
  assert_true(sy_ear_is_waiting(heard->ear)); /* it may become a frame */
  sy_ear_gap(heard->ear);
  assert_false(sy_ear_is_waiting(heard->ear));
  assert_true(g_str_has_suffix(heard->told->str, "[\\xA5]"));
}

static void byte_by_byte_the_same_is_heard(void **state)
{
  Heard *heard = *state;
  g_autoptr(GByteArray) bytes = mixed_new();

  for (guint n = 0; n < bytes->len; n++)
    sy_ear_feed(heard->ear, bytes->data + n, 1, 0);
  assert_string_equal(heard->told->str, mixed_told);
}

static void a_damaged_frame_is_text_and_the_next_one_is_heard(void **state)
{
  Heard *heard = *state;
  g_autoptr(GByteArray) bytes = frame_new(0x40, 2);
  g_autoptr(GByteArray) good = frame_new(0x40, 2);

  bytes->data[bytes->len - 1] ^= 1;
  g_byte_array_append(bytes, good->data, good->len);
  sy_ear_feed(heard->ear, bytes->data, bytes->len, 0);
  assert_true(g_str_has_suffix(heard->told->str, "<64:2>"));
  sy_ear_gap(heard->ear);
  assert_non_null(strstr(heard->told->str, "[\\xA5Z@"));
}

static void a_cut_frame_is_given_up_when_the_line_is_silent(void **state)
{
  Heard *heard = *state;
  g_autoptr(GByteArray) cut = frame_new(0x40, 200);
  g_autoptr(GByteArray) good = frame_new(0x41, 3);

  sy_ear_feed(heard->ear, cut->data, 100, 0);
  while (sy_ear_is_waiting(heard->ear))
    sy_ear_gap(heard->ear);
  g_string_truncate(heard->told, 0);
  sy_ear_feed(heard->ear, good->data, good->len, 0);
  assert_string_equal(heard->told->str, "<65:3>");
}

static void long_lines_are_broken_and_babble_is_counted_instead_of_told(void **state)
{
  Heard *heard = *state;
  g_autofree char *babble = g_strnfill(100 * 1000, 'x');

  sy_ear_feed(heard->ear, (const guint8 *)babble, 100 * 1000, G_USEC_PER_SEC);
  assert_true(heard->told->len <= SY_EAR_TEXT_PER_SECOND * 5 / 4);
  assert_int_equal(strchr(heard->told->str, ']') - heard->told->str, SY_EAR_LINE_MAX + 1);
  g_string_truncate(heard->told, 0);
  sy_ear_feed(heard->ear, (const guint8 *)"after\n", 6, 2 * G_USEC_PER_SEC);
  assert_string_equal(heard->told->str, "[… and 97952 bytes more][after]");
}

static void deaf_to_text_it_hears_frames(void **state)
{
  Heard *heard = *state;
  g_autoptr(GByteArray) bytes = mixed_new();

  sy_ear_set_deaf_to_text(heard->ear, TRUE);
  sy_ear_feed(heard->ear, bytes->data, bytes->len, 0);
  assert_string_equal(heard->told->str, "<64:22><65:1000>");
}

static void another_line_does_not_go_on_with_the_last_ones_frame(void **state)
{
  Heard *heard = *state;
  g_autoptr(GByteArray) frame = frame_new(0x40, 22);

  sy_ear_feed(heard->ear, frame->data, 20, 0);
  sy_ear_forget(heard->ear);
  sy_ear_feed(heard->ear, frame->data, frame->len, 0);
  assert_string_equal(heard->told->str, "<64:22>");
}

static void who_joins_in_the_middle_of_a_frame_does_not_take_its_end_for_text(void **state)
{
  Heard *heard = *state;
  g_autoptr(GByteArray) frame = frame_new(0x40, 22);

  sy_ear_forget(heard->ear);
  sy_ear_feed(heard->ear, frame->data + 5, frame->len - 5, 0);
  sy_ear_feed(heard->ear, frame->data, frame->len, 0);
  sy_ear_feed(heard->ear, (const guint8 *)"told\n", 5, 0);
  assert_string_equal(heard->told->str, "<64:22>[told]");
}

static void who_joins_a_line_of_text_hears_it_behind_the_first_silence(void **state)
{
  Heard *heard = *state;

  sy_ear_forget(heard->ear);
  sy_ear_feed(heard->ear, (const guint8 *)"half a", 6, 0);
  assert_true(sy_ear_is_waiting(heard->ear));
  sy_ear_gap(heard->ear);
  sy_ear_feed(heard->ear, (const guint8 *)"told\n", 5, 0);
  assert_string_equal(heard->told->str, "[told]");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(frames_and_text_between_them_are_told_apart, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(byte_by_byte_the_same_is_heard, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_damaged_frame_is_text_and_the_next_one_is_heard, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(a_cut_frame_is_given_up_when_the_line_is_silent, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(long_lines_are_broken_and_babble_is_counted_instead_of_told,
                                      set_up, tear_down),
      cmocka_unit_test_setup_teardown(deaf_to_text_it_hears_frames, set_up, tear_down),
      cmocka_unit_test_setup_teardown(another_line_does_not_go_on_with_the_last_ones_frame, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(
          who_joins_in_the_middle_of_a_frame_does_not_take_its_end_for_text, set_up, tear_down),
      cmocka_unit_test_setup_teardown(who_joins_a_line_of_text_hears_it_behind_the_first_silence,
                                      set_up, tear_down),
  };

  return cmocka_run_group_tests_name("ear", tests, NULL, NULL);
}
