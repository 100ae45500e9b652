/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyStation: one substation behind one port, as a window sees it.
 *
 * Lives in the main thread: properties and signals change there only. Each job runs in a thread of
 * its own with its own poll; the link stays open between jobs. What the job tells is handed over at
 * most once every 16 ms. One job at a time.
 */

#pragma once

#include "sy-image.h"
#include "sy-release.h"
#include "sy-text.h"

G_BEGIN_DECLS

/* One line of the log; immutable. */
#define SY_TYPE_LOG_ENTRY (sy_log_entry_get_type())
G_DECLARE_FINAL_TYPE(SyLogEntry, sy_log_entry, SY, LOG_ENTRY, GObject)
SyLogLevel sy_log_entry_get_level(SyLogEntry *self);
gint64 sy_log_entry_get_time(SyLogEntry *self); /* g_get_real_time() */
const char *sy_log_entry_get_text(SyLogEntry *self);
/* "14:03:07.123", local time; free with g_free. */
char *sy_log_entry_dup_time_text(SyLogEntry *self);

typedef enum {
  SY_STATION_CLOSED,      /* no link yet */
  SY_STATION_OPENING,     /* link opens, first identify */
  SY_STATION_CONNECTED,   /* answered last time */
  SY_STATION_BUSY,        /* a job that may change it runs; see sy_station_get_job */
  SY_STATION_UNREACHABLE, /* no link or no answer; see sy_station_get_trouble */
} SyStationState;

#define SY_TYPE_STATION_STATE (sy_station_state_get_type())
GType sy_station_state_get_type(void);

#define SY_TYPE_STATION (sy_station_get_type())
G_DECLARE_FINAL_TYPE(SyStation, sy_station, SY, STATION, GObject)

/* Signals
 *   "identity-changed" (void)   sy_station_get_identity has news
 *   "progress-changed" (void)   sy_station_get_progress has news
 *   "reading" (void)            sy_station_get_reading has news (a program talks while we listen)
 * Properties
 *   "state" (SyStationState, read only), "trouble" (string or NULL, read only) */

enum { SY_STATION_LOG_MAX = 20000 }; /* lines kept */

/* `port` as sy_link_open takes it. Nothing is opened yet. */
SyStation *sy_station_new(const char *port);

const char *sy_station_get_port(SyStation *self);
SyStationState sy_station_get_state(SyStation *self);
/* Why it is UNREACHABLE: what happened and what to do; NULL else. */
const char *sy_station_get_trouble(SyStation *self);
/* What runs while it is BUSY, else what ran last: SY_JOB_IDENTIFY while none of the others did. */
SyJob sy_station_get_job(SyStation *self);
/* What it said last; NULL when it never answered. Borrowed until the next identity-changed. */
const WireIdentity *sy_station_get_identity(SyStation *self);
const SyProgress *sy_station_get_progress(SyStation *self);
/* The last reading heard; NULL with none. */
const WireReading *sy_station_get_reading(SyStation *self);
/* GListModel of SyLogEntry, newest last; borrowed, lives as long as the station. */
GListModel *sy_station_get_log(SyStation *self);
/* Adds a line of the caller's own. */
void sy_station_log(SyStation *self, SyLogLevel level, const char *text);

/* Opens the link if needed and asks who is there. SY_LINK_ERROR, G_IO_ERROR_CANCELLED or
 * G_IO_ERROR_BUSY (a job runs). With `quiet` only a change, the substation gone or back, writes
 * into the log: for refreshing every few seconds. */
void sy_station_identify_async(SyStation *self, gboolean quiet, GCancellable *cancellable,
                               GAsyncReadyCallback callback, gpointer user_data);
gboolean sy_station_identify_finish(SyStation *self, GAsyncResult *result,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Upgrades to the half of `release` that fits the idle bank. Cancelling is taken at once: the
 * upgrade is given up and the job then finds out what runs. Ends with TRUE and a result whatever
 * the outcome was; FALSE when it did not begin: SY_LINK_ERROR (the link cannot be opened),
 * G_IO_ERROR_CANCELLED, G_IO_ERROR_BUSY. */
void sy_station_upgrade_async(SyStation *self, SyRelease *release, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
gboolean sy_station_upgrade_finish(SyStation *self, GAsyncResult *async_result, SyResult *result,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Keeps the program that is found on trial: confirms it. Done as well when none is. As an upgrade
 * in everything else. */
void sy_station_confirm_async(SyStation *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
gboolean sy_station_confirm_finish(SyStation *self, GAsyncResult *async_result, SyResult *result,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Goes back to the program in the other bank, which is confirmed when it was heard. As an upgrade
 * in everything else. */
void sy_station_go_back_async(SyStation *self, GCancellable *cancellable,
                              GAsyncReadyCallback callback, gpointer user_data);
gboolean sy_station_go_back_finish(SyStation *self, GAsyncResult *async_result, SyResult *result,
                                   GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Reads ranges of flash back through the loader; the program stands still meanwhile and runs again
 * afterwards. What cannot be read (see sy-read-back.h) is left out; G_IO_ERROR_INVALID_ARGUMENT
 * when nothing is left. As an upgrade in everything else: cancelling is taken at once.
 *
 * Finishing hands over the `image` of what was read, gaps for what cannot be; NULL unless the
 * result's outcome is DONE. */
void sy_station_read_async(SyStation *self, const SyRange *ranges, guint n_ranges,
                           GCancellable *cancellable, GAsyncReadyCallback callback,
                           gpointer user_data);
gboolean sy_station_read_finish(SyStation *self, GAsyncResult *async_result, SyResult *result,
                                SyImage **image, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
