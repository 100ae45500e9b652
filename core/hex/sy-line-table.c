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

/* Where `offset` would be if all spans were alike; in a shuffled file they nearly are. */
static guint guess_span(const SyLineTable *table, guint32 offset)
{
  guint last = table->spans->len - 1;
  guint64 first_offset = span_at(table, 0)->offset;
  guint64 reach = span_at(table, last)->offset - first_offset;

  return reach == 0 ? last : (guint)MIN((offset - first_offset) * last / reach, last);
}

/* The span that says of `offset`; there is one. Looks around the guess in steps that double: a
 * plain search over millions of spans would miss the processor's cache at each. */
static guint find_span(const SyLineTable *table, guint32 offset)
{
  guint n_spans = table->spans->len;
  guint from = guess_span(table, offset);
  guint to = from + 1;

  for (guint step = 1; span_at(table, from)->offset > offset; step *= 2) {
    to = from;
    from -= MIN(step, from);
  }
  for (guint step = 1; to < n_spans && span_at(table, to)->offset <= offset; step *= 2) {
    from = to;
    to += MIN(step, n_spans - to);
  }
  while (to - from > 1) {
    guint middle = from + (to - from) / 2;

    if (span_at(table, middle)->offset <= offset)
      from = middle;
    else
      to = middle;
  }
  return from;
}

static guint line_at(const Span *span, guint32 offset)
{
  return span->line + (offset - span->offset) / span->per_line;
}

guint sy_line_table_find(const SyLineTable *table, guint32 offset)
{
  g_return_val_if_fail(table->spans->len > 0 && span_at(table, 0)->offset <= offset, 0);
  return line_at(span_at(table, find_span(table, offset)), offset);
}

void sy_line_table_copy(const SyLineTable *from, guint32 offset, guint32 length, SyLineTable *to,
                        guint32 to_offset)
{
  guint64 end = (guint64)offset + length;

  g_return_if_fail(from->spans->len > 0 && span_at(from, 0)->offset <= offset);

  for (guint i = find_span(from, offset); i < from->spans->len; i++) {
    const Span *span = span_at(from, i);
    guint32 begin = MAX(span->offset, offset);

    if (begin >= end)
      break;
    sy_line_table_add(to, to_offset + (begin - offset), span->per_line, line_at(span, begin));
  }
}

void sy_line_table_trim(SyLineTable *table)
{
  GArray *spans = g_array_sized_new(FALSE, FALSE, sizeof(Span), table->spans->len);

  g_array_append_vals(spans, table->spans->data, table->spans->len);
  g_array_unref(table->spans);
  table->spans = spans;
}

gsize sy_line_table_get_size(const SyLineTable *table)
{
  return table->spans->len * sizeof(Span);
}
