/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What to read of a substation, and what came: between images with addresses and the pages that the
 * loader shows. Pure, any thread.
 *
 * Nobody can read the first 64 bytes of flash, over which the loader's vectors lie while it runs,
 * nor the last sector, which is the chip's own. They are gaps in what was read.
 */

#pragma once

#include "sy-image.h"
#include "sy-session.h"

G_BEGIN_DECLS

/* The ranges to read and to compare: where the file has bytes, `within` a range unless that is
 * NULL, as far as they can be read; rising and apart. What the substation holds elsewhere is not
 * asked for. Of SyRange; empty when nothing of the file can be read. Free with g_array_unref. */
GArray *sy_read_back_find_ranges(SyImage *file, const SyRange *within);

/* How many bytes of the ranges can be read. The ranges may touch or overlap. */
guint64 sy_read_back_count(const SyRange *ranges, guint n_ranges);

/* The pages that hold the ranges, as sy_session_start_read wants them. */
void sy_read_back_get_pages(const SyRange *ranges, guint n_ranges, guint8 map[SY_READ_MAP_SIZE]);

/* The ranges as they lie in `flash`, WIRE_FLASH_SIZE bytes, with gaps for what cannot be read. */
SyImage *sy_read_back_make_image(const SyRange *ranges, guint n_ranges,
                                 const guint8 *flash) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
