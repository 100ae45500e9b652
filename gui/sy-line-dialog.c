/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Switches for DTR and RTS. */

#include "sy-config.h"

#include "sy-line-dialog.h"

#include "sy-settings.h"

struct _SyLineDialog {
  AdwWindow parent_instance;

  GtkWidget *dtr_switch;
  GtkWidget *rts_switch;
};

G_DEFINE_FINAL_TYPE(SyLineDialog, sy_line_dialog, ADW_TYPE_WINDOW)

GtkWidget *sy_line_dialog_new(GtkWindow *parent)
{
  return g_object_new(SY_TYPE_LINE_DIALOG, "transient-for", parent, "destroy-with-parent", TRUE,
                      NULL);
}

static void sy_line_dialog_class_init(SyLineDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-line-dialog.ui");
  gtk_widget_class_bind_template_child(widget_class, SyLineDialog, dtr_switch);
  gtk_widget_class_bind_template_child(widget_class, SyLineDialog, rts_switch);
}

static void sy_line_dialog_init(SyLineDialog *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  g_settings_bind(sy_settings_get(), "dtr", self->dtr_switch, "active", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind(sy_settings_get(), "rts", self->rts_switch, "active", G_SETTINGS_BIND_DEFAULT);
}
