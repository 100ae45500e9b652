/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which substations to put on a board. */

#include "sy-config.h"

#include "sy-board-adder.h"

#include "sy-net-name.h"
#include "sy-network-ports.h"
#include "sy-port-watch.h"

#include <glib/gi18n.h>

struct _SyBoardAdder {
  AdwWindow parent_instance;

  GtkWidget *none_list;
  GtkListBox *ports_list;
  GtkButton *all_button;
  GtkWidget *network_group;
  GtkListBox *network_list;
  AdwEntryRow *names_row;
  GtkSpinButton *virtuals_button;
  GtkButton *add_button;

  SyBoard *board;
  SyPortList *ports;
  SyPortWatch *watch;
};

enum { ADD, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(SyBoardAdder, sy_board_adder, ADW_TYPE_WINDOW)

/* --- what is chosen --- */

static SyPort *get_port(GtkListBoxRow *row)
{
  return g_object_get_data(G_OBJECT(row), "port");
}

static GtkCheckButton *get_check(GtkListBoxRow *row)
{
  return g_object_get_data(G_OBJECT(row), "check");
}

static void add_chosen(GPtrArray *chosen, GtkListBox *list)
{
  GtkListBoxRow *row;

  for (int n = 0; (row = gtk_list_box_get_row_at_index(list, n)); n++)
    if (gtk_check_button_get_active(get_check(row)))
      g_ptr_array_add(chosen, g_object_ref(get_port(row)));
}

GPtrArray *sy_board_adder_dup_ports(SyBoardAdder *self)
{
  GPtrArray *chosen = g_ptr_array_new_with_free_func(g_object_unref);

  add_chosen(chosen, self->ports_list);
  add_chosen(chosen, self->network_list);
  return chosen;
}

char **sy_board_adder_dup_names(SyBoardAdder *self)
{
  g_auto(GStrv) words =
      g_strsplit_set(gtk_editable_get_text(GTK_EDITABLE(self->names_row)), " ,;\t", -1);
  g_autoptr(GStrvBuilder) names = g_strv_builder_new();

  for (char **word = words; *word; word++)
    if (**word)
      g_strv_builder_add(names, *word);
  return g_strv_builder_end(names);
}

guint sy_board_adder_get_virtuals(SyBoardAdder *self)
{
  return (guint)gtk_spin_button_get_value_as_int(self->virtuals_button);
}

static void show_count(SyBoardAdder *self)
{
  g_autoptr(GPtrArray) ports = sy_board_adder_dup_ports(self);
  g_auto(GStrv) names = sy_board_adder_dup_names(self);
  guint count = ports->len + g_strv_length(names) + sy_board_adder_get_virtuals(self);
  g_autofree char *label = count == 0
                               ? g_strdup(_("_Add"))
                               /* Translators: button; how many substations. */
                               : g_strdup_printf(ngettext("_Add %u", "_Add %u", count), count);

  gtk_button_set_label(self->add_button, label);
  gtk_widget_set_sensitive(GTK_WIDGET(self->add_button), count > 0);
}

/* --- ports --- */

static gboolean is_network(gpointer item, gpointer user_data)
{
  return sy_net_name_is(sy_port_get_name(item));
}

static gboolean is_adapter(gpointer item, gpointer user_data)
{
  return !sy_port_is_virtual(item) && !is_network(item, NULL);
}

static GtkWidget *make_port_row(gpointer item, gpointer user_data)
{
  SyBoardAdder *self = user_data;
  GtkWidget *row = adw_action_row_new();
  GtkWidget *check = gtk_check_button_new();
  gboolean there = sy_board_has_port(self->board, sy_port_get_name(item));

  adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
  adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), sy_port_get_title(item));
  adw_action_row_set_subtitle(ADW_ACTION_ROW(row),
                              there ? _("On the board already") : sy_port_get_detail(item));
  gtk_widget_set_valign(check, GTK_ALIGN_CENTER);
  gtk_accessible_update_property(GTK_ACCESSIBLE(check), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                 sy_port_get_label(item), -1);
  g_signal_connect_object(check, "toggled", G_CALLBACK(show_count), self, G_CONNECT_SWAPPED);
  adw_action_row_add_prefix(ADW_ACTION_ROW(row), check);
  adw_action_row_set_activatable_widget(ADW_ACTION_ROW(row), check);
  gtk_widget_set_sensitive(row, !there);
  g_object_set_data_full(G_OBJECT(row), "port", g_object_ref(item), g_object_unref);
  g_object_set_data(G_OBJECT(row), "check", check);
  return row;
}

static void on_all(SyBoardAdder *self)
{
  GtkListBoxRow *row;

  for (int n = 0; (row = gtk_list_box_get_row_at_index(self->ports_list, n)); n++)
    if (gtk_widget_get_sensitive(GTK_WIDGET(row)))
      gtk_check_button_set_active(get_check(row), TRUE);
}

static void bind_ports(SyBoardAdder *self, GtkListBox *list, GtkCustomFilterFunc is_shown)
{
  GtkFilter *filter = GTK_FILTER(gtk_custom_filter_new(is_shown, NULL, NULL));
  g_autoptr(GListModel) model =
      G_LIST_MODEL(gtk_filter_list_model_new(G_LIST_MODEL(g_object_ref(self->ports)), filter));

  gtk_list_box_bind_model(list, model, make_port_row, self, NULL);
}

static void show_ports(SyBoardAdder *self)
{
  gboolean any = gtk_list_box_get_row_at_index(self->ports_list, 0) != NULL;

  gtk_widget_set_visible(self->network_group,
                         gtk_list_box_get_row_at_index(self->network_list, 0) != NULL);
  gtk_widget_set_sensitive(GTK_WIDGET(self->all_button), any);
  gtk_widget_set_visible(GTK_WIDGET(self->ports_list), any);
  gtk_widget_set_visible(self->none_list, !any);
  show_count(self);
}

static void refresh(SyBoardAdder *self)
{
  sy_port_list_refresh(self->ports);
  show_ports(self);
}

static void on_add(SyBoardAdder *self)
{
  g_signal_emit(self, signals[ADD], 0);
  gtk_window_close(GTK_WINDOW(self));
}

static void sy_board_adder_dispose(GObject *object)
{
  SyBoardAdder *self = SY_BOARD_ADDER(object);

  g_clear_object(&self->watch);
  g_clear_object(&self->ports);
  g_clear_object(&self->board);
  G_OBJECT_CLASS(sy_board_adder_parent_class)->dispose(object);
}

static void sy_board_adder_class_init(SyBoardAdderClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  G_OBJECT_CLASS(klass)->dispose = sy_board_adder_dispose;
  signals[ADD] = g_signal_new("add", SY_TYPE_BOARD_ADDER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-board-adder.ui");
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyBoardAdder, name)
  BIND(none_list);
  BIND(ports_list);
  BIND(all_button);
  BIND(network_group);
  BIND(network_list);
  BIND(names_row);
  BIND(virtuals_button);
  BIND(add_button);
#undef BIND
  gtk_widget_class_bind_template_callback(widget_class, on_all);
  gtk_widget_class_bind_template_callback(widget_class, on_add);
  gtk_widget_class_bind_template_callback(widget_class, show_count);
  gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void sy_board_adder_init(SyBoardAdder *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  self->ports = sy_port_list_new();
  self->watch = sy_port_watch_new();
  g_signal_connect_swapped(self->watch, "changed", G_CALLBACK(refresh), self);
}

GtkWidget *sy_board_adder_new(GtkWindow *parent, SyBoard *board)
{
  SyBoardAdder *self = g_object_new(SY_TYPE_BOARD_ADDER, "transient-for", parent, NULL);
  g_auto(GStrv) network = sy_network_ports_dup();

  self->board = g_object_ref(board);
  sy_port_list_set_network(self->ports, (const char *const *)network);
  bind_ports(self, self->ports_list, is_adapter);
  bind_ports(self, self->network_list, is_network);
  show_ports(self);
  return GTK_WIDGET(self);
}
