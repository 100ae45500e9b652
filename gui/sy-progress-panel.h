/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyProgressPanel: the bottom of the window. What pressing Upgrade does or why it can't be pressed,
 * how far a running job is, and the closing sentence with the next step. Its buttons activate
 * win.upgrade, win.cancel, win.life, win.copy-result, and what the checks and the end advise.
 */

#pragma once

#include "sy-plan.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_PROGRESS_PANEL (sy_progress_panel_get_type())
G_DECLARE_FINAL_TYPE(SyProgressPanel, sy_progress_panel, SY, PROGRESS_PANEL, GtkWidget)

void sy_progress_panel_set_plan(SyProgressPanel *self, const SyPlan *plan);
/* One column instead of one row. */
void sy_progress_panel_set_narrow(SyProgressPanel *self, gboolean narrow);

/* A job: start, then progress, then its end; clear forgets a shown end. */
void sy_progress_panel_start(SyProgressPanel *self, SyJob job);
void sy_progress_panel_set_progress(SyProgressPanel *self, const SyProgress *progress);
void sy_progress_panel_set_cancelling(SyProgressPanel *self);
void sy_progress_panel_finish(SyProgressPanel *self, const SyResult *result);
/* The job did not even begin; nothing was sent. */
void sy_progress_panel_abandon(SyProgressPanel *self, const GError *error);
/* After an end that left open what runs, the substation was heard: says so instead. `new_runs`: the
 * program that was wanted runs after all and is not on trial. */
void sy_progress_panel_heard_again(SyProgressPanel *self, const WireIdentity *identity,
                                   gboolean new_runs);
/* The closing sentence that is shown. Borrowed. */
const char *sy_progress_panel_get_sentence(SyProgressPanel *self);
void sy_progress_panel_clear(SyProgressPanel *self);

G_END_DECLS
