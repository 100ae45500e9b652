/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Checks of hex texts, for fuzz targets.
 */

#include "text-check.h"

void text_check_same(SyImage *one, SyImage *two)
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

void text_check_problems(SyProblems *problems, guint n_lines)
{
  for (guint i = 0; i < sy_problems_get_n(problems); i++) {
    const SyProblem *problem = sy_problems_get(problems, i);
    g_autofree char *sentence = sy_problem_dup_sentence(problem);

    g_assert_cmpuint(problem->line, <=, n_lines);
    g_assert_nonnull(problem->text);
    g_assert_true(g_utf8_validate(sentence, -1, NULL));
  }
}

void text_check_lines(SyImage *image, guint n_lines, gboolean is_text)
{
  for (guint i = 0; i < sy_image_get_n_segments(image); i++) {
    const SySegment *segment = sy_image_get_segment(image, i);

    for (guint32 at = 0; at < segment->length; at++) {
      guint line = sy_image_find_line(image, segment->addr + at);

      g_assert_cmpuint(line, <=, n_lines);
      g_assert_true((line > 0) == is_text);
    }
  }
}

static void check_same_lines(SyImage *one, SyImage *two)
{
  for (guint i = 0; i < sy_image_get_n_segments(one); i++) {
    const SySegment *segment = sy_image_get_segment(one, i);

    for (guint32 at = 0; at < segment->length; at++)
      g_assert_cmpuint(sy_image_find_line(one, segment->addr + at), ==,
                       sy_image_find_line(two, segment->addr + at));
  }
}

static void check_same_problems(SyProblems *one, SyProblems *two)
{
  g_assert_cmpuint(sy_problems_get_n(one), ==, sy_problems_get_n(two));
  for (guint i = 0; i < sy_problems_get_n(one); i++) {
    g_autofree char *a = sy_problem_dup_sentence(sy_problems_get(one, i));
    g_autofree char *b = sy_problem_dup_sentence(sy_problems_get(two, i));

    g_assert_cmpstr(a, ==, b);
    g_assert_cmpuint(sy_problems_get(one, i)->addr, ==, sy_problems_get(two, i)->addr);
    g_assert_cmpint(sy_problems_get(one, i)->code, ==, sy_problems_get(two, i)->code);
  }
}

static gboolean read_pieces(SyFormat format, const uint8_t *data, size_t size, size_t piece,
                            SyText *text)
{
  SyTextReader *reader = sy_text_reader_new(format, 0);
  g_autoptr(GError) error = NULL;

  for (size_t at = 0; at < size; at += piece)
    sy_text_reader_feed(reader, (const char *)data + at, MIN(piece, size - at));
  if (sy_text_reader_end(reader, text, &error))
    return TRUE;
  g_assert_nonnull(error);
  g_assert_null(text->image);
  return FALSE;
}

gboolean text_check(SyFormat format, const uint8_t *data, size_t size, SyText *text)
{
  g_auto(SyText) again = {NULL, NULL, NULL};
  size_t piece = 1 + (size > 0 ? data[size / 2] % 61 : 0);
  gboolean taken = read_pieces(format, data, size, MAX(size, 1), text);

  g_assert_true(taken == read_pieces(format, data, size, piece, &again));
  if (!taken)
    return FALSE;

  guint n_lines = sy_line_index_get_n_lines(text->lines);

  g_assert_cmpuint(n_lines, ==, sy_line_index_get_n_lines(again.lines));
  text_check_same(text->image, again.image);
  check_same_lines(text->image, again.image);
  check_same_problems(text->problems, again.problems);
  text_check_problems(text->problems, n_lines);
  text_check_lines(text->image, n_lines, TRUE);
  return TRUE;
}
