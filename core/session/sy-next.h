/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What to do when a job has ended. Texts are translated. Any thread. */

#pragma once

#include "sy-session.h"

#include <glib.h>

G_BEGIN_DECLS

/* What a person most likely does next, for a button. */
typedef enum {
  SY_NEXT_NOTHING,
  SY_NEXT_TRY_AGAIN, /* the same job */
  SY_NEXT_GO_BACK,   /* to the program in the other bank */
  SY_NEXT_OPEN,      /* another file */
  SY_NEXT_UPGRADE,   /* what the dry run was about */
} SyNext;

SyNext sy_result_get_next(SyJob job, const SyResult *result);
/* What to do where something failed, as the end of its sentence; NULL where nothing did. */
const char *sy_result_get_advice(SyJob job, const SyResult *result);
/* What to do next, whatever happened: the advice, and how much of the transfer is kept. NULL when
 * there is nothing to say. */
char *sy_result_dup_next_text(SyJob job, const SyResult *result);

G_END_DECLS
