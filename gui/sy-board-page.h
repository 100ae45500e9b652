/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyBoardPage: a board of substations: what one press would do to them, how far all of them are,
 * and a line for each. Its buttons activate win.board-add, win.board-practise, win.board-upgrade,
 * win.board-retry, win.board-cancel, win.board-copy and win.board-remove-all.
 *
 * What happens on the board is shown ten times a second at most, and only while the page is in
 * sight. While nothing runs the substations are asked every few seconds who they are.
 *
 * Signal "planned" (void): sy_board_page_get_plan has news.
 */

#pragma once

#include "sy-board-plan.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_BOARD_PAGE (sy_board_page_get_type())
G_DECLARE_FINAL_TYPE(SyBoardPage, sy_board_page, SY, BOARD_PAGE, GtkWidget)

GtkWidget *sy_board_page_new(SyBoard *board);

/* The release and the file it is from; the station does not matter. Copied. */
void sy_board_page_set_input(SyBoardPage *self, const SyPlanInput *input);
/* What the buttons would do, as it was shown last; borrowed until the next "planned". */
const SyBoardPlan *sy_board_page_get_plan(SyBoardPage *self);
/* These, of SyBoardRow, start now: the bar is theirs, and of those that run already. */
void sy_board_page_begin(SyBoardPage *self, GPtrArray *rows);
void sy_board_page_set_narrow(SyBoardPage *self, gboolean narrow);
/* NULL behind the last. */
GtkWidget *sy_board_page_get_line(SyBoardPage *self, guint position);

G_END_DECLS
