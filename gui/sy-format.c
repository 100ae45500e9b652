/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Numbers as people read them. */

#include "sy-config.h"

#include "sy-format.h"

#include "sy-text.h"

#include <glib/gi18n.h>

#include <math.h>

#define KB 1024.0
#define MB (1024 * KB)
#define GB (1024 * MB)

/* UM10114, IAP command 54 "read part identification". */
enum { PART_LPC2114 = 16908050 };

char *sy_format_beginning(const char *text)
{
  const char *rest = text[0] != '\0' ? g_utf8_next_char(text) : text;
  g_autofree char *first = g_utf8_strup(text, rest - text);

  return g_strconcat(first, rest, NULL);
}

/* With spaces at which no line breaks: a number is not parted from its unit. Takes `text` over. */
static char *bind_words(char *text)
{
  g_autofree char *loose = text;
  g_auto(GStrv) words = g_strsplit(loose, " ", -1);

  return g_strjoinv("\302\240", words);
}

char *sy_format_size(guint64 bytes)
{
  if (bytes < 1024)
    return bind_words(g_strdup_printf(ngettext("%d byte", "%d bytes", (int)bytes), (int)bytes));
  if (bytes < MB)
    /* Translators: a size; KB is 1024 bytes. */
    return bind_words(g_strdup_printf(_("%.1f KB"), (double)bytes / KB));
  if (bytes < GB)
    /* Translators: a size; MB is 1024 KB. */
    return bind_words(g_strdup_printf(_("%.1f MB"), (double)bytes / MB));
  /* Translators: a size; GB is 1024 MB. */
  return bind_words(g_strdup_printf(_("%.1f GB"), (double)bytes / GB));
}

char *sy_format_amount(guint64 done, guint64 total)
{
  if (total < 1024)
    return bind_words(g_strdup_printf(ngettext("%d of %d byte", "%d of %d bytes", (int)total),
                                      (int)done, (int)total));
  /* Translators: how much of how much, as in "29.4 of 48.0 KB". */
  return bind_words(g_strdup_printf(_("%.1f of %.1f KB"), (double)done / KB, (double)total / KB));
}

char *sy_format_rate(double bytes_per_second)
{
  if (!(bytes_per_second > 0))
    return NULL;
  if (bytes_per_second < KB)
    return bind_words(g_strdup_printf(_("%.0f bytes/s"), bytes_per_second));
  return bind_words(g_strdup_printf(_("%.1f KB/s"), bytes_per_second / KB));
}

char *sy_format_duration(double seconds)
{
  int whole = (int)ceil(MAX(seconds, 0));

  if (whole < 60)
    /* Translators: seconds. */
    return bind_words(g_strdup_printf(_("%d s"), whole));
  /* Translators: minutes and seconds. */
  return bind_words(g_strdup_printf(_("%d min %d s"), whole / 60, whole % 60));
}

char *sy_format_pieces(const char *const *pieces)
{
  GString *text = g_string_new(NULL);

  for (; *pieces; pieces++) {
    g_autofree char *piece = bind_words(g_strdup(*pieces));

    g_string_append_printf(text, "%s%s", text->len > 0 ? " · " : "", piece);
  }
  /* A piece that is a list in itself may be wider than a narrow window. */
  g_string_replace(text, "\302\240(", " (", 0);
  g_string_replace(text, ",\302\240", ", ", 0);
  return g_string_free(text, FALSE);
}

static void add_count(GPtrArray *pieces, const char *format, guint32 count)
{
  g_ptr_array_add(pieces, g_strdup_printf(format, count));
}

char *sy_format_counts(const SyCounts *counts)
{
  g_autoptr(GPtrArray) pieces = g_ptr_array_new_with_free_func(g_free);

  add_count(pieces, ngettext("%u retry", "%u retries", counts->retries), counts->retries);
  add_count(pieces, ngettext("%u timeout", "%u timeouts", counts->timeouts), counts->timeouts);
  add_count(pieces, ngettext("%u bad frame", "%u bad frames", counts->bad_frames),
            counts->bad_frames);
  if (counts->naks > 0)
    g_ptr_array_add(pieces, sy_counts_dup_refusals_text(counts));
  if (counts->repeats > 0)
    add_count(pieces,
              ngettext("%u sector erased again", "%u sectors erased again", counts->repeats),
              counts->repeats);
  g_ptr_array_add(pieces, NULL);
  return sy_format_pieces((const char *const *)pieces->pdata);
}

char *sy_format_part(guint32 part_id)
{
  return part_id == PART_LPC2114 ? g_strdup("LPC2114") : g_strdup_printf("0x%08X", part_id);
}

char *sy_format_range(guint32 addr, guint32 length)
{
  /* Translators: first and last address of a piece of memory. */
  return g_strdup_printf(_("0x%05X to 0x%05X"), addr, length > 0 ? addr + length - 1 : addr);
}
