/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "sy-pack-writer.h"

void sy_pack_writer_put_byte(SyPackWriter *self, guint8 byte)
{
  if (self->length < self->room)
    self->to[self->length] = byte;
  self->length++;
}

static void put_bit(SyPackWriter *self, gboolean bit)
{
  if (self->bits_free == 0) {
    self->bits_at = self->length;
    self->bits_free = 8;
    sy_pack_writer_put_byte(self, 0);
  }
  self->bits_free--;
  if (bit && self->bits_at < self->room)
    self->to[self->bits_at] |= (guint8)(1 << self->bits_free);
}

void sy_pack_writer_put_number(SyPackWriter *self, guint number)
{
  g_return_if_fail(number > 1);
  for (guint bit = g_bit_storage(number) - 1; bit-- > 0;) {
    put_bit(self, number >> bit & 1);
    put_bit(self, bit == 0);
  }
}
