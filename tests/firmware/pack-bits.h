/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writes packed blocks by hand, step by step: what is copied from where stands in the test.
 * PROTOCOL.md §9, and wire-unpack.h for the other end. */

#pragma once

#include <stddef.h>
#include <stdint.h>

enum { PACK_ROOM = 1100 };

typedef struct {
  uint8_t bytes[PACK_ROOM];
  size_t length;
  size_t bits_at;     /* the byte that takes bits */
  unsigned bits_left; /* in it */
} PackBits;

void pack_init(PackBits *pack);
/* Bytes as they are; not twice in a row. */
void pack_put_bytes(PackBits *pack, const uint8_t *bytes, unsigned count);
/* A copy of two bytes or more from so far back in the circle of addresses, which is even. */
void pack_put_copy(PackBits *pack, uint32_t distance, unsigned count);
