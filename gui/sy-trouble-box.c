/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Why there is no substation, and what to do. */

#include "sy-config.h"

#include "sy-trouble-box.h"

#include <glib/gi18n.h>

enum { COPIED_MS = 2000 };

struct _SyTroubleBox {
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkLabel *title_label;
  GtkLabel *text_label;
  GtkLabel *checks_label;
  GtkWidget *command_box;
  GtkLabel *command_label;
  GtkButton *copy_button;
  GtkLabel *note_label;

  guint copied_source;
};

G_DEFINE_FINAL_TYPE(SyTroubleBox, sy_trouble_box, GTK_TYPE_WIDGET)

static void show_copied(SyTroubleBox *self, gboolean copied)
{
  const char *text = copied ? _("Copied") : _("Copy the command");

  gtk_button_set_icon_name(self->copy_button,
                           copied ? "object-select-symbolic" : "edit-copy-symbolic");
  gtk_widget_set_tooltip_text(GTK_WIDGET(self->copy_button), text);
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->copy_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 text, -1);
}

static gboolean on_copied_time(gpointer user_data)
{
  SyTroubleBox *self = user_data;

  self->copied_source = 0;
  show_copied(self, FALSE);
  return G_SOURCE_REMOVE;
}

static void on_copy(SyTroubleBox *self)
{
  gdk_clipboard_set_text(gtk_widget_get_clipboard(GTK_WIDGET(self)),
                         gtk_label_get_text(self->command_label));
  show_copied(self, TRUE);
  g_clear_handle_id(&self->copied_source, g_source_remove);
  self->copied_source = g_timeout_add(COPIED_MS, on_copied_time, self);
}

static char *dup_checks(const SyTrouble *trouble)
{
  GString *text = g_string_new(_("Check:"));

  for (char **check = trouble->checks; *check; check++)
    g_string_append_printf(text, "\n• %s", *check);
  return g_string_free(text, FALSE);
}

static void show_line(GtkLabel *label, const char *text)
{
  gtk_widget_set_visible(GTK_WIDGET(label), text != NULL);
  gtk_label_set_text(label, text ? text : "");
}

void sy_trouble_box_set_trouble(SyTroubleBox *self, const SyTrouble *trouble)
{
  g_autofree char *checks = trouble && trouble->checks ? dup_checks(trouble) : NULL;

  g_return_if_fail(SY_IS_TROUBLE_BOX(self));

  gtk_widget_set_visible(GTK_WIDGET(self), trouble != NULL);
  if (!trouble)
    return;
  gtk_label_set_text(self->title_label, trouble->title);
  gtk_label_set_text(self->text_label, trouble->text);
  show_line(self->checks_label, checks);
  gtk_widget_set_visible(self->command_box, trouble->command != NULL);
  gtk_label_set_text(self->command_label, trouble->command ? trouble->command : "");
  show_line(self->note_label, trouble->note);
}

static void sy_trouble_box_dispose(GObject *object)
{
  SyTroubleBox *self = SY_TROUBLE_BOX(object);

  g_clear_handle_id(&self->copied_source, g_source_remove);
  g_clear_pointer(&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS(sy_trouble_box_parent_class)->dispose(object);
}

static void sy_trouble_box_class_init(SyTroubleBoxClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_trouble_box_dispose;
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-trouble-box.ui");
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyTroubleBox, name)
  BIND(box);
  BIND(title_label);
  BIND(text_label);
  BIND(checks_label);
  BIND(command_box);
  BIND(command_label);
  BIND(copy_button);
  BIND(note_label);
#undef BIND
}

static void sy_trouble_box_init(SyTroubleBox *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  gtk_accessible_update_relation(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_RELATION_LABELLED_BY,
                                 self->title_label, NULL, GTK_ACCESSIBLE_RELATION_DESCRIBED_BY,
                                 self->text_label, NULL, -1);
  g_signal_connect_swapped(self->copy_button, "clicked", G_CALLBACK(on_copy), self);
  show_copied(self, FALSE);
}
