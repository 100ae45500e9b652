/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What has the same colour wherever bytes are shown: GNOME's palette, LOW and differences as in the
 * flash map. Colour never tells anything alone.
 */

#pragma once

#include "sy-annotation.h"
#include "sy-compare.h"
#include "wire-message.h"

G_BEGIN_DECLS

/* As gdk_rgba_parse takes them, for a light and a dark ground. */
typedef struct {
  const char *light;
  const char *dark;
} SyInk;

extern const SyInk sy_part_inks[SY_PART_COUNT];
extern const SyInk sy_diff_inks[SY_DIFF_COUNT];
/* Of a reading's channels: 3:1 and more on every ground of the window. */
extern const SyInk sy_channel_inks[WIRE_CHANNELS];
/* What was searched for. */
extern const SyInk sy_match_ink;

G_END_DECLS
