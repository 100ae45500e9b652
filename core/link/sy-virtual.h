/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyVirtual: a virtual substation that outlives its link, and on which things can be made to go
 * wrong. It is a switchyard-substation process that starts with the first connection, and ends with
 * this object or with this program, however that ends.
 *
 * Lives in the thread that made it, whose main context must run: signals come there, and all but
 * sy_virtual_connect belongs there. Commands take effect a moment later, in their order; a
 * substation that does not run has nothing to command.
 */

#pragma once

#include "sy-link.h"

G_BEGIN_DECLS

#define SY_TYPE_VIRTUAL (sy_virtual_get_type())
G_DECLARE_FINAL_TYPE(SyVirtual, sy_virtual, SY, VIRTUAL, GObject)

/* Signals
 *   "fault-fired" (string kind, uint count)   sy_virtual_count_fired has news
 * Properties
 *   "plugged" (boolean, read only)            the cable is in */

/* Nothing is started yet. */
SyVirtual *sy_virtual_new(void);

/* A new link to the substation, which is as it was left; the last one ends. SY_LINK_ERROR_ABSENT
 * when the cable is pulled or the program cannot be started. Any thread, one at a time. */
SyLink *sy_virtual_connect(SyVirtual *self, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Lets something go wrong; `kind` and `number` as the program's --fault takes them, but counted
 * from now. */
void sy_virtual_add_fault(SyVirtual *self, const char *kind, guint number);
/* None is to come any more, and a dead line speaks again. */
void sy_virtual_clear_faults(SyVirtual *self);
/* How often a kind of fault has happened since the substation was started. */
guint sy_virtual_count_fired(SyVirtual *self, const char *kind);

/* The cable. Pulled, the link is lost and the substation goes on. */
void sy_virtual_set_plugged(SyVirtual *self, gboolean plugged);
gboolean sy_virtual_get_plugged(SyVirtual *self);

/* Flash, power, cable and faults as on the first day; what has happened stays counted. */
void sy_virtual_reset(SyVirtual *self);

/* Done when all that was commanded is, and all that had happened by then is counted. FALSE with
 * SY_LINK_ERROR when the substation does not run, or refused what was commanded last. */
void sy_virtual_sync_async(SyVirtual *self, GAsyncReadyCallback callback, gpointer user_data);
gboolean sy_virtual_sync_finish(SyVirtual *self, GAsyncResult *result,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
