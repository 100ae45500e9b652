/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Programs and releases made in memory.
 */

#include "release-builder.h"

#include "wire-bytes.h"

#define LOAD_PC_PLUS_0X18 0xe59ff018u /* LDR pc,[pc,#0x18]: the literal 0x20 bytes ahead */
#define LOAD_PC_VIC       0xe51ffff0u /* LDR pc,[pc,#-0xff0] */

enum { IRQ = 6 };

static guint32 get_addr(WireBank bank)
{
  return wire_bank_map(bank)->addr;
}

guint8 *release_build_program(WireBank bank, guint32 version, guint32 length)
{
  guint8 *program = g_malloc(length);
  WireImageHeader header = {
      .product = WIRE_PRODUCT_DEMO,
      .version = version,
      .length = length,
      .bank_addr = get_addr(bank),
      .name = "demo program",
  };

  g_assert(length >= 0x100);
  for (guint32 i = 0; i < length; i++)
    program[i] = (guint8)(i * 2654435761u >> 11);
  for (guint i = 0; i < WIRE_VECTOR_COUNT; i++) {
    wire_put_u32(program + 4 * i, i == IRQ ? LOAD_PC_VIC : LOAD_PC_PLUS_0X18);
    wire_put_u32(program + 0x20 + 4 * i, get_addr(bank) + 0x80 + 4 * i);
  }
  wire_put_u32(program + WIRE_VECTOR_SUM_ADDR, wire_vector_sum(program));
  release_set_header(program, length, &header);
  return program;
}

void release_set_header(guint8 *program, guint32 length, const WireImageHeader *header)
{
  wire_image_header_write(header, program);
  release_seal(program, length);
}

void release_seal(guint8 *program, guint32 length)
{
  wire_put_u32(program + WIRE_VECTOR_SUM_ADDR, wire_vector_sum(program));
  wire_put_u32(
      program + WIRE_IMAGE_CRC_OFFSET,
      wire_image_crc(program, WIRE_IMAGE_LENGTH_MIN, program + WIRE_IMAGE_LENGTH_MIN, length));
}

void release_add(SyImageBuilder *builder, guint32 addr, const guint8 *bytes, guint32 length)
{
  if (!sy_image_builder_add(builder, addr, bytes, length, 0, NULL))
    g_error("bytes at 0x%08X given twice", addr);
}

SyImage *release_image_of(WireBank bank, const guint8 *program, guint32 length)
{
  SyImageBuilder *builder = sy_image_builder_new();

  release_add(builder, get_addr(bank), program, length);
  return sy_image_builder_end(builder);
}

SyImage *release_build_both(guint32 version, guint32 length)
{
  SyImageBuilder *builder = sy_image_builder_new();

  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    g_autofree guint8 *program = release_build_program(bank, version, length);

    release_add(builder, get_addr(bank), program, length);
  }
  return sy_image_builder_end(builder);
}
