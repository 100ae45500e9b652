/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Looks at every text that the shown windows hold, in a language where no letter of A to Z is left
 * (tests/gui/pseudo-language.py): what is plain English was not translated. And at every label that
 * is on screen, in any language: its text has room, its access key is its own.
 */

#pragma once

#include <gtk/gtk.h>

/* What is wrong, a line each and none twice; free with g_string_free. */
typedef GString TextFaults;

/* Of all windows: labels, tooltips, placeholders, titles, and what screen readers are told. */
void text_walk_find_plain(TextFaults *faults, const char *scene);
/* Of one window: labels cut off or outside it. `width` is what the window may need. */
void text_walk_find_cut(GtkWidget *window, int width, TextFaults *faults, const char *scene);
/* Of one window and its menus: access keys that lead to two things at once. */
void text_walk_find_clashes(GtkWidget *window, TextFaults *faults, const char *scene);
/* TRUE when no letter but those of names, units of measure and numbers is in a text. */
gboolean text_walk_is_translated(const char *text);
