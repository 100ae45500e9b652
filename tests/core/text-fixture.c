/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Hex texts read for the tests.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "hex-fixture.h"
#include "text-fixture.h"

void text_read(SyFormat format, const char *bytes, gsize length, SyText *text)
{
  g_autoptr(GError) error = NULL;
  SyTextReader *reader = sy_text_reader_new(format, length);

  assert_true(sy_text_reader_feed(reader, bytes, length));
  if (!sy_text_reader_end(reader, text, &error))
    fail_msg("%s", error->message);
}

static void problems_are_equal(SyProblems *one, SyProblems *two)
{
  assert_int_equal(sy_problems_count(one, SY_SEVERITY_ERROR),
                   sy_problems_count(two, SY_SEVERITY_ERROR));
  assert_int_equal(sy_problems_count(one, SY_SEVERITY_WARNING),
                   sy_problems_count(two, SY_SEVERITY_WARNING));
  assert_int_equal(sy_problems_get_n(one), sy_problems_get_n(two));
  for (guint i = 0; i < sy_problems_get_n(one); i++) {
    const SyProblem *a = sy_problems_get(one, i);
    const SyProblem *b = sy_problems_get(two, i);

    assert_int_equal(a->severity, b->severity);
    assert_int_equal(a->code, b->code);
    assert_int_equal(a->line, b->line);
    assert_int_equal(a->column, b->column);
    assert_int_equal(a->addr, b->addr);
    assert_string_equal(a->text, b->text);
  }
}

static void lines_are_equal(SyImage *one, SyImage *two)
{
  for (guint i = 0; i < sy_image_get_n_segments(one); i++) {
    const SySegment *segment = sy_image_get_segment(one, i);

    for (guint32 at = 0; at < segment->length; at += 1 + segment->length / 1000)
      assert_int_equal(sy_image_find_line(one, segment->addr + at),
                       sy_image_find_line(two, segment->addr + at));
  }
}

/* Feeds a copy of the piece, so that a sanitizer sees a look beyond it, before or later. */
static void feed_copy(SyTextReader *reader, const char *text, gsize length)
{
  g_autofree char *copy = g_memdup2(text, length);

  assert_true(sy_text_reader_feed(reader, copy, length));
}

void text_reads_alike_in_pieces_of(SyFormat format, const char *bytes, gsize length, gsize piece,
                                   const SyText *whole)
{
  SyTextReader *reader = sy_text_reader_new(format, piece % 2 ? length : 0);
  g_auto(SyText) text = {NULL, NULL, NULL};

  for (gsize at = 0; at < length; at += piece)
    feed_copy(reader, bytes + at, MIN(piece, length - at));
  assert_true(sy_text_reader_end(reader, &text, NULL));
  hex_images_are_equal(whole->image, text.image);
  lines_are_equal(whole->image, text.image);
  problems_are_equal(whole->problems, text.problems);
  assert_int_equal(sy_line_index_get_n_lines(whole->lines), sy_line_index_get_n_lines(text.lines));
}

void text_reads_alike_in_pieces(SyFormat format, const char *bytes, gsize length)
{
  g_auto(SyText) whole = {NULL, NULL, NULL};

  text_read(format, bytes, length, &whole);
  for (gsize piece = 1; piece <= length + 1; piece++)
    text_reads_alike_in_pieces_of(format, bytes, length, piece, &whole);
}

void text_has_problems(const SyText *text, const TextProblem *problems)
{
  guint n_problems = 0;

  while (problems[n_problems].severity != SY_SEVERITY_OK)
    n_problems++;
  for (guint i = 0; i < MIN(n_problems, sy_problems_get_n(text->problems)); i++) {
    const SyProblem *got = sy_problems_get(text->problems, i);
    const TextProblem *want = &problems[i];

    if (got->severity != want->severity || got->code != (int)want->code ||
        got->line != want->line || got->column != want->column || got->addr != want->addr ||
        !strstr(got->text, want->holds))
      fail_msg("problem %u: severity %d, code %d, line %u, column %u, 0x%08X: %s\n"
               "wanted severity %d, code %d, line %u, column %u, 0x%08X: %s",
               i, (int)got->severity, got->code, got->line, got->column, got->addr, got->text,
               (int)want->severity, (int)want->code, want->line, want->column, want->addr,
               want->holds);
  }
  if (sy_problems_get_n(text->problems) > n_problems)
    fail_msg("not wanted: %s", sy_problems_get(text->problems, n_problems)->text);
  assert_int_equal(sy_problems_get_n(text->problems), n_problems);
}

void text_has_bytes(const SyText *text, guint32 addr, const char *bytes, gsize length)
{
  const guint8 *got = sy_image_peek(text->image, addr, (guint32)length);

  assert_non_null(got);
  assert_memory_equal(got, bytes, length);
}
