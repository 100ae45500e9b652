/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The types that a station's users meet beside itself: its state and a line of its log. */

#include "sy-station-private.h"

GType sy_station_state_get_type(void)
{
  static gsize type;
  static const GEnumValue values[] = {
      {SY_STATION_CLOSED, "SY_STATION_CLOSED", "closed"},
      {SY_STATION_OPENING, "SY_STATION_OPENING", "opening"},
      {SY_STATION_CONNECTED, "SY_STATION_CONNECTED", "connected"},
      {SY_STATION_BUSY, "SY_STATION_BUSY", "busy"},
      {SY_STATION_UNREACHABLE, "SY_STATION_UNREACHABLE", "unreachable"},
      {0, NULL, NULL},
  };

  if (g_once_init_enter(&type))
    g_once_init_leave(&type, g_enum_register_static("SyStationState", values));
  return type;
}

struct _SyLogEntry {
  GObject parent_instance;

  SyLogLevel level;
  gint64 time_us;
  char *text;
};

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
  entry->text = g_strdup(text);
  return entry;
}
