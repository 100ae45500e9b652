/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * CRC-32 (that of PROTOCOL.md) and SHA-256 of a file as it lies on disk, or of bytes of an image.
 */

#pragma once

#include "sy-image.h"

G_BEGIN_DECLS

typedef struct {
  guint64 length; /* bytes it is of */
  guint32 crc;
  char sha256[65]; /* lower case, as sha256sum prints it */
} SyDigest;

/* Blocking; G_IO_ERROR. */
gboolean sy_digest_file(GFile *file, GCancellable *cancellable, SyDigest *digest,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Of the bytes that are there in [range), one segment after the other; gaps add nothing. FALSE when
 * it was cancelled. */
gboolean sy_digest_image(SyImage *image, const SyRange *range, GCancellable *cancellable,
                         SyDigest *digest) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
