/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Intel HEX records to bytes. What is wrong with a record that is refused here, sy-text-fault.c
 * finds out: good files do not pay for the diagnosis.
 */

#include "sy-hex-private.h"

/* Two characters at once, so a byte costs one look-up. Pairs of digits carry a mark above their
 * value, so the sum of a record's pairs tells two things in the end: how many of them were digits,
 * and the checksum. Only some 8 KB of the table are ever looked at, or even written. */
#define PAIR_SHIFT 20
#define PAIR_MARK  (1u << PAIR_SHIFT)

static guint32 pairs[G_MAXUINT16 + 1];

static inline guint pair_index(const char *at)
{
  return (guint)(guint8)at[0] | (guint)(guint8)at[1] << 8;
}

void sy_hex_decode_init(void)
{
  static const char digits[] = "0123456789ABCDEFabcdef";
  static gsize done = 0;

  if (!g_once_init_enter(&done))
    return;
  for (const char *high = digits; *high; high++)
    for (const char *low = digits; *low; low++)
      pairs[pair_index((const char[]){*high, *low})] =
          PAIR_MARK | (guint)g_ascii_xdigit_value(*high) << 4 | (guint)g_ascii_xdigit_value(*low);
  g_once_init_leave(&done, 1);
}

static inline guint8 decode_byte(const char *at, guint *sum)
{
  guint pair = pairs[pair_index(at)];

  *sum += pair;
  return (guint8)pair;
}

static inline void decode_bytes(const char *at, guint n_bytes, guint8 *to, guint *sum)
{
  for (guint i = 0; i < n_bytes; i++)
    to[i] = decode_byte(at + 2 * i, sum);
}

static inline gboolean is_sound(guint sum, guint count)
{
  return sum >> PAIR_SHIFT == SY_HEX_RECORD_FRAME + count && (guint8)sum == 0;
}

static inline gsize record_length(guint count)
{
  return 1 + 2 * (SY_HEX_RECORD_FRAME + (gsize)count);
}

const char *sy_hex_decode_record(const char *at, const char *end, guint8 *raw)
{
  guint sum = 0;

  if ((gsize)(end - at) < record_length(0) || *at != ':')
    return NULL;

  guint count = (guint8)pairs[pair_index(at + 1)];

  if ((gsize)(end - at) < record_length(count))
    return NULL;
  decode_bytes(at + 1, SY_HEX_RECORD_FRAME + count, raw, &sum);
  return is_sound(sum, count) ? at + record_length(count) : NULL;
}

gboolean sy_hex_decode_bytes(const char *at, guint n_bytes, guint8 *to, guint8 *sum)
{
  guint total = 0;

  decode_bytes(at, n_bytes, to, &total);
  *sum = (guint8)(*sum + total);
  return total >> PAIR_SHIFT == n_bytes;
}

static inline guint32 decode_head(const char *at, guint *sum)
{
  guint32 head = 0;

  for (guint i = 0; i < SY_HEX_RECORD_HEAD; i++)
    head = head << 8 | decode_byte(at + 2 * i, sum);
  return head;
}

/* Behind LF or CR LF; NULL when neither stands there. */
static inline const char *skip_plain_end(const char *at, const char *end)
{
  if (at < end && *at == '\r')
    at++;
  return at < end && *at == '\n' ? at + 1 : NULL;
}

const char *sy_hex_decode_plain(const char *at, const char *end, guint32 offset, guint32 room,
                                guint8 *to, SyHexPlain *plain)
{
  *plain = (SyHexPlain){0, 0};
  if ((gsize)(end - at) < record_length(0))
    return at;

  const guint count = (guint8)pairs[pair_index(at + 1)];
  const gsize length = record_length(count);
  guint32 head = count << 24 | offset << 8 | SY_HEX_DATA;

  if (count == 0)
    return at;
  plain->count = count;
  while (room >= count && (gsize)(end - at) >= length && *at == ':') {
    const char *digits = at + 1;
    guint sum = 0;

    if (decode_head(digits, &sum) != head)
      break;
    digits += 2 * SY_HEX_RECORD_HEAD;
    decode_bytes(digits, count, to, &sum);
    decode_byte(digits + 2 * (gsize)count, &sum);

    const char *next = skip_plain_end(at + length, end);

    if (!is_sound(sum, count) || !next)
      break;
    at = next;
    to += count;
    room -= count;
    head += count << 8;
    plain->n_records++;
  }
  return at;
}
