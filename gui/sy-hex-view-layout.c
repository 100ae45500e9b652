/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where the rows, lines and bytes of the view are. */

#define _GNU_SOURCE /* memmem */
#include "sy-config.h"

#include "sy-hex-view-private.h"

#include <math.h>
#include <string.h>

enum {
  ADDRESS_X = 20, /* behind the coloured edge and the marks of differences */
  ADDRESS_CHARS = 8,
  COLUMN_GAP_CHARS = 2,
  BYTE_CHARS = 3,
  GROUP = 8, /* bytes, then one more blank */
  END_GAP = 12,
  ROW_PADDING = 4,
  SAMPLE_CHARS = 64,
  CONTEXT_SHARE = 3, /* what comes into sight comes at a third of the height */
};

/* From the widest to the least; the text column goes last. */
static const struct {
  guint per_row;
  gboolean has_text;
} shapes[] = {{16, TRUE}, {8, TRUE}, {4, TRUE}, {4, FALSE}};

/* --- columns --- */

static guint get_byte_char(guint column)
{
  return column * BYTE_CHARS + column / GROUP;
}

static void place_columns(SyHexView *self, guint per_row, gboolean has_text, SyHexColumns *columns)
{
  double width = self->layout.char_width;
  double bytes_end;

  columns->address_x = ADDRESS_X;
  columns->bytes_x = (int)ceil(ADDRESS_X + (ADDRESS_CHARS + COLUMN_GAP_CHARS) * width);
  bytes_end = columns->bytes_x + (get_byte_char(per_row - 1) + BYTE_CHARS - 1) * width;
  columns->text_x = has_text ? (int)ceil(bytes_end + COLUMN_GAP_CHARS * width) : 0;
  columns->end_x = END_GAP + (int)ceil(has_text ? columns->text_x + per_row * width : bytes_end);
}

void sy_hex_view_measure_font(SyHexView *self)
{
  g_autofree char *sample = g_strnfill(SAMPLE_CHARS, '0');
  g_autoptr(PangoLayout) layout = sy_hex_line_create_layout(SY_HEX_LINE(self->header), sample);
  g_autoptr(PangoLayout) plain =
      gtk_widget_create_pango_layout(GTK_WIDGET(self), sy_flash_part_get_name(SY_PART_LOADER));
  PangoRectangle extents;
  int height;
  int plain_height;

  pango_layout_get_extents(layout, NULL, &extents);
  pango_layout_get_pixel_size(layout, NULL, &height);
  pango_layout_get_pixel_size(plain, NULL, &plain_height);
  self->layout.char_width = pango_units_to_double(extents.width) / SAMPLE_CHARS;
  self->layout.row_height = MAX(height, plain_height) + ROW_PADDING;
  place_columns(self, self->layout.per_row, self->layout.has_text, &self->layout.columns);
}

int sy_hex_view_get_width_for(SyHexView *self, guint per_row, gboolean has_text)
{
  SyHexColumns columns;

  place_columns(self, per_row, has_text, &columns);
  return columns.end_x;
}

double sy_hex_view_get_byte_x(SyHexView *self, guint column)
{
  return self->layout.columns.bytes_x + get_byte_char(column) * self->layout.char_width;
}

double sy_hex_view_get_text_x(SyHexView *self, guint column)
{
  return self->layout.columns.text_x + column * self->layout.char_width;
}

int sy_hex_view_get_header_height(SyHexView *self)
{
  return self->layout.row_height + ROW_PADDING;
}

/* --- rows --- */

static double get_value(SyHexView *self)
{
  GtkAdjustment *adjustment = self->adjustments[GTK_ORIENTATION_VERTICAL];

  return adjustment ? gtk_adjustment_get_value(adjustment) : 0;
}

/* Of the page, without the header. */
static int get_page_height(SyHexView *self)
{
  return MAX(gtk_widget_get_height(GTK_WIDGET(self)) - sy_hex_view_get_header_height(self), 0);
}

static guint get_n_rows(SyHexView *self)
{
  return self->rows ? sy_hex_rows_get_n(self->rows) : 0;
}

double sy_hex_view_get_line_y(SyHexView *self, guint line)
{
  double top = (double)(self->first_row + line) * self->layout.row_height;

  return sy_hex_view_get_header_height(self) + top - floor(get_value(self));
}

guint sy_hex_view_pick_row(SyHexView *self, double y)
{
  double top = y - sy_hex_view_get_header_height(self) + floor(get_value(self));
  guint n_rows = get_n_rows(self);

  if (n_rows == 0 || top < 0)
    return 0;
  return (guint)MIN(top / self->layout.row_height, n_rows - 1);
}

gboolean sy_hex_view_find_byte_row(SyHexView *self, gint64 row, int step, SyRow *found)
{
  for (; row >= 0 && row < get_n_rows(self); row += step) {
    sy_hex_rows_get(self->rows, (guint)row, found);
    if (found->kind == SY_ROW_BYTES)
      return TRUE;
  }
  return FALSE;
}

guint32 sy_hex_view_find_in_row(SyHexView *self, const SyRow *row, guint column)
{
  guint64 wanted = (guint64)row->addr + MIN(column, row->length - 1);
  guint64 end = row->addr + row->length;
  guint32 before;
  guint32 after;
  gboolean has_before = sy_hex_rows_find_below(self->rows, wanted + 1, &before);
  gboolean has_after = sy_hex_rows_find_from(self->rows, wanted, &after) && after < end;

  has_before = has_before && before >= row->addr;
  if (has_before && has_after)
    return wanted - before <= after - wanted ? before : after;
  return has_after ? after : before;
}

/* The column under x, of the bytes or of the text; the nearest one beside them. */
static guint pick_column(SyHexView *self, double x)
{
  const SyHexLayout *layout = &self->layout;
  double half = layout->char_width / 2; /* of the blanks around a byte */
  guint column = 0;

  if (layout->has_text && x >= layout->columns.text_x - layout->char_width)
    return (guint)CLAMP((x - layout->columns.text_x) / layout->char_width, 0, layout->per_row - 1);
  while (column + 1 < layout->per_row && x >= sy_hex_view_get_byte_x(self, column + 1) - half)
    column++;
  return column;
}

gboolean sy_hex_view_pick(SyHexView *self, double x, double y, guint32 *addr)
{
  guint index = sy_hex_view_pick_row(self, y);
  SyRow row;
  SyRow bytes;

  if (get_n_rows(self) == 0)
    return FALSE;
  sy_hex_rows_get(self->rows, index, &row);
  if (row.kind == SY_ROW_BYTES) {
    *addr = sy_hex_view_find_in_row(self, &row, pick_column(self, x));
  } else {
    sy_hex_view_find_byte_row(self, index, 1, &bytes); /* there is always one behind */
    *addr = sy_hex_view_find_in_row(self, &bytes, 0);
  }
  return TRUE;
}

void sy_hex_view_reveal(SyHexView *self, guint32 addr, gboolean with_context)
{
  GtkAdjustment *adjustment = self->adjustments[GTK_ORIENTATION_VERTICAL];
  int page = get_page_height(self);
  double row_height = self->layout.row_height;
  double value = get_value(self);
  double top;

  if (!adjustment || !self->rows)
    return;
  if (page == 0 || self->layout.char_width == 0) {
    self->reveal = TRUE;
    return;
  }
  top = sy_hex_rows_find(self->rows, addr) * row_height;
  if (top >= value && top + row_height <= value + page)
    return;
  if (with_context)
    value = top - floor(page / CONTEXT_SHARE / row_height) * row_height;
  else if (top < value)
    value = top;
  else
    value = top + row_height - page;
  gtk_adjustment_set_value(adjustment, MAX(value, 0));
}

/* --- what is worth a look --- */

static guint get_bits(guint64 from, guint64 stop, guint64 origin)
{
  return ((1u << (stop - from)) - 1) << (from - origin);
}

void sy_hex_view_read_marks(SyHexView *self, const SyRow *row, SyHexMarks *marks)
{
  guint8 bytes[SY_ROW_WIDTH_MAX];
  gint index;

  *marks = (SyHexMarks){0};
  marks->there = sy_row_read(self->image, row->addr, (guint)row->length, bytes);
  if (!self->comparison)
    return;
  index = sy_comparison_find_at(self->comparison, row->addr);
  if (index < 0)
    index = sy_comparison_find_next(self->comparison, row->addr);
  for (; index >= 0 && (guint)index < sy_comparison_get_n(self->comparison); index++) {
    const SyDiff *diff = sy_comparison_get(self->comparison, (guint)index);
    guint64 from = MAX(diff->addr, row->addr);
    guint64 stop = MIN((guint64)diff->addr + diff->length, row->addr + row->length);

    if (from >= stop)
      break;
    marks->differs[diff->kind] |= get_bits(from, stop, row->addr);
  }
}

/* All matches that reach into [addr, end), which lies in one segment; those that overlap as one. */
static void find_matches(SyHexView *self, const SySegment *segment, guint64 addr, guint64 end)
{
  gsize length;
  const guint8 *pattern = g_bytes_get_data(self->pattern, &length);
  guint64 segment_end = (guint64)segment->addr + segment->length;
  guint64 from = addr - MIN(addr - segment->addr, length - 1);
  guint64 stop = MIN(segment_end, end + length - 1);

  while (stop - from >= length) {
    const guint8 *begin = segment->bytes + (from - segment->addr);
    const guint8 *hit = memmem(begin, stop - from, pattern, length);
    SyRange *last = self->matches->len > 0
                        ? &g_array_index(self->matches, SyRange, self->matches->len - 1)
                        : NULL;
    SyRange match;

    if (!hit)
      return;
    match = (SyRange){.addr = (guint32)(from + (guint64)(hit - begin)), .length = length};
    if (last && last->addr + last->length > match.addr)
      last->length = match.addr + length - last->addr;
    else
      g_array_append_val(self->matches, match);
    from = (guint64)match.addr + 1;
  }
}

static void find_all_matches(SyHexView *self)
{
  guint64 addr;
  guint64 end;

  g_array_set_size(self->matches, 0);
  if (!self->pattern || !sy_hex_view_get_visible(self, &addr, &end))
    return;
  for (guint n = sy_image_find_segment_index(self->image, addr);
       n < sy_image_get_n_segments(self->image); n++) {
    const SySegment *segment = sy_image_get_segment(self->image, n);

    if (segment->addr >= end)
      break;
    find_matches(self, segment, MAX(segment->addr, addr),
                 MIN((guint64)segment->addr + segment->length, end));
  }
}

gboolean sy_hex_view_get_visible(SyHexView *self, guint64 *addr, guint64 *end)
{
  gboolean any = FALSE;

  g_return_val_if_fail(SY_IS_HEX_VIEW(self) && addr && end, FALSE);

  for (guint n = 0; n < self->n_shown; n++) {
    SyRow row;

    sy_hex_rows_get(self->rows, self->first_row + n, &row);
    if (row.kind != SY_ROW_BYTES && row.kind != SY_ROW_GAP)
      continue;
    if (!any)
      *addr = row.addr;
    *end = row.addr + row.length;
    any = TRUE;
  }
  return any;
}

/* --- laying out --- */

static void choose_shape(SyHexView *self, int width)
{
  guint n = 0;

  while (n + 1 < G_N_ELEMENTS(shapes) &&
         sy_hex_view_get_width_for(self, shapes[n].per_row, shapes[n].has_text) > width)
    n++;
  if (self->layout.per_row != shapes[n].per_row || self->layout.has_text != shapes[n].has_text)
    self->stale = TRUE;
  self->layout.per_row = shapes[n].per_row;
  self->layout.has_text = shapes[n].has_text;
  place_columns(self, shapes[n].per_row, shapes[n].has_text, &self->layout.columns);
}

/* Rows of another width, with the same address on top. Returns the new value of the adjustment. */
static double renew_rows(SyHexView *self, double value)
{
  SyImage *other = NULL;
  SyRow top;
  guint row;

  if (sy_hex_rows_get_bytes_per_row(self->rows) == self->layout.per_row)
    return value;
  row = MIN((guint)(value / self->layout.row_height), MAX(get_n_rows(self), 1) - 1);
  if (self->comparison)
    other = self->show_b ? sy_comparison_get_a(self->comparison)
                         : sy_comparison_get_b(self->comparison);
  if (get_n_rows(self) > 0)
    sy_hex_rows_get(self->rows, row, &top);
  sy_hex_rows_unref(self->rows);
  self->rows = sy_hex_rows_new(self->image, other, self->layout.per_row);
  self->stale = TRUE;
  if (get_n_rows(self) == 0 || value == 0)
    return 0;
  return (double)sy_hex_rows_find(self->rows, top.addr) * self->layout.row_height;
}

static void configure(SyHexView *self, int width, double value)
{
  GtkAdjustment *horizontal = self->adjustments[GTK_ORIENTATION_HORIZONTAL];
  GtkAdjustment *vertical = self->adjustments[GTK_ORIENTATION_VERTICAL];
  double page = get_page_height(self);
  double row_height = self->layout.row_height;
  double upper = MAX(get_n_rows(self) * row_height, page);

  if (horizontal)
    gtk_adjustment_configure(horizontal, 0, 0, width, 0, 0, width);
  if (vertical)
    gtk_adjustment_configure(vertical, CLAMP(value, 0, upper - page), 0, upper, row_height,
                             MAX(page - row_height, row_height), page);
}

static void place_header(SyHexView *self, int width)
{
  GtkAllocation place = {.width = width, .height = sy_hex_view_get_header_height(self)};

  sy_hex_line_set_columns(SY_HEX_LINE(self->header), &self->layout.columns);
  sy_hex_line_place(SY_HEX_LINE(self->header), &place);
}

static void add_lines(SyHexView *self)
{
  while (self->lines->len < self->n_shown) {
    GtkWidget *line = sy_hex_line_new();

    gtk_widget_insert_before(line, GTK_WIDGET(self), self->header);
    g_ptr_array_add(self->lines, line);
  }
}

static void place_lines(SyHexView *self, int width)
{
  for (guint n = 0; n < self->lines->len; n++) {
    GtkWidget *line = g_ptr_array_index(self->lines, n);
    GtkAllocation place = {.y = (int)sy_hex_view_get_line_y(self, n),
                           .width = width,
                           .height = self->layout.row_height};

    gtk_widget_set_child_visible(line, n < self->n_shown);
    if (n >= self->n_shown)
      continue;
    sy_hex_line_set_columns(SY_HEX_LINE(line), &self->layout.columns);
    sy_hex_line_place(SY_HEX_LINE(line), &place);
  }
}

/* Which rows are in sight. */
static void show_rows(SyHexView *self)
{
  double value = floor(get_value(self));
  guint n_rows = get_n_rows(self);
  guint first = (guint)(value / self->layout.row_height);
  guint behind = (guint)ceil((value + get_page_height(self)) / self->layout.row_height);
  guint n_shown = MIN(behind, n_rows) - MIN(first, n_rows);

  if (first == self->first_row && n_shown == self->n_shown && !self->stale)
    return;
  self->stale = self->stale || first != self->first_row;
  self->first_row = first;
  self->n_shown = n_shown;
}

void sy_hex_view_lay_out(SyHexView *self, int width, int height)
{
  double value = get_value(self);
  guint filled = self->n_shown;

  self->laying_out = TRUE;
  choose_shape(self, width);
  if (self->rows)
    value = renew_rows(self, value);
  configure(self, width, value);
  if (self->reveal && self->has_cursor && get_page_height(self) > 0) {
    self->reveal = FALSE;
    sy_hex_view_reveal(self, self->cursor, TRUE);
  }
  show_rows(self);
  add_lines(self);
  if (self->stale)
    sy_hex_view_fill_header(self);
  for (guint n = self->stale ? 0 : MIN(filled, self->n_shown); n < self->n_shown; n++)
    sy_hex_view_fill_line(self, n);
  if (self->stale || filled != self->n_shown)
    find_all_matches(self);
  self->stale = FALSE;
  place_lines(self, width); /* last, as lines arrange their pieces for what they say */
  place_header(self, width);
  self->laying_out = FALSE;
}
