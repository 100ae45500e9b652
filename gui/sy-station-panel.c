/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who is at the other end. */

#include "sy-config.h"

#include "sy-station-panel.h"

#include "sy-bank-tile.h"
#include "sy-format.h"
#include "sy-port-chooser.h"
#include "sy-trouble-box.h"
#include "sy-way-back.h"

#include <adwaita.h>
#include <glib/gi18n.h>

struct _SyStationPanel {
  GtkWidget parent_instance;

  GtkWidget *scroller;
  SyPortChooser *port_chooser;
  SyFinderBox *finder_box;
  GtkImage *state_icon;
  GtkSpinner *state_spinner;
  GtkLabel *state_label;
  GtkWidget *no_adapter_label;
  SyTroubleBox *trouble_box;
  SyBankTile *low_tile;
  SyBankTile *high_tile;
  GtkWidget *trial_box;
  GtkLabel *trial_label;
  GtkLabel *trial_left_label;
  GtkWidget *trial_buttons;
  GtkButton *keep_button;
  GtkButton *go_back_button;
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
  WireBank changed; /* by the job that runs; NONE else */
  SyPhase phase;    /* in which that is */
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
  case WIRE_BANK_UNCHECKED:
  default:
    return g_strdup(_("unknown"));
  }
}

static gboolean is_busy(SyStationPanel *self)
{
  return self->station && sy_station_get_state(self->station) == SY_STATION_BUSY;
}

static gboolean is_connected(SyStationPanel *self)
{
  return self->station && sy_station_get_state(self->station) == SY_STATION_CONNECTED;
}

/* While the loader is on the line no program runs, strictly; while nobody answers, who knows. */
static const char *get_running_role(SyStationPanel *self, const WireIdentity *identity)
{
  if (sy_station_get_state(self->station) == SY_STATION_UNREACHABLE)
    return _("Last seen running");
  if (identity->mode != WIRE_MODE_LOADER)
    return _("Running");
  return is_busy(self) ? _("Kept") : _("Starts next");
}

/* Why a program was left, in as few words as fit below its version. */
static const char *get_short_cause(guint cause)
{
  switch ((WireTrialCause)cause) {
  case WIRE_TRIAL_CAUSE_HANG:
    return _("hung");
  case WIRE_TRIAL_CAUSE_CRASH:
    return _("crashed");
  case WIRE_TRIAL_CAUSE_SELF_TEST:
    return _("self-test failed");
  case WIRE_TRIAL_CAUSE_NOT_HEARD:
    return _("not confirmed");
  case WIRE_TRIAL_CAUSE_STARTS:
    return _("three resets");
  case WIRE_TRIAL_CAUSE_DAMAGED:
    return _("damaged");
  case WIRE_TRIAL_CAUSE_OPERATOR:
    return _("left as asked");
  case WIRE_TRIAL_CAUSE_NONE:
  default:
    return _("left");
  }
}

/* How the running program stands. */
static const char *get_running_state(const WireIdentity *identity, const char **css_class)
{
  switch ((WireTrial)identity->trial) {
  case WIRE_TRIAL_RUNNING:
    *css_class = "trial";
    return _("on trial");
  case WIRE_TRIAL_CONFIRMED:
    *css_class = "confirmed";
    return _("confirmed");
  case WIRE_TRIAL_RETURNED:
    *css_class = identity->trial_cause == WIRE_TRIAL_CAUSE_OPERATOR ? NULL : "returned";
    return _("went back");
  case WIRE_TRIAL_NONE:
  default:
    return NULL;
  }
}

static const char *get_idle_state(const WireIdentity *identity, WireBank bank,
                                  const char **css_class)
{
  if (identity->trial == WIRE_TRIAL_RETURNED && identity->running_bank != WIRE_BANK_NONE) {
    *css_class = identity->trial_cause == WIRE_TRIAL_CAUSE_OPERATOR ? NULL : "returned";
    return get_short_cause(identity->trial_cause);
  }
  return identity->banks[bank - WIRE_BANK_LOW].state == WIRE_BANK_VALID ? _("kept") : NULL;
}

static void update_tile(SyStationPanel *self, const WireIdentity *identity, WireBank bank,
                        SyBankTile *tile)
{
  gboolean known = identity && identity->running_bank != WIRE_BANK_NONE;
  SyBankLook look = {.runs = known && identity->running_bank == bank};
  g_autofree char *detail = NULL;

  if (self->changed == bank) {
    detail = sy_version_to_string(sy_station_get_progress(self->station)->version);
    look.role = self->phase == SY_PHASE_START ? _("Starting") : _("Being written");
  } else {
    detail = identity ? dup_bank_detail(&identity->banks[bank - WIRE_BANK_LOW]) : g_strdup("–");
    if (!known)
      look.role = identity ? _("Not running") : _("Unknown");
    else
      look.role = look.runs ? get_running_role(self, identity) : _("Idle");
    if (look.runs)
      look.state = get_running_state(identity, &look.state_class);
    else if (identity)
      look.state = get_idle_state(identity, bank, &look.state_class);
  }
  look.detail = detail;
  sy_bank_tile_show(tile, bank, &look);
}

static char *dup_program(const WireIdentity *identity, WireBank bank)
{
  g_autofree char *version = sy_version_to_string(identity->banks[bank - WIRE_BANK_LOW].version);

  return g_strdup_printf("%s %s", sy_bank_to_string(bank), version);
}

/* Of a program that is on trial although this window did not start it. */
static char *dup_trial_advice(const WireIdentity *identity)
{
  WireBank bank = (WireBank)identity->running_bank;
  WireBank other = wire_bank_other(bank);
  g_autofree char *running = dup_program(identity, bank);
  g_autofree char *kept = dup_program(identity, other);

  if (identity->banks[other - WIRE_BANK_LOW].state != WIRE_BANK_VALID)
    return g_strdup_printf(_("%s is on trial: it is not confirmed yet. It confirms itself when it "
                             "has tested itself, for there is no other program."),
                           running);
  return g_strdup_printf(
      _("%s is on trial and not confirmed. If nothing is pressed, the substation "
        "goes back to %s by itself when the time or the starts are used up."),
      running, kept);
}

static char *dup_trial_left(const WireIdentity *identity)
{
  if (identity->trial_left_s == 0)
    /* Translators: of a program on trial; as in "Start 1 of 3". */
    return g_strdup_printf(_("Start %u of %u"), identity->trial_starts, WIRE_TRIAL_STARTS);
  /* Translators: of a program on trial; as in "Start 1 of 3 · 28 s left". */
  return g_strdup_printf(_("Start %u of %u · %u s left"), identity->trial_starts, WIRE_TRIAL_STARTS,
                         identity->trial_left_s);
}

static char *dup_return_advice(const WireIdentity *identity)
{
  WireBank bank = (WireBank)identity->running_bank;
  g_autofree char *running = dup_program(identity, bank);
  g_autofree char *left = dup_program(identity, wire_bank_other(bank));

  return g_strdup_printf(_("%s was left: %s. %s runs, as before. Upgrade with another release."),
                         left, sy_trial_cause_to_string(identity->trial_cause), running);
}

static void update_trial_buttons(SyStationPanel *self, const WireIdentity *identity)
{
  g_autoptr(SyWayBack) way = sy_way_back_new(self->station);
  g_autofree char *other = dup_program(identity, wire_bank_other((WireBank)identity->running_bank));
  g_autofree char *tooltip = g_strdup_printf(_("Go back to %s"), other);

  if (is_busy(self))
    return; /* they go on naming what can be done */
  gtk_widget_set_visible(GTK_WIDGET(self->keep_button), way->keep != NULL);
  if (way->keep)
    gtk_button_set_label(self->keep_button, way->keep);
  gtk_widget_set_visible(GTK_WIDGET(self->go_back_button), way->ready);
  gtk_widget_set_tooltip_text(GTK_WIDGET(self->go_back_button), tooltip);
}

/* What is to be known, and done, of a trial that no job of this window is about, or that is being
 * confirmed: then it stays in place, so that what is below moves once, when that is done. */
static void update_trial(SyStationPanel *self, const WireIdentity *identity)
{
  gboolean confirming = is_busy(self) && sy_station_get_job(self->station) == SY_JOB_CONFIRM;
  gboolean heard = is_connected(self) || confirming;
  gboolean runs = identity && heard && identity->mode == WIRE_MODE_PROGRAM &&
                  identity->running_bank != WIRE_BANK_NONE;
  gboolean on_trial = runs && identity->trial == WIRE_TRIAL_RUNNING;
  gboolean returned = runs && identity->trial == WIRE_TRIAL_RETURNED &&
                      identity->trial_cause != WIRE_TRIAL_CAUSE_OPERATOR;
  g_autofree char *text = NULL;
  g_autofree char *left = NULL;

  gtk_widget_set_visible(self->trial_box, on_trial || returned);
  gtk_widget_set_visible(GTK_WIDGET(self->trial_left_label), on_trial);
  gtk_widget_set_visible(self->trial_buttons, on_trial);
  if (!on_trial && !returned)
    return;
  if (on_trial) {
    update_trial_buttons(self, identity);
    left = dup_trial_left(identity);
    gtk_label_set_text(self->trial_left_label, left);
  }
  text = on_trial ? dup_trial_advice(identity) : dup_return_advice(identity);
  gtk_label_set_text(self->trial_label, text);
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

  update_tile(self, identity, WIRE_BANK_LOW, self->low_tile);
  update_tile(self, identity, WIRE_BANK_HIGH, self->high_tile);
  update_trial(self, identity);
  gtk_widget_set_visible(GTK_WIDGET(self->mode_label),
                         identity && identity->mode == WIRE_MODE_LOADER && is_connected(self));
  gtk_widget_set_visible(self->facts, identity != NULL);
  if (identity)
    update_facts(self, identity);
  sy_flash_map_set_identity(self->flash_map, identity);
}

/* Which bank a job is about; the substation can't say so before its new program was heard. */
static void update_changed(SyStationPanel *self)
{
  const SyProgress *progress = self->station ? sy_station_get_progress(self->station) : NULL;
  gboolean changing =
      is_busy(self) && progress->phase >= SY_PHASE_ERASE && progress->phase <= SY_PHASE_START;
  WireBank changed = changing ? progress->bank : WIRE_BANK_NONE;
  SyPhase phase = changing ? progress->phase : SY_PHASE_IDLE;

  if (changed == self->changed && phase == self->phase)
    return;
  self->changed = changed;
  self->phase = phase;
  update_identity(self);
}

typedef struct {
  const char *icon; /* NULL: a spinner */
  const char *text;
  const char *css_class;
} StateLook;

static const char *get_busy_text(SyJob job)
{
  switch (job) {
  case SY_JOB_CONFIRM:
    return _("Connected, confirming");
  case SY_JOB_GO_BACK:
    return _("Connected, going back");
  case SY_JOB_READ:
    return _("Connected, being read");
  case SY_JOB_CHECK:
    return _("Connected, dry run");
  case SY_JOB_IDENTIFY:
  case SY_JOB_UPGRADE:
  default:
    return _("Connected, upgrade running");
  }
}

/* The link in a few words; what to do stands below. */
static const char *get_trouble_text(const SyTrouble *trouble)
{
  switch (trouble ? trouble->kind : SY_TROUBLE_OTHER) {
  case SY_TROUBLE_ABSENT:
    return _("Not plugged in");
  case SY_TROUBLE_GONE:
    return _("Unplugged");
  case SY_TROUBLE_DENIED:
    return _("No permission");
  case SY_TROUBLE_BUSY:
  case SY_TROUBLE_MODEM_MANAGER:
    return _("In use by another program");
  case SY_TROUBLE_NO_HOST:
    return _("Server not known");
  case SY_TROUBLE_REFUSED:
    return _("Connection refused");
  case SY_TROUBLE_UNREACHABLE:
    return _("Server does not answer");
  case SY_TROUBLE_CLOSED:
    return _("Closed by the server");
  case SY_TROUBLE_TAKEN:
    return _("In use by somebody else");
  case SY_TROUBLE_NO_RFC2217:
    return _("Server speaks no RFC 2217");
  case SY_TROUBLE_NOT_RAW:
    return _("Server speaks RFC 2217");
  case SY_TROUBLE_SILENT:
    return _("Port open, nobody answers");
  case SY_TROUBLE_NOT_HEARD:
    return _("Port open, it does not hear us");
  case SY_TROUBLE_ECHO:
    return _("Port open, only an echo");
  case SY_TROUBLE_WRONG_RATE:
    return _("Port open, nothing can be read");
  case SY_TROUBLE_NOT_A_SUBSTATION:
    return _("Port open, something else answers");
  case SY_TROUBLE_OTHER:
  default:
    return _("Not reachable");
  }
}

static StateLook get_state_look(SyStationState state, SyJob job, const SyTrouble *trouble)
{
  switch (state) {
  case SY_STATION_OPENING:
    return (StateLook){NULL, _("Asking who is there…"), "dim-label"};
  case SY_STATION_CONNECTED:
    /* No tick: that is for a change that is done. */
    return (StateLook){"radio-checked-symbolic", _("Connected"), "accent"};
  case SY_STATION_BUSY:
    return (StateLook){NULL, get_busy_text(job), "accent"};
  case SY_STATION_UNREACHABLE:
    return (StateLook){"dialog-warning-symbolic", get_trouble_text(trouble), "error"};
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
  const SyTrouble *trouble = self->station ? sy_station_get_trouble(self->station) : NULL;
  SyJob job = self->station ? sy_station_get_job(self->station) : SY_JOB_IDENTIFY;
  StateLook look = get_state_look(state, job, trouble);

  gtk_label_set_text(self->state_label, look.text);
  set_status_class(GTK_WIDGET(self->state_label), look.css_class);
  set_status_class(GTK_WIDGET(self->state_icon), look.css_class);
  gtk_widget_set_visible(GTK_WIDGET(self->state_icon), look.icon != NULL);
  gtk_widget_set_visible(GTK_WIDGET(self->state_spinner), look.icon == NULL);
  gtk_spinner_set_spinning(self->state_spinner, look.icon == NULL);
  if (look.icon)
    gtk_image_set_from_icon_name(self->state_icon, look.icon);
  sy_trouble_box_set_trouble(self->trouble_box, trouble);
  /* What was said last is no longer sure: shown, but faded. */
  if (state == SY_STATION_UNREACHABLE)
    gtk_widget_add_css_class(GTK_WIDGET(self), "stale");
  else
    gtk_widget_remove_css_class(GTK_WIDGET(self), "stale");
}

static void on_station_changed(SyStationPanel *self)
{
  update_state(self);
  update_changed(self);
  update_identity(self);
}

static void update_adapter(SyStationPanel *self)
{
  /* With an adapter chosen its own state says so. */
  gtk_widget_set_visible(self->no_adapter_label,
                         !sy_port_chooser_has_adapter(self->port_chooser) &&
                             g_str_equal(sy_port_chooser_get_port(self->port_chooser), "virtual"));
}

static void on_port(SyStationPanel *self)
{
  update_adapter(self);
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

const char *sy_station_panel_get_stable_port(SyStationPanel *self)
{
  g_return_val_if_fail(SY_IS_STATION_PANEL(self), NULL);

  return sy_port_chooser_get_stable_name(self->port_chooser);
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
                              locked ? _("The port can be changed when the running job has ended")
                                     : NULL);
}

void sy_station_panel_choose_port(SyStationPanel *self)
{
  GtkWidget *list;

  g_return_if_fail(SY_IS_STATION_PANEL(self));

  list = gtk_widget_get_first_child(GTK_WIDGET(self->port_chooser));
  gtk_widget_grab_focus(list);
  gtk_widget_activate(list);
}

SyFinderBox *sy_station_panel_get_finder_box(SyStationPanel *self)
{
  g_return_val_if_fail(SY_IS_STATION_PANEL(self), NULL);

  return self->finder_box;
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

  g_type_ensure(SY_TYPE_BANK_TILE);
  g_type_ensure(SY_TYPE_PORT_CHOOSER);
  g_type_ensure(SY_TYPE_FINDER_BOX);
  g_type_ensure(SY_TYPE_TROUBLE_BOX);
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
  BIND(finder_box);
  BIND(no_adapter_label);
  BIND(state_icon);
  BIND(state_spinner);
  BIND(state_label);
  BIND(trouble_box);
  BIND(low_tile);
  BIND(high_tile);
  BIND(trial_box);
  BIND(trial_label);
  BIND(trial_left_label);
  BIND(trial_buttons);
  BIND(keep_button);
  BIND(go_back_button);
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
  sy_flash_legend_set_map(self->flash_legend, self->flash_map);
  g_signal_connect_object(self->port_chooser, "notify::port", G_CALLBACK(on_port), self,
                          G_CONNECT_SWAPPED);
  g_signal_connect_object(self->port_chooser, "notify::has-adapter", G_CALLBACK(update_adapter),
                          self, G_CONNECT_SWAPPED);
  update_adapter(self);
  sy_port_chooser_set_described_by(self->port_chooser, GTK_WIDGET(self->state_label),
                                   GTK_WIDGET(self->trouble_box));

  self->signals = g_signal_group_new(SY_TYPE_STATION);
  g_signal_group_connect_swapped(self->signals, "notify::state", G_CALLBACK(on_station_changed),
                                 self);
  g_signal_group_connect_swapped(self->signals, "notify::trouble", G_CALLBACK(update_state), self);
  g_signal_group_connect_swapped(self->signals, "identity-changed", G_CALLBACK(update_identity),
                                 self);
  g_signal_group_connect_swapped(self->signals, "progress-changed", G_CALLBACK(update_changed),
                                 self);
  on_station_changed(self);
}
