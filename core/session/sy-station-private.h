/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files that make up SyStation share; nobody else includes it. */

#pragma once

#include "sy-link.h"
#include "sy-station.h"

G_BEGIN_DECLS

struct _SyStation {
  GObject parent_instance;

  char *port;
  SyStationState state;
  char *trouble;
  SyJob job;
  SyLink *link; /* belongs to the job while one runs */
  gboolean has_job;
  gboolean identified, has_reading;
  WireIdentity identity;
  SyProgress progress;
  WireReading reading;
  GListStore *log;

  /* What a job has to tell, until the main thread takes it. */
  GMutex mutex;
  struct {
    guint flush_id;
    gboolean identity_news, progress_news, reading_news;
    WireIdentity identity;
    SyProgress progress;
    WireReading reading;
    GPtrArray *log; /* of SyLogEntry */
  } news;
};

/* Main thread. `trouble` is NULL unless it is UNREACHABLE. */
void sy_station_set_state(SyStation *self, SyStationState state, const char *trouble);
/* Takes over what a job told since the last time, then tells whoever listens. Main thread. */
void sy_station_flush_news(SyStation *self);
/* Has that done within 16 ms. Any thread; the mutex is held. */
void sy_station_queue_flush(SyStation *self);

/* A line of the log, of now. Any thread. */
SyLogEntry *sy_log_entry_new(SyLogLevel level, const char *text);

G_END_DECLS
