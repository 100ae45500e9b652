/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Images out of images, and images to files. Pure but for saving, any thread.
 */

#pragma once

#include "sy-image-file.h"

G_BEGIN_DECLS

#define SY_CONVERT_ERROR (sy_convert_error_quark())
GQuark sy_convert_error_quark(void);

typedef enum {
  SY_CONVERT_ERROR_CLASH, /* two images give one address different bytes */
  SY_CONVERT_ERROR_LARGE, /* what would be written, with its gaps filled, is too large */
  SY_CONVERT_ERROR_EMPTY, /* there is nothing to save */
} SyConvertError;

enum { SY_SAVE_BINARY_MAX = 256 * 1024 * 1024 }; /* bytes of a raw file, gaps filled */

/* What `image` holds within the ranges (rising and apart). Start address kept when it lies there.
 */
SyImage *sy_image_extract(SyImage *image, const SyRange *ranges,
                          guint n_ranges) G_GNUC_WARN_UNUSED_RESULT;
/* All of them together; SY_CONVERT_ERROR_CLASH with the first address, SY_CONVERT_ERROR_LARGE
 * beyond SY_HEX_DATA_MAX. The start address is the first one that any has. */
SyImage *sy_image_merge(SyImage *const *images, guint n_images,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* With every gap inside the range filled; SY_CONVERT_ERROR_LARGE beyond SY_HEX_DATA_MAX. */
SyImage *sy_image_fill(SyImage *image, const SyRange *range, guint8 value,
                       GError **error) G_GNUC_WARN_UNUSED_RESULT;

typedef struct {
  SyFormat format;  /* HEX, SREC or BINARY */
  guint per_line;   /* data bytes a record, 1 to 250; 0: 16. Not for raw bytes */
  guint8 fill;      /* of gaps, raw bytes only */
  gboolean replace; /* a file that exists; else G_IO_ERROR_EXISTS */
} SySaveOptions;

/* Writes a file whole or not at all (a new one takes the place of the old by a rename,
 * with its permissions; through a symbolic link it is what the link leads to). The folder must be
 * one of this computer. Blocking. G_IO_ERROR, SY_CONVERT_ERROR. */
gboolean sy_image_save(SyImage *image, GFile *file, const SySaveOptions *options,
                       GCancellable *cancellable, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
