/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyByteInspector: what stands at one address, read as numbers, as a line of the file and as what
 * it means to the chip; and how long the selected bytes are, with their CRC-32 and SHA-256.
 *
 * What takes long is asked in threads; the newest question alone is answered.
 *
 * Signal "go-to" (guint addr): a person follows a vector.
 */

#pragma once

#include "sy-release.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_BYTE_INSPECTOR (sy_byte_inspector_get_type())
G_DECLARE_FINAL_TYPE(SyByteInspector, sy_byte_inspector, SY, BYTE_INSPECTOR, GtkWidget)

GtkWidget *sy_byte_inspector_new(void);

/* NULL: nothing. The cursor is then at the first byte, and nothing is selected. */
void sy_byte_inspector_set_release(SyByteInspector *self, SyRelease *release);
void sy_byte_inspector_set_cursor(SyByteInspector *self, guint32 addr);
/* Of no length: nothing. */
void sy_byte_inspector_set_selection(SyByteInspector *self, const SyRange *selection);

/* Whether a line or a digest is still being asked for; "notify::busy" tells of the end. */
gboolean sy_byte_inspector_is_busy(SyByteInspector *self);
/* All that is shown, a value a line: "32 bit: 3852464152". Free with g_free. */
char *sy_byte_inspector_dup_text(SyByteInspector *self);

G_END_DECLS
