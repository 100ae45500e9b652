/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What the reader and the writer of Intel HEX share. Not for others.
 */

#pragma once

#include "sy-hex.h"

/* Record types (Intel, "Hexadecimal Object File Format Specification", rev. A, 1988). */
typedef enum {
  SY_HEX_DATA = 0,
  SY_HEX_END = 1,
  SY_HEX_SEGMENT_BASE = 2,  /* bits 4 to 19 of what is added to each address */
  SY_HEX_SEGMENT_START = 3, /* CS and IP */
  SY_HEX_LINEAR_BASE = 4,   /* bits 16 to 31 of each address */
  SY_HEX_LINEAR_START = 5,  /* EIP */
} SyHexRecordType;

enum {
  SY_HEX_PAGE_SIZE = 0x10000, /* what the 16 address bits of a record reach */
};

/* Refuses a text of more bytes than SY_HEX_TEXT_MAX. */
gboolean sy_hex_check_length(guint64 length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
