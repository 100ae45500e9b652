/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The drop-down of ports a substation may be behind. */

#include "sy-config.h"

#include "sy-port-chooser.h"

#include "sy-name.h"
#include "sy-network-ports.h"
#include "sy-port-list.h"
#include "sy-port-watch.h"
#include "sy-settings.h"

#include <glib/gi18n.h>

enum { BUTTON_CHARS = 20, ROW_CHARS = 44 };

struct _SyPortChooser {
  GtkWidget parent_instance;

  GtkDropDown *drop_down;
  SyPortList *ports;
  GListStore *missing; /* of SyPort: named by hand, or gone while chosen */
  GListModel *all;     /* of SyPort */
  SyPort *chosen;
  SyPortWatch *watch;
  gboolean has_adapter;
};

enum { PROP_0, PROP_PORT, PROP_HAS_ADAPTER, PROP_COUNT };

static GParamSpec *properties[PROP_COUNT];

G_DEFINE_FINAL_TYPE(SyPortChooser, sy_port_chooser, GTK_TYPE_WIDGET)

static char *item_label(gpointer this_object, gpointer unused)
{
  return this_object ? g_strdup(sy_port_get_label(this_object)) : NULL;
}

/* Takes the port. */
static void choose(SyPortChooser *self, SyPort *port)
{
  gboolean renamed =
      !self->chosen || !g_str_equal(sy_port_get_name(self->chosen), sy_port_get_name(port)) ||
      !g_str_equal(sy_port_get_stable_name(self->chosen), sy_port_get_stable_name(port));

  g_set_object(&self->chosen, port);
  g_object_unref(port);
  if (renamed)
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_PORT]);
}

static SyPort *dup_listed(SyPortChooser *self, const char *name)
{
  guint position = sy_port_list_find_stable(self->ports, name);

  if (position == G_MAXUINT)
    position = sy_port_list_find(self->ports, name);
  return position == G_MAXUINT ? NULL : g_list_model_get_item(G_LIST_MODEL(self->ports), position);
}

/* Makes the drop-down show what is chosen, whatever became of the list. */
static void show_chosen(SyPortChooser *self)
{
  gboolean missing = sy_port_is_missing(self->chosen);
  guint position;

  if (!missing) {
    g_list_store_remove_all(self->missing);
  } else if (!g_list_store_find(self->missing, self->chosen, NULL)) {
    g_list_store_remove_all(self->missing);
    g_list_store_append(self->missing, self->chosen);
  }
  position = missing ? g_list_model_get_n_items(self->all) - 1
                     : sy_port_list_find(self->ports, sy_port_get_name(self->chosen));
  if (gtk_drop_down_get_selected(self->drop_down) != position)
    gtk_drop_down_set_selected(self->drop_down, position);
}

static void on_selected(SyPortChooser *self)
{
  SyPort *item = gtk_drop_down_get_selected_item(self->drop_down);

  if (!item || item == self->chosen)
    return;
  choose(self, g_object_ref(item));
  show_chosen(self);
}

static void update_has_adapter(SyPortChooser *self)
{
  gboolean has_adapter = g_list_model_get_n_items(G_LIST_MODEL(self->ports)) > 1;

  if (has_adapter == self->has_adapter)
    return;
  self->has_adapter = has_adapter;
  g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_HAS_ADAPTER]);
}

/* Which of the ports is the chosen one now. Gone, it goes by its stable name, if that can be
 * opened: its old name may soon be another's. */
static SyPort *dup_chosen_now(SyPortChooser *self)
{
  const char *stable = sy_port_get_stable_name(self->chosen);
  SyPort *listed = dup_listed(self, stable);
  SyPort *gone;

  if (listed)
    return listed;
  gone = sy_port_new_missing(g_path_is_absolute(stable) ? stable : sy_port_get_name(self->chosen),
                             self->chosen);
  /* The same as before, so that nothing changes for who looks on. */
  if (sy_port_is_missing(self->chosen) &&
      g_str_equal(sy_port_get_label(self->chosen), sy_port_get_label(gone)))
    g_set_object(&gone, self->chosen);
  return gone;
}

static void look_for_ports(SyPortChooser *self)
{
  g_auto(GStrv) network = sy_network_ports_dup();

  sy_port_list_set_network(self->ports, (const char *const *)network);
  sy_port_list_refresh(self->ports);
}

static void refresh(SyPortChooser *self)
{
  if (!gtk_widget_is_sensitive(GTK_WIDGET(self)))
    return;
  g_signal_handlers_block_by_func(self->drop_down, on_selected, self);
  look_for_ports(self);
  choose(self, dup_chosen_now(self));
  show_chosen(self);
  g_signal_handlers_unblock_by_func(self->drop_down, on_selected, self);
  update_has_adapter(self);
}

const char *sy_port_chooser_get_port(SyPortChooser *self)
{
  g_return_val_if_fail(SY_IS_PORT_CHOOSER(self), NULL);

  return sy_port_get_name(self->chosen);
}

const char *sy_port_chooser_get_stable_name(SyPortChooser *self)
{
  g_return_val_if_fail(SY_IS_PORT_CHOOSER(self), NULL);

  return sy_port_get_stable_name(self->chosen);
}

gboolean sy_port_chooser_has_adapter(SyPortChooser *self)
{
  g_return_val_if_fail(SY_IS_PORT_CHOOSER(self), FALSE);

  return self->has_adapter;
}

void sy_port_chooser_set_port(SyPortChooser *self, const char *port)
{
  SyPort *listed;

  g_return_if_fail(SY_IS_PORT_CHOOSER(self));
  g_return_if_fail(port && *port);

  if (g_str_equal(sy_port_get_name(self->chosen), port) ||
      g_str_equal(sy_port_get_stable_name(self->chosen), port))
    return;
  sy_network_ports_remember(port);
  g_signal_handlers_block_by_func(self->drop_down, on_selected, self);
  look_for_ports(self);
  listed = dup_listed(self, port);
  choose(self, listed ? listed : sy_port_new_missing(port, NULL));
  show_chosen(self);
  g_signal_handlers_unblock_by_func(self->drop_down, on_selected, self);
  update_has_adapter(self);
}

void sy_port_chooser_set_described_by(SyPortChooser *self, GtkWidget *state, GtkWidget *trouble)
{
  g_return_if_fail(SY_IS_PORT_CHOOSER(self));

  gtk_accessible_update_relation(GTK_ACCESSIBLE(self->drop_down),
                                 GTK_ACCESSIBLE_RELATION_DESCRIBED_BY, state, trouble, NULL, -1);
}

static gboolean sy_port_chooser_mnemonic_activate(GtkWidget *widget, gboolean cycling)
{
  return gtk_widget_grab_focus(GTK_WIDGET(SY_PORT_CHOOSER(widget)->drop_down));
}

static void sy_port_chooser_get_property(GObject *object, guint id, GValue *value,
                                         GParamSpec *pspec)
{
  if (id == PROP_PORT)
    g_value_set_string(value, sy_port_chooser_get_port(SY_PORT_CHOOSER(object)));
  else if (id == PROP_HAS_ADAPTER)
    g_value_set_boolean(value, SY_PORT_CHOOSER(object)->has_adapter);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void sy_port_chooser_dispose(GObject *object)
{
  SyPortChooser *self = SY_PORT_CHOOSER(object);

  if (self->watch)
    g_signal_handlers_disconnect_by_data(self->watch, self);
  g_clear_object(&self->watch);
  if (self->drop_down)
    g_signal_handlers_disconnect_by_data(self->drop_down, self);
  g_clear_pointer((GtkWidget **)&self->drop_down, gtk_widget_unparent);
  g_clear_object(&self->all);
  g_clear_object(&self->ports);
  g_clear_object(&self->missing);
  g_clear_object(&self->chosen);
  G_OBJECT_CLASS(sy_port_chooser_parent_class)->dispose(object);
}

static void sy_port_chooser_class_init(SyPortChooserClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  object_class->get_property = sy_port_chooser_get_property;
  object_class->dispose = sy_port_chooser_dispose;
  widget_class->mnemonic_activate = sy_port_chooser_mnemonic_activate;
  properties[PROP_PORT] =
      g_param_spec_string("port", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_HAS_ADAPTER] = g_param_spec_boolean("has-adapter", NULL, NULL, FALSE,
                                                      G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
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
  /* A longer name is no reason for the column to grow. */
  gtk_label_set_max_width_chars(GTK_LABEL(label), BUTTON_CHARS);
  gtk_list_item_set_child(list_item, label);
}

static void bind_button_label(GtkSignalListItemFactory *factory, GtkListItem *list_item,
                              gpointer user_data)
{
  g_autofree char *text = item_label(gtk_list_item_get_item(list_item), NULL);

  gtk_label_set_text(GTK_LABEL(gtk_list_item_get_child(list_item)), text);
}

/* A row of the list: two lines, and the mark of the chosen one. */
static GtkWidget *row_label_new(const char *css_class)
{
  GtkWidget *label = gtk_label_new(NULL);

  gtk_label_set_xalign(GTK_LABEL(label), 0);
  gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_MIDDLE);
  if (css_class) {
    gtk_widget_add_css_class(label, "caption");
    gtk_widget_add_css_class(label, css_class);
  }
  return label;
}

static void setup_row(GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *lines = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
  GtkWidget *mark = gtk_image_new_from_icon_name("object-select-symbolic");

  gtk_box_append(GTK_BOX(lines), row_label_new(NULL));
  gtk_box_append(GTK_BOX(lines), row_label_new("dim-label"));
  gtk_widget_set_hexpand(lines, TRUE);
  gtk_box_append(GTK_BOX(row), lines);
  gtk_box_append(GTK_BOX(row), mark);
  gtk_list_item_set_child(list_item, row);
}

static void mark_row(GtkListItem *list_item, GParamSpec *pspec, GtkDropDown *drop_down)
{
  GtkWidget *mark = gtk_widget_get_last_child(gtk_list_item_get_child(list_item));
  gboolean chosen = gtk_list_item_get_item(list_item) == gtk_drop_down_get_selected_item(drop_down);

  /* It keeps its place when it does not show. */
  gtk_widget_set_opacity(mark, chosen ? 1 : 0);
}

static void on_selected_row(GtkDropDown *drop_down, GParamSpec *pspec, GtkListItem *list_item)
{
  if (gtk_list_item_get_item(list_item))
    mark_row(list_item, NULL, drop_down);
}

/* The list is as wide as its rows must be, not as they would like. */
static void show_row_text(GtkWidget *label, const char *text)
{
  gtk_label_set_text(GTK_LABEL(label), text);
  gtk_label_set_width_chars(GTK_LABEL(label), (int)MIN(g_utf8_strlen(text, -1), ROW_CHARS));
}

static void bind_row(GtkSignalListItemFactory *factory, GtkListItem *list_item, gpointer user_data)
{
  SyPort *port = gtk_list_item_get_item(list_item);
  GtkWidget *lines = gtk_widget_get_first_child(gtk_list_item_get_child(list_item));

  show_row_text(gtk_widget_get_first_child(lines), sy_port_get_title(port));
  show_row_text(gtk_widget_get_last_child(lines), sy_port_get_detail(port));
  gtk_widget_set_tooltip_text(lines, sy_port_get_detail(port));
  mark_row(list_item, NULL, GTK_DROP_DOWN(user_data));
  g_signal_connect_object(user_data, "notify::selected-item", G_CALLBACK(on_selected_row),
                          list_item, 0);
}

static void unbind_row(GtkSignalListItemFactory *factory, GtkListItem *list_item,
                       gpointer user_data)
{
  g_signal_handlers_disconnect_by_func(user_data, on_selected_row, list_item);
}

/* The button has one line that can get narrow, the list two. */
static void set_factories(SyPortChooser *self)
{
  g_autoptr(GtkListItemFactory) button = gtk_signal_list_item_factory_new();
  g_autoptr(GtkListItemFactory) list = gtk_signal_list_item_factory_new();

  g_signal_connect(button, "setup", G_CALLBACK(setup_button_label), NULL);
  g_signal_connect(button, "bind", G_CALLBACK(bind_button_label), NULL);
  g_signal_connect(list, "setup", G_CALLBACK(setup_row), NULL);
  g_signal_connect(list, "bind", G_CALLBACK(bind_row), self->drop_down);
  g_signal_connect(list, "unbind", G_CALLBACK(unbind_row), self->drop_down);
  gtk_drop_down_set_factory(self->drop_down, button);
  gtk_drop_down_set_list_factory(self->drop_down, list);
}

static void sy_port_chooser_init(SyPortChooser *self)
{
  GListStore *models = g_list_store_new(G_TYPE_LIST_MODEL);
  GtkExpression *label;

  self->ports = sy_port_list_new();
  look_for_ports(self);
  self->missing = g_list_store_new(SY_TYPE_PORT);
  g_list_store_append(models, self->ports);
  g_list_store_append(models, self->missing);
  self->all = G_LIST_MODEL(gtk_flatten_list_model_new(G_LIST_MODEL(models)));
  self->chosen = g_list_model_get_item(G_LIST_MODEL(self->ports), 0);
  self->has_adapter = g_list_model_get_n_items(G_LIST_MODEL(self->ports)) > 1;

  label =
      gtk_cclosure_expression_new(G_TYPE_STRING, NULL, 0, NULL, G_CALLBACK(item_label), NULL, NULL);
  self->drop_down = GTK_DROP_DOWN(gtk_drop_down_new(G_LIST_MODEL(g_object_ref(self->all)), label));
  set_factories(self);
  gtk_widget_set_parent(GTK_WIDGET(self->drop_down), GTK_WIDGET(self));
  sy_name_button_in(GTK_WIDGET(self->drop_down), _("Port of the substation"));
  g_signal_connect_swapped(self->drop_down, "notify::selected-item", G_CALLBACK(on_selected), self);
  self->watch = sy_port_watch_new();
  g_signal_connect_swapped(self->watch, "changed", G_CALLBACK(refresh), self);
  /* What was not looked at meanwhile. */
  g_signal_connect(self, "notify::sensitive", G_CALLBACK(refresh), NULL);
  g_signal_connect_object(sy_settings_get(), "changed::" SY_NETWORK_PORTS_KEY, G_CALLBACK(refresh),
                          self, G_CONNECT_SWAPPED);
}
