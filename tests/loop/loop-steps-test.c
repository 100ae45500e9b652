/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What can come between at any step: the person cancels, the link is lost, power goes. And the
 * upgrades that are refused or begin unusually: another product, a file without the half that is
 * needed, a substation with no program. */

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

/* Frames the workstation sends in a clean upgrade. */
static unsigned count_frames(Loop *loop)
{
  loop_run_clean(loop, LOOP_UPGRADE);
  return loop->to_device.job_frames;
}

/* At least so many reach the substation up to RUN: the one that asks for the loader while it starts
 * does not. */
static unsigned count_requests(Loop *loop)
{
  loop_run_clean(loop, LOOP_UPGRADE);
  return loop_find_frame(loop, WIRE_RUN);
}

static void a_cancel_at_any_moment_leaves_old_or_new_and_says_which(void **state)
{
  static const uint64_t delays_us[] = {0, 5000, 30000, 60000, 130000};
  Loop *loop = *state;
  unsigned frames = count_frames(loop), outcomes[5] = {0};

  for (unsigned at = 0; at < frames; at++)
    for (unsigned i = 0; i < 5; i++) {
      const SyResult *result = &loop->session.result;

      loop_reset(loop, WIRE_BANK_LOW);
      loop->cancel_at = at;
      loop->act_delay_us = delays_us[i];
      outcomes[loop_run(loop)]++;
      assert_int_not_equal(result->outcome, SY_OUTCOME_UNKNOWN);
      assert_int_not_equal(result->outcome, SY_OUTCOME_LINK);
      if (result->outcome != SY_OUTCOME_DONE)
        assert_int_equal(result->reason, SY_REASON_CANCELLED);
    }
  assert_true(outcomes[SY_OUTCOME_REFUSED] >= 5);
  assert_true(outcomes[SY_OUTCOME_OLD_RUNS] >= 5 * 3);
  assert_true(outcomes[SY_OUTCOME_DONE] >= 5); /* after the commit there is no way back */
}

static void a_second_cancel_changes_nothing(void **state)
{
  Loop *loop = *state;

  sy_session_start_upgrade(&loop->session, loop->halves, loop->now_us);
  sy_session_cancel(&loop->session, loop->now_us);
  assert_true(sy_session_is_finished(&loop->session));
  sy_session_cancel(&loop->session, loop->now_us);
  sy_session_lose_link(&loop->session, loop->now_us);
  assert_int_equal(loop->session.result.outcome, SY_OUTCOME_REFUSED);
  assert_int_equal(loop->session.result.reason, SY_REASON_CANCELLED);
}

static void a_lost_link_ends_it_at_once_at_any_step(void **state)
{
  Loop *loop = *state;
  unsigned frames = count_frames(loop), begin = loop_find_frame(loop, WIRE_BEGIN);

  for (unsigned at = 0; at < frames; at++) {
    const SyResult *result = &loop->session.result;

    loop_reset(loop, WIRE_BANK_LOW);
    loop->lose_at = at;
    loop_run(loop);
    if (at == frames - 1) { /* it was confirmed, and is only asked whether that is so */
      assert_int_equal(result->outcome, SY_OUTCOME_DONE);
      continue;
    }
    assert_int_equal(result->reason, SY_REASON_LINK_LOST);
    assert_int_equal(result->outcome, result->touched ? SY_OUTCOME_UNKNOWN : SY_OUTCOME_LINK);
    assert_int_equal(result->touched, at >= begin);
  }
}

/* The substation restarts: before a request reaches it, or before it can answer. False when there
 * were not so many requests. */
static bool check_power_cut(Loop *loop, unsigned at, bool before, WireBank running)
{
  const SyResult *result = &loop->session.result;

  loop_reset(loop, running);
  if (before)
    loop->power_cut_before = at;
  else
    loop->power_cut_after = at;
  loop_run(loop);
  assert_int_not_equal(result->outcome, SY_OUTCOME_UNKNOWN);
  if (loop->cuts == 0)
    assert_int_equal(result->outcome, SY_OUTCOME_DONE);
  return loop->cuts == 1;
}

static void power_lost_at_any_request_is_told_truly(void **state)
{
  unsigned requests = count_requests(*state);

  for (WireBank running = WIRE_BANK_LOW; running <= WIRE_BANK_HIGH; running++)
    for (unsigned before = 0; before < 2; before++) {
      unsigned at = 0;

      while (check_power_cut(*state, at, before, running))
        at++;
      assert_true(at >= requests);
    }
}

static void power_lost_inside_any_flash_operation_is_told_truly(void **state)
{
  Loop *loop = *state;

  for (BenchCut cut = BENCH_CUT_BEFORE; cut <= BENCH_CUT_AFTER; cut++)
    for (unsigned at = 0; at < LOOP_BLOCKS + 2; at++) {
      loop_reset(loop, WIRE_BANK_HIGH);
      loop->flash.cut = cut;
      loop->flash.cut_at = loop->flash.count + at;
      loop_run(loop);
      assert_int_equal(loop->cuts, 1);
      assert_true(loop->session.result.outcome == SY_OUTCOME_OLD_RUNS ||
                  loop->session.result.outcome == SY_OUTCOME_DONE);
    }
}

static void power_lost_for_good_is_unknown_once_begin_was_sent(void **state)
{
  Loop *loop = *state;
  unsigned requests = count_requests(loop);

  for (unsigned at = 0; at < requests; at++) {
    const SyResult *result = &loop->session.result;

    loop_reset(loop, WIRE_BANK_LOW);
    loop->power_cut_before = at;
    loop->power_off_us = UINT64_MAX;
    loop_run(loop);
    assert_int_equal(loop->cuts, 1);
    assert_int_equal(result->outcome, result->touched ? SY_OUTCOME_UNKNOWN : SY_OUTCOME_LINK);
    assert_int_equal(result->reason, SY_REASON_SILENT);
  }
}

static void check_refused(Loop *loop, SyReason reason)
{
  assert_int_equal(loop_run(loop), SY_OUTCOME_REFUSED);
  assert_int_equal(loop->session.result.reason, reason);
  assert_true(loop->session.result.identified);
  assert_int_equal(loop->mode, LOOP_PROGRAM);
}

static void a_file_of_another_product_is_refused_before_anything_is_erased(void **state)
{
  Loop *loop = *state;

  loop->halves[1].product++;
  check_refused(loop, SY_REASON_PRODUCT);
}

static void a_file_without_the_half_that_is_needed_is_refused(void **state)
{
  Loop *loop = *state;

  loop->halves[1].length = 0;
  check_refused(loop, SY_REASON_BANK);
  loop_reset(loop, WIRE_BANK_HIGH);
  loop->halves[0].length = 0;
  check_refused(loop, SY_REASON_BANK);
  loop_reset(loop, WIRE_BANK_LOW);
  loop->halves[1].length = 0xc001; /* longer than HIGH */
  check_refused(loop, SY_REASON_BANK);
}

static void the_half_that_is_not_needed_may_be_missing(void **state)
{
  Loop *loop = *state;

  loop->halves[0].length = 0;
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
}

static void a_substation_with_no_program_takes_whichever_half_there_is(void **state)
{
  Loop *loop = *state;

  for (unsigned missing = 0; missing < 3; missing++) {
    loop_reset(loop, WIRE_BANK_NONE);
    assert_int_equal(loop->mode, LOOP_LOADER);
    if (missing < 2)
      loop->halves[missing].length = 0;
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    assert_int_equal(loop->running, missing == 0 ? WIRE_BANK_HIGH : WIRE_BANK_LOW);
  }
  loop_reset(loop, WIRE_BANK_NONE);
  loop->halves[0].length = loop->halves[1].length = 0;
  assert_int_equal(loop_run(loop), SY_OUTCOME_REFUSED);
}

static void with_no_program_before_a_failure_says_that_none_runs(void **state)
{
  Loop *loop = *state;
  unsigned begin, commit;

  loop_set_length(LOOP_LONG); /* COMMIT is not under way yet */
  loop_reset(loop, WIRE_BANK_NONE);
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  begin = loop_find_frame(loop, WIRE_BEGIN);
  commit = loop_find_frame(loop, WIRE_COMMIT);
  assert_true(commit - begin > 20);
  for (unsigned at = begin; at < commit - 4; at++) {
    loop_reset(loop, WIRE_BANK_NONE);
    loop->cancel_at = at;
    loop->act_delay_us = 10000;
    assert_int_equal(loop_run(loop), SY_OUTCOME_UNKNOWN);
    assert_int_equal(loop->session.result.identity.running_bank, WIRE_BANK_NONE);
    assert_int_equal(loop->session.result.identity.mode, WIRE_MODE_LOADER);
  }
}

/* A loader that waits already, because an upgrade before this one was dropped. */
static void a_substation_found_in_its_loader_is_upgraded(void **state)
{
  Loop *loop = *state;

  loop_station_enter_loader(loop);
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
}

/* A block, the seal and the record that fail once: healed, and counted. */
static void flash_that_fails_once_or_twice_heals(void **state)
{
  static const uint32_t addrs[] = {0x10000, 0x10200, 0x10800, WIRE_RECORD_ADDR + WIRE_BLOCK_SIZE};
  Loop *loop = *state;

  for (unsigned i = 0; i < 4; i++)
    for (unsigned times = 1; times < FW_PROGRAM_ATTEMPTS; times++) {
      loop_reset(loop, WIRE_BANK_LOW);
      loop->flash.fail_addr = addrs[i];
      loop->flash.fail_times = times;
      assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
      assert_int_equal(loop->session.result.counts.repeats, i < 3 ? times : 0);
      assert_int_equal(loop->session.progress.blocks_done, LOOP_BLOCKS);
    }
}

static void flash_that_fails_for_good_leaves_the_old_program_running(void **state)
{
  static const uint32_t addrs[] = {0x10000, 0x10200, 0x10800};
  Loop *loop = *state;

  for (unsigned i = 0; i < 3; i++) {
    loop_reset(loop, WIRE_BANK_LOW);
    loop->flash.fail_addr = addrs[i];
    loop->flash.fail_times = 100;
    assert_int_equal(loop_run(loop), SY_OUTCOME_OLD_RUNS);
    assert_int_equal(loop->session.result.reason, SY_REASON_NAK);
    assert_int_equal(loop->session.result.nak.cause, WIRE_CAUSE_PROGRAM_FAILED);
  }
}

/* A line that takes a part and then nothing: the rest follows, not a new frame in the middle of it.
 */
static void a_request_half_way_out_is_finished_before_another_is_begun(void **state)
{
  SySession *session = &((Loop *)*state)->session;
  size_t whole, left;

  sy_session_start_identify(session, 0);
  sy_session_peek_output(session, &whole);
  sy_session_sent(session, 4, 0);
  sy_session_tick(session, sy_session_get_deadline(session));
  sy_session_peek_output(session, &left);
  assert_int_equal(left, whole - 4);
  assert_int_equal(session->progress.counts.timeouts, 0);
  sy_session_sent(session, left, 0);
  sy_session_tick(session, sy_session_get_deadline(session));
  sy_session_peek_output(session, &left);
  assert_int_equal(left, whole); /* out and unanswered: now it is asked again */
  assert_int_equal(session->progress.counts.timeouts, 0); /* the path may be that long */
  assert_int_equal(session->progress.counts.bytes_sent, whole);
  while (!sy_session_is_finished(session))
    sy_session_tick(session, sy_session_get_deadline(session));
  assert_int_equal(session->result.outcome, SY_OUTCOME_LINK);
  assert_int_equal(session->result.counts.timeouts, 5); /* it was not */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      TEST(a_request_half_way_out_is_finished_before_another_is_begun),
      TEST(a_cancel_at_any_moment_leaves_old_or_new_and_says_which),
      TEST(a_second_cancel_changes_nothing),
      TEST(a_lost_link_ends_it_at_once_at_any_step),
      TEST(power_lost_at_any_request_is_told_truly),
      TEST(power_lost_inside_any_flash_operation_is_told_truly),
      TEST(power_lost_for_good_is_unknown_once_begin_was_sent),
      TEST(a_file_of_another_product_is_refused_before_anything_is_erased),
      TEST(a_file_without_the_half_that_is_needed_is_refused),
      TEST(the_half_that_is_not_needed_may_be_missing),
      TEST(a_substation_with_no_program_takes_whichever_half_there_is),
      TEST(with_no_program_before_a_failure_says_that_none_runs),
      TEST(a_substation_found_in_its_loader_is_upgraded),
      TEST(flash_that_fails_once_or_twice_heals),
      TEST(flash_that_fails_for_good_leaves_the_old_program_running),
  };

  loop_set_style(argc, argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
