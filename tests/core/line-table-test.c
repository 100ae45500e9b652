/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyLineTable against a plain array with the line of every byte.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib.h>

#include "sy-line-table.h"

static void lines_of_one_length_are_told_apart(void **state)
{
  (void)state;
  SyLineTable *table = sy_line_table_new();

  sy_line_table_add(table, 0, 16, 1);
  sy_line_table_add(table, 16, 16, 2);
  sy_line_table_add(table, 160, 16, 11);
  sy_line_table_add(table, 176, 4, 12);
  sy_line_table_add(table, 180, 16, 20);
  assert_int_equal(sy_line_table_find(table, 0), 1);
  assert_int_equal(sy_line_table_find(table, 15), 1);
  assert_int_equal(sy_line_table_find(table, 16), 2);
  assert_int_equal(sy_line_table_find(table, 175), 11);
  assert_int_equal(sy_line_table_find(table, 179), 12);
  assert_int_equal(sy_line_table_find(table, 180), 20);
  assert_int_equal(sy_line_table_find(table, 195), 20);
  sy_line_table_free(table);
}

static void random_lines_agree_with_a_plain_array(void **state)
{
  (void)state;
  enum { BYTES = 8192, LONGEST = 24 };

  for (guint32 seed = 0; seed < 200; seed++) {
    GRand *random = g_rand_new_with_seed(seed);
    SyLineTable *table = sy_line_table_new();
    g_autofree guint *lines = g_new(guint, BYTES + LONGEST);
    guint32 offset = 0;
    guint32 per_line = 16;

    for (guint line = 1; offset < BYTES; line++) {
      if (g_rand_int_range(random, 0, 8) == 0)
        per_line = (guint32)g_rand_int_range(random, 1, LONGEST);
      if (g_rand_int_range(random, 0, 8) == 0)
        line += (guint)g_rand_int_range(random, 0, 3);
      sy_line_table_add(table, offset, per_line, line);
      for (guint32 i = 0; i < per_line; i++)
        lines[offset++] = line;
    }
    for (guint32 at = 0; at < offset; at++)
      assert_int_equal(sy_line_table_find(table, at), lines[at]);
    sy_line_table_free(table);
    g_rand_free(random);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(lines_of_one_length_are_told_apart),
      cmocka_unit_test(random_lines_agree_with_a_plain_array),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
