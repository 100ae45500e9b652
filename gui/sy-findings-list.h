/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyFindingsList: all that was found about a file in one list: what is wrong with its text, and
 * what the checks of its programs say. Errors first, then warnings, then what is right; above it
 * whether the file can be sent.
 *
 * Signals, when a row is activated: "go-to" (guint addr), or "go-to-line" (guint line) for what has
 * a line of the file but no address.
 */

#pragma once

#include "sy-release.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_FINDINGS_LIST (sy_findings_list_get_type())
G_DECLARE_FINAL_TYPE(SyFindingsList, sy_findings_list, SY, FINDINGS_LIST, GtkWidget)

GtkWidget *sy_findings_list_new(void);

/* NULL: no file is open. */
void sy_findings_list_set_release(SyFindingsList *self, SyRelease *release);

/* To the list itself, behind its heads. */
void sy_findings_list_take_focus(SyFindingsList *self);

/* "This file can be sent."; empty without a file. Borrowed. */
const char *sy_findings_list_get_verdict(SyFindingsList *self);
/* Of what was found, OK or not. */
guint sy_findings_list_count(SyFindingsList *self, SySeverity severity);
/* Verdict and all findings, one a line, whatever is shown. Free with g_free. */
char *sy_findings_list_dup_text(SyFindingsList *self);

G_END_DECLS
