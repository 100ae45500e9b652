/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyFinder: which of the ports has a substation behind it.
 *
 * All ports at once: each is opened, listened to for a moment, and asked once who is there, at the
 * rate of a substation, 115200. What speaks in letters by itself is not asked at all, what another
 * program has open is not touched. Only when no substation answers anywhere are ports that stayed
 * silent, or brought bytes without sense, tried at other rates: each listened to first, then asked
 * once. Each port is left at 115200.
 *
 * Lives in the main thread: signals and callbacks come there, each port has a thread of its own.
 */

#pragma once

#include "sy-link-settings.h"
#include "sy-trouble.h"
#include "wire-message.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What became of a port. */
typedef struct {
  char *port;        /* as sy_link_open takes it */
  char *stable_name; /* see sy_port_get_stable_name */
  char *label;       /* for people */
  gboolean found;    /* a substation answered … */
  guint rate;        /* … at this rate, baud; only at 115200 can it be used */
  WireIdentity identity;
  SyTrouble *trouble; /* why none did; NULL when found */
  guint asked;        /* how often it was, a frame each time */
} SyFinderPort;

/* A substation answered, at the rate that it is used at. */
gboolean sy_finder_port_is_usable(const SyFinderPort *port);
/* A sentence or more: who answered, or why nobody and, in short, what to do; free with g_free. */
char *sy_finder_port_dup_text(const SyFinderPort *port);

/* Signal "progress-changed" (void): what follows has news. */
#define SY_TYPE_FINDER (sy_finder_get_type())
G_DECLARE_FINAL_TYPE(SyFinder, sy_finder, SY, FINDER, GObject)

SyFinder *sy_finder_new(void);

/* Before it begins: how ports that have DTR and RTS are held; both off at first. */
void sy_finder_set_link_settings(SyFinder *self, const SyLinkSettings *settings);
/* Before it begins, for each: a port that a link of the caller's own has open. It counts as found,
 * and is left alone. */
void sy_finder_know(SyFinder *self, const char *port, const WireIdentity *identity);

/* Once an object. `ports` are names as sy_link_open takes them; NULL: all that are listed, but for
 * the virtual substation. Three seconds, sixteen when other rates are tried; cancelling is taken at
 * once. */
void sy_finder_find_async(SyFinder *self, const char *const *ports, GCancellable *cancellable,
                          GAsyncReadyCallback callback, gpointer user_data);
/* GPtrArray of SyFinderPort that frees its elements, in the order of the ports; NULL with
 * G_IO_ERROR_CANCELLED. */
GPtrArray *sy_finder_find_finish(SyFinder *self, GAsyncResult *result,
                                 GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How many ports have not said their last word yet. */
guint sy_finder_count_waiting(SyFinder *self);
/* Other rates are tried. */
gboolean sy_finder_is_trying_rates(SyFinder *self);

G_END_DECLS
