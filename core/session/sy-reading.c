/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Channels as PROTOCOL.md §4 has them. */

#include "sy-reading.h"

#include <glib/gi18n-lib.h>

typedef struct {
  const char *name;
  const char *unit;
} Channel;

static const Channel channels[WIRE_CHANNELS] = {
    {N_("NTC temperature"), "°C"},
    {N_("PT1000 temperature"), "°C"},
    /* Translators: a current loop, 4–20 mA, told in per cent of its range. */
    {N_("Current loop"), "%"},
    {N_("Battery"), "V"},
};

const char *sy_channel_get_name(guint channel)
{
  g_return_val_if_fail(channel < WIRE_CHANNELS, NULL);

  return _(channels[channel].name);
}

char *sy_channel_dup_value_text(guint channel, gint value)
{
  g_return_val_if_fail(channel < WIRE_CHANNELS, NULL);

  /* Translators: a measured value and its unit, as in "21.4 °C"; between them a narrow space that
   * no line is broken at. */
  return g_strdup_printf(_("%.1f\u202f%s"), value / 10.0, channels[channel].unit);
}
