/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The parts that a file can be split into, with names that files can have. Pure, any thread.
 */

#pragma once

#include "sy-image.h"

G_BEGIN_DECLS

typedef enum {
  SY_SPLIT_BANKS, /* LOW and HIGH, those of them that hold anything; what is outside is left out */
  SY_SPLIT_SEGMENTS, /* each segment */
} SySplit;

typedef struct {
  char *name;    /* "low", "high", "segment-0x00002000": ASCII, no separator of folders */
  SyRange range; /* holds at least one byte */
} SyPart;

enum { SY_PARTS_MAX = 1000 }; /* files that one split makes at most */

/* Of SyPart, in rising order; empty when there is nothing. At most SY_PARTS_MAX + 1 of them, so
 * that a caller sees that there are too many. Free with g_array_unref. */
GArray *sy_image_split(SyImage *image, SySplit split) G_GNUC_WARN_UNUSED_RESULT;

/* "release.hex" and the part "low": "release-low.hex", with the extension given. Free with g_free.
 */
char *sy_part_dup_file_name(const SyPart *part, const char *file_name, const char *extension);

G_END_DECLS
