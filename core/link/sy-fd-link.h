/* SPDX-License-Identifier: GPL-3.0-or-later */

/* SyFdLink: a SyLink over a file descriptor: pty or an opened serial port. Base of the
 * others; private to core/link. */

#pragma once

#include "sy-link.h"

G_BEGIN_DECLS

#define SY_TYPE_FD_LINK (sy_fd_link_get_type())
G_DECLARE_DERIVABLE_TYPE(SyFdLink, sy_fd_link, SY, FD_LINK, SyLink)

struct _SyFdLinkClass {
  SyLinkClass parent_class;
};

/* Construct property "fd": owned and closed by the link unless "close-fd" is FALSE. Set
 * non-blocking by the caller. */

/* Makes a terminal carry bytes as they are, 8N1 at 115200 without flow control, and drops what
 * waits in it. */
void sy_fd_link_make_raw(int fd);

/* Keeps every other Switchyard off the port, root's too. FALSE with SY_LINK_ERROR_BUSY when another
 * has it. */
gboolean sy_fd_link_lock(int fd, const char *port, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Opens a terminal device for reading and writing, non-blocking; -1 with the SY_LINK_ERROR that
 * tells absent, denied and busy apart. */
int sy_fd_link_open_path(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* SY_LINK_ERROR for an errno from opening `port`: says what to do. */
void sy_fd_link_set_open_error(GError **error, int error_number, const char *port);

G_END_DECLS
