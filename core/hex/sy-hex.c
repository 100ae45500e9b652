/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Intel HEX: a whole text, or a file.
 */

#include "sy-hex.h"

#include <glib/gi18n-lib.h>

#include "sy-hex-private.h"
#include "sy-hex-reader.h"

/* Stays in the processor's cache, and is many lines. */
enum { CHUNK_SIZE = 256 * 1024 };

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

/* A read error is told before anything that the text has wrong, so the file is always read to its
 * end. */
static gboolean read_stream(GFileInputStream *stream, SyHexReader *reader,
                            GCancellable *cancellable, GError **error)
{
  g_autofree char *chunk = g_malloc(CHUNK_SIZE);
  gboolean more = TRUE;

  while (more) {
    gsize got = 0;

    if (!g_input_stream_read_all(G_INPUT_STREAM(stream), chunk, CHUNK_SIZE, &got, cancellable,
                                 error))
      return FALSE;
    more = sy_hex_reader_feed(reader, chunk, got) && got == CHUNK_SIZE;
  }
  return TRUE;
}

/* The size is asked first, so that a huge file is refused unread; and not relied upon, since pipes
 * and files that still grow have none. */
static SyHexReader *read_file(GFile *file, GCancellable *cancellable, GError **error)
{
  g_autoptr(GFileInputStream) stream = g_file_read(file, cancellable, error);

  if (!stream)
    return NULL;

  guint64 size = ask_size(stream, cancellable);

  if (!sy_hex_check_length(size, error))
    return NULL;

  g_autoptr(SyHexReader) reader = sy_hex_reader_new(size);

  return read_stream(stream, reader, cancellable, error) ? g_steal_pointer(&reader) : NULL;
}

SyImage *sy_hex_load(GFile *file, GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail(G_IS_FILE(file), NULL);

  SyHexReader *reader = read_file(file, cancellable, error);

  if (!reader) {
    g_autofree char *name = g_file_get_parse_name(file);

    g_prefix_error(error, _("Cannot read “%s”: "), name);
    return NULL;
  }
  return sy_hex_reader_end(reader, error);
}

SyImage *sy_hex_read(const char *text, gsize length, GError **error)
{
  g_return_val_if_fail(text || length == 0, NULL);

  SyHexReader *reader = sy_hex_reader_new(length);

  sy_hex_reader_feed(reader, text, length);
  return sy_hex_reader_end(reader, error);
}
