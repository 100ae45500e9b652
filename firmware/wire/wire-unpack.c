/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "wire-unpack.h"

#include "wire-bytes.h"

/* Flags and numbers are bits of bytes that stand between the others, each where its first bit is
 * wanted. */
typedef struct {
  const uint8_t *next;
  int32_t left;  /* bytes; negative behind the end, where nothing but ones is read */
  uint32_t bits; /* from the top, a one behind the last */
} Packed;

static __attribute__((noinline)) uint32_t take_byte(Packed *packed)
{
  return --packed->left < 0 ? 0xff : *packed->next++;
}

/* 2 and up: each pair of bits is one more of the number's, behind the leading one, and whether it
 * is the last. */
static uint32_t take_number(Packed *packed)
{
  uint32_t bits = packed->bits, number = 1, is_last;

  do {
    if (bits << 1 == 0)
      bits = (take_byte(packed) << 1 | 1) << 23;
    number = number << 1 | bits >> 31;
    is_last = bits << 1 >> 31;
    bits <<= 2;
  } while (is_last == 0);
  packed->bits = bits;
  return number;
}

/* Each Thumb BL in [at, end), which was copied `distance` further on, shall call what it called. */
static void move_calls(uint8_t *at, const uint8_t *end, uint32_t distance)
{
  for (; at + 4 <= end; at += 2) {
    uint32_t first = wire_get_half(at), second = wire_get_half(at + 2);
    uint32_t target = (first << 21 | second << 21 >> 11) - (distance << 9);

    if (first >> 11 != 0x1e || second >> 11 != 0x1f)
      continue;
    wire_put_half(at, 0xf000 | target >> 21);
    wire_put_half(at + 2, 0xf800 | target << 11 >> 21);
  }
}

static inline bool can_read(const uint8_t *readable, uint32_t from, uint32_t count)
{
  uint32_t block = from / WIRE_BLOCK_SIZE;

  do
    if ((readable[block >> 3] >> (block & 7) & 1) == 0)
      return false;
  while (++block * WIRE_BLOCK_SIZE < from + count);
  return true;
}

bool wire_unpack(const WireUnpack *source, const uint8_t *packed_bytes, size_t packed_length,
                 uint32_t addr, uint8_t *to, size_t length)
{
  Packed packed = {packed_bytes, (int32_t)packed_length, 1u << 31};
  uint32_t distance = WIRE_UNPACK_FROM_HIGH - (addr >> 16 << 14);
  bool may_be_bytes = true;

  for (uint32_t done = 0; done < length;) {
    uint32_t number = take_number(&packed), count = number >> 1, back;
    const uint8_t *from;

    if (number % 2 != 0) {
      distance = ((count - 1) << 8 | take_byte(&packed)) * 2 + 2;
      count = take_number(&packed);
      may_be_bytes = false;
    }
    if (count - 1 >= length - done)
      return false;
    back = done - distance;
    if (may_be_bytes) {
      from = packed.next;
      packed.next += count;
      packed.left -= (int32_t)count;
      if (packed.left < 0)
        return false;
    } else if (done >= distance) {
      from = to + back;
    } else {
      back = (addr + back) % WIRE_FLASH_SIZE;
      if (!can_read(source->readable, back, count))
        return false;
      from = source->flash + back;
    }
    back = done;
    do
      to[done++] = *from++;
    while (--count != 0);
    if (!may_be_bytes && distance >> 15 == 0)
      move_calls(to + back + (back & 1), to + done, distance);
    may_be_bytes = !may_be_bytes;
  }
  return packed.left == 0;
}
