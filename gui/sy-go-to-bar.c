/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Asks for an address. */

#include "sy-config.h"

#include "sy-go-to-bar.h"

#include "sy-address.h"

struct _SyGoToBar {
  GtkWidget parent_instance;

  GtkRevealer *revealer;
  GtkEntry *entry;
  GtkLabel *label;
};

G_DEFINE_FINAL_TYPE(SyGoToBar, sy_go_to_bar, GTK_TYPE_WIDGET)

static void close_bar(SyGoToBar *self)
{
  gtk_revealer_set_reveal_child(self->revealer, FALSE);
  g_signal_emit_by_name(self, "closed");
}

static void on_changed(SyGoToBar *self)
{
  gtk_widget_remove_css_class(GTK_WIDGET(self->entry), "error");
  gtk_label_set_text(self->label, "");
}

static void on_activate(SyGoToBar *self)
{
  g_autoptr(GError) error = NULL;
  guint32 addr;

  if (!sy_address_parse(gtk_editable_get_text(GTK_EDITABLE(self->entry)), &addr, &error)) {
    gtk_widget_add_css_class(GTK_WIDGET(self->entry), "error");
    gtk_label_set_text(self->label, error->message);
    return;
  }
  g_signal_emit_by_name(self, "go-to", addr);
  close_bar(self);
}

/* An entry knows no Escape, and the window's is another. */
static gboolean on_key(SyGoToBar *self, guint key)
{
  if (key != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  close_bar(self);
  return GDK_EVENT_STOP;
}

void sy_go_to_bar_close(SyGoToBar *self)
{
  g_return_if_fail(SY_IS_GO_TO_BAR(self));
  close_bar(self);
}

gboolean sy_go_to_bar_is_open(SyGoToBar *self)
{
  g_return_val_if_fail(SY_IS_GO_TO_BAR(self), FALSE);
  return gtk_revealer_get_reveal_child(self->revealer);
}

void sy_go_to_bar_open(SyGoToBar *self)
{
  g_return_if_fail(SY_IS_GO_TO_BAR(self));

  gtk_revealer_set_reveal_child(self->revealer, TRUE);
  gtk_widget_grab_focus(GTK_WIDGET(self->entry));
}

static void sy_go_to_bar_dispose(GObject *object)
{
  g_clear_pointer((GtkWidget **)&SY_GO_TO_BAR(object)->revealer, gtk_widget_unparent);
  G_OBJECT_CLASS(sy_go_to_bar_parent_class)->dispose(object);
}

static void sy_go_to_bar_class_init(SyGoToBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_go_to_bar_dispose;
  g_signal_new("go-to", SY_TYPE_GO_TO_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
               G_TYPE_UINT);
  g_signal_new("closed", SY_TYPE_GO_TO_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-go-to-bar.ui");
  gtk_widget_class_bind_template_child(widget_class, SyGoToBar, revealer);
  gtk_widget_class_bind_template_child(widget_class, SyGoToBar, entry);
  gtk_widget_class_bind_template_child(widget_class, SyGoToBar, label);
  gtk_widget_class_bind_template_callback(widget_class, on_activate);
  gtk_widget_class_bind_template_callback(widget_class, on_changed);
  gtk_widget_class_bind_template_callback(widget_class, close_bar);
}

static void sy_go_to_bar_init(SyGoToBar *self)
{
  GtkEventController *keys = gtk_event_controller_key_new();

  gtk_widget_init_template(GTK_WIDGET(self));
  gtk_event_controller_set_propagation_phase(keys, GTK_PHASE_CAPTURE);
  g_signal_connect_object(keys, "key-pressed", G_CALLBACK(on_key), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller(GTK_WIDGET(self), keys);
}
