/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A transfer that was broken off and is taken up by another session: what is there and sound is not
 * sent again, and what is there and is not does no harm. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <stdlib.h>

#include "loop-bench.h"

static int set_up(void **state)
{
  *state = loop_new(WIRE_BANK_LOW);
  loop_set_length(LOOP_LONG);
  loop_reset(*state, WIRE_BANK_LOW);
  return 0;
}

static int tear_down(void **state)
{
  free(*state);
  return 0;
}

static unsigned find_frame(Loop *loop, uint8_t type)
{
  loop_run_clean(loop, LOOP_UPGRADE);
  return loop_find_frame(loop, type);
}

/* Another session, which must succeed; what it sent and found adds up. */
static unsigned run_again(Loop *loop, const char *what, unsigned at)
{
  const SyLife *life = &loop->session.result.life;

  loop_start_anew(loop);
  if (loop_run(loop) != SY_OUTCOME_DONE)
    fail_msg("%s %u: outcome %d, reason %d, cause %d", what, at, loop->session.result.outcome,
             loop->session.result.reason, loop->session.result.nak.cause);
  assert_int_equal(life->blocks_kept + life->blocks_sent, LOOP_LONG_BLOCKS);
  assert_int_equal(loop->events[SY_EVENT_RESUMED], life->blocks_kept > 0);
  assert_int_equal(loop_count_frames(loop, WIRE_BEGIN), 1);
  assert_int_equal(loop->session.progress.blocks_done, LOOP_LONG_BLOCKS);
  return life->blocks_kept;
}

/* How many blocks the loader has. */
static unsigned count_there(const Loop *loop)
{
  const FwInstall *install = &loop->install;
  unsigned count = 0;

  for (unsigned block = 0; block < LOOP_LONG_BLOCKS; block++) {
    uint32_t at = wire_bank_get_addr((WireBank)install->begin.bank) / WIRE_BLOCK_SIZE + block;

    count += install->sound[at / 8] >> at % 8 & 1;
  }
  return count;
}

static void a_link_lost_at_any_block_is_taken_up_where_it_was(void **state)
{
  Loop *loop = *state;
  unsigned data = find_frame(loop, WIRE_DATA), commit = loop_find_frame(loop, WIRE_COMMIT);

  for (unsigned at = data; at < commit; at++)
    for (unsigned seconds = 1; seconds <= 9; seconds += 4) {
      unsigned there;

      loop_reset(loop, WIRE_BANK_LOW);
      loop->lose_at = at;
      loop_run_to_end(loop);
      loop_rest(loop, seconds * 1000000ull);
      assert_int_equal(loop->mode, LOOP_LOADER);
      there = count_there(loop);
      assert_true(there > 0);
      assert_int_equal(run_again(loop, "lost at", at), there);
    }
}

/* Fast, packed and far: the loader comes back to the default rate by itself. */
static void a_fast_and_packed_transfer_is_taken_up_too(void **state)
{
  Loop *loop = *state;
  unsigned kept = 0;

  for (unsigned at = 6; at < 26; at++) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->rate_max = 691200;
    loop->packs = true;
    loop->to_device.latency_us = loop->to_host.latency_us = 8000;
    loop->lose_at = at;
    loop_run_to_end(loop);
    loop_rest(loop, 3 * 1000000);
    kept += run_again(loop, "lost at", at);
  }
  assert_true(kept > 100);
}

/* The loader has forgotten block 0 and what it knew of the others. What was programmed last may be
 * doubtful, and the sectors of that are erased once more. */
static void behind_a_restart_whole_sectors_are_kept(void **state)
{
  Loop *loop = *state;
  unsigned data = find_frame(loop, WIRE_DATA), commit = loop_find_frame(loop, WIRE_COMMIT);
  unsigned most = 0, none = 0;

  for (unsigned at = data; at < commit; at++)
    for (unsigned restarts = 1; restarts <= 2; restarts++) {
      unsigned kept;

      loop_reset(loop, WIRE_BANK_LOW);
      loop->lose_at = at;
      loop_run_to_end(loop);
      loop_rest(loop, 2 * 1000000);
      loop->power_cut_times = restarts;
      loop_station_cut_power(loop);
      loop_rest(loop, 3 * 1000000);
      assert_int_equal(loop->mode, LOOP_PROGRAM);
      loop->flash.count = 0;
      kept = run_again(loop, "restarted at", at);
      /* Block 0 comes again whatever is kept. */
      assert_true(kept == 0 || (kept + 1) % WIRE_BLOCKS_PER_SECTOR == 0);
      most = kept > most ? kept : most;
      none += kept == 0;
    }
  assert_true(most >= WIRE_BLOCKS_PER_SECTOR - 1);
  assert_true(none > 0);
}

/* Cut inside any operation of flash, in all its ways: whatever is kept then is right, because the
 * image was whole in the end; and the bench's flash minds what is programmed and was not erased. */
static unsigned cut_each_operation(Loop *loop, unsigned fail_block)
{
  unsigned kept = 0;

  for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_AFTER; cut++)
    for (unsigned at = 0; at < LOOP_LONG_BLOCKS + 4; at++) {
      loop_reset(loop, WIRE_BANK_LOW);
      loop->flash.fail_addr = WIRE_HIGH_ADDR + fail_block * WIRE_BLOCK_SIZE;
      loop->flash.fail_times = fail_block > 0;
      loop->flash.cut = cut;
      loop->flash.cut_at = loop->flash.count + at;
      loop_run(loop);
      assert_int_equal(loop->cuts, 1);
      if (loop->session.result.outcome != SY_OUTCOME_OLD_RUNS)
        continue; /* behind the commit */
      loop_start_anew(loop);
      if (loop_run(loop) != SY_OUTCOME_DONE)
        fail_msg("cut %d at %u: outcome %d, reason %d", cut, at, loop->session.result.outcome,
                 loop->session.result.reason);
      kept += loop->session.result.life.blocks_kept > 0;
    }
  return kept;
}

static void behind_a_power_cut_inside_any_block_nothing_doubtful_is_kept(void **state)
{
  assert_true(cut_each_operation(*state, 0) > 8);
}

/* A sector is erased anew before the cut, with frames under way behind it. */
static void nor_when_a_sector_was_erased_anew_before(void **state)
{
  static const unsigned blocks[] = {1, 15, 31};
  unsigned kept = 0;

  for (unsigned i = 0; i < 3; i++)
    kept += cut_each_operation(*state, blocks[i]);
  assert_true(kept > 8);
}

/* Again and again, until it is through: a substation that restarts at every so manieth request. At
 * least window and sector must come through between two, or nothing of it is kept. */
static void a_substation_that_restarts_again_and_again_gets_there(void **state)
{
  Loop *loop = *state;
  unsigned sessions = 0;

  do {
    unsigned handled = loop->handled;

    assert_true(++sessions < 12);
    loop->power_cut_before = handled + 4 + (FW_WINDOW + WIRE_BLOCKS_PER_SECTOR) / 2 + 2;
    loop_run_to_end(loop);
    if (loop->session.result.outcome == SY_OUTCOME_DONE)
      break;
    loop_rest(loop, 2 * 1000000);
    loop_start_anew(loop);
  } while (true);
  assert_true(sessions > 1);
}

/* What lies there belongs to another image than the one that comes. */
static void what_another_image_has_left_is_not_kept(void **state)
{
  Loop *loop = *state;
  unsigned commit = find_frame(loop, WIRE_COMMIT);

  for (unsigned restarted = 0; restarted < 2; restarted++) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->lose_at = commit - 6;
    loop_run_to_end(loop);
    loop_rest(loop, 2 * 1000000);
    if (restarted) {
      loop_station_cut_power(loop);
      loop_rest(loop, 2 * 1000000);
    }
    loop_image_make(&loop->images[1], WIRE_BANK_HIGH, WIRE_VERSION(1, 2, 0), LOOP_LONG);
    loop->halves[1].version = WIRE_VERSION(1, 2, 0);
    loop->halves[1].crc = loop->images[1].header.crc;
    assert_int_equal(run_again(loop, "restarted", restarted), 0);
  }
}

/* A kept block has gone wrong since: COMMIT finds out, and everything is sent, once. */
static void what_was_kept_and_is_wrong_is_sent_anew_once(void **state)
{
  Loop *loop = *state;
  unsigned commit = find_frame(loop, WIRE_COMMIT);

  for (unsigned restarted = 0; restarted < 2; restarted++) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->lose_at = commit - 3;
    loop_run_to_end(loop);
    loop_rest(loop, 2 * 1000000);
    if (restarted) {
      loop_station_cut_power(loop);
      loop_rest(loop, 2 * 1000000);
    }
    loop->flash.memory[WIRE_HIGH_ADDR + 5 * WIRE_BLOCK_SIZE + 7] ^= 4;
    loop_start_anew(loop);
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_int_equal(loop_count_frames(loop, WIRE_BEGIN), 2);
    assert_int_equal(loop->commits, 2);
    assert_int_equal(loop->events[SY_EVENT_RESUMED], 1);
    assert_int_equal(loop->session.result.life.blocks_kept, 0); /* as the last BEGIN was answered */
    assert_true(loop->session.result.life.blocks_sent >= LOOP_LONG_BLOCKS);
  }
}

static void lie_image_crc(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  WireNak nak = {.cause = WIRE_CAUSE_IMAGE_CRC, .type = WIRE_COMMIT};

  (void)loop;
  answer->type = WIRE_NAK;
  answer->length = (uint16_t)wire_nak_write(&nak, payload);
}

/* A substation that says so for ever, of what was kept and of what was not. */
static void an_image_that_never_fits_is_not_sent_for_ever(void **state)
{
  Loop *loop = *state;
  unsigned commit = find_frame(loop, WIRE_COMMIT);

  for (unsigned kept = 0; kept < 2; kept++) {
    loop_reset(loop, WIRE_BANK_LOW);
    if (kept) {
      loop->lose_at = commit - 4;
      loop_run_to_end(loop);
      loop_rest(loop, 2 * 1000000);
      loop_start_anew(loop);
    }
    loop->lie_type = WIRE_COMMIT;
    loop->lie_times = UINT_MAX;
    loop->lie_instead = true;
    loop->lie = lie_image_crc;
    assert_int_equal(loop_run(loop), SY_OUTCOME_OLD_RUNS);
    assert_int_equal(loop->session.result.reason, SY_REASON_NAK);
    assert_int_equal(loop->session.result.nak.cause, WIRE_CAUSE_IMAGE_CRC);
    assert_int_equal(loop_count_frames(loop, WIRE_BEGIN), 1 + kept);
    assert_int_equal(loop->lies, 1 + kept);
  }
}

/* BEGIN's map claims blocks that never came. COMMIT names them one by one, or all is given up. */
static void lie_map(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  (void)answer;
  for (unsigned i = 0; i < (WIRE_BLOCKS_MAX + 7) / 8; i++)
    payload[WIRE_BEGUN_LENGTH_1_1 + i] |= (uint8_t)loop->lie_number;
}

static void a_map_that_claims_what_was_never_sent_is_set_right_by_commit(void **state)
{
  static const uint8_t claims[] = {0xff, 0x55, 0xaa, 0x80, 0x01};
  Loop *loop = *state;

  for (unsigned i = 0; i < sizeof claims; i++) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->lie_type = WIRE_BEGIN;
    loop->lie_times = UINT_MAX;
    loop->lie_number = claims[i];
    loop->lie = lie_map;
    loop_run(loop);
    assert_true(loop->lies > 0);
    assert_true(loop->session.result.outcome == SY_OUTCOME_DONE ||
                loop->session.result.outcome == SY_OUTCOME_OLD_RUNS);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      TEST(a_link_lost_at_any_block_is_taken_up_where_it_was),
      TEST(a_fast_and_packed_transfer_is_taken_up_too),
      TEST(behind_a_restart_whole_sectors_are_kept),
      TEST(behind_a_power_cut_inside_any_block_nothing_doubtful_is_kept),
      TEST(nor_when_a_sector_was_erased_anew_before),
      TEST(a_substation_that_restarts_again_and_again_gets_there),
      TEST(what_another_image_has_left_is_not_kept),
      TEST(what_was_kept_and_is_wrong_is_sent_anew_once),
      TEST(an_image_that_never_fits_is_not_sent_for_ever),
      TEST(a_map_that_claims_what_was_never_sent_is_set_right_by_commit),
  };

  loop_set_style(argc, argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
