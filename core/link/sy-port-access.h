/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who may open a device, for telling a person who may not what to do. Any thread; asks the user
 * database. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  char *user;           /* who runs this program */
  char *group;          /* the device's; its number when it has no name; NULL when not known */
  gboolean group_may;   /* that group may read and write, and is one to be joined: not root's */
  gboolean is_member;   /* the user is in it, as the user database says … */
  gboolean has_group;   /* … and so is this program: both at once from the next login on */
  gboolean is_remote;   /* over the network: not the one who sits at the computer */
  gboolean is_confined; /* this program runs in a sandbox, which may keep devices from it … */
  gboolean is_hidden;   /* … and so it does: the kernel has the device, this program's /dev not */
} SyPortAccess;

/* `root` is that of the file system: "/". */
SyPortAccess *sy_port_access_look(const char *device, const char *root);
void sy_port_access_free(SyPortAccess *access);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyPortAccess, sy_port_access_free)

G_END_DECLS
