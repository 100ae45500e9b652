/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * How a running virtual substation is told what shall go wrong: lines of text over Unix sockets,
 * each answered by one line, "ok", "ok …" or "error …", in their order.
 *
 *   fault KIND=N    lets something go wrong, counted from now
 *   clear           no fault is to come any more, and a dead line speaks again
 *   unplug, plug    the cable
 *   power on|off    by hand: it does not come back by itself
 *   factory         flash and power as on the first day, no faults, cable plugged in
 *   status          power, cable, and how often each kind of fault has happened
 *   watch           a line "fired KIND COUNT" from now on whenever one does, between answers
 *   line            with a descriptor (SCM_RIGHTS): the master of a pseudo terminal to talk on
 *
 * A line is 127 bytes long at most. Whoever sends a longer one, or more clients than
 * CONTROL_CLIENTS_MAX at once, is hung up. One thread; nothing blocks.
 */

#pragma once

#include "substation.h"

#include <glib.h>
#include <poll.h>

enum {
  CONTROL_CLIENTS_MAX = 8,
  CONTROL_POLL_MAX = CONTROL_CLIENTS_MAX + 1,
  CONTROL_LINE_MAX = 128
};

typedef struct Control Control;

/* What the process does itself. */
typedef struct {
  SimSubstation *substation;
  gpointer user_data;
  void (*take_line)(gpointer user_data, int fd);         /* owned from here */
  void (*follow_cable)(gpointer user_data);              /* it was pulled or plugged in */
  gboolean (*reset)(gpointer user_data, GError **error); /* to the factory's state */
} ControlActions;

Control *control_new(const ControlActions *actions);
void control_free(Control *control);

/* A client that is there from the start, the process's owner; takes the descriptor. */
void control_add_owner(Control *control, int fd);
/* Listens at a path, for its user only; a socket that nobody listens at any more is replaced. */
gboolean control_listen(Control *control, const char *path,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What to wait for; returns how many. */
unsigned control_fill_poll(const Control *control, struct pollfd fds[CONTROL_POLL_MAX]);
/* Does what was asked, and tells what happened. FALSE when there was an owner and it is gone. */
gboolean control_run(Control *control);

/* "drop-rx=17"; N is decimal, or hexadecimal with 0x. */
gboolean control_parse_fault(const char *spec, SimFaultKind *kind, guint32 *number);
