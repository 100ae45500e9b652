/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * CRC-32 and SHA-256.
 */

#include "sy-digest.h"

#include "sy-image-private.h"
#include "wire-crc.h"

/* Stays in the processor's cache, and is done at once when somebody cancels. */
enum { PIECE_SIZE = 256 * 1024 };

typedef struct {
  GChecksum *sha;
  guint64 length;
  guint32 crc;
} Sums;

static void add_piece(Sums *sums, const guint8 *bytes, gsize length)
{
  g_checksum_update(sums->sha, bytes, (gssize)length);
  sums->crc = wire_crc32(sums->crc, bytes, length);
  sums->length += length;
}

static void finish(const Sums *sums, SyDigest *digest)
{
  digest->length = sums->length;
  digest->crc = sums->crc;
  g_strlcpy(digest->sha256, g_checksum_get_string(sums->sha), sizeof digest->sha256);
}

gboolean sy_digest_file(GFile *file, GCancellable *cancellable, SyDigest *digest, GError **error)
{
  g_return_val_if_fail(file && digest, FALSE);

  g_autoptr(GFileInputStream) stream = g_file_read(file, cancellable, error);
  g_autofree guint8 *piece = g_malloc(PIECE_SIZE);
  g_autoptr(GChecksum) sha = g_checksum_new(G_CHECKSUM_SHA256);
  Sums sums = {sha, 0, 0};
  gsize got = PIECE_SIZE;

  if (!stream)
    return FALSE;
  while (got == PIECE_SIZE) {
    if (!g_input_stream_read_all(G_INPUT_STREAM(stream), piece, PIECE_SIZE, &got, cancellable,
                                 error))
      return FALSE;
    add_piece(&sums, piece, got);
  }
  finish(&sums, digest);
  return TRUE;
}

gboolean sy_digest_image(SyImage *image, const SyRange *range, GCancellable *cancellable,
                         SyDigest *digest)
{
  g_return_val_if_fail(image && range && digest, FALSE);

  g_autoptr(GChecksum) sha = g_checksum_new(G_CHECKSUM_SHA256);
  guint64 end = sy_range_end(range);
  Sums sums = {sha, 0, 0};

  for (guint i = 0; i < sy_image_get_n_segments(image); i++) {
    const SySegment *segment = sy_image_get_segment(image, i);
    guint64 stop = MIN(sy_segment_end(segment), end);

    for (guint64 at = MAX(segment->addr, range->addr); at < stop;) {
      gsize length = MIN(stop - at, PIECE_SIZE);

      if (g_cancellable_is_cancelled(cancellable))
        return FALSE;
      add_piece(&sums, segment->bytes + (at - segment->addr), length);
      at += length;
    }
  }
  finish(&sums, digest);
  return TRUE;
}
