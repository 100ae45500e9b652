/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Readings as lines: strips, axes, and what is told of them. */

#include "sy-config.h"

#include "sy-plot.h"

#include "sy-ink.h"
#include "sy-plot-scale.h"
#include "sy-reading.h"

#include <adwaita.h>
#include <glib/gi18n.h>

enum {
  HEIGHT_MIN = 220,
  HEIGHT = 300,
  WIDTH_MIN = 240,
  GAP = 6,
  SAMPLE_WIDTH = 28, /* of a line, beside its name */
  LABEL_ROOM = 16,   /* between two times, at least */
  STEP_HEIGHT = 18,  /* of a strip's steps, at least */
  DASHES_MAX = 4,
};

static const struct {
  double dashes[DASHES_MAX];
  int count;
} patterns[WIRE_CHANNELS] = {
    {{0}, 0},
    {{7, 4}, 2},
    {{2, 3}, 2},
    {{9, 3, 2, 3}, 4},
};

struct _SyPlot {
  GtkWidget parent_instance;

  SyConsole *console;
};

G_DEFINE_FINAL_TYPE(SyPlot, sy_plot, GTK_TYPE_WIDGET)

/* What one drawing goes by. */
typedef struct {
  SyPlot *plot;
  GtkSnapshot *snapshot;
  cairo_t *cr;
  PangoLayout *layout;
  GdkRGBA text;
  gint64 begin_us, end_us;
  int span_s;
  guint first; /* reading in sight */
  double left, width;
  double line_height;
} Drawing;

/* --- readings in sight --- */

static gint64 get_begin(SyPlot *self, gint64 now_us, int *span_s)
{
  const SyConsoleReading *oldest = sy_console_get_reading(self->console, 0);

  *span_s = sy_plot_choose_span((double)(now_us - oldest->time_us) / G_USEC_PER_SEC);
  return now_us - (gint64)*span_s * G_USEC_PER_SEC;
}

/* Of the readings since then; their number when there is none. */
static guint find_first(SyPlot *self, gint64 begin_us)
{
  guint first = sy_console_get_n_readings(self->console);

  while (first > 0 && sy_console_get_reading(self->console, first - 1)->time_us >= begin_us)
    first--;
  return first;
}

static gboolean find_extent(SyPlot *self, guint first, guint channel, int *min, int *max)
{
  guint count = sy_console_get_n_readings(self->console);

  for (guint n = first; n < count; n++) {
    int value = sy_console_get_reading(self->console, n)->reading.value[channel];

    *min = MIN(*min, value);
    *max = MAX(*max, value);
  }
  return first < count;
}

/* --- telling --- */

static void append_channel(SyPlot *self, GString *text, guint channel, guint first)
{
  guint count = sy_console_get_n_readings(self->console);
  int newest = sy_console_get_reading(self->console, count - 1)->reading.value[channel];
  int min = newest, max = newest;
  g_autofree char *newest_text = sy_channel_dup_value_text(channel, newest);
  g_autofree char *min_text = NULL;
  g_autofree char *max_text = NULL;

  find_extent(self, first, channel, &min, &max);
  min_text = sy_channel_dup_value_text(channel, min);
  max_text = sy_channel_dup_value_text(channel, max);
  g_string_append_c(text, ' ');
  /* Translators: of a plot, for a screen reader: a channel's name and three of its values. */
  g_string_append_printf(text, _("%s: now %s, lowest %s, highest %s."),
                         sy_channel_get_name(channel), newest_text, min_text, max_text);
}

static char *dup_label(SyPlot *self)
{
  GString *text = g_string_new(NULL);
  int span_s;
  gint64 begin_us;

  if (!self->console || sy_console_get_n_readings(self->console) == 0) {
    g_string_append(text, _("Plot of the readings: there are none yet."));
    return g_string_free(text, FALSE);
  }
  begin_us = get_begin(self, g_get_real_time(), &span_s);
  g_string_append_printf(text,
                         ngettext("Plot of the readings of the last %d minute.",
                                  "Plot of the readings of the last %d minutes.", span_s / 60),
                         span_s / 60);
  for (guint channel = 0; channel < WIRE_CHANNELS; channel++)
    append_channel(self, text, channel, find_first(self, begin_us));
  return g_string_free(text, FALSE);
}

static void tell(SyPlot *self)
{
  g_autofree char *label = dup_label(self);

  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void update(SyPlot *self)
{
  if (!gtk_widget_get_mapped(GTK_WIDGET(self)))
    return;
  tell(self);
  gtk_widget_queue_draw(GTK_WIDGET(self));
}

/* --- drawing --- */

static GdkRGBA get_ink(const Drawing *drawing, guint channel)
{
  AdwStyleManager *style = adw_style_manager_get_default();
  const SyInk *ink = &sy_channel_inks[channel];
  GdkRGBA color = drawing->text;

  if (!adw_style_manager_get_high_contrast(style))
    gdk_rgba_parse(&color, adw_style_manager_get_dark(style) ? ink->dark : ink->light);
  return color;
}

/* `align` is 0 for text that begins at x, 1 for text that ends there. */
static void draw_text(const Drawing *drawing, const char *text, double x, double y, double align)
{
  graphene_point_t at;
  int width;

  pango_layout_set_text(drawing->layout, text, -1);
  pango_layout_get_pixel_size(drawing->layout, &width, NULL);
  at = GRAPHENE_POINT_INIT((float)(x - align * width), (float)y);
  gtk_snapshot_save(drawing->snapshot);
  gtk_snapshot_translate(drawing->snapshot, &at);
  gtk_snapshot_append_layout(drawing->snapshot, drawing->layout, &drawing->text);
  gtk_snapshot_restore(drawing->snapshot);
}

static double get_text_width(const Drawing *drawing, const char *text)
{
  int width;

  pango_layout_set_text(drawing->layout, text, -1);
  pango_layout_get_pixel_size(drawing->layout, &width, NULL);
  return width;
}

static void set_line(const Drawing *drawing, guint channel)
{
  GdkRGBA ink = get_ink(drawing, channel);

  gdk_cairo_set_source_rgba(drawing->cr, &ink);
  cairo_set_dash(drawing->cr, patterns[channel].dashes, patterns[channel].count, 0);
  cairo_set_line_width(drawing->cr, 2);
}

static void set_grid(const Drawing *drawing)
{
  GdkRGBA color = drawing->text;

  color.alpha *= 0.15f;
  gdk_cairo_set_source_rgba(drawing->cr, &color);
  cairo_set_dash(drawing->cr, NULL, 0, 0);
  cairo_set_line_width(drawing->cr, 1);
}

static void draw_dot(const Drawing *drawing, double x, double y)
{
  cairo_new_sub_path(drawing->cr);
  cairo_arc(drawing->cr, x, y, 2.5, 0, 2 * G_PI);
  cairo_fill(drawing->cr);
}

static double get_x(const Drawing *drawing, gint64 time_us)
{
  double share =
      (double)(time_us - drawing->begin_us) / (double)(drawing->end_us - drawing->begin_us);

  return drawing->left + share * drawing->width;
}

static double get_y(const SyPlotScale *scale, double top, double height, int value)
{
  return top + height * (scale->high - value) / (scale->high - scale->low);
}

/* A reading that stands alone is a dot, and so is the newest. */
static void draw_channel(const Drawing *drawing, guint channel, const SyPlotScale *scale,
                         double top, double height)
{
  SyConsole *console = drawing->plot->console;
  guint count = sy_console_get_n_readings(console);
  double x = 0, y = 0;
  guint run = 0;

  set_line(drawing, channel);
  for (guint n = drawing->first; n < count; n++) {
    const SyConsoleReading *heard = sy_console_get_reading(console, n);

    if (run > 0 && (heard->begins || heard->lost > 0)) {
      cairo_stroke(drawing->cr);
      if (run == 1)
        draw_dot(drawing, x, y);
      run = 0;
    }
    x = get_x(drawing, heard->time_us);
    y = get_y(scale, top, height, heard->reading.value[channel]);
    if (run == 0)
      cairo_move_to(drawing->cr, x, y);
    else
      cairo_line_to(drawing->cr, x, y);
    run++;
  }
  cairo_stroke(drawing->cr);
  if (run > 0)
    draw_dot(drawing, x, y);
}

static void draw_legend(const Drawing *drawing, guint channel, double top)
{
  double middle = (int)(top + drawing->line_height / 2);

  set_line(drawing, channel);
  cairo_move_to(drawing->cr, drawing->left, middle);
  cairo_rel_line_to(drawing->cr, SAMPLE_WIDTH, 0);
  cairo_stroke(drawing->cr);
  draw_text(drawing, sy_channel_get_name(channel), drawing->left + SAMPLE_WIDTH + GAP, top, 0);
}

static void draw_steps(const Drawing *drawing, guint channel, const SyPlotScale *scale, double top,
                       double height)
{
  set_grid(drawing);
  for (int value = scale->low; value <= scale->high; value += scale->step) {
    double y = get_y(scale, top, height, value);
    g_autofree char *text = sy_channel_dup_value_text(channel, value);

    cairo_move_to(drawing->cr, drawing->left, (int)y + 0.5);
    cairo_rel_line_to(drawing->cr, drawing->width, 0);
    cairo_stroke(drawing->cr);
    draw_text(drawing, text, drawing->left - GAP, y - drawing->line_height / 2, 1);
  }
}

static SyPlotScale scale_strip(const Drawing *drawing, guint channel, double height)
{
  const int steps = (int)(height / MAX(STEP_HEIGHT, drawing->line_height));
  int min = G_MAXINT16, max = G_MININT16;

  if (!find_extent(drawing->plot, drawing->first, channel, &min, &max))
    min = max = 0;
  return sy_plot_scale_new(min, max, MAX(steps, 2));
}

static void draw_strip(const Drawing *drawing, guint channel, double top, double height)
{
  double lines_top = top + drawing->line_height * 1.5;
  double lines_height = MAX(top + height - drawing->line_height / 2 - lines_top, 1);
  SyPlotScale scale = scale_strip(drawing, channel, lines_height);

  draw_steps(drawing, channel, &scale, lines_top, lines_height);
  draw_legend(drawing, channel, top);
  cairo_save(drawing->cr);
  cairo_rectangle(drawing->cr, drawing->left, top, drawing->width + 3, height);
  cairo_clip(drawing->cr);
  draw_channel(drawing, channel, &scale, lines_top, lines_height);
  cairo_restore(drawing->cr);
}

/* On round times of the clock, so that they move with the lines. */
static void draw_times(const Drawing *drawing, double top, double height)
{
  double room = get_text_width(drawing, "00:00:00") + LABEL_ROOM;
  int step_s = sy_plot_choose_time_step(drawing->span_s, drawing->width, room);
  gint64 end_s = drawing->end_us / G_USEC_PER_SEC;

  for (gint64 time_s = end_s - end_s % step_s; time_s * G_USEC_PER_SEC >= drawing->begin_us;
       time_s -= step_s) {
    double x = get_x(drawing, time_s * G_USEC_PER_SEC);
    double half = room / 2 - LABEL_ROOM / 2.0;
    g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(time_s);
    g_autofree char *text = g_date_time_format(time, "%H:%M:%S");

    set_grid(drawing);
    cairo_move_to(drawing->cr, (int)x + 0.5, drawing->line_height);
    cairo_line_to(drawing->cr, (int)x + 0.5, top);
    cairo_stroke(drawing->cr);
    if (x - half >= 0 && x + half <= drawing->left + drawing->width + GAP)
      draw_text(drawing, text, x + half, top + (height - drawing->line_height) / 2, 1);
  }
}

/* The widest number that may stand there. */
static double get_gutter(const Drawing *drawing)
{
  double width = 0;

  for (guint channel = 0; channel < WIRE_CHANNELS; channel++) {
    g_autofree char *text = sy_channel_dup_value_text(channel, -1000);

    width = MAX(width, get_text_width(drawing, text));
  }
  return width + GAP;
}

static void draw_all(Drawing *drawing, double width, double height)
{
  double times_height = drawing->line_height + GAP;
  double strip_height = (height - times_height) / WIRE_CHANNELS;

  drawing->left = get_gutter(drawing);
  drawing->width = MAX(width - drawing->left - GAP, 1);
  draw_times(drawing, height - times_height, times_height);
  for (guint channel = 0; channel < WIRE_CHANNELS; channel++)
    draw_strip(drawing, channel, channel * strip_height, strip_height);
}

static void sy_plot_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
  SyPlot *self = SY_PLOT(widget);
  double width = gtk_widget_get_width(widget);
  double height = gtk_widget_get_height(widget);
  g_autoptr(PangoLayout) layout = NULL;
  Drawing drawing = {.plot = self, .snapshot = snapshot, .end_us = g_get_real_time()};
  int line_height;

  if (!self->console || sy_console_get_n_readings(self->console) == 0 || width < 1 || height < 1)
    return;
  drawing.layout = layout = gtk_widget_create_pango_layout(widget, "0");
  pango_layout_get_pixel_size(layout, NULL, &line_height);
  drawing.line_height = line_height;
  gtk_style_context_get_color(gtk_widget_get_style_context(widget), &drawing.text);
  drawing.begin_us = get_begin(self, drawing.end_us, &drawing.span_s);
  drawing.first = find_first(self, drawing.begin_us);
  drawing.cr =
      gtk_snapshot_append_cairo(snapshot, &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
  draw_all(&drawing, width, height);
  cairo_destroy(drawing.cr);
}

static void sy_plot_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                            int *minimum, int *natural, int *minimum_baseline,
                            int *natural_baseline)
{
  gboolean vertical = orientation == GTK_ORIENTATION_VERTICAL;

  *minimum = vertical ? HEIGHT_MIN : WIDTH_MIN;
  *natural = vertical ? HEIGHT : WIDTH_MIN;
}

static void sy_plot_map(GtkWidget *widget)
{
  GTK_WIDGET_CLASS(sy_plot_parent_class)->map(widget);
  update(SY_PLOT(widget));
}

void sy_plot_set_console(SyPlot *self, SyConsole *console)
{
  g_return_if_fail(SY_IS_PLOT(self));

  if (self->console == console)
    return;
  if (self->console)
    g_signal_handlers_disconnect_by_data(self->console, self);
  g_set_object(&self->console, console);
  if (console)
    g_signal_connect_swapped(console, "readings-changed", G_CALLBACK(update), self);
  update(self);
}

static void sy_plot_dispose(GObject *object)
{
  sy_plot_set_console(SY_PLOT(object), NULL);
  G_OBJECT_CLASS(sy_plot_parent_class)->dispose(object);
}

static void sy_plot_class_init(SyPlotClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_plot_dispose;
  widget_class->snapshot = sy_plot_snapshot;
  widget_class->measure = sy_plot_measure;
  widget_class->map = sy_plot_map;
  gtk_widget_class_set_css_name(widget_class, "plot");
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void sy_plot_init(SyPlot *self)
{
  AdwStyleManager *style = adw_style_manager_get_default();

  tell(self);
  g_signal_connect_object(style, "notify::dark", G_CALLBACK(gtk_widget_queue_draw), self,
                          G_CONNECT_SWAPPED);
  g_signal_connect_object(style, "notify::high-contrast", G_CALLBACK(gtk_widget_queue_draw), self,
                          G_CONNECT_SWAPPED);
}
