/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A line of the log is time, level and text. */

#include "sy-config.h"

#include "sy-log-line.h"

#include "sy-log-rows.h"

enum { SPACING = 12 };

typedef enum { PIECE_TIME, PIECE_LEVEL, PIECE_TEXT, PIECES } Piece;

/* How large the pieces of all lines are, in pixels. */
typedef struct {
  PangoFontDescription *font; /* of the level, for which this was measured */
  int time_width;
  int level_width;
  int head_height; /* of time and level */
  int text_height;
} Sizes;

struct _SyLogLine {
  GtkWidget parent_instance;

  GtkInscription *pieces[PIECES];
  guint level; /* whose colour it has; SY_LOG_LEVELS: none yet */
  char *text;
  gboolean narrow;
};

G_DEFINE_FINAL_TYPE(SyLogLine, sy_log_line, GTK_TYPE_WIDGET)

/* ---- Sizes ---- */

static void measure_text(SyLogLine *self, Piece piece, const char *text, int *width, int *height)
{
  g_autoptr(PangoLayout) layout =
      gtk_widget_create_pango_layout(GTK_WIDGET(self->pieces[piece]), text);
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new();
  int text_width, text_height;

  pango_attr_list_insert(attributes, pango_attr_font_features_new("tnum=1"));
  pango_layout_set_attributes(layout, attributes);
  pango_layout_get_pixel_size(layout, &text_width, &text_height);
  *width = MAX(*width, text_width);
  *height = MAX(*height, text_height);
}

/* Arrows are the commonest of what another font has to help out with, and such a font is often
 * higher. */
static void measure_pieces(SyLogLine *self, Sizes *sizes)
{
  int unused = 0;

  sizes->time_width = sizes->level_width = sizes->head_height = sizes->text_height = 0;
  measure_text(self, PIECE_TIME, "00:00:00.000", &sizes->time_width, &sizes->head_height);
  measure_text(self, PIECE_TEXT, "Ågj←→", &unused, &sizes->text_height);
  for (guint level = 0; level < SY_LOG_LEVELS; level++) {
    const char *word = sy_log_level_get_word((SyLogLevel)level);

    measure_text(self, PIECE_LEVEL, word, &sizes->level_width, &sizes->head_height);
    measure_text(self, PIECE_TEXT, word, &unused, &sizes->text_height);
  }
}

/* Measured once for all lines: there are hundreds. */
static const Sizes *get_sizes(SyLogLine *self)
{
  static Sizes all_sizes[2]; /* wide, narrow */
  Sizes *sizes = &all_sizes[self->narrow];
  PangoContext *context = gtk_widget_get_pango_context(GTK_WIDGET(self->pieces[PIECE_LEVEL]));
  const PangoFontDescription *font = pango_context_get_font_description(context);

  if (sizes->font && pango_font_description_equal(sizes->font, font))
    return sizes;
  g_clear_pointer(&sizes->font, pango_font_description_free);
  sizes->font = pango_font_description_copy(font);
  measure_pieces(self, sizes);
  return sizes;
}

static void sy_log_line_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                int *minimum, int *natural, int *minimum_baseline,
                                int *natural_baseline)
{
  SyLogLine *self = SY_LOG_LINE(widget);
  const Sizes *sizes = get_sizes(self);

  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    *minimum = sizes->time_width + SPACING + sizes->level_width;
  else if (self->narrow)
    *minimum = sizes->head_height + sizes->text_height;
  else
    *minimum = MAX(sizes->head_height, sizes->text_height);
  *natural = *minimum;
}

static void place_piece(SyLogLine *self, Piece piece, GtkAllocation place, int width)
{
  GtkWidget *widget = GTK_WIDGET(self->pieces[piece]);

  if (gtk_widget_get_direction(GTK_WIDGET(self)) == GTK_TEXT_DIR_RTL)
    place.x = width - place.x - place.width;
  gtk_widget_size_allocate(widget, &place, -1);
}

static void sy_log_line_size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
  SyLogLine *self = SY_LOG_LINE(widget);
  const Sizes *sizes = get_sizes(self);
  int level_x = sizes->time_width + SPACING;
  int head_height = self->narrow ? sizes->head_height : height;
  int text_x = self->narrow ? 0 : level_x + sizes->level_width + SPACING;
  int text_y = self->narrow ? sizes->head_height : 0;

  place_piece(self, PIECE_TIME, (GtkAllocation){0, 0, sizes->time_width, head_height}, width);
  place_piece(self, PIECE_LEVEL, (GtkAllocation){level_x, 0, sizes->level_width, head_height},
              width);
  place_piece(self, PIECE_TEXT,
              (GtkAllocation){text_x, text_y, MAX(width - text_x, 0), height - text_y}, width);
}

/* ---- What it says ---- */

static const char *get_level_class(SyLogLevel level)
{
  switch (level) {
  case SY_LOG_TRACE:
  case SY_LOG_DEBUG:
    return "dim-label";
  case SY_LOG_WARNING:
    return "warning";
  case SY_LOG_ERROR:
    return "error";
  case SY_LOG_INFO:
  default:
    return "accent";
  }
}

/* Other classes have GTK work out the style anew, which most lines can be spared. */
static void set_level_class(SyLogLine *self, SyLogLevel level)
{
  const char *const classes[] = {"log-level", get_level_class(level),
                                 self->narrow ? "caption" : NULL, NULL};

  if (self->level == level)
    return;
  self->level = level;
  gtk_widget_set_css_classes(GTK_WIDGET(self->pieces[PIECE_LEVEL]), (const char **)classes);
}

void sy_log_line_set_entry(SyLogLine *self, SyLogEntry *entry)
{
  g_autofree char *time = NULL;
  SyLogLevel level;

  g_return_if_fail(SY_IS_LOG_LINE(self) && SY_IS_LOG_ENTRY(entry));

  time = sy_log_entry_dup_time_text(entry);
  level = sy_log_entry_get_level(entry);
  g_free(self->text);
  self->text = g_strdup(sy_log_entry_get_text(entry));
  gtk_inscription_set_text(self->pieces[PIECE_TIME], time);
  gtk_inscription_set_text(self->pieces[PIECE_LEVEL], sy_log_level_get_word(level));
  gtk_inscription_set_text(self->pieces[PIECE_TEXT], self->text);
  set_level_class(self, level);
}

gboolean sy_log_line_is_cut(SyLogLine *self)
{
  int width = 0, height = 0;

  g_return_val_if_fail(SY_IS_LOG_LINE(self), FALSE);

  if (self->text)
    measure_text(self, PIECE_TEXT, self->text, &width, &height);
  return width > gtk_widget_get_width(GTK_WIDGET(self->pieces[PIECE_TEXT]));
}

static gboolean sy_log_line_query_tooltip(GtkWidget *widget, int x, int y, gboolean by_keyboard,
                                          GtkTooltip *tooltip)
{
  SyLogLine *self = SY_LOG_LINE(widget);

  gtk_tooltip_set_text(tooltip, self->text);
  return sy_log_line_is_cut(self);
}

/* ---- The object ---- */

static void sy_log_line_dispose(GObject *object)
{
  SyLogLine *self = SY_LOG_LINE(object);

  for (Piece n = 0; n < PIECES; n++)
    g_clear_pointer((GtkWidget **)&self->pieces[n], gtk_widget_unparent);
  g_clear_pointer(&self->text, g_free);
  G_OBJECT_CLASS(sy_log_line_parent_class)->dispose(object);
}

static void sy_log_line_class_init(SyLogLineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_log_line_dispose;
  widget_class->measure = sy_log_line_measure;
  widget_class->size_allocate = sy_log_line_size_allocate;
  widget_class->query_tooltip = sy_log_line_query_tooltip;
  /* The row that it is in says all of it. */
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void sy_log_line_init(SyLogLine *self)
{
  static const char *const css_classes[PIECES] = {"log-time", "log-level", "log-text"};

  self->level = SY_LOG_LEVELS;
  for (Piece n = 0; n < PIECES; n++) {
    GtkWidget *piece =
        g_object_new(GTK_TYPE_INSCRIPTION, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION,
                     "xalign", 0.0f, "text-overflow", GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END, NULL);

    gtk_widget_add_css_class(piece, css_classes[n]);
    gtk_widget_set_parent(piece, GTK_WIDGET(self));
    self->pieces[n] = GTK_INSCRIPTION(piece);
  }
  gtk_widget_set_has_tooltip(GTK_WIDGET(self), TRUE);
}

GtkWidget *sy_log_line_new(gboolean narrow)
{
  SyLogLine *self = g_object_new(SY_TYPE_LOG_LINE, NULL);

  self->narrow = narrow;
  if (narrow)
    gtk_widget_add_css_class(GTK_WIDGET(self->pieces[PIECE_TIME]), "caption");
  return GTK_WIDGET(self);
}
