/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyImagePanel: what the opened file holds, before anything is connected. Nothing open, being read,
 * not readable, or the file in three views: a summary (programs, checks, segments and gaps), its
 * bytes, and all that was found about it.
 *
 * Actions: image.go-to (u), an address; image.copy (s), a text. Signal "message" (const char *): a
 * sentence for a person.
 */

#pragma once

#include "sy-bytes-page.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_IMAGE_PANEL (sy_image_panel_get_type())
G_DECLARE_FINAL_TYPE(SyImagePanel, sy_image_panel, SY, IMAGE_PANEL, GtkWidget)

void sy_image_panel_show_loading(SyImagePanel *self, const char *name);
/* While a file is loading: its first bytes, unless a person wants another view than the bytes. */
void sy_image_panel_show_preview(SyImagePanel *self, SyImage *beginning);
void sy_image_panel_show_error(SyImagePanel *self, const char *name, const char *message);
/* `release` is referenced; NULL shows the empty page. `idle` is the bank an upgrade would write,
 * NONE when not known. */
void sy_image_panel_show_release(SyImagePanel *self, SyRelease *release, WireBank idle);

/* "summary", "bytes" or "findings", with the focus; nothing when no file is shown. */
void sy_image_panel_show_view(SyImagePanel *self, const char *view);
/* Shows the bytes at an address. */
void sy_image_panel_go_to(SyImagePanel *self, guint32 addr);
/* Shows the bytes and does one of the actions of SyBytesPage there. */
void sy_image_panel_run(SyImagePanel *self, const char *action);
SyBytesPage *sy_image_panel_get_bytes(SyImagePanel *self);
void sy_image_panel_set_narrow(SyImagePanel *self, gboolean narrow);

G_END_DECLS
