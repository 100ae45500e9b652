/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A private virtual substation: a switchyard-substation process at the other end of a socket pair.
 * It ends when the socket does, so nothing is left behind even if this program dies. */

#include "sy-fd-link.h"
#include "sy-link-private.h"
#include "sy-locate.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gi18n-lib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CHILD_FD = 3 };

SyLink *sy_virtual_link_open(GError **error)
{
  g_autofree char *program = sy_locate_substation();
  g_autofree char *factory = sy_locate_firmware("factory.hex");
  g_autoptr(GSubprocessLauncher) launcher = g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
  g_autoptr(GSubprocess) process = NULL;
  g_autoptr(GError) spawn_error = NULL;
  int ends[2];

  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0 ||
      !g_unix_set_fd_nonblocking(ends[0], TRUE, NULL)) {
    g_set_error_literal(error, SY_LINK_ERROR, SY_LINK_ERROR_FAILED,
                        _("The virtual substation cannot be connected"));
    return NULL;
  }
  g_subprocess_launcher_take_fd(launcher, ends[1], CHILD_FD);
  process = g_subprocess_launcher_spawn(launcher, &spawn_error, program, "--link-fd", "3",
                                        "--factory", factory, NULL);
  g_subprocess_launcher_close(launcher);
  if (!process) {
    g_set_error(error, SY_LINK_ERROR, SY_LINK_ERROR_ABSENT,
                _("The virtual substation cannot be started: %s"), spawn_error->message);
    close(ends[0]);
    return NULL;
  }
  return g_object_new(SY_TYPE_FD_LINK, "fd", ends[0], NULL);
}
