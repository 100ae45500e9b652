/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Asks for a port behind a network. */

#include "sy-config.h"

#include "sy-network-port-dialog.h"

#include "sy-net-name.h"
#include "sy-network-ports.h"
#include "sy-settings.h"

#include <glib/gi18n.h>
#include <string.h>

struct _SyNetworkPortDialog {
  AdwWindow parent_instance;

  AdwComboRow *kind_row;
  AdwEntryRow *host_row;
  AdwEntryRow *number_row;
  GtkLabel *note_label;
  GtkButton *connect_button;
  AdwPreferencesGroup *known_group;
  GtkListBox *known_list;
};

G_DEFINE_FINAL_TYPE(SyNetworkPortDialog, sy_network_port_dialog, ADW_TYPE_WINDOW)

enum { SIGNAL_CHOSEN, SIGNAL_COUNT };

static guint signals[SIGNAL_COUNT];

static SyNetKind get_kind(SyNetworkPortDialog *self)
{
  return adw_combo_row_get_selected(self->kind_row) == SY_NET_RFC2217 ? SY_NET_RFC2217 : SY_NET_RAW;
}

static char *dup_text(AdwEntryRow *row)
{
  return g_strstrip(g_strdup(gtk_editable_get_text(GTK_EDITABLE(row))));
}

/* Whether what stands in the host's place has a port number of its own: a whole name, or its part
 * behind the scheme. An IPv6 address has none without brackets. */
static gboolean is_whole(const char *host)
{
  const char *colon = strchr(host, ':');

  return sy_net_name_is(host) || host[0] == '[' || (colon && !strchr(colon + 1, ':'));
}

static SyNetName *parse_whole(SyNetKind kind, const char *text, GError **error)
{
  g_autofree char *port =
      sy_net_name_is(text)
          ? g_strdup(text)
          : g_strconcat(kind == SY_NET_RAW ? "socket://" : "rfc2217://", text, NULL);

  return sy_net_name_parse(port, error);
}

/* NULL with an error that stands for the field in `wrong`. */
static SyNetName *parse(SyNetworkPortDialog *self, AdwEntryRow **wrong, GError **error)
{
  g_autofree char *host = dup_text(self->host_row);
  g_autofree char *number = dup_text(self->number_row);
  g_autoptr(SyNetName) name = NULL;

  *wrong = self->host_row;
  if (is_whole(host))
    return parse_whole(get_kind(self), host, error);
  if (!sy_net_name_check_host(host, error))
    return NULL;
  *wrong = self->number_row;
  name = g_new0(SyNetName, 1);
  name->kind = get_kind(self);
  name->host = g_strdup(host);
  return sy_net_name_read_port(number, &name->port, error) ? g_steal_pointer(&name) : NULL;
}

static void set_wrong(AdwEntryRow *row, gboolean wrong)
{
  if (wrong)
    gtk_widget_add_css_class(GTK_WIDGET(row), "error");
  else
    gtk_widget_remove_css_class(GTK_WIDGET(row), "error");
  gtk_accessible_update_state(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_STATE_INVALID,
                              wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                              -1);
}

/* A field that is still empty is no mistake. */
static void update(SyNetworkPortDialog *self)
{
  AdwEntryRow *wrong = NULL;
  g_autoptr(GError) error = NULL;
  g_autoptr(SyNetName) name = parse(self, &wrong, &error);
  g_autofree char *host = dup_text(self->host_row);
  g_autofree char *text = name ? sy_net_name_dup_port(name) : NULL;
  gboolean empty = !name && *gtk_editable_get_text(GTK_EDITABLE(wrong)) == '\0';

  adw_action_row_set_subtitle(ADW_ACTION_ROW(self->kind_row),
                              get_kind(self) == SY_NET_RAW
                                  ? _("The server has the line at 115,200 baud, 8N1")
                                  : _("Switchyard sets the rate, up to 691,200 baud"));
  gtk_widget_set_sensitive(GTK_WIDGET(self->kind_row), !sy_net_name_is(host));
  gtk_widget_set_sensitive(GTK_WIDGET(self->number_row), !is_whole(host));
  set_wrong(self->host_row, !name && !empty && wrong == self->host_row);
  set_wrong(self->number_row, !name && !empty && wrong == self->number_row);
  if (!name && empty)
    text = g_strdup(wrong == self->host_row
                        ? _("The serial server's name or address, such as substation-7.example, "
                            "192.168.1.20 or fe80::1%eth0.")
                        : _("The number that the serial server has for this line, such as 2001."));
  gtk_label_set_text(self->note_label, text ? text : error->message);
  gtk_widget_set_sensitive(GTK_WIDGET(self->connect_button), name != NULL);
}

static void choose(SyNetworkPortDialog *self, const char *port)
{
  g_signal_emit(self, signals[SIGNAL_CHOSEN], 0, port);
  gtk_window_close(GTK_WINDOW(self));
}

static void on_connect(SyNetworkPortDialog *self)
{
  AdwEntryRow *wrong;
  g_autoptr(SyNetName) name = parse(self, &wrong, NULL);
  g_autofree char *port = name ? sy_net_name_dup_port(name) : NULL;

  if (port)
    choose(self, port);
}

/* --- those that are remembered --- */

static const char *get_port(gpointer widget)
{
  return g_object_get_data(G_OBJECT(widget), "port");
}

static void on_row_activated(SyNetworkPortDialog *self, GtkListBoxRow *row)
{
  g_autofree char *port = g_strdup(get_port(row));

  choose(self, port);
}

static void on_remove(GtkWidget *button, SyNetworkPortDialog *self)
{
  g_autofree char *port = g_strdup(get_port(button));

  sy_network_ports_forget(port);
  /* The row that had the focus is gone. */
  gtk_widget_grab_focus(GTK_WIDGET(self->host_row));
}

static GtkWidget *create_row(SyNetworkPortDialog *self, const char *port, const SyNetName *name)
{
  g_autofree char *address = sy_net_name_dup_address(name);
  /* Translators: a port behind a network, as in "substation-7.example:2001". */
  g_autofree char *remove = g_strdup_printf(_("Remove %s"), address);
  GtkWidget *row = adw_action_row_new();
  GtkWidget *button = gtk_button_new_from_icon_name("user-trash-symbolic");

  adw_preferences_row_set_use_markup(ADW_PREFERENCES_ROW(row), FALSE);
  adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), address);
  adw_action_row_set_subtitle(ADW_ACTION_ROW(row), sy_net_kind_get_label(name->kind));
  gtk_list_box_row_set_activatable(GTK_LIST_BOX_ROW(row), TRUE);
  gtk_widget_set_valign(button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class(button, "flat");
  gtk_widget_set_tooltip_text(button, remove);
  gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, remove, -1);
  g_object_set_data_full(G_OBJECT(row), "port", g_strdup(port), g_free);
  g_object_set_data_full(G_OBJECT(button), "port", g_strdup(port), g_free);
  g_signal_connect_object(button, "clicked", G_CALLBACK(on_remove), self, 0);
  adw_action_row_add_suffix(ADW_ACTION_ROW(row), button);
  return row;
}

static void fill_known(SyNetworkPortDialog *self)
{
  g_auto(GStrv) ports = sy_network_ports_dup();
  GtkWidget *row;

  while ((row = gtk_widget_get_first_child(GTK_WIDGET(self->known_list))))
    gtk_list_box_remove(self->known_list, row);
  for (char **port = ports; *port; port++) {
    g_autoptr(SyNetName) name = sy_net_name_is(*port) ? sy_net_name_parse(*port, NULL) : NULL;

    if (name)
      gtk_list_box_append(self->known_list, create_row(self, *port, name));
  }
  gtk_widget_set_visible(GTK_WIDGET(self->known_group),
                         gtk_widget_get_first_child(GTK_WIDGET(self->known_list)) != NULL);
}

SyNetworkPortDialog *sy_network_port_dialog_new(GtkWindow *parent, const char *port)
{
  SyNetworkPortDialog *self = g_object_new(SY_TYPE_NETWORK_PORT_DIALOG, "transient-for", parent,
                                           "destroy-with-parent", TRUE, NULL);
  g_autoptr(SyNetName) name = port && sy_net_name_is(port) ? sy_net_name_parse(port, NULL) : NULL;
  g_autofree char *number = name ? g_strdup_printf("%u", name->port) : NULL;

  if (name) {
    adw_combo_row_set_selected(self->kind_row, name->kind);
    gtk_editable_set_text(GTK_EDITABLE(self->host_row), name->host);
    gtk_editable_set_text(GTK_EDITABLE(self->number_row), number);
  }
  update(self);
  gtk_widget_grab_focus(GTK_WIDGET(self->host_row));
  return self;
}

static void sy_network_port_dialog_class_init(SyNetworkPortDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  signals[SIGNAL_CHOSEN] = g_signal_new("chosen", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_add_binding_action(widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  gtk_widget_class_set_template_from_resource(
      widget_class, "/dev/switchyard/Workstation/ui/sy-network-port-dialog.ui");
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyNetworkPortDialog, name)
  BIND(kind_row);
  BIND(host_row);
  BIND(number_row);
  BIND(note_label);
  BIND(connect_button);
  BIND(known_group);
  BIND(known_list);
#undef BIND
  gtk_widget_class_bind_template_callback(widget_class, update);
  gtk_widget_class_bind_template_callback(widget_class, on_connect);
  gtk_widget_class_bind_template_callback(widget_class, on_row_activated);
}

static void sy_network_port_dialog_init(SyNetworkPortDialog *self)
{
  /* Translators: a kind of serial server, which sends bytes as they are; the other is RFC 2217. */
  const char *const kinds[] = {_("Raw"), "RFC 2217", NULL};
  g_autoptr(GtkStringList) model = NULL;

  gtk_widget_init_template(GTK_WIDGET(self));
  model = gtk_string_list_new(kinds);
  adw_combo_row_set_model(self->kind_row, G_LIST_MODEL(model));
  g_signal_connect_object(sy_settings_get(), "changed::" SY_NETWORK_PORTS_KEY,
                          G_CALLBACK(fill_known), self, G_CONNECT_SWAPPED);
  fill_known(self);
}
