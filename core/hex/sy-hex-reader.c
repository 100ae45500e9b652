/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What the records of Intel HEX say.
 */

#include <glib/gi18n-lib.h>

#include "sy-hex-private.h"
#include "sy-image-private.h"
#include "sy-text-private.h"

/* Columns of a record's parts. */
enum { COLUMN_COUNT = 2, COLUMN_ADDR = 4, COLUMN_TYPE = 8 };

typedef struct {
  guint32 base;
  gboolean segmented; /* the base came from a type 02 record: addresses wrap */
} State;

typedef struct {
  guint8 count;
  guint16 offset;
  guint8 type;
  const guint8 *data;
} Record;

typedef void (*ApplyFunc)(SyTextReader *reader, const Record *record);

static State *state_of(SyTextReader *reader)
{
  return reader->state;
}

static void apply_data(SyTextReader *reader, const Record *record)
{
  const State *state = state_of(reader);
  guint64 addr = (guint64)state->base + record->offset;
  guint length = record->count;
  guint n_wrapped = 0;

  if (state->segmented && record->offset + length > SY_HEX_PAGE_SIZE) {
    n_wrapped = record->offset + length - SY_HEX_PAGE_SIZE;
    sy_text_warn(reader, SY_HEX_ERROR_SYNTAX, 0, state->base,
                 _("the last %u of the line's bytes wrap to 0x%08X, the begin of their 64 KB, as "
                   "type 02 records say. Other programs put them behind the 64 KB."),
                 n_wrapped, state->base);
  }
  if (addr + length - n_wrapped > SY_IMAGE_ADDR_END)
    sy_text_fail_past_end(reader, COLUMN_ADDR, (guint32)addr);
  else
    sy_text_store(reader, (guint32)addr, record->data, length, state->base, n_wrapped);
}

static void apply_end(SyTextReader *reader, const Record *record G_GNUC_UNUSED)
{
  reader->ended = TRUE;
}

static guint32 big_endian(const guint8 *bytes, guint length)
{
  guint32 value = 0;

  for (guint i = 0; i < length; i++)
    value = value << 8 | bytes[i];
  return value;
}

static void apply_segment_base(SyTextReader *reader, const Record *record)
{
  *state_of(reader) = (State){big_endian(record->data, 2) << 4, TRUE};
}

static void apply_linear_base(SyTextReader *reader, const Record *record)
{
  *state_of(reader) = (State){big_endian(record->data, 2) << 16, FALSE};
}

static void apply_segment_start(SyTextReader *reader, const Record *record)
{
  sy_text_set_start(reader, (big_endian(record->data, 2) << 4) + big_endian(record->data + 2, 2));
}

static void apply_linear_start(SyTextReader *reader, const Record *record)
{
  sy_text_set_start(reader, big_endian(record->data, 4));
}

enum { COUNT_ANY = -1 };

static const struct {
  const char *name;
  gint16 count; /* data bytes the type must have */
  ApplyFunc apply;
} record_types[] = {
    [SY_HEX_DATA] = {"00", COUNT_ANY, apply_data},
    [SY_HEX_END] = {"01", 0, apply_end},
    [SY_HEX_SEGMENT_BASE] = {"02", 2, apply_segment_base},
    [SY_HEX_SEGMENT_START] = {"03", 4, apply_segment_start},
    [SY_HEX_LINEAR_BASE] = {"04", 2, apply_linear_base},
    [SY_HEX_LINEAR_START] = {"05", 4, apply_linear_start},
};

static Record parse(const guint8 *raw)
{
  return (Record){raw[0], (guint16)big_endian(raw + 1, 2), raw[3], raw + SY_HEX_RECORD_HEAD};
}

static void apply_record(SyTextReader *reader, const Record *record)
{
  gint count;

  if (record->type >= G_N_ELEMENTS(record_types)) {
    sy_text_fail(reader, SY_HEX_ERROR_SYNTAX, COLUMN_TYPE, SY_TEXT_NO_ADDR,
                 _("there is no record type %02X in Intel HEX, only 00 to 05. The file is damaged "
                   "or of another kind."),
                 record->type);
    return;
  }
  count = record_types[record->type].count;
  if (count != COUNT_ANY && count != record->count)
    sy_text_fail_type_length(reader, COLUMN_COUNT, record_types[record->type].name, (guint)count,
                             record->count);
  else
    record_types[record->type].apply(reader, record);
}

static gboolean is_end_record(const Record *record)
{
  return record->type == SY_HEX_END && record->count == 0;
}

/* Where a damaged data line says it belongs, for who looks for what is missing. */
static guint32 guess_addr(SyTextReader *reader, const SyTextLine *line)
{
  guint8 raw[SY_HEX_RECORD_HEAD];
  guint8 sum = 0;

  if (line->stop - line->text < 1 + 2 * SY_HEX_RECORD_HEAD ||
      !sy_hex_decode_bytes(line->text + 1, SY_HEX_RECORD_HEAD, raw, &sum) || raw[3] != SY_HEX_DATA)
    return SY_TEXT_NO_ADDR;

  return state_of(reader)->base + (guint32)big_endian(raw + 1, 2);
}

static void read_record(SyTextReader *reader, const SyTextLine *line)
{
  static const SyTextShape shape = {.lead = 1, .frame = SY_HEX_RECORD_FRAME};
  guint8 raw[SY_HEX_RECORD_MAX];
  const char *next = sy_hex_decode_record(line->text, line->stop, raw);
  Record record = next ? parse(raw) : (Record){0};

  if (next && sy_text_take_tail(reader, line, next, is_end_record(&record)))
    apply_record(reader, &record);
  else
    sy_text_fail_record(reader, line, &shape, guess_addr(reader, line));
}

static gboolean is_end(const SyTextLine *line)
{
  guint8 raw[SY_HEX_RECORD_MAX];
  const char *next = sy_hex_decode_record(line->text, line->stop, raw);
  Record record = next ? parse(raw) : (Record){0};

  return next == line->stop && is_end_record(&record);
}

/* Stops at the first line that is something else, or is more than the image takes: read_record will
 * say what. */
static const char *read_plain(SyTextReader *reader, const char *at, const char *end)
{
  guint64 size = sy_image_builder_get_size(reader->builder);
  SyImageTail tail;
  SyHexPlain plain = {0, 0};

  if (!sy_image_builder_open_tail(reader->builder,
                                  (guint32)MIN(SY_HEX_PAGE_SIZE, SY_HEX_DATA_MAX - size), &tail))
    return at;

  guint32 offset = tail.addr - state_of(reader)->base;

  if (offset < SY_HEX_PAGE_SIZE)
    at = sy_hex_decode_plain(at, end, offset, MIN(tail.room, SY_HEX_PAGE_SIZE - offset), tail.bytes,
                             &plain);
  sy_image_builder_close_tail(reader->builder, plain.n_records * plain.count, plain.count,
                              reader->line + 1);
  reader->line += plain.n_records;
  return at;
}

const SyTextFormat sy_text_format_hex = {
    .mark = ':',
    .name = "Intel HEX",
    .state_size = sizeof(State),
    .read_plain = read_plain,
    .read_record = read_record,
    .is_end = is_end,
};
