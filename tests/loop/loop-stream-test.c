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

static void lose_in_a_row(LoopLine *line, unsigned first, unsigned times)
{
  line->fault = one_frame(LOOP_DROP, first);
  line->fault.every = 1;
  line->fault.times = times;
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

/* A clean run at this rate, then one each in which two answers in a row are lost; how often that
 * cost nothing. */
static unsigned lose_two_answers(Loop *loop, uint32_t rate_max)
{
  unsigned frames, answer, free_of_cost = 0;

  loop_reset(loop, WIRE_BANK_LOW);
  loop->rate_max = rate_max;
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  frames = loop_count_frames(loop, WIRE_DATA);
  answer = loop->to_host.type_firsts[WIRE_DATA | WIRE_REPLY];
  for (unsigned at = 0; at + 4 < frames; at++) {
    const SyResult *result = &loop->session.result;

    loop_reset(loop, WIRE_BANK_LOW);
    loop->rate_max = rate_max;
    lose_in_a_row(&loop->to_host, answer + at, 2);
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_int_equal(loop->to_host.hits, 2);
    assert_int_equal(result->life.blocks_sent, LOOP_LONG_BLOCKS + result->counts.timeouts);
    assert_in_range(result->counts.timeouts, 0, 1);
    if (result->counts.timeouts == 0)
      assert_int_equal(result->counts.retries, 0);
    free_of_cost += result->counts.timeouts == 0;
  }
  return free_of_cost;
}

/* The next answer tells of them. Only when those of all frames under way are lost, which are two at
 * the default rate once the erase is over, there is none: then one block again asks for it. */
static void several_answers_lost_in_a_row_cost_no_frame(void **state)
{
  Loop *loop = *state;
  unsigned frames = run_clean(loop).frames;

  assert_true(lose_two_answers(loop, 0) >= 3);
  assert_int_equal(lose_two_answers(loop, 691200), frames - 4);
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

/* The last frames are lost, and COMMIT is there before anybody has missed them: as long as it goes
 * out behind the last of them, which the answer to one before them brings about. */
static void a_commit_that_finds_blocks_missing_names_them(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop);

  for (unsigned lost = 1; lost <= 2; lost++) {
    loop_reset(loop, WIRE_BANK_LOW);
    lose_in_a_row(&loop->to_device, clean.data + clean.frames - lost, lost);
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_int_equal(loop->session.result.counts.timeouts, 0);
    assert_int_equal(loop->session.result.counts.naks, 1);
    assert_int_equal(loop_count_frames(loop, WIRE_COMMIT), 2);
    assert_int_equal(loop->session.result.life.blocks_sent, LOOP_LONG_BLOCKS + 2 * lost);
  }
}

/* More than are under way, anywhere: then nothing tells of them but that nothing comes. One block
 * asks, the first time soon; that COMMIT waits for it makes no difference. The longest patience is
 * that of the very first, which waits for the erase. */
static void frames_lost_in_a_row_cost_a_time_out_each_at_most(void **state)
{
  enum { ASK_US = 100 * 1000, ERASE_US = 1500 * 1000 };
  Loop *loop = *state;
  Clean clean = run_clean(loop);

  for (unsigned lost = 3; lost <= 5; lost++)
    for (unsigned at = 0; at < clean.frames; at++) {
      const SyResult *result = &loop->session.result;
      uint64_t most_us = clean.duration_us + (at == 0 ? ERASE_US : 0);

      /* Patience doubles, and what is lost or alone in its frame takes its time on the wire. */
      for (unsigned i = 0; i < lost; i++)
        most_us += (ASK_US << i) + 2 * ASK_US;
      loop_reset(loop, WIRE_BANK_LOW);
      lose_in_a_row(&loop->to_device, clean.data + at, lost);
      assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
      assert_int_equal(loop->to_device.hits, lost);
      assert_true(result->counts.timeouts <= lost);
      assert_true(result->life.blocks_sent <= LOOP_LONG_BLOCKS + 2 * lost + 2);
      if (result->duration_us > most_us)
        fail_msg("%u lost from %u: %u ms", lost, at,
                 (unsigned)((result->duration_us - clean.duration_us) / 1000));
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

/* A sector may take 400 ms to be erased, and all that while nothing is answered: that costs some
 * questions, and not the upgrade. Nor does a substation that takes so long with each frame, but the
 * rate, when COMMIT waits behind all that is under way. */
static void an_answer_that_waits_for_an_erase_does_not_end_it(void **state)
{
  enum { LONGER_US = 300 * 1000 }; /* than the bench's erase of 100 ms */
  Loop *loop = *state;

  for (unsigned fast = 0; fast < 2; fast++)
    for (unsigned block = 0; block < LOOP_LONG_BLOCKS; block++)
      for (unsigned times = 1; times < FW_PROGRAM_ATTEMPTS; times++) {
        const SyCounts *counts = &loop->session.result.counts;

        loop_reset(loop, WIRE_BANK_LOW);
        loop->rate_max = fast ? 691200 : 0;
        loop->packs = fast;
        loop->anew_us = LONGER_US;
        loop->flash.fail_addr = WIRE_HIGH_ADDR + block * WIRE_BLOCK_SIZE;
        loop->flash.fail_times = times;
        if (loop_run(loop) != SY_OUTCOME_DONE)
          fail_msg("fast %u, block %u, %u times: reason %d, cause %d", fast, block, times,
                   loop->session.result.reason, loop->session.result.nak.cause);
        assert_true(counts->repeats >= 1);
        assert_true(counts->timeouts <= 4 * times);
        assert_int_equal(loop->events[SY_EVENT_RATE_FAILED], 0);
      }
  for (unsigned fast = 0; fast < 2; fast++) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->rate_max = fast ? 691200 : 0;
    loop->data_us = 400 * 1000;
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_true(loop->session.result.duration_us < 2 * LOOP_LONG_BLOCKS * loop->data_us);
  }
}

/* The block's frame was given up and asked for once more when the answer comes that flash has
 * failed for good: that is why it ends, not that the loader has left. */
static void a_refusal_for_good_is_told_however_late_it_comes(void **state)
{
  Loop *loop = *state;

  for (unsigned block = 1; block < 10; block++) {
    const SyResult *result = &loop->session.result;
    unsigned refusal = 0;

    for (unsigned late_ms = 0; late_ms <= 600; late_ms += 200) {
      loop_reset(loop, WIRE_BANK_LOW);
      loop->flash.fail_addr = WIRE_HIGH_ADDR + block * WIRE_BLOCK_SIZE;
      loop->flash.fail_times = FW_PROGRAM_ATTEMPTS;
      if (late_ms > 0)
        loop->to_host.fault = one_frame(LOOP_DELAY, refusal);
      loop->to_host.fault.delay_us = late_ms * 1000;
      assert_int_equal(loop_run(loop), SY_OUTCOME_OLD_RUNS);
      refusal = loop->to_host.type_firsts[WIRE_NAK];
      assert_int_equal(result->reason, SY_REASON_NAK);
      assert_int_equal(result->nak.type, WIRE_DATA);
      assert_int_equal(result->nak.cause, WIRE_CAUSE_PROGRAM_FAILED);
      assert_int_equal(result->nak.detail & 0xffff, block);
      assert_true(result->counts.timeouts > 0 || late_ms == 0);
      assert_int_equal(result->counts.naks, 1);
    }
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
    if (single && twos_behind > 0) { /* once trusted again it stays, but for what is left over */
      assert_int_equal(at + 1, loop_find_frame(loop, WIRE_COMMIT));
      assert_int_equal(ones % 2, 1);
      continue;
    }
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

/* As one of many that get no processor at once. */
static void a_workstation_that_is_busy_itself_asks_nothing_twice(void **state)
{
  Loop *loop = *state;

  for (unsigned ms = 20; ms <= 320; ms *= 2) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->hold_us = ms * 1000;
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_int_equal(loop->session.result.counts.timeouts, 0);
    assert_int_equal(loop->session.result.counts.retries, 0);
  }
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
      TEST(frames_lost_in_a_row_cost_a_time_out_each_at_most),
      TEST(a_block_that_fails_once_or_twice_heals_wherever_it_is),
      TEST(a_block_that_fails_heals_also_when_the_answer_is_lost),
      TEST(an_answer_that_waits_for_an_erase_does_not_end_it),
      TEST(a_refusal_for_good_is_told_however_late_it_comes),
      TEST(an_erase_that_fails_behind_the_answer_ends_with_the_old_program),
      TEST(an_erase_that_fails_and_is_not_heard_of_ends_with_the_old_program),
      TEST(two_blocks_share_a_frame_only_on_a_clean_line),
      TEST(a_workstation_that_is_busy_itself_asks_nothing_twice),
      TEST(where_the_time_went_is_told_and_adds_up),
  };

  loop_set_style(argc, argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
