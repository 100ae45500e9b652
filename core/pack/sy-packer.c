/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "sy-packer.h"

#include "sy-pack-path.h"
#include "sy-pack-writer.h"

enum { FLASH_END = WIRE_BOOT_SECTOR * WIRE_SECTOR_SIZE };

struct _SyPacker {
  SyPackSource *source;
  SyPackPath *path;
  SyPackStep steps[SY_PACK_LENGTH_MAX];
};

SyPacker *sy_packer_new(guint32 addr, const guint8 *image, gsize length, guint32 other_addr,
                        const guint8 *other, gsize other_length)
{
  SyPacker *self;

  g_return_val_if_fail(addr % WIRE_BLOCK_SIZE == 0 && addr < FLASH_END, NULL);
  g_return_val_if_fail(length > 0 && length <= FLASH_END - addr, NULL);
  g_return_val_if_fail(!other || (other_addr % WIRE_BLOCK_SIZE == 0 && other_addr < FLASH_END),
                       NULL);
  g_return_val_if_fail(!other || other_length <= FLASH_END - other_addr, NULL);
  self = g_new0(SyPacker, 1);
  self->source = sy_pack_source_new(addr, image, length, other_addr, other, other_length);
  self->path = sy_pack_path_new();
  return self;
}

void sy_packer_free(SyPacker *self)
{
  sy_pack_source_free(self->source);
  sy_pack_path_free(self->path);
  g_free(self);
}

static void write_step(const SyPacker *self, const SyPackStep *step, guint32 at,
                       SyPackWriter *writer)
{
  if (step->kind == SY_PACK_FAR) {
    guint halves = step->distance / 2 - 1;

    sy_pack_writer_put_number(writer, ((halves >> 8) + 1) * 2 + 1);
    sy_pack_writer_put_byte(writer, (guint8)halves);
    sy_pack_writer_put_number(writer, step->length);
    return;
  }
  sy_pack_writer_put_number(writer, step->length * 2);
  if (step->kind == SY_PACK_LITERALS)
    for (guint i = 0; i < step->length; i++)
      sy_pack_writer_put_byte(writer, sy_pack_source_get_byte(self->source, at + i));
}

gsize sy_packer_pack(SyPacker *self, guint block, guint count, const guint8 *readable, guint8 *to,
                     gsize room)
{
  guint32 addr = sy_pack_source_get_addr(self->source);
  SyPackRange range = {addr + block * WIRE_BLOCK_SIZE, addr + (block + count) * WIRE_BLOCK_SIZE};
  SyPackWriter writer = {.to = to, .room = room};
  guint n;

  g_return_val_if_fail(count > 0 && count <= WIRE_UNPACK_BLOCKS_MAX, 0);
  g_return_val_if_fail(block + count <= sy_pack_source_get_blocks(self->source), 0);
  sy_pack_source_set_readable(self->source, readable, range);
  n = sy_pack_path_find(self->path, self->source, range,
                        addr < WIRE_HIGH_ADDR ? WIRE_UNPACK_FROM_HIGH : WIRE_UNPACK_FROM_LOW,
                        self->steps);
  for (guint i = 0, at = range.start; i < n; at += self->steps[i++].length)
    write_step(self, &self->steps[i], at, &writer);
  return writer.length <= room ? writer.length : 0;
}
