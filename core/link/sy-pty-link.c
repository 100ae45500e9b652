/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A pseudo terminal somebody else made, by path. libserialport refuses those: they are not in
 * /sys/class/tty. */

#include "sy-fd-link.h"
#include "sy-link-private.h"

#include <termios.h>

SyLink *sy_pty_link_open(const char *path, GError **error)
{
  struct termios settings;
  int fd = sy_fd_link_open_path(path, error);

  if (fd < 0)
    return NULL;
  /* A pty carries bytes at no particular rate; only the line discipline must keep off them. */
  if (tcgetattr(fd, &settings) == 0) {
    cfmakeraw(&settings);
    tcsetattr(fd, TCSANOW, &settings);
    tcflush(fd, TCIFLUSH);
  }
  return g_object_new(SY_TYPE_FD_LINK, "fd", fd, NULL);
}
