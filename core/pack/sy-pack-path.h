/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The cheapest way through a range: which bytes stand for themselves and which are copied. */

#pragma once

#include "sy-pack-source.h"

typedef enum {
  SY_PACK_LITERALS,
  SY_PACK_NEAR, /* copied from as far back as the copy before */
  SY_PACK_FAR,  /* copied from a distance of its own */
} SyPackStepKind;

typedef struct {
  SyPackStepKind kind;
  guint length;
  guint32 distance; /* FAR */
} SyPackStep;

typedef struct _SyPackPath SyPackPath;

SyPackPath *sy_pack_path_new(void);
void sy_pack_path_free(SyPackPath *self);

/* Fills `steps`, which has room for SY_PACK_LENGTH_MAX, and returns their number. `distance` is the
 * one that the first NEAR means. The time it takes is bounded whatever the bytes are. */
guint sy_pack_path_find(SyPackPath *self, const SyPackSource *source, SyPackRange range,
                        guint32 distance, SyPackStep *steps);
