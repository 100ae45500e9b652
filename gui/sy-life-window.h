/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyLifeWindow: where an upgrade's time went. Each stage in a block's life with its time, its share
 * and a bar; what interrupts cost the substation; what was sent. Ctrl+C copies all of it as text,
 * Escape closes.
 */

#pragma once

#include "sy-life.h"

#include <adwaita.h>

G_BEGIN_DECLS

#define SY_TYPE_LIFE_WINDOW (sy_life_window_get_type())
G_DECLARE_FINAL_TYPE(SyLifeWindow, sy_life_window, SY, LIFE_WINDOW, AdwWindow)

/* Copies the table; belongs to `parent`. */
SyLifeWindow *sy_life_window_new(GtkWindow *parent, const SyLifeTable *table);

G_END_DECLS
