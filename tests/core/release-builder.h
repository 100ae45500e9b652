/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Makes programs and release files that are right in every check, for tests to spoil one thing.
 */

#pragma once

#include "sy-image.h"
#include "wire-image.h"

G_BEGIN_DECLS

/* The program of a bank: vectors with literals, header for WIRE_PRODUCT_DEMO, `length` bytes in all
 * (at least 0x100), sealed. Free with g_free. */
guint8 *release_build_program(WireBank bank, guint32 version, guint32 length);

/* Puts the header in again, after a change of its fields, and the CRC right. */
void release_set_header(guint8 *program, guint32 length, const WireImageHeader *header);

/* Puts vector sum and CRC right after a change of the bytes. */
void release_seal(guint8 *program, guint32 length);

/* Adds bytes at an address; fails the test when they clash. */
void release_add(SyImageBuilder *builder, guint32 addr, const guint8 *bytes, guint32 length);

/* An image of one program of `length` bytes as it stands, placed at its bank. */
SyImage *release_image_of(WireBank bank, const guint8 *program, guint32 length);

/* A release as it should be: both halves, `length` bytes each. */
SyImage *release_build_both(guint32 version, guint32 length);

G_END_DECLS
