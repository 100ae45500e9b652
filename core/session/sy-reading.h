/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the channels of a reading are called, and their values as people read them. Any thread. */

#pragma once

#include "wire-message.h"

#include <glib.h>

G_BEGIN_DECLS

/* Translated, not to be freed; `channel` is below WIRE_CHANNELS. */
const char *sy_channel_get_name(guint channel);

/* "21.4 °C", of tenths of the channel's unit; free with g_free. */
char *sy_channel_dup_value_text(guint channel, gint value);

G_END_DECLS
