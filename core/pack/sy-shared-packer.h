/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SySharedPacker: a SyPacker for upgrades that run at the same time. Those with the same image and
 * the same other program pack each piece once, whoever asks first; the others wait for it and take
 * it over. Nothing is kept when the last of them is gone.
 *
 * Each upgrade has one of its own, which belongs to one thread; what they share locks itself.
 */

#pragma once

#include "sy-packer.h"

typedef struct _SySharedPacker SySharedPacker;

/* As sy_packer_new. */
SySharedPacker *sy_shared_packer_new(guint32 addr, const guint8 *image, gsize length,
                                     guint32 other_addr, const guint8 *other, gsize other_length);
/* As sy_packer_pack. */
gsize sy_shared_packer_pack(SySharedPacker *self, guint block, guint count, const guint8 *readable,
                            guint8 *to, gsize room);
void sy_shared_packer_free(SySharedPacker *self);

/* How often this one packed, rather than take over what another one had. */
guint sy_shared_packer_count_packed(const SySharedPacker *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SySharedPacker, sy_shared_packer_free)
