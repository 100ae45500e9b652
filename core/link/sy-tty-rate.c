/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rates through the kernel's termios2. */

#include "sy-tty-rate.h"

#include <asm/termbits.h>
#include <sys/ioctl.h>

guint sy_tty_get_rate(int fd)
{
  struct termios2 settings;

  return ioctl(fd, TCGETS2, &settings) == 0 ? settings.c_ospeed : 0;
}

guint sy_tty_set_rate(int fd, guint baud)
{
  struct termios2 settings;

  if (ioctl(fd, TCGETS2, &settings) < 0)
    return 0;
  settings.c_cflag &= ~(tcflag_t)(CBAUD | CIBAUD);
  settings.c_cflag |= BOTHER;
  settings.c_ispeed = settings.c_ospeed = baud;
  return ioctl(fd, TCSETS2, &settings) == 0 ? sy_tty_get_rate(fd) : 0;
}
