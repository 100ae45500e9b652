/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A substation of which the test says what it sends. */

#include "line-peer.h"

#include "wire-image.h"

#include <glib-unix.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

void line_peer_send(LinePeer *peer, const void *bytes, gsize length)
{
  gsize sent = 0;

  while (sent < length) {
    gssize count = write(peer->pty.master, (const guint8 *)bytes + sent, length - sent);

    assert_true(count > 0);
    sent += (gsize)count;
  }
}

static gsize make_frame(guint8 type, const WireFrame *request, gsize length, guint8 *to)
{
  WireFrame frame = {
      .type = type,
      .token = request ? request->token : 0,
      .seq = request ? request->seq : 0,
      .length = (guint16)length,
      .payload = to + WIRE_FRAME_HEADER_SIZE,
  };

  return wire_frame_write(&frame, to);
}

static void send_identity(LinePeer *peer, guint8 type, const WireFrame *request)
{
  guint8 frame[WIRE_FRAME_MAX];
  gsize length = wire_identity_write(&peer->identity, frame + WIRE_FRAME_HEADER_SIZE);

  line_peer_send(peer, frame, make_frame(type, request, length, frame));
}

gsize line_peer_make_reading(LinePeer *peer, guint8 *to)
{
  gsize length = wire_reading_write(&peer->reading, to + WIRE_FRAME_HEADER_SIZE);

  peer->reading.number++;
  peer->reading.uptime_ms += 500;
  return make_frame(WIRE_READING, NULL, length, to);
}

void line_peer_send_reading(LinePeer *peer)
{
  guint8 frame[WIRE_FRAME_MAX];

  line_peer_send(peer, frame, line_peer_make_reading(peer, frame));
}

void line_peer_announce(LinePeer *peer)
{
  send_identity(peer, WIRE_ANNOUNCE, NULL);
}

static gboolean on_bytes(gint fd, GIOCondition condition, gpointer user_data)
{
  LinePeer *peer = user_data;
  guint8 bytes[256];
  gssize length = read(fd, bytes, sizeof bytes);
  WireFrame frame;

  (void)condition;
  assert_true(length > 0);
  wire_decoder_push(&peer->decoder, bytes, (gsize)length);
  while (wire_decoder_next(&peer->decoder, &frame)) {
    peer->asked++;
    if (frame.type != WIRE_IDENTIFY || peer->mute)
      continue;
    for (guint n = 0; n < peer->readings_before_answer; n++)
      line_peer_send_reading(peer);
    send_identity(peer, WIRE_IDENTIFY | WIRE_REPLY, &frame);
    if (peer->behind_answer)
      line_peer_send(peer, peer->behind_answer->data, peer->behind_answer->len);
    g_clear_pointer(&peer->behind_answer, g_byte_array_unref);
  }
  return G_SOURCE_CONTINUE;
}

void line_peer_start(LinePeer *peer)
{
  *peer = (LinePeer){
      .pty = pty_open(),
      .identity = {.protocol_major = WIRE_PROTOCOL_MAJOR,
                   .protocol_minor = WIRE_PROTOCOL_MINOR,
                   .mode = WIRE_MODE_PROGRAM,
                   .running_bank = WIRE_BANK_LOW,
                   .product = WIRE_PRODUCT_DEMO,
                   .loader_version = 0x01000000,
                   .program_version = 0x01000000,
                   .reset_cause = WIRE_RESET_POWER_OR_PIN,
                   .trial = WIRE_TRIAL_CONFIRMED,
                   .boots = 1,
                   .capabilities = WIRE_CAP_UPGRADE | WIRE_CAP_TRIAL,
                   .payload_max = WIRE_PAYLOAD_MAX,
                   .banks = {{WIRE_BANK_VALID, 0x01000000, 4096, 0x12345678},
                             {WIRE_BANK_VALID, 0x00090000, 4096, 0x87654321}}},
      .reading = {.uptime_ms = 1000, .number = 1, .value = {214, 198, 505, 126}},
  };
  wire_decoder_init(&peer->decoder);
  peer->source = g_unix_fd_add(peer->pty.master, G_IO_IN, on_bytes, peer);
}

void line_peer_stop(LinePeer *peer)
{
  g_clear_handle_id(&peer->source, g_source_remove);
  g_clear_pointer(&peer->behind_answer, g_byte_array_unref);
  pty_close(&peer->pty);
}
