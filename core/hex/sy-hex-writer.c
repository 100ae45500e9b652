/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyImage to Intel HEX text.
 */

#include "sy-hex-private.h"

static char *put_byte(char *to, guint8 byte, guint8 *sum)
{
  static const char digits[] = "0123456789ABCDEF";

  *to++ = digits[byte >> 4];
  *to++ = digits[byte & 15];
  *sum = (guint8)(*sum + byte);
  return to;
}

static void put_record(GString *text, guint8 type, guint16 offset, const guint8 *data, guint8 count)
{
  char line[1 + 2 * (5 + G_MAXUINT8) + 1] = ":";
  char *to = line + 1;
  guint8 sum = 0;

  to = put_byte(to, count, &sum);
  to = put_byte(to, (guint8)(offset >> 8), &sum);
  to = put_byte(to, (guint8)offset, &sum);
  to = put_byte(to, type, &sum);
  for (guint i = 0; i < count; i++)
    to = put_byte(to, data[i], &sum);
  to = put_byte(to, (guint8)(0 - sum), &sum);
  *to++ = '\n';
  g_string_append_len(text, line, to - line);
}

/* `page` is the upper half of the addresses that the reader of the text has in mind. */
static void put_segment(GString *text, const SySegment *segment, guint per_line, guint32 *page)
{
  for (guint32 done = 0; done < segment->length;) {
    guint32 addr = segment->addr + done;
    guint32 offset = addr % SY_HEX_PAGE_SIZE;
    guint32 count = MIN(segment->length - done, per_line);

    count = MIN(count, SY_HEX_PAGE_SIZE - offset);
    if (addr / SY_HEX_PAGE_SIZE != *page) {
      *page = addr / SY_HEX_PAGE_SIZE;
      put_record(text, SY_HEX_LINEAR_BASE, 0, (guint8[]){(guint8)(*page >> 8), (guint8)*page}, 2);
    }
    put_record(text, SY_HEX_DATA, (guint16)offset, segment->bytes + done, (guint8)count);
    done += count;
  }
}

GString *sy_hex_write(SyImage *image, guint per_line)
{
  g_return_val_if_fail(image && per_line >= 1 && per_line <= G_MAXUINT8, NULL);

  GString *text = g_string_new(NULL);
  guint32 page = 0;
  guint32 start;

  for (guint i = 0; i < sy_image_get_n_segments(image); i++)
    put_segment(text, sy_image_get_segment(image, i), per_line, &page);
  if (sy_image_get_start(image, &start)) {
    guint8 bytes[4] = {(guint8)(start >> 24), (guint8)(start >> 16), (guint8)(start >> 8),
                       (guint8)start};

    put_record(text, SY_HEX_LINEAR_START, 0, bytes, sizeof bytes);
  }
  put_record(text, SY_HEX_END, 0, NULL, 0);
  return text;
}
