/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What is wrong with a line of Intel HEX, for a person.
 */

#include "sy-hex-private.h"

#include <glib/gi18n-lib.h>
#include <stdarg.h>
#include <string.h>

gboolean sy_hex_fail(guint line, SyHexError code, GError **error, const char *format, ...)
{
  va_list args;

  va_start(args, format);
  g_autofree char *message = g_strdup_vprintf(format, args);
  va_end(args);
  g_set_error(error, SY_HEX_ERROR, code, _("line %u: %s"), line, message);
  return FALSE;
}

static guint8 read_pair(const char *at)
{
  return (guint8)(g_ascii_xdigit_value(at[0]) << 4 | g_ascii_xdigit_value(at[1]));
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

static gboolean fail_begin(guint number, const char *at, const char *stop, GError **error)
{
  g_autofree char *name = name_character(*at);

  for (guint i = 0; number == 1 && i < G_N_ELEMENTS(other_kinds); i++) {
    gsize length = strlen(other_kinds[i].begins);

    if ((gsize)(stop - at) >= length && memcmp(at, other_kinds[i].begins, length) == 0)
      return sy_hex_fail(number, SY_HEX_ERROR_SYNTAX, error, "%s", _(other_kinds[i].meaning));
  }
  if (number == 1)
    return sy_hex_fail(number, SY_HEX_ERROR_SYNTAX, error,
                       _("the file begins with %s instead of a colon. This is not Intel HEX."),
                       name);
  return sy_hex_fail(
      number, SY_HEX_ERROR_SYNTAX, error,
      _("the line begins with %s instead of a colon. The file is damaged: get it again."), name);
}

/* `at` is the first character behind the colon that is no digit. */
static gboolean fail_digit(guint number, const char *line, const char *at, GError **error)
{
  g_autofree char *name = name_character(*at);

  if (*at == '\r')
    return sy_hex_fail(number, SY_HEX_ERROR_SYNTAX, error,
                       _("a carriage return without a line feed stands at column %" G_GSIZE_FORMAT
                         ". The lines must end with LF or CR LF: get the file again."),
                       (gsize)(at - line) + 1);
  return sy_hex_fail(number, SY_HEX_ERROR_SYNTAX, error,
                     _("%s at column %" G_GSIZE_FORMAT " is no hexadecimal digit. "
                       "The line is damaged: get the file again."),
                     name, (gsize)(at - line) + 1);
}

/* All are digits, but not as many as a record has. */
static gboolean fail_length(guint number, const char *line, gsize n_digits, GError **error)
{
  if (n_digits % 2 != 0)
    return sy_hex_fail(number, SY_HEX_ERROR_SYNTAX, error,
                       _("the line has an odd number of digits, %" G_GSIZE_FORMAT
                         "; one was lost or added. Get the file again."),
                       n_digits);
  if (n_digits < 2 * SY_HEX_RECORD_FRAME)
    return sy_hex_fail(number, SY_HEX_ERROR_SYNTAX, error,
                       _("the line has %" G_GSIZE_FORMAT
                         " digits, but no record is shorter than %d. "
                         "The line is damaged: get the file again."),
                       n_digits, 2 * SY_HEX_RECORD_FRAME);
  return sy_hex_fail(number, SY_HEX_ERROR_SYNTAX, error,
                     _("the line says it holds %u data bytes, but it holds %" G_GSIZE_FORMAT ". "
                       "The line is damaged: get the file again."),
                     read_pair(line + 1), n_digits / 2 - SY_HEX_RECORD_FRAME);
}

static gboolean fail_checksum(guint number, const char *line, gsize n_digits, GError **error)
{
  guint sum = 0;

  for (gsize i = 0; i < n_digits - 2; i += 2)
    sum += read_pair(line + 1 + i);
  return sy_hex_fail(number, SY_HEX_ERROR_CHECKSUM, error,
                     _("the checksum is %02X, but the line's bytes want %02X. "
                       "The line is damaged: get the file again."),
                     read_pair(line + 1 + n_digits - 2), (guint8)(0 - sum));
}

gboolean sy_hex_fail_line(guint number, const char *line, const char *end, GError **error)
{
  const char *line_feed = memchr(line, '\n', (gsize)(end - line));
  const char *stop = line_feed ? line_feed : end;
  const char *at = line + 1;

  while (stop > line && strchr(" \t\r", stop[-1]) && stop[-1] != '\0')
    stop--;
  if (*line != ':')
    return fail_begin(number, line, stop, error);
  while (at < stop && g_ascii_isxdigit(*at))
    at++;
  if (at < stop)
    return fail_digit(number, line, at, error);

  gsize n_digits = (gsize)(stop - line) - 1;
  gsize wanted = 2 * SY_HEX_RECORD_FRAME;

  if (n_digits >= 2)
    wanted += 2u * read_pair(line + 1);
  if (n_digits == wanted)
    return fail_checksum(number, line, n_digits, error);
  if (n_digits < wanted && !line_feed)
    return sy_hex_fail(number, SY_HEX_ERROR_CUT, error,
                       _("the file ends within this line. It was cut short: get it again."));
  return fail_length(number, line, n_digits, error);
}
