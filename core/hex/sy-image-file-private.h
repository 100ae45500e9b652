/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Reading a file that is not one. Not for others but tests.
 */

#pragma once

#include "sy-image-file.h"

/* As sy_image_file_load of what `stream` gives, which is thought to be `length` bytes; a wrong
 * guess, or 0, costs time only. `file` is what the result names as its file. */
SyImageFile *sy_image_file_read(GFile *file, GInputStream *stream, guint64 length,
                                const SyFileOptions *options, GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
