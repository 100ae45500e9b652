/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Finding bytes in an image. A match lies in one segment: a gap is nothing and matches nothing.
 * Pure, any thread.
 */

#pragma once

#include "sy-image.h"

G_BEGIN_DECLS

enum { SY_PATTERN_MAX = 256 }; /* bytes */

/* "de ad BE EF", "DEADBEEF", "0xDE, 0xAD": bytes in the order written. NULL with
 * G_IO_ERROR_INVALID_ARGUMENT and a sentence for a person. */
GBytes *sy_pattern_parse_hex(const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The text's own bytes (UTF-8); the same errors. */
GBytes *sy_pattern_from_text(const char *text, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The first match at `from` or above; FALSE when there is none. `from` may be 4 GiB: none. */
gboolean sy_image_search_forward(SyImage *image, GBytes *pattern, guint64 from, guint32 *found);
/* The last match that begins below `before`. */
gboolean sy_image_search_back(SyImage *image, GBytes *pattern, guint64 before, guint32 *found);

G_END_DECLS
