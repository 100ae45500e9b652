/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyImagePanel: what the opened file holds, before anything is connected. Nothing open, being read,
 * not readable, or the release: its programs, their checks, its segments and gaps.
 */

#pragma once

#include "sy-release.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_IMAGE_PANEL (sy_image_panel_get_type())
G_DECLARE_FINAL_TYPE(SyImagePanel, sy_image_panel, SY, IMAGE_PANEL, GtkWidget)

void sy_image_panel_show_loading(SyImagePanel *self, const char *name);
void sy_image_panel_show_error(SyImagePanel *self, const char *name, const char *message);
/* `release` is referenced; NULL shows the empty page. `idle` is the bank an upgrade would write,
 * NONE when not known. */
void sy_image_panel_show_release(SyImagePanel *self, SyRelease *release, WireBank idle);

G_END_DECLS
