/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyHexView: the bytes of an image to look at, for a GtkScrolledWindow. Address, bytes and text in
 * rows as wide as there is room; gaps as gaps; the chip's sectors and the segments named, and
 * coloured at the edge; a cursor, a selection, matches of a pattern, differences.
 *
 * It is as fast with 64 MB as with 64 bytes: only the rows in sight are there as widgets, each
 * readable by a screen reader.
 *
 * Actions (all without parameter): hex.copy-hex, hex.copy-text, hex.copy-c, hex.copy-dump,
 * hex.select-segment, hex.select-all.
 *
 * Signals:
 *   "cursor-moved" (void): get_cursor says something else. Comes after any selection-changed.
 *   "selection-changed" (void): get_selection says something else.
 *   "message" (const char *): a sentence for a person about a copy that could not be made.
 * None comes from set_image and set_comparison.
 */

#pragma once

#include "sy-compare.h"
#include "sy-hex-copy.h"
#include "sy-hex-rows.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_HEX_VIEW (sy_hex_view_get_type())
G_DECLARE_FINAL_TYPE(SyHexView, sy_hex_view, SY, HEX_VIEW, GtkWidget)

GtkWidget *sy_hex_view_new(void);

/* What is shown; NULL: nothing. The cursor goes to the first byte, the page to its top; pattern and
 * selection are forgotten. */
void sy_hex_view_set_image(SyHexView *self, SyImage *image);
/* Shows one side of a comparison in the rows of both, so that two views as wide as each other are
 * line by line alike and may share a vertical adjustment. NULL: nothing. */
void sy_hex_view_set_comparison(SyHexView *self, SyComparison *comparison, gboolean show_b);

/* The image that is shown; NULL with none. Borrowed. */
SyImage *sy_hex_view_get_image(SyHexView *self);
/* The rows as they are laid out now; NULL with no image. Borrowed, and replaced when the width
 * changes. */
SyHexRows *sy_hex_view_get_rows(SyHexView *self);
/* 16, 8 or 4, as the width allows. */
guint sy_hex_view_get_bytes_per_row(SyHexView *self);
/* The text column goes last of all. */
gboolean sy_hex_view_get_shows_text(SyHexView *self);

/* Where the cursor is: always on a byte that is there (in a comparison: in one of the images).
 * FALSE when nothing is shown. */
gboolean sy_hex_view_get_cursor(SyHexView *self, guint32 *addr);
/* Puts the cursor on `addr` and brings its row into sight, with some rows around it; selects
 * `select_len` bytes from there, 0: none. Where nothing is it takes the next byte that is there,
 * else the last one, selects nothing and returns FALSE. */
gboolean sy_hex_view_go_to(SyHexView *self, guint32 addr, guint64 select_len);

/* Half-open, may end at 4 GiB and hold gaps. FALSE when nothing is selected. */
gboolean sy_hex_view_get_selection(SyHexView *self, guint64 *addr, guint64 *end);
/* Cut to what is there at both ends; an empty range selects nothing. Does not scroll. The cursor
 * goes to the end. */
void sy_hex_view_select(SyHexView *self, guint64 addr, guint64 end);

/* Boxes every match in sight; NULL: none. The match somebody is at is best shown by go_to. */
void sy_hex_view_set_pattern(SyHexView *self, GBytes *pattern);

/* From the first to behind the last address in sight, for a map beside it; it changes with the
 * vertical adjustment. FALSE when nothing is. */
gboolean sy_hex_view_get_visible(SyHexView *self, guint64 *addr, guint64 *end);

/* Puts the selection on the clipboard, or the byte under the cursor when there is none. FALSE as
 * sy_hex_copy says. */
gboolean sy_hex_view_copy(SyHexView *self, SyCopyFormat format, GError **error);

/* How a byte of the shown image stands in the comparison, for tests and inspectors. FALSE without a
 * comparison or where both have it alike. */
gboolean sy_hex_view_get_difference(SyHexView *self, guint32 addr, SyDiffKind *kind);

G_END_DECLS
