/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Intel HEX files: loading one.
 */

#include "sy-hex-private.h"

#include <glib/gi18n-lib.h>

enum { CHUNK_SIZE = 1024 * 1024 };

G_DEFINE_QUARK(sy - hex - error - quark, sy_hex_error)

gboolean sy_hex_check_length(guint64 length, GError **error)
{
  if (length <= SY_HEX_TEXT_MAX)
    return TRUE;
  g_set_error(error, SY_HEX_ERROR, SY_HEX_ERROR_LIMIT,
              _("The file is larger than %u MB, more than this program takes."),
              SY_HEX_TEXT_MAX >> 20);
  return FALSE;
}

/* The file's size, or 0 where the file system does not tell. */
static guint64 ask_size(GFileInputStream *stream, GCancellable *cancellable)
{
  g_autoptr(GFileInfo) info =
      g_file_input_stream_query_info(stream, G_FILE_ATTRIBUTE_STANDARD_SIZE, cancellable, NULL);

  return info ? g_file_info_get_attribute_uint64(info, G_FILE_ATTRIBUTE_STANDARD_SIZE) : 0;
}

/* The size is asked first, so that a huge file is refused before it fills the memory; and not
 * relied upon, since pipes and files that still grow have none. */
static gboolean read_stream(GFileInputStream *stream, GByteArray *text, GCancellable *cancellable,
                            GError **error)
{
  guint64 size = ask_size(stream, cancellable);
  gsize wanted = (gsize)MIN(size, SY_HEX_TEXT_MAX) + 1;
  gsize got = 0;

  if (!sy_hex_check_length(size, error))
    return FALSE;
  do {
    gsize before = text->len;

    wanted = before == 0 ? MAX(wanted, CHUNK_SIZE) : CHUNK_SIZE;
    g_byte_array_set_size(text, (guint)(before + wanted));
    if (!g_input_stream_read_all(G_INPUT_STREAM(stream), text->data + before, wanted, &got,
                                 cancellable, error))
      return FALSE;
    g_byte_array_set_size(text, (guint)(before + got));
  } while (got == wanted && text->len <= SY_HEX_TEXT_MAX);
  return TRUE;
}

SyImage *sy_hex_load(GFile *file, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail(G_IS_FILE(file), NULL);

  g_autoptr(GByteArray) text = g_byte_array_new();
  g_autoptr(GFileInputStream) stream = g_file_read(file, cancellable, error);

  if (!stream || !read_stream(stream, text, cancellable, error)) {
    g_autofree char *name = g_file_get_parse_name(file);

    g_prefix_error(error, _("Cannot read “%s”: "), name);
    return NULL;
  }
  return sy_hex_read((const char *)text->data, text->len, error);
}
