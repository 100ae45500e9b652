/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What is wrong with a line of a hex file, for a person.
 */

#include <glib/gi18n-lib.h>

#include "sy-hex-private.h"
#include "sy-text-private.h"

static guint8 read_pair(const char *at)
{
  return (guint8)(g_ascii_xdigit_value(at[0]) << 4 | g_ascii_xdigit_value(at[1]));
}

/* How a character is named in a message: itself, or its code when it would not show. */
static char *name_character(char c)
{
  return g_ascii_isgraph(c) ? g_strdup_printf("“%c”", c) : g_strdup_printf("0x%02X", (guint8)c);
}

/* What else the file is, when its first line tells; NULL when it does not. */
static const char *name_kind(const SyTextReader *reader, const SyTextLine *line)
{
  gsize length = (gsize)(line->stop - line->text);

  if (reader->line != 1)
    return NULL;
  if (reader->format->mark == ':' && length >= 2 && line->text[0] == 'S' &&
      g_ascii_isdigit(line->text[1]))
    return _("a Motorola S-record file");
  return sy_detect_other_kind(line->text, length);
}

void sy_text_fail_begin(SyTextReader *reader, const SyTextLine *line)
{
  g_autofree char *name = name_character(*line->text);
  const char *kind = name_kind(reader, line);

  /* Of such a file every line would be wrong. */
  if (kind) {
    sy_text_fail(reader, SY_HEX_ERROR_SYNTAX, 0, SY_TEXT_NO_ADDR,
                 _("this is %s, not %s. Convert it, or ask for the .hex."), kind,
                 reader->format->name);
    reader->stopped = TRUE;
  } else if (reader->line == 1) {
    sy_text_fail(reader, SY_HEX_ERROR_SYNTAX, 1, SY_TEXT_NO_ADDR,
                 reader->format->mark == ':'
                     ? _("the file begins with %s instead of a colon. This is not Intel HEX.")
                     : _("the file begins with %s instead of an S. This is no S-record file."),
                 name);
  } else {
    sy_text_fail(
        reader, SY_HEX_ERROR_SYNTAX, 1, SY_TEXT_NO_ADDR,
        reader->format->mark == ':'
            ? _("the line begins with %s instead of a colon. The file is damaged: get it again.")
            : _("the line begins with %s instead of an S. The file is damaged: get it again."),
        name);
  }
}

/* What is known of a line while its fault is looked for. */
typedef struct {
  const SyTextLine *line;
  const SyTextShape *shape;
  guint32 addr;
  const char *digits;
  gsize n_digits; /* up to the first character that is none */
  gsize n_wanted; /* by the count */
} Suspect;

static void fail_digit(SyTextReader *reader, const Suspect *suspect)
{
  const char *at = suspect->digits + suspect->n_digits;
  g_autofree char *name = name_character(*at);

  sy_text_fail(reader, SY_HEX_ERROR_SYNTAX, sy_text_column(suspect->line, at), suspect->addr,
               _("%s is no hexadecimal digit. The line is damaged: get the file again."), name);
}

/* All are digits, but not as many as a record has. */
static void fail_length(SyTextReader *reader, const Suspect *suspect)
{
  const SyTextShape *shape = suspect->shape;
  gsize n_digits = suspect->n_digits;
  guint count = n_digits >= 2 ? read_pair(suspect->digits) : 0;

  if (n_digits % 2 != 0)
    sy_text_fail(reader, SY_HEX_ERROR_SYNTAX, 0, suspect->addr,
                 _("the line has an odd number of digits, %u; "
                   "one was lost or added. Get the file again."),
                 (guint)n_digits);
  else if (n_digits < 2 * shape->frame)
    sy_text_fail(reader, SY_HEX_ERROR_SYNTAX, 0, suspect->addr,
                 _("the line has %u digits, but no record of its kind is shorter than %u. The line "
                   "is damaged: "
                   "get the file again."),
                 (guint)n_digits, 2 * shape->frame);
  else if (count < shape->counted)
    sy_text_fail(reader, SY_HEX_ERROR_SYNTAX, sy_text_column(suspect->line, suspect->digits),
                 suspect->addr,
                 _("the line's count is %u, but no record of its kind has less than %u. The line "
                   "is damaged: get the file again."),
                 count, shape->counted);
  else
    sy_text_fail(reader, SY_HEX_ERROR_SYNTAX, sy_text_column(suspect->line, suspect->digits),
                 suspect->addr,
                 _("the line says it holds %u data bytes, but it holds %u. The "
                   "line is damaged: get the file again."),
                 count - shape->counted, (guint)n_digits / 2 - shape->frame);
}

static void fail_checksum(SyTextReader *reader, const Suspect *suspect)
{
  const char *checksum = suspect->digits + suspect->n_digits - 2;
  guint sum = 0;

  for (const char *at = suspect->digits; at < checksum; at += 2)
    sum += read_pair(at);
  sy_text_fail(reader, SY_HEX_ERROR_CHECKSUM, sy_text_column(suspect->line, checksum),
               suspect->addr,
               _("the checksum is %02X, but the line's bytes want %02X. The line is damaged: get "
                 "the file again."),
               read_pair(checksum), (guint8)(suspect->shape->sum - sum));
}

void sy_text_fail_record(SyTextReader *reader, const SyTextLine *line, const SyTextShape *shape,
                         guint32 addr)
{
  Suspect suspect = {line, shape, addr, line->text + shape->lead, 0, 2 * shape->frame};
  const char *at = suspect.digits;
  gboolean separated;

  while (at < line->stop && g_ascii_isxdigit(*at))
    at++;
  suspect.n_digits = (gsize)(at - suspect.digits);
  if (suspect.n_digits >= 2)
    suspect.n_wanted += 2u * MAX(read_pair(suspect.digits), shape->counted) - 2 * shape->counted;
  separated = at < line->stop && (sy_text_is_blank(*at) || *at == ';' || *at == '#');
  if (at < line->stop && (!separated || suspect.n_digits < suspect.n_wanted))
    fail_digit(reader, &suspect);
  else if (suspect.n_digits < suspect.n_wanted && !line->has_end)
    sy_text_fail(reader, SY_HEX_ERROR_CUT, 0, addr,
                 _("the file ends within this line. It was cut short: get it again."));
  else if (suspect.n_digits == suspect.n_wanted && read_pair(suspect.digits) >= shape->counted)
    fail_checksum(reader, &suspect);
  else
    fail_length(reader, &suspect);
}
