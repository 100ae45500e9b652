/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What the tests of the board share: its page, the lines on it, and waiting for all of them. Rows
 * are counted from 0.
 */

#pragma once

#include "window-fixture.h"

#include "sy-board-page.h"

enum { BOARD_WIDTH = 1200, BOARD_HEIGHT = 820, BOARD_FADE_MS = 400 };

/* A window that has read the variable's file and shows its board. */
SyWindow *board_open(const char *variable);
SyWindow *board_open_sized(const char *variable, int width, int height);
/* Opens a file in the same window. */
void board_open_another(SyWindow *window, const char *variable);
void board_show(SyWindow *window);

/* NULL until somebody looked at it. */
SyBoardPage *board_get_page(SyWindow *window);
/* Borrowed, as in the templates of the page and of a line. */
GtkWidget *board_child(SyWindow *window, const char *name);
GtkWidget *board_line_child(SyWindow *window, guint n, const char *name);
const char *board_text(SyWindow *window, const char *label);
const char *board_line_text(SyWindow *window, guint n, const char *label);
SyBoardRow *board_get_row(SyWindow *window, guint n);
SyStation *board_get_station(SyWindow *window, guint n);
guint board_count_rows(SyWindow *window);

/* One of the page's buttons, which must be offered. */
void board_press(SyWindow *window, const char *button);
/* Opens or closes the details of a row. */
void board_toggle(SyWindow *window, guint n);
/* An action of the window that takes a row or a number. */
void board_act(SyWindow *window, const char *action, guint n);

/* Conditions to wait for. Known: each answers; told: each answers or cannot be reached; ready: the
 * page says so as well; over: no row has a job, and of the second the page says so as well. */
gboolean board_is_all_known(SyWindow *window);
gboolean board_is_all_told(SyWindow *window);
gboolean board_is_ready(SyWindow *window);
gboolean board_is_over(SyWindow *window);
gboolean board_is_shown_over(SyWindow *window);

/* Adds virtual substations and waits until all rows are ready. */
void board_add_virtuals(SyWindow *window, guint count);
/* Presses Upgrade and waits for the end. */
void board_run(SyWindow *window);
/* Presses Upgrade and runs the main loop until all rows, of virtual substations, write. They are
 * behind long lines, so that slow as we may be none is done before the other has begun; they stay
 * so until they are freed of it. */
void board_start_writing(SyWindow *window);
void board_shorten_lines(SyWindow *window);

/* The row's state, as the line says it, too. */
void board_assert_state(SyWindow *window, guint n, SyBoardState state);
void board_assert_says(const char *text, const char *part);
