/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What people who hear the window, or have no pointer, get of it. For GTK_A11Y=test. */

#pragma once

#include <gtk/gtk.h>

/* All mapped widgets in and below `root`, parents first, in the order of the tree. */
GPtrArray *access_list_mapped(GtkWidget *root);

/* What a screen reader calls it; NULL when it has no name of its own. */
char *access_dup_name(GtkWidget *widget);
/* The same, or the texts that are in it: rows are read so. */
char *access_dup_spoken(GtkWidget *widget);
/* Its type and where it is, for messages. */
char *access_dup_path(GtkWidget *widget);

/* Presses Tab (or Shift+Tab) until a widget comes that was there already; unowned. */
GPtrArray *access_walk_focus(GtkWindow *window, GtkDirectionType direction);
