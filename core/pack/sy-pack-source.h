/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What copies can be made from: the substation's flash as the workstation knows it, and where in
 * it the same bytes stand. */

#pragma once

#include "wire-unpack.h"

#include <glib.h>

enum { SY_PACK_LENGTH_MAX = WIRE_UNPACK_BLOCKS_MAX * WIRE_BLOCK_SIZE };

typedef struct _SyPackSource SyPackSource;

/* Where the same bytes may stand, nearest first. */
typedef struct {
  const SyPackSource *source;
  guint32 at;
  gint32 next;
  gboolean in_other;
  guint visits;
} SyPackSearch;

/* What is being packed: [start, end) are addresses. */
typedef struct {
  guint32 start;
  guint32 end;
} SyPackRange;

/* As sy_packer_new(). */
SyPackSource *sy_pack_source_new(guint32 addr, const guint8 *image, gsize length,
                                 guint32 other_addr, const guint8 *other, gsize other_length);
void sy_pack_source_free(SyPackSource *self);

/* Says what may be read while `range` is packed. */
void sy_pack_source_set_readable(SyPackSource *self, const guint8 *readable, SyPackRange range);

guint32 sy_pack_source_get_addr(const SyPackSource *self);
guint sy_pack_source_get_blocks(const SyPackSource *self);
guint8 sy_pack_source_get_byte(const SyPackSource *self, guint32 addr);

/* How many bytes at `at` a copy from `distance` back gives. `may_end[n]` tells whether it may end
 * behind n of them: not within a call that is moved. */
guint sy_pack_source_match(const SyPackSource *self, guint32 at, guint32 distance, guint8 *may_end);

/* Places of the image before `at`, then of the program in the other bank, that begin like `at`:
 * three bytes, or two and then only near ones. Next returns a distance, 0 when there is none. */
void sy_pack_search_init(SyPackSearch *search, const SyPackSource *source, guint32 at);
guint32 sy_pack_search_next(SyPackSearch *search);
guint32 sy_pack_source_find_short(const SyPackSource *self, guint32 at);
