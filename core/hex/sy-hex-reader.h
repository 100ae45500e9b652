/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Intel HEX text to SyImage, piece by piece: however a text is cut, the outcome is that of
 * sy_hex_read of the whole. Holds the image and the line at hand, never the text.
 *
 * One thread at a time.
 */

#pragma once

#include "sy-hex.h"

G_BEGIN_DECLS

typedef struct _SyHexReader SyHexReader;

/* `text_length` is what the text is thought to have; a wrong guess, or 0, costs time only. */
SyHexReader *sy_hex_reader_new(guint64 text_length);

/* Reads on. FALSE when the text is longer than SY_HEX_TEXT_MAX by now: more of it changes nothing.
 * What else is wrong is told at the end. */
gboolean sy_hex_reader_feed(SyHexReader *reader, const char *text, gsize length);

/* Ends and frees the reader. */
SyImage *sy_hex_reader_end(SyHexReader *reader, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void sy_hex_reader_free(SyHexReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyHexReader, sy_hex_reader_free)

G_END_DECLS
