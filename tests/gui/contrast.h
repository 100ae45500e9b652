/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How well what is painted can be told from what it is painted on, as WCAG 2.1 reckons. */

#pragma once

#include <gtk/gtk.h>

/* Some pixels, as they are painted; premultiplied as cairo has them. */
typedef struct {
  guint8 *bytes;
  int width;
  int height;
  gsize stride;
} Pixels;

Pixels pixels_download(GdkTexture *texture);
void pixels_clear(Pixels *pixels);

/*
 * The ratio between the commonest colour in a rectangle and the one that differs most from it, 1
 * when there is but one. Single pixels don't count. The rectangle is cut to the pixels.
 */
double pixels_measure_contrast(const Pixels *pixels, int x, int y, int width, int height);
