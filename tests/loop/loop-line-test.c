/* SPDX-License-Identifier: GPL-3.0-or-later */

/* An upgrade over a line that loses, changes, doubles and delays bytes and frames, in either
 * direction. loop_run checks that nothing false is said; here stands what must come of it, and that
 * the fault really happened. */

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

/* A clean run; what went over the line in it is what faults are counted against. */
typedef struct {
  unsigned bytes[2], frames[2]; /* to the substation, to the workstation */
  uint64_t duration_us;
} Clean;

static Clean run_clean(Loop *loop, WireBank running)
{
  Clean clean;

  loop_reset(loop, running);
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  clean.bytes[0] = loop->to_device.job_bytes;
  clean.bytes[1] = loop->to_host.job_bytes;
  clean.frames[0] = loop->to_device.job_frames;
  clean.frames[1] = loop->to_host.job_frames;
  clean.duration_us = loop->session.result.duration_us;
  return clean;
}

static LoopLine *get_line(Loop *loop, unsigned direction)
{
  return direction == 0 ? &loop->to_device : &loop->to_host;
}

static void a_clean_line_upgrades_each_bank_without_a_retry(void **state)
{
  Loop *loop = *state;

  for (WireBank running = WIRE_BANK_NONE; running <= WIRE_BANK_HIGH; running++) {
    run_clean(loop, running);
    assert_int_equal(loop->session.result.counts.retries, 0);
    assert_int_equal(loop->session.result.counts.bad_frames, 0);
    assert_int_equal(loop->session.result.counts.naks, 0);
    assert_int_equal(loop->session.progress.blocks_done, LOOP_BLOCKS);
    assert_int_equal(loop->session.progress.bytes_done, LOOP_LENGTH);
    assert_true(loop->session.result.duration_us < 2500 * 1000);
    assert_true(loop->fraction == 1);
  }
}

/* How much longer than a clean run it may take, by what it has lost. */
static uint64_t get_fault_us(const Loop *loop)
{
  return loop->events[SY_EVENT_RATE_FAILED] > 0 ? LOOP_ONE_RATE_US : LOOP_ONE_FAULT_US;
}

/* One byte hit, at each position in turn: always done, and one time-out later at the most. */
static void hit_each_byte(Loop *loop, unsigned direction, LoopFaultKind kind)
{
  Clean clean = run_clean(loop, WIRE_BANK_LOW);

  for (unsigned at = 0; at < clean.bytes[direction]; at++) {
    LoopLine *line = get_line(loop, direction);

    loop_reset(loop, WIRE_BANK_LOW);
    line->fault = (LoopFault){.kind = kind, .active = true, .first = at, .delay_us = 150000};
    if (loop_run(loop) != SY_OUTCOME_DONE)
      fail_msg("byte %u: outcome %d, reason %d", at, loop->session.result.outcome,
               loop->session.result.reason);
    assert_int_equal(line->hits, 1);
    assert_true(loop->session.result.duration_us <= clean.duration_us + get_fault_us(loop));
  }
}

static void any_single_lost_byte_to_the_substation_heals(void **state)
{
  hit_each_byte(*state, 0, LOOP_DROP);
}

static void any_single_changed_byte_to_the_substation_heals(void **state)
{
  hit_each_byte(*state, 0, LOOP_FLIP);
}

static void any_single_lost_changed_doubled_or_late_byte_to_the_workstation_heals(void **state)
{
  for (LoopFaultKind kind = LOOP_DROP; kind <= LOOP_DELAY; kind++)
    hit_each_byte(*state, 1, kind);
}

/* Lost, changed, doubled, delayed (longer than any answer's time-out): each single frame. */
static void any_single_frame_hit_in_either_direction_heals(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop, WIRE_BANK_HIGH);

  for (unsigned direction = 0; direction < 2; direction++)
    for (LoopFaultKind kind = LOOP_DROP; kind <= LOOP_DELAY; kind++)
      for (unsigned at = 0; at < clean.frames[direction]; at++) {
        LoopLine *line = get_line(loop, direction);

        loop_reset(loop, WIRE_BANK_HIGH);
        line->fault = (LoopFault){kind, true, true, at, 0, 0, 0, 350000};
        assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
        assert_int_equal(line->hits, 1);
        assert_true(loop->session.result.duration_us <= clean.duration_us + get_fault_us(loop));
      }
}

/* A frame of 527 bytes passes between two faults that lie wider apart, so these must get through.
 */
static void each_nth_byte_hit_heals_when_a_frame_fits_between(void **state)
{
  static const unsigned every[] = {1100, 1500, 1777};
  Loop *loop = *state;

  for (unsigned direction = 0; direction < 2; direction++)
    for (LoopFaultKind kind = LOOP_DROP; kind <= LOOP_DELAY; kind++)
      for (unsigned i = 0; i < 3; i++)
        for (unsigned first = 3; first < 400; first += 79) {
          unsigned wide = direction == 0 ? every[i] : every[i] / 8;
          LoopLine *line = get_line(loop, direction);

          loop_reset(loop, WIRE_BANK_LOW);
          line->fault = (LoopFault){kind, true, false, first, wide, 0, 0, 150000};
          assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
          assert_true(line->hits >= 1);
        }
}

/* Here hardly anything passes. What is said at the end must be true, that is all. */
static void each_nth_byte_hit_closely_never_makes_it_say_what_is_not_so(void **state)
{
  static const unsigned every[] = {2, 7, 13, 40, 90, 300, 530, 700};
  Loop *loop = *state;
  unsigned outcomes[5] = {0};

  for (unsigned direction = 0; direction < 2; direction++)
    for (LoopFaultKind kind = LOOP_DROP; kind <= LOOP_DELAY; kind++)
      for (unsigned i = 0; i < 8; i++) {
        LoopLine *line = get_line(loop, direction);

        if (kind == LOOP_DELAY && every[i] < 300)
          continue; /* that is a slower line, and more pieces than the model holds */
        loop_reset(loop, WIRE_BANK_LOW);
        line->fault = (LoopFault){kind, true, false, 1, every[i], 0, 0, 30000};
        outcomes[loop_run(loop)]++;
        assert_true(line->hits > 0);
      }
  assert_true(outcomes[SY_OUTCOME_DONE] > 0);
  assert_true(outcomes[SY_OUTCOME_LINK] > 0);
  assert_true(outcomes[SY_OUTCOME_OLD_RUNS] > 0);
}

static void each_nth_frame_hit_heals(void **state)
{
  Loop *loop = *state;

  for (unsigned direction = 0; direction < 2; direction++)
    for (LoopFaultKind kind = LOOP_DROP; kind <= LOOP_DELAY; kind++)
      for (unsigned every = 2; every < 7; every++) {
        LoopLine *line = get_line(loop, direction);

        loop_reset(loop, WIRE_BANK_LOW);
        line->fault = (LoopFault){kind, true, true, 0, every, 0, 0, 320000};
        if (loop_run(loop) != SY_OUTCOME_DONE)
          fail_msg("direction %u, kind %d, each %u: reason %d", direction, kind, every,
                   loop->session.result.reason);
        assert_true(line->hits >= 2);
      }
}

/* Every answer comes after its question has been asked again: two answers to each, the second of
 * them while the next question is open. */
static void answers_that_are_always_late_confuse_nobody(void **state)
{
  Loop *loop = *state;

  for (unsigned delay_ms = 100; delay_ms <= 380; delay_ms += 40) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->to_host.fault = (LoopFault){LOOP_DELAY, true, true, 0, 1, 0, 0, delay_ms * 1000ull};
    loop_run(loop);
    assert_true(loop->to_host.hits > 10);
    if (delay_ms <= 300)
      assert_int_equal(loop->session.result.outcome, SY_OUTCOME_DONE);
  }
}

static void every_frame_doubled_in_both_directions_heals(void **state)
{
  Loop *loop = *state;

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++) {
    loop_reset(loop, running);
    loop->to_device.fault = (LoopFault){LOOP_DOUBLE, true, true, 0, 1, 0, 0, 0};
    loop->to_host.fault = loop->to_device.fault;
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_true(loop->to_device.hits >= LOOP_BLOCKS + 4);
  }
}

/* Seeded: both directions, by chance, some lines healing after a while. */
static void random_faults_never_make_it_say_what_is_not_so(void **state)
{
  Loop *loop = *state;
  unsigned outcomes[5] = {0}, hits = 0;

  for (uint32_t seed = 1; seed <= 300; seed++) {
    WireRandom random = wire_random(seed);
    unsigned frames = wire_random_below(&random, 2);
    unsigned chance = 1 + wire_random_below(&random, frames ? 4000 : 60);
    LoopFaultKind kind = (LoopFaultKind)wire_random_below(&random, 4);

    loop_reset(loop, seed % 2 ? WIRE_BANK_LOW : WIRE_BANK_HIGH);
    loop->to_device.random = wire_random(seed * 2);
    loop->to_host.random = wire_random(seed * 2 + 1);
    loop->to_device.fault = (LoopFault){kind, true, frames, 0, 0, chance, 0, 180000};
    loop->to_host.fault = (LoopFault){
        (LoopFaultKind)wire_random_below(&random, 4), true, frames, 0, 0, chance, 0, 90000};
    outcomes[loop_run(loop)]++;
    hits += loop->to_device.hits + loop->to_host.hits;
  }
  assert_true(hits > 1000);
  assert_true(outcomes[SY_OUTCOME_DONE] > 150);
}

/* A line that is bad for a second and then good is no reason to fail. */
static void a_line_that_heals_in_time_is_no_failure(void **state)
{
  Loop *loop = *state;

  for (uint32_t seed = 1; seed <= 60; seed++) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->to_device.random = wire_random(seed);
    loop->to_host.random = wire_random(seed + 1000);
    loop->to_device.fault = (LoopFault){(LoopFaultKind)(seed % 4), true,    seed % 8 < 4, 0, 0,
                                        seed % 8 < 4 ? 7000 : 300, 2000000, 100000};
    loop->to_host.fault = loop->to_device.fault;
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_true(loop->to_device.hits + loop->to_host.hits > 0);
  }
}

/* The last two answers of a clean run may be under way as it ends, so these tests leave them out.
 *
 * Nothing arrives in either direction from one frame on: before BEGIN it is the link's fault and
 * nothing was erased; from then on nobody can know. */
static void silence_of_both_from_each_frame_on_is_told_as_it_is(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop, WIRE_BANK_LOW);

  for (unsigned from = 0; from + 2 < clean.frames[1]; from++) {
    const SyResult *result = &loop->session.result;

    loop_reset(loop, WIRE_BANK_LOW);
    loop->to_device.silent_from = loop->to_host.silent_from = from;
    loop_run(loop);
    assert_true(loop->to_device.hits + loop->to_host.hits > 0);
    assert_int_equal(result->reason,
                     result->phase == SY_PHASE_TRIAL ? SY_REASON_NOT_CONFIRMED : SY_REASON_SILENT);
    assert_int_equal(result->outcome, result->touched ? SY_OUTCOME_UNKNOWN : SY_OUTCOME_LINK);
  }
}

/* Only the way there is dead: the loader gives up by itself after 10 s, and is heard. */
static void silence_towards_the_substation_ends_with_the_old_program_heard(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop, WIRE_BANK_LOW);
  unsigned heard = 0;

  for (unsigned from = 0; from < clean.frames[0]; from++) {
    SyOutcome outcome;

    loop_reset(loop, WIRE_BANK_LOW);
    loop->to_device.silent_from = from;
    outcome = loop_run(loop);
    assert_true(loop->to_device.hits > 0);
    heard += outcome == SY_OUTCOME_OLD_RUNS;
    assert_int_not_equal(outcome, SY_OUTCOME_REFUSED);
  }
  assert_true(heard >= 3);
}

/* Only the way back is dead: the substation may have done everything. */
static void silence_towards_the_workstation_is_never_a_success(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop, WIRE_BANK_LOW);

  for (unsigned from = 0; from + 2 < clean.frames[1]; from++) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->to_host.silent_from = from;
    loop_run(loop);
    assert_true(loop->to_host.hits > 0);
    if (loop->session.result.outcome != SY_OUTCOME_LINK)
      assert_int_equal(loop->session.result.outcome, SY_OUTCOME_UNKNOWN);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      TEST(a_clean_line_upgrades_each_bank_without_a_retry),
      TEST(any_single_lost_byte_to_the_substation_heals),
      TEST(any_single_changed_byte_to_the_substation_heals),
      TEST(any_single_lost_changed_doubled_or_late_byte_to_the_workstation_heals),
      TEST(any_single_frame_hit_in_either_direction_heals),
      TEST(each_nth_byte_hit_heals_when_a_frame_fits_between),
      TEST(each_nth_byte_hit_closely_never_makes_it_say_what_is_not_so),
      TEST(each_nth_frame_hit_heals),
      TEST(answers_that_are_always_late_confuse_nobody),
      TEST(every_frame_doubled_in_both_directions_heals),
      TEST(random_faults_never_make_it_say_what_is_not_so),
      TEST(a_line_that_heals_in_time_is_no_failure),
      TEST(silence_of_both_from_each_frame_on_is_told_as_it_is),
      TEST(silence_towards_the_substation_ends_with_the_old_program_heard),
      TEST(silence_towards_the_workstation_is_never_a_success),
  };

  loop_set_style(argc, argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
