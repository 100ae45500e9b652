/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files that make up SyWindow share; nobody else includes it. */

#pragma once

#include "sy-board-page.h"
#include "sy-console-page.h"
#include "sy-drills-page.h"
#include "sy-finder.h"
#include "sy-image-panel.h"
#include "sy-life.h"
#include "sy-log-view.h"
#include "sy-port-watch.h"
#include "sy-progress-panel.h"
#include "sy-station-panel.h"
#include "sy-window.h"

G_BEGIN_DECLS

/* What an end's sentence leaves open until the substation is heard again. */
typedef enum {
  SY_DOUBT_NONE,
  SY_DOUBT_WHO_IS_THERE, /* nothing was written */
  SY_DOUBT_WHAT_RUNS,
} SyDoubt;

/* How a job ended, for copying it. */
typedef struct _SyEnd SyEnd;

struct _SyWindow {
  AdwApplicationWindow parent_instance;

  AdwToastOverlay *toasts;
  AdwWindowTitle *title;
  AdwSplitButton *open_button;
  AdwLeaflet *leaflet;
  GtkWidget *station_page;
  GtkWidget *file_page;
  AdwViewStack *pages;
  AdwViewStack *narrow_pages; /* empty; stands for all pages in the narrow switcher */
  SyStationPanel *station_panel;
  SyImagePanel *image_panel;
  SyLogView *log_view;
  SyConsolePage *console_page;
  SyProgressPanel *progress_panel;
  SyDrillsPage *drills_page;

  SyStation *station;
  char *stable_port; /* of the station; see sy_station_panel_get_stable_port */
  GSignalGroup *station_signals;
  GCancellable *identify_cancellable; /* not NULL while it is being asked */
  guint identify_source;
  SyPortWatch *port_watch;
  GCancellable *find_cancellable; /* not NULL while a substation is looked for */
  SyFinder *finder;               /* the same, once it asks */

  SyRelease *release;
  char *file_name; /* of what is open, being read, or could not be read */
  gboolean load_failed;
  GCancellable *load_cancellable; /* not NULL while a file is being read */
  /* of the last comparison or merge with another file; NULL when it does not matter any more */
  GCancellable *pairing_cancellable;

  SyJob job;                     /* that runs, or ran last */
  GCancellable *job_cancellable; /* not NULL while it runs */
  guint inhibit_cookie;
  AdwMessageDialog *close_dialog;
  gboolean closing; /* close when the job has ended */
  GMenu *station_menu;
  char *go_back_label; /* of its items; the second NULL when there is none */
  char *keep_label;
  AdwMessageDialog *go_back_dialog;
  WireBank go_back_bank; /* that it asks about */
  SyDoubt doubt;         /* about the shown end */
  SyLifeTable *life;     /* of the shown end; NULL when it has none */
  GtkWidget *life_window;
  SyEnd *end; /* that is shown; NULL with none */
  AdwMessageDialog *upgrade_dialog;
  gboolean can_upgrade; /* the window's own substation */
  GMenu *recent_menu;
  GCancellable *recent_cancellable; /* of a look whether the chosen one is still there */
  gboolean notified;                /* the desktop shows how the last job ended */

  GSignalGroup *drill_signals; /* of the virtual substation */
  const SyDrill *drill;        /* that is prepared, run or judged; NULL: none */
  SyRelease *drill_release;    /* that its job sends; NULL: no job, or none of a drill */
  guint drill_fired;           /* how often its fault had happened before */
  gboolean drill_remedied;     /* its fault was ended by hand */
  gboolean drill_told;         /* that its fault has happened */
  gboolean drill_began;
  SyResult drill_result;   /* when it began */
  const SyDrill *standing; /* whose fault stands; NULL: none */

  AdwBin *board_bin;
  SyBoard *board;
  SyBoardPage *board_page; /* NULL until somebody looks at it */
  guint board_virtuals;    /* virtual substations that were added */
  char *board_file;        /* that was sent last; NULL: none was */
  gint64 board_end_us;     /* when all had ended last, real time; 0: never */
  guint board_cookie;      /* of the inhibition */
  AdwMessageDialog *board_dialog;
  SyStation *offered_station; /* to be shown, whatever the port's name; NULL: none */
};

/* Works out anew what Upgrade would do, and shows it. */
void sy_window_update_plan(SyWindow *self);
/* What Upgrade would do now. */
SyPlan *sy_window_make_plan(SyWindow *self);
/* Shows the release for the bank that is idle now, or that none is open. */
void sy_window_update_image(SyWindow *self);

/* Turns to the image page, so that a person sees what was opened. */
void sy_window_present_image(SyWindow *self);

/* sy-window-station.c: follows the chosen port. */
void sy_window_init_station(SyWindow *self);
void sy_window_dispose_station(SyWindow *self);

/* How ports are held, as the settings want it. */
SyLinkSettings sy_window_get_link_settings(void);
/* A new one as the settings want it. */
SyStation *sy_window_station_new(const char *port);
/* Shows this one, of the board. No job runs. */
void sy_window_take_station(SyWindow *self, SyStation *station);

/* Asks the substation at once who it is, if nothing else is going on. */
void sy_window_identify(SyWindow *self);

/* sy-window-finder.c: looks for the substation among all ports. */
void sy_window_class_init_finder(GtkWidgetClass *widget_class);
void sy_window_init_finder(SyWindow *self);
void sy_window_dispose_finder(SyWindow *self);
/* The second half of it: nothing else is going on at the station. */
void sy_window_begin_find(SyWindow *self);
void sy_window_cancel_find(SyWindow *self);
/* The station's state has news: what was told of the ports may no longer be so. */
void sy_window_update_finder(SyWindow *self);

/* sy-window-drills.c: drills on a virtual substation. */
void sy_window_class_init_drill_actions(GtkWidgetClass *widget_class);
void sy_window_init_drills(SyWindow *self);
void sy_window_dispose_drills(SyWindow *self);
/* Whether the page is there, and what can be done on it. */
void sy_window_update_drills(SyWindow *self);
/* A job has ended, with this result or, NULL, before it began. */
void sy_window_end_drill(SyWindow *self, const SyResult *result);

/* sy-window-board.c: the board, who is on it, and what can be done. sy_window_get_board and
 * sy_window_add_to_board are there, too. */
void sy_window_class_init_board_actions(GtkWidgetClass *widget_class);
void sy_window_init_board(SyWindow *self);
void sy_window_dispose_board(SyWindow *self);
/* The release, the file or what is in front is another by now. */
void sy_window_update_board(SyWindow *self);
void sy_window_set_board_narrow(SyWindow *self, gboolean narrow);
gboolean sy_window_is_board_shown(SyWindow *self);
gboolean sy_window_can_upgrade_board(SyWindow *self);
gboolean sy_window_can_copy_board(SyWindow *self);
/* The station of the row with this port; NULL with none. */
SyStation *sy_window_dup_board_station(SyWindow *self, const char *port);
/* What a SyBoardPlan is made of. */
SyPlanInput sy_window_get_board_input(SyWindow *self);
/* Of SyBoardRow; at most so many. */
GPtrArray *sy_window_list_board_rows(SyWindow *self, guint first, guint count);
/* A job of the window or the board runs: the file must stay. */
gboolean sy_window_is_working(SyWindow *self);

/* sy-window-board-jobs.c. */
void sy_window_class_init_board_jobs(GtkWidgetClass *widget_class);
void sy_window_init_board_jobs(SyWindow *self);
void sy_window_dispose_board_jobs(SyWindow *self);
/* Asks first where something is lost. */
void sy_window_upgrade_board(SyWindow *self);
void sy_window_copy_board(SyWindow *self, gboolean as_csv);

/* sy-window-job.c: runs a job that may change the substation, and asks before closing it. */
void sy_window_start_job(SyWindow *self, SyJob job);
/* The second half of it: nothing else is going on at the station. */
void sy_window_begin_job(SyWindow *self);
void sy_window_cancel_job(SyWindow *self);
/* The substation was heard: an end that left open what runs is put right. */
void sy_window_resolve_doubt(SyWindow *self);
/* TRUE when the window must stay for now. */
gboolean sy_window_ask_before_close(SyWindow *self);
/* Something has ended: when it was the last, closing need not wait, nor be asked about. */
void sy_window_end_closing(SyWindow *self);

/* sy-window-go-back.c: the menu items, keeping, and the question before going back. */
void sy_window_update_go_back(SyWindow *self);
void sy_window_keep(SyWindow *self);
void sy_window_ask_go_back(SyWindow *self);

/* sy-window-life.c: where the time went. `result` is NULL when an end is no longer shown. */
void sy_window_set_life(SyWindow *self, const SyResult *result);
void sy_window_show_life(SyWindow *self);

/* sy-window-console.c: asks where to save the console's readings. sy_window_save_readings_to is
 * there, too. */
void sy_window_ask_save_readings(SyWindow *self);

/* sy-window-upgrade.c: the question before an upgrade that loses something, the dry run, and what
 * its checks advise. */
void sy_window_class_init_upgrade_actions(GtkWidgetClass *widget_class);
void sy_window_update_upgrade_actions(SyWindow *self, const SyPlan *plan);
/* What Ctrl+U and Ctrl+Shift+C mean follows what is in front. */
void sy_window_update_board_keys(SyWindow *self);

/* sy-window-end.c: the end of a job, to be copied. `result` is NULL when it is no longer shown. */
void sy_window_class_init_end_actions(GtkWidgetClass *widget_class);
void sy_window_set_end(SyWindow *self, const SyResult *result);
/* None is shown any more; no job runs. */
void sy_window_forget_end(SyWindow *self);
void sy_window_update_copy(SyWindow *self);
/* What its sentence left open is known now, and shown. */
void sy_window_settle_end(SyWindow *self);

/* sy-window-actions.c: actions, the chooser, drops. */
void sy_window_add_filters(GtkFileChooser *chooser);
/* In the folder of the opened file, if there is one. */
void sy_window_begin_beside(SyWindow *self, GtkFileChooser *chooser);
void sy_window_class_init_actions(GtkWidgetClass *widget_class);
void sy_window_init_actions(SyWindow *self);
void sy_window_update_actions(SyWindow *self, const SyPlan *plan);

/* sy-window-open.c: sy_window_open, and shows a release that is in no file yet. */
void sy_window_cancel_open(SyWindow *self);
void sy_window_show_made(SyWindow *self, SyRelease *release);

/* sy-window-state.c: size, page and port, as they were left. */
void sy_window_restore_state(SyWindow *self);
void sy_window_save_state(SyWindow *self);

/* sy-window-recent.c: the files that were opened last, and where. */
void sy_window_class_init_recent(GtkWidgetClass *widget_class);
void sy_window_class_init_network(GtkWidgetClass *widget_class);
void sy_window_init_recent(SyWindow *self);
void sy_window_remember_file(SyWindow *self, SyImageFile *file);
void sy_window_cancel_recent(SyWindow *self);

/* sy-window-lines.c: DTR and RTS of serial ports. */
void sy_window_class_init_lines(GtkWidgetClass *widget_class);
void sy_window_init_lines(SyWindow *self);

/* sy-window-notify.c: tells the desktop how a job ended, unless the window is looked at. `result`
 * is NULL when the job did not begin, for `error`. */
void sy_window_init_notify(SyWindow *self);
void sy_window_notify_end(SyWindow *self, const SyResult *result, const GError *error);
/* The same of the board; `passed`: all have. */
void sy_window_notify_board(SyWindow *self, gboolean passed, const char *summary);
void sy_window_withdraw_notification(SyWindow *self);

/* sy-window-image.c: comparing, merging, and the actions of the bytes' page. */
void sy_window_class_init_image_actions(GtkWidgetClass *widget_class);
void sy_window_update_image_actions(SyWindow *self);
/* Tells in a toast, for what is no trouble. */
void sy_window_tell(SyWindow *self, const char *text);
void sy_window_cancel_pairing(SyWindow *self);
/* Of the release's image (A) with something that is called `name_b`; see SyBytesPage. */
void sy_window_show_comparison(SyWindow *self, SyComparison *comparison, const char *name_b,
                               const char *note);
/* Tells in a dialog what went wrong; nothing when it was cancelled. */
void sy_window_tell_trouble(SyWindow *self, const char *heading, const GError *error);
/* Reads back what the opened file speaks of; `callback` has the window, referenced. */
void sy_window_begin_read(SyWindow *self, GAsyncReadyCallback callback);
void sy_window_show_read(SyWindow *self, SyImage *read);

/* sy-window-save.c: asks what of the opened file to save. sy_window_save_to is there, too. */
void sy_window_ask_save(SyWindow *self);

G_END_DECLS
