/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A stream over lines that lose and change something, near and far: it is always done, and what it
 * costs stays within bounds. Faults in the middle of a job are in loop-line-test.c; here they meet
 * several frames under way, rates and packing. */

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
  return 0;
}

static int tear_down(void **state)
{
  free(*state);
  return 0;
}

static const unsigned latencies_us[] = {0, 16000, 100000};
enum { LATENCIES = 3 };

static void prepare(Loop *loop, unsigned latency)
{
  loop_reset(loop, WIRE_BANK_LOW);
  loop->to_device.latency_us = loop->to_host.latency_us = latencies_us[latency] / 2;
}

static LoopLine *get_line(Loop *loop, unsigned direction)
{
  return direction == 0 ? &loop->to_device : &loop->to_host;
}

static void hit_each_frame(Loop *loop, LoopFaultKind kind)
{
  for (unsigned latency = 0; latency < LATENCIES; latency++)
    for (unsigned direction = 0; direction < 2; direction++) {
      unsigned frames;
      uint64_t clean_us;

      prepare(loop, latency);
      assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
      clean_us = loop->session.result.duration_us;
      frames = get_line(loop, direction)->job_frames;
      for (unsigned at = 0; at < frames; at++) {
        prepare(loop, latency);
        get_line(loop, direction)->fault = (LoopFault){
            .kind = kind, .active = true, .frames = true, .first = at, .delay_us = 200000};
        if (loop_run(loop) != SY_OUTCOME_DONE)
          fail_msg("latency %u us, direction %u, frame %u: reason %d", latencies_us[latency],
                   direction, at, loop->session.result.reason);
        assert_in_range(loop->session.result.counts.retries, 0, 20);
        assert_true(loop->session.result.duration_us <= clean_us + LOOP_ONE_FAULT_US);
      }
    }
}

static void any_frame_lost_once_near_or_far_heals(void **state)
{
  loop_set_length(LOOP_LONG);
  hit_each_frame(*state, LOOP_DROP);
}

static void any_frame_damaged_once_near_or_far_heals(void **state)
{
  loop_set_length(LOOP_LONG);
  hit_each_frame(*state, LOOP_FLIP);
}

static void any_frame_doubled_or_late_once_near_or_far_heals(void **state)
{
  loop_set_length(LOOP_LONG);
  hit_each_frame(*state, LOOP_DOUBLE);
  hit_each_frame(*state, LOOP_DELAY);
}

/* Some bytes in a row: through the end of one frame and the beginning of the next as well. Long
 * ones only behind the first questions, of which all attempts together are no longer; and of
 * answers, which are short, not so many. */
static void hit_each_burst(Loop *loop, LoopFaultKind kind, unsigned length, unsigned step)
{
  unsigned runs = 0, hit = 0;

  for (unsigned latency = 0; latency < LATENCIES; latency++)
    for (unsigned direction = 0; direction < 2; direction++) {
      unsigned bytes, first = length > 3 ? 120 : 0,
                      hits = direction == 0 ? length : 1 + length / 20;

      prepare(loop, latency);
      assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
      bytes = get_line(loop, direction)->job_bytes;
      if (hits > 1000)
        bytes -= 2 * hits; /* nor at the end, for the same reason */
      for (unsigned at = first; at < bytes; at += direction == 0 ? step : 1 + step / 8) {
        prepare(loop, latency);
        get_line(loop, direction)->fault =
            (LoopFault){.kind = kind, .active = true, .first = at, .every = 1, .times = hits};
        if (loop_run(loop) != SY_OUTCOME_DONE)
          fail_msg("latency %u us, direction %u, %u bytes from %u: reason %d",
                   latencies_us[latency], direction, length, at, loop->session.result.reason);
        runs++;
        hit += get_line(loop, direction)->hits > 0;
      }
    }
  assert_true(hit * 10 > runs * 9); /* the last bytes are not the same in each run */
}

static void a_burst_at_any_byte_heals(void **state)
{
  hit_each_burst(*state, LOOP_FLIP, 3, 3);
  hit_each_burst(*state, LOOP_DROP, 20, 13);
}

static void a_burst_over_several_frames_heals(void **state)
{
  loop_set_length(LOOP_LONG);
  hit_each_burst(*state, LOOP_FLIP, 60, 197);
  hit_each_burst(*state, LOOP_DROP, 1500, 431);
}

/* Ten bits a byte, so that so many bytes of ten thousand are hit. */
static void run_bit_errors(Loop *loop, unsigned of_ten_thousand, unsigned seeds,
                           unsigned retries_max)
{
  unsigned hits = 0, most = 0;

  for (uint32_t seed = 1; seed <= seeds; seed++) {
    const LoopFault fault = {.kind = LOOP_FLIP, .active = true, .random = of_ten_thousand};

    prepare(loop, seed % LATENCIES);
    loop->to_device.random = wire_random(seed * 2);
    loop->to_host.random = wire_random(seed * 2 + 1);
    loop->to_device.fault = loop->to_host.fault = fault;
    if (loop_run(loop) != SY_OUTCOME_DONE)
      fail_msg("seed %u: outcome %d, reason %d", seed, loop->session.result.outcome,
               loop->session.result.reason);
    hits += loop->to_device.hits + loop->to_host.hits;
    if (loop->session.result.counts.retries > most)
      most = loop->session.result.counts.retries;
  }
  assert_true(hits >= seeds);
  if (most > retries_max)
    fail_msg("%u frames sent again", most);
}

static void one_bit_of_100000_wrong_is_always_done_with_few_retries(void **state)
{
  loop_set_length(LOOP_LENGTH_MAX);
  run_bit_errors(*state, 1, 150, 40);
}

static void one_bit_of_10000_wrong_is_always_done_with_bounded_retries(void **state)
{
  loop_set_length(LOOP_LENGTH_MAX);
  run_bit_errors(*state, 10, 90, 120);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      TEST(any_frame_lost_once_near_or_far_heals),
      TEST(any_frame_damaged_once_near_or_far_heals),
      TEST(any_frame_doubled_or_late_once_near_or_far_heals),
      TEST(a_burst_at_any_byte_heals),
      TEST(a_burst_over_several_frames_heals),
      TEST(one_bit_of_100000_wrong_is_always_done_with_few_retries),
      TEST(one_bit_of_10000_wrong_is_always_done_with_bounded_retries),
  };

  loop_set_style(argc, argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
