/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyImageScale: from the addresses of an image to pixels and back, so that an image of any shape
 * fits a strip. Long gaps become short breaks of one height; what is between breaks is in
 * proportion, but never so little that it could not be seen or hit.
 *
 * Pixels count from the top of the strip; pieces begin and end at whole ones. One thread.
 */

#pragma once

#include "sy-image.h"

G_BEGIN_DECLS

enum {
  SY_SCALE_BREAK_HEIGHT = 18, /* pixels */
  SY_SCALE_PIECE_MIN = 8,     /* pixels, while the strip has room for it */
};

/* Addresses half-open, and may end at 4 GiB. Pieces follow each other without room between. */
typedef struct {
  guint64 begin_addr;
  guint64 end_addr;
  int y;
  int height;
  gboolean is_break; /* nothing of the image lies in it */
} SyScalePiece;

typedef struct _SyImageScale SyImageScale;

/* `height` in pixels. */
SyImageScale *sy_image_scale_new(SyImage *image, int height) G_GNUC_WARN_UNUSED_RESULT;
void sy_image_scale_free(SyImageScale *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyImageScale, sy_image_scale_free)

/* None of an empty image, or in no room. */
guint sy_image_scale_get_n(SyImageScale *self);
const SyScalePiece *sy_image_scale_get(SyImageScale *self, guint index);
/* The piece at a pixel; the nearest above or below the strip. NULL when there are none. */
const SyScalePiece *sy_image_scale_find(SyImageScale *self, double y);

/* Rising; the ends of the strip for what lies outside the image. `addr` may be 4 GiB. */
double sy_image_scale_get_y(SyImageScale *self, guint64 addr);
/* The address at a pixel, which may lie in a gap. */
guint64 sy_image_scale_get_addr(SyImageScale *self, double y);

G_END_DECLS
