/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Fuzz target for the packed form. The input is taken twice: as packed bytes, which may be anything
 * and must be refused or unpacked within bounds; and as an image and the program in the other bank,
 * which must come out of the packer and the decoder as they went in, whatever may be read.
 *
 * A libFuzzer target; fuzz-main.c runs it without libFuzzer.
 */

#include "sy-packer.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
  FRAME = WIRE_UNPACK_BLOCKS_MAX * WIRE_BLOCK_SIZE,
  ROOM = FRAME + WIRE_UNPACK_OVERHEAD_MAX,
  IMAGE_MAX = 4 * WIRE_BLOCK_SIZE,
};

typedef struct {
  uint8_t bits[WIRE_UNPACK_READABLE_SIZE];
} Readable;

static uint8_t take(const uint8_t **data, size_t *size)
{
  if (*size == 0)
    return 0;
  --*size;
  return *(*data)++;
}

/* Every eighth block alike, but for the last, which is never readable. */
static Readable take_readable(const uint8_t **data, size_t *size)
{
  uint8_t pattern = take(data, size);
  Readable readable;

  memset(readable.bits, pattern, sizeof readable.bits);
  readable.bits[sizeof readable.bits - 1] &= 0x7f;
  return readable;
}

static void unpack_anything(const uint8_t *flash, const uint8_t *data, size_t size)
{
  uint32_t addr = (uint32_t)take(&data, &size) << 9;
  size_t length = 1 + (take(&data, &size) | (size_t)take(&data, &size) << 8) % FRAME;
  Readable readable = take_readable(&data, &size);
  const WireUnpack source = {flash, readable.bits};
  uint8_t *packed = g_memdup2(data, size);
  uint8_t *to = g_malloc(length);

  wire_unpack(&source, packed, size, addr, to, length);
  g_free(packed);
  g_free(to);
}

static void pack_and_unpack(const uint8_t *data, size_t size)
{
  uint32_t addr = take(&data, &size) % 2 ? WIRE_LOW_ADDR : WIRE_HIGH_ADDR;
  uint32_t other_addr = WIRE_LOW_ADDR + WIRE_HIGH_ADDR - addr;
  Readable readable = take_readable(&data, &size);
  guint block = take(&data, &size), count = 1 + take(&data, &size) % WIRE_UNPACK_BLOCKS_MAX;
  size_t length = CLAMP(size / 2, 1, IMAGE_MAX), other_length = MIN(size - size / 2, IMAGE_MAX);
  guint blocks = (guint)(length + WIRE_BLOCK_SIZE - 1) / WIRE_BLOCK_SIZE;
  g_autofree uint8_t *flash = g_malloc(WIRE_FLASH_SIZE);
  g_autofree uint8_t *image = g_malloc(IMAGE_MAX);
  const WireUnpack source = {flash, readable.bits};
  uint8_t packed[ROOM], to[FRAME];

  memset(image, 0xff, IMAGE_MAX);
  memcpy(image, data, MIN(length, size));
  memset(flash, 0x5c, WIRE_FLASH_SIZE);
  memcpy(flash + other_addr, data + size - other_length, other_length);

  g_autoptr(SyPacker) packer =
      sy_packer_new(addr, image, length, other_addr, flash + other_addr, other_length);

  block %= blocks;
  count = MIN(count, blocks - block);
  memcpy(flash + addr, image, block * WIRE_BLOCK_SIZE);
  /* What lies behind is not written yet. */
  for (guint n = block; n < blocks; n++)
    readable.bits[(addr / WIRE_BLOCK_SIZE + n) / 8] &=
        (uint8_t) ~(1 << (addr / WIRE_BLOCK_SIZE + n) % 8);

  size_t room = count * WIRE_BLOCK_SIZE + WIRE_UNPACK_OVERHEAD_MAX;
  size_t n = sy_packer_pack(packer, block, count, readable.bits, packed, room);

  g_assert_cmpuint(n, >, 0);
  g_assert_true(
      wire_unpack(&source, packed, n, addr + block * WIRE_BLOCK_SIZE, to, count * WIRE_BLOCK_SIZE));
  g_assert_true(memcmp(to, image + block * WIRE_BLOCK_SIZE, count * WIRE_BLOCK_SIZE) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  uint8_t *flash = malloc(WIRE_FLASH_SIZE); /* just so long that reading past it is seen */

  g_assert_nonnull(flash);
  for (size_t i = 0; i < WIRE_FLASH_SIZE; i++)
    flash[i] = (uint8_t)(i % 4 == 1 ? 0xf0 : i % 4 == 3 ? 0xf8 : i);
  unpack_anything(flash, data, size);
  free(flash);
  pack_and_unpack(data, size);
  return 0;
}
