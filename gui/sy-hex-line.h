/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyHexLine: one line of SyHexView, used again for other rows as the page moves. It holds text and
 * says it to screen readers; what lies under the text the view draws.
 */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_HEX_LINE (sy_hex_line_get_type())
G_DECLARE_FINAL_TYPE(SyHexLine, sy_hex_line, SY, HEX_LINE, GtkWidget)

/* Where the pieces of a line begin, in pixels from the view's left edge. */
typedef struct {
  int address_x;
  int bytes_x;
  int text_x; /* 0: no text column */
  int end_x;
} SyHexColumns;

GtkWidget *sy_hex_line_new(void);
void sy_hex_line_set_columns(SyHexLine *self, const SyHexColumns *columns);

/* A line of pieces; `attributes` are of the bytes and may be NULL. */
void sy_hex_line_set_pieces(SyHexLine *self, const char *address, const char *bytes,
                            PangoAttrList *attributes, const char *text);
/* Puts the line there, and what it says into its place. To be called behind any change, while the
 * view is laid out: lines do not ask for that by themselves, since what is asked for during a
 * layout is not heard. */
void sy_hex_line_place(SyHexLine *self, const GtkAllocation *place);
/* A line that says one thing over its whole width. */
void sy_hex_line_set_heading(SyHexLine *self, const char *heading);
void sy_hex_line_set_gap(SyHexLine *self, const char *gap);
/* What a screen reader says. */
void sy_hex_line_set_label(SyHexLine *self, const char *label);
/* A layout as its bytes have it, to measure them. */
PangoLayout *sy_hex_line_create_layout(SyHexLine *self, const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* The same, for tests; borrowed. */
const char *sy_hex_line_get_label(SyHexLine *self);

G_END_DECLS
