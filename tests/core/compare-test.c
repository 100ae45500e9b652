/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyComparison: what differs, by hand and against two plain arrays compared byte by byte.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "image-fixture.h"
#include "sy-compare.h"

static const SyRange everywhere[] = {{0, G_GUINT64_CONSTANT(1) << 32}};

/* "c10+2 a20+1": kind, address, length of all that is kept. */
static char *print(SyComparison *comparison)
{
  g_autoptr(GString) text = g_string_new(NULL);

  for (guint i = 0; i < sy_comparison_get_n(comparison); i++) {
    const SyDiff *diff = sy_comparison_get(comparison, i);

    g_string_append_printf(text, "%s%c%x+%x", i ? " " : "", "cab"[diff->kind], diff -> addr,
                           diff -> length);
  }
  return g_string_free(g_steal_pointer(&text), FALSE);
}

static void assert_diffs(SyImage *a, SyImage *b, const SyRange *within, guint n_within,
                         const char *wanted)
{
  g_autoptr(SyComparison) comparison = sy_comparison_new(a, b, within, n_within);
  g_autofree char *found = print(comparison);

  assert_string_equal(found, wanted);
  assert_int_equal(sy_comparison_get_total(comparison), sy_comparison_get_n(comparison));
}

static void alike_images_have_no_difference(void **state)
{
  (void)state;
  g_autoptr(SyImage) a = IMAGE({0x10, "abcdefghijkl"}, {0xfffffffc, "wxyz"});
  g_autoptr(SyImage) b = IMAGE({0xfffffffc, "wxyz"}, {0x16, "ghijkl"}, {0x10, "abcdef"});
  g_autoptr(SyComparison) comparison = sy_comparison_new(a, b, NULL, 0);

  assert_int_equal(sy_comparison_get_total(comparison), 0);
  assert_int_equal(sy_comparison_get_n(comparison), 0);
  assert_int_equal(sy_comparison_count_same(comparison), 16);
  assert_ptr_equal(sy_comparison_get_a(comparison), a);
  assert_ptr_equal(sy_comparison_get_b(comparison), b);
}

static void of_nothing_and_nothing_there_is_nothing_to_say(void **state)
{
  (void)state;
  g_autoptr(SyImage) nothing = image_fixture_empty();
  g_autoptr(SyImage) a = IMAGE({0, "ab"}, {0xffffffff, "z"});
  g_autoptr(SyComparison) comparison = sy_comparison_new(nothing, nothing, NULL, 0);

  assert_int_equal(sy_comparison_get_total(comparison), 0);
  assert_int_equal(sy_comparison_count_same(comparison), 0);
  assert_int_equal(sy_comparison_find_at(comparison, 0), -1);
  assert_int_equal(sy_comparison_find_next(comparison, 0), -1);
  assert_int_equal(sy_comparison_find_previous(comparison, G_MAXUINT32), -1);
  assert_diffs(a, nothing, NULL, 0, "a0+2 affffffff+1");
  assert_diffs(nothing, a, NULL, 0, "b0+2 bffffffff+1");
}

static void neighbours_of_one_kind_are_one_difference(void **state)
{
  (void)state;
  g_autoptr(SyImage) a = IMAGE({0x10, "abcdefghijklmnopqrst"}, {0x30, "x"});
  g_autoptr(SyImage) b = IMAGE({0x0e, "12abXYefghijklmnopqrsT"}, {0x31, "y"});
  g_autoptr(SyComparison) comparison = sy_comparison_new(a, b, NULL, 0);
  g_autofree char *found = print(comparison);

  /* Another kind right behind is another difference. */
  assert_string_equal(found, "be+2 c12+2 c23+1 a30+1 b31+1");
  assert_int_equal(sy_comparison_count_bytes(comparison, SY_DIFF_CHANGED), 3);
  assert_int_equal(sy_comparison_count_bytes(comparison, SY_DIFF_ONLY_A), 1);
  assert_int_equal(sy_comparison_count_bytes(comparison, SY_DIFF_ONLY_B), 3);
  assert_int_equal(sy_comparison_count_same(comparison), 17);
}

static void the_last_bytes_below_4_gib_are_compared(void **state)
{
  (void)state;
  g_autoptr(SyImage) a = IMAGE({0, "a"}, {0xfffffff8, "abcdefgh"});
  g_autoptr(SyImage) b = IMAGE({0, "b"}, {0xfffffff8, "abcdefgX"});
  g_autoptr(SyImage) c = IMAGE({0, "a"}, {0xfffffff8, "abcd"});

  assert_diffs(a, b, NULL, 0, "c0+1 cffffffff+1");
  assert_diffs(a, b, everywhere, 1, "c0+1 cffffffff+1");
  assert_diffs(a, c, NULL, 0, "afffffffc+4");
  assert_diffs(a, b, &(SyRange){0xffffffff, G_MAXUINT64}, 1, "cffffffff+1");
}

static void outside_the_ranges_nothing_is_compared(void **state)
{
  (void)state;
  g_autoptr(SyImage) a = IMAGE({0x10, "aaaaaaaaaaaaaaaa"}, {0x40, "x"});
  g_autoptr(SyImage) b = IMAGE({0x10, "bbbbbbbbbbbbbbbb"});
  const SyRange two[] = {{0x12, 3}, {0x1e, 0x100}};

  assert_diffs(a, b, two, 2, "c12+3 c1e+2 a40+1");
  assert_diffs(a, b, two, 0, "");
  assert_diffs(a, b, &(SyRange){0x11, 0}, 1, "");
}

static void differences_are_found_by_address(void **state)
{
  (void)state;
  g_autoptr(SyImage) a = IMAGE({0, "aaaaaaaa"}, {0xfffffffe, "zz"});
  g_autoptr(SyImage) b = IMAGE({0, "baaabbaa"}, {0xfffffffe, "zy"});
  g_autoptr(SyComparison) comparison = sy_comparison_new(a, b, NULL, 0); /* c0+1 c4+2 cffffffff+1 */

  assert_int_equal(sy_comparison_find_at(comparison, 0), 0);
  assert_int_equal(sy_comparison_find_at(comparison, 1), -1);
  assert_int_equal(sy_comparison_find_at(comparison, 4), 1);
  assert_int_equal(sy_comparison_find_at(comparison, 5), 1);
  assert_int_equal(sy_comparison_find_at(comparison, 6), -1);
  assert_int_equal(sy_comparison_find_at(comparison, 0xffffffff), 2);
  assert_int_equal(sy_comparison_find_next(comparison, 0), 1);
  assert_int_equal(sy_comparison_find_next(comparison, 3), 1);
  assert_int_equal(sy_comparison_find_next(comparison, 4), 2);
  assert_int_equal(sy_comparison_find_next(comparison, 0xffffffff), -1);
  assert_int_equal(sy_comparison_find_previous(comparison, 0), -1);
  assert_int_equal(sy_comparison_find_previous(comparison, 1), 0);
  assert_int_equal(sy_comparison_find_previous(comparison, 4), 0);
  assert_int_equal(sy_comparison_find_previous(comparison, 5), 1);
  assert_int_equal(sy_comparison_find_previous(comparison, 0xffffffff), 1);
}

static void beyond_the_cap_differences_are_counted_only(void **state)
{
  (void)state;
  enum { BYTES = 2 * SY_DIFFS_MAX + 200 };
  SyImageBuilder *builder = sy_image_builder_new();
  g_autofree guint8 *stripes = g_malloc0(BYTES);
  g_autoptr(SyImage) a = image_fixture_flat(0, BYTES, 0);
  g_autoptr(SyImage) b = NULL;
  g_autoptr(SyComparison) comparison = NULL;

  for (guint i = 0; i < BYTES; i += 2)
    stripes[i] = 1;
  assert_true(sy_image_builder_add(builder, 0, stripes, BYTES, 0, NULL));
  b = sy_image_builder_end(builder);
  comparison = sy_comparison_new(a, b, NULL, 0);
  assert_int_equal(sy_comparison_get_n(comparison), SY_DIFFS_MAX);
  assert_int_equal(sy_comparison_get_total(comparison), BYTES / 2);
  assert_int_equal(sy_comparison_count_bytes(comparison, SY_DIFF_CHANGED), BYTES / 2);
  assert_int_equal(sy_comparison_count_same(comparison), BYTES / 2);
  assert_int_equal(sy_comparison_get(comparison, SY_DIFFS_MAX - 1)->addr, 2 * (SY_DIFFS_MAX - 1));
  assert_int_equal(sy_comparison_find_next(comparison, 2 * SY_DIFFS_MAX), -1);
}

/* ---- Against plain arrays ---- */

enum { MODEL_BYTES = 96, NOTHING = 0x100, NO_KIND = SY_DIFF_COUNT };

/* The low half stands for the first addresses, the high half for the last below 4 GiB. */
static guint32 model_addr(guint index)
{
  return index < MODEL_BYTES / 2 ? index : G_MAXUINT32 - (MODEL_BYTES - 1 - index);
}

static SyImage *random_image(GRand *rand, guint16 *model)
{
  SyImageBuilder *builder = sy_image_builder_new();
  gboolean there = FALSE;

  for (guint i = 0; i < MODEL_BYTES; i++) {
    guint8 value = (guint8)g_rand_int_range(rand, 0, 2);

    if (g_rand_int_range(rand, 0, 8) == 0)
      there = !there;
    model[i] = there ? value : NOTHING;
    if (there)
      assert_true(sy_image_builder_add(builder, model_addr(i), &value, 1, 0, NULL));
  }
  return sy_image_builder_end(builder);
}

static guint kind_of(guint16 a, guint16 b)
{
  if (a == b)
    return NO_KIND;
  return a == NOTHING ? SY_DIFF_ONLY_B : b == NOTHING ? SY_DIFF_ONLY_A : SY_DIFF_CHANGED;
}

static void random_images_compare_as_plain_arrays_do(void **state)
{
  (void)state;
  g_autoptr(GRand) rand = g_rand_new_with_seed(20);

  for (guint round = 0; round < 2000; round++) {
    guint16 in_a[MODEL_BYTES], in_b[MODEL_BYTES];
    g_autoptr(SyImage) a = random_image(rand, in_a);
    g_autoptr(SyImage) b = random_image(rand, in_b);
    g_autoptr(GString) wanted = g_string_new(NULL);
    guint64 same = 0;

    for (guint i = 0; i < MODEL_BYTES;) {
      guint kind = kind_of(in_a[i], in_b[i]);
      guint from = i;

      do {
        same += in_a[i] == in_b[i] && in_a[i] != NOTHING;
        i++;
      } while (i < MODEL_BYTES && i != MODEL_BYTES / 2 && kind_of(in_a[i], in_b[i]) == kind);
      if (kind != NO_KIND)
        g_string_append_printf(wanted, "%s%c%x+%x", wanted->len ? " " : "", "cab"[kind],
                               model_addr(from), i - from);
    }
    assert_diffs(a, b, NULL, 0, wanted->str);

    g_autoptr(SyComparison) comparison = sy_comparison_new(a, b, NULL, 0);

    assert_int_equal(sy_comparison_count_same(comparison), same);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(alike_images_have_no_difference),
      cmocka_unit_test(of_nothing_and_nothing_there_is_nothing_to_say),
      cmocka_unit_test(neighbours_of_one_kind_are_one_difference),
      cmocka_unit_test(the_last_bytes_below_4_gib_are_compared),
      cmocka_unit_test(outside_the_ranges_nothing_is_compared),
      cmocka_unit_test(differences_are_found_by_address),
      cmocka_unit_test(beyond_the_cap_differences_are_counted_only),
      cmocka_unit_test(random_images_compare_as_plain_arrays_do),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
