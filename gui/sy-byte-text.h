/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Bytes of an image as people read them. Every function returns a new string, free with g_free, or
 * NULL when a byte it needs is missing.
 */

#pragma once

#include "sy-image.h"

G_BEGIN_DECLS

/* `length` (1, 2 or 4) bytes, the lowest first: "0xFF · 255 · −1"; the last where the highest bit
 * is set. */
char *sy_byte_dup_number(SyImage *image, guint32 addr, guint length);
/* "0001 1000". */
char *sy_byte_dup_binary(SyImage *image, guint32 addr);
/* "'A'"; NULL also for what is no printable ASCII. */
char *sy_byte_dup_character(SyImage *image, guint32 addr);
/* "256 bytes, 0x02000 to 0x020FF", and whether some between are missing. `range` must end at 4 GiB
 * or below, and have a length. Never NULL. */
char *sy_byte_dup_range(SyImage *image, const SyRange *range);

G_END_DECLS
