/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyPacker against wire_unpack: whatever is packed comes out again, and nothing is referred to that
 * the substation could not read. Flash that is not readable holds other bytes here than the image,
 * and the decoder refuses to read it.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sy-packer.h"
#include "wire-bytes.h"

enum {
  BLOCK = WIRE_BLOCK_SIZE,
  FRAME = WIRE_UNPACK_BLOCKS_MAX * BLOCK,
  ROOM = FRAME + WIRE_UNPACK_OVERHEAD_MAX,
  BLOCKS_MAX = WIRE_BLOCKS_MAX,
};

/* A substation that takes an upgrade: its flash, and what of it may be read. */
typedef struct {
  guint8 flash[WIRE_FLASH_SIZE];
  guint8 readable[WIRE_UNPACK_READABLE_SIZE];
  guint8 image[BLOCKS_MAX * BLOCK]; /* filled up */
  guint32 addr;
  guint blocks;
  SyPacker *packer;
} Bench;

static void allow(Bench *bench, guint32 addr, gboolean yes)
{
  guint block = addr / BLOCK;

  if (yes)
    bench->readable[block / 8] |= (guint8)(1 << block % 8);
  else
    bench->readable[block / 8] &= (guint8) ~(1 << block % 8);
}

/* `other` runs in the other bank; NULL when its bytes are not known. */
static Bench *bench_new(guint32 addr, const guint8 *image, gsize length, const guint8 *other,
                        gsize other_length)
{
  Bench *bench = g_new0(Bench, 1);
  guint32 other_addr = addr == WIRE_LOW_ADDR ? WIRE_HIGH_ADDR : WIRE_LOW_ADDR;

  memset(bench->flash, 0x5c, sizeof bench->flash);
  memset(bench->image, 0xff, sizeof bench->image);
  memcpy(bench->image, image, length);
  bench->addr = addr;
  bench->blocks = (guint)(length + BLOCK - 1) / BLOCK;
  for (gsize at = 0; at < other_length; at += BLOCK)
    allow(bench, other_addr + (guint32)at, TRUE);
  if (other)
    memcpy(bench->flash + other_addr, other, other_length);
  bench->packer = sy_packer_new(addr, image, length, other_addr, other, other_length);
  return bench;
}

static void bench_free(Bench *bench)
{
  sy_packer_free(bench->packer);
  g_free(bench);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bench, bench_free)

/* Packs and unpacks; the bytes in between. */
static gsize pass(Bench *bench, guint block, guint count)
{
  const WireUnpack source = {bench->flash, bench->readable};
  guint32 addr = bench->addr + block * BLOCK;
  guint8 packed[ROOM];
  _Alignas(4) guint8 to[FRAME];
  gsize length =
      sy_packer_pack(bench->packer, block, count, bench->readable, packed, count * BLOCK + 3);
  g_autofree guint8 *copy = g_memdup2(packed, length);

  assert_true(length > 0);
  assert_true(wire_unpack(&source, copy, length, addr, to, count * BLOCK));
  assert_memory_equal(to, bench->image + block * BLOCK, count * BLOCK);
  return length;
}

static void write_block(Bench *bench, guint block)
{
  guint32 addr = bench->addr + block * BLOCK;

  memcpy(bench->flash + addr, bench->image + block * BLOCK, BLOCK);
  allow(bench, addr, TRUE);
}

/* All of it from front to end; `lag` blocks are on their way and not readable yet. */
static gsize pass_all(Bench *bench, guint count, guint lag)
{
  gsize length = 0;

  for (guint block = 0, written = 0; block < bench->blocks; block += count) {
    for (; written + lag < block; written++)
      write_block(bench, written);
    length += pass(bench, block, MIN(count, bench->blocks - block));
  }
  return length;
}

static guint8 *load(const char *name, gsize *length)
{
  g_autofree char *path =
      g_build_filename(g_getenv("SWITCHYARD_FIRMWARE_DIR"), "images", name, NULL);
  char *bytes = NULL;

  assert_true(g_file_get_contents(path, &bytes, length, NULL));
  return (guint8 *)bytes;
}

static void code_comes_out_as_it_was_and_is_smaller(void **state)
{
  static const guint lags[] = {0, 1, 4, 200};
  gsize length;
  g_autofree guint8 *image = load("program-low-1.3.0.bin", &length);

  (void)state;
  for (guint count = 1; count <= WIRE_UNPACK_BLOCKS_MAX; count++)
    for (guint i = 0; i < G_N_ELEMENTS(lags); i++) {
      g_autoptr(Bench) bench = bench_new(WIRE_LOW_ADDR, image, length, NULL, 0);
      gsize packed = pass_all(bench, count, lags[i]);

      assert_true(packed < length * (lags[i] == 200 ? 80 : 70) / 100);
    }
}

static void a_difference_is_small(void **state)
{
  gsize old_length, new_length;
  g_autofree guint8 *old_low = load("program-low-1.3.0.bin", &old_length);
  g_autofree guint8 *new_high = load("program-high-1.3.1.bin", &new_length);
  g_autoptr(Bench) up = bench_new(WIRE_HIGH_ADDR, new_high, new_length, old_low, old_length);
  g_autoptr(Bench) down = bench_new(WIRE_LOW_ADDR, old_low, old_length, new_high, new_length);

  (void)state;
  assert_true(pass_all(up, 2, 4) < new_length / 12);
  assert_true(pass_all(down, 2, 4) < old_length / 12);
}

static void the_same_byte_all_over_is_next_to_nothing(void **state)
{
  static const guint8 fills[] = {0x00, 0xff, 0xf0, 0xf8};
  g_autofree guint8 *image = g_malloc(BLOCKS_MAX * BLOCK);

  (void)state;
  for (guint i = 0; i < G_N_ELEMENTS(fills); i++) {
    memset(image, fills[i], BLOCKS_MAX * BLOCK);

    g_autoptr(Bench) bench = bench_new(WIRE_LOW_ADDR, image, BLOCKS_MAX * BLOCK, NULL, 0);

    assert_true(pass_all(bench, 2, 0) <= BLOCKS_MAX / 2 * 8);
  }
}

static void noise_grows_by_three_bytes_at_most(void **state)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(1);
  guint8 image[8 * BLOCK + 100];

  (void)state;
  for (guint i = 0; i < sizeof image; i++)
    image[i] = (guint8)g_rand_int(random);
  for (guint count = 1; count <= WIRE_UNPACK_BLOCKS_MAX; count++) {
    g_autoptr(Bench) bench = bench_new(WIRE_HIGH_ADDR, image, sizeof image, NULL, 0);

    for (guint block = 0; block + count <= bench->blocks; block++)
      assert_true(pass(bench, block, count) <= count * BLOCK + WIRE_UNPACK_OVERHEAD_MAX);
  }
}

/* Few different bytes, with calls among them and pieces that come again, so that every rule of the
 * format meets every other. */
static void fill_with_likeness(GRand *random, guint8 *image, guint length)
{
  guint at = 0;

  while (at < length) {
    guint end = at + (guint)g_rand_int_range(random, 1, 90);
    guint back = (guint)g_rand_int_range(random, 1, (gint32)at + 2);

    for (; at < MIN(end, length); at++)
      if (back <= at && at + 1 < end)
        image[at] = image[at - back];
      else
        image[at] = at % 2 ? (guint8)(0xf0 + g_rand_int_range(random, 0, 2) * 8)
                           : (guint8)g_rand_int_range(random, 0, 4);
  }
}

static void every_order_and_every_map_of_what_is_readable_works(void **state)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(2);
  guint8 image[20 * BLOCK], other[20 * BLOCK];

  (void)state;
  for (guint round = 0; round < 60; round++) {
    guint32 addr = round % 2 ? WIRE_LOW_ADDR : WIRE_HIGH_ADDR;
    guint n = (guint)g_rand_int_range(random, 1, sizeof image + 1);
    guint other_n = (guint)g_rand_int_range(random, 1, sizeof other + 1);

    fill_with_likeness(random, image, sizeof image);
    if (round % 3)
      fill_with_likeness(random, other, sizeof other);
    else
      memcpy(other, image, sizeof other);

    g_autoptr(Bench) bench = bench_new(addr, image, n, other, other_n);

    for (guint i = 0; i < 40; i++) {
      guint block = (guint)g_rand_int_range(random, 0, (gint32)bench->blocks);
      guint count = (guint)g_rand_int_range(random, 1, 3);

      pass(bench, block, MIN(count, bench->blocks - block));
      write_block(bench, (guint)g_rand_int_range(random, 0, (gint32)bench->blocks));
      allow(bench, addr ^ WIRE_HIGH_ADDR, g_rand_boolean(random));
      allow(bench, addr + (guint32)g_rand_int_range(random, 0, (gint32)bench->blocks) * BLOCK,
            FALSE);
    }
  }
}

/* The same few calls over and over, each at its own distance from what it calls: a copy of them
 * meets calls that it has copied itself. */
static void fill_with_calls(GRand *random, guint8 *image, guint length)
{
  guint at = 0;

  while (at + 4 <= length) {
    guint period = 2 * (guint)g_rand_int_range(random, 1, 12);
    guint end = at + (guint)g_rand_int_range(random, 1, 200);
    guint target = (guint)g_rand_int_range(random, 0, 3) * 0x100;

    for (; at < end && at + 4 <= length; at += 2) {
      guint offset = (target - at / 2) & 0x3fffff;

      if (at % period == 0) {
        wire_put_u16(image + at, (guint16)(0xf000 | offset >> 11));
        wire_put_u16(image + at + 2, (guint16)(0xf800 | (offset & 0x7ff)));
        at += 2;
      } else {
        wire_put_u16(image + at, (guint16)(0x4600 | (at % period)));
      }
    }
  }
}

static void calls_that_come_again_call_the_same(void **state)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(4);
  guint8 image[6 * BLOCK];

  (void)state;
  for (guint round = 0; round < 200; round++) {
    memset(image, 0, sizeof image);
    fill_with_calls(random, image, sizeof image);

    g_autoptr(Bench) bench = bench_new(WIRE_HIGH_ADDR, image, sizeof image, NULL, 0);

    assert_true(pass_all(bench, 1 + round % 2, 0) < sizeof image / 2);
  }
}

static void what_does_not_fit_is_not_written_past_its_room(void **state)
{
  gsize length;
  g_autofree guint8 *image = load("program-high-1.1.0.bin", &length);
  g_autoptr(SyPacker) packer = sy_packer_new(WIRE_HIGH_ADDR, image, length, WIRE_LOW_ADDR, NULL, 0);
  const guint8 readable[WIRE_UNPACK_READABLE_SIZE] = {0};
  guint8 whole[ROOM];
  gsize packed = sy_packer_pack(packer, 2, 2, readable, whole, sizeof whole);

  (void)state;
  assert_true(packed > 0);
  for (gsize room = 0; room <= packed; room++) {
    g_autofree guint8 *to = g_malloc(room + (room == 0));

    assert_int_equal(sy_packer_pack(packer, 2, 2, readable, to, room), room < packed ? 0 : packed);
    if (room == packed)
      assert_memory_equal(to, whole, packed);
  }
}

/* Bytes that are hard to search: bounded all the same. Of the processor's time, since a machine may
 * have other things to do, and generous: what is to be seen is that nothing grows with the square.
 */
static void no_bytes_take_long(void **state)
{
  g_autoptr(GRand) random = g_rand_new_with_seed(3);
  g_autofree guint8 *image = g_malloc(BLOCKS_MAX * BLOCK);

  (void)state;
  for (guint kind = 0; kind < 4; kind++) {
    clock_t start = clock();

    for (guint at = 0; at < BLOCKS_MAX * BLOCK; at++) {
      static const guint periods[] = {1, 61, 65, 1};

      image[at] = (guint8)(kind == 3 ? g_rand_int_range(random, 0, 2) : at % periods[kind] == 0);
      if (kind > 0 && g_rand_int_range(random, 0, 100) == 0)
        image[at] = 7;
    }

    g_autoptr(Bench) bench = bench_new(WIRE_LOW_ADDR, image, BLOCKS_MAX * BLOCK, NULL, 0);

    pass_all(bench, 2, 0);
    assert_true((clock() - start) / CLOCKS_PER_SEC < 10);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(code_comes_out_as_it_was_and_is_smaller),
      cmocka_unit_test(a_difference_is_small),
      cmocka_unit_test(the_same_byte_all_over_is_next_to_nothing),
      cmocka_unit_test(noise_grows_by_three_bytes_at_most),
      cmocka_unit_test(every_order_and_every_map_of_what_is_readable_works),
      cmocka_unit_test(calls_that_come_again_call_the_same),
      cmocka_unit_test(what_does_not_fit_is_not_written_past_its_room),
      cmocka_unit_test(no_bytes_take_long),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
