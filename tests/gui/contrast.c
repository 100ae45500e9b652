/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How well what is painted can be told from what it is painted on. */

#include "contrast.h"

#include <math.h>

/* What fewer pixels have may be the rim of something else. */
enum { PIXELS_MIN = 6 };

Pixels pixels_download(GdkTexture *texture)
{
  Pixels pixels = {.width = gdk_texture_get_width(texture),
                   .height = gdk_texture_get_height(texture)};

  pixels.stride = (gsize)pixels.width * 4;
  pixels.bytes = g_malloc(pixels.stride * (gsize)pixels.height);
  gdk_texture_download(texture, pixels.bytes, pixels.stride);
  return pixels;
}

void pixels_clear(Pixels *pixels)
{
  g_clear_pointer(&pixels->bytes, g_free);
}

static double linear(guint value)
{
  double part = value / 255.0;

  return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4);
}

/* Of 0xRRGGBB. */
static double luminance(guint colour)
{
  return 0.2126 * linear(colour >> 16 & 0xff) + 0.7152 * linear(colour >> 8 & 0xff) +
         0.0722 * linear(colour & 0xff);
}

static double ratio(guint one, guint other)
{
  double a = luminance(one);
  double b = luminance(other);

  return (MAX(a, b) + 0.05) / (MIN(a, b) + 0.05);
}

static GHashTable *count_colours(const Pixels *pixels, int left, int top, int right, int bottom)
{
  GHashTable *counts = g_hash_table_new(NULL, NULL);

  for (int y = top; y < bottom; y++) {
    const guint32 *row = (const guint32 *)(const void *)(pixels->bytes + (gsize)y * pixels->stride);

    for (int x = left; x < right; x++) {
      gpointer colour = GUINT_TO_POINTER(row[x] & 0xffffff);
      guint count = GPOINTER_TO_UINT(g_hash_table_lookup(counts, colour));

      g_hash_table_insert(counts, colour, GUINT_TO_POINTER(count + 1));
    }
  }
  return counts;
}

double pixels_measure_contrast(const Pixels *pixels, int x, int y, int width, int height)
{
  g_autoptr(GHashTable) counts = count_colours(
      pixels, MAX(x, 0), MAX(y, 0), MIN(x + width, pixels->width), MIN(y + height, pixels->height));
  GHashTableIter iter;
  gpointer colour;
  gpointer count;
  guint ground = 0;
  guint most = 0;
  double best = 1;

  g_hash_table_iter_init(&iter, counts);
  while (g_hash_table_iter_next(&iter, &colour, &count)) {
    if (GPOINTER_TO_UINT(count) <= most)
      continue;
    most = GPOINTER_TO_UINT(count);
    ground = GPOINTER_TO_UINT(colour);
  }
  g_hash_table_iter_init(&iter, counts);
  while (g_hash_table_iter_next(&iter, &colour, &count))
    if (GPOINTER_TO_UINT(count) >= PIXELS_MIN)
      best = MAX(best, ratio(ground, GPOINTER_TO_UINT(colour)));
  return best;
}
