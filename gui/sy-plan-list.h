/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyPlanList: everything that an upgrade depends on, a row each: how it stands by icon and word,
 * what was found, what to do and, where it can be, a button that does it. Only warnings and what is
 * missing are shown unless it is expanded. Nothing to show: it is not visible.
 */

#pragma once

#include "sy-plan.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_PLAN_LIST (sy_plan_list_get_type())
G_DECLARE_FINAL_TYPE(SyPlanList, sy_plan_list, SY, PLAN_LIST, GtkWidget)

/* Of SyPlanCheck; copied. */
void sy_plan_list_set_checks(SyPlanList *self, const GArray *checks);
void sy_plan_list_set_expanded(SyPlanList *self, gboolean expanded);
/* Hides even what is wrong, while something else is going on. */
void sy_plan_list_set_hushed(SyPlanList *self, gboolean hushed);

/* "11 checks passed", "9 of 11 checks passed"; free with g_free. */
char *sy_plan_list_dup_summary(SyPlanList *self);
/* The worst of them. */
SyPlanState sy_plan_list_get_worst(SyPlanList *self);
/* What is shown, a line each: "Warning: Version: 1.0.0 is older than 1.1.0, which runs."; free with
 * g_free. */
char *sy_plan_list_dup_text(SyPlanList *self);

/* "dialog-warning-symbolic", and the class that colours it. Not to be freed. */
const char *sy_plan_state_get_icon(SyPlanState state);
const char *sy_plan_state_get_class(SyPlanState state);

G_END_DECLS
