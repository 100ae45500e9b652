/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Bytes of an image as text for the clipboard. Pure, any thread.
 */

#pragma once

#include "sy-image.h"

G_BEGIN_DECLS

typedef enum {
  SY_COPY_HEX,  /* "18 F0 9F E5 …", 16 a line; a gap begins a new line */
  SY_COPY_TEXT, /* printable ASCII, everything else a dot; a gap begins a new line */
  SY_COPY_C,    /* an array of uint8_t for each run of bytes, with comments where there are gaps */
  SY_COPY_DUMP, /* address, bytes and text, as the rows of the view */
} SyCopyFormat;

enum { SY_COPY_MAX = 1024 * 1024 }; /* bytes of the image */

/* The bytes of [addr, end) that are there. Free with g_free. NULL with
 * G_IO_ERROR_INVALID_ARGUMENT and a sentence for a person when there are none or more than
 * SY_COPY_MAX. `end` may be 4 GiB. */
char *sy_hex_copy(SyImage *image, guint64 addr, guint64 end, SyCopyFormat format,
                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
