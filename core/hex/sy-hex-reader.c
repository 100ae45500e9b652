/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyHexReader.
 *
 * Plain records, which go on where the one before ended, are decoded many at a time straight into
 * the image. Every other line is taken by itself, and carefully: all that a file may say and all
 * that may be wrong with it is there, and there only.
 */

#include "sy-hex-reader.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "sy-hex-private.h"

#define ADDR_END (G_GUINT64_CONSTANT(1) << 32)

typedef struct {
  guint8 count;
  guint16 offset;
  guint8 type;
  const guint8 *data;
} Record;

struct _SyHexReader {
  SyImageBuilder *builder;
  guint64 text_length; /* so far */
  GByteArray *rest;    /* of the text: a line whose end has not come yet */
  GError *error;       /* the first; what follows is not read */
  guint line;          /* of the record at hand, from 1 */
  guint32 base;
  gboolean segmented; /* the base came from a type 02 record: addresses wrap */
  gboolean ended;
  guint start_line; /* of the start address, 0 without one */
  guint32 start;
};

typedef gboolean (*ApplyFunc)(SyHexReader *reader, const Record *record);

#define fail(reader, code, ...) sy_hex_fail((reader)->line, code, &(reader)->error, __VA_ARGS__)

static gboolean store(SyHexReader *reader, guint32 addr, const guint8 *bytes, guint length)
{
  guint32 clash = 0;

  if (!sy_image_builder_add(reader->builder, addr, bytes, length, reader->line, &clash))
    return fail(reader, SY_HEX_ERROR_CLASH,
                _("the byte at 0x%08X is given again with another value than in line %u. "
                  "The file contradicts itself: have it built again."),
                clash, sy_image_builder_find_line(reader->builder, clash));
  if (sy_image_builder_get_size(reader->builder) > SY_HEX_DATA_MAX)
    return fail(reader, SY_HEX_ERROR_LIMIT,
                _("the file holds more than %u MB of data, more than this program takes."),
                SY_HEX_DATA_MAX >> 20);
  return TRUE;
}

static gboolean apply_data(SyHexReader *reader, const Record *record)
{
  guint64 addr = (guint64)reader->base + record->offset;
  guint length = record->count;

  if (reader->segmented && record->offset + length > SY_HEX_PAGE_SIZE) {
    guint before = SY_HEX_PAGE_SIZE - record->offset;

    return store(reader, (guint32)addr, record->data, before) &&
           store(reader, reader->base, record->data + before, length - before);
  }
  if (addr + length > ADDR_END)
    return fail(reader, SY_HEX_ERROR_SYNTAX,
                _("the data run past the last address, 0xFFFFFFFF. "
                  "The file is damaged or was built wrongly: get it again."));
  return store(reader, (guint32)addr, record->data, length);
}

static gboolean apply_end(SyHexReader *reader, const Record *record G_GNUC_UNUSED)
{
  reader->ended = TRUE;
  return TRUE;
}

static guint32 big_endian(const guint8 *bytes, guint length)
{
  guint32 value = 0;

  for (guint i = 0; i < length; i++)
    value = value << 8 | bytes[i];
  return value;
}

static gboolean apply_segment_base(SyHexReader *reader, const Record *record)
{
  reader->base = big_endian(record->data, 2) << 4;
  reader->segmented = TRUE;
  return TRUE;
}

static gboolean apply_linear_base(SyHexReader *reader, const Record *record)
{
  reader->base = big_endian(record->data, 2) << 16;
  reader->segmented = FALSE;
  return TRUE;
}

static gboolean set_start(SyHexReader *reader, guint32 start)
{
  if (reader->start_line != 0 && reader->start != start)
    return fail(reader, SY_HEX_ERROR_CLASH,
                _("the start address 0x%08X differs from 0x%08X in line %u. "
                  "The file contradicts itself: have it built again."),
                start, reader->start, reader->start_line);
  if (reader->start_line == 0)
    reader->start_line = reader->line;
  reader->start = start;
  sy_image_builder_set_start(reader->builder, start);
  return TRUE;
}

static gboolean apply_segment_start(SyHexReader *reader, const Record *record)
{
  return set_start(reader, (big_endian(record->data, 2) << 4) + big_endian(record->data + 2, 2));
}

static gboolean apply_linear_start(SyHexReader *reader, const Record *record)
{
  return set_start(reader, big_endian(record->data, 4));
}

enum { COUNT_ANY = -1 };

static const struct {
  gint16 count; /* data bytes the type must have */
  ApplyFunc apply;
} record_types[] = {
    [SY_HEX_DATA] = {COUNT_ANY, apply_data},
    [SY_HEX_END] = {0, apply_end},
    [SY_HEX_SEGMENT_BASE] = {2, apply_segment_base},
    [SY_HEX_SEGMENT_START] = {4, apply_segment_start},
    [SY_HEX_LINEAR_BASE] = {2, apply_linear_base},
    [SY_HEX_LINEAR_START] = {4, apply_linear_start},
};

static gboolean apply_record(SyHexReader *reader, const guint8 *raw)
{
  Record record = {raw[0], (guint16)big_endian(raw + 1, 2), raw[3], raw + SY_HEX_RECORD_HEAD};

  if (record.type >= G_N_ELEMENTS(record_types))
    return fail(reader, SY_HEX_ERROR_SYNTAX,
                _("there is no record type %02X in Intel HEX, only 00 to 05. "
                  "The file is damaged or of another kind."),
                record.type);

  gint count = record_types[record.type].count;

  if (count != COUNT_ANY && count != record.count)
    return fail(reader, SY_HEX_ERROR_SYNTAX,
                _("a record of type %02X has %d data bytes, not %u. The line is damaged: "
                  "get the file again."),
                record.type, count, record.count);
  return record_types[record.type].apply(reader, &record);
}

/* Behind blanks and the line end; NULL when something else stands there. */
static const char *skip_line_end(const char *at, const char *end)
{
  while (at < end && (*at == ' ' || *at == '\t' || *at == '\r'))
    at++;
  if (at == end)
    return at;
  return *at == '\n' ? at + 1 : NULL;
}

/* One line, whatever it is. Returns the next; with an error that does not matter. */
static const char *read_line(SyHexReader *reader, const char *line, const char *end)
{
  guint8 raw[SY_HEX_RECORD_MAX];
  const char *next = skip_line_end(line, end);

  reader->line++;
  if (next)
    return next;
  if (reader->ended) {
    fail(reader, SY_HEX_ERROR_SYNTAX,
         _("something follows behind the end record. Two files may have been joined: "
           "get the file again."));
    return end;
  }
  next = sy_hex_decode_record(line, end, raw);
  next = next ? skip_line_end(next, end) : NULL;
  if (next)
    apply_record(reader, raw);
  else
    sy_hex_fail_line(reader->line, line, end, &reader->error);
  return next;
}

/* Plain records, if such stand here. Returns the first line that is something else, or is more than
 * the image takes: read_line will say what. */
static const char *read_plain(SyHexReader *reader, const char *at, const char *end)
{
  guint64 size = sy_image_builder_get_size(reader->builder);
  SyImageTail tail;
  SyHexPlain plain = {0, 0};

  if (reader->ended ||
      !sy_image_builder_open_tail(reader->builder,
                                  (guint32)MIN(SY_HEX_PAGE_SIZE, SY_HEX_DATA_MAX - size), &tail))
    return at;

  guint32 offset = tail.addr - reader->base;

  if (offset < SY_HEX_PAGE_SIZE)
    at = sy_hex_decode_plain(at, end, offset, MIN(tail.room, SY_HEX_PAGE_SIZE - offset), tail.bytes,
                             &plain);
  sy_image_builder_close_tail(reader->builder, plain.n_records * plain.count, plain.count,
                              reader->line + 1);
  reader->line += plain.n_records;
  return at;
}

/* Whole lines; the last one of the text may lack its end. */
static void read_lines(SyHexReader *reader, const char *at, const char *end)
{
  while (!reader->error && at < end) {
    at = read_plain(reader, at, end);
    if (at < end)
      at = read_line(reader, at, end);
  }
}

static void read_rest(SyHexReader *reader)
{
  const char *rest = (const char *)reader->rest->data;

  if (reader->rest->len > 0)
    read_lines(reader, rest, rest + reader->rest->len);
  g_byte_array_set_size(reader->rest, 0);
}

static void keep(SyHexReader *reader, const char *from, const char *to)
{
  g_byte_array_append(reader->rest, (const guint8 *)from, (guint)(to - from));
}

SyHexReader *sy_hex_reader_new(guint64 text_length)
{
  SyHexReader *reader = g_new0(SyHexReader, 1);

  sy_hex_decode_init();
  reader->builder = sy_image_builder_new();
  reader->rest = g_byte_array_new();
  /* A byte has two digits at least. */
  sy_image_builder_reserve(reader->builder, (guint32)MIN(text_length / 2, SY_HEX_DATA_MAX));
  return reader;
}

void sy_hex_reader_free(SyHexReader *reader)
{
  if (!reader)
    return;
  g_clear_pointer(&reader->builder, sy_image_builder_free);
  g_byte_array_unref(reader->rest);
  g_clear_error(&reader->error);
  g_free(reader);
}

gboolean sy_hex_reader_feed(SyHexReader *reader, const char *text, gsize length)
{
  g_return_val_if_fail(reader && (text || length == 0), FALSE);

  reader->text_length += length;
  if (reader->text_length > SY_HEX_TEXT_MAX)
    return FALSE;
  if (reader->error || length == 0)
    return TRUE;

  const char *end = text + length;
  const char *stop = end;

  if (reader->rest->len > 0) {
    const char *line_feed = memchr(text, '\n', length);
    const char *next = line_feed ? line_feed + 1 : end;

    keep(reader, text, next);
    if (!line_feed)
      return TRUE;
    read_rest(reader);
    text = next;
  }
  while (stop > text && stop[-1] != '\n')
    stop--;
  read_lines(reader, text, stop);
  keep(reader, stop, end);
  return TRUE;
}

static gboolean check_end(SyHexReader *reader)
{
  if (reader->ended)
    return TRUE;
  if (reader->text_length == 0) {
    g_set_error_literal(&reader->error, SY_HEX_ERROR, SY_HEX_ERROR_CUT,
                        _("The file is empty. Get it again."));
    return FALSE;
  }
  return fail(reader, SY_HEX_ERROR_CUT,
              _("the file ends without an end record. It was cut short: get it again."));
}

static gboolean check_segments(SyImage *image, GError **error)
{
  if (sy_image_get_n_segments(image) <= SY_HEX_SEGMENTS_MAX)
    return TRUE;
  return sy_hex_fail(
      sy_image_get_segment(image, SY_HEX_SEGMENTS_MAX)->line, SY_HEX_ERROR_LIMIT, error,
      _("the data lie in more than %d separate pieces, more than this program takes."),
      SY_HEX_SEGMENTS_MAX);
}

SyImage *sy_hex_reader_end(SyHexReader *reader, GError **error)
{
  g_return_val_if_fail(reader, NULL);

  g_autoptr(SyHexReader) own = reader;

  if (!sy_hex_check_length(own->text_length, error))
    return NULL;
  read_rest(own);
  if (own->error || !check_end(own)) {
    g_propagate_error(error, g_steal_pointer(&own->error));
    return NULL;
  }

  g_autoptr(SyImage) image = sy_image_builder_end(g_steal_pointer(&own->builder));

  return check_segments(image, error) ? g_steal_pointer(&image) : NULL;
}
