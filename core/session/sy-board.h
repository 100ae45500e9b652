/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyBoard: several substations that get one release, each in a row with a state, progress and end
 * of its own. A GListModel of SyBoardRow, in the order added.
 *
 * Main thread. All rows start together; each one's job runs in its station's thread.
 */

#pragma once

#include "sy-station.h"

G_BEGIN_DECLS

typedef enum {
  SY_BOARD_READY,       /* nothing was done yet */
  SY_BOARD_WAITING,     /* is to start as soon as the station is free */
  SY_BOARD_RUNNING,     /* its job runs */
  SY_BOARD_PASSED,      /* the last job: done */
  SY_BOARD_FAILED,      /* refused, or failed on the way */
  SY_BOARD_NOT_REACHED, /* nobody answered, or the port could not be opened; nothing was erased */
  SY_BOARD_CANCELLED,
} SyBoardState;
enum { SY_BOARD_STATES = SY_BOARD_CANCELLED + 1 };

#define SY_TYPE_BOARD_STATE (sy_board_state_get_type())
GType sy_board_state_get_type(void);

/* "passed": for scripts. Static. */
const char *sy_board_state_get_key(SyBoardState state);
/* "Passed": for people. Translated, static. */
const char *sy_board_state_get_label(SyBoardState state);

/* ---- A row ---- */

#define SY_TYPE_BOARD_ROW (sy_board_row_get_type())
G_DECLARE_FINAL_TYPE(SyBoardRow, sy_board_row, SY, BOARD_ROW, GObject)

/* Properties, all read only; notified at most once every 16 ms while a job runs
 *   "title" (string), "station" (SyStation)
 *   "state" (SyBoardState)
 *   "progress" (double)     of the job, 0 to 1
 *   "running" (string)      what the substation runs, "LOW 1.0.0"; NULL while not known
 *   "sentence" (string)     what there is to say now: the phase while its job runs, how that ended
 *                           afterwards; NULL before */

const char *sy_board_row_get_title(SyBoardRow *self);
/* Borrowed; its progress, trouble, identity and log are the row's. */
SyStation *sy_board_row_get_station(SyBoardRow *self);
SyBoardState sy_board_row_get_state(SyBoardRow *self);
/* A job waits or runs. */
gboolean sy_board_row_is_busy(SyBoardRow *self);
double sy_board_row_get_progress(SyBoardRow *self);
const char *sy_board_row_get_running(SyBoardRow *self);
const char *sy_board_row_get_sentence(SyBoardRow *self);
/* What runs there or ran last: SY_JOB_UPGRADE or SY_JOB_CHECK. */
SyJob sy_board_row_get_job(SyBoardRow *self);
/* How the last job ended; NULL while none has. Borrowed until the next start. A port that could
 * not be opened is SY_OUTCOME_LINK with SY_REASON_NONE. */
const SyResult *sy_board_row_get_result(SyBoardRow *self);
/* Why nobody is there, when that is why it failed; NULL else. Borrowed until the next start. */
const SyTrouble *sy_board_row_get_trouble(SyBoardRow *self);
/* Jobs begun since it was added. */
guint sy_board_row_get_attempts(SyBoardRow *self);

/* ---- All of them ---- */

#define SY_TYPE_BOARD (sy_board_get_type())
G_DECLARE_FINAL_TYPE(SyBoard, sy_board, SY, BOARD, GObject)

/* Signals
 *   "changed" (void)    a row's state has changed, or rows came or went: the counts have news
 *   "finished" (void)   no row waits or runs any more
 * Properties
 *   "running" (boolean, read only)   some row waits or runs */

typedef enum {
  SY_BOARD_ALL,
  SY_BOARD_FAILURES, /* those that have not passed */
} SyBoardWhich;

typedef struct {
  guint total;
  guint states[SY_BOARD_STATES];
} SyBoardCounts;

SyBoard *sy_board_new(void);

/* A row at the end, READY. `title` is what people know it by; NULL: its port. Takes a reference to
 * the station, which must be in no other row. The row is borrowed. */
SyBoardRow *sy_board_add(SyBoard *self, SyStation *station, const char *title);
/* Whether a row has this port, by whatever name: two names of one device are one port. Never for
 * "virtual", of which each is another. */
gboolean sy_board_has_port(SyBoard *self, const char *port);
/* The row that has this port, in the same sense; borrowed, NULL with none. */
SyBoardRow *sy_board_find(SyBoard *self, const char *port);
/* A row that was removed comes back as it was, at `position` or at the end. */
void sy_board_put_back(SyBoard *self, SyBoardRow *row, guint position);
/* Not while the row is busy: FALSE then. */
gboolean sy_board_remove(SyBoard *self, SyBoardRow *row);
/* Borrowed; NULL behind the last. */
SyBoardRow *sy_board_get_row(SyBoard *self, guint position);

/* Asks each that is not busy who it is: "running" and the station's trouble tell. */
void sy_board_identify(SyBoard *self);
/* Upgrades to `release`, or with `dry` checks only, all or what has not passed; rows that are busy
 * go on as they are. Returns how many rows start. */
guint sy_board_start(SyBoard *self, SyRelease *release, gboolean dry, SyBoardWhich which);
/* As sy_board_start, for one row; FALSE when it is busy. */
gboolean sy_board_start_row(SyBoard *self, SyBoardRow *row, SyRelease *release, gboolean dry);
/* Each gives its job up at once and finds out what runs; "finished" tells when all have. */
void sy_board_cancel(SyBoard *self);
void sy_board_cancel_row(SyBoard *self, SyBoardRow *row);

gboolean sy_board_is_running(SyBoard *self);
SyBoardCounts sy_board_get_counts(SyBoard *self);
/* "30 of 32 upgraded, 2 failed": how a run ended, or how far it is. Free with g_free. */
char *sy_board_dup_summary(SyBoard *self);

G_END_DECLS
