/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the patterns of the flash map mean: a swatch and a word for each that is on it. */

#include "sy-config.h"

#include "sy-flash-cell.h"

#include <adwaita.h>

enum { SWATCH_WIDTH = 14, SWATCH_HEIGHT = 12 };

struct _SyFlashLegend {
  GtkWidget parent_instance;

  GtkWidget *flow;
  GtkWidget *entries[SY_CELL_COUNT];
  SyFlashMap *map;
};

G_DEFINE_FINAL_TYPE(SyFlashLegend, sy_flash_legend, GTK_TYPE_WIDGET)

/* What an upgrade does comes first: in a low window the end of the legend is out of sight. */
static const SyCell order[] = {
    SY_CELL_VERIFIED, SY_CELL_REPEATED, SY_CELL_SENT,    SY_CELL_ERASED,
    SY_CELL_FAILED,   SY_CELL_RUNNING,  SY_CELL_IDLE,    SY_CELL_DAMAGED,
    SY_CELL_FREE,     SY_CELL_FIXED,    SY_CELL_UNKNOWN,
};
G_STATIC_ASSERT(G_N_ELEMENTS(order) == SY_CELL_COUNT);

static void draw_swatch(GtkDrawingArea *area, cairo_t *cr, int width, int height,
                        gpointer user_data)
{
  GdkRGBA ink;

  gtk_style_context_get_color(gtk_widget_get_style_context(GTK_WIDGET(area)), &ink);
  sy_flash_cell_draw(cr, GPOINTER_TO_UINT(user_data), &ink, 0, 0, width, height);
}

static GtkWidget *create_entry(SyCell cell)
{
  GtkWidget *entry = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *swatch = gtk_drawing_area_new();
  GtkWidget *label = gtk_label_new(sy_flash_cell_name(cell));
  AdwStyleManager *style = adw_style_manager_get_default();

  gtk_drawing_area_set_content_width(GTK_DRAWING_AREA(swatch), SWATCH_WIDTH);
  gtk_drawing_area_set_content_height(GTK_DRAWING_AREA(swatch), SWATCH_HEIGHT);
  gtk_drawing_area_set_draw_func(GTK_DRAWING_AREA(swatch), draw_swatch, GUINT_TO_POINTER(cell),
                                 NULL);
  gtk_widget_set_valign(swatch, GTK_ALIGN_CENTER);
  g_signal_connect_object(style, "notify::dark", G_CALLBACK(gtk_widget_queue_draw), swatch,
                          G_CONNECT_SWAPPED);
  gtk_widget_add_css_class(label, "caption");
  gtk_box_append(GTK_BOX(entry), swatch);
  gtk_box_append(GTK_BOX(entry), label);
  return entry;
}

static void update(SyFlashLegend *self)
{
  guint kinds = sy_flash_map_get_kinds(self->map);

  for (guint n = 0; n < SY_CELL_COUNT; n++)
    gtk_widget_set_visible(gtk_widget_get_parent(self->entries[n]), (kinds & 1u << n) != 0);
}

void sy_flash_legend_set_map(SyFlashLegend *self, SyFlashMap *map)
{
  g_return_if_fail(SY_IS_FLASH_LEGEND(self));
  g_return_if_fail(SY_IS_FLASH_MAP(map));
  g_return_if_fail(!self->map);

  self->map = g_object_ref(map);
  g_signal_connect_object(map, "cells-changed", G_CALLBACK(update), self, G_CONNECT_SWAPPED);
  update(self);
}

static void sy_flash_legend_dispose(GObject *object)
{
  SyFlashLegend *self = SY_FLASH_LEGEND(object);

  g_clear_object(&self->map);
  g_clear_pointer(&self->flow, gtk_widget_unparent);
  G_OBJECT_CLASS(sy_flash_legend_parent_class)->dispose(object);
}

static void sy_flash_legend_class_init(SyFlashLegendClass *klass)
{
  G_OBJECT_CLASS(klass)->dispose = sy_flash_legend_dispose;
  gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role(GTK_WIDGET_CLASS(klass), GTK_ACCESSIBLE_ROLE_GROUP);
}

static void sy_flash_legend_init(SyFlashLegend *self)
{
  self->flow = gtk_flow_box_new();
  gtk_flow_box_set_selection_mode(GTK_FLOW_BOX(self->flow), GTK_SELECTION_NONE);
  gtk_flow_box_set_column_spacing(GTK_FLOW_BOX(self->flow), 12);
  gtk_flow_box_set_row_spacing(GTK_FLOW_BOX(self->flow), 2);
  gtk_flow_box_set_max_children_per_line(GTK_FLOW_BOX(self->flow), 4);
  /* Nothing in it can be focused, but a flow box says that it took the focus all the same, and Tab
   * would never get past it. */
  gtk_widget_set_can_focus(self->flow, FALSE);
  gtk_widget_set_parent(self->flow, GTK_WIDGET(self));
  for (guint n = 0; n < SY_CELL_COUNT; n++) {
    GtkWidget *entry = create_entry(order[n]);

    gtk_flow_box_append(GTK_FLOW_BOX(self->flow), entry);
    self->entries[order[n]] = entry;
  }
}
