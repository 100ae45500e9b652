/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One bank as a card. */

#include "sy-config.h"

#include "sy-bank-tile.h"

#include "sy-release.h"

struct _SyBankTile {
  GtkWidget parent_instance;

  GtkLabel *role_label;
  GtkLabel *name_label;
  GtkLabel *detail_label;
  GtkLabel *state_label;
};

G_DEFINE_FINAL_TYPE(SyBankTile, sy_bank_tile, GTK_TYPE_WIDGET)

/* What a screen reader says of the card as a whole. */
static void describe(SyBankTile *self, WireBank bank, const SyBankLook *look, gboolean has_state)
{
  g_autofree char *label =
      g_strdup_printf("%s: %s, %s%s%s", sy_bank_to_string(bank), look->role, look->detail,
                      has_state ? ", " : "", has_state ? look->state : "");

  gtk_accessible_update_property(GTK_ACCESSIBLE(self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

void sy_bank_tile_show(SyBankTile *self, WireBank bank, const SyBankLook *look)
{
  const char *classes[] = {"bank-state", look->state_class, NULL};
  gboolean has_state;

  g_return_if_fail(SY_IS_BANK_TILE(self));

  has_state = look->state && *look->state;
  if (look->runs)
    gtk_widget_add_css_class(GTK_WIDGET(self), "running");
  else
    gtk_widget_remove_css_class(GTK_WIDGET(self), "running");
  gtk_label_set_text(self->role_label, look->role);
  gtk_label_set_text(self->name_label, sy_bank_to_string(bank));
  gtk_label_set_text(self->detail_label, look->detail);
  /* Empty it keeps its line, so that nothing below moves when there is something to say. */
  gtk_label_set_text(self->state_label, has_state ? look->state : "");
  gtk_widget_set_css_classes(GTK_WIDGET(self->state_label), classes);
  describe(self, bank, look, has_state);
}

static void sy_bank_tile_dispose(GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child(GTK_WIDGET(object))))
    gtk_widget_unparent(child);
  G_OBJECT_CLASS(sy_bank_tile_parent_class)->dispose(object);
}

static void sy_bank_tile_class_init(SyBankTileClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_bank_tile_dispose;
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_css_name(widget_class, "banktile");
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-bank-tile.ui");
  gtk_widget_class_bind_template_child(widget_class, SyBankTile, role_label);
  gtk_widget_class_bind_template_child(widget_class, SyBankTile, name_label);
  gtk_widget_class_bind_template_child(widget_class, SyBankTile, detail_label);
  gtk_widget_class_bind_template_child(widget_class, SyBankTile, state_label);
}

static void sy_bank_tile_init(SyBankTile *self)
{
  GtkLayoutManager *layout = gtk_widget_get_layout_manager(GTK_WIDGET(self));

  gtk_widget_init_template(GTK_WIDGET(self));
  gtk_orientable_set_orientation(GTK_ORIENTABLE(layout), GTK_ORIENTATION_VERTICAL);
}
