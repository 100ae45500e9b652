/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What became of each block, and how far the transfer is. */

#include "sy-session-private.h"

enum {
  AFTER_WRITE_US = 400 * 1000,
  AFTER_WRITE_TRIPS = 5, /* COMMIT, RUN, and asking the new program */
  WINDOW = 24,           /* blocks that may lie behind one that is missing (PROTOCOL.md §5) */
};

void sy_session_set_block(SySession *session, uint16_t block, SyBlockState state)
{
  if (session->progress.blocks[block] == state)
    return;
  session->progress.blocks[block] = (uint8_t)state;
  if (state != SY_BLOCK_ERASED && state != SY_BLOCK_SENT)
    sy_session_emit(session,
                    (SyEvent){.kind = SY_EVENT_BLOCK, .block = block, .number = (uint32_t)state});
}

SyBlockState sy_session_get_verified(const SySession *session, uint16_t block)
{
  return session->sent[block] > 1 ? SY_BLOCK_REPEATED : SY_BLOCK_VERIFIED;
}

void sy_session_set_verified(SySession *session, uint16_t block)
{
  sy_session_set_block(session, block, sy_session_get_verified(session, block));
}

static bool is_verified(uint8_t state)
{
  return state == SY_BLOCK_VERIFIED || state == SY_BLOCK_REPEATED;
}

/* Flash tells how far a transfer came by what does not read blank, and what lay in the window may
 * be torn: whole sectors before it are kept (PROTOCOL.md §5). */
uint16_t sy_session_count_left(const SySession *session)
{
  const SyProgress *progress = &session->progress;
  uint16_t end = 0;

  if (session->committed || session->write_us == 0 ||
      (session->result.identity.capabilities & WIRE_CAP_RESUME) == 0)
    return 0;
  for (uint16_t block = 0; block < progress->blocks_total; block++)
    if (is_verified(progress->blocks[block]))
      end = (uint16_t)(block + 1);
  return end < WINDOW ? 0
                      : (uint16_t)(end - WINDOW) / WIRE_BLOCKS_PER_SECTOR * WIRE_BLOCKS_PER_SECTOR;
}

void sy_session_update_progress(SySession *session, uint64_t now_us)
{
  SyProgress *progress = &session->progress;
  uint16_t done = 0;

  for (unsigned block = 0; block < progress->blocks_total; block++)
    done += is_verified(progress->blocks[block]);
  progress->blocks_done = done;
  progress->bytes_done = (uint32_t)done * WIRE_BLOCK_SIZE;
  if (progress->bytes_done > progress->bytes_total)
    progress->bytes_done = progress->bytes_total;

  double share = (double)progress->bytes_done / progress->bytes_total;

  sy_session_set_fraction(session,
                          SY_FRACTION_ERASED + share * (SY_FRACTION_WRITTEN - SY_FRACTION_ERASED));

  uint32_t kept = session->result.life.blocks_kept * WIRE_BLOCK_SIZE;

  if (now_us > session->write_us && progress->bytes_done > kept)
    progress->bytes_per_second =
        (progress->bytes_done - kept) * 1e6 / (double)(now_us - session->write_us);
  if (progress->bytes_per_second > 0)
    progress->seconds_left =
        (progress->bytes_total - progress->bytes_done) / progress->bytes_per_second +
        (AFTER_WRITE_US + AFTER_WRITE_TRIPS * (double)session->trip.smoothed_us) / 1e6;
}
