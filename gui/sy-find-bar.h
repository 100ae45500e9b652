/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyFindBar: finds bytes or text in an image, while it is typed, on and back, round and round.
 * Hidden until it is opened.
 *
 * Signals: "found" (guint addr, guint length): show this match. "pattern-changed" (void):
 * get_pattern and get_matches have news. "closed" (void): the focus should go elsewhere; the
 * pattern is gone.
 */

#pragma once

#include "sy-image.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* More matches are not counted. */
enum { SY_MATCHES_MAX = 10000 };

#define SY_TYPE_FIND_BAR (sy_find_bar_get_type())
G_DECLARE_FINAL_TYPE(SyFindBar, sy_find_bar, SY, FIND_BAR, GtkWidget)

/* NULL: none. What is typed is looked for there anew, without a found. */
void sy_find_bar_set_image(SyFindBar *self, SyImage *image);
/* Where the person is: from there it goes on. The match at hand is the one that is selected. */
void sy_find_bar_set_place(SyFindBar *self, guint32 cursor, const SyRange *selection);

/* Shows it and takes the focus. */
void sy_find_bar_open(SyFindBar *self);
void sy_find_bar_close(SyFindBar *self);
gboolean sy_find_bar_is_open(SyFindBar *self);
/* Nothing without a match. */
void sy_find_bar_next(SyFindBar *self);
void sy_find_bar_previous(SyFindBar *self);

/* NULL when nothing is typed, or no pattern. Borrowed. */
GBytes *sy_find_bar_get_pattern(SyFindBar *self);
/* Where it is, rising, SY_MATCHES_MAX at most. Borrowed. */
const guint32 *sy_find_bar_get_matches(SyFindBar *self, guint *n_matches);

G_END_DECLS
