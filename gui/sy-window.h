/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyWindow: one substation and one file, and the change that brings them together. All work is
 * done by SyStation and SyRelease; the window shows it and says what may be done next.
 */

#pragma once

#include "sy-plan.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define SY_TYPE_WINDOW (sy_window_get_type())
G_DECLARE_FINAL_TYPE(SyWindow, sy_window, SY, WINDOW, AdwApplicationWindow)

SyWindow *sy_window_new(GtkApplication *application);

/* Reads a file in the background and shows it; refused with a toast while a job runs. */
void sy_window_open(SyWindow *self, GFile *file);
/* Chooses a port, listed or not; ignored while a job runs. */
void sy_window_set_port(SyWindow *self, const char *port);

/* What is shown; borrowed, may be NULL. */
SyStation *sy_window_get_station(SyWindow *self);
SyRelease *sy_window_get_release(SyWindow *self);
/* An upgrade or a way back runs. */
gboolean sy_window_is_busy(SyWindow *self);

G_END_DECLS
