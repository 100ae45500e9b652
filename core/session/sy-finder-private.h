/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the files that make up SyFinder share; nobody else includes it. */

#pragma once

#include "sy-finder.h"

G_BEGIN_DECLS

/* One port while it is asked; it stays open from the first question to the last. One thread at a
 * time. */
typedef struct _SyProbe SyProbe;

/* `port` is borrowed, and written to while the probe asks. */
SyProbe *sy_probe_new(SyFinderPort *port, const SyLinkSettings *settings,
                      GCancellable *cancellable);
/* Closes the port. */
void sy_probe_free(SyProbe *probe);

/* Opens the port, listens and asks once at 115200. Blocks; given up when cancelled. */
void sy_probe_ask(SyProbe *probe);
/* Nobody answered, and nothing shows that a substation at another rate could not be there. */
gboolean sy_probe_may_try_rates(const SyProbe *probe);
/* The same at other rates, one after the other, until one answers. */
void sy_probe_try_rates(SyProbe *probe);

G_END_DECLS
