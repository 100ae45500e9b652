/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyGoToBar: asks for an address, which may be the name of a bank. Hidden until it is opened.
 *
 * Signals: "go-to" (guint addr); "closed" (void), also behind each go-to: the focus should go
 * elsewhere.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_GO_TO_BAR (sy_go_to_bar_get_type())
G_DECLARE_FINAL_TYPE(SyGoToBar, sy_go_to_bar, SY, GO_TO_BAR, GtkWidget)

/* Shows it and takes the focus. */
void sy_go_to_bar_open(SyGoToBar *self);
void sy_go_to_bar_close(SyGoToBar *self);
gboolean sy_go_to_bar_is_open(SyGoToBar *self);

G_END_DECLS
