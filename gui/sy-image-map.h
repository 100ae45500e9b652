/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyImageMap: a narrow strip that shows a whole image at once: its segments, with the gaps between
 * them shortened, the chip's banks and sectors, where the view is, and where something is wrong,
 * different or found. A click, a drag or Enter goes there.
 *
 * Signal "go-to" (guint addr): a person wants to see this address, which the image holds.
 *
 * Up and Down choose the segment or part of flash before or behind, Home and End the first and the
 * last, Enter and Space go to what is chosen.
 */

#pragma once

#include "sy-compare.h"
#include "sy-release.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_IMAGE_MAP (sy_image_map_get_type())
G_DECLARE_FINAL_TYPE(SyImageMap, sy_image_map, SY, IMAGE_MAP, GtkWidget)

GtkWidget *sy_image_map_new(void);

/* NULL: nothing. Forgets comparison and matches, view and cursor. */
void sy_image_map_set_release(SyImageMap *self, SyRelease *release);
/* The part that can be seen in the view beside it; of no length: none. */
void sy_image_map_set_view(SyImageMap *self, guint32 addr, guint64 length);
void sy_image_map_set_cursor(SyImageMap *self, guint32 addr);
/* Marks differences; one of the comparison's images should be the release's. NULL: none. */
void sy_image_map_set_comparison(SyImageMap *self, SyComparison *comparison);
/* Marks what a search found. Copied. */
void sy_image_map_set_matches(SyImageMap *self, const guint32 *addrs, guint n_addrs);

/* What is chosen by keyboard, else the cursor; for tests and those who hear it. FALSE with none. */
gboolean sy_image_map_get_chosen(SyImageMap *self, guint32 *addr);

/* Where an address is drawn, in pixels from the top, and back; FALSE without data. For pointing
 * and for tests. */
gboolean sy_image_map_get_y(SyImageMap *self, guint32 addr, double *y);
gboolean sy_image_map_get_addr(SyImageMap *self, double y, guint32 *addr);

G_END_DECLS
