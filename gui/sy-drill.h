/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyDrill: what can be made to go wrong on a virtual substation to see what happens: what to expect
 * of it, and, when it is over, whether it came so. Constant tables and pure functions.
 */

#pragma once

#include "sy-station.h"

G_BEGIN_DECLS

typedef enum {
  SY_DRILL_NOISE,
  SY_DRILL_DROP,
  SY_DRILL_CABLE,
  SY_DRILL_POWER,
  SY_DRILL_SILENT,
  SY_DRILL_WORN,
  SY_DRILL_HANG,
  SY_DRILL_COUNT,
} SyDrillKind;

/* Texts are not translated yet. */
typedef struct {
  const char *name;   /* of the action's target: "noise" */
  const char *title;  /* "Noise on the Line" */
  const char *what;   /* what is done, a sentence */
  const char *expect; /* sentences */
  const char *proof;  /* what it will have shown, a sentence */
  const char *fault;  /* as sy_virtual_add_fault takes it; NULL when the program is what fails */
  const char *file;   /* firmware that is sent instead of the release; NULL: the release */
  /* A fault that stays until a person ends it; NULL when it is over with the drill. */
  const char *standing; /* a sentence: that it stands */
  const char *remedy;   /* of the button, with mnemonic */
  const char *next;     /* what to do at the end of the drill, when it still stands */
} SyDrill;

const SyDrill *sy_drill_get(SyDrillKind kind);
/* NULL for a name that none has. */
const SyDrill *sy_drill_find(const char *name);
/* The fault's number, when `bank` will be written. */
guint sy_drill_get_number(const SyDrill *drill, WireBank bank);

typedef enum {
  SY_DRILL_AS_EXPECTED,
  SY_DRILL_OTHERWISE,
  SY_DRILL_NO_FAULT,  /* what should go wrong did not */
  SY_DRILL_CANCELLED, /* by a person */
  SY_DRILL_NOT_BEGUN,
} SyDrillVerdict;

/* `result` of the upgrade, NULL when it did not begin; `fired` is how often the fault happened. */
SyDrillVerdict sy_drill_judge(const SyDrill *drill, const SyResult *result, guint fired);
/* "As expected", for a heading; translated. */
const char *sy_drill_verdict_to_string(SyDrillVerdict verdict);
/* What came of it, in sentences, with figures and what to do next; `stands`: the fault still does.
 * Free with g_free. */
char *sy_drill_dup_end_text(const SyDrill *drill, const SyResult *result, guint fired,
                            gboolean stands);
/* While it runs: whether the fault has happened yet; free with g_free. */
char *sy_drill_dup_running_text(const SyDrill *drill, guint fired);

G_END_DECLS
