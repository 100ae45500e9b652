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

typedef enum {
  SY_PLAN_PASSED,
  SY_PLAN_WAITS, /* cannot be said yet */
  SY_PLAN_NOTE,  /* good to know */
  SY_PLAN_WARNING,
  SY_PLAN_FAILED,
  SY_PLAN_STATES,
} SyPlanState;

/* One thing that was looked at. */
typedef struct {
  SyPlanState state;
  char *name;               /* "Checksum" */
  char *text;               /* what was found, with its full stop if it is a sentence */
  char *fix;                /* what to do, a sentence; NULL where nothing is to be done */
  const char *action;       /* that does it, as for an actionable; NULL with none */
  const char *action_label; /* with mnemonic; NULL with none */
} SyPlanCheck;

/* Why an upgrade is asked about first. */
typedef enum {
  SY_PLAN_LOSES_NOTHING,
  SY_PLAN_SENDS_AGAIN,    /* the substation has left this program before */
  SY_PLAN_CONFIRMS_FIRST, /* what runs is on trial */
  SY_PLAN_DOWNGRADES,
  SY_PLAN_REINSTALLS,
  SY_PLAN_LOSSES,
} SyPlanLoss;

typedef struct {
  gboolean ready;
  gboolean suggested; /* the change is one a person most likely wants */
  gboolean checkable; /* a dry run can find out more */
  WireBank bank;      /* that would be written; NONE when not known */
  char *label;        /* of the button, with mnemonic */
  char *reason;       /* why not; NULL when ready */
  SyPlanLoss loss;
  char *question; /* to be asked first, since something is lost; NULL for a plain upgrade */
  char *body;     /* of the question: why, and what is lost */
  char *answer;   /* that goes on, with mnemonic */
  GArray *checks; /* of SyPlanCheck, everything that was looked at */
} SyPlan;

SyPlan *sy_plan_new(const SyPlanInput *input);
void sy_plan_free(SyPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyPlan, sy_plan_free)

/* The bank an upgrade would write; NONE when not known. Either may be NULL. */
WireBank sy_plan_choose_bank(const WireIdentity *identity, SyRelease *release);

/* Why nothing else can be done while a job runs, as a sentence. */
const char *sy_plan_get_job_text(SyJob job);

/* Everything that an upgrade depends on, in order; free with g_array_unref (sy-plan-checks.c). */
GArray *sy_plan_look(const SyPlanInput *input);
/* What runs is on trial: an upgrade confirms it first. */
gboolean sy_plan_is_on_trial(const WireIdentity *identity);
/* The substation has had this very program on trial and left it. */
gboolean sy_plan_has_failed_before(const WireIdentity *identity, const SyProgram *program);

/* The name of a check, as a row title: "Bank", "CRC". */
const char *sy_plan_check_name(SyCheck check);

G_END_DECLS
