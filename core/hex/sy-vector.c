/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Decoding exception vectors.
 */

#include "sy-vector.h"

#include <glib/gi18n-lib.h>

#include "wire-bytes.h"
#include "wire-flash-map.h"

/* ARM Architecture Reference Manual, A4.1.5 (B) and A4.1.23 (LDR), condition "always". */
#define BRANCH_MASK      0xff000000u
#define BRANCH_BITS      0xea000000u
#define LOAD_PC_MASK     0xff7ff000u /* all but the sign of the offset */
#define LOAD_PC_BITS     0xe51ff000u
#define LOAD_PC_ADD      0x00800000u
#define LOAD_OFFSET_MASK 0x00000fffu

/* VICVectAddr (UM10114 §5.4.12), which a vector at 0x18 reaches with offset −0xff0. */
#define VIC_VECT_ADDR 0xfffff030u

enum {
  WORD = 4,
  PIPELINE = 8, /* pc reads as two instructions ahead */
};

const char *sy_vector_get_name(guint index)
{
  static const char *const names[WIRE_VECTOR_COUNT] = {
      N_("reset"),      N_("undefined instruction"),
      N_("SWI"),        N_("prefetch abort"),
      N_("data abort"), N_("vector sum"),
      N_("IRQ"),        N_("FIQ"),
  };

  g_return_val_if_fail(index < WIRE_VECTOR_COUNT, NULL);
  return _(names[index]);
}

/* How far B goes, from its own address. */
static guint32 branch_distance(guint32 instruction)
{
  guint32 offset = (instruction & ~BRANCH_MASK) << 2;

  if (offset & 0x02000000u)
    offset |= 0xfc000000u;
  return offset + PIPELINE;
}

/* Where LDR pc loads from, counted from the first vector. */
static guint32 literal_offset(guint32 instruction, guint index)
{
  guint32 distance = instruction & LOAD_OFFSET_MASK;
  guint32 pc = index * WORD + PIPELINE;

  return instruction & LOAD_PC_ADD ? pc + distance : pc - distance;
}

SyVector sy_vector_decode(SyImage *image, guint32 addr, guint index)
{
  SyVector vector = {SY_VECTOR_OTHER, addr + index * WORD, 0};
  const guint8 *bytes = sy_image_peek(image, vector.addr, WORD);

  g_return_val_if_fail(index < WIRE_VECTOR_COUNT, vector);

  if (!bytes) {
    vector.kind = SY_VECTOR_MISSING;
    return vector;
  }

  guint32 instruction = wire_get_u32(bytes);

  if ((instruction & BRANCH_MASK) == BRANCH_BITS) {
    vector.kind = SY_VECTOR_BRANCH;
    vector.target = vector.addr + branch_distance(instruction);
  } else if ((instruction & LOAD_PC_MASK) == LOAD_PC_BITS) {
    guint32 offset = literal_offset(instruction, index);
    const guint8 *literal = sy_image_peek(image, addr + offset, WORD);

    if (offset == VIC_VECT_ADDR) {
      vector.kind = SY_VECTOR_VIC;
    } else if (offset >= WIRE_FLASH_SIZE || !literal) {
      vector.kind = SY_VECTOR_MISSING;
    } else {
      vector.kind = SY_VECTOR_LITERAL;
      vector.target = wire_get_u32(literal);
    }
  }
  return vector;
}
