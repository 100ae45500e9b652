/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * SyImage: what a hex file says memory should hold; bytes at addresses, in segments with gaps.
 *
 * Immutable once built, reference counted, safe to hand to another thread. Addresses are 32 bit
 * byte addresses, ranges half-open. A gap is not 0xFF: it is nothing, and stays told apart.
 */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct _SyImage SyImage;
typedef struct _SyImageBuilder SyImageBuilder;

#define SY_TYPE_IMAGE (sy_image_get_type())
GType sy_image_get_type(void);

/* A run of bytes without a gap. Segments are in rising order and never touch. `line` is the line of
 * the source file that gave the first byte, 0 when there was no file. */
typedef struct {
  guint32 addr;
  guint32 length;
  const guint8 *bytes;
  guint line;
} SySegment;

/* Half-open, and may end at 4 GiB. */
typedef struct {
  guint32 addr;
  guint64 length;
} SyRange;

SyImage *sy_image_ref(SyImage *image);
void sy_image_unref(SyImage *image);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyImage, sy_image_unref)

guint sy_image_get_n_segments(SyImage *image);
const SySegment *sy_image_get_segment(SyImage *image, guint index);
/* Bytes in all segments together. */
guint64 sy_image_get_size(SyImage *image);
/* The start address of a type 03 or 05 record. FALSE when the file had none. */
gboolean sy_image_get_start(SyImage *image, guint32 *addr);

/* The index of the first segment that ends above `addr`: the one that holds it, or the next behind
 * a gap; the number of segments when there is none. `addr` may be 4 GiB. Takes the logarithm of the
 * segments. */
guint sy_image_find_segment_index(SyImage *image, guint64 addr);
/* The segment that holds `addr`, NULL in a gap. Borrowed. Takes the logarithm of the segments. */
const SySegment *sy_image_find_segment(SyImage *image, guint32 addr);
/* The bytes at [addr, addr + length), or NULL when any of them is missing. Borrowed. Of an empty
 * range it asks only whether `addr` is there. */
const guint8 *sy_image_peek(SyImage *image, guint32 addr, guint32 length);
/* Copies [addr, addr + length) to `to`, gaps filled with `fill`; returns the bytes that were there.
 */
guint32 sy_image_copy(SyImage *image, guint32 addr, guint32 length, guint8 fill, guint8 *to);
/* How many bytes of [addr, addr + length) are there. When there are any, `first` (may be NULL) gets
 * the address of the first. `length` may reach past the last address. */
guint64 sy_image_count(SyImage *image, guint32 addr, guint64 length, guint32 *first);

/* From the first to the last byte within a range, gaps between them too. FALSE when there is none.
 */
gboolean sy_image_find_extent(SyImage *image, const SyRange *within, SyRange *extent);

/* The line of the source file that gave the byte at `addr`; 0 when it is not there, or there was no
 * file. Takes the logarithm of the pieces that the file came in. */
guint sy_image_find_line(SyImage *image, guint32 addr);

/* Building: add in any order. A byte given twice with the same value is fine, with another value
 * the earlier one is kept and FALSE returned with the address of the first clash (`clash_addr` may
 * be NULL); the bytes that do not clash are added all the same. The range must end at 4 GiB or
 * below.
 *
 * Memory follows what was added, not how far apart it lies; each addition that does not go on where
 * the one before ended costs 12 to 24 bytes more until the end, and as much each that has another
 * length than the one before or does not come from the next line. Of that, 12 bytes each stay with
 * the image, to find lines by. */
SyImageBuilder *sy_image_builder_new(void);
/* Makes room for `length` more bytes, so that those there are need not move. What is too many costs
 * no memory, as nothing is written there. */
void sy_image_builder_reserve(SyImageBuilder *builder, guint32 length);
gboolean sy_image_builder_add(SyImageBuilder *builder, guint32 addr, const guint8 *bytes,
                              guint32 length, guint line,
                              guint32 *clash_addr) G_GNUC_WARN_UNUSED_RESULT;
/* Adding without a copy, for who makes bytes in rising order: they may be put where the last
 * addition ended. FALSE when nothing was added yet or something else follows at once. What was put
 * there is added by close_tail, which must be the next call: `length` bytes, `per_line` of them
 * (not 0 unless `length` is) from `line` and from each line behind it. */
typedef struct {
  guint32 addr; /* where the last addition ended */
  guint32 room; /* bytes that may be put there; nobody gave them before */
  guint8 *bytes;
} SyImageTail;
gboolean sy_image_builder_open_tail(SyImageBuilder *builder, guint32 room,
                                    SyImageTail *tail) G_GNUC_WARN_UNUSED_RESULT;
void sy_image_builder_close_tail(SyImageBuilder *builder, guint32 length, guint32 per_line,
                                 guint line);
/* The line that gave the byte at `addr`, which must have been added. */
guint sy_image_builder_find_line(SyImageBuilder *builder, guint32 addr);
/* Different bytes added so far. */
guint64 sy_image_builder_get_size(SyImageBuilder *builder);
void sy_image_builder_set_start(SyImageBuilder *builder, guint32 addr);
/* Ends the builder and frees it. */
SyImage *sy_image_builder_end(SyImageBuilder *builder) G_GNUC_WARN_UNUSED_RESULT;
void sy_image_builder_free(SyImageBuilder *builder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SyImageBuilder, sy_image_builder_free)

G_END_DECLS
