/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Bytes of an image as people read them. */

#include "sy-config.h"

#include "sy-byte-text.h"

#include <glib/gi18n.h>

char *sy_byte_dup_number(SyImage *image, guint32 addr, guint length)
{
  const guint8 *bytes;
  guint32 number = 0;
  guint64 beyond;

  g_return_val_if_fail(length == 1 || length == 2 || length == 4, NULL);

  bytes = sy_image_peek(image, addr, length);
  beyond = G_GUINT64_CONSTANT(1) << 8 * length;
  if (!bytes)
    return NULL;
  for (guint n = 0; n < length; n++)
    number |= (guint32)bytes[n] << 8 * n;
  if (number < beyond / 2)
    return g_strdup_printf("0x%0*X · %u", (int)(2 * length), number, number);
  /* The minus of mathematics is as wide as a digit. */
  return g_strdup_printf("0x%0*X · %u · −%" G_GUINT64_FORMAT, (int)(2 * length), number, number,
                         beyond - number);
}

char *sy_byte_dup_binary(SyImage *image, guint32 addr)
{
  const guint8 *byte = sy_image_peek(image, addr, 1);
  GString *text;

  if (!byte)
    return NULL;
  text = g_string_new(NULL);
  for (guint n = 0; n < 8; n++) {
    if (n == 4)
      g_string_append_c(text, ' ');
    g_string_append_c(text, *byte & 0x80 >> n ? '1' : '0');
  }
  return g_string_free(text, FALSE);
}

char *sy_byte_dup_character(SyImage *image, guint32 addr)
{
  const guint8 *byte = sy_image_peek(image, addr, 1);

  return byte && g_ascii_isprint((char)*byte) ? g_strdup_printf("'%c'", *byte) : NULL;
}

char *sy_byte_dup_range(SyImage *image, const SyRange *range)
{
  guint64 count = sy_image_count(image, range->addr, range->length, NULL);
  guint32 last = (guint32)(range->addr + (range->length - 1));
  g_autofree char *bytes =
      g_strdup_printf(ngettext("%lu byte", "%lu bytes", (gulong)count), (gulong)count);

  if (count == 0)
    return g_strdup_printf(_("no byte from 0x%05X to 0x%05X"), range->addr, last);
  if (count < range->length)
    /* Translators: how many bytes, and the addresses from and to, between which some are missing.
     */
    return g_strdup_printf(_("%s, 0x%05X to 0x%05X, with gaps"), bytes, range->addr, last);
  return g_strdup_printf(_("%s, 0x%05X to 0x%05X"), bytes, range->addr, last);
}
