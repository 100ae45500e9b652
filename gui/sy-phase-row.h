/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyPhaseRow: the phases of a job one behind the other, with those that are over ticked off and the
 * present one marked by a frame and an arrow.
 */

#pragma once

#include "sy-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_PHASE_ROW (sy_phase_row_get_type())
G_DECLARE_FINAL_TYPE(SyPhaseRow, sy_phase_row, SY, PHASE_ROW, GtkWidget)

/* Begins anew with the phases that this job has. */
void sy_phase_row_set_job(SyPhaseRow *self, SyJob job);
/* One that the row does not have, such as finding out what runs, leaves it as it is. */
void sy_phase_row_set_phase(SyPhaseRow *self, SyPhase phase);

/* "✓ Connect · ✓ Enter · ▸ Erase · Write": what is shown; free with g_free. */
char *sy_phase_row_dup_text(SyPhaseRow *self);

G_END_DECLS
