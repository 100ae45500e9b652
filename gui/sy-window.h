/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyWindow: one substation and one file, and the change that brings them together. All work is
 * done by SyStation and SyRelease; the window shows it and says what may be done next.
 */

#pragma once

#include "sy-board.h"
#include "sy-plan.h"
#include "sy-save-dialog.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define SY_TYPE_WINDOW (sy_window_get_type())
G_DECLARE_FINAL_TYPE(SyWindow, sy_window, SY, WINDOW, AdwApplicationWindow)

SyWindow *sy_window_new(GtkApplication *application);

/* Reads a file in the background and shows it; refused with a toast while a job runs. */
void sy_window_open(SyWindow *self, GFile *file);
/* The same of a file whose format is known, or the address of its raw bytes. */
void sy_window_open_with(SyWindow *self, GFile *file, const SyFileOptions *options);
/* Chooses a port, listed or not; ignored while a job runs. */
void sy_window_set_port(SyWindow *self, const char *port);

/* Compares the opened file with another and shows both; nothing without an opened file. */
void sy_window_compare_with(SyWindow *self, GFile *file);
/* Shows the opened file and another as one, which is in no file yet. */
void sy_window_merge_with(SyWindow *self, GFile *file);
/* Saves what was chosen of the opened file; takes over the choice. A file that exists is replaced,
 * but for the opened one, about which is asked; in a folder nothing is replaced unasked. */
void sy_window_save_to(SyWindow *self, SySaveChoice *choice, GFile *target);

/* Saves what the console has of readings, as comma-separated values; a file that exists is
 * replaced. */
void sy_window_save_readings_to(SyWindow *self, GFile *target);

/* Puts a port on the board; with "virtual" another virtual substation each time. */
void sy_window_add_to_board(SyWindow *self, const char *port);
/* Borrowed. */
SyBoard *sy_window_get_board(SyWindow *self);

/* What is shown; borrowed, may be NULL. */
SyStation *sy_window_get_station(SyWindow *self);
SyRelease *sy_window_get_release(SyWindow *self);
/* An upgrade or a way back runs. */
gboolean sy_window_is_busy(SyWindow *self);

G_END_DECLS
