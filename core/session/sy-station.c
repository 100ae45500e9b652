/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A substation for the main thread: jobs run elsewhere, news comes in batches. */

#include "sy-station-private.h"

enum { FLUSH_MS = 16 };

enum { PROP_0, PROP_STATE, PROP_TROUBLE, N_PROPS };
enum { IDENTITY_CHANGED, PROGRESS_CHANGED, READING, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(SyStation, sy_station, G_TYPE_OBJECT)

static void sy_station_dispose(GObject *object)
{
  SyStation *self = SY_STATION(object);

  g_clear_handle_id(&self->news.flush_id, g_source_remove);
  g_clear_object(&self->link);
  G_OBJECT_CLASS(sy_station_parent_class)->dispose(object);
}

static void sy_station_finalize(GObject *object)
{
  SyStation *self = SY_STATION(object);

  g_free(self->port);
  g_free(self->trouble);
  g_clear_object(&self->log);
  g_ptr_array_unref(self->news.log);
  g_mutex_clear(&self->mutex);
  G_OBJECT_CLASS(sy_station_parent_class)->finalize(object);
}

static void sy_station_get_property(GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  SyStation *self = SY_STATION(object);

  if (id == PROP_STATE)
    g_value_set_enum(value, (gint)self->state);
  else if (id == PROP_TROUBLE)
    g_value_set_string(value, self->trouble);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID(object, id, pspec);
}

static void sy_station_class_init(SyStationClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS(klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  static const char *const names[N_SIGNALS] = {"identity-changed", "progress-changed", "reading"};

  object_class->dispose = sy_station_dispose;
  object_class->finalize = sy_station_finalize;
  object_class->get_property = sy_station_get_property;
  properties[PROP_STATE] =
      g_param_spec_enum("state", NULL, NULL, SY_TYPE_STATION_STATE, SY_STATION_CLOSED, flags);
  properties[PROP_TROUBLE] = g_param_spec_string("trouble", NULL, NULL, NULL, flags);
  g_object_class_install_properties(object_class, N_PROPS, properties);
  for (guint i = 0; i < N_SIGNALS; i++)
    signals[i] = g_signal_new(names[i], SY_TYPE_STATION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                              G_TYPE_NONE, 0);
}

static void sy_station_init(SyStation *self)
{
  self->log = g_list_store_new(SY_TYPE_LOG_ENTRY);
  self->progress.seconds_left = -1;
  self->news.log = g_ptr_array_new_with_free_func(g_object_unref);
  g_mutex_init(&self->mutex);
}

SyStation *sy_station_new(const char *port)
{
  SyStation *self = g_object_new(SY_TYPE_STATION, NULL);

  self->port = g_strdup(port);
  return self;
}

const char *sy_station_get_port(SyStation *self)
{
  return self->port;
}

SyStationState sy_station_get_state(SyStation *self)
{
  return self->state;
}

const char *sy_station_get_trouble(SyStation *self)
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

const WireReading *sy_station_get_reading(SyStation *self)
{
  return self->has_reading ? &self->reading : NULL;
}

GListModel *sy_station_get_log(SyStation *self)
{
  return G_LIST_MODEL(self->log);
}

static void append_log(SyStation *self, gpointer *entries, guint count)
{
  guint present = g_list_model_get_n_items(G_LIST_MODEL(self->log));
  guint excess = present + count > SY_STATION_LOG_MAX ? present + count - SY_STATION_LOG_MAX : 0;

  g_list_store_splice(self->log, present, 0, entries, count);
  if (excess > 0)
    g_list_store_splice(self->log, 0, excess, NULL, 0);
}

void sy_station_log(SyStation *self, SyLogLevel level, const char *text)
{
  g_autoptr(SyLogEntry) entry = sy_log_entry_new(level, text);

  append_log(self, (gpointer *)&entry, 1);
}

void sy_station_set_state(SyStation *self, SyStationState state, const char *trouble)
{
  if (g_strcmp0(self->trouble, trouble) != 0) {
    g_free(self->trouble);
    self->trouble = g_strdup(trouble);
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_TROUBLE]);
  }
  if (self->state != state) {
    self->state = state;
    g_object_notify_by_pspec(G_OBJECT(self), properties[PROP_STATE]);
  }
}

/* Takes over what the job told, then tells the window. */
void sy_station_flush_news(SyStation *self)
{
  g_autoptr(GPtrArray) log = g_ptr_array_new_with_free_func(g_object_unref);
  gboolean identity_news, progress_news, reading_news;

  g_mutex_lock(&self->mutex);
  identity_news = self->news.identity_news;
  progress_news = self->news.progress_news;
  reading_news = self->news.reading_news;
  if (identity_news)
    self->identity = self->news.identity;
  if (progress_news)
    self->progress = self->news.progress;
  if (reading_news)
    self->reading = self->news.reading;
  self->news.identity_news = self->news.progress_news = self->news.reading_news = FALSE;
  g_ptr_array_extend_and_steal(log, g_steal_pointer(&self->news.log));
  self->news.log = g_ptr_array_new_with_free_func(g_object_unref);
  g_mutex_unlock(&self->mutex);

  self->identified = self->identified || identity_news;
  self->has_reading = self->has_reading || reading_news;
  if (log->len > 0)
    append_log(self, log->pdata, log->len);
  if (identity_news)
    g_signal_emit(self, signals[IDENTITY_CHANGED], 0);
  if (progress_news)
    g_signal_emit(self, signals[PROGRESS_CHANGED], 0);
  if (reading_news)
    g_signal_emit(self, signals[READING], 0);
}

static gboolean on_flush(gpointer data)
{
  SyStation *self = data;

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
