/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A serial server of which the test says what it does. Its telnet is written apart from ours. */

#include "net-peer.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SE = 240, SB = 250, WILL = 251, WONT = 252, DO = 253, DONT = 254, IAC = 255, COM_PORT = 44 };
enum { PLAIN, COMMAND, OPTION, SUB, SUB_COMMAND };
enum { BAUD_RATE = 1, SET_CONTROL = 5, ANSWER = 100, DEADLINE_S = 60, HUNG_QUEUE = 4 };

static guint listen_here(NetPeer *peer, int queue)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;

  peer->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint(bind(peer->listener, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint(listen(peer->listener, queue), ==, 0);
  g_assert_cmpint(getsockname(peer->listener, (struct sockaddr *)&address, &length), ==, 0);
  return ntohs(address.sin_port);
}

static gpointer run(gpointer user_data)
{
  NetPeer *peer = user_data;

  for (guint n = 0; n < MAX(peer->connections, 1); n++) {
    peer->fd = accept(peer->listener, NULL, NULL);
    if (peer->fd < 0)
      return NULL;
    peer->state = PLAIN;
    peer->script(peer);
    close(peer->fd);
  }
  return NULL;
}

void net_peer_start(NetPeer *peer, const char *scheme, NetPeerScript script)
{
  peer->script = script;
  peer->data = g_byte_array_new();
  peer->controls = g_byte_array_new();
  peer->port = g_strdup_printf("%s://127.0.0.1:%u", scheme, listen_here(peer, 1));
  peer->thread = g_thread_new("serial server", run, peer);
}

void net_peer_stop(NetPeer *peer)
{
  shutdown(peer->listener, SHUT_RDWR); /* ends an accept */
  if (peer->thread)
    g_thread_join(peer->thread);
  close(peer->listener);
  g_clear_pointer(&peer->data, g_byte_array_unref);
  g_clear_pointer(&peer->controls, g_byte_array_unref);
  g_clear_pointer(&peer->port, g_free);
}

void net_peer_start_mute(NetPeer *peer)
{
  guint port = listen_here(peer, 0);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                                .sin_port = htons((guint16)port)};

  peer->port = g_strdup_printf("socket://127.0.0.1:%u", port);
  for (int n = 0; n < HUNG_QUEUE; n++) { /* they end with the process */
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    g_assert_cmpint(connect(fd, (struct sockaddr *)&address, sizeof address), ==, -1);
  }
}

void net_peer_set_step(NetPeer *peer, gint step)
{
  g_atomic_int_set(&peer->step, step);
}

void net_peer_wait_step(NetPeer *peer, gint step)
{
  gint64 end_us = g_get_monotonic_time() + (gint64)DEADLINE_S * G_USEC_PER_SEC;

  while (g_atomic_int_get(&peer->step) < step) {
    g_assert_cmpint(g_get_monotonic_time(), <, end_us);
    g_usleep(1000);
  }
}

void net_peer_send(NetPeer *peer, const void *bytes, gsize length)
{
  for (gsize sent = 0; sent < length;) {
    gssize count = send(peer->fd, (const guint8 *)bytes + sent, length - sent, MSG_NOSIGNAL);

    if (count <= 0)
      return;
    sent += (gsize)count;
  }
}

static void answer_option(NetPeer *peer, guint8 option)
{
  gboolean yes = option != COM_PORT || !peer->refuses;
  guint8 bytes[3] = {IAC, 0, option};

  if (peer->verb == WILL)
    bytes[1] = yes ? DO : DONT;
  else if (peer->verb == DO)
    bytes[1] = yes ? WILL : WONT;
  else
    return;
  net_peer_send(peer, bytes, sizeof bytes);
}

static void answer_sub(NetPeer *peer)
{
  guint8 bytes[32] = {IAC, SB, COM_PORT};
  guint at = 3;

  if (peer->sub_length < 3 || peer->sub[0] != COM_PORT)
    return;
  if (peer->sub[1] == SET_CONTROL)
    g_byte_array_append(peer->controls, &peer->sub[2], 1);
  if (peer->sub[1] == BAUD_RATE && peer->deaf_to_rates)
    return;
  if (peer->sub[1] == BAUD_RATE && peer->rate)
    for (guint n = 0; n < 4; n++)
      peer->sub[2 + n] = (guint8)(peer->rate >> (24 - 8 * n));
  bytes[at++] = peer->sub[1] + ANSWER;
  for (guint n = 2; n < peer->sub_length && n < 8; n++) {
    bytes[at++] = peer->sub[n];
    if (peer->sub[n] == IAC)
      bytes[at++] = IAC;
  }
  bytes[at++] = IAC;
  bytes[at++] = SE;
  net_peer_send(peer, bytes, at);
}

static void take(NetPeer *peer, guint8 byte)
{
  guint8 state = peer->state;

  peer->state = PLAIN;
  if (state == PLAIN && byte == IAC) {
    peer->state = COMMAND;
  } else if (state == PLAIN || (state == COMMAND && byte == IAC)) {
    g_byte_array_append(peer->data, &byte, 1);
  } else if (state == COMMAND && byte == SB) {
    peer->state = SUB;
    peer->sub_length = 0;
  } else if (state == COMMAND && byte >= WILL) {
    peer->state = OPTION;
    peer->verb = byte;
  } else if (state == OPTION) {
    answer_option(peer, byte);
  } else if (state == SUB && byte == IAC) {
    peer->state = SUB_COMMAND;
  } else if (state == SUB || (state == SUB_COMMAND && byte == IAC)) {
    peer->state = SUB;
    peer->sub[peer->sub_length++ % sizeof peer->sub] = byte;
  } else if (state == SUB_COMMAND && byte == SE) {
    answer_sub(peer);
  }
}

gboolean net_peer_serve(NetPeer *peer, gsize room)
{
  guint8 bytes[4096];
  gssize length = recv(peer->fd, bytes, MIN(room, sizeof bytes), 0);

  for (gssize n = 0; n < length; n++)
    take(peer, bytes[n]);
  return length > 0;
}

void net_peer_serve_until(NetPeer *peer, gsize data)
{
  while (peer->data->len < data && net_peer_serve(peer, G_MAXSIZE))
    ;
}

void net_peer_serve_for(NetPeer *peer, guint ms)
{
  gint64 end_us = g_get_monotonic_time() + (gint64)ms * 1000;
  gint64 left_us;

  while ((left_us = end_us - g_get_monotonic_time()) > 0) {
    struct pollfd state = {.fd = peer->fd, .events = POLLIN};

    if (poll(&state, 1, (int)(left_us / 1000) + 1) > 0 && !net_peer_serve(peer, G_MAXSIZE))
      return;
  }
}
