/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A substation for the main thread: jobs run elsewhere, news comes in batches. */

#include "sy-station-private.h"

enum { FLUSH_MS = 16 };

enum { PROP_0, PROP_STATE, PROP_TROUBLE, N_PROPS };
enum { IDENTITY_CHANGED, PROGRESS_CHANGED, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(SyStation, sy_station, G_TYPE_OBJECT)

static void sy_station_dispose(GObject *object)
{
  SyStation *self = SY_STATION(object);

  sy_station_stop_listening(self, FALSE);
  g_clear_handle_id(&self->news.flush_id, g_source_remove);
  g_clear_object(&self->link);
  g_clear_object(&self->substation);
  G_OBJECT_CLASS(sy_station_parent_class)->dispose(object);
}

static void sy_station_finalize(GObject *object)
{
  SyStation *self = SY_STATION(object);

  g_free(self->port);
  g_free(self->next_port);
  g_clear_pointer(&self->trouble, sy_trouble_unref);
  sy_station_clear_log(self);
  g_clear_object(&self->console);
  sy_ear_free(self->ear);
  g_ptr_array_unref(self->news.log);
  g_ptr_array_unref(self->news.console);
  g_array_unref(self->news.readings);
  g_mutex_clear(&self->mutex);
  G_OBJECT_CLASS(sy_station_parent_class)->finalize(object);
}

static void sy_station_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SyStation *self = SY_STATION(object);

  if (id == PROP_STATE)
    g_value_set_enum(value, (gint)self->state);
  else if (id == PROP_TROUBLE)
    g_value_set_boxed(value, self->trouble);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void sy_station_class_init(SyStationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  static const char *const names[N_SIGNALS] = {"identity-changed", "progress-changed"};

  object_class->dispose = sy_station_dispose;
  object_class->finalize = sy_station_finalize;
  object_class->get_property = sy_station_get_property;
  properties[PROP_STATE] =
      g_param_spec_enum("state", NULL, NULL, SY_TYPE_STATION_STATE, SY_STATION_CLOSED, flags);
  properties[PROP_TROUBLE] = g_param_spec_boxed("trouble", NULL, NULL, SY_TYPE_TROUBLE, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new(names[i], SY_TYPE_STATION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 0);
}

static void sy_station_init(SyStation *self)
{
  sy_station_init_log(self);
  self->progress.seconds_left = -1;
  self->console = sy_console_new();
  self->news.log = g_ptr_array_new_with_free_func(g_object_unref);
  self->news.console = g_ptr_array_new_with_free_func(g_object_unref);
  self->news.readings = g_array_new(FALSE, FALSE, sizeof(SyConsoleReading));
  sy_station_init_listening(self);
  g_mutex_init(&self->mutex);
}

SyStation *sy_station_new(const char *port)
{
  SyStation *self = g_object_new(SY_TYPE_STATION, NULL);

  self->port = g_strdup(port);
  if (g_str_equal(port, "virtual"))
    self->substation = sy_virtual_new();
  return self;
}

SyVirtual *sy_station_get_virtual(SyStation *self)
{
  return self->substation;
}

const char *sy_station_get_port(SyStation *self)
{
  return self->port;
}

void sy_station_set_port(SyStation *self, const char *port)
{
  g_free(self->next_port);
  self->next_port = g_strdup(port);
  if (!self->has_job)
    sy_station_take_port(self);
}

void sy_station_release(SyStation *self)
{
  g_return_if_fail(SY_IS_STATION(self));

  if (self->has_job)
    return;
  sy_station_stop_listening(self, FALSE);
  g_clear_object(&self->link);
}

void sy_station_set_link_settings(SyStation *self, const SyLinkSettings *settings)
{
  self->next_link_settings = *settings;
  if (!self->has_job)
    sy_station_take_port(self);
}

static void take_link_settings(SyStation *self)
{
  const SyLinkSettings *next = &self->next_link_settings;

  if (next->dtr == self->link_settings.dtr && next->rts == self->link_settings.rts)
    return;
  self->link_settings = *next;
  sy_station_release(self);
}

void sy_station_take_port(SyStation *self)
{
  take_link_settings(self);
  if (!self->next_port)
    return;
  g_free(self->port);
  self->port = g_steal_pointer(&self->next_port);
}

SyStationState sy_station_get_state(SyStation *self)
{
  return self->state;
}

const SyTrouble *sy_station_get_trouble(SyStation *self)
{
  return self->trouble;
}

SyJob sy_station_get_job(SyStation *self)
{
  return self->job;
}

const WireIdentity *sy_station_get_identity(SyStation *self)
{
  return self->identified ? &self->identity : NULL;
}

const SyProgress *sy_station_get_progress(SyStation *self)
{
  return &self->progress;
}

SyConsole *sy_station_get_console(SyStation *self)
{
  return self->console;
}

static gboolean is_same_trouble(const SyTrouble *trouble, const SyTrouble *other)
{
  return trouble == other || (trouble && other && trouble->kind == other->kind &&
                              g_str_equal(trouble->text, other->text) &&
                              g_strcmp0(trouble->command, other->command) == 0);
}

void sy_station_set_state(SyStation *self, SyStationState state, SyTrouble *trouble)
{
  if (!is_same_trouble(self->trouble, trouble)) {
    g_clear_pointer(&self->trouble, sy_trouble_unref);
    self->trouble = trouble ? sy_trouble_ref(trouble) : NULL;
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_TROUBLE]);
  }
  if (self->state != state) {
    self->state = state;
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_STATE]);
  }
}

/* Our programs say nothing of a bank that they have not checked; others may say what they found. */
static gboolean may_be_same(const WireBankIdentity *told, const WireBankIdentity *known)
{
  return told->length == 0 || (told->version == known->version && told->length == known->length &&
                               told->crc == known->crc);
}

/* Who has just started has not looked at the banks: what was known of the same bytes still holds.
 */
static void keep_known_banks(SyStation *self, WireIdentity *identity)
{
  for (guint n = 0; n < G_N_ELEMENTS(identity->banks) && self->identified; n++) {
    const WireBankIdentity *known = &self->identity.banks[n];
    WireBankIdentity *told = &identity->banks[n];

    if (told->state == WIRE_BANK_UNCHECKED && may_be_same(told, known))
      *told = *known;
  }
}

static GPtrArray *steal_entries(GPtrArray **entries)
{
  GPtrArray *stolen = g_steal_pointer(entries);

  *entries = g_ptr_array_new_with_free_func(g_object_unref);
  return stolen;
}

/* Takes over what was told, then tells the window. */
void sy_station_flush_news(SyStation *self)
{
  g_autoptr(GPtrArray) log = NULL;
  g_autoptr(GPtrArray) lines = NULL;
  g_autoptr(GArray) readings = NULL;
  gboolean identity_news, progress_news, announced;

  g_mutex_lock(&self->mutex);
  identity_news = self->news.identity_news;
  progress_news = self->news.progress_news;
  announced = self->news.announced;
  if (identity_news) {
    keep_known_banks(self, &self->news.identity);
    self->identity = self->news.identity;
  }
  if (progress_news)
    self->progress = self->news.progress;
  self->news.identity_news = self->news.progress_news = self->news.announced = FALSE;
  log = steal_entries(&self->news.log);
  lines = steal_entries(&self->news.console);
  readings = g_steal_pointer(&self->news.readings);
  self->news.readings = g_array_new(FALSE, FALSE, sizeof(SyConsoleReading));
  g_mutex_unlock(&self->mutex);

  self->identified = self->identified || identity_news;
  if (log->len > 0)
    sy_station_append_log(self, (SyLogEntry *const *)log->pdata, log->len);
  if (announced && !self->has_job && self->link) /* a job's end says itself what it found */
    sy_station_set_state(self, SY_STATION_CONNECTED, NULL);
  if (identity_news)
    g_signal_emit(self, signals[IDENTITY_CHANGED], 0);
  if (progress_news)
    g_signal_emit(self, signals[PROGRESS_CHANGED], 0);
  sy_console_add_lines(self->console, lines);
  sy_console_add_readings(self->console, (const SyConsoleReading *)(gpointer)readings->data,
                          readings->len);
}

static gboolean on_flush(gpointer data)
{
  g_autoptr(SyStation) self = g_object_ref(data); /* who is told may drop it */

  g_mutex_lock(&self->mutex);
  self->news.flush_id = 0;
  g_mutex_unlock(&self->mutex);
  sy_station_flush_news(self);
  return G_SOURCE_REMOVE;
}

void sy_station_queue_flush(SyStation *self)
{
  if (self->news.flush_id == 0)
    self->news.flush_id = g_timeout_add(FLUSH_MS, on_flush, self);
}
