/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Blocks on their way: how many frames are under way at once, and that what is lost, and nothing
 * else, is sent again. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

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

/* A clean run, and where DATA and its answers lie in it. */
typedef struct {
  unsigned data, frames; /* the first to the substation, and how many */
  unsigned answer;       /* the first to the workstation */
  uint64_t duration_us;
} Clean;

static Clean run_clean(Loop *loop)
{
  Clean clean;

  loop_run_clean(loop, LOOP_UPGRADE);
  clean.data = loop_find_frame(loop, WIRE_DATA);
  clean.frames = loop_count_frames(loop, WIRE_DATA);
  clean.answer = loop->to_host.type_firsts[WIRE_DATA | WIRE_REPLY];
  clean.duration_us = loop->session.result.duration_us;
  assert_int_equal(loop->session.result.counts.retries, 0);
  assert_int_equal(loop->session.result.counts.naks, 0);
  return clean;
}

static LoopFault one_frame(LoopFaultKind kind, unsigned first)
{
  return (LoopFault){.kind = kind, .active = true, .frames = true, .first = first};
}

static void several_frames_are_under_way_and_never_more_than_there_is_room_for(void **state)
{
  static const unsigned latencies_ms[] = {0, 16, 100, 140};
  Loop *loop = *state;

  for (unsigned i = 0; i < 4; i++)
    for (unsigned fast = 0; fast < 4; fast++) {
      loop_reset(loop, WIRE_BANK_LOW);
      loop->to_device.latency_us = loop->to_host.latency_us = latencies_ms[i] * 500;
      loop->rate_max = fast & 1 ? 691200 : 0;
      loop->packs = (fast & 2) != 0;
      assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
      assert_in_range(loop->under_way_most, 5, SY_STREAM_FRAMES);
      assert_in_range(loop->under_way_bytes_most, 2000, FW_ROOM);
      assert_true(loop->under_way_at_commit > 0);
      if (loop->session.result.counts.naks > 0 || loop->session.result.counts.retries > 0)
        fail_msg("latency %u, fast %u: %u refused, %u again", latencies_ms[i], fast,
                 loop->session.result.counts.naks, loop->session.result.counts.retries);
    }
}

static void a_loader_of_1_1_gets_one_frame_at_a_time_and_commit_when_all_is_there(void **state)
{
  Loop *loop = *state;

  loop->style = LOOP_ONE_BY_ONE;
  loop->rate_max = 691200;
  loop->packs = true;
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  assert_int_equal(loop->under_way_most, 1);
  assert_int_equal(loop->under_way_at_commit, 0);
  assert_int_equal(loop_count_frames(loop, WIRE_DATA), LOOP_LONG_BLOCKS);
  assert_int_equal(loop_count_frames(loop, WIRE_RATE), 0);
  assert_int_equal(loop->session.result.life.blocks_packed, 0);
  assert_int_equal(loop->events[SY_EVENT_ERASED], 1);
  assert_int_equal(loop->session.result.counts.naks, 0);
}

/* It may come to 1.1 loaders and to such as wait in the stream: told once, as it is known. */
static void the_erase_is_told_once_and_as_long_as_it_took(void **state)
{
  Loop *loop = *state;

  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  assert_int_equal(loop->events[SY_EVENT_ERASED], 1);
  assert_true(loop->session.result.life.phases_us[SY_PHASE_ERASE] < 50000);
}

static void only_the_frame_that_was_lost_is_sent_again(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop);

  for (unsigned at = 0; at < clean.frames; at++) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->to_device.fault = one_frame(LOOP_DROP, clean.data + at);
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_int_equal(loop->to_device.hits, 1);
    assert_int_equal(loop->session.result.life.blocks_sent, LOOP_LONG_BLOCKS + 2);
    assert_int_equal(loop->session.result.counts.retries, 1);
    assert_int_equal(loop->session.result.counts.timeouts, 0);
  }
}

static void an_answer_that_was_lost_costs_no_frame(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop);

  for (unsigned at = 0; at < clean.frames; at++) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->to_host.fault = one_frame(LOOP_DROP, clean.answer + at);
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_int_equal(loop->to_host.hits, 1);
    assert_int_equal(loop->session.result.life.blocks_sent, LOOP_LONG_BLOCKS);
    assert_int_equal(loop->session.result.counts.retries, 0);
    assert_int_equal(loop->session.result.counts.timeouts, 0);
  }
}

static void several_answers_lost_in_a_row_cost_no_frame(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop);

  for (unsigned at = 0; at + 4 < clean.frames; at++) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->to_host.fault = one_frame(LOOP_DROP, clean.answer + at);
    loop->to_host.fault.every = 1;
    loop->to_host.fault.times = 2;
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_int_equal(loop->session.result.life.blocks_sent, LOOP_LONG_BLOCKS);
    assert_int_equal(loop->session.result.counts.retries, 0);
  }
}

static void a_frame_that_came_damaged_is_sent_again_without_a_time_out(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop);

  for (unsigned at = 0; at < clean.frames; at++) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->to_device.fault = one_frame(LOOP_FLIP, clean.data + at);
    loop->to_device.random = wire_random(at);
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_int_equal(loop->to_device.hits, 1);
    assert_int_equal(loop->session.result.life.blocks_sent, LOOP_LONG_BLOCKS + 2);
    assert_int_equal(loop->session.result.counts.timeouts, 0);
    assert_in_range(loop->session.result.counts.naks, 1, 2); /* DAMAGED, and INCOMPLETE */
  }
}

/* The last frames are lost, and COMMIT is there before anybody has missed them. */
static void a_commit_that_finds_blocks_missing_names_them(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop);

  for (unsigned lost = 1; lost <= 3; lost++) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->to_device.fault = one_frame(LOOP_DROP, clean.data + clean.frames - lost);
    loop->to_device.fault.every = 1;
    loop->to_device.fault.times = lost;
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_int_equal(loop->session.result.counts.timeouts, 0);
    assert_int_equal(loop->session.result.counts.naks, 1);
    assert_int_equal(loop->commits, 2);
    assert_int_equal(loop->session.result.life.blocks_sent, LOOP_LONG_BLOCKS + 2 * lost);
  }
}

/* Whatever a sector does to the blocks before one that fails, while others are under way behind it.
 */
static void a_block_that_fails_once_or_twice_heals_wherever_it_is(void **state)
{
  Loop *loop = *state;

  for (unsigned block = 0; block < LOOP_LONG_BLOCKS; block++)
    for (unsigned times = 1; times < FW_PROGRAM_ATTEMPTS; times++) {
      loop_reset(loop, WIRE_BANK_LOW);
      loop->flash.fail_addr = WIRE_HIGH_ADDR + block * WIRE_BLOCK_SIZE;
      loop->flash.fail_times = times;
      if (loop_run(loop) != SY_OUTCOME_DONE)
        fail_msg("block %u, %u times: reason %d, cause %d", block, times,
                 loop->session.result.reason, loop->session.result.nak.cause);
      assert_true(loop->session.result.counts.repeats >= 1);
    }
}

/* And what told of it is lost: the frames behind it are too far ahead then, for no reason that is
 * known here. */
static void a_block_that_fails_heals_also_when_the_answer_is_lost(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop);

  for (unsigned block = 1; block < LOOP_LONG_BLOCKS; block++)
    for (unsigned lost = 1; lost <= 2; lost++) {
      loop_reset(loop, WIRE_BANK_LOW);
      loop->flash.fail_addr = WIRE_HIGH_ADDR + block * WIRE_BLOCK_SIZE;
      loop->flash.fail_times = 1;
      loop->to_host.fault = one_frame(LOOP_DROP, clean.answer + block / 2);
      loop->to_host.fault.every = 1;
      loop->to_host.fault.times = lost;
      if (loop_run(loop) != SY_OUTCOME_DONE)
        fail_msg("block %u, %u answers: reason %d, cause %d", block, lost,
                 loop->session.result.reason, loop->session.result.nak.cause);
    }
}

static void check_failed_begin(Loop *loop, WireCause cause)
{
  const SyResult *result = &loop->session.result;

  assert_int_equal(result->outcome, SY_OUTCOME_OLD_RUNS);
  assert_int_equal(result->reason, SY_REASON_NAK);
  assert_int_equal(result->nak.cause, cause);
  assert_int_equal(result->nak.type, WIRE_BEGIN);
  assert_true(result->touched);
}

static void an_erase_that_fails_behind_the_answer_ends_with_the_old_program(void **state)
{
  static const unsigned latencies_ms[] = {0, 16, 100};
  Loop *loop = *state;

  for (unsigned i = 0; i < 3; i++)
    for (unsigned records = 0; records < 2; records++) {
      loop_reset(loop, WIRE_BANK_LOW);
      loop->to_device.latency_us = loop->to_host.latency_us = latencies_ms[i] * 500;
      if (records) {
        loop->flash.fail_addr = WIRE_RECORD_ADDR;
        loop->flash.fail_sector = true;
        loop->flash.fail_times = 100;
      } else {
        loop->flash.fail_erase_at = 1;
      }
      loop_run(loop);
      check_failed_begin(loop, records ? WIRE_CAUSE_RECORD_FAILED : WIRE_CAUSE_ERASE_FAILED);
      assert_int_equal(loop->events[SY_EVENT_COMMITTED], 0);
    }
}

/* What is told of it is lost: DATA is refused then, which is as good. */
static void an_erase_that_fails_and_is_not_heard_of_ends_with_the_old_program(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop);

  loop_reset(loop, WIRE_BANK_LOW);
  loop->flash.fail_erase_at = 1;
  loop->to_host.fault = one_frame(LOOP_DROP, clean.answer); /* there the refusal stands */
  assert_int_equal(loop_run(loop), SY_OUTCOME_OLD_RUNS);
  assert_int_equal(loop->to_host.hits, 1);
  assert_int_equal(loop->session.result.reason, SY_REASON_NAK);
  assert_int_equal(loop->session.result.nak.type, WIRE_DATA);
  assert_int_equal(loop->session.result.nak.cause, WIRE_CAUSE_NOT_NOW);
}

/* One frame lost: single blocks until so many frames were answered that it may be trusted again. */
static void two_blocks_share_a_frame_only_on_a_clean_line(void **state)
{
  enum { ONE = 527, TWO = 1039, TRUST = 24 };
  Loop *loop = *state;
  unsigned ones = 0, twos = 0, twos_behind = 0;
  Clean clean;

  loop_set_length(LOOP_LENGTH_MAX);
  clean = run_clean(loop);
  for (unsigned at = 0; at < clean.frames; at++)
    assert_int_equal(loop->to_device.sizes[clean.data + at], TWO);
  loop_reset(loop, WIRE_BANK_LOW);
  loop->to_device.fault = one_frame(LOOP_DROP, clean.data);
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  for (unsigned at = clean.data; at < loop_find_frame(loop, WIRE_COMMIT); at++) {
    bool single = loop->to_device.sizes[at] == ONE;

    assert_true(single || loop->to_device.sizes[at] == TWO);
    assert_false(single && twos_behind > 0); /* once trusted again it stays */
    ones += single;
    twos += !single && ones == 0;
    twos_behind += !single && ones > 0;
  }
  assert_true(twos > 0);
  assert_in_range(ones, TRUST - 6, TRUST + 12);
  assert_true(twos_behind > 0);
}

static void where_the_time_went_is_told_and_adds_up(void **state)
{
  Loop *loop = *state;
  const SyLife *life = &loop->session.result.life;
  uint64_t sum_us = 0;

  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  for (SyPhase phase = SY_PHASE_IDLE; phase < SY_PHASE_COUNT; phase++)
    sum_us += life->phases_us[phase];
  assert_int_equal(sum_us, loop->session.result.duration_us);
  assert_true(life->phases_us[SY_PHASE_WRITE] + life->phases_us[SY_PHASE_COMMIT] > 1700 * 1000);
  assert_true(life->phases_us[SY_PHASE_TRIAL] > 500 * 1000);
  assert_int_equal(life->phases_us[SY_PHASE_FINISHED], 0);
  assert_int_equal(life->baud, WIRE_RATE_DEFAULT);
  assert_int_equal(life->blocks_sent, LOOP_LONG_BLOCKS);
  assert_int_equal(life->frames, LOOP_LONG_BLOCKS / 2);
  assert_int_equal(life->frame_bytes, LOOP_LONG_BLOCKS / 2 * 1039);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      TEST(several_frames_are_under_way_and_never_more_than_there_is_room_for),
      TEST(a_loader_of_1_1_gets_one_frame_at_a_time_and_commit_when_all_is_there),
      TEST(the_erase_is_told_once_and_as_long_as_it_took),
      TEST(only_the_frame_that_was_lost_is_sent_again),
      TEST(an_answer_that_was_lost_costs_no_frame),
      TEST(several_answers_lost_in_a_row_cost_no_frame),
      TEST(a_frame_that_came_damaged_is_sent_again_without_a_time_out),
      TEST(a_commit_that_finds_blocks_missing_names_them),
      TEST(a_block_that_fails_once_or_twice_heals_wherever_it_is),
      TEST(a_block_that_fails_heals_also_when_the_answer_is_lost),
      TEST(an_erase_that_fails_behind_the_answer_ends_with_the_old_program),
      TEST(an_erase_that_fails_and_is_not_heard_of_ends_with_the_old_program),
      TEST(two_blocks_share_a_frame_only_on_a_clean_line),
      TEST(where_the_time_went_is_told_and_adds_up),
  };

  loop_set_style(argc, argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
