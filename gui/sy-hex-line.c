/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One line of the bytes view. */

#include "sy-config.h"

#include "sy-hex-line.h"

#include <string.h>

/* More than any text needs, as an inscription breaks what does not fit. */
enum { SPARE_WIDTH = 40 };

typedef enum {
  PIECE_ADDRESS,
  PIECE_BYTES,
  PIECE_TEXT,
  PIECE_HEADING,
  PIECE_GAP,
  PIECE_COUNT,
} Piece;

struct _SyHexLine {
  GtkWidget parent_instance;

  GtkInscription *pieces[PIECE_COUNT];
  SyHexColumns columns;
  char *label;
};

G_DEFINE_FINAL_TYPE(SyHexLine, sy_hex_line, GTK_TYPE_WIDGET)

/* A screen reader hears the line as a whole, not its pieces. */
static void add_piece(SyHexLine *self, Piece piece)
{
  static const char *const css_classes[PIECE_COUNT] = {"address", "bytes", "text", "heading",
                                                       "gap"};
  gboolean title = piece >= PIECE_HEADING;
  GtkWidget *widget =
      g_object_new(GTK_TYPE_INSCRIPTION, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION,
                   "xalign", 0.0f, "text-overflow",
                   title ? GTK_INSCRIPTION_OVERFLOW_ELLIPSIZE_END : GTK_INSCRIPTION_OVERFLOW_CLIP,
                   "can-target", FALSE, NULL);

  gtk_widget_set_direction(widget, title ? GTK_TEXT_DIR_NONE : GTK_TEXT_DIR_LTR);
  gtk_widget_add_css_class(widget, css_classes[piece]);
  gtk_widget_set_parent(widget, GTK_WIDGET(self));
  self->pieces[piece] = GTK_INSCRIPTION(widget);
}

void sy_hex_line_set_columns(SyHexLine *self, const SyHexColumns *columns)
{
  g_return_if_fail(SY_IS_HEX_LINE(self) && columns);

  if (memcmp(&self->columns, columns, sizeof *columns) == 0)
    return;
  self->columns = *columns;
  gtk_widget_set_child_visible(GTK_WIDGET(self->pieces[PIECE_TEXT]), columns->text_x > 0);
}

/* Lines change while the view is laid out. Nothing that is asked for then is heard, so no piece may
 * come to be seen for the first time, or get another style: all are there, and most say nothing. */
static void say_nothing(SyHexLine *self, Piece first, Piece last)
{
  for (Piece n = first; n <= last; n++)
    gtk_inscription_set_text(self->pieces[n], "");
}

void sy_hex_line_set_pieces(SyHexLine *self, const char *address, const char *bytes,
                            PangoAttrList *attributes, const char *text)
{
  g_return_if_fail(SY_IS_HEX_LINE(self));

  say_nothing(self, PIECE_HEADING, PIECE_GAP);
  gtk_inscription_set_text(self->pieces[PIECE_ADDRESS], address);
  gtk_inscription_set_text(self->pieces[PIECE_BYTES], bytes);
  gtk_inscription_set_attributes(self->pieces[PIECE_BYTES], attributes);
  gtk_inscription_set_text(self->pieces[PIECE_TEXT], text);
}

void sy_hex_line_set_heading(SyHexLine *self, const char *heading)
{
  g_return_if_fail(SY_IS_HEX_LINE(self));

  say_nothing(self, PIECE_ADDRESS, PIECE_GAP);
  gtk_inscription_set_text(self->pieces[PIECE_HEADING], heading);
}

void sy_hex_line_set_gap(SyHexLine *self, const char *gap)
{
  g_return_if_fail(SY_IS_HEX_LINE(self));

  say_nothing(self, PIECE_ADDRESS, PIECE_HEADING);
  gtk_inscription_set_text(self->pieces[PIECE_GAP], gap);
}

void sy_hex_line_set_label(SyHexLine *self, const char *label)
{
  g_return_if_fail(SY_IS_HEX_LINE(self));

  if (g_strcmp0(self->label, label) == 0)
    return;
  g_free(self->label);
  self->label = g_strdup(label);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

const char *sy_hex_line_get_label(SyHexLine *self)
{
  g_return_val_if_fail(SY_IS_HEX_LINE(self), NULL);

  return self->label;
}

PangoLayout *sy_hex_line_create_layout(SyHexLine *self, const char *text)
{
  g_return_val_if_fail(SY_IS_HEX_LINE(self), NULL);

  return gtk_widget_create_pango_layout(GTK_WIDGET(self->pieces[PIECE_BYTES]), text);
}

static void allocate_piece(SyHexLine *self, Piece piece, int x, int end, int height)
{
  GtkInscription *widget = self->pieces[piece];
  GtkAllocation place = {.x = x, .y = 0, .width = MAX(end - x, 0), .height = height};

  if (gtk_widget_get_child_visible(GTK_WIDGET(widget)))
    gtk_widget_size_allocate(GTK_WIDGET(widget), &place, -1);
}

static void arrange(SyHexLine *self, int width, int height)
{
  const SyHexColumns *columns = &self->columns;

  allocate_piece(self, PIECE_ADDRESS, columns->address_x, columns->bytes_x + SPARE_WIDTH, height);
  allocate_piece(self, PIECE_BYTES, columns->bytes_x, columns->end_x + SPARE_WIDTH, height);
  allocate_piece(self, PIECE_TEXT, columns->text_x, columns->end_x + SPARE_WIDTH, height);
  allocate_piece(self, PIECE_HEADING, columns->address_x, width, height);
  allocate_piece(self, PIECE_GAP, columns->address_x, width, height);
}

static void sy_hex_line_size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
  arrange(SY_HEX_LINE(widget), width, height);
}

void sy_hex_line_place(SyHexLine *self, const GtkAllocation *place)
{
  g_return_if_fail(SY_IS_HEX_LINE(self) && place);

  gtk_widget_size_allocate(GTK_WIDGET(self), place, -1);
  /* Which does nothing to a line that stays where it is. */
  arrange(self, place->width, place->height);
}

/* The view knows how large its lines are. */
static void sy_hex_line_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                int *minimum, int *natural, int *minimum_baseline,
                                int *natural_baseline)
{
  *minimum = *natural = 0;
}

static void sy_hex_line_dispose(GObject *object)
{
  SyHexLine *self = SY_HEX_LINE(object);

  for (Piece n = 0; n < PIECE_COUNT; n++)
    if (self->pieces[n]) {
      gtk_widget_unparent(GTK_WIDGET(self->pieces[n]));
      self->pieces[n] = NULL;
    }
  g_clear_pointer(&self->label, g_free);
  G_OBJECT_CLASS(sy_hex_line_parent_class)->dispose(object);
}

static void sy_hex_line_class_init(SyHexLineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_hex_line_dispose;
  widget_class->measure = sy_hex_line_measure;
  widget_class->size_allocate = sy_hex_line_size_allocate;
  gtk_widget_class_set_css_name(widget_class, "line");
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_LIST_ITEM);
}

static void sy_hex_line_init(SyHexLine *self)
{
  gtk_widget_set_direction(GTK_WIDGET(self), GTK_TEXT_DIR_LTR);
  for (Piece n = 0; n < PIECE_COUNT; n++)
    add_piece(self, n);
}

GtkWidget *sy_hex_line_new(void)
{
  return g_object_new(SY_TYPE_HEX_LINE, NULL);
}
