/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How a trouble is made; private to core/link. */

#pragma once

#include "sy-trouble.h"

G_BEGIN_DECLS

/* Takes the text; `checks` may be NULL. */
SyTrouble *sy_trouble_make(SyTroubleKind kind, const char *title, char *text,
                           const SyTroubleFacts *facts, const char *const *checks);

/* Those of a port behind a network. */
SyTrouble *sy_trouble_make_net(SyTroubleKind kind, const SyTroubleFacts *facts);

G_END_DECLS
