/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the opened file holds. */

#include "sy-config.h"

#include "sy-image-panel.h"

#include "sy-image-rows.h"
#include "sy-plan.h"
#include "sy-format.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _SyImagePanel {
  GtkWidget parent_instance;

  GtkStack *stack;
  GtkLabel *loading_label;
  AdwStatusPage *error_page;
  GtkScrolledWindow *scroller;
  GtkBox *groups;

  SyRelease *release;
  WireBank idle;
};

G_DEFINE_FINAL_TYPE(SyImagePanel, sy_image_panel, GTK_TYPE_WIDGET)

static void clear_groups(SyImagePanel *self)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child(GTK_WIDGET(self->groups))))
    gtk_box_remove(self->groups, child);
}

static void fill_groups(SyImagePanel *self)
{
  const WireBank first = self->idle != WIRE_BANK_NONE ? self->idle : WIRE_BANK_LOW;
  const WireBank order[] = {first, wire_bank_other(first)};

  clear_groups(self);
  gtk_box_append(self->groups, sy_image_rows_create_file(self->release));
  for (guint n = 0; n < G_N_ELEMENTS(order); n++) {
    const SyProgram *program = sy_release_get_program(self->release, order[n]);

    if (program)
      gtk_box_append(self->groups, sy_image_rows_create_program(program, self->idle));
  }
  gtk_box_append(self->groups, sy_image_rows_create_segments(sy_release_get_image(self->release)));
}

static void forget(SyImagePanel *self)
{
  g_clear_pointer(&self->release, sy_release_unref);
  clear_groups(self);
}

/* "line 7: …" begins a paragraph here. */
static char *dup_capitalized(const char *text)
{
  const char *rest = g_utf8_next_char(text);
  g_autofree char *first = g_utf8_strup(text, rest - text);

  return g_strconcat(first, rest, NULL);
}

void sy_image_panel_show_loading(SyImagePanel *self, const char *name)
{
  g_autofree char *text = NULL;

  g_return_if_fail(SY_IS_IMAGE_PANEL(self));

  forget(self);
  /* Another file begins at its top. */
  gtk_adjustment_set_value(gtk_scrolled_window_get_vadjustment(self->scroller), 0);
  text = g_strdup_printf(_("Reading %s…"), name);
  gtk_label_set_text(self->loading_label, text);
  gtk_stack_set_visible_child_name(self->stack, "loading");
}

void sy_image_panel_show_error(SyImagePanel *self, const char *name, const char *message)
{
  g_autofree char *title = NULL;
  g_autofree char *what = NULL;
  g_autofree char *text = NULL;
  g_autofree char *escaped = NULL;

  g_return_if_fail(SY_IS_IMAGE_PANEL(self));

  forget(self);
  title = g_strdup_printf(_("%s Can’t Be Used"), name);
  /* Translators: after what is wrong with a file. */
  what = dup_capitalized(message);
  text = g_strdup_printf(_("%s\n\nNothing was sent to the substation."), what);
  escaped = g_markup_escape_text(text, -1);
  adw_status_page_set_title(self->error_page, title);
  adw_status_page_set_description(self->error_page, escaped);
  gtk_stack_set_visible_child_name(self->stack, "error");
}

void sy_image_panel_show_release(SyImagePanel *self, SyRelease *release, WireBank idle)
{
  g_return_if_fail(SY_IS_IMAGE_PANEL(self));

  if (release && self->release == release && self->idle == idle)
    return;
  if (release)
    sy_release_ref(release);
  forget(self);
  self->release = release;
  self->idle = idle;
  if (release)
    fill_groups(self);
  gtk_stack_set_visible_child_name(self->stack, release ? "release" : "empty");
}

static void sy_image_panel_dispose(GObject *object)
{
  SyImagePanel *self = SY_IMAGE_PANEL(object);

  g_clear_pointer((GtkWidget **)&self->stack, gtk_widget_unparent);
  g_clear_pointer(&self->release, sy_release_unref);
  G_OBJECT_CLASS(sy_image_panel_parent_class)->dispose(object);
}

static void sy_image_panel_class_init(SyImagePanelClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_image_panel_dispose;
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-image-panel.ui");
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, stack);
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, loading_label);
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, error_page);
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, scroller);
  gtk_widget_class_bind_template_child(widget_class, SyImagePanel, groups);
}

static void sy_image_panel_init(SyImagePanel *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
}
