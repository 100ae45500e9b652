/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * sy_image_find_line for every byte, against a plain array with the line of each.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "sy-image-private.h"

enum {
  SPACE = 0x4000,
  BASE = 0xfffe0000,
  ENTRY = 12, /* bytes that a record costs which stands alone */
};

typedef struct {
  SyImageBuilder *builder;
  guint lines[SPACE]; /* that gave each byte, 0: none */
} Model;

static guint8 value_at(guint32 at)
{
  return (guint8)(at * 2654435761u >> 13);
}

/* Bytes that are there already keep their line. */
static void add(Model *model, guint32 at, guint32 length, guint line)
{
  guint8 bytes[SPACE];

  for (guint32 i = 0; i < length; i++) {
    bytes[i] = value_at(at + i);
    if (model->lines[at + i] == 0)
      model->lines[at + i] = line;
  }
  assert_true(sy_image_builder_add(model->builder, BASE + at, bytes, length, line, NULL));
}

/* `most_memory`: bytes that the lines may take. */
static void lines_are_those_of_the_model(Model *model, gsize most_memory)
{
  g_autoptr(SyImage) image = sy_image_builder_end(model->builder);

  for (guint32 at = 0; at < SPACE; at++)
    assert_int_equal(sy_image_find_line(image, BASE + at), model->lines[at]);
  assert_in_range(sy_line_table_get_size(image->lines), 1, most_memory);
  assert_int_equal(sy_image_find_line(image, 0), 0);
  assert_int_equal(sy_image_find_line(image, G_MAXUINT32), 0);
}

static Model *new_model(void)
{
  Model *model = g_new0(Model, 1);

  model->builder = sy_image_builder_new();
  return model;
}

static void records_in_rising_order_have_their_lines(void **state)
{
  (void)state;
  g_autofree Model *model = new_model();
  guint line = 3;

  for (guint32 at = 0; at + 16 <= SPACE; at += at % 0x1000 == 0x200 ? 0x100 : 16, line++)
    add(model, at, at % 0x800 == 0x700 ? 5 : 16, line);
  lines_are_those_of_the_model(model, ENTRY * SPACE / 0x100);
}

static void a_usual_file_has_its_lines_for_next_to_nothing(void **state)
{
  (void)state;
  g_autofree Model *model = new_model();
  guint line = 1;

  for (guint32 at = 0; at < SPACE; at += 16)
    add(model, at, 16, line++);
  lines_are_those_of_the_model(model, ENTRY);
}

static void shuffled_records_have_their_lines(void **state)
{
  (void)state;
  enum { RECORDS = SPACE / 16 };
  g_autofree Model *model = new_model();

  for (guint i = 0; i < RECORDS; i++)
    add(model, i * 421 % RECORDS * 16, 16, 2 * i + 1);
  lines_are_those_of_the_model(model, ENTRY * RECORDS);
}

static void falling_records_have_their_lines(void **state)
{
  (void)state;
  g_autofree Model *model = new_model();
  guint line = 1;

  for (guint32 at = SPACE; at >= 16; at -= 16)
    add(model, at - 16, 16, line++);
  lines_are_those_of_the_model(model, ENTRY * SPACE / 16);
}

static void overlaps_keep_the_line_that_came_first(void **state)
{
  (void)state;
  for (guint32 seed = 0; seed < 100; seed++) {
    GRand *random = g_rand_new_with_seed(seed);
    g_autofree Model *model = new_model();
    guint line = 1;
    guint32 at = 0;

    for (guint i = 0; i < 400; i++) {
      guint32 length =
          g_rand_int_range(random, 0, 4) ? 16 : (guint32)g_rand_int_range(random, 1, 99);

      if (g_rand_int_range(random, 0, 3) == 0)
        at = (guint32)g_rand_int_range(random, 0, SPACE);
      if (at + length > SPACE)
        at = 0;
      add(model, at, length, line);
      at += length;
      line += (guint)g_rand_int_range(random, 1, 3);
    }
    lines_are_those_of_the_model(model, ENTRY * 1200);
    g_rand_free(random);
  }
}

static void without_a_file_there_is_no_line(void **state)
{
  (void)state;
  SyImageBuilder *builder = sy_image_builder_new();

  assert_true(sy_image_builder_add(builder, 16, (const guint8 *)"abcd", 4, 0, NULL));
  assert_true(sy_image_builder_add(builder, 20, (const guint8 *)"efgh", 4, 0, NULL));

  g_autoptr(SyImage) image = sy_image_builder_end(builder);

  for (guint32 addr = 10; addr < 30; addr++)
    assert_int_equal(sy_image_find_line(image, addr), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(records_in_rising_order_have_their_lines),
      cmocka_unit_test(a_usual_file_has_its_lines_for_next_to_nothing),
      cmocka_unit_test(shuffled_records_have_their_lines),
      cmocka_unit_test(falling_records_have_their_lines),
      cmocka_unit_test(overlaps_keep_the_line_that_came_first),
      cmocka_unit_test(without_a_file_there_is_no_line),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
