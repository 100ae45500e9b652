/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Running the default main loop in a test. */

#include "spin.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { DEADLINE_S = 100 };

static gboolean raise_flag(gpointer flag)
{
  *(gboolean *)flag = TRUE;
  return G_SOURCE_REMOVE;
}

void spin_until(SpinCondition condition, gpointer user_data, const char *what)
{
  gboolean late = FALSE;
  guint source = g_timeout_add_seconds(DEADLINE_S, raise_flag, &late);

  while (!condition(user_data) && !late)
    g_main_context_iteration(NULL, TRUE);
  if (late)
    fail_msg("waited %d s in vain: %s", DEADLINE_S, what);
  g_source_remove(source);
}

void spin_ms(guint ms)
{
  gboolean over = FALSE;

  g_timeout_add(ms, raise_flag, &over);
  while (!over)
    g_main_context_iteration(NULL, TRUE);
}
