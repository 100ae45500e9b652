/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyBoardPlan: what pressing Upgrade or Retry on a board would do now, or why Upgrade can't be
 * pressed, by the same checks as SyPlan for each of its substations.
 */

#pragma once

#include "sy-board.h"
#include "sy-plan.h"

G_BEGIN_DECLS

typedef struct {
  GPtrArray *ready;    /* of SyBoardRow, which Upgrade starts */
  GPtrArray *failures; /* of SyBoardRow, which Retry starts */
  char *reason;        /* why not, a sentence; NULL when some are ready */
} SyBoardPlan;

/* `input` is that of the release; its station does not matter. */
SyBoardPlan *sy_board_plan_new(SyBoard *board, const SyPlanInput *input);
void sy_board_plan_free(SyBoardPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyBoardPlan, sy_board_plan_free)

/* Of one row. */
SyPlan *sy_board_plan_row(SyBoardRow *row, const SyPlanInput *input);
/* The row has passed and runs what it passed with: there is nothing left to do. */
gboolean sy_board_plan_is_settled(SyBoardRow *row, const SyPlan *plan);

/* What is asked before rows are started that lose something. */
typedef struct {
  GPtrArray *harmless; /* of the rows, those that lose nothing */
  char *body;          /* how many lose what; NULL when none does */
} SyBoardQuestion;

SyBoardQuestion *sy_board_question_new(GPtrArray *rows, const SyPlanInput *input);
void sy_board_question_free(SyBoardQuestion *question);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyBoardQuestion, sy_board_question_free)

G_END_DECLS
