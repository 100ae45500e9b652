/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How good the line is. */

#include "sy-config.h"

#include "sy-link-bars.h"

#include "sy-text.h"

#include <glib/gi18n.h>

enum { BARS = 3, BAR_WIDTH = 4, BAR_GAP = 2, HEIGHT = 14, SPACING = 6 };

struct _SyLinkBars {
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *bars;
  GtkLabel *label;
  SyLinkQuality quality;
};

G_DEFINE_FINAL_TYPE(SyLinkBars, sy_link_bars, GTK_TYPE_WIDGET)

static guint count_full(SyLinkQuality quality)
{
  switch (quality) {
  case SY_LINK_QUALITY_GOOD:
    return BARS;
  case SY_LINK_QUALITY_FAIR:
    return BARS - 1;
  case SY_LINK_QUALITY_POOR:
    return 1;
  case SY_LINK_QUALITY_UNKNOWN:
  case SY_LINK_QUALITY_DEAD:
  default:
    return 0;
  }
}

/* Full bars and outlines: told apart without colour. */
static void draw(GtkDrawingArea *area, cairo_t *cr, int width, int height, gpointer user_data)
{
  const SyLinkBars *self = user_data;
  GdkRGBA ink;

  gtk_style_context_get_color(gtk_widget_get_style_context(GTK_WIDGET(area)), &ink);
  gdk_cairo_set_source_rgba(cr, &ink);
  cairo_set_line_width(cr, 1);
  for (int n = 0; n < BARS; n++) {
    int high = height * (n + 1) / BARS;
    int x = n * (BAR_WIDTH + BAR_GAP);

    if (n < (int)count_full(self->quality)) {
      cairo_rectangle(cr, x, height - high, BAR_WIDTH, high);
      cairo_fill(cr);
    } else {
      cairo_rectangle(cr, x + 0.5, height - high + 0.5, BAR_WIDTH - 1, high - 1);
      cairo_stroke(cr);
    }
  }
  if (self->quality == SY_LINK_QUALITY_DEAD) {
    cairo_set_line_width(cr, 2);
    cairo_move_to(cr, 0, 1);
    cairo_line_to(cr, width, height - 1);
    cairo_stroke(cr);
  }
}

void sy_link_bars_set_quality(SyLinkBars *self, SyLinkQuality quality)
{
  const char *word = sy_link_quality_get_label(quality);
  /* Translators: how good the line is, as in "Link good". */
  g_autofree char *text = word ? g_strdup_printf(_("Link %s"), word) : NULL;

  g_return_if_fail(SY_IS_LINK_BARS(self));

  self->quality = quality;
  gtk_label_set_text(self->label, text ? text : "");
  gtk_widget_set_visible(GTK_WIDGET(self), text != NULL);
  gtk_widget_queue_draw(self->bars);
}

const char *sy_link_bars_get_text(SyLinkBars *self)
{
  g_return_val_if_fail(SY_IS_LINK_BARS(self), NULL);

  return gtk_label_get_text(self->label);
}

static void sy_link_bars_dispose(GObject *object)
{
  SyLinkBars *self = SY_LINK_BARS(object);

  g_clear_pointer(&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS(sy_link_bars_parent_class)->dispose(object);
}

static void sy_link_bars_class_init(SyLinkBarsClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = sy_link_bars_dispose;
  gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(klass), GTK_TYPE_BIN_LAYOUT);
}

static void sy_link_bars_init(SyLinkBars *self)
{
  self->box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, SPACING);
  self->bars = g_object_new(GTK_TYPE_DRAWING_AREA, "accessible-role",
                            GTK_ACCESSIBLE_ROLE_PRESENTATION, "valign", GTK_ALIGN_CENTER, NULL);
  gtk_drawing_area_set_content_width(GTK_DRAWING_AREA(self->bars),
                                     BARS * BAR_WIDTH + (BARS - 1) * BAR_GAP);
  gtk_drawing_area_set_content_height(GTK_DRAWING_AREA(self->bars), HEIGHT);
  gtk_drawing_area_set_draw_func(GTK_DRAWING_AREA(self->bars), draw, self, NULL);
  self->label = GTK_LABEL(gtk_label_new(NULL));
  gtk_box_append(GTK_BOX(self->box), self->bars);
  gtk_box_append(GTK_BOX(self->box), GTK_WIDGET(self->label));
  gtk_widget_set_parent(self->box, GTK_WIDGET(self));
  gtk_widget_set_visible(GTK_WIDGET(self), FALSE);
}
