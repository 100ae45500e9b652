/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One direction of a line that delays what it carries and now and then turns a bit, by a seed: what
 * a USB adapter and a long cable do. In virtual time. */

#pragma once

#include <glib.h>

typedef struct {
  GByteArray *bytes;
  GArray *due_us;
  guint64 latency_us;
  double bit_error_rate; /* each of a byte's ten bits is as likely */
  GRand *rand;
  guint turned; /* bytes that were changed */
} RigLine;

RigLine *rig_line_new(guint64 latency_us, double bit_error_rate, guint32 seed);
void rig_line_free(RigLine *line);
void rig_line_push(RigLine *line, const guint8 *bytes, gsize length, guint64 now_us);
/* Takes what has come through by now. */
gsize rig_line_pop(RigLine *line, guint8 *bytes, gsize room, guint64 now_us);
gboolean rig_line_is_empty(const RigLine *line);
