/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyStation: one substation behind one port, as a window sees it.
 *
 * Lives in the main thread: properties and signals change there only. Each job runs in a thread of
 * its own with its own poll; the link stays open between jobs and is listened to: readings, and who
 * announces itself, are heard at any time, and so is that the link is gone. What comes is handed
 * over at most once every 16 ms. One job at a time; a job that comes while only who is there is
 * being asked begins when that is known.
 */

#pragma once

#include "sy-console.h"
#include "sy-frame-text.h"
#include "sy-image.h"
#include "sy-link-settings.h"
#include "sy-log-model.h"
#include "sy-release.h"
#include "sy-text.h"
#include "sy-trouble.h"
#include "sy-virtual.h"

G_BEGIN_DECLS

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
 * Properties
 *   "state" (SyStationState, read only), "trouble" (SyTrouble or NULL, read only) */

enum { SY_STATION_LOG_MAX = 100000 }; /* lines kept at most; see sy_log_model_new */

/* `port` as sy_link_open takes it. Nothing is opened yet. */
SyStation *sy_station_new(const char *port);

const char *sy_station_get_port(SyStation *self);
/* The same adapter has another name now, as sy_link_open takes it: used when it is opened next. */
void sy_station_set_port(SyStation *self, const char *port);
/* Closes the port until it is asked again, for somebody else; what is told of it stays. Nothing
 * while a job runs. */
void sy_station_release(SyStation *self);
/* How its port is held; all off at first. A port that is open and held otherwise is closed, when no
 * job runs any more, until it is asked again. */
void sy_station_set_link_settings(SyStation *self, const SyLinkSettings *settings);
SyStationState sy_station_get_state(SyStation *self);
/* Why it is UNREACHABLE: what happened and what to do; NULL else. Borrowed. */
const SyTrouble *sy_station_get_trouble(SyStation *self);
/* What runs while it is BUSY, else what ran last: SY_JOB_IDENTIFY while none of the others did. */
SyJob sy_station_get_job(SyStation *self);
/* What it said last; NULL when it never answered. Borrowed until the next identity-changed. */
const WireIdentity *sy_station_get_identity(SyStation *self);
const SyProgress *sy_station_get_progress(SyStation *self);
/* What the program sent by itself; borrowed, lives as long as the station. */
SyConsole *sy_station_get_console(SyStation *self);
/* A SyLogModel; borrowed, lives as long as the station. */
GListModel *sy_station_get_log(SyStation *self);
/* Adds a line of the caller's own. */
void sy_station_log(SyStation *self, SyLogLevel level, const char *text);
/* Keeps the log on disk from here on, see sy-journal.h: each line is there before it is shown.
 * `folder` may be NULL. Where that fails, the log says so, once. */
void sy_station_keep_log(SyStation *self, const char *folder);

/* Whether each frame is logged, as SY_LOG_TRACE; not at first. Takes effect at once, in a job too,
 * and is logged. */
void sy_station_set_tracing(SyStation *self, gboolean tracing);
gboolean sy_station_is_tracing(SyStation *self);
/* Bytes that went or came while no job ran, for the trace. For whoever has the link at that time,
 * in its thread. */
void sy_station_trace(SyStation *self, SyDirection direction, const guint8 *bytes, gsize length);

/* The substation itself, if it is a virtual one: kept for the station's life, whatever becomes of
 * the link. NULL behind any other port. Borrowed. */
SyVirtual *sy_station_get_virtual(SyStation *self);

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
/* The same, with all blocks as they are and in full, as to a substation that was never met: nothing
 * packed, no difference, nothing that an interrupted upgrade has left. */
void sy_station_upgrade_anew_async(SyStation *self, SyRelease *release, GCancellable *cancellable,
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

/* A dry run: asks the substation anew, judges `release` as an upgrade would and tests the line.
 * Nothing is changed and its program goes on running. As an upgrade in everything else. */
void sy_station_check_async(SyStation *self, SyRelease *release, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer user_data);
gboolean sy_station_check_finish(SyStation *self, GAsyncResult *async_result, SyResult *result,
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
