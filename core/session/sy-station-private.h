/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Between sy-station.c and sy-station-types.c. */

#pragma once

#include "sy-station.h"

G_BEGIN_DECLS

/* A line of the log, of now. Any thread. */
SyLogEntry *sy_log_entry_new(SyLogLevel level, const char *text);

G_END_DECLS
