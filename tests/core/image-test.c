/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyImage: bytes at addresses, against a plain array that does the same slowly.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "sy-image.h"

static void add(SyImageBuilder *builder, guint32 addr, const char *bytes, guint line)
{
  assert_true(sy_image_builder_add(builder, addr, (const guint8 *)bytes, (guint32)strlen(bytes),
                                   line, NULL));
}

/* "abcd" at 0x10, "wxyz" at the four last addresses. */
static SyImage *two_pieces(void)
{
  SyImageBuilder *builder = sy_image_builder_new();

  add(builder, 0xfffffffc, "wxyz", 7);
  add(builder, 0x10, "abcd", 9);
  return sy_image_builder_end(builder);
}

static void an_image_of_nothing_holds_nothing(void **state)
{
  (void)state;
  guint8 bytes[4];
  guint32 addr = 0;
  g_autoptr(SyImage) image = sy_image_builder_end(sy_image_builder_new());

  assert_int_equal(sy_image_get_n_segments(image), 0);
  assert_int_equal(sy_image_get_size(image), 0);
  assert_false(sy_image_get_start(image, &addr));
  assert_null(sy_image_peek(image, 0, 1));
  assert_null(sy_image_find_segment(image, 0));
  assert_int_equal(sy_image_copy(image, 0xfffffffe, 4, 0x5a, bytes), 0);
  assert_memory_equal(bytes, "ZZZZ", 4);
}

static void segments_stand_in_rising_order_with_their_lines(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = two_pieces();
  const SySegment *low = sy_image_get_segment(image, 0);
  const SySegment *high = sy_image_get_segment(image, 1);

  assert_int_equal(sy_image_get_n_segments(image), 2);
  assert_int_equal(sy_image_get_size(image), 8);
  assert_int_equal(low->addr, 0x10);
  assert_int_equal(low->line, 9);
  assert_int_equal(high->addr, 0xfffffffc);
  assert_int_equal(high->length, 4);
  assert_int_equal(high->line, 7);
}

static void peek_gives_only_what_is_all_there(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = two_pieces();

  assert_memory_equal(sy_image_peek(image, 0x10, 4), "abcd", 4);
  assert_memory_equal(sy_image_peek(image, 0x12, 2), "cd", 2);
  assert_memory_equal(sy_image_peek(image, 0xffffffff, 1), "z", 1);
  assert_non_null(sy_image_peek(image, 0x10, 0));
  assert_null(sy_image_peek(image, 0x14, 0));
  assert_null(sy_image_peek(image, 0x0f, 2));
  assert_null(sy_image_peek(image, 0x12, 3));
  assert_null(sy_image_peek(image, 0xffffffff, 2));
}

static void copy_fills_gaps_and_counts_what_was_there(void **state)
{
  (void)state;
  guint8 bytes[8];
  g_autoptr(SyImage) image = two_pieces();

  assert_int_equal(sy_image_copy(image, 0x0e, 8, '.', bytes), 4);
  assert_memory_equal(bytes, "..abcd..", 8);
  assert_int_equal(sy_image_copy(image, 0xfffffffe, 4, '.', bytes), 2);
  assert_memory_equal(bytes, "yz..", 4);
  assert_int_equal(sy_image_copy(image, 0x11, 2, '.', bytes), 2);
  assert_memory_equal(bytes, "bc", 2);
}

static void count_counts_over_gaps_and_names_the_first(void **state)
{
  (void)state;
  guint32 first = 0;
  g_autoptr(SyImage) image = two_pieces();

  assert_int_equal(sy_image_count(image, 0, G_GUINT64_CONSTANT(1) << 32, &first), 8);
  assert_int_equal(first, 0x10);
  assert_int_equal(sy_image_count(image, 0x13, G_MAXUINT64, &first), 5);
  assert_int_equal(first, 0x13);
  assert_int_equal(sy_image_count(image, 0x14, 0x1000, &first), 0);
  assert_int_equal(sy_image_count(image, 0xffffffff, 1, NULL), 1);
}

static void the_first_clash_is_named_and_the_earlier_byte_kept(void **state)
{
  (void)state;
  guint32 clash = 0;
  g_autoptr(SyImageBuilder) builder = sy_image_builder_new();

  add(builder, 0x10, "abcd", 1);
  add(builder, 0x20, "efgh", 2);
  assert_false(sy_image_builder_add(builder, 0x0f, (const guint8 *)"_ab##+++++++++++____e###+", 25,
                                    3, &clash));
  assert_int_equal(clash, 0x12);

  g_autoptr(SyImage) image = sy_image_builder_end(g_steal_pointer(&builder));

  assert_int_equal(sy_image_get_n_segments(image), 1);
  assert_memory_equal(sy_image_peek(image, 0x0f, 25), "_abcd+++++++++++_efgh____", 17);
  assert_memory_equal(sy_image_peek(image, 0x20, 4), "efgh", 4);
}

static void a_start_address_is_kept_even_when_it_is_zero(void **state)
{
  (void)state;
  guint32 start = 1;
  SyImageBuilder *builder = sy_image_builder_new();

  sy_image_builder_set_start(builder, 0);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);

  assert_true(sy_image_get_start(image, &start));
  assert_int_equal(start, 0);
}

static void references_and_the_boxed_type_keep_an_image_alive(void **state)
{
  (void)state;
  g_auto(GValue) value = G_VALUE_INIT;
  SyImage *image = two_pieces();

  g_value_init(&value, SY_TYPE_IMAGE);
  g_value_set_boxed(&value, image);
  sy_image_unref(image);
  assert_int_equal(sy_image_get_size(g_value_get_boxed(&value)), 8);
}

static void a_builder_can_be_given_up(void **state)
{
  (void)state;
  SyImageBuilder *builder = sy_image_builder_new();

  add(builder, 1, "abc", 1);
  sy_image_builder_free(builder);
  sy_image_builder_free(NULL);
}

static void what_is_put_at_the_tail_is_as_if_added(void **state)
{
  (void)state;
  SyImageTail tail;
  g_autoptr(SyImageBuilder) builder = sy_image_builder_new();

  assert_false(sy_image_builder_open_tail(builder, 100, &tail));
  add(builder, 0x10, "ab", 7);
  assert_true(sy_image_builder_open_tail(builder, 100, &tail));
  assert_int_equal(tail.addr, 0x12);
  assert_int_equal(tail.room, 100);
  memset(tail.bytes, 'x', tail.room);
  memcpy(tail.bytes, "cdef", 4);
  sy_image_builder_close_tail(builder, 4, 2, 8);
  assert_int_equal(sy_image_builder_get_size(builder), 6);
  assert_int_equal(sy_image_builder_find_line(builder, 0x11), 7);
  assert_int_equal(sy_image_builder_find_line(builder, 0x13), 8);
  assert_int_equal(sy_image_builder_find_line(builder, 0x14), 9);
  add(builder, 0x16, "gh", 20);
  assert_int_equal(sy_image_builder_find_line(builder, 0x15), 9);
  assert_int_equal(sy_image_builder_find_line(builder, 0x16), 20);

  g_autoptr(SyImage) image = sy_image_builder_end(g_steal_pointer(&builder));

  assert_int_equal(sy_image_get_n_segments(image), 1);
  assert_int_equal(sy_image_get_size(image), 8);
  assert_memory_equal(sy_image_peek(image, 0x10, 8), "abcdefgh", 8);
}

static void the_tail_ends_where_something_stands_and_at_4_gib(void **state)
{
  (void)state;
  SyImageTail tail;
  g_autoptr(SyImageBuilder) builder = sy_image_builder_new();

  add(builder, 0x20, "z", 1);
  add(builder, 0x10, "abcd", 2);
  assert_true(sy_image_builder_open_tail(builder, 100, &tail));
  assert_int_equal(tail.room, 12);
  sy_image_builder_close_tail(builder, 0, 0, 3);
  add(builder, 0x14, "efghijklmnop", 3);
  assert_false(sy_image_builder_open_tail(builder, 100, &tail));
  add(builder, 0xfffffffc, "wx", 4);
  assert_true(sy_image_builder_open_tail(builder, 100, &tail));
  assert_int_equal(tail.room, 2);
  memcpy(tail.bytes, "yz", 2);
  sy_image_builder_close_tail(builder, 2, 2, 5);
  assert_false(sy_image_builder_open_tail(builder, 100, &tail));

  g_autoptr(SyImage) image = sy_image_builder_end(g_steal_pointer(&builder));

  assert_memory_equal(sy_image_peek(image, 0x10, 17), "abcdefghijklmnopz", 17);
  assert_memory_equal(sy_image_peek(image, 0xfffffffc, 4), "wxyz", 4);
}

enum { MODEL_SIZE = 16384 };

typedef struct {
  guint8 bytes[MODEL_SIZE];
  gboolean present[MODEL_SIZE];
} Model;

/* Adds to both and compares what they say about clashes. `at` counts from `base`. */
static void add_both(SyImageBuilder *builder, Model *model, guint32 base, guint32 at,
                     const guint8 *bytes, guint32 length)
{
  guint32 clash = 0;
  guint32 wanted = G_MAXUINT32;
  gboolean clean = sy_image_builder_add(builder, base + at, bytes, length, 1, &clash);

  for (guint32 i = 0; i < length; i++) {
    if (model->present[at + i] && model->bytes[at + i] != bytes[i])
      wanted = MIN(wanted, at + i);
    if (!model->present[at + i])
      model->bytes[at + i] = bytes[i];
    model->present[at + i] = TRUE;
  }
  assert_int_equal(clean, wanted == G_MAXUINT32);
  if (!clean)
    assert_int_equal(clash, base + wanted);
}

static void compare(SyImage *image, const Model *model, guint32 base)
{
  guint n_segments = 0;
  guint64 size = 0;

  for (guint32 i = 0; i < MODEL_SIZE; i++) {
    const guint8 *byte = sy_image_peek(image, base + i, 1);

    assert_int_equal(byte != NULL, model->present[i]);
    if (!byte)
      continue;
    assert_int_equal(*byte, model->bytes[i]);
    n_segments += i == 0 || !model->present[i - 1];
    size++;
  }
  assert_int_equal(sy_image_get_n_segments(image), n_segments);
  assert_int_equal(sy_image_get_size(image), size);
}

static void random_additions_agree_with_a_plain_array(void **state)
{
  (void)state;
  /* The last reaches to the very end of the addresses. */
  static const guint32 bases[] = {0, 0x0000fff0, 0xffffffffu - MODEL_SIZE + 1};

  for (guint32 seed = 0; seed < 120; seed++) {
    GRand *random = g_rand_new_with_seed(seed);
    SyImageBuilder *builder = sy_image_builder_new();
    g_autofree Model *model = g_new0(Model, 1);
    guint32 base = bases[seed % G_N_ELEMENTS(bases)];
    gint longest = g_rand_int_range(random, 1, 64);

    for (guint i = 0; i < 1500; i++) {
      guint8 bytes[64];
      guint32 length = (guint32)g_rand_int_range(random, 0, longest + 1);
      guint32 at = (guint32)g_rand_int_range(random, 0, (gint)(MODEL_SIZE - length + 1));

      /* Mostly a function of the address, so that clashes happen but are not the rule. */
      for (guint32 j = 0; j < length; j++)
        bytes[j] = (guint8)((at + j) * 31 + (g_rand_int_range(random, 0, 200) == 0));
      add_both(builder, model, base, at, bytes, length);
    }

    g_autoptr(SyImage) image = sy_image_builder_end(builder);

    compare(image, model, base);
    g_rand_free(random);
  }
}

static void single_bytes_in_falling_order_join(void **state)
{
  (void)state;
  SyImageBuilder *builder = sy_image_builder_new();
  g_autofree Model *model = g_new0(Model, 1);

  for (guint32 at = MODEL_SIZE; at-- > 0;)
    add_both(builder, model, 0x1000, at, (guint8[]){(guint8)(at * 7)}, 1);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);

  assert_int_equal(sy_image_get_n_segments(image), 1);
  compare(image, model, 0x1000);
}

static void every_other_byte_stays_its_own_segment(void **state)
{
  (void)state;
  SyImageBuilder *builder = sy_image_builder_new();
  g_autofree Model *model = g_new0(Model, 1);

  for (guint32 at = 0; at < MODEL_SIZE; at += 2)
    add_both(builder, model, 0, at, (guint8[]){(guint8)at}, 1);

  g_autoptr(SyImage) image = sy_image_builder_end(builder);

  assert_int_equal(sy_image_get_n_segments(image), MODEL_SIZE / 2);
  compare(image, model, 0);
}

static void an_extent_reaches_from_the_first_byte_to_the_last(void **state)
{
  (void)state;
  g_autoptr(SyImage) image = two_pieces();
  SyRange extent = {1, 1};
  const SyRange all = {0, G_GUINT64_CONSTANT(1) << 32};

  assert_true(sy_image_find_extent(image, &all, &extent));
  assert_int_equal(extent.addr, 0x10);
  assert_true(extent.length == G_GUINT64_CONSTANT(0xfffffff0));
  assert_true(sy_image_find_extent(image, &(SyRange){0x12, 0x1000}, &extent));
  assert_int_equal(extent.addr, 0x12);
  assert_int_equal(extent.length, 2);
  assert_true(sy_image_find_extent(image, &(SyRange){0xfffffffe, 100}, &extent));
  assert_int_equal(extent.addr, 0xfffffffe);
  assert_int_equal(extent.length, 2);
  assert_false(sy_image_find_extent(image, &(SyRange){0x14, 0x1000}, &extent));
  assert_false(sy_image_find_extent(image, &(SyRange){0x10, 0}, &extent));
  assert_false(sy_image_find_extent(image, &(SyRange){0x11, 0}, &extent));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_image_of_nothing_holds_nothing),
      cmocka_unit_test(segments_stand_in_rising_order_with_their_lines),
      cmocka_unit_test(peek_gives_only_what_is_all_there),
      cmocka_unit_test(copy_fills_gaps_and_counts_what_was_there),
      cmocka_unit_test(count_counts_over_gaps_and_names_the_first),
      cmocka_unit_test(the_first_clash_is_named_and_the_earlier_byte_kept),
      cmocka_unit_test(a_start_address_is_kept_even_when_it_is_zero),
      cmocka_unit_test(references_and_the_boxed_type_keep_an_image_alive),
      cmocka_unit_test(a_builder_can_be_given_up),
      cmocka_unit_test(what_is_put_at_the_tail_is_as_if_added),
      cmocka_unit_test(the_tail_ends_where_something_stands_and_at_4_gib),
      cmocka_unit_test(random_additions_agree_with_a_plain_array),
      cmocka_unit_test(single_bytes_in_falling_order_join),
      cmocka_unit_test(every_other_byte_stays_its_own_segment),
      cmocka_unit_test(an_extent_reaches_from_the_first_byte_to_the_last),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
