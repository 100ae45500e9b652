/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bytes of an image as text for the clipboard. */

#include "sy-config.h"

#include "sy-hex-copy.h"

#include "sy-hex-rows.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#include <string.h>

enum { LINE_BYTES = 16, C_LINE_BYTES = 12, HALF_LINE = 8 };

/* What of a segment is copied; at least a byte. */
typedef struct {
  guint32 addr;
  guint32 length;
  const guint8 *bytes;
  guint64 gap; /* bytes missing before it, 0 for the first */
} Run;

static void append_byte(GString *text, guint8 byte)
{
  static const char digits[] = "0123456789ABCDEF";

  g_string_append_c(text, digits[byte >> 4]);
  g_string_append_c(text, digits[byte & 0xf]);
}

static void append_hex(GString *text, const Run *run)
{
  for (guint32 n = 0; n < run->length; n++) {
    append_byte(text, run->bytes[n]);
    g_string_append_c(text, n % LINE_BYTES == LINE_BYTES - 1 || n == run->length - 1 ? '\n' : ' ');
  }
}

static void append_text(GString *text, const Run *run)
{
  for (guint32 n = 0; n < run->length; n++)
    g_string_append_c(text, g_ascii_isprint(run->bytes[n]) ? (char)run->bytes[n] : '.');
  g_string_append_c(text, '\n');
}

/* Not translated, as it goes into a program. */
static void append_c(GString *text, const Run *run)
{
  if (run->gap > 0)
    g_string_append_printf(
        text, "\n/* Nothing from 0x%08X to 0x%08X (%" G_GUINT64_FORMAT " bytes). */\n\n",
        (guint)(run->addr - run->gap), run->addr - 1, run->gap);
  g_string_append_printf(text, "const uint8_t data_%08X[%u] = {\n", run->addr, run->length);
  for (guint32 n = 0; n < run->length; n++) {
    g_string_append(text, n % C_LINE_BYTES == 0 ? "    0x" : " 0x");
    append_byte(text, run->bytes[n]);
    g_string_append_c(text, ',');
    if (n % C_LINE_BYTES == C_LINE_BYTES - 1 || n == run->length - 1)
      g_string_append_c(text, '\n');
  }
  g_string_append(text, "};\n");
}

/* One row at a multiple of its width, of which [from, stop) is copied. */
static void append_dump_row(GString *text, const Run *run, guint64 row, guint64 from, guint64 stop)
{
  char letters[LINE_BYTES + 1] = {0};

  g_string_append_printf(text, "%08X  ", (guint)row);
  for (guint64 addr = row; addr < row + LINE_BYTES; addr++) {
    gboolean there = addr >= from && addr < stop;
    guint8 byte = there ? run->bytes[addr - run->addr] : ' ';

    if (addr == row + HALF_LINE)
      g_string_append_c(text, ' ');
    if (there)
      append_byte(text, byte);
    else
      g_string_append(text, "  ");
    g_string_append_c(text, ' ');
    letters[addr - row] = !there || g_ascii_isprint(byte) ? (char)byte : '.';
  }
  g_string_append_printf(text, " %s", g_strchomp(letters));
  g_string_append_c(text, '\n');
}

static void append_dump(GString *text, const Run *run)
{
  guint64 end = (guint64)run->addr + run->length;

  if (run->gap > 0)
    g_string_append(text, "...\n");
  for (guint64 row = run->addr / LINE_BYTES * LINE_BYTES; row < end; row += LINE_BYTES)
    append_dump_row(text, run, row, MAX(row, run->addr), MIN(row + LINE_BYTES, end));
}

static void append_run(GString *text, const Run *run, SyCopyFormat format)
{
  switch (format) {
  case SY_COPY_HEX:
    append_hex(text, run);
    break;
  case SY_COPY_TEXT:
    append_text(text, run);
    break;
  case SY_COPY_C:
    append_c(text, run);
    break;
  case SY_COPY_DUMP:
    append_dump(text, run);
    break;
  }
}

static gboolean check_amount(SyImage *image, guint64 addr, guint64 end, GError **error)
{
  guint64 count = addr < end && addr <= G_MAXUINT32
                      ? sy_image_count(image, (guint32)addr, end - addr, NULL)
                      : 0;

  if (count == 0)
    g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                        _("There are no bytes to copy here. Select some first."));
  else if (count > SY_COPY_MAX)
    /* Translators: both numbers are megabytes. */
    g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                _("%.1f MB are selected, but the clipboard takes %d MB of bytes at most. Select "
                  "less, or save the part to a file."),
                (double)count / SY_COPY_MAX, SY_COPY_MAX / (1024 * 1024));
  return count > 0 && count <= SY_COPY_MAX;
}

char *sy_hex_copy(SyImage *image, guint64 addr, guint64 end, SyCopyFormat format, GError **error)
{
  GString *text;
  guint64 last_end = 0;

  g_return_val_if_fail(image, NULL);

  if (!check_amount(image, addr, end, error))
    return NULL;
  text = g_string_new(NULL);
  for (guint n = sy_image_find_segment_index(image, addr); n < sy_image_get_n_segments(image);
       n++) {
    const SySegment *segment = sy_image_get_segment(image, n);
    guint64 from = MAX(segment->addr, addr);
    guint64 stop = MIN((guint64)segment->addr + segment->length, end);
    Run run;

    if (from >= stop)
      break;
    run = (Run){.addr = (guint32)from,
                .length = (guint32)(stop - from),
                .bytes = segment->bytes + (from - segment->addr),
                .gap = last_end > 0 ? from - last_end : 0};
    append_run(text, &run, format);
    last_end = stop;
  }
  if (format == SY_COPY_HEX || format == SY_COPY_TEXT)
    g_string_truncate(text, text->len - 1); /* so that it may be put into a line */
  return g_string_free(text, FALSE);
}
