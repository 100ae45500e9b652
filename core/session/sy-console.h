/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyConsole: what a substation's program has sent by itself: its readings, each with the time it
 * was heard, and lines: who started, what was lost, and what came and was no frame.
 *
 * Both are kept up to a number, then the oldest go. Main thread.
 */

#pragma once

#include "wire-message.h"

#include <gio/gio.h>

G_BEGIN_DECLS

enum {
  SY_CONSOLE_READINGS_MAX = 7200, /* an hour of two a second */
  SY_CONSOLE_LINES_MAX = 5000,
};

typedef struct {
  gint64 time_us; /* g_get_real_time() when it was heard */
  WireReading reading;
  guint lost;      /* readings between the one before and this */
  gboolean begins; /* the first, or the first since the program started anew */
} SyConsoleReading;

#define SY_TYPE_CONSOLE (sy_console_get_type())
G_DECLARE_FINAL_TYPE(SyConsole, sy_console, SY, CONSOLE, GObject)

/* Signals
 *   "readings-changed" (void)   readings came, once for all that came together */

SyConsole *sy_console_new(void);

guint sy_console_get_n_readings(SyConsole *self);
/* From 0, the oldest. Borrowed until the main loop runs again. */
const SyConsoleReading *sy_console_get_reading(SyConsole *self, guint index);
/* How many were lost since the console was made. */
guint64 sy_console_get_n_lost(SyConsole *self);
/* GListModel of SyLogEntry, newest last; borrowed, lives as long as the console. */
GListModel *sy_console_get_lines(SyConsole *self);

/* In the order heard. What is lost between them, and where the program began anew, is found out
 * here: `lost` and `begins` are not read. */
void sy_console_add_readings(SyConsole *self, const SyConsoleReading *readings, guint count);
/* Of SyLogEntry, referenced. */
void sy_console_add_lines(SyConsole *self, GPtrArray *lines);
void sy_console_clear_lines(SyConsole *self);

/* The readings as comma-separated values with a heading, oldest first: the time in UTC, decimal
 * points and English names whatever the language, as other programs read it. Free with g_free. */
char *sy_console_dup_csv(SyConsole *self);

G_END_DECLS
