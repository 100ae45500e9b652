/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of SyHexView share. */

#pragma once

#include "sy-hex-line.h"
#include "sy-hex-view.h"

/* How the page is laid out. Pixels from the left edge; characters all have one width. */
typedef struct {
  guint per_row;
  gboolean has_text;
  double char_width; /* 0: not measured yet */
  int row_height;
  SyHexColumns columns;
} SyHexLayout;

/* A byte of the shown image that is worth a look. */
typedef struct {
  guint there;                  /* bit n: byte n of the row is there */
  guint differs[SY_DIFF_COUNT]; /* bit n: byte n differs so */
} SyHexMarks;

struct _SyHexView {
  GtkWidget parent_instance;

  GtkAdjustment *adjustments[2]; /* by GtkOrientation */
  GtkScrollablePolicy policies[2];

  SyImage *image; /* NULL: nothing is shown, and no rows either */
  SyComparison *comparison;
  gboolean show_b;
  SyHexRows *rows;

  SyHexLayout layout;
  GtkWidget *header;
  GPtrArray *lines; /* of SyHexLine, children; from the top down */
  guint n_shown;    /* lines in use */
  guint first_row;  /* of the first line */
  gboolean stale;   /* lines have to be filled again */
  gboolean laying_out;
  gboolean reveal; /* the cursor is to be brought into sight once the page has a size */
  GArray *matches; /* of SyRange, in sight */
  GBytes *pattern;

  gboolean has_cursor;
  guint32 cursor;
  guint32 anchor; /* the other end of the selection, which holds both */
  gboolean has_selection;

  GtkWidget *menu;   /* a popover, made when first wanted */
  guint scroll_tick; /* while dragging beyond an edge */
  gint64 scroll_us;  /* of its last frame */
  gboolean dragging;
  double drag_x;
  double drag_y;
};

/* --- where things are --- */

/* Measures the font; again after it changed. */
void sy_hex_view_measure_font(SyHexView *self);
/* The least and the best width. */
int sy_hex_view_get_width_for(SyHexView *self, guint per_row, gboolean has_text);
void sy_hex_view_lay_out(SyHexView *self, int width, int height);
/* The left edges of a byte's two places. */
double sy_hex_view_get_byte_x(SyHexView *self, guint column);
double sy_hex_view_get_text_x(SyHexView *self, guint column);
int sy_hex_view_get_header_height(SyHexView *self);
/* The top of a shown line. */
double sy_hex_view_get_line_y(SyHexView *self, guint line);
/* The byte under a point, or the nearest that is there. FALSE with nothing shown. */
gboolean sy_hex_view_pick(SyHexView *self, double x, double y, guint32 *addr);
/* The row under a point; the first or last one beyond the ends. */
guint sy_hex_view_pick_row(SyHexView *self, double y);
/* With as few rows scrolled as needed, or, when it was out of sight, with rows around it. */
void sy_hex_view_reveal(SyHexView *self, guint32 addr, gboolean with_context);
/* The last row of bytes at or below (`step` < 0) or the first at or above; FALSE beyond the ends.
 */
gboolean sy_hex_view_find_byte_row(SyHexView *self, gint64 row, int step, SyRow *found);
/* The byte at `addr` if it is there, else the nearest one in its row, which has one. */
guint32 sy_hex_view_find_in_row(SyHexView *self, const SyRow *row, guint column);

void sy_hex_view_read_marks(SyHexView *self, const SyRow *row, SyHexMarks *marks);
/* What line n of those in sight says, and the one on top of them all. */
void sy_hex_view_fill_line(SyHexView *self, guint n);
void sy_hex_view_fill_header(SyHexView *self);
/* Tells a screen reader where the cursor is. */
void sy_hex_view_describe_cursor(SyHexView *self);
/* The title of a gap or heading row; free with g_free. */
char *sy_hex_view_dup_title(SyHexView *self, const SyRow *row);

/* --- cursor and selection --- */

/* Says so where anything is new. */
void sy_hex_view_set_state(SyHexView *self, guint32 cursor, guint32 anchor, gboolean selection);
void sy_hex_view_move_to(SyHexView *self, guint32 addr, gboolean extend);
/* Selects what a heading is for, or the segment around the cursor. */
void sy_hex_view_select_row(SyHexView *self, const SyRow *row);

/* --- the rest --- */

void sy_hex_view_draw(SyHexView *self, GtkSnapshot *snapshot);
void sy_hex_view_init_keys(SyHexViewClass *klass);
void sy_hex_view_init_actions(SyHexViewClass *klass);
void sy_hex_view_init_pointer(SyHexView *self);
/* Emits "message". */
void sy_hex_view_say(SyHexView *self, const char *message);
void sy_hex_view_open_menu_at_cursor(SyHexView *self);
void sy_hex_view_stop_scrolling(SyHexView *self);
