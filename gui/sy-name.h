/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Names for screen readers where GTK's own widgets leave out the part that gets the focus. */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Of a GtkDropDown or GtkMenuButton, and of the button in it. */
void sy_name_button_in(GtkWidget *widget, const char *name);

G_END_DECLS
