/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * How one block of flash is drawn and named. The pattern alone tells the kinds apart, without
 * colour; the colour makes it quick.
 */

#pragma once

#include "sy-flash-map.h"

G_BEGIN_DECLS

/* Draws into the rectangle. `ink` is the widget's text colour; the rest follows the style. */
void sy_flash_cell_draw(cairo_t *cr, SyCell cell, const GdkRGBA *ink, double x, double y,
                        double width, double height);

/* "verified", for legend, tooltip and those who hear it. Not to be freed. */
const char *sy_flash_cell_name(SyCell cell);

G_END_DECLS
