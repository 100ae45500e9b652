/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Numbers as people read them: always with their unit, from which no line parts them, in the
 * person's language. Every function returns a new string, free with g_free. KB is 1024 bytes, as in
 * the LPC2114's manual.
 */

#pragma once

#include "sy-outcome.h"

#include <glib.h>

G_BEGIN_DECLS

/* The same with its first letter made a capital: what goes on behind a line's number begins here.
 */
char *sy_format_beginning(const char *text);
/* "812 bytes", "29.4 KB", "64.0 MB", "4.0 GB". */
char *sy_format_size(guint64 bytes);
/* "29.4 of 48.0 KB". */
char *sy_format_amount(guint64 done, guint64 total);
/* "18.1 KB/s"; NULL when not known. */
char *sy_format_rate(double bytes_per_second);
/* "2 s", "1 min 20 s". */
char *sy_format_duration(double seconds);
/* Joins with " · ", so that a line can only break between the pieces, and in one that is a list,
 * "3 refusals (not now 1, wrong size 2)", between its parts. NULL ends them. */
char *sy_format_pieces(const char *const *pieces);
/* "0 retries · 0 timeouts · 0 bad frames", and what else was counted. */
char *sy_format_counts(const SyCounts *counts);
/* "LPC2114", or the number. */
char *sy_format_part(guint32 part_id);
/* "0x10000 to 0x1BFFF". */
char *sy_format_range(guint32 addr, guint32 length);

G_END_DECLS
