/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A serial server of which the test says what it does: it listens on 127.0.0.1 and serves one
 * connection after the other in a thread of its own. */

#pragma once

#include <glib.h>

typedef struct NetPeer NetPeer;
typedef void (*NetPeerScript)(NetPeer *peer);

struct NetPeer {
  int listener;
  int fd;                 /* the connection, in the script */
  char *port;             /* "socket://127.0.0.1:…" or "rfc2217://…" */
  guint rate;             /* what every rate is answered with; 0: the one that was asked for */
  gboolean deaf_to_rates; /* answers none from now on */
  gboolean refuses;       /* the COM port option */
  guint connections;      /* how many it serves; 0: one */
  GByteArray *controls;   /* values of SET-CONTROL, all there were; behind the script */
  GByteArray *data;       /* what arrived, unescaped; behind the script */
  gint step;              /* for test and script, see net_peer_wait_step */
  guint8 state, verb, sub[64];
  guint sub_length;
  NetPeerScript script;
  GThread *thread;
};

/* `scheme`: "socket" or "rfc2217". */
void net_peer_start(NetPeer *peer, const char *scheme, NetPeerScript script);
/* Waits for the script's end. */
void net_peer_stop(NetPeer *peer);

/* A listener whose queue is full: who connects gets no answer. Closes with net_peer_stop. */
void net_peer_start_mute(NetPeer *peer);

/* The test and the script wait for each other; 60 s at most. */
void net_peer_set_step(NetPeer *peer, gint step);
void net_peer_wait_step(NetPeer *peer, gint step);

/* --- for scripts --- */

void net_peer_send(NetPeer *peer, const void *bytes, gsize length);
/* Reads at most `room` bytes and answers telnet in them; FALSE when the other end is gone. */
gboolean net_peer_serve(NetPeer *peer, gsize room);
/* Until so many bytes of data arrived, or the other end is gone. */
void net_peer_serve_until(NetPeer *peer, gsize data);
/* For so long; whatever comes. */
void net_peer_serve_for(NetPeer *peer, guint ms);
