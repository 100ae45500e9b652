/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writes the packed form: whole bytes, and between them bytes of bits, each where its first bit is
 * wanted. */

#pragma once

#include <glib.h>

typedef struct {
  guint8 *to; /* borrowed */
  gsize room;
  gsize length;    /* what was written, or would have been */
  gsize bits_at;   /* offset of the byte that takes bits */
  guint bits_free; /* in it */
} SyPackWriter;

void sy_pack_writer_put_byte(SyPackWriter *self, guint8 byte);

/* 2 and up. */
void sy_pack_writer_put_number(SyPackWriter *self, guint number);

/* The bits that a number takes. */
static inline guint sy_pack_number_get_bits(guint number)
{
  return 2 * g_bit_storage(number) - 2;
}
