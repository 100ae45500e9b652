/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How each kind of port is opened; see sy_link_open. */

#pragma once

#include "sy-link.h"

G_BEGIN_DECLS

SyLink *sy_pty_link_open(const char *path, GError **error);
SyLink *sy_serial_link_open(const char *path, GError **error);
SyLink *sy_virtual_link_open(GError **error);

G_END_DECLS
