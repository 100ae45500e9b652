/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A private virtual substation: a switchyard-substation process at the other end of a pseudo
 * terminal, which has a rate, as a line has. It ends when our end is closed, so nothing is left
 * behind even if this program dies. */

#define _GNU_SOURCE /* posix_openpt and its kin */
#include "sy-fd-link.h"
#include "sy-link-private.h"
#include "sy-locate.h"

#include <fcntl.h>
#include <gio/gio.h>
#include <glib/gi18n-lib.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHILD_FD = 3 };

static gboolean open_pair(int ends[2])
{
  char name[64];

  ends[1] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (ends[1] < 0)
    return FALSE;
  ends[0] = -1;
  if (grantpt(ends[1]) == 0 && unlockpt(ends[1]) == 0 && ptsname_r(ends[1], name, sizeof name) == 0)
    ends[0] = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (ends[0] < 0) {
    close(ends[1]);
    return FALSE;
  }
  sy_fd_link_make_raw(ends[0]);
  return TRUE;
}

gboolean sy_virtual_link_open_pair(int ends[2], GError **error)
{
  if (open_pair(ends))
    return TRUE;
  g_set_error_literal(error, SY_LINK_ERROR, SY_LINK_ERROR_FAILED,
                      _("The virtual substation cannot be connected"));
  return FALSE;
}

gboolean sy_virtual_link_spawn(const char *option, int fd, GError **error)
{
  g_autofree char *program = sy_locate_substation();
  g_autofree char *factory = sy_locate_firmware("factory.hex");
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) spawn_error = NULL;

  g_subprocess_launcher_take_fd(launcher, fd, CHILD_FD);
  process = g_subprocess_launcher_spawn(launcher, &spawn_error, program, option, "3", "--factory",
                                        factory, NULL);
  g_subprocess_launcher_close(launcher);
  if (!process)
    g_set_error(error, SY_LINK_ERROR, SY_LINK_ERROR_ABSENT,
                _("The virtual substation cannot be started: %s"), spawn_error->message);
  return process != NULL;
}

SyLink *sy_virtual_link_open(GError **error)
{
  int ends[2];

  if (!sy_virtual_link_open_pair(ends, error))
    return NULL;
  if (!sy_virtual_link_spawn("--link-fd", ends[1], error)) {
    close(ends[0]);
    return NULL;
  }
  return g_object_new(SY_TYPE_FD_LINK, "fd", ends[0], NULL);
}
