/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Intel HEX made and read for the tests.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "hex-fixture.h"
#include "sy-hex.h"

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

void hex_append(GString *text, guint type, guint offset, const guint8 *data, guint count)
{
  g_autofree char *line = record(type, offset, data, count);

  g_string_append(text, line);
  g_string_append_c(text, '\n');
}

SyImage *hex_read_ok(const char *text)
{
  g_autoptr(GError) error = NULL;
  SyImage *image = sy_hex_read(text, strlen(text), &error);

  if (error)
    fail_msg("%s", error->message);
  assert_non_null(image);
  return image;
}

void hex_images_are_equal(SyImage *one, SyImage *two)
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

GString *hex_much_data(guint32 n_bytes)
{
  GString *text = g_string_sized_new(2 * (gsize)n_bytes + n_bytes / 8);
  guint8 bytes[255];
  guint page = G_MAXUINT;

  memset(bytes, 0xa5, sizeof bytes);
  for (guint32 addr = 0; addr < n_bytes; addr += sizeof bytes) {
    if (addr >> 16 != page) {
      page = addr >> 16;
      hex_append(text, 4, 0, (guint8[]){(guint8)(page >> 8), (guint8)page}, 2);
    }
    hex_append(text, 0, addr & 0xffff, bytes, MIN(sizeof bytes, n_bytes - addr));
  }
  g_string_append(text, HEX_END);
  return text;
}

SyImage *hex_load(const char *path, GError **error)
{
  g_autoptr(GFile) file = g_file_new_for_path(path);

  return sy_hex_load(file, NULL, error);
}
