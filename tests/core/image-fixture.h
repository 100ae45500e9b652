/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Small images for tests, made of text.
 */

#pragma once

#include "sy-image.h"

G_BEGIN_DECLS

typedef struct {
  guint32 addr;
  const char *text; /* its bytes without the end */
} ImagePart;

SyImage *image_fixture_new(const ImagePart *parts, guint n_parts);
/* IMAGE({0x10, "abcd"}, {0x20, "xyz"}) */
#define IMAGE(...)                                                                                 \
  image_fixture_new((const ImagePart[]){__VA_ARGS__},                                              \
                    sizeof((const ImagePart[]){__VA_ARGS__}) / sizeof(ImagePart))

SyImage *image_fixture_empty(void);

/* `length` bytes of one value. */
SyImage *image_fixture_flat(guint32 addr, guint32 length, guint8 value);

/* The same image with a start address. */
SyImage *image_fixture_with_start(SyImage *image, guint32 start);

/* "00000010:abcd 00000020:xyz": what the image holds; free with g_free. */
char *image_fixture_print(SyImage *image);

G_END_DECLS
