/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What the overview map shows, pixel row by pixel row, and how it is drawn. The pattern alone tells
 * the parts of flash apart, and the shape alone the marks; colour makes it quick.
 */

#pragma once

#include "sy-compare.h"
#include "sy-image-scale.h"
#include "sy-release.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

enum {
  SY_MAP_WIDTH_MIN = 50, /* without names */
  SY_MAP_WIDTH = 92,
  SY_MAP_BAR_X = 14, /* left of it: errors and warnings */
  SY_MAP_BAR_WIDTH = 26,
  SY_MAP_SIDE_X = SY_MAP_BAR_X + SY_MAP_BAR_WIDTH + 2, /* differences and matches */
  SY_MAP_SIDE_WIDTH = 6,
  SY_MAP_TEXT_X = SY_MAP_SIDE_X + SY_MAP_SIDE_WIDTH + 3,
  SY_MAP_MARGIN = 6, /* above and below */
};

/* One row of pixels of the scale. */
typedef struct {
  guint8 part;      /* SyFlashPart + 1; 0: no data */
  guint8 cover;     /* 0 to 4: how much of the row is data */
  guint8 severity;  /* SySeverity: the worst that is marked here */
  guint8 different; /* SyDiffKind + 1 of the first difference here; 0: none */
  guint8 matched;   /* whether something was found here */
} SyMapRow;

typedef struct {
  SyRelease *release;
  SyComparison *comparison; /* may be NULL */
  const guint32 *matches;   /* rising */
  guint n_matches;
} SyMapInput;

/* Rows of the whole scale, of SyMapRow. Takes time by rows and the logarithm of the rest. */
GArray *sy_map_rows_new(const SyMapInput *input, SyImageScale *scale) G_GNUC_WARN_UNUSED_RESULT;

/* Draws everything but view and cursor. `widget` gives font and style. */
void sy_map_paint(GtkWidget *widget, GtkSnapshot *snapshot, SyImageScale *scale, GArray *rows);

G_END_DECLS
