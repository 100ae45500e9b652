/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The rows of the overview map, and how they look. */

#include "sy-config.h"

#include "sy-image-map-paint.h"

#include "sy-annotation.h"
#include "sy-ink.h"

#include <adwaita.h>
#include <glib/gi18n.h>

enum {
  COVER_MAX = 4,
  PATTERN_STEP = 5,
  MARK_SIZE = 10,
  TEXT_WIDTH_MIN = 24,   /* less says nothing */
  SECTOR_HEIGHT_MIN = 5, /* of a sector for its border to be drawn */
};

/* --- rows --- */

static GArray *rows_of(SyImageScale *scale)
{
  guint count = sy_image_scale_get_n(scale);
  const SyScalePiece *last = count > 0 ? sy_image_scale_get(scale, count - 1) : NULL;
  GArray *rows = g_array_new(FALSE, TRUE, sizeof(SyMapRow));

  g_array_set_size(rows, last ? (guint)(last->y + last->height) : 0);
  return rows;
}

static SyMapRow *row_at(GArray *rows, double y)
{
  return &g_array_index(rows, SyMapRow, (guint)CLAMP(y, 0, rows->len - 1.0));
}

/* The addresses of a row, at least one. */
static SyRange range_of_row(SyImageScale *scale, const SyScalePiece *piece, guint y)
{
  double share = 1.0 / piece->height;
  double length = (double)(piece->end_addr - piece->begin_addr);
  guint64 begin = sy_image_scale_get_addr(scale, y);
  guint64 end = piece->begin_addr + (guint64)((y + 1 - piece->y) * share * length);

  begin = MIN(begin, piece->end_addr - 1);
  return (SyRange){(guint32)begin, MAX(MIN(end, piece->end_addr), begin + 1) - begin};
}

/* The first difference in a range, as SyDiffKind + 1; 0: none. */
static guint8 find_difference(SyComparison *comparison, const SyRange *range)
{
  gint index = sy_comparison_find_at(comparison, range->addr);
  const SyDiff *diff;

  if (index < 0)
    index = sy_comparison_find_next(comparison, range->addr);
  if (index < 0)
    return 0;
  diff = sy_comparison_get(comparison, (guint)index);
  if (diff->addr > range->addr && diff->addr - (guint64)range->addr >= range->length)
    return 0;
  return (guint8)(diff->kind + 1);
}

static gboolean has_match(const SyMapInput *input, const SyRange *range)
{
  guint low = 0;
  guint high = input->n_matches;

  while (low < high) {
    guint middle = low + (high - low) / 2;

    if (input->matches[middle] < range->addr)
      low = middle + 1;
    else
      high = middle;
  }
  return low < input->n_matches && input->matches[low] - (guint64)range->addr < range->length;
}

static void fill_row(const SyMapInput *input, const SyRange *range, SyMapRow *row)
{
  guint32 first = 0;
  guint64 count =
      sy_image_count(sy_release_get_image(input->release), range->addr, range->length, &first);

  if (count > 0) {
    row->part = (guint8)(sy_flash_part_at(first) + 1);
    row->cover = (guint8)((count * COVER_MAX + range->length - 1) / range->length);
  }
  if (input->comparison)
    row->different = find_difference(input->comparison, range);
  row->matched = has_match(input, range);
}

static void mark(GArray *rows, SyImageScale *scale, guint32 addr, SySeverity severity)
{
  SyMapRow *row;

  if (addr == G_MAXUINT32 || rows->len == 0)
    return;
  row = row_at(rows, sy_image_scale_get_y(scale, addr));
  row->severity = MAX(row->severity, (guint8)severity);
}

static void mark_findings(SyRelease *release, SyImageScale *scale, GArray *rows)
{
  SyImageFile *file = sy_release_get_file(release);
  SyProblems *problems = file ? sy_image_file_get_problems(file) : NULL;

  for (WireBank bank = WIRE_BANK_LOW; bank <= WIRE_BANK_HIGH; bank++) {
    const SyProgram *program = sy_release_get_program(release, bank);

    for (guint n = 0; program && n < SY_CHECK_COUNT; n++)
      mark(rows, scale, program->findings[n].addr, program->findings[n].severity);
  }
  for (guint n = 0; n < sy_release_get_n_findings(release); n++) {
    const SyFinding *finding = sy_release_get_finding(release, n);

    mark(rows, scale, finding->addr, finding->severity);
  }
  for (guint n = 0; problems && n < sy_problems_get_n(problems); n++) {
    const SyProblem *problem = sy_problems_get(problems, n);

    mark(rows, scale, problem->addr, problem->severity);
  }
}

GArray *sy_map_rows_new(const SyMapInput *input, SyImageScale *scale)
{
  GArray *rows = rows_of(scale);

  for (guint n = 0; n < sy_image_scale_get_n(scale); n++) {
    const SyScalePiece *piece = sy_image_scale_get(scale, n);

    for (int y = piece->y; y < piece->y + piece->height; y++) {
      SyRange range = range_of_row(scale, piece, (guint)y);

      fill_row(input, &range, row_at(rows, y));
    }
  }
  mark_findings(input->release, scale, rows);
  return rows;
}

/* --- drawing --- */

typedef struct {
  GtkWidget *widget;
  cairo_t *cr;
  SyImageScale *scale;
  GArray *rows;
  GdkRGBA ink;
  gboolean dark;
  gboolean high_contrast;
} Painter;

typedef enum { PATTERN_NONE, PATTERN_BARS, PATTERN_HATCH } Pattern;

typedef struct {
  const SyInk *ink; /* NULL: the text's colour */
  float fill;
  Pattern pattern;
} Look;

static Look get_look(SyFlashPart part)
{
  switch (part) {
  case SY_PART_LOW:
    return (Look){&sy_part_inks[part], 1.0f, PATTERN_NONE};
  case SY_PART_HIGH:
    return (Look){&sy_part_inks[part], 1.0f, PATTERN_HATCH};
  case SY_PART_RECORDS:
    return (Look){&sy_part_inks[part], 0.30f, PATTERN_BARS};
  case SY_PART_JUMP:
  case SY_PART_LOADER:
  case SY_PART_BOOT:
    return (Look){NULL, 0.16f, PATTERN_BARS};
  case SY_PART_OUTSIDE:
  case SY_PART_COUNT:
  default:
    return (Look){&sy_part_inks[SY_PART_OUTSIDE], 0.45f, PATTERN_NONE};
  }
}

/* No ink is the text's colour. */
static void set_colour(Painter *to, const SyInk *ink, float alpha)
{
  GdkRGBA colour = to->ink;

  if (ink)
    gdk_rgba_parse(&colour, to->dark ? ink->dark : ink->light);
  colour.alpha *= alpha;
  gdk_cairo_set_source_rgba(to->cr, &colour);
}

/* Cut out of a full ground, drawn on a thin one. */
static void draw_pattern(Painter *to, const Look *look, int y, int height)
{
  double end = y + height;

  if (look->pattern == PATTERN_NONE)
    return;
  cairo_save(to->cr);
  cairo_rectangle(to->cr, SY_MAP_BAR_X, y, SY_MAP_BAR_WIDTH, height);
  cairo_clip(to->cr);
  if (look->fill == 1.0f)
    cairo_set_source_rgba(to->cr, to->dark ? 0 : 1, to->dark ? 0 : 1, to->dark ? 0 : 1, 0.35);
  else
    set_colour(to, NULL, 0.30f);
  cairo_set_line_width(to->cr, 1);
  if (look->pattern == PATTERN_BARS)
    for (double at = y + 2.5; at < end; at += PATTERN_STEP) {
      cairo_move_to(to->cr, SY_MAP_BAR_X, at);
      cairo_rel_line_to(to->cr, SY_MAP_BAR_WIDTH, 0);
    }
  else
    for (double at = y; at < end + SY_MAP_BAR_WIDTH; at += PATTERN_STEP + 2) {
      cairo_move_to(to->cr, SY_MAP_BAR_X, at);
      cairo_rel_line_to(to->cr, SY_MAP_BAR_WIDTH, -SY_MAP_BAR_WIDTH);
    }
  cairo_stroke(to->cr);
  cairo_restore(to->cr);
}

/* Data of one part of flash; thin where little of it is there. */
static void draw_run(Painter *to, guint from, guint end)
{
  guint8 part = g_array_index(to->rows, SyMapRow, from).part;
  Look look = get_look((SyFlashPart)(part - 1));
  guint begin = from;

  for (guint y = from; y < end; y++) {
    guint8 cover = g_array_index(to->rows, SyMapRow, y).cover;

    if (y + 1 < end && g_array_index(to->rows, SyMapRow, y + 1).cover == cover)
      continue;
    set_colour(to, look.ink, look.fill * (0.4f + 0.6f * (float)cover / COVER_MAX));
    cairo_rectangle(to->cr, SY_MAP_BAR_X, begin, SY_MAP_BAR_WIDTH, y + 1 - begin);
    cairo_fill(to->cr);
    begin = y + 1;
  }
  draw_pattern(to, &look, (int)from, (int)(end - from));
  if (to->high_contrast || look.fill < 1.0f) {
    set_colour(to, NULL, to->high_contrast ? 1.0f : 0.35f);
    cairo_set_line_width(to->cr, 1);
    cairo_rectangle(to->cr, SY_MAP_BAR_X + 0.5, from + 0.5, SY_MAP_BAR_WIDTH - 1,
                    MAX(end - from, 2u) - 1);
    cairo_stroke(to->cr);
  }
}

static void draw_data(Painter *to)
{
  for (guint y = 0; y < to->rows->len;) {
    guint8 part = g_array_index(to->rows, SyMapRow, y).part;
    guint end = y + 1;

    while (end < to->rows->len && g_array_index(to->rows, SyMapRow, end).part == part)
      end++;
    if (part != 0)
      draw_run(to, y, end);
    y = end;
  }
}

/* Lines where sectors begin; longer and thicker where another part of flash begins. */
static void draw_sectors(Painter *to)
{
  double last = -SECTOR_HEIGHT_MIN;

  for (guint sector = 1; sector < WIRE_SECTOR_COUNT; sector++) {
    guint32 addr = sector * WIRE_SECTOR_SIZE;
    double y = floor(sy_image_scale_get_y(to->scale, addr));
    gboolean border = sy_flash_part_at(addr) != sy_flash_part_at(addr - 1);
    double height = border ? 2 : 1;

    if (y <= 0 || y >= to->rows->len || row_at(to->rows, y)->part == 0 ||
        row_at(to->rows, y - 1)->part == 0 || (!border && y - last < SECTOR_HEIGHT_MIN))
      continue;
    if (get_look(sy_flash_part_at(addr)).fill == 1.0f)
      cairo_set_source_rgba(to->cr, to->dark ? 0 : 1, to->dark ? 0 : 1, to->dark ? 0 : 1, 0.75);
    else
      set_colour(to, NULL, 0.5f);
    cairo_rectangle(to->cr, SY_MAP_BAR_X, y, border ? SY_MAP_BAR_WIDTH : SY_MAP_BAR_WIDTH / 3.0,
                    height);
    cairo_fill(to->cr);
    last = y;
  }
}

/* Draws at most `height` pixels of text, in one or two lines. Returns the height it took. */
static int draw_text(Painter *to, const char *text, gboolean strong, double y, int height)
{
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(to->widget, text);
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new();
  int width = gtk_widget_get_width(to->widget) - SY_MAP_TEXT_X;
  int line_height;
  int text_height;

  if (width < TEXT_WIDTH_MIN)
    return 0;
  pango_layout_get_pixel_size(layout, NULL, &line_height);
  pango_attr_list_insert(attributes,
                         pango_attr_weight_new(strong ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL));
  pango_layout_set_attributes(layout, attributes);
  pango_layout_set_width(layout, width * PANGO_SCALE);
  pango_layout_set_wrap(layout, PANGO_WRAP_WORD);
  pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
  pango_layout_set_height(layout, height >= 2 * line_height ? -2 : -1);
  pango_layout_get_pixel_size(layout, NULL, &text_height);
  set_colour(to, NULL, strong || to->high_contrast ? 1.0f : 0.75f);
  cairo_move_to(to->cr, SY_MAP_TEXT_X, y);
  pango_cairo_show_layout(to->cr, layout);
  return text_height;
}

/* Few characters: "1023 MB", not "1023.9 MB". */
static char *dup_short_size(guint64 bytes)
{
  if (bytes < 1000)
    /* Translators: bytes, in as few characters as can be. */
    return g_strdup_printf(_("%u B"), (guint)bytes);
  if (bytes < 1000 << 10)
    return g_strdup_printf(_("%.0f KB"), (double)bytes / (1 << 10));
  if (bytes < 1000 << 20)
    return g_strdup_printf(_("%.0f MB"), (double)bytes / (1 << 20));
  return g_strdup_printf(_("%.1f GB"), (double)bytes / (1 << 30));
}

static void draw_break(Painter *to, const SyScalePiece *piece)
{
  double middle = piece->y + piece->height / 2.0;
  double step = SY_MAP_BAR_WIDTH / 6.0;

  set_colour(to, NULL, to->high_contrast ? 1.0f : 0.55f);
  cairo_set_line_width(to->cr, 1.2);
  for (int line = -1; line <= 1; line += 2) {
    cairo_move_to(to->cr, SY_MAP_BAR_X, middle + line * 2.5 + 2);
    for (int n = 1; n <= 6; n++)
      cairo_line_to(to->cr, SY_MAP_BAR_X + n * step, middle + line * 2.5 + (n % 2 ? -2 : 2));
  }
  cairo_stroke(to->cr);
}

static int get_line_height(Painter *to)
{
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout(to->widget, "0");
  int height;

  pango_layout_get_pixel_size(layout, NULL, &height);
  return height;
}

/* Names of parts of flash where they begin and sizes of gaps, while there is room. */
static void draw_labels(Painter *to)
{
  int line = get_line_height(to);
  double free_y = 0;

  for (guint n = 0; n < sy_image_scale_get_n(to->scale); n++) {
    const SyScalePiece *piece = sy_image_scale_get(to->scale, n);
    guint8 last_part = 0;

    if (piece->is_break) {
      g_autofree char *size = dup_short_size(piece->end_addr - piece->begin_addr);
      double y = piece->y + (piece->height - line) / 2.0;

      draw_break(to, piece);
      if (y >= free_y - 2)
        free_y = y + draw_text(to, size, FALSE, y, line);
      continue;
    }
    for (int y = piece->y; y < piece->y + piece->height; y++) {
      guint8 part = row_at(to->rows, y)->part;
      SyFlashPart which = (SyFlashPart)(part - 1);
      int end = y;

      if (part == 0 || part == last_part)
        continue;
      last_part = part;
      while (end < piece->y + piece->height && row_at(to->rows, end)->part == part)
        end++;
      if (y >= free_y - 2 && end - y >= MIN(line, SY_SCALE_PIECE_MIN))
        free_y =
            y + draw_text(to, sy_flash_part_get_name(which),
                          which == SY_PART_LOW || which == SY_PART_HIGH, MAX(y - 2, 0), end - y);
    }
  }
}

static const SyInk error_ink = {"#c01c28", "#ff7b63"};
static const SyInk warning_ink = {"#ae7b03", "#f8e45c"};

/* An error is a disc with a cross, a warning a triangle with a stroke. */
static void draw_mark(Painter *to, SySeverity severity, double y)
{
  double x = SY_MAP_BAR_X - MARK_SIZE / 2.0 - 2;
  double half = MARK_SIZE / 2.0;
  cairo_t *cr = to->cr;

  if (severity == SY_SEVERITY_ERROR) {
    set_colour(to, &error_ink, 1);
    cairo_arc(cr, x, y, half, 0, 2 * G_PI);
    cairo_fill(cr);
  } else {
    set_colour(to, &warning_ink, 1);
    cairo_move_to(cr, x, y - half);
    cairo_line_to(cr, x + half, y + half - 1);
    cairo_line_to(cr, x - half, y + half - 1);
    cairo_close_path(cr);
    cairo_fill(cr);
  }
  cairo_set_source_rgb(cr, to->dark ? 0 : 1, to->dark ? 0 : 1, to->dark ? 0 : 1);
  cairo_set_line_width(cr, 1.4);
  if (severity == SY_SEVERITY_ERROR) {
    cairo_move_to(cr, x - 2, y - 2);
    cairo_rel_line_to(cr, 4, 4);
    cairo_move_to(cr, x + 2, y - 2);
    cairo_rel_line_to(cr, -4, 4);
  } else {
    cairo_move_to(cr, x, y - 1.5);
    cairo_rel_line_to(cr, 0, 4);
  }
  cairo_stroke(cr);
}

/* Those that would lie upon each other become one, the worst. */
static void draw_marks(Painter *to)
{
  for (guint y = 0; y < to->rows->len; y++) {
    guint8 severity = SY_SEVERITY_OK;
    guint at = y;

    if (g_array_index(to->rows, SyMapRow, y).severity == SY_SEVERITY_OK)
      continue;
    for (guint n = y; n < MIN(y + MARK_SIZE, to->rows->len); n++)
      if (g_array_index(to->rows, SyMapRow, n).severity > severity) {
        severity = g_array_index(to->rows, SyMapRow, n).severity;
        at = n;
      }
    draw_mark(to, severity, at + 0.5);
    y += MARK_SIZE;
  }
}

/* Differences are strokes, only their left or right half where one file alone has bytes; matches
 * are dots. */
static void draw_side(Painter *to)
{
  static const struct {
    int x;
    int width;
  } kinds[SY_DIFF_COUNT] = {
      [SY_DIFF_CHANGED] = {0, SY_MAP_SIDE_WIDTH},
      [SY_DIFF_ONLY_A] = {0, SY_MAP_SIDE_WIDTH / 2},
      [SY_DIFF_ONLY_B] = {SY_MAP_SIDE_WIDTH / 2, SY_MAP_SIDE_WIDTH / 2},
  };
  double next_dot = 0;

  for (guint y = 0; y < to->rows->len; y++) {
    guint8 different = g_array_index(to->rows, SyMapRow, y).different;

    if (different == 0)
      continue;
    set_colour(to, &sy_diff_inks[different - 1], 1);
    cairo_rectangle(to->cr, SY_MAP_SIDE_X + kinds[different - 1].x, y, kinds[different - 1].width,
                    2);
    cairo_fill(to->cr);
  }
  for (guint y = 0; y < to->rows->len; y++)
    if (g_array_index(to->rows, SyMapRow, y).matched && y >= next_dot) {
      cairo_new_sub_path(to->cr);
      cairo_arc(to->cr, SY_MAP_SIDE_X + SY_MAP_SIDE_WIDTH / 2.0, y + 0.5, 2.5, 0, 2 * G_PI);
      next_dot = y + 4;
    }
  set_colour(to, &sy_match_ink, 1);
  cairo_fill_preserve(to->cr);
  cairo_set_source_rgb(to->cr, to->dark ? 0 : 1, to->dark ? 0 : 1, to->dark ? 0 : 1);
  cairo_set_line_width(to->cr, 0.8);
  cairo_stroke(to->cr);
}

void sy_map_paint(GtkWidget *widget, GtkSnapshot *snapshot, SyImageScale *scale, GArray *rows)
{
  AdwStyleManager *style = adw_style_manager_get_default();
  graphene_rect_t bounds = GRAPHENE_RECT_INIT(0, 0, (float)gtk_widget_get_width(widget),
                                              (float)gtk_widget_get_height(widget));
  Painter to = {.widget = widget,
                .cr = gtk_snapshot_append_cairo(snapshot, &bounds),
                .scale = scale,
                .rows = rows,
                .dark = adw_style_manager_get_dark(style),
                .high_contrast = adw_style_manager_get_high_contrast(style)};

  gtk_style_context_get_color(gtk_widget_get_style_context(widget), &to.ink);
  cairo_translate(to.cr, 0, SY_MAP_MARGIN);
  draw_data(&to);
  draw_sectors(&to);
  draw_labels(&to);
  draw_side(&to);
  draw_marks(&to);
  cairo_destroy(to.cr);
}
