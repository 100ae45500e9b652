/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Fuzz target for S-records: with any input the reader must not crash, and image and problems must
 * be the same when the text comes in pieces.
 *
 * A libFuzzer target; fuzz-main.c runs it without libFuzzer.
 */

#include "text-check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  g_auto(SyText) text = {NULL, NULL, NULL};

  text_check(SY_FORMAT_SREC, data, size, &text);
  return 0;
}
