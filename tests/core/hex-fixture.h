/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Makes Intel HEX text and reads it, for tests of what is accepted and what is refused.
 */

#pragma once

#include <gio/gio.h>

#include "sy-image.h"

G_BEGIN_DECLS

#define HEX_END ":00000001FF\n"

/* Appends one record with its checksum and a line end. */
void hex_append(GString *text, guint type, guint offset, const guint8 *data, guint count);

/* `n_bytes` of 0xA5 from address 0 on in records of 255, with an end record. */
GString *hex_much_data(guint32 n_bytes);

/* Reads a text; fails the test when it is refused. */
SyImage *hex_read_ok(const char *text);

/* Both hold the same bytes and start address, whichever lines gave them. */
void hex_images_are_equal(SyImage *one, SyImage *two);

/* Loads the file at a path. */
SyImage *hex_load(const char *path, GError **error);

G_END_DECLS
