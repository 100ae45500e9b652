/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What lies under the text of the view. Nothing is told by colour alone: matches are boxed,
 * differences underlined and marked at the edge, parts named by headings. */

#include "sy-config.h"

#include "sy-hex-view-private.h"
#include "sy-ink.h"

#include <adwaita.h>

enum { EDGE_WIDTH = 5, MARK_X = 9, MARK_SIZE = 7, CELL_PAD = 3, UNDERLINE = 2, HATCH = 5 };

static const SyInk select_ink = {"#1c71d8", "#62a0ea"};

typedef struct {
  SyHexView *view;
  GtkSnapshot *snapshot;
  gboolean dark;
  gboolean high_contrast;
  gboolean focused;
  GdkRGBA text;
} Pen;

/* One row of bytes that is being drawn. */
typedef struct {
  SyRow row;
  float y;
  float height;
} Place;

static GdkRGBA get_colour(const Pen *pen, const SyInk *ink, float alpha)
{
  GdkRGBA colour;

  gdk_rgba_parse(&colour, pen->dark ? ink->dark : ink->light);
  colour.alpha = alpha;
  return colour;
}

static void fill(const Pen *pen, const GdkRGBA *colour, float x, float y, float width, float height)
{
  gtk_snapshot_append_color(pen->snapshot, colour, &GRAPHENE_RECT_INIT(x, y, width, height));
}

static void frame(const Pen *pen, const GdkRGBA *colour, const graphene_rect_t *rect, float width)
{
  GskRoundedRect outline;

  gsk_rounded_rect_init_from_rect(&outline, rect, 3);
  gtk_snapshot_append_border(pen->snapshot, &outline, (float[4]){width, width, width, width},
                             (GdkRGBA[4]){*colour, *colour, *colour, *colour});
}

/* Where bytes [from, stop) of a row are: their digits, or their letters. */
static graphene_rect_t get_cells(const Pen *pen, const Place *place, guint from, guint stop,
                                 gboolean letters)
{
  SyHexView *view = pen->view;
  double width = view->layout.char_width;
  double x =
      letters ? sy_hex_view_get_text_x(view, from) : sy_hex_view_get_byte_x(view, from) - CELL_PAD;
  double end = letters ? sy_hex_view_get_text_x(view, stop - 1) + width
                       : sy_hex_view_get_byte_x(view, stop - 1) + 2 * width + CELL_PAD;

  return GRAPHENE_RECT_INIT((float)x, place->y, (float)(end - x), place->height);
}

/* The part of [addr, end) that is in the row. */
static gboolean cut(const Place *place, guint64 addr, guint64 end, guint *from, guint *stop)
{
  guint64 first = MAX(addr, place->row.addr);
  guint64 behind = MIN(end, place->row.addr + place->row.length);

  if (first >= behind)
    return FALSE;
  *from = (guint)(first - place->row.addr);
  *stop = (guint)(behind - place->row.addr);
  return TRUE;
}

static void draw_selection(const Pen *pen, const Place *place)
{
  GdkRGBA colour = get_colour(pen, &select_ink, pen->focused ? 0.30f : 0.18f);
  guint64 addr;
  guint64 end;
  guint from;
  guint stop;

  if (!sy_hex_view_get_selection(pen->view, &addr, &end) || !cut(place, addr, end, &from, &stop))
    return;
  for (guint letters = 0; letters <= (pen->view->layout.has_text ? 1 : 0); letters++) {
    graphene_rect_t rect = get_cells(pen, place, from, stop, letters == 1);

    gtk_snapshot_append_color(pen->snapshot, &colour, &rect);
    if (!pen->high_contrast)
      continue;
    colour.alpha = 1;
    frame(pen, &colour, &rect, 1);
    colour.alpha = 0.30f;
  }
}

static void draw_matches(const Pen *pen, const Place *place)
{
  GdkRGBA ground = get_colour(pen, &sy_match_ink, 0.22f);
  GdkRGBA rim = get_colour(pen, &sy_match_ink, 1);

  for (guint n = 0; n < pen->view->matches->len; n++) {
    const SyRange *match = &g_array_index(pen->view->matches, SyRange, n);
    guint from;
    guint stop;

    if (!cut(place, match->addr, match->addr + match->length, &from, &stop))
      continue;
    for (guint letters = 0; letters <= (pen->view->layout.has_text ? 1 : 0); letters++) {
      graphene_rect_t rect = get_cells(pen, place, from, stop, letters == 1);

      graphene_rect_inset(&rect, 0, 1);
      gtk_snapshot_append_color(pen->snapshot, &ground, &rect);
      frame(pen, &rim, &rect, 1);
    }
  }
}

/* What this image lacks is an empty box, the rest is underlined. */
static void draw_difference(const Pen *pen, const Place *place, SyDiffKind kind, guint from,
                            guint stop, gboolean there)
{
  GdkRGBA ground = get_colour(pen, &sy_diff_inks[kind], 0.16f);
  GdkRGBA ink = get_colour(pen, &sy_diff_inks[kind], 1);

  for (guint letters = 0; letters <= (pen->view->layout.has_text ? 1 : 0); letters++) {
    graphene_rect_t rect = get_cells(pen, place, from, stop, letters == 1);

    if (!there)
      graphene_rect_inset(&rect, 0, 2);
    gtk_snapshot_append_color(pen->snapshot, &ground, &rect);
    if (there)
      fill(pen, &ink, rect.origin.x, place->y + place->height - UNDERLINE, rect.size.width,
           UNDERLINE);
    else
      frame(pen, &ink, &rect, 1);
  }
}

/* A full square: changed. Plus: only here. Minus: only there. */
static void draw_mark(const Pen *pen, const Place *place, SyDiffKind kind, gboolean there)
{
  GdkRGBA ink = get_colour(pen, &sy_diff_inks[kind], 1);
  float y = place->y + (place->height - MARK_SIZE) / 2;
  float thick = 2;
  float middle = (MARK_SIZE - thick) / 2;

  if (kind == SY_DIFF_CHANGED) {
    fill(pen, &ink, MARK_X, y, MARK_SIZE, MARK_SIZE);
    return;
  }
  fill(pen, &ink, MARK_X, y + middle, MARK_SIZE, thick);
  if (there)
    fill(pen, &ink, MARK_X + middle, y, thick, MARK_SIZE);
}

static void draw_differences(const Pen *pen, const Place *place)
{
  SyHexMarks marks;
  gboolean marked = FALSE;

  sy_hex_view_read_marks(pen->view, &place->row, &marks);
  for (SyDiffKind kind = 0; kind < SY_DIFF_COUNT; kind++) {
    guint bits = marks.differs[kind];
    gboolean there = (bits & marks.there) != 0;

    for (guint n = 0; n < place->row.length; n++) {
      guint from = n;

      while (n < place->row.length && bits >> n & 1)
        n++;
      if (n > from)
        draw_difference(pen, place, kind, from, n, there);
    }
    if (bits != 0 && !marked)
      draw_mark(pen, place, kind, there);
    marked = marked || bits != 0;
  }
}

static void draw_cursor(const Pen *pen, const Place *place)
{
  guint from;
  guint stop;
  GdkRGBA rim = get_colour(pen, &select_ink, 1);
  GdkRGBA ground = get_colour(pen, &select_ink, 0.18f);

  if (!pen->view->has_cursor ||
      !cut(place, pen->view->cursor, (guint64)pen->view->cursor + 1, &from, &stop))
    return;
  for (guint letters = 0; letters <= (pen->view->layout.has_text ? 1 : 0); letters++) {
    graphene_rect_t rect = get_cells(pen, place, from, stop, letters == 1);

    if (letters == 1)
      graphene_rect_inset(&rect, -1, 0);
    gtk_snapshot_append_color(pen->snapshot, &ground, &rect);
    frame(pen, &rim, &rect, pen->focused ? 2 : 1);
  }
}

/* Stripes: nothing is here, and it is not FF. */
static void draw_gap(const Pen *pen, float y, float width, float height)
{
  GdkRGBA ink = pen->text;
  GdkRGBA none = pen->text;

  ink.alpha = pen->high_contrast ? 0.14f : 0.06f;
  none.alpha = 0;
  gtk_snapshot_append_repeating_linear_gradient(
      pen->snapshot, &GRAPHENE_RECT_INIT(EDGE_WIDTH, y, width - EDGE_WIDTH, height),
      &GRAPHENE_POINT_INIT(0, 0), &GRAPHENE_POINT_INIT(HATCH, HATCH),
      (GskColorStop[]){{0, none}, {0.7f, none}, {0.7f, ink}, {1, ink}}, 4);
}

static void draw_line(const Pen *pen, guint line)
{
  SyHexView *view = pen->view;
  Place place = {.y = (float)sy_hex_view_get_line_y(view, line),
                 .height = (float)view->layout.row_height};
  GdkRGBA edge;

  sy_hex_rows_get(view->rows, view->first_row + line, &place.row);
  if (place.row.kind == SY_ROW_GAP) {
    draw_gap(pen, place.y, (float)gtk_widget_get_width(GTK_WIDGET(view)), place.height);
    return;
  }
  edge = get_colour(pen, &sy_part_inks[place.row.part], 1);
  fill(pen, &edge, 0, place.y, EDGE_WIDTH, place.height);
  if (place.row.kind != SY_ROW_BYTES)
    return;
  if (view->comparison)
    draw_differences(pen, &place);
  draw_selection(pen, &place);
  draw_matches(pen, &place);
  draw_cursor(pen, &place);
}

static void draw_header(const Pen *pen, int width)
{
  SyHexView *view = pen->view;
  int height = sy_hex_view_get_header_height(view);
  GdkRGBA line = pen->text;

  line.alpha = pen->high_contrast ? 1.0f : 0.25f;
  gtk_widget_snapshot_child(GTK_WIDGET(view), view->header, pen->snapshot);
  fill(pen, &line, 0, (float)height - 1, (float)width, 1);
}

void sy_hex_view_draw(SyHexView *self, GtkSnapshot *snapshot)
{
  GtkWidget *widget = GTK_WIDGET(self);
  AdwStyleManager *style = adw_style_manager_get_default();
  int width = gtk_widget_get_width(widget);
  int height = gtk_widget_get_height(widget);
  int header = sy_hex_view_get_header_height(self);
  Pen pen = {.view = self,
             .snapshot = snapshot,
             .dark = adw_style_manager_get_dark(style),
             .high_contrast = adw_style_manager_get_high_contrast(style),
             .focused = gtk_widget_has_focus(widget)};

  gtk_style_context_get_color(gtk_widget_get_style_context(widget), &pen.text);
  gtk_snapshot_push_clip(snapshot, &GRAPHENE_RECT_INIT(0, (float)header, (float)width,
                                                       (float)MAX(height - header, 0)));
  for (guint n = 0; n < self->n_shown; n++)
    draw_line(&pen, n);
  for (guint n = 0; n < self->n_shown; n++)
    gtk_widget_snapshot_child(widget, g_ptr_array_index(self->lines, n), snapshot);
  gtk_snapshot_pop(snapshot);
  draw_header(&pen, width);
}
