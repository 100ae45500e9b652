/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who has a terminal device open, as /proc tells. Without privileges only the user's own programs
 * can be seen. Any thread; some milliseconds. */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct {
  guint pid;
  char *name; /* "picocom" */
} SyPortHolder;

typedef struct {
  GPtrArray *found; /* of SyPortHolder; this process, and a pty's far end, are not among them */
  gboolean hidden;  /* there are programs that cannot be looked into */
  gboolean here;    /* this process itself has it open */
  gboolean modem_manager; /* ModemManager runs, whatever it has open */
} SyPortHolders;

/* `proc` is "/proc", but for tests. Never NULL: free with sy_port_holders_free. */
SyPortHolders *sy_port_holders_find(const char *device, const char *proc);
void sy_port_holders_free(SyPortHolders *holders);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyPortHolders, sy_port_holders_free)

gboolean sy_port_holder_is_modem_manager(const SyPortHolder *holder);
gboolean sy_port_holder_is_switchyard(const SyPortHolder *holder);

G_END_DECLS
