/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyEar: makes frames, and text of all else, of what comes along a line.
 *
 * Bytes that are no frame are what a stranger says, or noise: they are told as lines, printable
 * ASCII as it is and all else as \\xNN, and no more of them than a person could read.
 *
 * One thread at a time. Times are microseconds of any steady clock.
 */

#pragma once

#include "wire-frame.h"

#include <glib.h>

G_BEGIN_DECLS

enum {
  SY_EAR_GAP_MS = 100,           /* of silence: what was begun does not go on */
  SY_EAR_LINE_MAX = 160,         /* characters; longer lines are broken */
  SY_EAR_TEXT_PER_SECOND = 2048, /* bytes told as text; of more than that, the number */
};

/* In the thread that feeds. */
typedef struct {
  void (*frame)(const WireFrame *frame, gpointer user_data);
  void (*text)(const char *line, gpointer user_data);
} SyEarFuncs;

typedef struct _SyEar SyEar;

/* `funcs` and `user_data` must stay as long as the ear. */
SyEar *sy_ear_new(const SyEarFuncs *funcs, gpointer user_data);
void sy_ear_free(SyEar *self);

/* While it is deaf to text it hears frames only: a line whose rate changes brings rubbish. */
void sy_ear_set_deaf_to_text(SyEar *self, gboolean deaf);
/* What was begun is forgotten: another line. What comes first there, up to a frame or a silence,
 * may be the end of a frame, and is not told as text. As after sy_ear_new. */
void sy_ear_forget(SyEar *self);
void sy_ear_feed(SyEar *self, const guint8 *bytes, gsize length, gint64 now_us);
/* Whether something was begun, for which sy_ear_gap is to be called when nothing more comes for
 * SY_EAR_GAP_MS. */
gboolean sy_ear_is_waiting(const SyEar *self);
/* Call until sy_ear_is_waiting is FALSE. */
void sy_ear_gap(SyEar *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyEar, sy_ear_free)

G_END_DECLS
