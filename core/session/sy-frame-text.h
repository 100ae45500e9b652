/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Frames as people read them: a line each, in the words of PROTOCOL.md §3 to §5. These are names,
 * not sentences, and the same in every language: whoever reads them has that paper at hand.
 *
 * SyFrameTrace cuts both directions of a line into frames and words each of them, and what belongs
 * to none. Used by one thread at a time, but for sy_frame_trace_set_on.
 */

#pragma once

#include "wire-frame.h"

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  SY_DIRECTION_OUT, /* to the substation */
  SY_DIRECTION_IN,
} SyDirection;

/* "DATA"; an answer has its question's name: "reply to DATA". Static, or NULL for a type that
 * PROTOCOL.md does not have. */
const char *sy_frame_type_to_string(guint8 type);

/* "DATA seq 7"; "READING" for what nobody asked for. Of the header alone. Free with g_free. */
char *sy_frame_dup_name(const WireFrame *frame);
/* "→ DATA seq 7: block 12, 2 blocks, packed, 611 bytes". Free with g_free. */
char *sy_frame_dup_text(SyDirection direction, const WireFrame *frame);

typedef struct {
  SyDirection direction;
  const WireFrame *frame; /* NULL: bytes that make no whole frame */
  gsize length;           /* bytes on the wire */
  const char *text;       /* the line */
} SyFrameLine;

/* The line and what it refers to are valid during the call only. */
typedef void (*SyFrameFunc)(const SyFrameLine *line, gpointer user_data);

typedef struct _SyFrameTrace SyFrameTrace;

/* It is off, and then costs a look at a flag whenever bytes come. */
SyFrameTrace *sy_frame_trace_new(SyFrameFunc func, gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void sy_frame_trace_free(SyFrameTrace *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyFrameTrace, sy_frame_trace_free)

/* Any thread. What is under way when it is switched on may be told as bytes of no frame. */
void sy_frame_trace_set_on(SyFrameTrace *self, gboolean on);
gboolean sy_frame_trace_is_on(SyFrameTrace *self);

/* Bytes that went or came, in pieces of any size. */
void sy_frame_trace_feed(SyFrameTrace *self, SyDirection direction, const guint8 *bytes,
                         gsize length);
/* Time passes: behind 100 ms of silence what came and makes no frame is told. */
void sy_frame_trace_tick(SyFrameTrace *self);

G_END_DECLS
