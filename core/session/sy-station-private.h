/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files that make up SyStation share; nobody else includes it. */

#pragma once

#include "sy-ear.h"
#include "sy-journal.h"
#include "sy-link.h"
#include "sy-station.h"

G_BEGIN_DECLS

struct _SyStation {
  GObject parent_instance;

  char *port;      /* not changed while a job runs */
  char *next_port; /* NULL: the same */
  SyLinkSettings link_settings, next_link_settings;
  SyStationState state;
  SyTrouble *trouble;
  SyJob job;
  SyLink *link;          /* belongs to the job while one runs */
  SyVirtual *substation; /* behind the port "virtual"; NULL behind others */
  gboolean has_job;
  gboolean asking;   /* that job only asks who is there … */
  gpointer next_job; /* … and this one waits for its end; NULL: none does */
  gboolean identified;
  WireIdentity identity;
  SyProgress progress;
  SyLogModel *log;
  SyJournal *journal;       /* NULL: the log is not kept */
  gboolean journal_trouble; /* it was told that it cannot be */
  SyFrameTrace *trace;      /* belongs to who has the link */
  SyConsole *console;

  /* sy-station-listen.c; the ear belongs to who has the link. */
  SyEar *ear;
  gint64 heard_us;
  gboolean changing; /* the job that has the link may change the substation */
  guint listen_id, gap_id;

  /* What a job, or listening, has to tell, until the main thread takes it. */
  GMutex mutex;
  struct {
    guint flush_id;
    gboolean identity_news, progress_news, announced;
    WireIdentity identity;
    SyProgress progress;
    GPtrArray *log;     /* of SyLogEntry */
    GArray *readings;   /* of SyConsoleReading */
    GPtrArray *console; /* of SyLogEntry */
  } news;
};

/* Main thread. `trouble` is NULL unless it is UNREACHABLE. */
void sy_station_set_state(SyStation *self, SyStationState state, SyTrouble *trouble);
/* No job runs any more: the port that was set meanwhile is taken. */
void sy_station_take_port(SyStation *self);
/* Takes over what a job told since the last time, then tells whoever listens. Main thread. */
void sy_station_flush_news(SyStation *self);
/* Has that done within 16 ms. Any thread; the mutex is held. */
void sy_station_queue_flush(SyStation *self);

/* sy-station-log.c. */
void sy_station_init_log(SyStation *self);
void sy_station_clear_log(SyStation *self);
/* Lines for the log and for its journal. Main thread. */
void sy_station_append_log(SyStation *self, SyLogEntry *const *entries, guint count);

/* sy-station-listen.c: hears all that comes, whoever reads it. */
void sy_station_init_listening(SyStation *self);
/* The link is a new one. The thread that has it. */
void sy_station_hear_link(SyStation *self);
/* Reads what has come since somebody listened last. The thread that has the link. */
gboolean sy_station_catch_up(SyStation *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Between jobs the main thread reads. `changing`: the job may change the substation. */
void sy_station_start_listening(SyStation *self);
void sy_station_stop_listening(SyStation *self, gboolean changing);

G_END_DECLS
