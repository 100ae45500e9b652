/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Running the default main loop in a test. */

#pragma once

#include <glib.h>

typedef gboolean (*SpinCondition)(gpointer user_data);

/* Until the condition holds; fails the test when that takes more than 100 s. */
void spin_until(SpinCondition condition, gpointer user_data, const char *what);
/* For so long, whatever happens. */
void spin_ms(guint ms);
