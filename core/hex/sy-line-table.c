/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyLineTable.
 */

#include "sy-line-table.h"

typedef struct {
  guint32 offset;
  guint32 per_line;
  guint line; /* that gave the byte at `offset` */
} Span;

struct _SyLineTable {
  GArray *spans;
};

SyLineTable *sy_line_table_new(void)
{
  SyLineTable *table = g_new0(SyLineTable, 1);

  table->spans = g_array_new(FALSE, FALSE, sizeof(Span));
  return table;
}

void sy_line_table_free(SyLineTable *table)
{
  if (!table)
    return;
  g_array_unref(table->spans);
  g_free(table);
}

static const Span *span_at(const SyLineTable *table, guint index)
{
  return &g_array_index(table->spans, Span, index);
}

/* Whether the next line of the last span is this one anyway. */
static gboolean goes_on(const SyLineTable *table, const Span *next)
{
  if (table->spans->len == 0)
    return FALSE;

  const Span *last = span_at(table, table->spans->len - 1);

  return next->per_line == last->per_line && next->line >= last->line &&
         (guint64)(next->line - last->line) * last->per_line == next->offset - last->offset;
}

void sy_line_table_add(SyLineTable *table, guint32 offset, guint32 per_line, guint line)
{
  Span span = {offset, per_line, line};

  g_return_if_fail(per_line > 0);
  if (!goes_on(table, &span))
    g_array_append_val(table->spans, span);
}

guint sy_line_table_find(const SyLineTable *table, guint32 offset)
{
  guint from = 0;
  guint to = table->spans->len;

  while (to - from > 1) {
    guint middle = from + (to - from) / 2;

    if (span_at(table, middle)->offset <= offset)
      from = middle;
    else
      to = middle;
  }
  g_return_val_if_fail(from < to && span_at(table, from)->offset <= offset, 0);
  return span_at(table, from)->line +
         (offset - span_at(table, from)->offset) / span_at(table, from)->per_line;
}
