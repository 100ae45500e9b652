/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The record of what a program sends. */

#include "sy-console.h"

#include "sy-station-private.h"

#include <glib/gi18n-lib.h>

struct _SyConsole {
  GObject parent_instance;

  GArray *readings; /* of SyConsoleReading */
  GListStore *lines;
  guint64 n_lost;
};

enum { READINGS_CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE(SyConsole, sy_console, G_TYPE_OBJECT)

static void sy_console_finalize(GObject *object)
{
  SyConsole *self = SY_CONSOLE(object);

  g_array_unref(self->readings);
  g_object_unref(self->lines);
  G_OBJECT_CLASS(sy_console_parent_class)->finalize(object);
}

static void sy_console_class_init(SyConsoleClass *klass)
{
  G_OBJECT_CLASS(klass)->finalize = sy_console_finalize;
  signals[READINGS_CHANGED] = g_signal_new("readings-changed", SY_TYPE_CONSOLE, G_SIGNAL_RUN_LAST,
                                           0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void sy_console_init(SyConsole *self)
{
  self->readings = g_array_new(FALSE, FALSE, sizeof(SyConsoleReading));
  self->lines = g_list_store_new(SY_TYPE_LOG_ENTRY);
}

SyConsole *sy_console_new(void)
{
  return g_object_new(SY_TYPE_CONSOLE, NULL);
}

guint sy_console_get_n_readings(SyConsole *self)
{
  return self->readings->len;
}

const SyConsoleReading *sy_console_get_reading(SyConsole *self, guint index)
{
  g_return_val_if_fail(index < self->readings->len, NULL);

  return &g_array_index(self->readings, SyConsoleReading, index);
}

guint64 sy_console_get_n_lost(SyConsole *self)
{
  return self->n_lost;
}

GListModel *sy_console_get_lines(SyConsole *self)
{
  return G_LIST_MODEL(self->lines);
}

/* A program counts its readings from its start on, as it counts its milliseconds. */
static void compare(const SyConsoleReading *last, SyConsoleReading *now)
{
  guint16 step = (guint16)(now->reading.number - (last ? last->reading.number : 0));

  now->begins =
      !last || now->reading.uptime_ms < last->reading.uptime_ms || step == 0 || step > G_MAXINT16;
  now->lost = now->begins ? 0 : step - 1u;
}

static void tell_lost(SyConsole *self, guint lost)
{
  g_autofree char *text = NULL;
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_object_unref);

  text = g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%u reading was lost on the way",
                                     "%u readings were lost on the way", lost),
                         lost);
  g_ptr_array_add(lines, sy_log_entry_new(SY_LOG_WARNING, text));
  sy_console_add_lines(self, lines);
}

void sy_console_add_readings(SyConsole *self, const SyConsoleReading *readings, guint count)
{
  guint lost = 0;

  if (count == 0)
    return;
  for (guint n = 0; n < count; n++) {
    guint present = self->readings->len;
    SyConsoleReading added = readings[n];

    compare(present > 0 ? sy_console_get_reading(self, present - 1) : NULL, &added);
    lost += added.lost;
    g_array_append_val(self->readings, added);
  }
  if (self->readings->len > SY_CONSOLE_READINGS_MAX)
    g_array_remove_range(self->readings, 0, self->readings->len - SY_CONSOLE_READINGS_MAX);
  self->n_lost += lost;
  if (lost > 0)
    tell_lost(self, lost);
  g_signal_emit(self, signals[READINGS_CHANGED], 0);
}

void sy_console_add_lines(SyConsole *self, GPtrArray *lines)
{
  guint present = g_list_model_get_n_items(G_LIST_MODEL(self->lines));

  if (lines->len == 0)
    return;
  g_list_store_splice(self->lines, present, 0, lines->pdata, lines->len);
  if (present + lines->len > SY_CONSOLE_LINES_MAX)
    g_list_store_splice(self->lines, 0, present + lines->len - SY_CONSOLE_LINES_MAX, NULL, 0);
}

void sy_console_clear_lines(SyConsole *self)
{
  g_list_store_remove_all(self->lines);
}

static void append_row(GString *text, const SyConsoleReading *heard)
{
  const WireReading *reading = &heard->reading;
  g_autoptr(GDateTime) second = g_date_time_new_from_unix_utc(heard->time_us / G_USEC_PER_SEC);
  g_autofree char *time = g_date_time_format(second, "%Y-%m-%dT%H:%M:%S");

  g_string_append_printf(text, "%s.%03dZ,%u,%u,%u", time, (int)(heard->time_us / 1000 % 1000),
                         reading->uptime_ms, reading->number, heard->lost);
  for (guint channel = 0; channel < WIRE_CHANNELS; channel++) {
    char value[G_ASCII_DTOSTR_BUF_SIZE];

    g_ascii_formatd(value, sizeof value, "%.1f", reading->value[channel] / 10.0);
    g_string_append_printf(text, ",%s,%u", value, reading->raw[channel]);
  }
  g_string_append_c(text, '\n');
}

char *sy_console_dup_csv(SyConsole *self)
{
  GString *text = g_string_new("time,uptime_ms,number,lost_before,"
                               "ntc_celsius,ntc_counts,pt1000_celsius,pt1000_counts,"
                               "loop_percent,loop_counts,battery_volts,battery_counts\n");

  for (guint n = 0; n < self->readings->len; n++)
    append_row(text, sy_console_get_reading(self, n));
  return g_string_free(text, FALSE);
}
