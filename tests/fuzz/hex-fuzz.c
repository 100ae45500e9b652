/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Fuzz target for Intel HEX and the release checks: with any input they must not crash; image and
 * problems must be the same when the text comes in pieces; the strict reader must refuse what has
 * an error, with the first, and nothing else; and what was read must survive being written and read
 * again.
 *
 * A libFuzzer target; fuzz-main.c runs it without libFuzzer.
 */

#include "sy-hex.h"
#include "sy-release.h"
#include "text-check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_strict(const uint8_t *data, size_t size, const SyText *text)
{
  const SyProblem *first = sy_problems_get_first_error(text->problems);
  g_autoptr(GError) error = NULL;
  g_autoptr(SyImage) image = sy_hex_read((const char *)data, size, &error);

  g_assert_true((image == NULL) == (first != NULL));
  if (first) {
    g_autofree char *sentence = sy_problem_dup_sentence(first);

    g_assert_error(error, SY_HEX_ERROR, first->code);
    g_assert_cmpstr(error->message, ==, sentence);
  } else {
    text_check_same(image, text->image);
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
  g_auto(SyText) text = {NULL, NULL, NULL};

  if (!text_check(SY_FORMAT_HEX, data, size, &text))
    return 0;
  check_strict(data, size, &text);

  g_autoptr(GString) written = sy_hex_write(text.image, 16);
  g_autoptr(SyImage) again = sy_hex_read(written->str, written->len, NULL);
  g_autoptr(SyRelease) release = sy_release_new(text.image, "fuzz.hex");

  g_assert_nonnull(again);
  text_check_same(text.image, again);
  check_program(release, WIRE_BANK_LOW);
  check_program(release, WIRE_BANK_HIGH);
  return 0;
}
