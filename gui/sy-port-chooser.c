/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The drop-down of ports a substation may be behind. */

#include "sy-config.h"

#include "sy-port-chooser.h"

#include "sy-port-list.h"

#include <glib/gi18n.h>

enum { REFRESH_S = 1 };

struct _SyPortChooser {
  GtkWidget parent_instance;

  GtkDropDown *drop_down;
  SyPortList *ports;
  GtkStringList *extras; /* named by hand, or gone while chosen */
  GListModel *all;       /* SyPort, then GtkStringObject */
  char *port;
  guint refresh_source;
};

enum { PROP_0, PROP_PORT, PROP_COUNT };

static GParamSpec *properties[PROP_COUNT];

G_DEFINE_FINAL_TYPE(SyPortChooser, sy_port_chooser, GTK_TYPE_WIDGET)

static const char *item_name(gpointer item)
{
  return SY_IS_PORT(item) ? sy_port_get_name(item) : gtk_string_object_get_string(item);
}

static char *item_label(gpointer this_object, gpointer unused)
{
  gpointer item = this_object;

  if (!item)
    return NULL;
  return g_strdup(SY_IS_PORT(item) ? sy_port_get_label(item) : item_name(item));
}

static guint find(SyPortChooser *self, const char *port)
{
  guint count = g_list_model_get_n_items(self->all);

  for (guint n = 0; n < count; n++) {
    g_autoptr(GObject) item = g_list_model_get_item(self->all, n);

    if (g_strcmp0(item_name(item), port) == 0)
      return n;
  }
  return GTK_INVALID_LIST_POSITION;
}

/* Makes the drop-down show self->port, whatever became of the list. */
static void show_port(SyPortChooser *self)
{
  guint position = find(self, self->port);

  if (position == GTK_INVALID_LIST_POSITION) {
    gtk_string_list_append(self->extras, self->port);
    position = find(self, self->port);
  }
  if (gtk_drop_down_get_selected(self->drop_down) != position)
    gtk_drop_down_set_selected(self->drop_down, position);
}

static void on_selected(SyPortChooser *self)
{
  gpointer item = gtk_drop_down_get_selected_item(self->drop_down);

  /* A change that the list made, not the person: the port stays, see refresh(). */
  if (!item || find(self, self->port) == GTK_INVALID_LIST_POSITION)
    return;
  if (g_strcmp0(item_name(item), self->port) == 0)
    return;
  g_free(self->port);
  self->port = g_strdup(item_name(item));
  g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_PORT]);
}

/* A port that came back is listed by its own label again. */
static void drop_needless_extras(SyPortChooser *self)
{
  guint n = g_list_model_get_n_items(G_LIST_MODEL(self->extras));

  while (n-- > 0)
    if (sy_port_list_find(self->ports, gtk_string_list_get_string(self->extras, n)) != G_MAXUINT)
      gtk_string_list_remove(self->extras, n);
}

static gboolean refresh(gpointer user_data)
{
  SyPortChooser *self = user_data;

  g_signal_handlers_block_by_func(self->drop_down, on_selected, self);
  sy_port_list_refresh(self->ports);
  drop_needless_extras(self);
  show_port(self);
  g_signal_handlers_unblock_by_func(self->drop_down, on_selected, self);
  return G_SOURCE_CONTINUE;
}

const char *sy_port_chooser_get_port(SyPortChooser *self)
{
  g_return_val_if_fail(SY_IS_PORT_CHOOSER(self), NULL);

  return self->port;
}

void sy_port_chooser_set_port(SyPortChooser *self, const char *port)
{
  g_return_if_fail(SY_IS_PORT_CHOOSER(self));
  g_return_if_fail(port && *port);

  if (g_strcmp0(self->port, port) == 0)
    return;
  g_free(self->port);
  self->port = g_strdup(port);
  show_port(self);
  g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_PORT]);
}

static void sy_port_chooser_map(GtkWidget *widget)
{
  SyPortChooser *self = SY_PORT_CHOOSER(widget);

  GTK_WIDGET_CLASS(sy_port_chooser_parent_class)->map(widget);
  self->refresh_source = g_timeout_add_seconds(REFRESH_S, refresh, self);
}

static void sy_port_chooser_unmap(GtkWidget *widget)
{
  g_clear_handle_id(&SY_PORT_CHOOSER(widget)->refresh_source, g_source_remove);
  GTK_WIDGET_CLASS(sy_port_chooser_parent_class)->unmap(widget);
}

static gboolean sy_port_chooser_mnemonic_activate(GtkWidget *widget, gboolean cycling)
{
  return gtk_widget_grab_focus(GTK_WIDGET(SY_PORT_CHOOSER(widget)->drop_down));
}

static void sy_port_chooser_get_property(GObject *object, guint id, GValue *value,
                                         GParamSpec *pspec)
{
  if (id == PROP_PORT)
    g_value_set_string(value, SY_PORT_CHOOSER(object)->port);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void sy_port_chooser_dispose(GObject *object)
{
  SyPortChooser *self = SY_PORT_CHOOSER(object);

  g_clear_handle_id(&self->refresh_source, g_source_remove);
  if (self->drop_down)
    g_signal_handlers_disconnect_by_data(self->drop_down, self);
  g_clear_pointer((GtkWidget **)&self->drop_down, gtk_widget_unparent);
  g_clear_object(&self->all);
  g_clear_object(&self->ports);
  g_clear_object(&self->extras);
  g_clear_pointer(&self->port, g_free);
  G_OBJECT_CLASS(sy_port_chooser_parent_class)->dispose(object);
}

static void sy_port_chooser_class_init(SyPortChooserClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  object_class->get_property = sy_port_chooser_get_property;
  object_class->dispose = sy_port_chooser_dispose;
  widget_class->map = sy_port_chooser_map;
  widget_class->unmap = sy_port_chooser_unmap;
  widget_class->mnemonic_activate = sy_port_chooser_mnemonic_activate;
  properties[PROP_PORT] =
      g_param_spec_string("port", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties(object_class, PROP_COUNT, properties);
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void setup_button_label(GtkSignalListItemFactory *factory, GtkListItem *list_item,
                               gpointer user_data)
{
  GtkWidget *label = gtk_label_new(NULL);

  gtk_label_set_xalign(GTK_LABEL(label), 0);
  gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_MIDDLE);
  gtk_list_item_set_child(list_item, label);
}

static void bind_button_label(GtkSignalListItemFactory *factory, GtkListItem *list_item,
                              gpointer user_data)
{
  g_autofree char *text = item_label(gtk_list_item_get_item(list_item), NULL);

  gtk_label_set_text(GTK_LABEL(gtk_list_item_get_child(list_item)), text);
}

/* The list keeps GTK's rows with their check mark; only the button must be able to get narrow. */
static void let_button_shrink(SyPortChooser *self)
{
  g_autoptr(GtkListItemFactory) factory = gtk_signal_list_item_factory_new();

  g_signal_connect(factory, "setup", G_CALLBACK(setup_button_label), NULL);
  g_signal_connect(factory, "bind", G_CALLBACK(bind_button_label), NULL);
  gtk_drop_down_set_list_factory(self->drop_down, gtk_drop_down_get_factory(self->drop_down));
  gtk_drop_down_set_factory(self->drop_down, factory);
}

static void sy_port_chooser_init(SyPortChooser *self)
{
  GListStore *models = g_list_store_new(G_TYPE_LIST_MODEL);
  GtkExpression *label;

  self->ports = sy_port_list_new();
  sy_port_list_refresh(self->ports);
  self->extras = gtk_string_list_new(NULL);
  g_list_store_append(models, self->ports);
  g_list_store_append(models, self->extras);
  self->all = G_LIST_MODEL(gtk_flatten_list_model_new(G_LIST_MODEL(models)));

  label =
      gtk_cclosure_expression_new(G_TYPE_STRING, NULL, 0, NULL, G_CALLBACK(item_label), NULL, NULL);
  self->drop_down = GTK_DROP_DOWN(gtk_drop_down_new(G_LIST_MODEL(g_object_ref(self->all)), label));
  let_button_shrink(self);
  gtk_widget_set_parent(GTK_WIDGET(self->drop_down), GTK_WIDGET(self));
  gtk_accessible_update_property(GTK_ACCESSIBLE(self->drop_down), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 _("Port of the substation"), -1);
  if (g_list_model_get_n_items(self->all) > 0) {
    g_autoptr(GObject) first = g_list_model_get_item(self->all, 0);

    self->port = g_strdup(item_name(first));
  }
  g_signal_connect_swapped(self->drop_down, "notify::selected-item", G_CALLBACK(on_selected), self);
}
