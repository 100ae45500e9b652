/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What the reader of lines and those of the records in them share. The reader of lines knows line
 * ends, blanks, comments, and what may stand before and behind the records; a format knows what a
 * record says. Not for others.
 */

#pragma once

#include "sy-hex.h"
#include "sy-text-reader.h"

enum {
  /* Of a line, all that is looked at. The longest record has 521 characters. */
  SY_TEXT_LINE_MAX = 4096,
  SY_TEXT_CTRL_Z = 0x1a,
};

#define SY_TEXT_NO_ADDR G_MAXUINT32

/* A line that is not blank, without its end and the blanks before that. */
typedef struct {
  const char *begin; /* columns count from here */
  const char *text;  /* behind a byte order mark */
  const char *stop;
  gboolean has_end; /* FALSE: the file ends here */
} SyTextLine;

typedef struct {
  char mark; /* what a record begins with */
  const char *name;
  gsize state_size;
  /* Takes as many plain records as stand at `at`; returns the first line that is not taken. NULL
   * when the format has no such way. */
  const char *(*read_plain)(SyTextReader *reader, const char *at, const char *end);
  /* Takes a line that begins with the mark. */
  void (*read_record)(SyTextReader *reader, const SyTextLine *line);
  gboolean (*is_end)(const SyTextLine *line);
} SyTextFormat;

extern const SyTextFormat sy_text_format_hex;
extern const SyTextFormat sy_text_format_srec;

struct _SyTextReader {
  const SyTextFormat *format;
  gpointer state; /* the format's, zeroes at first */
  SyImageBuilder *builder;
  SyProblems *problems;
  SyLineIndex *lines;
  GError *limit; /* set: nothing more is read */

  guint64 text_length; /* so far */
  guint64 offset;      /* of the first line that was not read yet */
  guint line;          /* at hand, from 1; the last one read */

  /* A line whose end has not come yet: at most SY_TEXT_LINE_MAX of its bytes, and what was seen
   * behind them. */
  GByteArray *rest;
  guint64 rest_length;
  guint rest_beyond;
  gboolean rest_cr; /* its carriage return came; a line feed may follow */

  gboolean stopped; /* what follows is not looked at */
  gboolean lone_cr; /* was told */
  gboolean ended;   /* the end record came */
  guint after_line; /* the first record behind it, and how many */
  guint n_after;
  guint text_line; /* the first line of other text behind it */
  guint n_text;

  guint start_line; /* of the start address, 0 without one */
  guint32 start;
};

/* `addr` and `column` may be SY_TEXT_NO_ADDR and 0. Nothing is formatted once enough are kept.
 * sy_text_fail returns FALSE. */
gboolean sy_text_fail(SyTextReader *reader, SyHexError code, gsize column, guint32 addr,
                      const char *format, ...) G_GNUC_PRINTF(5, 6);
void sy_text_warn(SyTextReader *reader, SyHexError code, gsize column, guint32 addr,
                  const char *format, ...) G_GNUC_PRINTF(5, 6);

static inline gsize sy_text_column(const SyTextLine *line, const char *at)
{
  return (gsize)(at - line->begin) + 1;
}

/* What may stand behind a complete record that ends at `at`: FALSE when it may not, and nothing was
 * told. `is_end`: of an end record. */
gboolean sy_text_take_tail(SyTextReader *reader, const SyTextLine *line, const char *at,
                           gboolean is_end) G_GNUC_WARN_UNUSED_RESULT;

/* Puts the bytes of a line into the image, at `addr`, the last `n_wrapped` of them at `wrap_addr`
 * instead. Tells what was given before. */
void sy_text_store(SyTextReader *reader, guint32 addr, const guint8 *bytes, guint length,
                   guint32 wrap_addr, guint n_wrapped);
void sy_text_set_start(SyTextReader *reader, guint32 start);
void sy_text_fail_past_end(SyTextReader *reader, gsize column, guint32 addr);
void sy_text_fail_type_length(SyTextReader *reader, gsize column, const char *type, guint wanted,
                              guint got);

/* How the digits of a record are laid out, for who explains what is wrong with them. The count is
 * the first byte. */
typedef struct {
  guint lead;    /* characters before the digits */
  guint frame;   /* bytes that are no data: count, address, type, checksum */
  guint counted; /* of these, what the count counts too */
  guint8 sum;    /* what all bytes add up to */
} SyTextShape;

/* Finds out what is wrong with a line that is no record. `addr` is where it says it belongs. */
void sy_text_fail_record(SyTextReader *reader, const SyTextLine *line, const SyTextShape *shape,
                         guint32 addr);
/* ... with a line that does not begin as one. May stop the reading. */
void sy_text_fail_begin(SyTextReader *reader, const SyTextLine *line);

/* A kind of file that people take for a hex file, by its first bytes: "an ELF program", translated;
 * NULL for none of those known. */
const char *sy_detect_other_kind(const char *bytes, gsize length);

/* What a file is, by its first bytes; never AUTO. BINARY is for all that is no text. */
SyFormat sy_detect_format(const char *bytes, gsize length);

static inline gboolean sy_text_is_blank(char c)
{
  return c == ' ' || c == '\t';
}

/* The first line feed or carriage return, or `end`. */
const char *sy_text_find_line_end(const char *at, const char *end);
/* `at` begins a comment line. */
gboolean sy_text_is_comment(const char *at, const char *stop);
/* The length of a byte order mark there, or 0. */
gsize sy_text_skip_mark(const char *at, const char *end);

/* SY_HEX_ERROR with the sentence of the first error among the problems. */
gboolean sy_text_check_problems(SyProblems *problems, GError **error) G_GNUC_WARN_UNUSED_RESULT;
