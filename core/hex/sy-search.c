/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Finding bytes in an image.
 */

#define _GNU_SOURCE /* memmem */
#include "sy-search.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "sy-image-private.h"

/* Where matches may begin, looked through at once by a search back. Within it each match costs a
 * search for the one behind it. */
enum { BACK_WINDOW = 16 * 1024 };

static GBytes *fail_pattern(GError **error, const char *message)
{
  g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, message);
  return NULL;
}

static GBytes *fail_length(GError **error)
{
  g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
              _("This is too long. At most %u bytes can be searched for."), SY_PATTERN_MAX);
  return NULL;
}

static gboolean separates(char c)
{
  return g_ascii_isspace(c) || c == ',';
}

static const char *skip_prefix(const char *at)
{
  gboolean prefixed = at[0] == '0' && (at[1] == 'x' || at[1] == 'X');

  return prefixed ? at + 2 : at;
}

GBytes *sy_pattern_parse_hex(const char *text, GError **error)
{
  guint8 bytes[SY_PATTERN_MAX];
  guint length = 0;

  g_return_val_if_fail(text, NULL);

  for (const char *at = text; *at != '\0';) {
    if (separates(*at)) {
      at++;
      continue;
    }
    at = skip_prefix(at);
    do {
      if (!g_ascii_isxdigit(at[0]) || !g_ascii_isxdigit(at[1]))
        return fail_pattern(error, _("These are no hex bytes. Write two digits for each byte, for "
                                     "example DE AD BE EF."));
      if (length == SY_PATTERN_MAX)
        return fail_length(error);
      bytes[length++] = (guint8)(g_ascii_xdigit_value(at[0]) << 4 | g_ascii_xdigit_value(at[1]));
      at += 2;
    } while (*at != '\0' && !separates(*at));
  }
  if (length == 0)
    return fail_pattern(error, _("There is nothing to search for. Write bytes, for example "
                                 "DE AD BE EF."));
  return g_bytes_new(bytes, length);
}

GBytes *sy_pattern_from_text(const char *text, GError **error)
{
  g_return_val_if_fail(text, NULL);

  gsize length = strlen(text);

  if (length == 0)
    return fail_pattern(error, _("There is nothing to search for. Write some text."));
  if (length > SY_PATTERN_MAX)
    return fail_length(error);
  return g_bytes_new(text, length);
}

/* How many segments begin below `addr`, which may be 4 GiB. */
static guint count_segments_below(SyImage *image, guint64 addr)
{
  guint from = 0;
  guint to = sy_image_get_n_segments(image);

  while (from < to) {
    guint middle = from + (to - from) / 2;

    if (sy_image_get_segment(image, middle)->addr < addr)
      from = middle + 1;
    else
      to = middle;
  }
  return from;
}

gboolean sy_image_search_forward(SyImage *image, GBytes *pattern, guint64 from, guint32 *found)
{
  g_return_val_if_fail(image && pattern && found, FALSE);

  gsize length;
  const guint8 *wanted = g_bytes_get_data(pattern, &length);
  guint first = count_segments_below(image, from);

  if (length == 0)
    return FALSE;
  for (guint i = first > 0 ? first - 1 : 0; i < sy_image_get_n_segments(image); i++) {
    const SySegment *segment = sy_image_get_segment(image, i);
    guint64 at = MAX(from, segment->addr);

    if (at >= sy_segment_end(segment))
      continue;

    const guint8 *bytes = segment->bytes + (at - segment->addr);
    const guint8 *match = memmem(bytes, sy_segment_end(segment) - at, wanted, length);

    if (match) {
      *found = (guint32)(at + (guint64)(match - bytes));
      return TRUE;
    }
  }
  return FALSE;
}

/* The last match that begins at [from, to) of a segment; -1 with none. */
static gint64 find_last(const SySegment *segment, guint32 from, guint32 to, const guint8 *wanted,
                        gsize length)
{
  const guint8 *end = segment->bytes + MIN(segment->length, to + (length - 1));
  const guint8 *last = NULL;
  const guint8 *at = segment->bytes + from;

  while ((at = memmem(at, (gsize)(end - at), wanted, length)))
    last = at++;
  return last ? last - segment->bytes : -1;
}

gboolean sy_image_search_back(SyImage *image, GBytes *pattern, guint64 before, guint32 *found)
{
  g_return_val_if_fail(image && pattern && found, FALSE);

  gsize length;
  const guint8 *wanted = g_bytes_get_data(pattern, &length);

  if (length == 0)
    return FALSE;
  for (guint i = count_segments_below(image, before); i > 0; i--) {
    const SySegment *segment = sy_image_get_segment(image, i - 1);
    guint32 to = (guint32)MIN(before - segment->addr, segment->length);

    while (to > 0) {
      guint32 from = to > BACK_WINDOW ? to - BACK_WINDOW : 0;
      gint64 match = find_last(segment, from, to, wanted, length);

      if (match >= 0) {
        *found = segment->addr + (guint32)match;
        return TRUE;
      }
      to = from;
    }
  }
  return FALSE;
}
