/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyImage to Intel HEX text.
 */

#include "sy-hex-private.h"
#include "sy-text-sink.h"

static void put_record(GString *text, guint8 type, guint16 offset, const guint8 *data, guint8 count)
{
  char line[1 + 2 * (5 + G_MAXUINT8) + 1] = ":";
  char *to = line + 1;
  guint8 sum = 0;

  to = sy_text_put_byte(to, count, &sum);
  to = sy_text_put_byte(to, (guint8)(offset >> 8), &sum);
  to = sy_text_put_byte(to, (guint8)offset, &sum);
  to = sy_text_put_byte(to, type, &sum);
  for (guint i = 0; i < count; i++)
    to = sy_text_put_byte(to, data[i], &sum);
  to = sy_text_put_byte(to, (guint8)(0 - sum), &sum);
  *to++ = '\n';
  g_string_append_len(text, line, to - line);
}

/* `page` is the upper half of the addresses that the reader of the text has in mind. */
static gboolean put_segment(SyTextSink *sink, const SySegment *segment, guint per_line,
                            guint32 *page, GError **error)
{
  for (guint32 done = 0; done < segment->length;) {
    guint32 addr = segment->addr + done;
    guint32 offset = addr % SY_HEX_PAGE_SIZE;
    guint32 count = MIN(segment->length - done, per_line);

    count = MIN(count, SY_HEX_PAGE_SIZE - offset);
    if (addr / SY_HEX_PAGE_SIZE != *page) {
      *page = addr / SY_HEX_PAGE_SIZE;
      put_record(sink->text, SY_HEX_LINEAR_BASE, 0, (guint8[]){(guint8)(*page >> 8), (guint8)*page},
                 2);
    }
    put_record(sink->text, SY_HEX_DATA, (guint16)offset, segment->bytes + done, (guint8)count);
    done += count;
    if (!sy_text_sink_relieve(sink, error))
      return FALSE;
  }
  return TRUE;
}

gboolean sy_hex_write_to(SyImage *image, guint per_line, SyTextSink *sink, GError **error)
{
  guint32 page = 0;
  guint32 start;

  for (guint i = 0; i < sy_image_get_n_segments(image); i++)
    if (!put_segment(sink, sy_image_get_segment(image, i), per_line, &page, error))
      return FALSE;
  if (sy_image_get_start(image, &start)) {
    guint8 bytes[4] = {(guint8)(start >> 24), (guint8)(start >> 16), (guint8)(start >> 8),
                       (guint8)start};

    put_record(sink->text, SY_HEX_LINEAR_START, 0, bytes, sizeof bytes);
  }
  put_record(sink->text, SY_HEX_END, 0, NULL, 0);
  return sy_text_sink_flush(sink, error);
}

GString *sy_hex_write(SyImage *image, guint per_line)
{
  g_return_val_if_fail(image && per_line >= 1 && per_line <= G_MAXUINT8, NULL);

  SyTextSink sink = {g_string_new(NULL), NULL, NULL};

  (void)sy_hex_write_to(image, per_line, &sink, NULL); /* nothing that could fail */
  return sink.text;
}
