/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A log's lines, in a ring. */

#include "sy-log-private.h"

/* ---- A line ---- */

G_DEFINE_FINAL_TYPE(SyLogEntry, sy_log_entry, G_TYPE_OBJECT)

static void sy_log_entry_finalize(GObject *object)
{
  g_free(SY_LOG_ENTRY(object)->text);
  G_OBJECT_CLASS(sy_log_entry_parent_class)->finalize(object);
}

static void sy_log_entry_class_init(SyLogEntryClass *klass)
{
  G_OBJECT_CLASS(klass)->finalize = sy_log_entry_finalize;
}

static void sy_log_entry_init(SyLogEntry *self)
{
  self->time_us = g_get_real_time();
}

SyLogLevel sy_log_entry_get_level(SyLogEntry *self)
{
  return self->level;
}

gint64 sy_log_entry_get_time(SyLogEntry *self)
{
  return self->time_us;
}

const char *sy_log_entry_get_text(SyLogEntry *self)
{
  return self->text;
}

char *sy_log_entry_dup_time_text(SyLogEntry *self)
{
  g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(self->time_us / G_USEC_PER_SEC);
  g_autoptr(GDateTime) local = g_date_time_to_local(utc);
  g_autofree char *seconds = g_date_time_format(local, "%H:%M:%S");

  return g_strdup_printf("%s.%03d", seconds, (int)(self->time_us / 1000 % 1000));
}

SyLogEntry *sy_log_entry_new(SyLogLevel level, const char *text)
{
  SyLogEntry *entry = g_object_new(SY_TYPE_LOG_ENTRY, NULL);

  entry->level = level;
  entry->text = g_utf8_make_valid(text, -1);
  return entry;
}

/* ---- All of them ---- */

enum { ROOM_FIRST = 1024, DROPPED_SHARE = 64 };

static SyLogEntry **get_place(SyLogModel *self, guint position)
{
  return &self->ring[(self->first + position) % self->room];
}

static GType sy_log_model_get_item_type(GListModel *model)
{
  (void)model;
  return SY_TYPE_LOG_ENTRY;
}

static guint sy_log_model_get_n_items(GListModel *model)
{
  return SY_LOG_MODEL(model)->count;
}

static gpointer sy_log_model_get_item(GListModel *model, guint position)
{
  SyLogModel *self = SY_LOG_MODEL(model);

  return position < self->count ? g_object_ref(*get_place(self, position)) : NULL;
}

static void list_model_init(GListModelInterface *iface)
{
  iface->get_item_type = sy_log_model_get_item_type;
  iface->get_n_items = sy_log_model_get_n_items;
  iface->get_item = sy_log_model_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(SyLogModel, sy_log_model, G_TYPE_OBJECT,
                              G_IMPLEMENT_INTERFACE(G_TYPE_LIST_MODEL, list_model_init))

static void sy_log_model_finalize(GObject *object)
{
  SyLogModel *self = SY_LOG_MODEL(object);

  for (guint i = 0; i < self->count; i++)
    g_object_unref(*get_place(self, i));
  g_free(self->ring);
  G_OBJECT_CLASS(sy_log_model_parent_class)->finalize(object);
}

static void sy_log_model_class_init(SyLogModelClass *klass)
{
  G_OBJECT_CLASS(klass)->finalize = sy_log_model_finalize;
}

static void sy_log_model_init(SyLogModel *self)
{
  (void)self;
}

SyLogModel *sy_log_model_new(guint max)
{
  SyLogModel *self = g_object_new(SY_TYPE_LOG_MODEL, NULL);

  self->max = max;
  return self;
}

static void make_room(SyLogModel *self, guint wanted)
{
  guint room = MAX(self->room, ROOM_FIRST);
  SyLogEntry **ring;

  while (room < wanted)
    room *= 2;
  room = MIN(room, self->max);
  if (room <= self->room)
    return;
  ring = g_new(SyLogEntry *, room);
  for (guint i = 0; i < self->count; i++)
    ring[i] = *get_place(self, i);
  g_free(self->ring);
  self->ring = ring;
  self->room = room;
  self->first = 0;
}

static void drop_oldest(SyLogModel *self, guint count)
{
  for (guint i = 0; i < count; i++)
    g_object_unref(*get_place(self, i));
  self->first = (self->first + count) % self->room;
  self->count -= count;
  g_list_model_items_changed(G_LIST_MODEL(self), 0, count, 0);
}

void sy_log_model_append(SyLogModel *self, SyLogEntry *const *entries, guint count)
{
  guint before;

  g_return_if_fail(SY_IS_LOG_MODEL(self));

  if (count > self->max) { /* a burst of more than are kept */
    entries += count - self->max;
    count = self->max;
  }
  if (count == 0)
    return;
  make_room(self, MIN(self->count + count, self->max));
  if (self->count + count > self->max)
    drop_oldest(self,
                MIN(self->count, self->count + count - self->max + self->max / DROPPED_SHARE));
  before = self->count;
  for (guint i = 0; i < count; i++) {
    self->count++;
    *get_place(self, before + i) = g_object_ref(entries[i]);
  }
  g_list_model_items_changed(G_LIST_MODEL(self), before, 0, count);
}
