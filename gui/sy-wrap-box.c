/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Children in lines, like words of a text. */

#include "sy-config.h"

#include "sy-wrap-box.h"

struct _SyWrapBox {
  GtkWidget parent_instance;

  int spacing;
  int line_spacing;
};

G_DEFINE_FINAL_TYPE(SyWrapBox, sy_wrap_box, GTK_TYPE_WIDGET)

static void measure_child(GtkWidget *child, int room, int *width, int *height)
{
  gtk_widget_measure(child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, width, NULL, NULL);
  *width = MIN(*width, room);
  gtk_widget_measure(child, GTK_ORIENTATION_VERTICAL, *width, NULL, height, NULL, NULL);
}

/* The child that begins the line behind the one `first` begins, NULL for none; and how high that
 * line is. */
static GtkWidget *find_line_end(SyWrapBox *self, GtkWidget *first, int room, int *line_height)
{
  GtkWidget *child;
  int x = 0;

  *line_height = 0;
  for (child = first; child; child = gtk_widget_get_next_sibling(child)) {
    int width;
    int height;

    if (!gtk_widget_should_layout(child))
      continue;
    measure_child(child, room, &width, &height);
    if (x > 0 && x + width > room)
      break;
    x += width + self->spacing;
    *line_height = MAX(*line_height, height);
  }
  return child;
}

/* What is left of a line, and who gets it, NULL for nobody. */
static int find_rest(SyWrapBox *self, GtkWidget *first, const GtkWidget *end, int room,
                     GtkWidget **taker)
{
  int rest = room + self->spacing;

  *taker = NULL;
  for (GtkWidget *child = first; child != end; child = gtk_widget_get_next_sibling(child)) {
    int width, height;

    if (!gtk_widget_should_layout(child))
      continue;
    measure_child(child, room, &width, &height);
    rest -= width + self->spacing;
    if (!*taker && gtk_widget_compute_expand(child, GTK_ORIENTATION_HORIZONTAL))
      *taker = child;
  }
  return rest;
}

/* In the middle of their line. */
static void allocate_line(SyWrapBox *self, GtkWidget *first, const GtkWidget *end, int room, int y,
                          int line_height)
{
  gboolean from_right = gtk_widget_get_direction(GTK_WIDGET(self)) == GTK_TEXT_DIR_RTL;
  GtkWidget *taker;
  int rest = find_rest(self, first, end, room, &taker);
  int x = 0;

  for (GtkWidget *child = first; child != end; child = gtk_widget_get_next_sibling(child)) {
    GtkAllocation place = {.x = x};

    if (!gtk_widget_should_layout(child))
      continue;
    measure_child(child, room, &place.width, &place.height);
    if (child == taker)
      place.width += rest;
    place.y = y + (line_height - place.height) / 2;
    if (from_right)
      place.x = room - x - place.width;
    gtk_widget_size_allocate(child, &place, -1);
    x += place.width + self->spacing;
  }
}

/* Puts children into lines of `room` pixels; returns the height of all. */
static int place_children(SyWrapBox *self, int room, gboolean allocate)
{
  GtkWidget *first = gtk_widget_get_first_child(GTK_WIDGET(self));
  int y = 0;

  while (first) {
    int line_height;
    GtkWidget *end = find_line_end(self, first, room, &line_height);

    if (allocate)
      allocate_line(self, first, end, room, y, line_height);
    y += line_height + (end ? self->line_spacing : 0);
    first = end;
  }
  return y;
}

static void sy_wrap_box_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
                                int *minimum, int *natural, int *minimum_baseline,
                                int *natural_baseline)
{
  SyWrapBox *self = SY_WRAP_BOX(widget);
  int widest = 0;
  int all = 0;

  for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
       child = gtk_widget_get_next_sibling(child)) {
    int child_minimum;
    int child_natural;

    if (!gtk_widget_should_layout(child))
      continue;
    gtk_widget_measure(child, GTK_ORIENTATION_HORIZONTAL, -1, &child_minimum, &child_natural, NULL,
                       NULL);
    widest = MAX(widest, child_minimum);
    all += child_natural + (all > 0 ? self->spacing : 0);
  }
  *minimum = widest;
  *natural = all;
  if (orientation == GTK_ORIENTATION_VERTICAL)
    *minimum = *natural = place_children(self, for_size < 0 ? all : for_size, FALSE);
}

static void sy_wrap_box_size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
  place_children(SY_WRAP_BOX(widget), width, TRUE);
}

static GtkSizeRequestMode sy_wrap_box_get_request_mode(GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

void sy_wrap_box_set_spacing(SyWrapBox *self, int spacing, int line_spacing)
{
  g_return_if_fail(SY_IS_WRAP_BOX(self));

  self->spacing = spacing;
  self->line_spacing = line_spacing;
  gtk_widget_queue_resize(GTK_WIDGET(self));
}

GtkWidget *sy_wrap_box_new(int spacing, int line_spacing)
{
  SyWrapBox *self = g_object_new(SY_TYPE_WRAP_BOX, NULL);

  sy_wrap_box_set_spacing(self, spacing, line_spacing);
  return GTK_WIDGET(self);
}

void sy_wrap_box_append(SyWrapBox *self, GtkWidget *child)
{
  g_return_if_fail(SY_IS_WRAP_BOX(self));

  gtk_widget_insert_before(child, GTK_WIDGET(self), NULL);
}

static void sy_wrap_box_dispose(GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))))
    gtk_widget_unparent(child);
  G_OBJECT_CLASS(sy_wrap_box_parent_class)->dispose(object);
}

static void sy_wrap_box_class_init(SyWrapBoxClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_wrap_box_dispose;
  widget_class->measure = sy_wrap_box_measure;
  widget_class->size_allocate = sy_wrap_box_size_allocate;
  widget_class->get_request_mode = sy_wrap_box_get_request_mode;
}

static void sy_wrap_box_init(SyWrapBox *self)
{
}
