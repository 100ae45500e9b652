/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Programs made in memory. */

#include "loop-image.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <string.h>

#include "wire-bytes.h"

static void fill(LoopImage *image, uint32_t version)
{
  WireRandom alike = wire_random(1);
  WireRandom own = wire_random(version * 4 + image->bank);
  enum { HALF = WIRE_BLOCK_SIZE / 2 };

  wire_random_fill(&own, image->bytes, image->length);
  for (uint32_t at = HALF; at + HALF <= image->length; at += WIRE_BLOCK_SIZE) {
    wire_random_fill(&alike, image->bytes + at, HALF);
    alike = wire_random(1);
  }
}

void loop_image_make(LoopImage *image, WireBank bank, uint32_t version, uint32_t length)
{
  assert_in_range(length, WIRE_IMAGE_LENGTH_MIN, LOOP_LENGTH_MAX);
  memset(image, 0, sizeof *image);
  image->bank = bank;
  image->length = length;
  image->header = (WireImageHeader){
      .product = WIRE_PRODUCT_DEMO,
      .version = version,
      .length = length,
      .bank_addr = wire_bank_get_addr(bank),
      .name = "loop",
  };
  fill(image, version);
  wire_put_u32(image->bytes + WIRE_VECTOR_SUM_ADDR, wire_vector_sum(image->bytes));
  wire_image_header_write(&image->header, image->bytes);
  image->header.crc = wire_image_crc(image->bytes, image->bytes, length);
  wire_put_u32(image->bytes + WIRE_IMAGE_CRC_OFFSET, image->header.crc);
}

void loop_image_put(const LoopImage *image, BenchFlash *flash)
{
  uint32_t addr = image->header.bank_addr;

  bench_flash_erase_bank(flash, image->bank);
  memcpy(flash->memory + addr, image->bytes, image->length);
  for (uint32_t at = 0; at < image->length; at += WIRE_BLOCK_SIZE)
    flash->used[(addr + at) / WIRE_BLOCK_SIZE] = true;
}

bool loop_image_is_held(const LoopImage *image, const BenchFlash *flash)
{
  return memcmp(flash->memory + image->header.bank_addr, image->bytes, image->length) == 0;
}
