/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A substation of which the test says what it sends: at the far end of a pty, it answers IDENTIFY
 * while the main loop runs. */

#pragma once

#include "pty-fixture.h"
#include "wire-message.h"

typedef struct {
  Pty pty;
  WireDecoder decoder;
  WireIdentity identity; /* what it answers */
  gboolean mute;         /* answers nothing */
  guint asked;           /* requests that came */
  WireReading reading;   /* sent next */
  guint readings_before_answer;
  GByteArray *behind_answer; /* sent once; NULL: nothing */
  guint source;
} LinePeer;

/* LOW 1.0.0, confirmed. */
void line_peer_start(LinePeer *peer);
void line_peer_stop(LinePeer *peer);
void line_peer_send(LinePeer *peer, const void *bytes, gsize length);
/* A frame that nobody asked for; returns its bytes, written to `to` (WIRE_FRAME_MAX). */
gsize line_peer_make_reading(LinePeer *peer, guint8 *to);
void line_peer_send_reading(LinePeer *peer);
void line_peer_announce(LinePeer *peer);
