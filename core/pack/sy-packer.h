/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Packs the blocks of an image for the line; wire_unpack() is the other end. PROTOCOL.md §9.
 *
 * Blocks are packed as they are asked for, each time from what the substation can read at that
 * moment: blocks of the image that are verified there, and the program in the other bank. Nothing
 * that came before is kept, so any block may be packed again, in any order.
 *
 * A packer belongs to one thread. No I/O, no clock.
 */

#pragma once

#include "wire-unpack.h"

#include <glib.h>

typedef struct _SyPacker SyPacker;

/* An image for the bank at `addr`, at most as long as its bank, and the program that the other bank
 * at `other_addr` holds; `other` may be NULL when its bytes are not known. Both are copied. */
SyPacker *sy_packer_new(guint32 addr, const guint8 *image, gsize length, guint32 other_addr,
                        const guint8 *other, gsize other_length);

/* Packs `count` blocks, 1 to WIRE_UNPACK_BLOCKS_MAX, from `block` on. `readable` is as in
 * WireUnpack: what is not set there is not referred to, and what is set must hold there what this
 * packer was given. The blocks packed themselves are never read from flash. Returns the packed
 * bytes, or 0 when they do not fit in `room`; count * 512 + WIRE_UNPACK_OVERHEAD_MAX always
 * suffice. */
gsize sy_packer_pack(SyPacker *self, guint block, guint count, const guint8 *readable, guint8 *to,
                     gsize room);

void sy_packer_free(SyPacker *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyPacker, sy_packer_free)
