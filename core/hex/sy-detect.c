/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What kind of file this is, by its first bytes.
 */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "sy-text-private.h"

/* Files that people take for hex files. */
static const struct {
  const char *begins;
  gsize length;
  const char *name;
} other_kinds[] = {
    {"\177ELF", 4, N_("an ELF program")},
    {"PK\3\4", 4, N_("a ZIP archive")},
    {"\x1f\x8b\x08", 3, N_("a file packed with gzip")},
    {"BZh", 3, N_("a file packed with bzip2")},
    {"\xfd"
     "7zXZ",
     5, N_("a file packed with xz")},
    {"7z\xbc\xaf\x27\x1c", 6, N_("a 7-Zip archive")},
    {"%PDF-", 5, N_("a PDF document")},
    {"UF2\n", 4, N_("a UF2 file")},
    {"\xff\xfe", 2, N_("a text in UTF-16")},
    {"\xfe\xff", 2, N_("a text in UTF-16")},
};

const char *sy_detect_other_kind(const char *bytes, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS(other_kinds); i++)
    if (length >= other_kinds[i].length &&
        memcmp(bytes, other_kinds[i].begins, other_kinds[i].length) == 0)
      return _(other_kinds[i].name);
  return NULL;
}

gsize sy_text_skip_mark(const char *at, const char *end)
{
  static const char mark[] = {'\xef', '\xbb', '\xbf'};

  return (gsize)(end - at) >= sizeof mark && memcmp(at, mark, sizeof mark) == 0 ? sizeof mark : 0;
}

const char *sy_text_find_line_end(const char *at, const char *end)
{
  while (at < end && *at != '\n' && *at != '\r')
    at++;
  return at;
}

gboolean sy_text_is_comment(const char *at, const char *stop)
{
  return *at == ';' || *at == '#' || (stop - at >= 2 && at[0] == '/' && at[1] == '/');
}

static gboolean is_control(char c)
{
  return (guint8)c < ' ' && !strchr("\t\n\r\f\x1a", c);
}

static gboolean has_controls(const char *at, const char *end)
{
  for (; at < end; at++)
    if (*at == '\0' || is_control(*at))
      return TRUE;
  return FALSE;
}

/* The format of which a line begins with `n_digits` digits of a record; AUTO for none. */
static SyFormat detect_record(const char *at, const char *stop, guint n_digits)
{
  gboolean srec = stop - at >= 2 && at[0] == 'S' && g_ascii_isdigit(at[1]);
  const char *digits = at + (srec ? 2 : 1);

  if (!srec && (at == stop || *at != ':'))
    return SY_FORMAT_AUTO;
  for (guint i = 0; i < n_digits; i++)
    if (digits + i >= stop || !g_ascii_isxdigit(digits[i]))
      return SY_FORMAT_AUTO;
  return srec ? SY_FORMAT_SREC : SY_FORMAT_HEX;
}

/* The first line that says something: no blank one and no comment. */
static const char *find_first_line(const char *at, const char *end)
{
  while (at < end) {
    const char *stop = sy_text_find_line_end(at, end);

    while (at < stop && sy_text_is_blank(*at))
      at++;
    if (at < stop && !sy_text_is_comment(at, stop))
      return at;
    at = stop < end ? stop + 1 : end;
  }
  return end;
}

/* A damaged first line is forgiven when records follow. */
static SyFormat search_records(const char *at, const char *end)
{
  enum { DIGITS = 8 };
  SyFormat found = SY_FORMAT_AUTO;

  while (at < end && found == SY_FORMAT_AUTO) {
    const char *stop = sy_text_find_line_end(at, end);

    found = detect_record(at, stop, DIGITS);
    at = stop < end ? stop + 1 : end;
  }
  return found;
}

SyFormat sy_detect_format(const char *bytes, gsize length)
{
  if (length == 0)
    return SY_FORMAT_HEX;
  if (sy_detect_other_kind(bytes, length))
    return SY_FORMAT_BINARY;

  const char *end = bytes + length;
  const char *first = find_first_line(bytes + sy_text_skip_mark(bytes, end), end);
  const char *stop = sy_text_find_line_end(first, end);
  SyFormat format = detect_record(first, stop, 0);

  if (format != SY_FORMAT_AUTO && !has_controls(first, MIN(first + 2, stop)))
    return format;
  format = search_records(first, end);
  if (format != SY_FORMAT_AUTO)
    return format;
  return has_controls(bytes, end) ? SY_FORMAT_BINARY : SY_FORMAT_HEX;
}
