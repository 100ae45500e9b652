/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The end of a job as plain text: for a message to whoever has to know. Translated. Any thread. */

#pragma once

#include "sy-session.h"

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  gint64 time_us; /* g_get_real_time() */
  const char *port;
  const char *file;     /* NULL where none was sent */
  const char *sentence; /* as it was shown */
  gboolean settled;     /* that is from later: what the result advises no longer holds */
  SyJob job;
  const SyResult *result;
} SyReport;

/* Date, port, substation, file, release, sentence, next step, figures, counts, and where the time
 * went. Free with g_free. */
char *sy_report_dup_text(const SyReport *report);

G_END_DECLS
