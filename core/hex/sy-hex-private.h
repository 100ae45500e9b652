/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What the readers and the writer of hex files share. Not for others.
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
  /* Bytes around the data of a record: count, two of address and type before it, checksum behind.
   */
  SY_HEX_RECORD_HEAD = 4,
  SY_HEX_RECORD_FRAME = SY_HEX_RECORD_HEAD + 1,
  SY_HEX_RECORD_MAX = SY_HEX_RECORD_FRAME + G_MAXUINT8,
};

/* Refuses a text of more bytes than SY_HEX_TEXT_MAX. */
gboolean sy_hex_check_length(guint64 length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* To be called before any of those below; any thread, any number of times. */
void sy_hex_decode_init(void);

/* Turns the record at `at` into bytes, at most SY_HEX_RECORD_MAX. NULL when anything is wrong with
 * it, else where it ends. */
const char *sy_hex_decode_record(const char *at, const char *end, guint8 *raw);

/* Turns pairs of digits into `n_bytes` bytes and adds them to `sum`. FALSE when one is no digit. */
gboolean sy_hex_decode_bytes(const char *at, guint n_bytes, guint8 *to,
                             guint8 *sum) G_GNUC_WARN_UNUSED_RESULT;

/* Plain records: type 00, equally many data bytes, each where the one before ended, nothing wrong
 * with any, LF or CR LF behind it. */
typedef struct {
  guint n_records;
  guint count; /* data bytes in each */
} SyHexPlain;

/* Turns as many plain records as stand at `at`, the first for `offset`, into data bytes, at most
 * `room` of them. Returns the first line that is not taken. `to` may be written up to `room`, also
 * behind what was taken. `offset + room` is at most SY_HEX_PAGE_SIZE. */
const char *sy_hex_decode_plain(const char *at, const char *end, guint32 offset, guint32 room,
                                guint8 *to, SyHexPlain *plain);
