/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The page of drills. */

#include "sy-config.h"

#include "sy-drills-page.h"

#include "sy-drill-row.h"

#include <glib/gi18n.h>

struct _SyDrillsPage {
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *standing_box;
  GtkLabel *standing_label;
  GtkButton *remedy_button;
  GtkLabel *reason_label;
  GtkListBox *list;
  GtkScrolledWindow *scroller;

  GtkWidget *followed; /* a row, or NULL */
  guint follow_source;
};

G_DEFINE_FINAL_TYPE(SyDrillsPage, sy_drills_page, GTK_TYPE_WIDGET)

void sy_drills_page_set_reason(SyDrillsPage *self, const char *reason)
{
  g_return_if_fail(SY_IS_DRILLS_PAGE(self));

  gtk_label_set_text(self->reason_label, reason ? reason : "");
  gtk_widget_set_visible(GTK_WIDGET(self->reason_label), reason != NULL);
}

void sy_drills_page_set_standing(SyDrillsPage *self, const SyDrill *drill)
{
  g_return_if_fail(SY_IS_DRILLS_PAGE(self));

  if (drill) {
    gtk_label_set_text(self->standing_label, _(drill->standing));
    gtk_button_set_label(self->remedy_button, _(drill->remedy));
  }
  gtk_widget_set_visible(self->standing_box, drill != NULL);
}

/* Made when somebody looks at them: most windows never do, and all of them have to start. */
static void ensure_rows(SyDrillsPage *self)
{
  if (gtk_list_box_get_row_at_index(self->list, 0))
    return;
  for (SyDrillKind kind = 0; kind < SY_DRILL_COUNT; kind++)
    gtk_list_box_append(self->list, sy_drill_row_new(sy_drill_get(kind)));
}

static void sy_drills_page_map(GtkWidget *widget)
{
  ensure_rows(SY_DRILLS_PAGE(widget));
  GTK_WIDGET_CLASS(sy_drills_page_parent_class)->map(widget);
}

GtkWidget *sy_drills_page_get_row(SyDrillsPage *self, const SyDrill *drill)
{
  GtkListBoxRow *row;

  g_return_val_if_fail(SY_IS_DRILLS_PAGE(self), NULL);

  ensure_rows(self);
  for (int n = 0; (row = gtk_list_box_get_row_at_index(self->list, n)); n++)
    if (sy_drill_row_get_drill(SY_DRILL_ROW(row)) == drill)
      return GTK_WIDGET(row);
  return NULL;
}

/* Its end, above all, where it does not fit. */
static gboolean scroll_to_followed(gpointer user_data)
{
  SyDrillsPage *self = user_data;
  GtkWidget *content = gtk_widget_get_first_child(GTK_WIDGET(self->scroller));
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment(self->scroller);
  graphene_rect_t bounds;

  self->follow_source = 0;
  if (self->followed && content && gtk_widget_compute_bounds(self->followed, content, &bounds)) {
    double top = gtk_adjustment_get_value(adjustment) + bounds.origin.y;

    gtk_adjustment_clamp_page(adjustment, top, top + bounds.size.height);
  }
  return G_SOURCE_REMOVE;
}

/* When all has its place. */
static void queue_follow(SyDrillsPage *self)
{
  if (self->followed && self->follow_source == 0)
    self->follow_source = g_idle_add_full(GDK_PRIORITY_REDRAW + 10, scroll_to_followed, self, NULL);
}

void sy_drills_page_follow(SyDrillsPage *self, const SyDrill *drill)
{
  g_return_if_fail(SY_IS_DRILLS_PAGE(self));

  self->followed = sy_drills_page_get_row(self, drill);
  queue_follow(self);
}

void sy_drills_page_clear(SyDrillsPage *self)
{
  GtkListBoxRow *row;

  g_return_if_fail(SY_IS_DRILLS_PAGE(self));

  for (int n = 0; (row = gtk_list_box_get_row_at_index(self->list, n)); n++)
    sy_drill_row_clear(SY_DRILL_ROW(row));
}

static void sy_drills_page_dispose(GObject *object)
{
  SyDrillsPage *self = SY_DRILLS_PAGE(object);

  g_clear_handle_id(&self->follow_source, g_source_remove);
  self->followed = NULL;
  g_clear_pointer(&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS(sy_drills_page_parent_class)->dispose(object);
}

static void sy_drills_page_class_init(SyDrillsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_drills_page_dispose;
  widget_class->map = sy_drills_page_map;
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-drills-page.ui");
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyDrillsPage, name)
  BIND(box);
  BIND(standing_box);
  BIND(standing_label);
  BIND(remedy_button);
  BIND(reason_label);
  BIND(list);
  BIND(scroller);
#undef BIND
}

static void sy_drills_page_init(SyDrillsPage *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  g_signal_connect_object(gtk_scrolled_window_get_vadjustment(self->scroller), "changed",
                          G_CALLBACK(queue_follow), self, G_CONNECT_SWAPPED);
}
