/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Reading ahead: what comes is what the stream has, in order, whatever its length; errors come
 * where they happen; and one may leave at any time.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sy-read-ahead.h"

enum { CHUNK = SY_READ_AHEAD_CHUNK };

static GBytes *make_bytes(gsize length)
{
  guint8 *bytes = g_malloc(length);

  for (gsize n = 0; n < length; n++)
    bytes[n] = (guint8)(n * 7 + n / CHUNK);
  return g_bytes_new_take(bytes, length);
}

static void check_length(gsize length)
{
  g_autoptr(GBytes) bytes = make_bytes(length);
  g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_bytes(bytes);
  g_autoptr(SyReadAhead) ahead = sy_read_ahead_new(stream, NULL);
  g_autoptr(GByteArray) come = g_byte_array_new();
  const char *chunk;
  gsize got;

  do {
    assert_true(sy_read_ahead_next(ahead, &chunk, &got, NULL));
    g_byte_array_append(come, (const guint8 *)chunk, (guint)got);
  } while (got == CHUNK);
  assert_int_equal(come->len, length);
  if (length > 0)
    assert_memory_equal(come->data, g_bytes_get_data(bytes, NULL), length);
}

static void what_comes_is_what_the_stream_has(void **state)
{
  (void)state;
  check_length(0);
  check_length(1);
  check_length(CHUNK - 1);
  check_length(CHUNK);
  check_length(CHUNK + 1);
  check_length(9 * CHUNK);
  check_length(9 * CHUNK + 5);
}

static void one_may_leave_at_any_chunk(void **state)
{
  g_autoptr(GBytes) bytes = make_bytes(12 * CHUNK);

  (void)state;
  for (guint taken = 0; taken < 12; taken++) {
    g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_bytes(bytes);
    g_autoptr(SyReadAhead) ahead = sy_read_ahead_new(stream, NULL);
    const char *chunk;
    gsize got;

    for (guint n = 0; n < taken; n++)
      assert_true(sy_read_ahead_next(ahead, &chunk, &got, NULL));
  }
}

static void a_cancelled_read_is_an_error_behind_what_came(void **state)
{
  g_autoptr(GFile) file = g_file_new_for_path("/dev/zero"); /* has no end */
  g_autoptr(GFileInputStream) stream = g_file_read(file, NULL, NULL);
  g_autoptr(GCancellable) cancellable = g_cancellable_new();
  g_autoptr(SyReadAhead) ahead = sy_read_ahead_new(G_INPUT_STREAM(stream), cancellable);
  g_autoptr(GError) error = NULL;
  const char *chunk;
  gsize got;
  guint n = 0;

  (void)state;
  assert_true(sy_read_ahead_next(ahead, &chunk, &got, NULL));
  g_cancellable_cancel(cancellable);
  while (sy_read_ahead_next(ahead, &chunk, &got, &error))
    assert_true(++n < 40);
  assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_comes_is_what_the_stream_has),
      cmocka_unit_test(one_may_leave_at_any_chunk),
      cmocka_unit_test(a_cancelled_read_is_an_error_behind_what_came),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
