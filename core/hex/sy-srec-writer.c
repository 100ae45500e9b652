/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyImage to Motorola S-records (M68000 Family Programmer's Reference Manual, appendix C).
 */

#include "sy-text-sink.h"

#include "sy-image-private.h"

enum {
  HEADER_ADDR_LENGTH = 2, /* of S0, S5 */
  COUNT_16_MAX = 0xffff,
  COUNT_24_MAX = 0xffffff,
};

/* One record. The length byte counts address, data and checksum; the checksum is the complement of
 * the sum of all of these. */
static void put_record(GString *text, char type, guint32 addr, guint addr_length,
                       const guint8 *data, guint count)
{
  char line[2 + 2 * (1 + G_MAXUINT8) + 1] = {'S', type};
  char *to = line + 2;
  guint8 sum = 0;

  to = sy_text_put_byte(to, (guint8)(addr_length + count + 1), &sum);
  for (guint i = addr_length; i > 0; i--)
    to = sy_text_put_byte(to, (guint8)(addr >> 8 * (i - 1)), &sum);
  for (guint i = 0; i < count; i++)
    to = sy_text_put_byte(to, data[i], &sum);
  to = sy_text_put_byte(to, (guint8)~sum, &sum);
  *to++ = '\n';
  g_string_append_len(text, line, to - line);
}

/* The fewest address bytes that reach everything: 2 to 4, for S1/S9, S2/S8 or S3/S7. */
static guint choose_addr_length(SyImage *image)
{
  guint n_segments = sy_image_get_n_segments(image);
  guint32 highest = 0;
  guint32 start;

  if (n_segments > 0)
    highest = (guint32)(sy_segment_end(sy_image_get_segment(image, n_segments - 1)) - 1);
  if (sy_image_get_start(image, &start))
    highest = MAX(highest, start);
  return highest > 0xffffff ? 4 : highest > 0xffff ? 3 : 2;
}

static gboolean put_segment(SyTextSink *sink, const SySegment *segment, guint addr_length,
                            guint per_line, GError **error)
{
  for (guint32 done = 0; done < segment->length;) {
    guint32 count = MIN(segment->length - done, per_line);

    put_record(sink->text, (char)('0' + addr_length - 1), segment->addr + done, addr_length,
               segment->bytes + done, count);
    done += count;
    if (!sy_text_sink_relieve(sink, error))
      return FALSE;
  }
  return TRUE;
}

static guint64 count_records(SyImage *image, guint per_line)
{
  guint64 count = 0;

  for (guint i = 0; i < sy_image_get_n_segments(image); i++)
    count += ((guint64)sy_image_get_segment(image, i)->length + per_line - 1) / per_line;
  return count;
}

gboolean sy_srec_write_to(SyImage *image, guint per_line, SyTextSink *sink, GError **error)
{
  /* What other tools write when they know no better. */
  static const guint8 header[] = {'H', 'D', 'R'};
  guint addr_length = choose_addr_length(image);
  guint64 n_records = count_records(image, per_line);
  guint32 start = 0;

  put_record(sink->text, '0', 0, HEADER_ADDR_LENGTH, header, sizeof header);
  for (guint i = 0; i < sy_image_get_n_segments(image); i++)
    if (!put_segment(sink, sy_image_get_segment(image, i), addr_length, per_line, error))
      return FALSE;
  /* The count is left out where no record can hold it. */
  if (n_records <= COUNT_16_MAX)
    put_record(sink->text, '5', (guint32)n_records, HEADER_ADDR_LENGTH, NULL, 0);
  else if (n_records <= COUNT_24_MAX)
    put_record(sink->text, '6', (guint32)n_records, HEADER_ADDR_LENGTH + 1, NULL, 0);
  (void)sy_image_get_start(image, &start);
  put_record(sink->text, (char)('9' - (addr_length - 2)), start, addr_length, NULL, 0);
  return sy_text_sink_flush(sink, error);
}
