/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What became of each substation of a board: proof of what was done. */

#pragma once

#include "sy-board.h"

G_BEGIN_DECLS

typedef struct {
  SyBoard *board;
  const char *file; /* that was sent; NULL when not known */
  gint64 time_us;   /* of the last end, g_get_real_time() */
} SyBoardReport;

/* For people, translated: when, what, how many, and a line for each. Free with g_free. */
char *sy_board_report_dup_text(const SyBoardReport *report);
/* For a table: comma-separated values with a line of names, numbers as the C locale writes them.
 * Free with g_free. */
char *sy_board_report_dup_csv(const SyBoardReport *report);

G_END_DECLS
