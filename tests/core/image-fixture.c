/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Small images for tests.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "image-fixture.h"

static void add(SyImageBuilder *builder, guint32 addr, const void *bytes, guint32 length)
{
  assert_true(sy_image_builder_add(builder, addr, bytes, length, 0, NULL));
}

SyImage *image_fixture_new(const ImagePart *parts, guint n_parts)
{
  SyImageBuilder *builder = sy_image_builder_new();

  for (guint i = 0; i < n_parts; i++)
    add(builder, parts[i].addr, parts[i].text, (guint32)strlen(parts[i].text));
  return sy_image_builder_end(builder);
}

SyImage *image_fixture_empty(void)
{
  return sy_image_builder_end(sy_image_builder_new());
}

SyImage *image_fixture_flat(guint32 addr, guint32 length, guint8 value)
{
  SyImageBuilder *builder = sy_image_builder_new();
  g_autofree guint8 *bytes = g_malloc(length);

  memset(bytes, value, length);
  add(builder, addr, bytes, length);
  return sy_image_builder_end(builder);
}

SyImage *image_fixture_with_start(SyImage *image, guint32 start)
{
  SyImageBuilder *builder = sy_image_builder_new();

  for (guint i = 0; i < sy_image_get_n_segments(image); i++) {
    const SySegment *segment = sy_image_get_segment(image, i);

    add(builder, segment->addr, segment->bytes, segment->length);
  }
  sy_image_builder_set_start(builder, start);
  return sy_image_builder_end(builder);
}

char *image_fixture_print(SyImage *image)
{
  g_autoptr(GString) text = g_string_new(NULL);

  for (guint i = 0; i < sy_image_get_n_segments(image); i++) {
    const SySegment *segment = sy_image_get_segment(image, i);

    g_string_append_printf(text, "%s%08x:%.*s", i ? " " : "", segment->addr, (int)segment->length,
                           (const char *)segment->bytes);
  }
  return g_string_free(g_steal_pointer(&text), FALSE);
}
