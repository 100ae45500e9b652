/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How one block of flash is drawn and named. */

#include "sy-config.h"

#include "sy-flash-cell.h"

#include <adwaita.h>
#include <glib/gi18n.h>

typedef enum {
  PATTERN_NONE,
  PATTERN_DOT,
  PATTERN_BARS,
  PATTERN_HATCH,
  PATTERN_TICK,
  PATTERN_TICKS,
  PATTERN_CROSS,
} Pattern;

/* Colours are GNOME's palette; the empty string is the text colour, thinned by alpha. */
typedef struct {
  const char *light;
  const char *dark;
  float fill;   /* alpha of the ground */
  float border; /* alpha of the rim */
  Pattern pattern;
} Look;

static const Look looks[SY_CELL_COUNT] = {
    [SY_CELL_UNKNOWN] = {"", "", 0.04f, 0.10f, PATTERN_NONE},
    [SY_CELL_FIXED] = {"", "", 0.16f, 0.0f, PATTERN_BARS},
    [SY_CELL_RUNNING] = {"#1c71d8", "#62a0ea", 1.0f, 0.0f, PATTERN_NONE},
    [SY_CELL_IDLE] = {"", "", 0.30f, 0.0f, PATTERN_NONE},
    [SY_CELL_DAMAGED] = {"#a51d2d", "#f66151", 0.20f, 0.8f, PATTERN_CROSS},
    [SY_CELL_FREE] = {"", "", 0.0f, 0.22f, PATTERN_NONE},
    [SY_CELL_ERASED] = {"", "", 0.0f, 0.45f, PATTERN_DOT},
    [SY_CELL_SENT] = {"#c64600", "#ffa348", 0.18f, 0.9f, PATTERN_HATCH},
    [SY_CELL_VERIFIED] = {"#1f8a5a", "#33d17a", 1.0f, 0.0f, PATTERN_TICK},
    [SY_CELL_REPEATED] = {"#6b6f00", "#d7cf3a", 1.0f, 0.0f, PATTERN_TICKS},
    [SY_CELL_FAILED] = {"#c01c28", "#ff7b63", 1.0f, 0.0f, PATTERN_CROSS},
};

const char *sy_flash_cell_name(SyCell cell)
{
  switch (cell) {
  case SY_CELL_UNKNOWN:
    return _("Not known");
  case SY_CELL_FIXED:
    return _("Reserved");
  case SY_CELL_RUNNING:
    return _("Running program");
  case SY_CELL_IDLE:
    return _("Idle program");
  case SY_CELL_DAMAGED:
    return _("Damaged program");
  case SY_CELL_FREE:
    return _("Free");
  case SY_CELL_ERASED:
    return _("Erased");
  case SY_CELL_SENT:
    return _("Sent");
  case SY_CELL_VERIFIED:
    return _("Verified");
  case SY_CELL_REPEATED:
    return _("Verified, sent again");
  case SY_CELL_FAILED:
    return _("Failed");
  case SY_CELL_COUNT:
  default:
    return "";
  }
}

static void draw_bars(cairo_t *cr, double x, double y, double w, double h)
{
  for (double at = y + h / 4; at < y + h; at += h / 2) {
    cairo_move_to(cr, x, at);
    cairo_line_to(cr, x + w, at);
  }
  cairo_stroke(cr);
}

static void draw_hatch(cairo_t *cr, double x, double y, double w, double h)
{
  cairo_save(cr);
  cairo_rectangle(cr, x, y, w, h);
  cairo_clip(cr);
  for (double at = x - h; at < x + w; at += 4) {
    cairo_move_to(cr, at, y + h);
    cairo_line_to(cr, at + h, y);
  }
  cairo_stroke(cr);
  cairo_restore(cr);
}

static void draw_tick(cairo_t *cr, double cx, double cy, double size)
{
  cairo_move_to(cr, cx - size, cy);
  cairo_line_to(cr, cx - size * 0.3, cy + size * 0.7);
  cairo_line_to(cr, cx + size, cy - size * 0.7);
  cairo_stroke(cr);
}

static void draw_cross(cairo_t *cr, double cx, double cy, double size)
{
  cairo_move_to(cr, cx - size, cy - size);
  cairo_line_to(cr, cx + size, cy + size);
  cairo_move_to(cr, cx + size, cy - size);
  cairo_line_to(cr, cx - size, cy + size);
  cairo_stroke(cr);
}

static void draw_pattern(cairo_t *cr, const Look *look, const GdkRGBA *colour, double x, double y,
                         double w, double h)
{
  double size = MIN(w, h) * 0.27;
  GdkRGBA ink = *colour;

  /* On a full ground the pattern is cut out, light on dark or dark on light. */
  if (look->fill == 1.0f)
    ink = adw_style_manager_get_dark(adw_style_manager_get_default()) ? (GdkRGBA){0, 0, 0, 0.85f}
                                                                      : (GdkRGBA){1, 1, 1, 0.95f};
  gdk_cairo_set_source_rgba(cr, &ink);
  cairo_set_line_width(cr, look->pattern == PATTERN_TICK ? 1.4 : 1.2);
  switch (look->pattern) {
  case PATTERN_NONE:
    break;
  case PATTERN_DOT:
    cairo_arc(cr, x + w / 2, y + h / 2, 1.2, 0, 2 * G_PI);
    cairo_fill(cr);
    break;
  case PATTERN_BARS:
    ink.alpha = 0.30f;
    gdk_cairo_set_source_rgba(cr, &ink);
    draw_bars(cr, x, y, w, h);
    break;
  case PATTERN_HATCH:
    draw_hatch(cr, x, y, w, h);
    break;
  case PATTERN_TICK:
    draw_tick(cr, x + w / 2, y + h / 2, size);
    break;
  case PATTERN_TICKS:
    draw_tick(cr, x + w / 2, y + h * 0.3, size);
    draw_tick(cr, x + w / 2, y + h * 0.7, size);
    break;
  case PATTERN_CROSS:
    draw_cross(cr, x + w / 2, y + h / 2, size);
    break;
  }
}

void sy_flash_cell_draw(cairo_t *cr, SyCell cell, const GdkRGBA *ink, double x, double y,
                        double width, double height)
{
  AdwStyleManager *style = adw_style_manager_get_default();
  const Look *look = &looks[cell];
  const char *name = adw_style_manager_get_dark(style) ? look->dark : look->light;
  GdkRGBA colour = *ink;
  GdkRGBA thin;

  if (name[0] != '\0')
    gdk_rgba_parse(&colour, name);
  thin = colour;
  thin.alpha = look->fill;
  cairo_rectangle(cr, x, y, width, height);
  gdk_cairo_set_source_rgba(cr, &thin);
  cairo_fill(cr);
  draw_pattern(cr, look, &colour, x, y, width, height);
  thin.alpha = adw_style_manager_get_high_contrast(style) ? 1.0f : look->border;
  if (thin.alpha > 0) {
    cairo_rectangle(cr, x + 0.5, y + 0.5, width - 1, height - 1);
    cairo_set_line_width(cr, 1);
    gdk_cairo_set_source_rgba(cr, &thin);
    cairo_stroke(cr);
  }
}
