/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reading flash back through the loader: over a line with faults, with the power failing, and what
 * is refused. loop_run_read checks that what was read is what lies there, that flash is never
 * touched, and that the program runs again. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "loop-bench.h"

enum {
  FEW_PAGES = 6,
  FEW_ADDR = 0x2400, /* not where a bank begins, and in the middle of nothing */
  HIGHEST = 691200,
};

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

/* LOOP_OLD runs in LOW, LOOP_OTHER lies in HIGH; no two pages of flash are alike. */
static void prepare(Loop *loop, uint32_t addr, uint64_t length)
{
  loop_reset_both(loop, WIRE_BANK_LOW, true);
  for (uint32_t at = 0x6000; at < WIRE_HIGH_ADDR; at++)
    loop->flash.memory[at] = (uint8_t)(at * 5 + at / WIRE_PAGE_SIZE);
  sy_read_map_add(loop->wanted, addr, length);
}

static void prepare_few(Loop *loop)
{
  prepare(loop, FEW_ADDR, FEW_PAGES * WIRE_PAGE_SIZE);
}

static void check_done(const Loop *loop)
{
  if (loop->session.result.outcome != SY_OUTCOME_DONE)
    fail_msg("outcome %d, reason %d", loop->session.result.outcome, loop->session.result.reason);
}

static void check_refused(const Loop *loop, SyReason reason)
{
  assert_int_equal(loop->session.result.outcome, SY_OUTCOME_REFUSED);
  assert_int_equal(loop->session.result.reason, reason);
}

/* ---- On a clean line ---- */

static void all_of_flash_is_read_and_the_program_runs_again(void **state)
{
  Loop *loop = *state;
  uint64_t slow_us;

  prepare(loop, 0, UINT32_MAX);
  assert_int_equal(loop_run_read(loop), SY_OUTCOME_DONE);
  slow_us = loop->session.result.duration_us;
  assert_int_equal(loop->events[SY_EVENT_PAGE], WIRE_READABLE_END / WIRE_PAGE_SIZE);
  assert_int_equal(loop_count_frames(loop, WIRE_READ), WIRE_READABLE_END / WIRE_PAGE_SIZE);
  assert_int_equal(loop->session.progress.bytes_done, WIRE_READABLE_END);
  assert_int_equal(loop->session.progress.bytes_total, WIRE_READABLE_END);
  assert_int_equal(loop->session.result.counts.retries, 0);
  assert_true(loop->fraction == 1);
  assert_true(slow_us > FW_SILENCE_MS * 1000); /* the loader stayed all the same */
  assert_int_equal(loop->running, WIRE_BANK_LOW);

  prepare(loop, 0, UINT32_MAX);
  loop->rate_max = HIGHEST;
  assert_int_equal(loop_run_read(loop), SY_OUTCOME_DONE);
  assert_int_equal(loop->events[SY_EVENT_RATE], 1);
  assert_int_equal(loop->session.result.counts.retries, 0);
  assert_true(loop->session.result.duration_us < slow_us / 4);
}

/* The line carries one page while the next is asked for: nearly all of the time it is busy. */
static void the_line_does_not_wait_between_two_pages(void **state)
{
  Loop *loop = *state;
  uint64_t wire_us = (uint64_t)(WIRE_READABLE_END / WIRE_PAGE_SIZE) *
                     (WIRE_FRAME_OVERHEAD + WIRE_READ_BACK_LENGTH) * 10 * 1000000 / HIGHEST;

  prepare(loop, 0, UINT32_MAX);
  loop->rate_max = HIGHEST;
  loop->to_host.latency_us = loop->to_device.latency_us = 8000; /* of an adapter */
  assert_int_equal(loop_run_read(loop), SY_OUTCOME_DONE);
  assert_true(loop->session.result.life.phases_us[SY_PHASE_READ] < wire_us * 110 / 100);
}

static void only_what_is_wanted_is_asked_for(void **state)
{
  Loop *loop = *state;

  prepare(loop, 0x2fff, 2); /* two pages, a byte of each */
  assert_int_equal(loop_run_read(loop), SY_OUTCOME_DONE);
  assert_int_equal(loop_count_frames(loop, WIRE_READ), 2);
  assert_int_equal(loop->session.progress.bytes_total, 2 * WIRE_PAGE_SIZE);
}

static void what_cannot_be_read_is_not_asked_for(void **state)
{
  static const struct {
    uint32_t addr;
    uint64_t length;
    unsigned first, count;
  } cases[] = {
      {0, 0x40, 0, 0},       {0, 0x41, 0, 1},      {0x3f, 1, 0, 0},         {0x40, 1, 0, 1},
      {0x1dfff, 1, 119, 1},  {0x1dfff, 2, 119, 1}, {0x1e000, 0x2000, 0, 0}, {0x20000, 9, 0, 0},
      {UINT32_MAX, 1, 0, 0}, {0x2000, 0, 0, 0},    {0, 1ull << 32, 0, 120}, {0x400, 0x400, 1, 1},
      {0x7ff, 2, 1, 2},
  };

  (void)state;
  for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint8_t map[SY_READ_MAP_SIZE] = {0};
    unsigned count = 0;

    sy_read_map_add(map, cases[i].addr, cases[i].length);
    for (unsigned page = 0; page < WIRE_PAGE_COUNT; page++) {
      bool in = (map[page / 8] >> page % 8 & 1) != 0;

      count += in;
      assert_int_equal(in, page >= cases[i].first && page < cases[i].first + cases[i].count);
    }
    assert_int_equal(count, cases[i].count);
  }
}

/* A window that was closed in the middle of something left it there. */
static void a_loader_that_is_found_is_read_as_well(void **state)
{
  Loop *loop = *state;

  prepare_few(loop);
  loop_station_enter_loader(loop);
  assert_int_equal(loop_run_read(loop), SY_OUTCOME_DONE);
  assert_int_equal(loop_count_frames(loop, WIRE_ENTER_LOADER), 0);
}

/* ---- Faults ---- */

typedef struct {
  unsigned bytes[2], frames[2]; /* to the substation, to the workstation */
  uint64_t duration_us;
} Clean;

static Clean run_clean(Loop *loop, uint32_t baud_max)
{
  prepare_few(loop);
  loop->rate_max = baud_max;
  assert_int_equal(loop_run_read(loop), SY_OUTCOME_DONE);
  return (Clean){{loop->to_device.job_bytes, loop->to_host.job_bytes},
                 {loop->to_device.job_frames, loop->to_host.job_frames},
                 loop->session.result.duration_us};
}

static LoopLine *get_line(Loop *loop, unsigned direction)
{
  return direction == 0 ? &loop->to_device : &loop->to_host;
}

static void run_with(Loop *loop, uint32_t baud_max, unsigned direction, LoopFault fault)
{
  prepare_few(loop);
  loop->rate_max = baud_max;
  get_line(loop, direction)->fault = fault;
  loop_run_read(loop);
  assert_true(get_line(loop, direction)->hits > 0);
}

static void any_single_byte_hit_heals(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop, 0);

  for (unsigned direction = 0; direction < 2; direction++)
    for (LoopFaultKind kind = LOOP_DROP; kind <= LOOP_DELAY; kind++)
      for (unsigned at = 0; at < clean.bytes[direction]; at += direction == 0 ? 1 : 13) {
        LoopFault fault = {.kind = kind, .active = true, .first = at, .delay_us = 150000};

        run_with(loop, 0, direction, fault);
        check_done(loop);
        assert_int_equal(get_line(loop, direction)->hits, 1);
        assert_true(loop->session.result.duration_us <= clean.duration_us + LOOP_ONE_FAULT_US);
      }
}

static void any_single_frame_hit_heals_at_any_rate(void **state)
{
  static const uint32_t rates[] = {0, HIGHEST};
  Loop *loop = *state;

  for (unsigned i = 0; i < 2; i++) {
    Clean clean = run_clean(loop, rates[i]);

    for (unsigned direction = 0; direction < 2; direction++)
      for (LoopFaultKind kind = LOOP_DROP; kind <= LOOP_DELAY; kind++)
        for (unsigned at = 0; at < clean.frames[direction]; at++) {
          run_with(loop, rates[i], direction, (LoopFault){kind, true, true, at, 0, 0, 0, 350000});
          check_done(loop);
          assert_int_equal(get_line(loop, direction)->hits, 1);
          assert_true(loop->session.result.duration_us <=
                      clean.duration_us + (i == 0 ? LOOP_ONE_FAULT_US : LOOP_ONE_RATE_US));
        }
  }
}

static void each_nth_frame_hit_heals(void **state)
{
  Loop *loop = *state;

  for (unsigned direction = 0; direction < 2; direction++)
    for (LoopFaultKind kind = LOOP_DROP; kind <= LOOP_DELAY; kind++)
      for (unsigned every = 2; every < 7; every++) {
        run_with(loop, 0, direction, (LoopFault){kind, true, true, 0, every, 0, 0, 320000});
        check_done(loop);
        assert_true(get_line(loop, direction)->hits >= 2);
      }
}

/* A page is asked for once more, and only that one. */
static void a_lost_page_alone_is_asked_for_again(void **state)
{
  Loop *loop = *state;
  unsigned first;

  run_clean(loop, 0);
  first = loop->to_host.type_firsts[WIRE_READ | WIRE_REPLY];
  run_with(loop, 0, 1, (LoopFault){LOOP_DROP, true, true, first + 2, 0, 0, 0, 0});
  check_done(loop);
  assert_int_equal(loop_count_frames(loop, WIRE_READ), FEW_PAGES + 1);
  assert_int_equal(loop->session.result.counts.retries, 1);
  assert_int_equal(loop->session.result.counts.timeouts, 0); /* the next answer told of it */
}

/* The line is slower than our patience: first answers count, and it is found out how slow. */
static void answers_that_are_always_late_confuse_nobody(void **state)
{
  Loop *loop = *state;

  for (unsigned delay_ms = 100; delay_ms <= 380; delay_ms += 40) {
    prepare_few(loop);
    loop->to_host.latency_us = delay_ms * 1000ull;
    loop_run_read(loop);
    check_done(loop);
    assert_true(loop_count_frames(loop, WIRE_READ) <= 2 * FEW_PAGES);
  }
}

static void frames_that_come_again_later_are_nobodys(void **state)
{
  Loop *loop = *state;

  for (unsigned behind = 1; behind <= 7; behind++) {
    prepare_few(loop);
    loop->to_host.replay = behind;
    loop_run_read(loop);
    check_done(loop);
    assert_true(loop->to_host.replays > 0);
    assert_int_equal(loop_count_frames(loop, WIRE_READ), FEW_PAGES);
  }
}

static void a_noisy_line_is_read_through(void **state)
{
  Loop *loop = *state;
  unsigned hits = 0;

  for (uint32_t seed = 1; seed <= 20; seed++) {
    prepare_few(loop);
    loop_line_init(&loop->to_host, seed);
    loop->to_host.fault = (LoopFault){.kind = LOOP_FLIP, .active = true, .random = 8};
    loop_run_read(loop);
    check_done(loop);
    hits += loop->to_host.hits;
  }
  assert_true(hits > 100);
}

static void a_rate_that_dies_in_the_middle_ends_at_the_default_one(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop, HIGHEST);
  unsigned first = loop_find_frame(loop, WIRE_READ);

  assert_true(first + FEW_PAGES <= clean.frames[0]);
  for (unsigned at = first; at < first + FEW_PAGES; at++) {
    prepare_few(loop);
    loop->rate_max = HIGHEST;
    loop->to_device.dies_at = at;
    loop_run_read(loop);
    check_done(loop);
    assert_int_equal(loop->events[SY_EVENT_RATE_FAILED], 1);
    assert_int_equal(loop->host_baud, WIRE_RATE_DEFAULT);
    assert_int_equal(loop->station_baud, WIRE_RATE_DEFAULT);
  }
}

/* Whatever went out last: the program runs again, by itself after ten seconds. When all was read it
 * may be heard to. */
static void a_line_that_dies_leaves_a_program_that_runs(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop, 0);

  for (unsigned direction = 0; direction < 2; direction++)
    for (unsigned at = 0; at < clean.frames[direction]; at++) {
      prepare_few(loop);
      get_line(loop, direction)->silent_from = at;
      loop_run_read(loop);
      assert_true(get_line(loop, direction)->hits > 0);
      assert_int_equal(loop->mode, LOOP_PROGRAM);
      if (direction == 0 && loop->events[SY_EVENT_PAGE] == FEW_PAGES)
        continue;
      assert_int_equal(loop->session.result.outcome, SY_OUTCOME_LINK);
      assert_int_equal(loop->session.result.reason, SY_REASON_SILENT);
    }
}

static void a_link_that_is_lost_leaves_a_program_that_runs(void **state)
{
  Loop *loop = *state;
  Clean clean = run_clean(loop, HIGHEST);

  for (unsigned at = 0; at < clean.frames[0]; at++) {
    prepare_few(loop);
    loop->rate_max = HIGHEST;
    loop->lose_at = at;
    assert_int_equal(loop_run_read(loop), SY_OUTCOME_LINK);
    assert_int_equal(loop->session.result.reason, SY_REASON_LINK_LOST);
    assert_int_equal(loop->mode, LOOP_PROGRAM);
  }
}

/* Before anything was asked of the loader too; behind the last page there is nothing to give up. */
static void a_cancel_is_taken_at_once_and_the_program_runs_again(void **state)
{
  static const uint32_t rates[] = {0, HIGHEST};
  Loop *loop = *state;

  for (unsigned i = 0; i < 2; i++) {
    Clean clean = run_clean(loop, rates[i]);
    unsigned cancelled = 0;

    for (unsigned at = 0; at < clean.frames[0]; at++) {
      uint64_t begun_us;

      prepare_few(loop);
      loop->rate_max = rates[i];
      loop->cancel_at = at;
      loop_run_read(loop);
      if (loop->session.result.outcome == SY_OUTCOME_DONE)
        continue;
      check_refused(loop, SY_REASON_CANCELLED);
      begun_us = loop->session.result.duration_us -
                 loop->session.result.life.phases_us[SY_PHASE_WHAT_RUNS];
      assert_true(begun_us <= clean.duration_us);
      assert_true(loop->session.result.duration_us <= clean.duration_us + 3000 * 1000);
      cancelled++;
    }
    assert_true(cancelled >= FEW_PAGES + 2);
  }
}

/* Where the power fails, the program starts anew; flash stays what it is. */
static void power_that_fails_is_told_and_nothing_is_changed(void **state)
{
  Loop *loop = *state;
  unsigned handled, outcomes[5] = {0};

  run_clean(loop, 0);
  handled = loop->handled;
  for (unsigned at = 0; at < handled; at++)
    for (unsigned after = 0; after < 2; after++) {
      prepare_few(loop);
      if (after)
        loop->power_cut_after = at;
      else
        loop->power_cut_before = at;
      outcomes[loop_run_read(loop)]++;
      assert_int_equal(loop->cuts, 1);
      assert_int_equal(loop->mode, LOOP_PROGRAM);
      assert_int_equal(loop->running, WIRE_BANK_LOW);
    }
  assert_true(outcomes[SY_OUTCOME_REFUSED] >= 2 * FEW_PAGES);
  assert_true(outcomes[SY_OUTCOME_DONE] > 0); /* where it was to go back anyway */
  assert_int_equal(outcomes[SY_OUTCOME_OLD_RUNS] + outcomes[SY_OUTCOME_UNKNOWN], 0);
}

/* Nobody says that the program has started anew: its refusal does. */
static void a_program_that_answers_instead_of_the_loader_is_a_restart(void **state)
{
  Loop *loop = *state;
  unsigned first;

  run_clean(loop, 0);
  first = loop_find_frame(loop, WIRE_READ);
  prepare_few(loop);
  loop->mute_announce = true;
  loop->power_cut_before = first + 2;
  loop->power_off_us = 50 * 1000;
  loop_run_read(loop);
  assert_int_equal(loop->cuts, 1);
  check_refused(loop, SY_REASON_RESTARTED);
  assert_int_equal(loop->session.result.nak.cause, WIRE_CAUSE_NOT_NOW);
  assert_int_equal(loop->session.result.nak.type, WIRE_READ);
}

/* ---- What is refused, before anything happens ---- */

static void check_refused_at_once(Loop *loop, SyReason reason)
{
  loop_run_read(loop);
  check_refused(loop, reason);
  assert_int_equal(loop_count_frames(loop, WIRE_ENTER_LOADER), 0);
  assert_int_equal(loop_count_frames(loop, WIRE_READ), 0);
  assert_int_equal(loop_count_frames(loop, WIRE_ABORT), 0);
}

static void a_loader_that_cannot_is_not_asked(void **state)
{
  Loop *loop = *state;

  prepare_few(loop);
  loop->style = LOOP_ONE_BY_ONE;
  check_refused_at_once(loop, SY_REASON_NO_READING);
}

static void a_substation_without_a_program_is_not_read(void **state)
{
  Loop *loop = *state;

  loop_reset(loop, WIRE_BANK_NONE);
  sy_read_map_add(loop->wanted, FEW_ADDR, 1);
  check_refused_at_once(loop, SY_REASON_NO_PROGRAM);
}

static void a_program_on_trial_is_not_stopped_for_it(void **state)
{
  Loop *loop = *state;

  loop_reset_both(loop, WIRE_BANK_HIGH, false);
  sy_read_map_add(loop->wanted, FEW_ADDR, 1);
  check_refused_at_once(loop, SY_REASON_ON_TRIAL);
}

/* A program from elsewhere knows no better what its loader can. */
static void say_what_an_old_loader_can(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  (void)answer;
  if (loop->mode == LOOP_LOADER)
    payload[24] &= (uint8_t)~WIRE_CAP_READ;
}

static void a_loader_that_knows_better_than_its_program_is_believed(void **state)
{
  Loop *loop = *state;

  prepare_few(loop);
  loop->lie = say_what_an_old_loader_can;
  loop->lie_type = WIRE_IDENTIFY;
  loop->lie_unasked = true;
  loop->lie_times = UINT_MAX;
  loop_run_read(loop);
  assert_true(loop->lies > 0);
  check_refused(loop, SY_REASON_NO_READING);
  assert_int_equal(loop_count_frames(loop, WIRE_ENTER_LOADER), 1);
  assert_int_equal(loop_count_frames(loop, WIRE_READ), 0);
  assert_int_equal(loop->mode, LOOP_PROGRAM);
}

static void cut_page_short(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  (void)loop;
  (void)payload;
  answer->length = WIRE_PAGE_SIZE - 1;
}

static void an_answer_that_is_no_page_ends_it(void **state)
{
  Loop *loop = *state;

  prepare_few(loop);
  loop->lie = cut_page_short;
  loop->lie_type = WIRE_READ;
  loop->lie_times = 1;
  loop->lie_after = 2;
  loop_run_read(loop);
  assert_int_equal(loop->lies, 1);
  check_refused(loop, SY_REASON_WRONG_ANSWER);
  assert_int_equal(loop->mode, LOOP_PROGRAM);
}

/* It could be asked for ever: each answer says that the question arrived damaged. */
static void say_damaged(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  WireNak nak = {.cause = WIRE_CAUSE_DAMAGED, .type = WIRE_READ};

  (void)loop;
  answer->type = WIRE_NAK;
  answer->length = (uint16_t)wire_nak_write(&nak, payload);
}

static void a_substation_that_hears_nothing_but_damage_is_given_up(void **state)
{
  Loop *loop = *state;

  prepare_few(loop);
  loop->lie = say_damaged;
  loop->lie_type = WIRE_READ;
  loop->lie_times = UINT_MAX;
  loop->lie_instead = true;
  loop_run_read(loop);
  assert_true(loop->lies > FEW_PAGES);
  check_refused(loop, SY_REASON_WRONG_ANSWER);
  assert_true(loop_count_frames(loop, WIRE_READ) <= FEW_PAGES * 40 + 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
  const struct CMUnitTest tests[] = {
      TEST(all_of_flash_is_read_and_the_program_runs_again),
      TEST(the_line_does_not_wait_between_two_pages),
      TEST(only_what_is_wanted_is_asked_for),
      TEST(what_cannot_be_read_is_not_asked_for),
      TEST(a_loader_that_is_found_is_read_as_well),
      TEST(any_single_byte_hit_heals),
      TEST(any_single_frame_hit_heals_at_any_rate),
      TEST(each_nth_frame_hit_heals),
      TEST(a_lost_page_alone_is_asked_for_again),
      TEST(answers_that_are_always_late_confuse_nobody),
      TEST(frames_that_come_again_later_are_nobodys),
      TEST(a_noisy_line_is_read_through),
      TEST(a_rate_that_dies_in_the_middle_ends_at_the_default_one),
      TEST(a_line_that_dies_leaves_a_program_that_runs),
      TEST(a_link_that_is_lost_leaves_a_program_that_runs),
      TEST(a_cancel_is_taken_at_once_and_the_program_runs_again),
      TEST(power_that_fails_is_told_and_nothing_is_changed),
      TEST(a_program_that_answers_instead_of_the_loader_is_a_restart),
      TEST(a_loader_that_cannot_is_not_asked),
      TEST(a_substation_without_a_program_is_not_read),
      TEST(a_program_on_trial_is_not_stopped_for_it),
      TEST(a_loader_that_knows_better_than_its_program_is_believed),
      TEST(an_answer_that_is_no_page_ends_it),
      TEST(a_substation_that_hears_nothing_but_damage_is_given_up),
  };

  return cmocka_run_group_tests(tests, NULL, NULL);
}
