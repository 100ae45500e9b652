/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyLinkBars: how good the line is, as bars and as a word. Not visible while it is not known. */

#pragma once

#include "sy-link-quality.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_LINK_BARS (sy_link_bars_get_type())
G_DECLARE_FINAL_TYPE(SyLinkBars, sy_link_bars, SY, LINK_BARS, GtkWidget)

void sy_link_bars_set_quality(SyLinkBars *self, SyLinkQuality quality);
/* "Link good"; empty while it is not known. Borrowed. */
const char *sy_link_bars_get_text(SyLinkBars *self);

G_END_DECLS
