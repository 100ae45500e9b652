/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who is at the other end. */

#include "sy-config.h"

#include "sy-station-panel.h"

#include "sy-port-chooser.h"
#include "sy-format.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _SyStationPanel {
  GtkWidget parent_instance;

  GtkWidget *scroller;
  SyPortChooser *port_chooser;
  GtkImage *state_icon;
  GtkSpinner *state_spinner;
  GtkLabel *state_label;
  GtkWidget *trouble_box;
  GtkLabel *trouble_label;
  GtkWidget *low_tile;
  GtkLabel *low_role;
  GtkLabel *low_name;
  GtkLabel *low_detail;
  GtkWidget *high_tile;
  GtkLabel *high_role;
  GtkLabel *high_name;
  GtkLabel *high_detail;
  GtkLabel *mode_label;
  GtkWidget *facts;
  GtkLabel *product_label;
  GtkLabel *loader_label;
  GtkLabel *reset_label;
  GtkLabel *boots_label;
  SyFlashMap *flash_map;
  SyFlashLegend *flash_legend;

  SyStation *station;
  GSignalGroup *signals;
  WireBank written; /* by the upgrade that runs; NONE else */
};

enum { PROP_0, PROP_PORT, PROP_COUNT };

static GParamSpec *properties[PROP_COUNT];

G_DEFINE_FINAL_TYPE(SyStationPanel, sy_station_panel, GTK_TYPE_WIDGET)

static char *dup_bank_detail(const WireBankIdentity *said)
{
  switch ((WireBankState)said->state) {
  case WIRE_BANK_EMPTY:
    return g_strdup(_("empty"));
  case WIRE_BANK_DAMAGED:
    return g_strdup(_("damaged"));
  case WIRE_BANK_VALID:
    return sy_version_to_string(said->version);
  default:
    return g_strdup(_("unknown"));
  }
}

typedef struct {
  GtkWidget *tile;
  GtkLabel *role;
  GtkLabel *detail;
} Tile;

static void show_tile(const Tile *tile, WireBank bank, const char *role, const char *detail)
{
  g_autofree char *label = g_strdup_printf("%s: %s, %s", sy_bank_to_string(bank), role, detail);

  gtk_label_set_text(tile->role, role);
  gtk_label_set_text(tile->detail, detail);
  gtk_accessible_update_property(GTK_ACCESSIBLE(tile->tile), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                 -1);
}

static gboolean is_busy(SyStationPanel *self)
{
  return self->station && sy_station_get_state(self->station) == SY_STATION_BUSY;
}

static gboolean is_connected(SyStationPanel *self)
{
  return self->station && sy_station_get_state(self->station) == SY_STATION_CONNECTED;
}

/* While the loader is on the line no program runs, strictly; and while nobody answers, who knows.
 */
static const char *get_running_role(SyStationPanel *self, const WireIdentity *identity)
{
  if (sy_station_get_state(self->station) == SY_STATION_UNREACHABLE)
    return _("Last seen running");
  if (identity->mode != WIRE_MODE_LOADER)
    return _("Running");
  return is_busy(self) ? _("Kept") : _("Starts next");
}

static void update_tile(SyStationPanel *self, const WireIdentity *identity, WireBank bank,
                        const Tile *tile)
{
  gboolean known = identity && identity->running_bank != WIRE_BANK_NONE;
  gboolean runs = known && identity->running_bank == bank;
  const char *role;
  g_autofree char *detail = NULL;

  if (runs)
    gtk_widget_add_css_class(tile->tile, "running");
  else
    gtk_widget_remove_css_class(tile->tile, "running");
  if (self->written == bank) {
    detail = sy_version_to_string(sy_station_get_progress(self->station)->version);
    show_tile(tile, bank, _("Being written"), detail);
    return;
  }
  detail = identity ? dup_bank_detail(&identity->banks[bank - WIRE_BANK_LOW]) : g_strdup("–");
  if (!known)
    role = identity ? _("Not running") : _("Unknown");
  else
    role = runs ? get_running_role(self, identity) : _("Idle");
  show_tile(tile, bank, role, detail);
}

static void update_facts(SyStationPanel *self, const WireIdentity *identity)
{
  g_autofree char *product = sy_product_to_string(identity->product);
  g_autofree char *part = sy_format_part(identity->part_id);
  g_autofree char *made = g_strdup_printf("%s (%s)", product, part);
  g_autofree char *loader = sy_version_to_string(identity->loader_version);
  g_autofree char *boots = g_strdup_printf("%u", identity->boots);

  gtk_label_set_text(self->product_label, made);
  gtk_label_set_text(self->loader_label, loader);
  gtk_label_set_text(self->reset_label, identity->reset_cause == WIRE_RESET_WATCHDOG
                                            ? _("Watchdog")
                                            : _("Power or reset pin"));
  gtk_label_set_text(self->boots_label, boots);
}

static void update_identity(SyStationPanel *self)
{
  const WireIdentity *identity = self->station ? sy_station_get_identity(self->station) : NULL;
  Tile low = {self->low_tile, self->low_role, self->low_detail};
  Tile high = {self->high_tile, self->high_role, self->high_detail};

  update_tile(self, identity, WIRE_BANK_LOW, &low);
  update_tile(self, identity, WIRE_BANK_HIGH, &high);
  gtk_widget_set_visible(GTK_WIDGET(self->mode_label),
                         identity && identity->mode == WIRE_MODE_LOADER && is_connected(self));
  gtk_widget_set_visible(self->facts, identity != NULL);
  if (identity)
    update_facts(self, identity);
  sy_flash_map_set_identity(self->flash_map, identity);
}

/* Which bank an upgrade is changing; the substation can't say so before it is done. */
static void update_written(SyStationPanel *self)
{
  WireBank written = WIRE_BANK_NONE;

  if (is_busy(self)) {
    const SyProgress *progress = sy_station_get_progress(self->station);

    if (progress->phase >= SY_PHASE_ERASE && progress->phase < SY_PHASE_WHAT_RUNS)
      written = progress->bank;
  }
  if (written == self->written)
    return;
  self->written = written;
  update_identity(self);
}

typedef struct {
  const char *icon; /* NULL: a spinner */
  const char *text;
  const char *css_class;
} StateLook;

static StateLook get_state_look(SyStationState state)
{
  switch (state) {
  case SY_STATION_OPENING:
    return (StateLook){NULL, _("Asking who is there…"), "dim-label"};
  case SY_STATION_CONNECTED:
    return (StateLook){"object-select-symbolic", _("Connected"), "success"};
  case SY_STATION_BUSY:
    return (StateLook){NULL, _("Connected, upgrade running"), "accent"};
  case SY_STATION_UNREACHABLE:
    return (StateLook){"dialog-warning-symbolic", _("Not reachable"), "error"};
  case SY_STATION_CLOSED:
  default:
    return (StateLook){"radio-symbolic", _("Not connected"), "dim-label"};
  }
}

static void set_status_class(GtkWidget *widget, const char *css_class)
{
  const char *const classes[] = {css_class, NULL};

  gtk_widget_set_css_classes(widget, (const char **)classes);
}

static void update_state(SyStationPanel *self)
{
  SyStationState state = self->station ? sy_station_get_state(self->station) : SY_STATION_CLOSED;
  const char *trouble = self->station ? sy_station_get_trouble(self->station) : NULL;
  StateLook look = get_state_look(state);

  gtk_label_set_text(self->state_label, look.text);
  set_status_class(GTK_WIDGET(self->state_label), look.css_class);
  set_status_class(GTK_WIDGET(self->state_icon), look.css_class);
  gtk_widget_set_visible(GTK_WIDGET(self->state_icon), look.icon != NULL);
  gtk_widget_set_visible(GTK_WIDGET(self->state_spinner), look.icon == NULL);
  gtk_spinner_set_spinning(self->state_spinner, look.icon == NULL);
  if (look.icon)
    gtk_image_set_from_icon_name(self->state_icon, look.icon);
  gtk_widget_set_visible(self->trouble_box, trouble != NULL);
  if (trouble)
    gtk_label_set_text(self->trouble_label, trouble);
  /* What was said last is no longer sure: shown, but faded. */
  if (state == SY_STATION_UNREACHABLE)
    gtk_widget_add_css_class(GTK_WIDGET(self), "stale");
  else
    gtk_widget_remove_css_class(GTK_WIDGET(self), "stale");
}

static void on_station_changed(SyStationPanel *self)
{
  update_state(self);
  update_written(self);
  update_identity(self);
}

static void on_port(SyStationPanel *self)
{
  g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_PORT]);
}

const char *sy_station_panel_get_port(SyStationPanel *self)
{
  g_return_val_if_fail(SY_IS_STATION_PANEL(self), NULL);

  return sy_port_chooser_get_port(self->port_chooser);
}

void sy_station_panel_set_port(SyStationPanel *self, const char *port)
{
  g_return_if_fail(SY_IS_STATION_PANEL(self));

  sy_port_chooser_set_port(self->port_chooser, port);
}

void sy_station_panel_set_station(SyStationPanel *self, SyStation *station)
{
  g_return_if_fail(SY_IS_STATION_PANEL(self));

  if (!g_set_object(&self->station, station))
    return;
  g_signal_group_set_target(self->signals, station);
  on_station_changed(self);
}

void sy_station_panel_set_locked(SyStationPanel *self, gboolean locked)
{
  g_return_if_fail(SY_IS_STATION_PANEL(self));

  gtk_widget_set_sensitive(GTK_WIDGET(self->port_chooser), !locked);
  gtk_widget_set_tooltip_text(GTK_WIDGET(self->port_chooser),
                              locked ? _("The port can be changed when the upgrade has ended")
                                     : NULL);
}

SyFlashMap *sy_station_panel_get_flash_map(SyStationPanel *self)
{
  g_return_val_if_fail(SY_IS_STATION_PANEL(self), NULL);

  return self->flash_map;
}

static void sy_station_panel_get_property(GObject *object, guint id, GValue *value,
                                          GParamSpec *pspec)
{
  if (id == PROP_PORT)
    g_value_set_string(value, sy_station_panel_get_port(SY_STATION_PANEL(object)));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void sy_station_panel_dispose(GObject *object)
{
  SyStationPanel *self = SY_STATION_PANEL(object);

  if (self->signals)
    g_signal_group_set_target(self->signals, NULL);
  g_clear_object(&self->signals);
  g_clear_object(&self->station);
  g_clear_pointer(&self->scroller, gtk_widget_unparent);
  G_OBJECT_CLASS(sy_station_panel_parent_class)->dispose(object);
}

static void sy_station_panel_class_init(SyStationPanelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);

  object_class->get_property = sy_station_panel_get_property;
  object_class->dispose = sy_station_panel_dispose;
  properties[PROP_PORT] =
      g_param_spec_string("port", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties(object_class, PROP_COUNT, properties);

  g_type_ensure(SY_TYPE_PORT_CHOOSER);
  g_type_ensure(SY_TYPE_FLASH_MAP);
  g_type_ensure(SY_TYPE_FLASH_LEGEND);
  gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_css_name(widget_class, "stationpanel");
  gtk_widget_class_set_template_from_resource(widget_class,
                                              "/dev/switchyard/Workstation/ui/sy-station-panel.ui");
#define BIND(name) gtk_widget_class_bind_template_child(widget_class, SyStationPanel, name)
  BIND(scroller);
  BIND(port_chooser);
  BIND(state_icon);
  BIND(state_spinner);
  BIND(state_label);
  BIND(trouble_box);
  BIND(trouble_label);
  BIND(low_tile);
  BIND(low_role);
  BIND(low_name);
  BIND(low_detail);
  BIND(high_tile);
  BIND(high_role);
  BIND(high_name);
  BIND(high_detail);
  BIND(mode_label);
  BIND(facts);
  BIND(product_label);
  BIND(loader_label);
  BIND(reset_label);
  BIND(boots_label);
  BIND(flash_map);
  BIND(flash_legend);
#undef BIND
}

static void sy_station_panel_init(SyStationPanel *self)
{
  gtk_widget_init_template(GTK_WIDGET(self));
  gtk_label_set_text(self->low_name, sy_bank_to_string(WIRE_BANK_LOW));
  gtk_label_set_text(self->high_name, sy_bank_to_string(WIRE_BANK_HIGH));
  sy_flash_legend_set_map(self->flash_legend, self->flash_map);
  g_signal_connect_object(self->port_chooser, "notify::port", G_CALLBACK(on_port), self,
                          G_CONNECT_SWAPPED);

  self->signals = g_signal_group_new(SY_TYPE_STATION);
  g_signal_group_connect_swapped(self->signals, "notify::state", G_CALLBACK(on_station_changed),
                                 self);
  g_signal_group_connect_swapped(self->signals, "notify::trouble", G_CALLBACK(update_state), self);
  g_signal_group_connect_swapped(self->signals, "identity-changed", G_CALLBACK(update_identity),
                                 self);
  g_signal_group_connect_swapped(self->signals, "progress-changed", G_CALLBACK(update_written),
                                 self);
  on_station_changed(self);
}
