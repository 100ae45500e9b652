/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "wire-unpack.h"

#include "wire-bytes.h"

enum {
  CALL_FIRST = 0xf000 >> 11, /* the five bits that tell the halves of a Thumb BL */
  CALL_SECOND = 0xf800 >> 11,
};

/* Numbers are bits of bytes that stand between the others, each where its first bit is wanted. */
typedef struct {
  const uint8_t *next;
  int32_t left;  /* bytes; negative behind the end, where nothing but ones is read */
  uint32_t bits; /* from the top, a one behind the last */
} Packed;

/* Inlined it is larger. */
static __attribute__((noinline)) uint32_t take_byte(Packed *packed)
{
  return --packed->left < 0 ? 0xff : *packed->next++;
}

/* From 2 on: behind its leading one, each bit of the number comes with another that is set behind
 * the last. Four such pairs are a byte. */
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

static inline bool can_read(const uint8_t *readable, uint32_t from, uint32_t count)
{
  uint32_t block = from / WIRE_BLOCK_SIZE;

  do
    if ((readable[block >> 3] >> (block & 7) & 1) == 0)
      return false;
  while (++block * WIRE_BLOCK_SIZE < from + count);
  return true;
}

/* Each call in [at, end), which was copied `distance` further on, shall call what it called. */
static inline void move_calls(uint8_t *at, const uint8_t *end, uint32_t distance)
{
  for (; at + 4 <= end; at += 2) {
    uint32_t first = wire_get_half(at), second = wire_get_half(at + 2);
    uint32_t target = (first << 21 | second << 21 >> 11) - (distance << 9);

    if (first >> 11 != CALL_FIRST || second >> 11 != CALL_SECOND)
      continue;
    wire_put_half(at, CALL_FIRST << 11 | target >> 21);
    wire_put_half(at + 2, CALL_SECOND << 11 | target << 11 >> 21);
  }
}

bool wire_unpack(const WireUnpack *source, const uint8_t *packed_bytes, size_t packed_length,
                 uint32_t addr, uint8_t *to, size_t length)
{
  Packed packed = {packed_bytes, (int32_t)packed_length, 1u << 31};
  /* HIGH is the upper half: less code than a question. */
  uint32_t distance = WIRE_UNPACK_FROM_HIGH -
                      addr / WIRE_HIGH_ADDR * (WIRE_UNPACK_FROM_HIGH - WIRE_UNPACK_FROM_LOW);
  bool is_plain = true;

  for (uint32_t done = 0; done < length;) {
    uint32_t number = take_number(&packed), count = number / 2, began = done, back;
    const uint8_t *from;

    if (number % 2 != 0) {
      distance = ((count - 1) << 8 | take_byte(&packed)) * 2 + 2;
      count = take_number(&packed);
      is_plain = false;
    }
    if (count - 1 >= length - done) /* or 0, when the number was a very long one */
      return false;
    back = done - distance;
    if (is_plain) {
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
    do
      to[done++] = *from++;
    while (--count != 0);
    if (!is_plain && distance < WIRE_UNPACK_CALL_DISTANCE)
      move_calls(to + began + (began & 1), to + done, distance);
    is_plain = !is_plain;
  }
  return packed.left == 0;
}
