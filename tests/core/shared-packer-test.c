/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SySharedPacker against SyPacker: the same bytes, packed once. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "sy-shared-packer.h"

enum {
  BLOCKS = 24,
  LENGTH = BLOCKS * WIRE_BLOCK_SIZE,
  ROOM = WIRE_UNPACK_BLOCKS_MAX * WIRE_BLOCK_SIZE + WIRE_UNPACK_OVERHEAD_MAX,
  THREADS = 8,
};

/* Bytes that come again now and then, other ones for each `seed`. */
static void make_image(guint8 image[LENGTH], guint32 seed)
{
  for (guint i = 0; i < LENGTH; i++)
    image[i] = i % 96 < 64 ? (guint8)(seed + i % 96) : (guint8)(i * 2654435761u >> 13);
}

static SySharedPacker *make_shared(const guint8 *image)
{
  return sy_shared_packer_new(WIRE_LOW_ADDR, image, LENGTH, WIRE_HIGH_ADDR, NULL, 0);
}

static void assert_packs_as_alone(SySharedPacker *shared, const guint8 *image, guint first_readable)
{
  g_autoptr(SyPacker) alone = sy_packer_new(WIRE_LOW_ADDR, image, LENGTH, WIRE_HIGH_ADDR, NULL, 0);
  guint8 readable[WIRE_UNPACK_READABLE_SIZE] = {0};

  for (guint block = first_readable; block < BLOCKS; block++) {
    guint at = WIRE_LOW_ADDR / WIRE_BLOCK_SIZE + block;
    guint8 wanted[ROOM], found[ROOM];
    gsize length = sy_packer_pack(alone, block, 1, readable, wanted, ROOM);

    assert_int_equal(sy_shared_packer_pack(shared, block, 1, readable, found, ROOM), length);
    assert_memory_equal(found, wanted, length);
    readable[at / 8] |= (guint8)(1 << at % 8);
  }
}

static void the_second_takes_over_what_the_first_has_packed(void **state)
{
  guint8 image[LENGTH];
  g_autoptr(SySharedPacker) first = NULL;
  g_autoptr(SySharedPacker) second = NULL;

  (void)state;
  make_image(image, 1);
  first = make_shared(image);
  second = make_shared(image);
  assert_packs_as_alone(first, image, 0);
  assert_int_equal(sy_shared_packer_count_packed(first), BLOCKS);
  assert_packs_as_alone(second, image, 0);
  assert_int_equal(sy_shared_packer_count_packed(second), 0);
  /* What else is readable makes another piece. */
  assert_packs_as_alone(second, image, 1);
  assert_int_equal(sy_shared_packer_count_packed(second), BLOCKS - 1);
}

static void another_image_is_packed_by_itself(void **state)
{
  guint8 image[LENGTH], other[LENGTH];
  g_autoptr(SySharedPacker) first = NULL;
  g_autoptr(SySharedPacker) second = NULL;
  g_autoptr(SySharedPacker) knows_other = NULL;

  (void)state;
  make_image(image, 1);
  make_image(other, 2);
  first = make_shared(image);
  assert_packs_as_alone(first, image, 0);
  second = make_shared(other);
  assert_packs_as_alone(second, other, 0);
  assert_int_equal(sy_shared_packer_count_packed(second), BLOCKS);
  knows_other = sy_shared_packer_new(WIRE_LOW_ADDR, image, LENGTH, WIRE_HIGH_ADDR, other, LENGTH);
  assert_packs_as_alone(knows_other, image, 0);
  assert_int_equal(sy_shared_packer_count_packed(knows_other), BLOCKS);
}

static void nothing_is_kept_behind_the_last(void **state)
{
  guint8 image[LENGTH];

  (void)state;
  make_image(image, 1);
  for (int times = 0; times < 2; times++) {
    g_autoptr(SySharedPacker) packer = make_shared(image);

    assert_packs_as_alone(packer, image, 0);
    assert_int_equal(sy_shared_packer_count_packed(packer), BLOCKS);
  }
}

static void what_has_no_room_here_may_have_it_there(void **state)
{
  static const guint8 readable[WIRE_UNPACK_READABLE_SIZE];
  guint8 image[LENGTH], to[ROOM];
  g_autoptr(SySharedPacker) first = NULL;
  g_autoptr(SySharedPacker) second = NULL;
  gsize length;

  (void)state;
  make_image(image, 1);
  first = make_shared(image);
  second = make_shared(image);
  assert_int_equal(sy_shared_packer_pack(first, 3, 2, readable, to, 8), 0);
  length = sy_shared_packer_pack(second, 3, 2, readable, to, ROOM);
  assert_in_range(length, 9, ROOM);
  assert_int_equal(sy_shared_packer_pack(first, 3, 2, readable, to, length), length);
  assert_int_equal(sy_shared_packer_pack(first, 3, 2, readable, to, length - 1), 0);
  assert_int_equal(sy_shared_packer_count_packed(second), 0);
}

static gpointer pack_all(gpointer image)
{
  SySharedPacker *packer = make_shared(image);
  guint packed;

  assert_packs_as_alone(packer, image, 0);
  packed = sy_shared_packer_count_packed(packer);
  sy_shared_packer_free(packer);
  return GUINT_TO_POINTER(packed);
}

static void threads_that_ask_together_pack_each_piece_once(void **state)
{
  guint8 image[LENGTH];
  GThread *threads[THREADS];
  g_autoptr(SySharedPacker) stays = NULL;
  guint packed = 0;

  (void)state;
  make_image(image, 1);
  stays = make_shared(image); /* they need not meet */
  for (guint n = 0; n < THREADS; n++)
    threads[n] = g_thread_new("packs", pack_all, image);
  for (guint n = 0; n < THREADS; n++)
    packed += GPOINTER_TO_UINT(g_thread_join(threads[n]));
  assert_int_equal(packed, BLOCKS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_second_takes_over_what_the_first_has_packed),
      cmocka_unit_test(another_image_is_packed_by_itself),
      cmocka_unit_test(nothing_is_kept_behind_the_last),
      cmocka_unit_test(what_has_no_room_here_may_have_it_there),
      cmocka_unit_test(threads_that_ask_together_pack_each_piece_once),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
