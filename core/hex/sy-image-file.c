/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyImageFile.
 */

#include "sy-image-file.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "sy-hex-private.h"
#include "sy-image-file-private.h"
#include "sy-image-private.h"
#include "sy-read-ahead.h"
#include "sy-text-private.h"

enum {
  CHUNK_SIZE = SY_READ_AHEAD_CHUNK,
  LINE_SHOWN_MAX = 600,                 /* bytes of a line */
  PREVIEW_LENGTH_MIN = 4 * 1024 * 1024, /* of a file; what is shorter is read in no time */
};

/* By which a file is known again. */
#define STAMP_ATTRIBUTES                                                                           \
  G_FILE_ATTRIBUTE_STANDARD_TYPE "," G_FILE_ATTRIBUTE_STANDARD_SIZE                                \
                                 "," G_FILE_ATTRIBUTE_ETAG_VALUE "," G_FILE_ATTRIBUTE_UNIX_INODE

struct _SyImageFile {
  gatomicrefcount ref_count;
  SyFormat format;
  GFile *file;
  GFileInfo *stamp; /* NULL when the file did not tell */
  SyImage *image;
  SyProblems *problems;
  SyLineIndex *lines; /* NULL of raw bytes */
  guint64 length;
};

G_DEFINE_BOXED_TYPE(SyImageFile, sy_image_file, sy_image_file_ref, sy_image_file_unref)
G_DEFINE_QUARK(sy - file - error - quark, sy_file_error)

SyImageFile *sy_image_file_ref(SyImageFile *self)
{
  g_return_val_if_fail(self, NULL);
  g_atomic_ref_count_inc(&self->ref_count);
  return self;
}

void sy_image_file_unref(SyImageFile *self)
{
  g_return_if_fail(self);
  if (!g_atomic_ref_count_dec(&self->ref_count))
    return;
  g_clear_object(&self->file);
  g_clear_object(&self->stamp);
  g_clear_pointer(&self->image, sy_image_unref);
  g_clear_pointer(&self->problems, sy_problems_unref);
  g_clear_pointer(&self->lines, sy_line_index_free);
  g_free(self);
}

/* ---- Reading ---- */

/* A stream that is read chunk by chunk; the first tells what it is, one that is not full is the
 * last. */
typedef struct {
  SyReadAhead *ahead;
  guint64 length_guess;
  const char *chunk;
  gsize got; /* in the chunk */
} Source;

static gboolean fill_chunk(Source *source, GError **error)
{
  return sy_read_ahead_next(source->ahead, &source->chunk, &source->got, error);
}

/* A read error is told before anything that the text has wrong, so the file is always read to its
 * end. */
static gboolean read_text(SyImageFile *self, Source *source, GError **error)
{
  g_autoptr(SyTextReader) reader = sy_text_reader_new(self->format, source->length_guess);
  SyText text;

  while (sy_text_reader_feed(reader, source->chunk, source->got)) {
    self->length += source->got;
    if (source->got < CHUNK_SIZE)
      break;
    if (!fill_chunk(source, error))
      return FALSE;
  }
  if (!sy_text_reader_end(g_steal_pointer(&reader), &text, error))
    return FALSE;
  self->image = text.image;
  self->problems = text.problems;
  self->lines = text.lines;
  return TRUE;
}

static gboolean check_raw_length(guint32 addr, guint64 length, GError **error)
{
  if (length > SY_HEX_DATA_MAX) {
    g_set_error(error, SY_HEX_ERROR, SY_HEX_ERROR_LIMIT,
                _("The file holds more than %u MB of data, more than this program takes."),
                SY_HEX_DATA_MAX >> 20);
    return FALSE;
  }
  if (addr + length > SY_IMAGE_ADDR_END) {
    g_set_error(error, SY_FILE_ERROR, SY_FILE_ERROR_ADDRESS,
                _("From 0x%08X on, the bytes of the file would run past the last address, "
                  "0xFFFFFFFF. Give a lower address."),
                addr);
    return FALSE;
  }
  return TRUE;
}

static gboolean read_raw(SyImageFile *self, Source *source, guint32 addr, GError **error)
{
  g_autoptr(SyImageBuilder) builder = sy_image_builder_new();
  SyImageOverlap overlap = {0}; /* there is none */

  if (!check_raw_length(addr, source->length_guess, error))
    return FALSE;
  sy_image_builder_reserve(builder, (guint32)source->length_guess);
  while (source->got > 0) {
    if (!check_raw_length(addr, self->length + source->got, error))
      return FALSE;
    sy_image_builder_add_over(builder, addr + (guint32)self->length, (const guint8 *)source->chunk,
                              (guint32)source->got, 0, &overlap);
    self->length += source->got;
    if (source->got < CHUNK_SIZE)
      break;
    if (!fill_chunk(source, error))
      return FALSE;
  }
  self->problems = sy_problems_new();
  if (self->length == 0) {
    SyProblem empty = {SY_SEVERITY_ERROR,
                       SY_HEX_ERROR_CUT,
                       0,
                       0,
                       G_MAXUINT32,
                       g_strdup(_("The file is empty. Get it again."))};

    sy_problems_take(self->problems, &empty);
  }
  self->image = sy_image_builder_end(g_steal_pointer(&builder));
  return TRUE;
}

static void ask_address(const Source *source, GError **error)
{
  const char *kind = sy_detect_other_kind(source->chunk, source->got);

  if (kind)
    g_set_error(
        error, SY_FILE_ERROR, SY_FILE_ERROR_ADDRESS,
        _("This is %s, neither Intel HEX nor S-records. Convert it, or ask for the .hex. To "
          "look at its raw bytes, say at which address they begin."),
        kind);
  else
    g_set_error_literal(error, SY_FILE_ERROR, SY_FILE_ERROR_ADDRESS,
                        _("The file is no text: neither Intel HEX nor S-records. To look at its "
                          "raw bytes, say at which address they begin."));
}

/* What can be understood of the first chunk by itself; its last line is cut, which nobody is told.
 */
static SyImage *read_beginning(SyFormat format, const Source *source, guint32 addr)
{
  g_autoptr(SyProblems) problems = NULL;
  g_autoptr(SyLineIndex) lines = NULL;
  SyTextReader *reader;
  SyText text = {0};

  if (format == SY_FORMAT_BINARY) {
    SyImageBuilder *builder = sy_image_builder_new();

    if (!sy_image_builder_add(builder, addr, (const guint8 *)source->chunk, (guint32)source->got, 0,
                              NULL))
      g_assert_not_reached();
    return sy_image_builder_end(builder);
  }
  reader = sy_text_reader_new(format, source->got);
  sy_text_reader_feed(reader, source->chunk, source->got);
  if (!sy_text_reader_end(reader, &text, NULL))
    return NULL;
  problems = text.problems;
  lines = text.lines;
  return text.image;
}

static void tell_preview(SyFormat format, const Source *source, const SyFileOptions *options)
{
  g_autoptr(SyImage) beginning = NULL;

  if (!options || !options->preview || source->got < CHUNK_SIZE ||
      source->length_guess < PREVIEW_LENGTH_MIN ||
      (guint64)options->addr + source->got > SY_IMAGE_ADDR_END)
    return;
  beginning = read_beginning(format, source, options->addr);
  if (beginning && sy_image_get_size(beginning) > 0)
    options->preview(beginning, options->preview_data);
}

static gboolean read_source(SyImageFile *self, Source *source, const SyFileOptions *options,
                            GError **error)
{
  SyFormat format = options ? options->format : SY_FORMAT_AUTO;

  if (!fill_chunk(source, error))
    return FALSE;
  if (format == SY_FORMAT_AUTO)
    format = sy_detect_format(source->chunk, source->got);
  self->format = format;
  if (format != SY_FORMAT_BINARY || (options && options->has_addr))
    tell_preview(format, source, options);
  if (format != SY_FORMAT_BINARY)
    return read_text(self, source, error);
  if (options && options->has_addr)
    return read_raw(self, source, options->addr, error);
  ask_address(source, error);
  return FALSE;
}

SyImageFile *sy_image_file_read(GFile *file, GInputStream *stream, guint64 length,
                                const SyFileOptions *options, GCancellable *cancellable,
                                GError **error)
{
  g_return_val_if_fail(G_IS_FILE(file) && G_IS_INPUT_STREAM(stream), NULL);

  g_autoptr(SyImageFile) self = g_new0(SyImageFile, 1);
  g_autoptr(SyReadAhead) ahead = sy_read_ahead_new(stream, cancellable);
  Source source = {ahead, length, NULL, 0};

  g_atomic_ref_count_init(&self->ref_count);
  self->file = g_object_ref(file);
  return read_source(self, &source, options, error) ? g_steal_pointer(&self) : NULL;
}

/* The size is asked first, so that a huge file is refused unread; and not relied upon, since pipes
 * and files that still grow have none. */
static SyImageFile *load(GFile *file, const SyFileOptions *options, GCancellable *cancellable,
                         GError **error)
{
  g_autoptr(GFileInputStream) stream = g_file_read(file, cancellable, error);

  if (!stream)
    return NULL;

  g_autoptr(GFileInfo) stamp =
      g_file_input_stream_query_info(stream, STAMP_ATTRIBUTES, cancellable, NULL);
  guint64 length =
      stamp ? g_file_info_get_attribute_uint64(stamp, G_FILE_ATTRIBUTE_STANDARD_SIZE) : 0;

  if (!sy_hex_check_length(length, error))
    return NULL;

  SyImageFile *self =
      sy_image_file_read(file, G_INPUT_STREAM(stream), length, options, cancellable, error);

  if (self)
    self->stamp = g_steal_pointer(&stamp);
  return self;
}

SyImageFile *sy_image_file_load(GFile *file, const SyFileOptions *options,
                                GCancellable *cancellable, GError **error)
{
  g_return_val_if_fail(G_IS_FILE(file), NULL);

  GError *why = NULL;
  SyImageFile *self = load(file, options, cancellable, &why);

  if (self)
    return self;
  if (why->domain == G_IO_ERROR) {
    g_autofree char *name = g_file_get_parse_name(file);

    g_prefix_error(&why, _("Cannot read “%s”: "), name);
  }
  g_propagate_error(error, why);
  return NULL;
}

/* ---- What it is ---- */

SyFormat sy_image_file_get_format(SyImageFile *self)
{
  g_return_val_if_fail(self, SY_FORMAT_AUTO);
  return self->format;
}

GFile *sy_image_file_get_file(SyImageFile *self)
{
  g_return_val_if_fail(self, NULL);
  return self->file;
}

SyImage *sy_image_file_get_image(SyImageFile *self)
{
  g_return_val_if_fail(self, NULL);
  return self->image;
}

SyProblems *sy_image_file_get_problems(SyImageFile *self)
{
  g_return_val_if_fail(self, NULL);
  return self->problems;
}

guint64 sy_image_file_get_length(SyImageFile *self)
{
  g_return_val_if_fail(self, 0);
  return self->length;
}

guint sy_image_file_get_n_lines(SyImageFile *self)
{
  g_return_val_if_fail(self, 0);
  return self->lines ? sy_line_index_get_n_lines(self->lines) : 0;
}

/* ---- A line, read again ---- */

/* Asked of the path and not of an open file: to open what has become a pipe would wait for ever. */
static gboolean check_unchanged(SyImageFile *self, GError **error)
{
  if (!self->stamp || g_file_info_get_file_type(self->stamp) != G_FILE_TYPE_REGULAR) {
    g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                        _("The file is a pipe or a device and cannot be read again."));
    return FALSE;
  }

  g_autoptr(GFileInfo) now =
      g_file_query_info(self->file, STAMP_ATTRIBUTES, G_FILE_QUERY_INFO_NONE, NULL, error);

  if (!now)
    return FALSE;
  if (g_file_info_get_file_type(now) == G_FILE_TYPE_REGULAR &&
      g_file_info_get_size(now) == g_file_info_get_size(self->stamp) &&
      g_strcmp0(g_file_info_get_etag(now), g_file_info_get_etag(self->stamp)) == 0 &&
      g_file_info_get_attribute_uint64(now, G_FILE_ATTRIBUTE_UNIX_INODE) ==
          g_file_info_get_attribute_uint64(self->stamp, G_FILE_ATTRIBUTE_UNIX_INODE))
    return TRUE;
  g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                      _("The file has changed since it was opened. Open it again."));
  return FALSE;
}

/* Behind `n_lines` line ends; NULL when there are not as many. */
static const char *skip_lines(const char *at, const char *end, guint n_lines)
{
  for (; n_lines > 0; n_lines--) {
    at = sy_text_find_line_end(at, end);
    if (at == end)
      return NULL;
    at += end - at >= 2 && at[0] == '\r' && at[1] == '\n' ? 2 : 1;
  }
  return at;
}

/* The text from `offset` on. */
static gboolean read_text_at(SyImageFile *self, guint64 offset, char *text, gsize *length,
                             GError **error)
{
  g_autoptr(GFileInputStream) stream = g_file_read(self->file, NULL, error);

  return stream && g_seekable_seek(G_SEEKABLE(stream), (goffset)offset, G_SEEK_SET, NULL, error) &&
         g_input_stream_read_all(G_INPUT_STREAM(stream), text, *length, length, NULL, error);
}

char *sy_image_file_dup_line(SyImageFile *self, guint line, GError **error)
{
  g_return_val_if_fail(self, NULL);

  if (line == 0 || line > sy_image_file_get_n_lines(self)) {
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, _("The file has no line %u."),
                line);
    return NULL;
  }

  guint64 offset = 0;
  guint known = sy_line_index_find(self->lines, line, &offset);
  gsize length = CHUNK_SIZE;
  g_autofree char *text = g_malloc(length);

  if (!check_unchanged(self, error) || !read_text_at(self, offset, text, &length, error))
    return NULL;

  const char *begin = skip_lines(text, text + length, line - known);

  if (!begin) {
    g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_FAILED,
                        _("The file has changed since it was opened. Open it again."));
    return NULL;
  }

  const char *stop = sy_text_find_line_end(begin, text + length);

  return g_utf8_make_valid(begin, MIN(stop - begin, LINE_SHOWN_MAX));
}

const char *sy_format_to_string(SyFormat format)
{
  switch (format) {
  case SY_FORMAT_HEX:
    return _("Intel HEX");
  case SY_FORMAT_SREC:
    return _("S-record");
  case SY_FORMAT_BINARY:
    return _("raw bytes");
  case SY_FORMAT_AUTO:
  default:
    return "";
  }
}
