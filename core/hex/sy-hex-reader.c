/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Intel HEX text to SyImage.
 *
 * A record that is right is taken by one pass over its digits; only when that fails does a second,
 * slow look find out what is wrong with the line, so good files do not pay for the diagnosis.
 */

#include "sy-hex-private.h"

#include <glib/gi18n-lib.h>
#include <stdarg.h>
#include <string.h>

#define ADDR_END (G_GUINT64_CONSTANT(1) << 32)

enum {
  /* Bytes around the data of a record: count, two of address and type before it, checksum behind.
   */
  RECORD_HEAD = 4,
  RECORD_FRAME = RECORD_HEAD + 1,
};

typedef struct {
  guint8 count;
  guint16 offset;
  guint8 type;
  const guint8 *data;
} Record;

typedef struct {
  const char *text;
  const char *end;
  guint line; /* of the record at hand, from 1 */
  guint32 base;
  gboolean segmented; /* the base came from a type 02 record: addresses wrap */
  gboolean ended;
  guint start_line; /* of the start address, 0 without one */
  guint32 start;
  SyImageBuilder *builder; /* NULL while searching */
  guint32 wanted;          /* what the search is for: the line that gives this address */
  guint found_line;
} Reader;

typedef gboolean (*ApplyFunc)(Reader *reader, const Record *record, GError **error);

/* Digits carry a mark, so that the letters' case costs nothing and all digits of a record can be
 * checked with one AND in the end. */
#define DIGIT      0x100
#define DIGIT_PAIR (DIGIT << 4 | DIGIT)

static const guint16 digits[256] = {
    ['0'] = DIGIT | 0x0, ['1'] = DIGIT | 0x1, ['2'] = DIGIT | 0x2, ['3'] = DIGIT | 0x3,
    ['4'] = DIGIT | 0x4, ['5'] = DIGIT | 0x5, ['6'] = DIGIT | 0x6, ['7'] = DIGIT | 0x7,
    ['8'] = DIGIT | 0x8, ['9'] = DIGIT | 0x9, ['A'] = DIGIT | 0xa, ['B'] = DIGIT | 0xb,
    ['C'] = DIGIT | 0xc, ['D'] = DIGIT | 0xd, ['E'] = DIGIT | 0xe, ['F'] = DIGIT | 0xf,
    ['a'] = DIGIT | 0xa, ['b'] = DIGIT | 0xb, ['c'] = DIGIT | 0xc, ['d'] = DIGIT | 0xd,
    ['e'] = DIGIT | 0xe, ['f'] = DIGIT | 0xf,
};

static inline guint digit_pair(const char *at)
{
  return (guint)digits[(guint8)at[0]] << 4 | digits[(guint8)at[1]];
}

/* Sets the error, "line N: " before the message, and returns FALSE. */
static gboolean fail(const Reader *reader, SyHexError code, GError **error, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

static gboolean fail(const Reader *reader, SyHexError code, GError **error, const char *format, ...)
{
  va_list args;

  va_start(args, format);
  g_autofree char *message = g_strdup_vprintf(format, args);
  va_end(args);
  g_set_error(error, SY_HEX_ERROR, code, _("line %u: %s"), reader->line, message);
  return FALSE;
}

static gboolean read_lines(Reader *reader, GError **error);

/* The line that first gave an address. No table is kept for this: a clash ends the reading, so
 * there is time to read the file again up to it. */
static guint find_line_of(const Reader *reader, guint32 addr)
{
  Reader search = {.text = reader->text, .end = reader->end, .wanted = addr};
  g_autoptr(GError) ignored = NULL;

  if (!read_lines(&search, &ignored))
    g_debug("search for the line of 0x%08X: %s", addr, ignored->message);
  return search.found_line;
}

static gboolean store(Reader *reader, guint32 addr, const guint8 *bytes, guint length,
                      GError **error)
{
  guint32 clash = 0;

  if (!reader->builder) {
    if (reader->found_line == 0 && reader->wanted >= addr && reader->wanted - addr < length)
      reader->found_line = reader->line;
    return TRUE;
  }
  if (!sy_image_builder_add(reader->builder, addr, bytes, length, reader->line, &clash))
    return fail(reader, SY_HEX_ERROR_CLASH, error,
                _("the byte at 0x%08X is given again with another value than in line %u. "
                  "The file contradicts itself: have it built again."),
                clash, find_line_of(reader, clash));
  if (sy_image_builder_get_size(reader->builder) > SY_HEX_DATA_MAX)
    return fail(reader, SY_HEX_ERROR_LIMIT, error,
                _("the file holds more than %u MB of data, more than this program takes."),
                SY_HEX_DATA_MAX >> 20);
  return TRUE;
}

static gboolean apply_data(Reader *reader, const Record *record, GError **error)
{
  guint64 addr = (guint64)reader->base + record->offset;
  guint length = record->count;

  if (reader->segmented && record->offset + length > SY_HEX_PAGE_SIZE) {
    guint before = SY_HEX_PAGE_SIZE - record->offset;

    return store(reader, (guint32)addr, record->data, before, error) &&
           store(reader, reader->base, record->data + before, length - before, error);
  }
  if (addr + length > ADDR_END)
    return fail(reader, SY_HEX_ERROR_SYNTAX, error,
                _("the data run past the last address, 0xFFFFFFFF. "
                  "The file is damaged or was built wrongly: get it again."));
  return store(reader, (guint32)addr, record->data, length, error);
}

static gboolean apply_end(Reader *reader, const Record *record G_GNUC_UNUSED,
                          GError **error G_GNUC_UNUSED)
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

static gboolean apply_segment_base(Reader *reader, const Record *record,
                                   GError **error G_GNUC_UNUSED)
{
  reader->base = big_endian(record->data, 2) << 4;
  reader->segmented = TRUE;
  return TRUE;
}

static gboolean apply_linear_base(Reader *reader, const Record *record,
                                  GError **error G_GNUC_UNUSED)
{
  reader->base = big_endian(record->data, 2) << 16;
  reader->segmented = FALSE;
  return TRUE;
}

static gboolean set_start(Reader *reader, guint32 start, GError **error)
{
  if (reader->start_line != 0 && reader->start != start)
    return fail(reader, SY_HEX_ERROR_CLASH, error,
                _("the start address 0x%08X differs from 0x%08X in line %u. "
                  "The file contradicts itself: have it built again."),
                start, reader->start, reader->start_line);
  if (reader->start_line == 0)
    reader->start_line = reader->line;
  reader->start = start;
  if (reader->builder)
    sy_image_builder_set_start(reader->builder, start);
  return TRUE;
}

static gboolean apply_segment_start(Reader *reader, const Record *record, GError **error)
{
  return set_start(reader, (big_endian(record->data, 2) << 4) + big_endian(record->data + 2, 2),
                   error);
}

static gboolean apply_linear_start(Reader *reader, const Record *record, GError **error)
{
  return set_start(reader, big_endian(record->data, 4), error);
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

static gboolean apply_record(Reader *reader, const guint8 *raw, GError **error)
{
  Record record = {raw[0], (guint16)big_endian(raw + 1, 2), raw[3], raw + RECORD_HEAD};

  if (record.type >= G_N_ELEMENTS(record_types))
    return fail(reader, SY_HEX_ERROR_SYNTAX, error,
                _("there is no record type %02X in Intel HEX, only 00 to 05. "
                  "The file is damaged or of another kind."),
                record.type);

  gint count = record_types[record.type].count;

  if (count != COUNT_ANY && count != record.count)
    return fail(reader, SY_HEX_ERROR_SYNTAX, error,
                _("a record of type %02X has %d data bytes, not %u. The line is damaged: "
                  "get the file again."),
                record.type, count, record.count);
  return record_types[record.type].apply(reader, &record, error);
}

/* Turns the record at `at` into bytes. NULL when anything is wrong with it, else where it ends. */
static const char *decode_record(const char *at, const char *end, guint8 *raw)
{
  if (end - at < 1 + 2 * RECORD_FRAME || *at != ':')
    return NULL;

  guint marks = digit_pair(++at);
  guint n_bytes = (guint8)marks + RECORD_FRAME;
  guint sum = 0;

  if ((gsize)(end - at) < 2 * (gsize)n_bytes)
    return NULL;
  for (guint i = 0; i < n_bytes; i++, at += 2) {
    guint pair = digit_pair(at);

    marks &= pair;
    raw[i] = (guint8)pair;
    sum += raw[i];
  }
  return (marks & DIGIT_PAIR) == DIGIT_PAIR && (guint8)sum == 0 ? at : NULL;
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

/* Files that people take for Intel HEX, by how they begin. */
static const struct {
  const char *begins;
  const char *meaning;
} other_kinds[] = {
    {"\177ELF", N_("this is an ELF program file, not Intel HEX. Convert it, or ask for the .hex.")},
    {"S0", N_("this is a Motorola S-record file, not Intel HEX. Convert it, or ask for the .hex.")},
    {"S1", N_("this is a Motorola S-record file, not Intel HEX. Convert it, or ask for the .hex.")},
    {"S3", N_("this is a Motorola S-record file, not Intel HEX. Convert it, or ask for the .hex.")},
    {"\xef\xbb\xbf", N_("the file begins with a byte order mark, which an editor put there. "
                        "Get the file again, or save it as plain text.")},
};

/* How a character is named in a message: itself, or its code when it would not show. */
static char *name_character(char c)
{
  return g_ascii_isgraph(c) ? g_strdup_printf("“%c”", c) : g_strdup_printf("0x%02X", (guint8)c);
}

static gboolean fail_begin(const Reader *reader, const char *at, const char *stop, GError **error)
{
  g_autofree char *name = name_character(*at);

  for (guint i = 0; at == reader->text && i < G_N_ELEMENTS(other_kinds); i++) {
    gsize length = strlen(other_kinds[i].begins);

    if ((gsize)(stop - at) >= length && memcmp(at, other_kinds[i].begins, length) == 0)
      return fail(reader, SY_HEX_ERROR_SYNTAX, error, "%s", _(other_kinds[i].meaning));
  }
  if (reader->line == 1)
    return fail(reader, SY_HEX_ERROR_SYNTAX, error,
                _("the file begins with %s instead of a colon. This is not Intel HEX."), name);
  return fail(reader, SY_HEX_ERROR_SYNTAX, error,
              _("the line begins with %s instead of a colon. The file is damaged: get it again."),
              name);
}

/* `at` is the first character behind the colon that is no digit. */
static gboolean fail_digit(const Reader *reader, const char *line, const char *at, GError **error)
{
  g_autofree char *name = name_character(*at);

  if (*at == '\r')
    return fail(reader, SY_HEX_ERROR_SYNTAX, error,
                _("a carriage return without a line feed stands at column %" G_GSIZE_FORMAT
                  ". The lines must end with LF or CR LF: get the file again."),
                (gsize)(at - line) + 1);
  return fail(reader, SY_HEX_ERROR_SYNTAX, error,
              _("%s at column %" G_GSIZE_FORMAT " is no hexadecimal digit. "
                "The line is damaged: get the file again."),
              name, (gsize)(at - line) + 1);
}

/* All are digits, but not as many as a record has. */
static gboolean fail_length(const Reader *reader, const char *line, gsize n_digits, GError **error)
{
  if (n_digits % 2 != 0)
    return fail(reader, SY_HEX_ERROR_SYNTAX, error,
                _("the line has an odd number of digits, %" G_GSIZE_FORMAT
                  "; one was lost or added. Get the file again."),
                n_digits);
  if (n_digits < 2 * RECORD_FRAME)
    return fail(reader, SY_HEX_ERROR_SYNTAX, error,
                _("the line has %" G_GSIZE_FORMAT " digits, but no record is shorter than %d. "
                  "The line is damaged: get the file again."),
                n_digits, 2 * RECORD_FRAME);
  return fail(reader, SY_HEX_ERROR_SYNTAX, error,
              _("the line says it holds %u data bytes, but it holds %" G_GSIZE_FORMAT ". "
                "The line is damaged: get the file again."),
              (guint8)digit_pair(line + 1), n_digits / 2 - RECORD_FRAME);
}

static gboolean fail_checksum(const Reader *reader, const char *line, gsize n_digits,
                              GError **error)
{
  guint sum = 0;

  for (gsize i = 0; i < n_digits - 2; i += 2)
    sum += (guint8)digit_pair(line + 1 + i);
  return fail(reader, SY_HEX_ERROR_CHECKSUM, error,
              _("the checksum is %02X, but the line's bytes want %02X. "
                "The line is damaged: get the file again."),
              (guint8)digit_pair(line + 1 + n_digits - 2), (guint8)(0 - sum));
}

/* Finds out what is wrong with a line that is no record. */
static gboolean fail_line(const Reader *reader, const char *line, GError **error)
{
  const char *line_feed = memchr(line, '\n', (gsize)(reader->end - line));
  const char *stop = line_feed ? line_feed : reader->end;
  const char *at = line + 1;

  while (stop > line && strchr(" \t\r", stop[-1]) && stop[-1] != '\0')
    stop--;
  if (*line != ':')
    return fail_begin(reader, line, stop, error);
  while (at < stop && digits[(guint8)*at])
    at++;
  if (at < stop)
    return fail_digit(reader, line, at, error);

  gsize n_digits = (gsize)(stop - line) - 1;
  gsize wanted = 2 * RECORD_FRAME;

  if (n_digits >= 2)
    wanted += 2 * (gsize)(guint8)digit_pair(line + 1);
  if (n_digits == wanted)
    return fail_checksum(reader, line, n_digits, error);
  if (n_digits < wanted && !line_feed)
    return fail(reader, SY_HEX_ERROR_CUT, error,
                _("the file ends within this line. It was cut short: get it again."));
  return fail_length(reader, line, n_digits, error);
}

static gboolean read_lines(Reader *reader, GError **error)
{
  guint8 raw[RECORD_FRAME + G_MAXUINT8];
  const char *at = reader->text;

  while (at < reader->end && reader->found_line == 0) {
    const char *next;

    reader->line++;
    next = skip_line_end(at, reader->end);
    if (next) {
      at = next;
      continue;
    }
    if (reader->ended)
      return fail(reader, SY_HEX_ERROR_SYNTAX, error,
                  _("something follows behind the end record. Two files may have been joined: "
                    "get the file again."));
    next = decode_record(at, reader->end, raw);
    next = next ? skip_line_end(next, reader->end) : NULL;
    if (!next)
      return fail_line(reader, at, error);
    if (!apply_record(reader, raw, error))
      return FALSE;
    at = next;
  }
  return TRUE;
}

static gboolean check_end(const Reader *reader, GError **error)
{
  if (reader->ended)
    return TRUE;
  if (reader->text == reader->end) {
    g_set_error_literal(error, SY_HEX_ERROR, SY_HEX_ERROR_CUT,
                        _("The file is empty. Get it again."));
    return FALSE;
  }
  return fail(reader, SY_HEX_ERROR_CUT, error,
              _("the file ends without an end record. It was cut short: get it again."));
}

static gboolean check_segments(SyImage *image, GError **error)
{
  if (sy_image_get_n_segments(image) <= SY_HEX_SEGMENTS_MAX)
    return TRUE;

  Reader place = {.line = sy_image_get_segment(image, SY_HEX_SEGMENTS_MAX)->line};

  return fail(&place, SY_HEX_ERROR_LIMIT, error,
              _("the data lie in more than %d separate pieces, more than this program takes."),
              SY_HEX_SEGMENTS_MAX);
}

SyImage *sy_hex_read(const char *text, gsize length, GError **error)
{
  g_return_val_if_fail(text || length == 0, NULL);

  if (!sy_hex_check_length(length, error))
    return NULL;

  g_autoptr(SyImageBuilder) builder = sy_image_builder_new();
  Reader reader = {.text = text, .end = length > 0 ? text + length : text, .builder = builder};

  if (!read_lines(&reader, error) || !check_end(&reader, error))
    return NULL;

  g_autoptr(SyImage) image = sy_image_builder_end(g_steal_pointer(&builder));

  return check_segments(image, error) ? g_steal_pointer(&image) : NULL;
}
