/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The list of ports. */

#include "sy-port-list.h"

#include "sy-serial.h"

#include <glib/gi18n-lib.h>

struct _SyPort {
  GObject parent_instance;

  char *name;
  char *label;
};

G_DEFINE_FINAL_TYPE(SyPort, sy_port, G_TYPE_OBJECT)

enum { PORT_PROP_0, PORT_PROP_NAME, PORT_PROP_LABEL };

static void sy_port_finalize(GObject *object)
{
  SyPort *self = SY_PORT(object);

  g_free(self->name);
  g_free(self->label);
  G_OBJECT_CLASS(sy_port_parent_class)->finalize(object);
}

static void sy_port_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SyPort *self = SY_PORT(object);

  if (id == PORT_PROP_NAME)
    g_value_set_string(value, self->name);
  else if (id == PORT_PROP_LABEL)
    g_value_set_string(value, self->label);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void sy_port_class_init(SyPortClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = sy_port_finalize;
  object_class->get_property = sy_port_get_property;
  g_object_class_install_property(object_class, PORT_PROP_NAME,
                                  g_param_spec_string("name", NULL, NULL, NULL, flags));
  g_object_class_install_property(object_class, PORT_PROP_LABEL,
                                  g_param_spec_string("label", NULL, NULL, NULL, flags));
}

static void sy_port_init(SyPort *self)
{
  (void)self;
}

const char *sy_port_get_name(SyPort *self)
{
  return self->name;
}

const char *sy_port_get_label(SyPort *self)
{
  return self->label;
}

gboolean sy_port_is_virtual(SyPort *self)
{
  return g_str_equal(self->name, "virtual");
}

static SyPort *port_new(const char *name, const char *label)
{
  SyPort *port = g_object_new(SY_TYPE_PORT, NULL);

  port->name = g_strdup(name);
  port->label = g_strdup(label);
  return port;
}

struct _SyPortList {
  GObject parent_instance;

  GListStore *ports; /* of SyPort */
};

static GType sy_port_list_get_item_type(GListModel *model)
{
  (void)model;
  return SY_TYPE_PORT;
}

static guint sy_port_list_get_n_items(GListModel *model)
{
  return g_list_model_get_n_items(G_LIST_MODEL(SY_PORT_LIST(model)->ports));
}

static gpointer sy_port_list_get_item(GListModel *model, guint position)
{
  return g_list_model_get_item(G_LIST_MODEL(SY_PORT_LIST(model)->ports), position);
}

static void sy_port_list_model_init(GListModelInterface *iface)
{
  iface->get_item_type = sy_port_list_get_item_type;
  iface->get_n_items = sy_port_list_get_n_items;
  iface->get_item = sy_port_list_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(SyPortList, sy_port_list, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, sy_port_list_model_init))

static void sy_port_list_finalize(GObject *object)
{
  g_clear_object(&SY_PORT_LIST(object)->ports);
  G_OBJECT_CLASS(sy_port_list_parent_class)->finalize(object);
}

static void sy_port_list_class_init(SyPortListClass *klass)
{
  G_OBJECT_CLASS(klass)->finalize = sy_port_list_finalize;
}

static void sy_port_list_init(SyPortList *self)
{
  g_autoptr(SyPort) virtual_port = port_new("virtual", _("Virtual substation"));

  self->ports = g_list_store_new(SY_TYPE_PORT);
  g_list_store_append(self->ports, virtual_port);
  g_signal_connect_swapped(self->ports, "items-changed", G_CALLBACK(g_list_model_items_changed),
                           self);
}

SyPortList *sy_port_list_new(void)
{
  SyPortList *self = g_object_new(SY_TYPE_PORT_LIST, NULL);

  sy_port_list_refresh(self);
  return self;
}

guint sy_port_list_find(SyPortList *self, const char *name)
{
  guint count = g_list_model_get_n_items(G_LIST_MODEL(self->ports));

  for (guint i = 0; i < count; i++) {
    g_autoptr(SyPort) port = g_list_model_get_item(G_LIST_MODEL(self->ports), i);

    if (g_str_equal(port->name, name))
      return i;
  }
  return G_MAXUINT;
}

static gboolean is_listed(GPtrArray *serial_ports, SyPort *port)
{
  for (guint i = 0; i < serial_ports->len; i++) {
    const SySerialPort *serial = g_ptr_array_index(serial_ports, i);

    if (g_str_equal(serial->name, port->name) && g_str_equal(serial->label, port->label))
      return TRUE;
  }
  return FALSE;
}

/* Both lists are sorted by name: ports that went are taken out, new ones put in their place. */
void sy_port_list_refresh(SyPortList *self)
{
  g_autoptr(GPtrArray) serial_ports = sy_serial_list();
  GListModel *model = G_LIST_MODEL(self->ports);

  for (guint i = g_list_model_get_n_items(model); i-- > 1;) {
    g_autoptr(SyPort) port = g_list_model_get_item(model, i);

    if (!is_listed(serial_ports, port))
      g_list_store_remove(self->ports, i);
  }
  for (guint i = 0; i < serial_ports->len; i++) {
    const SySerialPort *serial = g_ptr_array_index(serial_ports, i);
    g_autoptr(SyPort) present = g_list_model_get_item(model, i + 1);

    if (!present || !g_str_equal(present->name, serial->name)) {
      g_autoptr(SyPort) port = port_new(serial->name, serial->label);

      g_list_store_insert(self->ports, i + 1, port);
    }
  }
}
