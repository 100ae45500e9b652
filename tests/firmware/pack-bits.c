/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The packed form, written as its definition has it. */

#include "pack-bits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <string.h>

void pack_init(PackBits *pack)
{
  memset(pack, 0, sizeof *pack);
}

static void put_byte(PackBits *pack, uint8_t byte)
{
  assert_true(pack->length < PACK_ROOM);
  pack->bytes[pack->length++] = byte;
}

/* A bit of the number and whether it is the last; their byte stands where its first bit is wanted.
 */
static void put_pair(PackBits *pack, unsigned bit, unsigned is_last)
{
  if (pack->bits_left == 0) {
    pack->bits_at = pack->length;
    pack->bits_left = 8;
    put_byte(pack, 0);
  }
  pack->bits_left -= 2;
  pack->bytes[pack->bits_at] |= (uint8_t)((bit << 1 | is_last) << pack->bits_left);
}

static void put_number(PackBits *pack, unsigned number)
{
  int top = 31;

  assert_true(number >= 2);
  while ((number >> top & 1) == 0)
    top--;
  for (int bit = top - 1; bit >= 0; bit--)
    put_pair(pack, number >> bit & 1, bit == 0);
}

void pack_put_bytes(PackBits *pack, const uint8_t *bytes, unsigned count)
{
  put_number(pack, count << 1);
  for (unsigned i = 0; i < count; i++)
    put_byte(pack, bytes[i]);
}

void pack_put_copy(PackBits *pack, uint32_t distance, unsigned count)
{
  uint32_t steps = (distance - 2) / 2;

  assert_int_equal(distance % 2, 0);
  put_number(pack, ((steps >> 8) + 1) << 1 | 1);
  put_byte(pack, (uint8_t)steps);
  put_number(pack, count);
}
