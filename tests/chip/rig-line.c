/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The line. */

#include "rig-line.h"

#include <math.h>

enum { BITS = 10 };

RigLine *rig_line_new(guint64 latency_us, double bit_error_rate, guint32 seed)
{
  RigLine *line = g_new0(RigLine, 1);

  line->bytes = g_byte_array_new();
  line->due_us = g_array_new(FALSE, FALSE, sizeof(guint64));
  line->latency_us = latency_us;
  line->bit_error_rate = bit_error_rate;
  line->rand = g_rand_new_with_seed(seed);
  return line;
}

void rig_line_free(RigLine *line)
{
  if (!line)
    return;
  g_byte_array_unref(line->bytes);
  g_array_unref(line->due_us);
  g_rand_free(line->rand);
  g_free(line);
}

void rig_line_push(RigLine *line, const guint8 *bytes, gsize length, guint64 now_us)
{
  double byte_error_rate = 1 - pow(1 - line->bit_error_rate, BITS);
  guint64 due_us = now_us + line->latency_us;

  for (gsize i = 0; i < length; i++) {
    guint8 byte = bytes[i];

    if (line->bit_error_rate > 0 && g_rand_double(line->rand) < byte_error_rate) {
      byte ^= (guint8)(1 << g_rand_int_range(line->rand, 0, 8));
      line->turned++;
    }
    g_byte_array_append(line->bytes, &byte, 1);
    g_array_append_val(line->due_us, due_us);
  }
}

gsize rig_line_pop(RigLine *line, guint8 *bytes, gsize room, guint64 now_us)
{
  gsize length = 0;

  while (length < room && length < line->bytes->len &&
         g_array_index(line->due_us, guint64, length) <= now_us) {
    bytes[length] = line->bytes->data[length];
    length++;
  }
  if (length > 0) {
    g_byte_array_remove_range(line->bytes, 0, (guint)length);
    g_array_remove_range(line->due_us, 0, (guint)length);
  }
  return length;
}

gboolean rig_line_is_empty(const RigLine *line)
{
  return line->bytes->len == 0;
}
