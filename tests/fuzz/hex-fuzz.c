/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Fuzz target for the hex reader and the release checks; with any input they must not crash, a
 * refusal must come with an error, the outcome must be the same when the text comes in pieces, and
 * what was read must survive being written and read again.
 *
 * A libFuzzer target; fuzz-main.c runs it without libFuzzer.
 */

#include <stdint.h>
#include <string.h>

#include "sy-hex-reader.h"
#include "sy-hex.h"
#include "sy-release.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(SyImage *one, SyImage *two)
{
  g_assert_cmpuint(sy_image_get_size(one), ==, sy_image_get_size(two));
  g_assert_cmpuint(sy_image_get_n_segments(one), ==, sy_image_get_n_segments(two));
  for (guint i = 0; i < sy_image_get_n_segments(one); i++) {
    const SySegment *a = sy_image_get_segment(one, i);
    const SySegment *b = sy_image_get_segment(two, i);

    g_assert_cmpuint(a->addr, ==, b->addr);
    g_assert_cmpmem(a->bytes, a->length, b->bytes, b->length);
  }
}

/* `image` and `error` are what came of the whole text, one of them NULL. */
static void check_pieces(const uint8_t *data, size_t size, SyImage *image, const GError *error)
{
  g_autoptr(GError) again_error = NULL;
  SyHexReader *reader = sy_hex_reader_new(0);
  size_t piece = 1 + (size > 0 ? data[size / 2] % 61 : 0);

  for (size_t at = 0; at < size; at += piece)
    sy_hex_reader_feed(reader, (const char *)data + at, MIN(piece, size - at));

  g_autoptr(SyImage) again = sy_hex_reader_end(reader, &again_error);

  g_assert_true((image == NULL) == (again == NULL));
  if (image) {
    check_same(image, again);
  } else {
    g_assert_error(again_error, error->domain, error->code);
    g_assert_cmpstr(again_error->message, ==, error->message);
  }
}

static void check_program(SyRelease *release, WireBank bank)
{
  const SyProgram *program = sy_release_get_program(release, bank);
  g_autoptr(GError) error = NULL;

  if (program) {
    g_assert_cmpuint(program->length, <=, wire_bank_map(bank)->size);
    g_assert_cmpuint(g_bytes_get_size(program->bytes), ==, program->length);
    for (guint i = 0; i < SY_CHECK_COUNT; i++)
      g_assert_true(g_utf8_validate(program->findings[i].text, -1, NULL));
  }
  if (!sy_release_pick(release, WIRE_PRODUCT_DEMO, bank, &error)) {
    g_assert_nonnull(error);
    g_assert_true(g_utf8_validate(error->message, -1, NULL));
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImage) image = sy_hex_read((const char *)data, size, &error);

  check_pieces(data, size, image, error);
  if (!image) {
    g_assert_nonnull(error);
    g_assert_true(g_utf8_validate(error->message, -1, NULL));
    return 0;
  }
  g_assert_null(error);

  g_autoptr(GString) text = sy_hex_write(image, 16);
  g_autoptr(SyImage) again = sy_hex_read(text->str, text->len, NULL);
  g_autoptr(SyRelease) release = sy_release_new(image, "fuzz.hex");

  g_assert_nonnull(again);
  check_same(image, again);
  check_program(release, WIRE_BANK_LOW);
  check_program(release, WIRE_BANK_HIGH);
  return 0;
}
