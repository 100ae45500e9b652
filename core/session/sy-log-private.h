/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files of the log share: a filter looks at 100,000 lines within a frame, which leaves no
 * time for references and casts. Nobody else includes it. */

#pragma once

#include "sy-log-model.h"

G_BEGIN_DECLS

struct _SyLogEntry {
  GObject parent_instance;

  SyLogLevel level;
  gint64 time_us;
  char *text;
};

struct _SyLogModel {
  GObject parent_instance;

  SyLogEntry **ring;
  guint room; /* of the ring; grows to max */
  guint first;
  guint count;
  guint max;
};

/* Borrowed. */
static inline SyLogEntry *sy_log_model_peek(SyLogModel *self, guint position)
{
  return self->ring[(self->first + position) % self->room];
}

G_END_DECLS
