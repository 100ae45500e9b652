/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The eight ARM exception vectors of a program, decoded: where does each lead?
 *
 * The chip shows the vectors of the running program at address 0 (MEMMAP = 2, UM10114 §6.8.1), with
 * the eight words behind them, in which the usual vector, LDR pc,[pc,#0x18], finds its target.
 */

#pragma once

#include "sy-image.h"

G_BEGIN_DECLS

typedef enum {
  SY_VECTOR_MISSING, /* the file does not hold it, or not the literal it loads */
  SY_VECTOR_LITERAL, /* LDR pc from a literal in the image: the target says where it was linked */
  SY_VECTOR_BRANCH,  /* B: relative, so the target moves with the image */
  SY_VECTOR_VIC,     /* LDR pc,[pc,#-0xff0]: the interrupt controller's address register */
  SY_VECTOR_OTHER,   /* anything else, e.g. data, or the vector sum */
} SyVectorKind;

typedef struct {
  SyVectorKind kind;
  guint32 addr;   /* of the vector */
  guint32 target; /* LITERAL, BRANCH */
} SyVector;

/* Decodes vector `index` (0 reset to 7 FIQ) of the program whose vectors begin at `addr`. */
SyVector sy_vector_decode(SyImage *image, guint32 addr, guint index);

/* "reset", "SWI" and so on, for people; translated. */
const char *sy_vector_get_name(guint index);

G_END_DECLS
