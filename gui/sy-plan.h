/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyPlan: what pressing Upgrade would do now, or why it can't be pressed. Made from the substation
 * and the file alone, so that the window only shows it.
 */

#pragma once

#include "sy-station.h"

G_BEGIN_DECLS

typedef struct {
  SyStation *station;    /* may be NULL */
  SyRelease *release;    /* may be NULL */
  const char *file_name; /* of the file being read or that failed; may be NULL */
  gboolean loading;
  gboolean load_failed;
} SyPlanInput;

/* One thing that was looked at, in few words. */
typedef struct {
  SySeverity severity;
  char *text;
  char *detail; /* a whole sentence where the few words may leave questions, else NULL */
} SyPlanCheck;

typedef struct {
  gboolean ready;
  gboolean suggested; /* the change is one a person most likely wants */
  WireBank bank;      /* that would be written; NONE when not known */
  char *label;        /* of the button, with mnemonic */
  char *reason;       /* why not; NULL when ready */
  GArray *checks;     /* of SyPlanCheck; empty when nothing could be compared */
} SyPlan;

SyPlan *sy_plan_new(const SyPlanInput *input);
void sy_plan_free(SyPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyPlan, sy_plan_free)

/* The bank an upgrade would write; NONE when not known. Either may be NULL. */
WireBank sy_plan_choose_bank(const WireIdentity *identity, SyRelease *release);

/* Why nothing else can be done while a job runs, as a sentence. */
const char *sy_plan_get_job_text(SyJob job);

/* The name of a check, as a row title: "Bank", "CRC". */
const char *sy_plan_check_name(SyCheck check);

G_END_DECLS
