/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A pseudo terminal somebody else made, by path. libserialport refuses those: they are not in
 * /sys/class/tty. */

#include "sy-fd-link.h"
#include "sy-link-private.h"

SyLink *sy_pty_link_open(const char *path, GError **error)
{
  int fd = sy_fd_link_open_path(path, error);

  if (fd < 0)
    return NULL;
  sy_fd_link_make_raw(fd);
  return g_object_new(SY_TYPE_FD_LINK, "fd", fd, NULL);
}
