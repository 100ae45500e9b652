/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What an upgrade tells about itself while it runs: refusals by cause, blocks that were sent more
 * than once, blocks that are bad, and what a broken-off transfer leaves; and the dry run. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "loop-bench.h"

enum { FAULTS = 12, DRY_RUN_MAX_US = 2000 * 1000 };

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

static unsigned count_blocks(const Loop *loop, SyBlockState state)
{
  unsigned count = 0;

  for (unsigned block = 0; block < loop->session.progress.blocks_total; block++)
    count += loop->session.progress.blocks[block] == state;
  return count;
}

static LoopFault one_frame(LoopFaultKind kind, unsigned first)
{
  return (LoopFault){.kind = kind, .active = true, .frames = true, .first = first};
}

static unsigned sum_causes(const SyCounts *counts)
{
  unsigned sum = 0;

  for (unsigned cause = 0; cause < SY_CAUSE_COUNT; cause++)
    sum += counts->naks_by_cause[cause];
  return sum;
}

/* --- blocks --- */

static void on_a_clean_line_every_block_is_verified_and_none_repeated(void **state)
{
  Loop *loop = *state;

  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  assert_int_equal(count_blocks(loop, SY_BLOCK_VERIFIED), LOOP_LONG_BLOCKS);
  assert_int_equal(loop->session.result.bank, WIRE_BANK_HIGH);
  assert_int_equal(loop->session.result.version, LOOP_NEW);
  assert_int_equal(loop->session.result.blocks_left, 0);
  assert_true(loop->session.result.counts.frames > LOOP_LONG_BLOCKS / 2);
}

static void what_was_sent_again_is_repeated_and_nothing_else(void **state)
{
  Loop *loop = *state;
  unsigned data;

  loop_run_clean(loop, LOOP_UPGRADE);
  data = loop_find_frame(loop, WIRE_DATA);
  for (unsigned at = 0; at < FAULTS; at++) {
    const SyResult *result = &loop->session.result;

    loop_reset(loop, WIRE_BANK_LOW);
    loop->to_device.fault = one_frame(LOOP_DROP, data + at);
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_int_equal(loop->to_device.hits, 1);
    assert_int_equal(count_blocks(loop, SY_BLOCK_REPEATED),
                     result->life.blocks_sent - LOOP_LONG_BLOCKS);
    assert_int_equal(count_blocks(loop, SY_BLOCK_REPEATED), 2);
    assert_int_equal(loop->session.progress.blocks_done, LOOP_LONG_BLOCKS);
  }
}

static void a_block_that_is_given_up_is_bad(void **state)
{
  Loop *loop = *state;

  for (unsigned block = 1; block < 10; block++) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->flash.fail_addr = WIRE_HIGH_ADDR + block * WIRE_BLOCK_SIZE;
    loop->flash.fail_times = FW_PROGRAM_ATTEMPTS;
    assert_int_equal(loop_run(loop), SY_OUTCOME_OLD_RUNS);
    assert_int_equal(loop->session.progress.blocks[block], SY_BLOCK_FAILED);
    assert_int_equal(loop->session.result.counts.naks_by_cause[WIRE_CAUSE_PROGRAM_FAILED], 1);
  }
}

/* --- refusals --- */

static void refusals_are_counted_by_their_cause(void **state)
{
  Loop *loop = *state;
  unsigned data, damaged = 0;

  loop_run_clean(loop, LOOP_UPGRADE);
  assert_int_equal(sum_causes(&loop->session.result.counts), 0);
  data = loop_find_frame(loop, WIRE_DATA);
  for (unsigned at = 0; at < FAULTS; at++) {
    const SyCounts *counts = &loop->session.result.counts;

    loop_reset(loop, WIRE_BANK_LOW);
    loop->to_device.fault = one_frame(LOOP_FLIP, data + at);
    loop->to_device.random = wire_random(at);
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_true(counts->naks > 0);
    assert_int_equal(sum_causes(counts), counts->naks);
    damaged += counts->naks_by_cause[WIRE_CAUSE_DAMAGED];
    assert_int_equal(counts->naks_by_cause[WIRE_CAUSE_DAMAGED] +
                         counts->naks_by_cause[WIRE_CAUSE_INCOMPLETE],
                     counts->naks);
  }
  assert_true(damaged >= FAULTS / 2);
}

/* --- what is left --- */

static void what_a_cancelled_upgrade_says_is_left_is_found_by_the_next(void **state)
{
  Loop *loop = *state;
  unsigned data, most = 0;

  loop_run_clean(loop, LOOP_UPGRADE);
  data = loop_find_frame(loop, WIRE_DATA);
  for (unsigned at = 0; at < LOOP_LONG_BLOCKS / 2; at++) {
    unsigned left, kept;
    bool sealing;

    loop_reset(loop, WIRE_BANK_LOW);
    loop->cancel_at = data + at;
    assert_int_equal(loop_run(loop), SY_OUTCOME_OLD_RUNS);
    left = loop->session.result.blocks_left;
    sealing = loop->session.committed; /* then it promises nothing */
    loop_start_anew(loop);
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    kept = loop->session.result.life.blocks_kept;
    if (left > kept + 1 ||
        (kept > left + WIRE_BLOCKS_PER_SECTOR && !sealing)) /* block 0 comes again */
      fail_msg("cancelled at %u: %u said, %u found", at, left, kept);
    if (left > most)
      most = left;
  }
  assert_in_range(most, WIRE_BLOCKS_PER_SECTOR, LOOP_LONG_BLOCKS);
}

/* --- the dry run --- */

static void run_check(Loop *loop)
{
  uint64_t start_us = loop->now_us;

  sy_session_start_check(&loop->session, loop->halves, loop->now_us);
  while (!sy_session_is_finished(&loop->session)) {
    loop_step(loop);
    assert_true(loop->now_us - start_us < 30ull * 1000 * 1000);
  }
}

static void a_dry_run_touches_nothing_and_tests_the_line(void **state)
{
  Loop *loop = *state;
  const SyResult *result = &loop->session.result;
  unsigned operations;
  uint16_t boots;

  loop_rest(loop, 1000 * 1000);
  boots = loop->boots;
  operations = loop->flash.count;
  run_check(loop);
  assert_int_equal(result->outcome, SY_OUTCOME_DONE);
  assert_int_equal(result->bank, WIRE_BANK_HIGH);
  assert_int_equal(result->version, LOOP_NEW);
  assert_false(result->touched);
  assert_true(result->duration_us < DRY_RUN_MAX_US);
  assert_true(loop->session.echoes > 1);
  assert_int_equal(loop_count_frames(loop, WIRE_ECHO), loop->session.echoes);
  loop_rest(loop, 1000 * 1000);
  assert_int_equal(loop->flash.count, operations);
  assert_int_equal(loop->boots, boots);
  assert_int_equal(loop->mode, LOOP_PROGRAM);
  assert_int_equal(loop->running, WIRE_BANK_LOW);
  assert_int_equal(loop_count_frames(loop, WIRE_ENTER_LOADER), 0);
  assert_int_equal(loop_run((loop_start_anew(loop), loop)), SY_OUTCOME_DONE);
}

static void a_dry_run_says_what_an_upgrade_would_refuse(void **state)
{
  Loop *loop = *state;

  loop->halves[1].product ^= 1;
  run_check(loop);
  assert_int_equal(loop->session.result.outcome, SY_OUTCOME_REFUSED);
  assert_int_equal(loop->session.result.reason, SY_REASON_PRODUCT);
  loop_reset(loop, WIRE_BANK_LOW);
  loop->halves[1].length = 0;
  run_check(loop);
  assert_int_equal(loop->session.result.outcome, SY_OUTCOME_REFUSED);
  assert_int_equal(loop->session.result.reason, SY_REASON_BANK);
  assert_int_equal(loop_count_frames(loop, WIRE_ECHO), 0);
}

static void a_dry_run_on_a_line_that_loses_everything_ends_as_no_connection(void **state)
{
  Loop *loop = *state;

  loop->to_device.fault = one_frame(LOOP_DROP, 2); /* behind the identity and one echo */
  loop->to_device.fault.every = 1;
  run_check(loop);
  assert_int_equal(loop->session.result.outcome, SY_OUTCOME_LINK);
  assert_int_equal(loop->session.result.reason, SY_REASON_SILENT);
  assert_false(loop->session.result.touched);
}

static void a_dry_run_can_be_cancelled(void **state)
{
  Loop *loop = *state;

  loop->cancel_at = 3;
  run_check(loop);
  assert_int_equal(loop->session.result.outcome, SY_OUTCOME_REFUSED);
  assert_int_equal(loop->session.result.reason, SY_REASON_CANCELLED);
  assert_true(loop->session.echoes < 4);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(on_a_clean_line_every_block_is_verified_and_none_repeated),
      TEST(what_was_sent_again_is_repeated_and_nothing_else),
      TEST(a_block_that_is_given_up_is_bad),
      TEST(refusals_are_counted_by_their_cause),
      TEST(what_a_cancelled_upgrade_says_is_left_is_found_by_the_next),
      TEST(a_dry_run_touches_nothing_and_tests_the_line),
      TEST(a_dry_run_says_what_an_upgrade_would_refuse),
      TEST(a_dry_run_on_a_line_that_loses_everything_ends_as_no_connection),
      TEST(a_dry_run_can_be_cancelled),
  };
#undef TEST

  return cmocka_run_group_tests_name("loop counts", tests, NULL, NULL);
}
