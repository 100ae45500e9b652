/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyLineIndex.
 */

#include "sy-line-index.h"

typedef struct {
  guint64 offset;
  guint line;
} Mark;

struct _SyLineIndex {
  GArray *marks; /* rising; the first is line 1 at 0 */
  guint n_lines;
};

static Mark *mark_at(const SyLineIndex *index, guint i)
{
  return &g_array_index(index->marks, Mark, i);
}

SyLineIndex *sy_line_index_new(void)
{
  SyLineIndex *index = g_new0(SyLineIndex, 1);
  Mark first = {0, 1};

  index->marks = g_array_new(FALSE, FALSE, sizeof(Mark));
  g_array_append_val(index->marks, first);
  return index;
}

void sy_line_index_free(SyLineIndex *index)
{
  if (!index)
    return;
  g_array_unref(index->marks);
  g_free(index);
}

void sy_line_index_note(SyLineIndex *index, guint line, guint64 offset)
{
  Mark mark = {offset, line};

  if (offset - mark_at(index, index->marks->len - 1)->offset >= SY_LINE_INDEX_SPACING)
    g_array_append_val(index->marks, mark);
}

void sy_line_index_set_n_lines(SyLineIndex *index, guint n_lines)
{
  index->n_lines = n_lines;
}

guint sy_line_index_get_n_lines(const SyLineIndex *index)
{
  return index->n_lines;
}

guint sy_line_index_find(const SyLineIndex *index, guint line, guint64 *offset)
{
  guint from = 0;
  guint to = index->marks->len;

  while (to - from > 1) {
    guint middle = from + (to - from) / 2;

    if (mark_at(index, middle)->line <= line)
      from = middle;
    else
      to = middle;
  }
  *offset = mark_at(index, from)->offset;
  return mark_at(index, from)->line;
}
