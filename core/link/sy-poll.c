/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Waiting for a file descriptor. */

#include "sy-poll.h"

static gint get_timeout_ms(gint64 end_us)
{
  gint64 left_us = end_us - g_get_monotonic_time();

  if (end_us == G_MAXINT64)
    return -1;
  return left_us > 0 ? (gint)MIN((left_us + 999) / 1000, G_MAXINT) : 0;
}

GIOCondition sy_poll(int fd, GIOCondition condition, gint64 end_us, GCancellable *cancellable)
{
  GPollFD fds[2] = {{.fd = fd, .events = (gushort)condition}};
  guint n_fds = 1;

  if (g_cancellable_make_pollfd(cancellable, &fds[1]))
    n_fds++;
  g_poll(fds, n_fds, get_timeout_ms(end_us));
  if (n_fds > 1)
    g_cancellable_release_fd(cancellable);
  return (GIOCondition)fds[0].revents;
}
