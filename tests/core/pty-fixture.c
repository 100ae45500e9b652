/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Both ends of a pty, of which the near one may be opened as a port. */

#define _GNU_SOURCE /* posix_openpt and its kin */
#include "pty-fixture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

Pty pty_open(void)
{
  static guint count;
  Pty pty = {.master = posix_openpt(O_RDWR | O_NOCTTY)};
  struct termios settings;
  g_autofree char *name = g_strdup_printf("switchyard-pty-%d-%u", (int)getpid(), count++);
  g_autofree char *path = g_build_filename(g_get_tmp_dir(), name, NULL);

  assert_true(pty.master >= 0);
  assert_int_equal(grantpt(pty.master), 0);
  assert_int_equal(unlockpt(pty.master), 0);
  assert_int_equal(symlink(ptsname(pty.master), path), 0);
  pty.port = g_strconcat("pty:", path, NULL);
  pty.slave = open(pty.port + 4, O_RDWR | O_NOCTTY);
  assert_int_equal(tcgetattr(pty.slave, &settings), 0);
  cfmakeraw(&settings);
  tcsetattr(pty.slave, TCSANOW, &settings);
  return pty;
}

void pty_close(Pty *pty)
{
  if (!pty->port)
    return;
  unlink(pty->port + 4);
  close(pty->slave);
  close(pty->master);
  g_clear_pointer(&pty->port, g_free);
}
