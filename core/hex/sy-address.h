/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Addresses and ranges as people type them. Pure, any thread.
 */

#pragma once

#include "sy-image.h"

G_BEGIN_DECLS

/* "0x1C000", "1C000", "$1C000", "1c000h": hexadecimal always, as everything shows them so; or LOW,
 * HIGH, in any case, for where a bank begins. FALSE with G_IO_ERROR_INVALID_ARGUMENT and a sentence
 * for a person. */
gboolean sy_address_parse(const char *text, guint32 *addr,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* LOW or HIGH for a whole bank, or ADDRESS:LENGTH; the length is decimal, or hexadecimal with 0x,
 * at least 1. ADDRESS alone too when there is a `usual_length`, which is not 0 then; that is cut at
 * 4 GiB. A length that was written is never past 4 GiB. The same errors. */
gboolean sy_range_parse(const char *text, guint64 usual_length, SyRange *range,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
