/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A text on its way to a file, in pieces, so that it need never be held as a whole. For those that
 * write images; not for others.
 */

#pragma once

#include "sy-image.h"

typedef struct {
  GString *text; /* not yet written */
  /* Writes bytes away; FALSE with an error. NULL: the text stays whole in `text`. */
  gboolean (*write)(const void *bytes, gsize length, gpointer user_data, GError **error);
  gpointer user_data;
} SyTextSink;

enum { SY_TEXT_PIECE_SIZE = 256 * 1024 };

/* Writes away what there is. */
static inline gboolean sy_text_sink_flush(SyTextSink *sink, GError **error)
{
  gboolean written =
      !sink->write || sink->write(sink->text->str, sink->text->len, sink->user_data, error);

  if (sink->write)
    g_string_truncate(sink->text, 0);
  return written;
}

/* To be called between records: writes away when there is a piece. */
static inline gboolean sy_text_sink_relieve(SyTextSink *sink, GError **error)
{
  return sink->text->len < SY_TEXT_PIECE_SIZE || sy_text_sink_flush(sink, error);
}

/* Appends a byte as two digits and adds it to a sum. */
static inline char *sy_text_put_byte(char *to, guint8 byte, guint8 *sum)
{
  static const char digits[] = "0123456789ABCDEF";

  *to++ = digits[byte >> 4];
  *to++ = digits[byte & 15];
  *sum = (guint8)(*sum + byte);
  return to;
}

/* The whole image; `per_line` data bytes a record, 1 to 255 for Intel HEX, to 250 for S-records. */
gboolean sy_hex_write_to(SyImage *image, guint per_line, SyTextSink *sink, GError **error);
gboolean sy_srec_write_to(SyImage *image, guint per_line, SyTextSink *sink, GError **error);
