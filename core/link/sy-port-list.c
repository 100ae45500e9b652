/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The list of ports. */

#include "sy-port-list.h"

#include "sy-net-name.h"
#include "sy-serial.h"
#include "sy-stable-name.h"
#include "sy-trouble.h"

#include <glib/gi18n-lib.h>
#include <string.h>

struct _SyPort {
  GObject parent_instance;

  char *name;
  char *stable_name;
  char *usb_name; /* the stable name that it had before udev made a link, or NULL */
  char *label;
  char *title;
  char *detail;
  gboolean missing;
};

G_DEFINE_FINAL_TYPE(SyPort, sy_port, G_TYPE_OBJECT)

enum { PORT_PROP_0, PORT_PROP_NAME, PORT_PROP_LABEL };

static void sy_port_finalize(GObject *object)
{
  SyPort *self = SY_PORT(object);

  g_free(self->name);
  g_free(self->stable_name);
  g_free(self->usb_name);
  g_free(self->label);
  g_free(self->title);
  g_free(self->detail);
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

const char *sy_port_get_stable_name(SyPort *self)
{
  return self->stable_name;
}

const char *sy_port_get_label(SyPort *self)
{
  return self->label;
}

const char *sy_port_get_title(SyPort *self)
{
  return self->title;
}

const char *sy_port_get_detail(SyPort *self)
{
  return self->detail;
}

gboolean sy_port_is_virtual(SyPort *self)
{
  return g_str_equal(self->name, "virtual");
}

gboolean sy_port_is_missing(SyPort *self)
{
  return self->missing;
}

static SyPort *port_new(const char *name, const char *stable_name)
{
  SyPort *port = g_object_new(SY_TYPE_PORT, NULL);

  port->name = g_strdup(name);
  port->stable_name = g_strdup(stable_name);
  return port;
}

static SyPort *port_new_virtual(void)
{
  SyPort *port = port_new("virtual", "virtual");

  port->title = g_strdup(_("Virtual substation"));
  port->label = g_strdup(port->title);
  port->detail = g_strdup(_("A modelled chip with the real firmware, to practise"));
  return port;
}

static char *dup_title(const char *product, const char *serial)
{
  if (product && serial)
    return g_strdup_printf("%s · %s", product, serial);
  return g_strdup(product ? product : serial);
}

/* What tells the port apart from others of its kind. */
static char *dup_detail(const SySerialPort *serial, const char *base)
{
  g_autofree char *stable = g_path_get_basename(serial->stable);
  gboolean linked = sy_stable_name_is_link(serial->stable);
  /* Links by id begin with the maker. */
  gboolean made = serial->manufacturer && !(linked && strstr(stable, serial->manufacturer));
  g_autoptr(GStrvBuilder) parts = g_strv_builder_new();
  g_auto(GStrv) all = NULL;

  g_strv_builder_add(parts, base);
  if (made)
    g_strv_builder_add(parts, serial->manufacturer);
  if (linked)
    g_strv_builder_add(parts, stable);
  all = g_strv_builder_end(parts);
  return g_strjoinv(" · ", all);
}

static SyPort *port_new_serial(const SySerialPort *serial)
{
  const char *device = sy_port_name_get_device(serial->name);
  g_autofree char *base = g_path_get_basename(device);
  SyPort *port = port_new(serial->name, serial->stable);

  port->usb_name = g_strdup(serial->usb);
  port->title = dup_title(serial->product, serial->serial);
  if (!port->title)
    port->title = g_strdup(_("Serial port"));
  port->detail = dup_detail(serial, base);
  port->label = g_strdup_printf("%s (%s)", port->title, base);
  return port;
}

/* NULL when the name is wrong. */
static SyPort *port_new_network(const char *name)
{
  g_autoptr(SyNetName) parts = sy_net_name_is(name) ? sy_net_name_parse(name, NULL) : NULL;
  SyPort *port;

  if (!parts)
    return NULL;
  port = port_new(name, name);
  port->title = sy_net_name_dup_address(parts);
  port->label = g_strdup(port->title);
  port->detail = g_strdup(sy_net_kind_get_label(parts->kind));
  return port;
}

static SyPort *port_new_missing(const char *name, SyPort *like)
{
  const char *device = sy_port_name_get_device(name);
  g_autofree char *base = g_path_get_basename(device);
  gboolean here = g_file_test(device, G_FILE_TEST_EXISTS);
  SyPort *port = port_new(name, like ? like->stable_name : name);
  g_autofree char *product = NULL;
  g_autofree char *serial = NULL;

  if (like) {
    port->title = g_strdup(like->title);
  } else if (sy_stable_name_is_link(name)) {
    sy_stable_name_read(name, &product, &serial);
    port->title = dup_title(product, serial);
  }
  if (!port->title)
    port->title = g_strdup(g_path_is_absolute(name) ? base : name);
  port->detail = here ? g_strdup(device) : g_strdup(_("Not plugged in"));
  /* Translators: of a port, as in "FT232R USB UART (not plugged in)". */
  port->label =
      here ? g_strdup(port->title) : g_strdup_printf(_("%s (not plugged in)"), port->title);
  return port;
}

/* A port behind a network is never missed: whether somebody is there, only opening it tells. */
SyPort *sy_port_new_missing(const char *name, SyPort *like)
{
  SyPort *port = port_new_network(name);

  if (!port)
    port = port_new_missing(name, like);
  port->missing = TRUE;
  return port;
}

struct _SyPortList {
  GObject parent_instance;

  GListStore *ports;   /* of SyPort: what was found */
  GListStore *network; /* of SyPort: behind them */
};

static GType sy_port_list_get_item_type(GListModel *model)
{
  (void)model;
  return SY_TYPE_PORT;
}

static guint count_found(SyPortList *self)
{
  return g_list_model_get_n_items(G_LIST_MODEL(self->ports));
}

static guint sy_port_list_get_n_items(GListModel *model)
{
  SyPortList *self = SY_PORT_LIST(model);

  return count_found(self) + g_list_model_get_n_items(G_LIST_MODEL(self->network));
}

static gpointer sy_port_list_get_item(GListModel *model, guint position)
{
  SyPortList *self = SY_PORT_LIST(model);
  guint found = count_found(self);

  return position < found ? g_list_model_get_item(G_LIST_MODEL(self->ports), position)
                          : g_list_model_get_item(G_LIST_MODEL(self->network), position - found);
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
  g_clear_object(&SY_PORT_LIST(object)->network);
  G_OBJECT_CLASS(sy_port_list_parent_class)->finalize(object);
}

static void sy_port_list_class_init(SyPortListClass *klass)
{
  G_OBJECT_CLASS(klass)->finalize = sy_port_list_finalize;
}

static void on_network_changed(GListModel *network, guint position, guint removed, guint added,
                               SyPortList *self)
{
  (void)network;
  g_list_model_items_changed(G_LIST_MODEL(self), count_found(self) + position, removed, added);
}

static void sy_port_list_init(SyPortList *self)
{
  g_autoptr(SyPort) virtual_port = port_new_virtual();

  self->ports = g_list_store_new(SY_TYPE_PORT);
  self->network = g_list_store_new(SY_TYPE_PORT);
  g_list_store_append(self->ports, virtual_port);
  g_signal_connect_swapped(self->ports, "items-changed", G_CALLBACK(g_list_model_items_changed),
                           self);
  g_signal_connect(self->network, "items-changed", G_CALLBACK(on_network_changed), self);
}

SyPortList *sy_port_list_new(void)
{
  SyPortList *self = g_object_new(SY_TYPE_PORT_LIST, NULL);

  sy_port_list_refresh(self);
  return self;
}

guint sy_port_list_find(SyPortList *self, const char *name)
{
  guint count = g_list_model_get_n_items(G_LIST_MODEL(self));

  for (guint i = 0; i < count; i++) {
    g_autoptr(SyPort) port = g_list_model_get_item(G_LIST_MODEL(self), i);

    if (g_str_equal(port->name, name))
      return i;
  }
  return G_MAXUINT;
}

guint sy_port_list_find_stable(SyPortList *self, const char *stable_name)
{
  guint count = g_list_model_get_n_items(G_LIST_MODEL(self));

  for (guint i = 0; i < count; i++) {
    g_autoptr(SyPort) port = g_list_model_get_item(G_LIST_MODEL(self), i);

    if (g_str_equal(port->stable_name, stable_name) || g_strcmp0(port->usb_name, stable_name) == 0)
      return i;
  }
  return sy_port_list_find(self, stable_name);
}

static gboolean is_network(SyPortList *self, GPtrArray *ports)
{
  GListModel *model = G_LIST_MODEL(self->network);

  if (g_list_model_get_n_items(model) != ports->len)
    return FALSE;
  for (guint i = 0; i < ports->len; i++) {
    g_autoptr(SyPort) port = g_list_model_get_item(model, i);

    if (!g_str_equal(port->name, ((SyPort *)g_ptr_array_index(ports, i))->name))
      return FALSE;
  }
  return TRUE;
}

void sy_port_list_set_network(SyPortList *self, const char *const *names)
{
  g_autoptr(GPtrArray) ports = g_ptr_array_new_with_free_func(g_object_unref);
  guint before = g_list_model_get_n_items(G_LIST_MODEL(self->network));

  for (; *names; names++) {
    SyPort *port = port_new_network(*names);

    if (port)
      g_ptr_array_add(ports, port);
  }
  if (!is_network(self, ports))
    g_list_store_splice(self->network, 0, before, ports->pdata, ports->len);
}

static gboolean is_same(SyPort *port, SyPort *other)
{
  return g_str_equal(port->name, other->name) &&
         g_str_equal(port->stable_name, other->stable_name) &&
         g_str_equal(port->label, other->label) && g_str_equal(port->detail, other->detail);
}

static gboolean is_listed(GPtrArray *found, SyPort *port)
{
  for (guint i = 0; i < found->len; i++)
    if (is_same(g_ptr_array_index(found, i), port))
      return TRUE;
  return FALSE;
}

static GPtrArray *find_ports(void)
{
  g_autoptr(GPtrArray) serial_ports = sy_serial_list();
  GPtrArray *found = g_ptr_array_new_with_free_func(g_object_unref);

  for (guint i = 0; i < serial_ports->len; i++)
    g_ptr_array_add(found, port_new_serial(g_ptr_array_index(serial_ports, i)));
  return found;
}

/* Both lists are sorted by name: ports that went are taken out, new ones put in their place. */
void sy_port_list_refresh(SyPortList *self)
{
  g_autoptr(GPtrArray) found = find_ports();
  GListModel *model = G_LIST_MODEL(self->ports);

  for (guint i = g_list_model_get_n_items(model); i-- > 1;) {
    g_autoptr(SyPort) port = g_list_model_get_item(model, i);

    if (!is_listed(found, port))
      g_list_store_remove(self->ports, i);
  }
  for (guint i = 0; i < found->len; i++) {
    SyPort *port = g_ptr_array_index(found, i);
    g_autoptr(SyPort) present = g_list_model_get_item(model, i + 1);

    if (!present || !g_str_equal(present->name, port->name))
      g_list_store_insert(self->ports, i + 1, port);
  }
}
