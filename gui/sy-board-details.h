/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyBoardDetails: all that is known of one substation of the board, below its line.
 *
 * Signal "wish" (string action): the action, which takes the line's position, is wanted. */

#pragma once

#include "sy-board.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define SY_TYPE_BOARD_DETAILS (sy_board_details_get_type())
G_DECLARE_FINAL_TYPE(SyBoardDetails, sy_board_details, SY, BOARD_DETAILS, GtkWidget)

GtkWidget *sy_board_details_new(SyBoardRow *row);
/* `text` is what the line says, which may be cut there; may be NULL. */
void sy_board_details_refresh(SyBoardDetails *self, const char *text);

G_END_DECLS
