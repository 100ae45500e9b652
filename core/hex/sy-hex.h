/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Intel HEX text to SyImage and back. Record types 00 to 05 (Intel, "Hexadecimal Object File Format
 * Specification", rev. A, 1988). What a text may be, here and in S-records; sy_image_file_load goes
 * on behind what is refused and tells all of it, sy_hex_read and sy_hex_load fail with the first.
 *
 * Accepted, and nothing said:
 *   - records in any order, gaps between them, either case, LF and CR LF
 *   - blank lines, blanks (also tabs) at the end of a line, a last line without an end
 *   - empty data records; a start address given twice alike
 *   - under a type 04 record, and before any of types 02 and 04, data that run over a 64 KB border
 *
 * Accepted with a warning:
 *   - lines that end with CR alone (told once)
 *   - a UTF-8 byte order mark at the begin
 *   - Ctrl-Z behind the end record or on a line behind it: what follows is not looked at
 *   - NULs up to the end of the file, with no line end among or behind them
 *   - text behind a record on its line, after a blank, ';' or '#'
 *   - lines that begin with ';', '#' or '//'
 *   - other text behind the end record (told once), and the end record given again
 *   - bytes given twice with the same value (told once a line)
 *   - under a type 02 record, data that wrap at the end of its 64 KB, as the specification says;
 *     other programs let them run on
 *
 * Refused: an error, with a gap in the image where the line's bytes would be:
 *   - a line longer than 4096 characters, one that begins with anything else, and one that begins
 *     as a comment but is a record's digits: one flipped bit makes ';' of ':'
 *   - a digit that is none, an odd number of digits, a count that does not fit the line, anything
 *     but the above behind the checksum, a wrong checksum
 *   - an unknown type, a wrong count for types 01 to 05, data past 4 GiB
 *   - bytes given twice with different values (the first are kept), two different start addresses
 *   - records behind the end record (told once), no end record, a file that ends within a line
 *   - an empty file, and a file of another kind, told by its first bytes
 *
 * More than the limits below is refused as a whole: there is no image.
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
  SY_HEX_SEGMENTS_MAX = 1024 * 1024,
  SY_HEX_TEXT_MAX = 512 * 1024 * 1024, /* bytes of file */
};

/* Reads a whole text. Pure, any thread. Fails with the first error in it; all but those about the
 * file as a whole (empty, too large) begin with the line: "line 3: ", or "line 3, column 7: ". */
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
