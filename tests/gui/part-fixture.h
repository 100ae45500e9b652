/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What tests of single widgets share: a window for each, and what a hex file holds that is written
 * for a test.
 */

#pragma once

#include "sy-release.h"
#include "window-fixture.h"

/* A shown window with nothing but `child`, which it takes over; laid out and painted once. */
GtkWidget *part_window_new(GtkWidget *child, int width, int height);
void part_window_close(GtkWidget *window);

/* Runs the main loop until `flag(widget)`, at most TEST_DEADLINE_S. */
void part_wait(GtkWidget *widget, gboolean (*flag)(GtkWidget *widget), const char *what);
/* A key pressed on a widget, as far as its own controllers go; whether one took it. */
gboolean part_press_key(GtkWidget *widget, guint key);
/* The first label or inscription on screen with this text; NULL. */
GtkWidget *part_find_label(GtkWidget *widget, const char *text);

/* NAME.png, NAME-dark.png. */
void part_pictures(GtkWidget *window, const char *name);

/* A release of a file of this text, which is gone again; NULL when the file is refused as a whole.
 */
SyRelease *part_release_of_text(const char *text);
