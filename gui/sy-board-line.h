/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyBoardLine: one substation of the board: what it runs, what would become of it, its job and how
 * that ended, and behind an arrow all that is known of the end. It activates win.board-cancel-row,
 * win.board-remove-row, win.board-start-row and win.board-show-row with its position.
 */

#pragma once

#include "sy-board-plan.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_BOARD_LINE (sy_board_line_get_type())
G_DECLARE_FINAL_TYPE(SyBoardLine, sy_board_line, SY, BOARD_LINE, GtkListBoxRow)

GtkWidget *sy_board_line_new(SyBoardRow *row);
SyBoardRow *sy_board_line_get_row(SyBoardLine *self);

/* Shows how the row stands now. Cheap when nothing is new. */
void sy_board_line_refresh(SyBoardLine *self, const SyPlanInput *input);
/* State and sentence below each other instead of in one line. */
void sy_board_line_set_narrow(SyBoardLine *self, gboolean narrow);
/* Shows or hides the details. */
void sy_board_line_toggle(SyBoardLine *self);

G_END_DECLS
