/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What to make of a line on which no substation answered. Any thread. */

#pragma once

#include "sy-outcome.h"
#include "sy-trouble.h"

G_BEGIN_DECLS

/* SILENT, NOT_HEARD, ECHO, WRONG_RATE or NOT_A_SUBSTATION. Modest: letters only count as another
 * device's when nearly all are. */
SyTroubleKind sy_hearing_judge(const SyHearing *hearing);

/* What the other device says, at most 40 letters of it, printable; free with g_free. */
char *sy_hearing_dup_quote(const SyHearing *hearing);

/* The trouble of a job that heard no substation on `port`; NULL when it did, or there is nothing
 * that a person could do about its end. Looks at this machine, too. */
SyTrouble *sy_result_find_trouble(const SyResult *result, const char *port);

G_END_DECLS
