/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a board and its rows share; nobody else includes it. */

#pragma once

#include "sy-board.h"

G_BEGIN_DECLS

/* Told when a row's state has changed; `data` is the board. Main thread. */
typedef void (*SyBoardRowFunc)(SyBoardRow *row, gpointer data);

/* `changed` is told until it is taken off with NULL. */
SyBoardRow *sy_board_row_new(SyStation *station, const char *title);
void sy_board_row_set_watcher(SyBoardRow *self, SyBoardRowFunc changed, gpointer data);

/* Not while it is busy. */
void sy_board_row_identify(SyBoardRow *self);
void sy_board_row_start(SyBoardRow *self, SyRelease *release, gboolean dry);
void sy_board_row_cancel(SyBoardRow *self);

G_END_DECLS
