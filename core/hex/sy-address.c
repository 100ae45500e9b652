/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Addresses and ranges as people type them.
 */

#include "sy-address.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "sy-image-private.h"
#include "wire-flash-map.h"

static gboolean refuse(GError **error, const char *format, const char *text)
{
  g_autofree char *message = g_strdup_printf(format, text);

  g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, message);
  return FALSE;
}

static const WireBankMap *find_bank(const char *text)
{
  if (g_ascii_strcasecmp(text, "LOW") == 0)
    return wire_bank_map(WIRE_BANK_LOW);
  if (g_ascii_strcasecmp(text, "HIGH") == 0)
    return wire_bank_map(WIRE_BANK_HIGH);
  return NULL;
}

/* Digits and nothing else: strtoull would also take signs and blanks. */
static gboolean parse_digits(const char *digits, gsize n_digits, guint base, guint64 max,
                             guint64 *value)
{
  *value = 0;
  for (gsize i = 0; i < n_digits; i++) {
    int digit = g_ascii_xdigit_value(digits[i]);

    if (digit < 0 || (guint)digit >= base || *value > (max - (guint)digit) / base)
      return FALSE;
    *value = *value * base + (guint)digit;
  }
  return n_digits > 0;
}

gboolean sy_address_parse(const char *text, guint32 *addr, GError **error)
{
  g_return_val_if_fail(text && addr, FALSE);

  g_autofree char *bare = g_strstrip(g_strdup(text));
  const WireBankMap *bank = find_bank(bare);
  const char *digits = bare;
  gsize n_digits;
  guint64 value;

  if (bank) {
    *addr = bank->addr;
    return TRUE;
  }
  if (g_ascii_strncasecmp(digits, "0x", 2) == 0)
    digits += 2;
  else if (*digits == '$')
    digits++;
  n_digits = strlen(digits);
  if (digits == bare && n_digits > 1 && g_ascii_tolower(digits[n_digits - 1]) == 'h')
    n_digits--;
  if (!parse_digits(digits, n_digits, 16, G_MAXUINT32, &value))
    return refuse(error,
                  _("“%s” is no address. Write it in hexadecimal, such as 0x1C000, at most "
                    "0xFFFFFFFF; or LOW or HIGH."),
                  bare);
  *addr = (guint32)value;
  return TRUE;
}

static gboolean parse_length(const char *text, guint64 *length)
{
  if (g_ascii_strncasecmp(text, "0x", 2) == 0)
    return parse_digits(text + 2, strlen(text + 2), 16, SY_IMAGE_ADDR_END, length);
  return parse_digits(text, strlen(text), 10, SY_IMAGE_ADDR_END, length);
}

gboolean sy_range_parse(const char *text, guint64 usual_length, SyRange *range, GError **error)
{
  g_return_val_if_fail(text && range, FALSE);

  g_auto(GStrv) parts = g_strsplit(text, ":", 2);
  const WireBankMap *bank = find_bank(text);

  if (bank) {
    *range = (SyRange){bank->addr, bank->size};
    return TRUE;
  }
  if (!parts[0] || (!parts[1] && usual_length == 0))
    return refuse(error, _("“%s” is no range. Write LOW, HIGH, or ADDRESS:LENGTH."), text);
  if (!sy_address_parse(parts[0], &range->addr, error))
    return FALSE;
  if (!parts[1]) {
    range->length = MIN(usual_length, SY_IMAGE_ADDR_END - range->addr);
    return TRUE;
  }
  if (!parse_length(parts[1], &range->length) || range->length == 0 ||
      range->length > SY_IMAGE_ADDR_END - range->addr)
    return refuse(
        error,
        _("“%s” is no length that fits there. Write a number of bytes, at least 1, such as "
          "256 or 0x100."),
        parts[1]);
  return TRUE;
}
