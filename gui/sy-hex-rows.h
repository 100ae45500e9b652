/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyHexRows: an image, or two laid over each other, as the rows of a page that can be scrolled. Row
 * numbers are small and dense however far apart the bytes lie.
 *
 * A row of bytes begins at a multiple of its width; where it has no byte it is blank. At least one
 * row's worth of nothing becomes one gap row. A heading stands before the first bytes of each of
 * the chip's sectors and, outside of the chip's flash, before each run of rows.
 *
 * Immutable, reference counted, any thread. Keeps the images. Look-ups take the logarithm of the
 * segments.
 */

#pragma once

#include "sy-annotation.h"

G_BEGIN_DECLS

typedef enum {
  SY_ROW_BYTES,
  SY_ROW_GAP,
  SY_ROW_SECTOR,  /* heading: a sector of the chip's flash */
  SY_ROW_SEGMENT, /* heading: a run of bytes outside of it */
} SyRowKind;

typedef struct {
  SyRowKind kind;
  SyFlashPart part; /* of the row's first address; of a gap: of the bytes that follow */
  /* Bytes: the row's first address, there or not, and the row's width. Gap: exactly what is
   * missing. Sector: the whole sector. Segment: from its first byte to its last. */
  guint32 addr;
  guint64 length;
  guint number;     /* sector, from 0; segment, from 1 */
  guint n_segments; /* that a SEGMENT heading is for; 0 when two images are laid over each other */
} SyRow;

/* Rows may hold 4, 8 or 16 bytes. */
enum { SY_ROW_WIDTH_MAX = 16 };

typedef struct _SyHexRows SyHexRows;

/* `second` may be NULL. */
SyHexRows *sy_hex_rows_new(SyImage *first, SyImage *second,
                           guint bytes_per_row) G_GNUC_WARN_UNUSED_RESULT;
SyHexRows *sy_hex_rows_ref(SyHexRows *self);
void sy_hex_rows_unref(SyHexRows *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyHexRows, sy_hex_rows_unref)

guint sy_hex_rows_get_n(SyHexRows *self);
guint sy_hex_rows_get_bytes_per_row(SyHexRows *self);
/* `index` below get_n. */
void sy_hex_rows_get(SyHexRows *self, guint index, SyRow *row);
/* The row of bytes that holds `addr`, else the gap row it falls in, else the first or last row of
 * bytes. 0 with no rows. */
guint sy_hex_rows_find(SyHexRows *self, guint32 addr);

/* Whether any of the images has this byte. */
gboolean sy_hex_rows_has(SyHexRows *self, guint32 addr);
/* The first byte that is there at `addr` or above, the last one below `addr` (which may be 4 GiB).
 * FALSE when there is none. */
gboolean sy_hex_rows_find_from(SyHexRows *self, guint64 addr, guint32 *found);
gboolean sy_hex_rows_find_below(SyHexRows *self, guint64 addr, guint32 *found);

/* The bytes of `image` at [addr, addr + length), at most SY_ROW_WIDTH_MAX of them, and bit n set
 * for each that is there. What is missing is left alone in `bytes`. */
guint sy_row_read(SyImage *image, guint32 addr, guint length, guint8 *bytes);

G_END_DECLS
