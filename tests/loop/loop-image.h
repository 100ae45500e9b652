/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Programs made in memory, as long as a test needs them. */

#pragma once

#include "fw-bench.h"

enum { LOOP_LENGTH_MAX = 0x8000 }; /* 64 blocks, four sectors */

typedef struct {
  WireBank bank;
  WireImageHeader header;
  uint32_t length; /* 0: none */
  _Alignas(4) uint8_t bytes[LOOP_LENGTH_MAX];
} LoopImage;

/* A program right in every check. Half of each block depends on bank and version, the other half is
 * alike everywhere, so that it can be packed. */
void loop_image_make(LoopImage *image, WireBank bank, uint32_t version, uint32_t length);

/* Test's own hand: the image lies in its bank, and nothing else does. */
void loop_image_put(const LoopImage *image, BenchFlash *flash);
bool loop_image_is_held(const LoopImage *image, const BenchFlash *flash);
