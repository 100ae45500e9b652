/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyWrapBox: children one behind the other like words, in as many lines as the width asks for; each
 * as wide as it likes, but never wider than a line. What is left of a line goes to the first in it
 * that expands.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_WRAP_BOX (sy_wrap_box_get_type())
G_DECLARE_FINAL_TYPE(SyWrapBox, sy_wrap_box, SY, WRAP_BOX, GtkWidget)

/* Pixels between children and between lines. */
GtkWidget *sy_wrap_box_new(int spacing, int line_spacing);
void sy_wrap_box_set_spacing(SyWrapBox *self, int spacing, int line_spacing);
void sy_wrap_box_append(SyWrapBox *self, GtkWidget *child);

G_END_DECLS
