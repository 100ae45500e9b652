/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Intel HEX or S-record text to SyImage, piece by piece, however broken: a line that is wrong is
 * told and left out, and reading goes on behind it. However a text is cut into pieces, image and
 * problems are the same. Holds the image and the line at hand, never the text.
 *
 * One thread at a time.
 */

#pragma once

#include "sy-image-file.h"
#include "sy-line-index.h"

G_BEGIN_DECLS

typedef struct _SyTextReader SyTextReader;

/* What came of a text. All that could be understood, all that is odd or wrong. */
typedef struct {
  SyImage *image;
  SyProblems *problems;
  SyLineIndex *lines;
} SyText;

void sy_text_clear(SyText *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SyText, sy_text_clear)

/* `format` is HEX or SREC. `text_length` is what the text is thought to have; a wrong guess, or 0,
 * costs time only. */
SyTextReader *sy_text_reader_new(SyFormat format, guint64 text_length);

/* Reads on. FALSE when the text is longer than SY_HEX_TEXT_MAX by now: more of it changes nothing.
 * What else is wrong is told at the end. */
gboolean sy_text_reader_feed(SyTextReader *reader, const char *text, gsize length);

/* Ends and frees the reader and fills `text`, or leaves it empty and fails with
 * SY_HEX_ERROR_LIMIT. */
gboolean sy_text_reader_end(SyTextReader *reader, SyText *text,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

void sy_text_reader_free(SyTextReader *reader);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyTextReader, sy_text_reader_free)

G_END_DECLS
