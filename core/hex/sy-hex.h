/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Intel HEX text to SyImage and back. Record types 00 to 05, LF or CR LF, any case (Intel,
 * "Hexadecimal Object File Format Specification", rev. A, 1988).
 *
 * Refused, each with "line N: " and what it means: a line that does not begin with ':', a digit
 * that is none, an odd number of digits, a length that does not fit the line, a wrong checksum, an
 * unknown type, a wrong length for types 01 to 05, data past 4 GiB, bytes given twice with
 * different values, a missing end record, anything but blank lines after it, and more than the
 * limits below. Blank lines and blanks at the end of a line are let pass, and so are empty data
 * records and bytes given twice with the same value.
 *
 * Under a type 02 record an address wraps at 64 KB within its segment, as the specification says.
 * Under a type 04 record, and before any of the two, a record may run over a 64 KB border.
 */

#pragma once

#include "sy-image.h"

G_BEGIN_DECLS

#define SY_HEX_ERROR (sy_hex_error_quark())
GQuark sy_hex_error_quark(void);

typedef enum {
  SY_HEX_ERROR_SYNTAX,   /* not Intel HEX, or damaged: get the file again. Also data past 4 GiB */
  SY_HEX_ERROR_CHECKSUM, /* a record's checksum is wrong: get the file again */
  SY_HEX_ERROR_CLASH,    /* two records say different things: build it again */
  SY_HEX_ERROR_CUT,      /* empty, no end record, ends within a line: the file was cut short */
  SY_HEX_ERROR_LIMIT,    /* more than this program takes */
} SyHexError;

enum {
  SY_HEX_DATA_MAX = 64 * 1024 * 1024, /* bytes in all segments */
  SY_HEX_SEGMENTS_MAX = 65536,
  SY_HEX_TEXT_MAX = 512 * 1024 * 1024, /* bytes of file */
};

/* Reads a whole text. Pure, any thread. The first error ends it; all but those about the file as a
 * whole (empty, too large) begin with the line. */
SyImage *sy_hex_read(const char *text, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Loads and reads a file (blocking: use a thread for a window). G_IO_ERROR when it cannot be read.
 */
SyImage *sy_hex_load(GFile *file, GCancellable *cancellable,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes the image with `per_line` data bytes a record (1 to 255), type 04 records where needed, LF
 * line ends, upper case. No record crosses a 64 KB border. A start address becomes a type 05
 * record. */
GString *sy_hex_write(SyImage *image, guint per_line) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
