/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What Motorola S-records say ("M68000 Family Programmer's Reference Manual", appendix C).
 *
 * S0 is a heading and lets pass; S1, S2 and S3 hold data; S5 and S6 say how many of those came; S7,
 * S8 and S9 end the file with a start address, in which most programs write 0 when they have none,
 * so 0 is none here too.
 */

#include <glib/gi18n-lib.h>

#include "sy-hex-private.h"
#include "sy-image-private.h"
#include "sy-text-private.h"

enum {
  LEAD = 2, /* "S" and the type */
  COLUMN_TYPE = 2,
  COLUMN_COUNT = 3,
  COLUMN_ADDR = 5,
  RECORD_MAX = 1 + G_MAXUINT8, /* count, and what it counts: address, data, checksum */
};

typedef struct {
  guint32 n_data; /* data lines so far, also those that are wrong */
} State;

typedef enum { KIND_NONE, KIND_HEAD, KIND_DATA, KIND_COUNT, KIND_END } Kind;

static const struct {
  Kind kind;
  guint addr_len;
  const char *name;
} record_types[] = {
    {KIND_HEAD, 2, "S0"}, {KIND_DATA, 2, "S1"},  {KIND_DATA, 3, "S2"},  {KIND_DATA, 4, "S3"},
    {KIND_NONE, 0, "S4"}, {KIND_COUNT, 2, "S5"}, {KIND_COUNT, 3, "S6"}, {KIND_END, 4, "S7"},
    {KIND_END, 3, "S8"},  {KIND_END, 2, "S9"},
};

typedef struct {
  guint type;
  guint32 addr; /* what it is depends on the type */
  guint count;  /* of data bytes */
  const guint8 *data;
} Record;

static SyTextShape shape_of(guint type)
{
  guint addr_len = record_types[type].addr_len;

  /* The count counts all but itself; with a 0xFF for the checksum, all bytes add up to 0xFF. */
  return (SyTextShape){
      .lead = LEAD, .frame = 1 + addr_len + 1, .counted = addr_len + 1, .sum = 0xff};
}

/* The type's number; G_N_ELEMENTS(record_types) when there is no such type. */
static guint read_type(const SyTextLine *line)
{
  guint type = line->stop - line->text < LEAD ? G_MAXUINT : (guint)(line->text[1] - '0');

  return type < G_N_ELEMENTS(record_types) && record_types[type].kind != KIND_NONE
             ? type
             : G_N_ELEMENTS(record_types);
}

/* Returns what is behind the record, whose bytes go to `raw`; NULL when anything is wrong with it.
 */
static const char *decode(const SyTextLine *line, guint type, guint8 *raw, Record *record)
{
  guint addr_len = record_types[type].addr_len;
  const char *digits = line->text + LEAD;
  guint8 sum = 0;

  if (line->stop - digits < 2 || !sy_hex_decode_bytes(digits, 1, raw, &sum) ||
      raw[0] < addr_len + 1 || line->stop - digits < 2 * (1 + raw[0]) ||
      !sy_hex_decode_bytes(digits + 2, raw[0], raw + 1, &sum) || sum != 0xff)
    return NULL;
  *record = (Record){type, 0, raw[0] - addr_len - 1, raw + 1 + addr_len};
  for (guint i = 0; i < addr_len; i++)
    record->addr = record->addr << 8 | raw[1 + i];
  return digits + 2 * (1 + raw[0]);
}

static void apply_data(SyTextReader *reader, const Record *record)
{
  if ((guint64)record->addr + record->count > SY_IMAGE_ADDR_END)
    sy_text_fail_past_end(reader, COLUMN_ADDR, record->addr);
  else
    sy_text_store(reader, record->addr, record->data, record->count, record->addr, 0);
}

static void apply_count(SyTextReader *reader, const Record *record)
{
  guint32 n_data = ((State *)reader->state)->n_data;

  if (record->addr != n_data)
    sy_text_fail(reader, SY_HEX_ERROR_CUT, COLUMN_ADDR, SY_TEXT_NO_ADDR,
                 _("the record says that %u data records came before it, but %u did. Lines were "
                   "lost or added: get the file again."),
                 record->addr, n_data);
}

static void apply_record(SyTextReader *reader, const Record *record)
{
  Kind kind = record_types[record->type].kind;

  if (kind >= KIND_COUNT && record->count != 0) {
    sy_text_fail_type_length(reader, COLUMN_COUNT, record_types[record->type].name, 0,
                             record->count);
    return;
  }
  /* The type is not in the checksum; a data record must not pass for a heading. */
  if (kind == KIND_HEAD && record->addr != 0)
    sy_text_fail(
        reader, SY_HEX_ERROR_SYNTAX, COLUMN_ADDR, SY_TEXT_NO_ADDR,
        _("a heading, type S0, has the address 0, not 0x%04X. The line is damaged: get the "
          "file again."),
        record->addr);
  if (kind == KIND_DATA)
    apply_data(reader, record);
  if (kind == KIND_COUNT)
    apply_count(reader, record);
  if (kind == KIND_END) {
    reader->ended = TRUE;
    if (record->addr != 0)
      sy_text_set_start(reader, record->addr);
  }
}

/* Where a damaged data line says it belongs. */
static guint32 guess_addr(const SyTextLine *line, guint type)
{
  guint addr_len = record_types[type].addr_len;
  guint8 raw[1 + sizeof(guint32)];
  guint8 sum = 0;
  guint32 addr = 0;

  if (record_types[type].kind != KIND_DATA ||
      line->stop - line->text < LEAD + 2 * (1 + (gssize)addr_len) ||
      !sy_hex_decode_bytes(line->text + LEAD, 1 + addr_len, raw, &sum))
    return SY_TEXT_NO_ADDR;
  for (guint i = 0; i < addr_len; i++)
    addr = addr << 8 | raw[1 + i];
  return addr;
}

static void read_record(SyTextReader *reader, const SyTextLine *line)
{
  guint type = read_type(line);
  guint8 raw[RECORD_MAX];
  Record record;

  if (type == G_N_ELEMENTS(record_types)) {
    sy_text_fail(reader, SY_HEX_ERROR_SYNTAX, COLUMN_TYPE, SY_TEXT_NO_ADDR,
                 _("there is no such S-record, only S0 to S3 and S5 to S9. The file is damaged or "
                   "of another kind: get it again."));
    return;
  }
  if (record_types[type].kind == KIND_DATA)
    ((State *)reader->state)->n_data++;

  SyTextShape shape = shape_of(type);
  gboolean ends = record_types[type].kind == KIND_END;
  const char *next = decode(line, type, raw, &record);

  if (next && sy_text_take_tail(reader, line, next, ends))
    apply_record(reader, &record);
  else
    sy_text_fail_record(reader, line, &shape, guess_addr(line, type));
}

static gboolean is_end(const SyTextLine *line)
{
  guint type = read_type(line);
  guint8 raw[RECORD_MAX];
  Record record;

  return type < G_N_ELEMENTS(record_types) && record_types[type].kind == KIND_END &&
         decode(line, type, raw, &record) == line->stop && record.count == 0;
}

const SyTextFormat sy_text_format_srec = {
    .mark = 'S',
    .name = "S-records",
    .state_size = sizeof(State),
    .read_record = read_record,
    .is_end = is_end,
};
