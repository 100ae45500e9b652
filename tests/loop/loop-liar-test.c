/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Lies about trials: answers to HEAR, CONFIRM, GO_BACK and SETTLE that are false, refusals without
 * end, states that cannot be. A substation can only say so much that is not so before it
 * contradicts itself; what is said at the end is true, or that nobody knows. */

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
  return 0;
}

static int tear_down(void **state)
{
  free(*state);
  return 0;
}

enum { CAUSES = 23 }; /* all there are, 0, and some of a later version */

static void lie_nak(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  WireNak nak = {.cause = (uint8_t)(loop->lie_number & 0xff),
                 .type = (uint8_t)(answer->type & ~WIRE_REPLY),
                 .detail = loop->lie_number >> 8};

  answer->type = WIRE_NAK;
  answer->length = (uint16_t)wire_nak_write(&nak, payload);
}

static void prepare(Loop *loop, LoopJob job, uint8_t type, LoopLie lie)
{
  loop_reset_job(loop, job);
  loop->lie_type = type;
  loop->lie_times = UINT_MAX;
  loop->lie = lie;
}

/* Not obeyed and refused, for ever or some times, with this cause and detail. */
static SyOutcome run_refused(Loop *loop, LoopJob job, uint8_t type, unsigned number, unsigned times)
{
  prepare(loop, job, type, lie_nak);
  loop->lie_number = number;
  loop->lie_instead = true;
  loop->lie_times = times;
  loop_run_job(loop, job);
  assert_true(loop->lies > 0);
  return loop->session.result.outcome;
}

/* The program is never confirmed, so it goes back by itself, and that is heard. */
static void confirm_refused_with_any_cause_for_ever_ends_with_the_old_program(void **state)
{
  Loop *loop = *state;

  for (unsigned detail = 0; detail < 2; detail++)
    for (unsigned cause = 0; cause < CAUSES; cause++) {
      SyOutcome outcome =
          run_refused(loop, LOOP_UPGRADE, WIRE_CONFIRM, detail << 8 | cause, UINT_MAX);

      assert_true(outcome == SY_OUTCOME_OLD_RUNS || outcome == SY_OUTCOME_UNKNOWN);
      assert_true(loop->session.result.duration_us < 60 * 1000000ull);
    }
}

/* Whatever it was, it passed: some seconds of "not yet", of damage, of anything. */
static void confirm_refused_some_times_is_no_failure(void **state)
{
  static const uint8_t causes[] = {WIRE_CAUSE_SELF_TEST, WIRE_CAUSE_DAMAGED, WIRE_CAUSE_NOT_NOW};
  Loop *loop = *state;

  for (unsigned i = 0; i < sizeof causes; i++)
    for (unsigned times = 1; times <= 40; times += 13)
      assert_int_equal(run_refused(loop, LOOP_UPGRADE, WIRE_CONFIRM, causes[i], times),
                       SY_OUTCOME_DONE);
}

/* The upgrade that would begin by confirming ends there; nothing was erased. */
static void settling_refused_with_any_cause_touches_nothing(void **state)
{
  Loop *loop = *state;

  for (unsigned cause = 0; cause < CAUSES; cause++) {
    assert_int_not_equal(run_refused(loop, LOOP_UPGRADE_ON_TRIAL, WIRE_CONFIRM, cause, UINT_MAX),
                         SY_OUTCOME_DONE);
    assert_false(loop->session.result.touched);
    assert_false(loop_is_erased(loop));
  }
}

/* Refused before anything was left: it ends at once, as it began. That it came damaged is no
 * refusal, but neither was it obeyed. */
static void going_back_refused_with_any_cause_leaves_what_runs(void **state)
{
  Loop *loop = *state;

  for (LoopJob job = LOOP_BACK; job <= LOOP_BACK_FROM_TRIAL; job++)
    for (unsigned cause = 0; cause < CAUSES; cause++) {
      prepare(loop, job, WIRE_GO_BACK, lie_nak);
      loop->lie_number = cause;
      loop->lie_instead = true;
      loop_run_back(loop);
      assert_true(loop->lies > 0);
      assert_int_not_equal(loop->session.result.outcome, SY_OUTCOME_DONE);
      if (cause == WIRE_CAUSE_DAMAGED)
        continue;
      assert_int_equal(loop->session.result.outcome, SY_OUTCOME_REFUSED);
      assert_int_equal(loop->session.result.reason, SY_REASON_NAK);
      assert_int_equal(loop->session.result.nak.cause, cause);
      assert_false(loop->session.result.touched);
      assert_int_equal(loop->to_device.job_frames, 2); /* IDENTIFY, GO_BACK */
    }
}

static void lie_confirmed(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  WireConfirmed confirmed = {.sequence = loop->lie_number};

  answer->length = (uint16_t)wire_confirmed_write(&confirmed, payload);
}

/* It says that it confirmed itself and has not: its own identity contradicts it. */
static void a_confirmation_that_never_happened_is_no_success(void **state)
{
  Loop *loop = *state;

  for (LoopJob job = LOOP_UPGRADE; job <= LOOP_BACK; job++)
    for (unsigned sequence = 0; sequence < 4; sequence++) {
      prepare(loop, job, WIRE_CONFIRM, lie_confirmed);
      loop->lie_number = sequence;
      loop->lie_instead = true;
      assert_int_not_equal(loop_run_job(loop, job), SY_OUTCOME_DONE);
      assert_true(loop->lies > 0);
    }
}

/* Once only, and then honest: it is asked again. */
static void a_confirmation_that_came_too_early_is_asked_for_again(void **state)
{
  Loop *loop = *state;

  prepare(loop, LOOP_UPGRADE, WIRE_CONFIRM, lie_confirmed);
  loop->lie_instead = true;
  loop->lie_times = 1;
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  assert_int_equal(loop->lies, 1);
}

static void lie_short(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  (void)loop;
  (void)payload;
  if (answer->length > 0)
    answer->length = answer->length >= WIRE_IDENTITY_LENGTH_1_0 ? WIRE_IDENTITY_LENGTH_1_0 - 1
                                                                : (uint16_t)(answer->length - 1);
}

/* The commit stood and the program is honest but for the answer's length: found out by asking. */
static void a_confirmation_cut_short_is_found_out_by_asking(void **state)
{
  Loop *loop = *state;

  prepare(loop, LOOP_UPGRADE, WIRE_CONFIRM, lie_short);
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  assert_int_equal(loop->session.failure, SY_REASON_WRONG_ANSWER);
}

/* Every byte of the new program's identity, in every bit, in answers and announcements. What says
 * that the trial is over and lies in nothing else cannot be seen through. */
static void lie_byte(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  (void)answer;
  payload[loop->lie_number / 8] ^= (uint8_t)(1 << loop->lie_number % 8);
}

enum { IDENTITY_CAPABILITIES = 24, IDENTITY_TRIAL = 21 };

static bool hides_the_trial(unsigned bit)
{
  return bit == IDENTITY_CAPABILITIES * 8 + 1;
}

static void any_bit_of_the_new_identity_wrong_never_makes_a_false_success(void **state)
{
  Loop *loop = *state;
  unsigned outcomes[5] = {0};

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++) {
    if (job == LOOP_CONFIRM)
      continue; /* nobody new there */
    for (unsigned bit = 0; bit < WIRE_IDENTITY_LENGTH * 8; bit++) {
      prepare(loop, job, WIRE_IDENTIFY, lie_byte);
      loop->lie_number = bit;
      loop->lie_unasked = loop->lie_when_new = true;
      loop->lie_is_complete = hides_the_trial(bit);
      outcomes[loop_run_job(loop, job)]++;
      assert_true(loop->lies > 0);
      assert_int_not_equal(loop->session.result.outcome, SY_OUTCOME_REFUSED);
    }
  }
  assert_true(outcomes[SY_OUTCOME_DONE] > 0);
  assert_true(outcomes[SY_OUTCOME_UNKNOWN] > 0);
}

/* And of what is there before: a job that sets out with a false idea touches only what the
 * substation itself allows. */
static void any_bit_of_the_first_identity_wrong_never_makes_a_false_success(void **state)
{
  Loop *loop = *state;

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++)
    for (unsigned bit = 0; bit < WIRE_IDENTITY_LENGTH * 8; bit++) {
      prepare(loop, job, WIRE_IDENTIFY, lie_byte);
      loop->lie_number = bit;
      loop->lie_times = 1;
      loop->lie_is_complete = hides_the_trial(bit);
      loop_run_job(loop, job);
      assert_int_equal(loop->lies, 1);
    }
}

/* Every bit of every other answer, once and for ever. */
static void any_bit_of_any_answer_wrong_never_makes_a_false_success(void **state)
{
  static const struct {
    uint8_t type;
    unsigned length;
  } answers[] = {{WIRE_BEGIN, WIRE_BEGUN_LENGTH},
                 {WIRE_DATA, WIRE_DATA_STATUS_LENGTH},
                 {WIRE_COMMIT, WIRE_COMMITTED_LENGTH},
                 {WIRE_CONFIRM, WIRE_CONFIRMED_LENGTH}};
  Loop *loop = *state;

  for (unsigned i = 0; i < sizeof answers / sizeof *answers; i++)
    for (unsigned bit = 0; bit < answers[i].length * 8; bit++)
      for (unsigned always = 0; always < 2; always++) {
        prepare(loop, LOOP_UPGRADE, answers[i].type, lie_byte);
        loop->lie_number = bit;
        loop->lie_times = always ? UINT_MAX : 1;
        loop_run(loop);
        assert_true(loop->lies > 0);
        if (answers[i].type == WIRE_COMMIT) /* it stood, and what runs is asked */
          assert_int_equal(loop->session.result.outcome, SY_OUTCOME_DONE);
      }
}

static void lie_trial(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  (void)answer;
  if (loop->lie_number != WIRE_TRIAL_CONFIRMED || loop->trial.state != WIRE_TRIAL_RUNNING)
    payload[IDENTITY_TRIAL] = (uint8_t)loop->lie_number;
}

/* None, returned or a number that there is not: asked to confirm, it does. */
static void a_trial_state_that_cannot_be_is_not_taken_for_the_end(void **state)
{
  Loop *loop = *state;

  for (unsigned trial = 0; trial < 256; trial++) {
    prepare(loop, LOOP_UPGRADE, WIRE_IDENTIFY, lie_trial);
    loop->lie_number = trial;
    loop->lie_unasked = loop->lie_when_new = true;
    loop_run(loop);
    assert_true(bench_flash_get_record(&loop->flash).state == WIRE_RECORD_CONFIRMED);
    assert_int_equal(loop->running, WIRE_BANK_HIGH);
    assert_true(loop->session.result.outcome == SY_OUTCOME_DONE ||
                loop->session.result.reason == SY_REASON_NOT_CONFIRMED ||
                loop->session.result.reason == SY_REASON_WRONG_ANSWER);
  }
}

/* The old program runs and says of itself that it is confirmed, which it is. */
static void lie_about_bank(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  (void)answer;
  payload[3] = (uint8_t)loop->lie_number;
  payload[IDENTITY_TRIAL] = WIRE_TRIAL_CONFIRMED;
}

static void confirmed_is_not_enough_when_another_program_runs(void **state)
{
  Loop *loop = *state;

  for (unsigned bank = 0; bank < 4; bank++) {
    if (bank == WIRE_BANK_HIGH)
      continue; /* that is the truth */
    prepare(loop, LOOP_UPGRADE, WIRE_IDENTIFY, lie_about_bank);
    loop->lie_number = bank;
    loop->lie_unasked = loop->lie_when_new = true;
    assert_int_not_equal(loop_run(loop), SY_OUTCOME_DONE);
  }
}

/* Announcements without end, every 20 ms: every job ends, in its time, with the truth. */
static void chatter_without_end_holds_no_job_up(void **state)
{
  Loop *loop = *state;

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++)
    for (LoopCharacter character = LOOP_GOOD; character < LOOP_CHARACTERS; character++) {
      loop_reset_job(loop, job);
      loop->chatter = true;
      loop->new_character = loop->other_character = character;
      loop_run_job(loop, job);
    }
}

/* NOT_NOW, DAMAGED and "self-test not done" for ever, to whatever is asked first, second and so on.
 */
static void endless_refusals_of_each_kind_of_request_end(void **state)
{
  static const uint8_t causes[] = {WIRE_CAUSE_NOT_NOW, WIRE_CAUSE_DAMAGED, WIRE_CAUSE_SELF_TEST};
  Loop *loop = *state;

  for (LoopJob job = LOOP_UPGRADE; job < LOOP_JOBS; job++)
    for (uint8_t type = WIRE_IDENTIFY; type <= WIRE_GO_BACK; type++)
      for (unsigned i = 0; i < sizeof causes; i++)
        for (unsigned after = 0; after < 4; after++) {
          prepare(loop, job, type, lie_nak);
          loop->lie_number = causes[i];
          loop->lie_after = after;
          loop->lie_instead = true;
          loop_run_job(loop, job);
        }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      TEST(confirm_refused_with_any_cause_for_ever_ends_with_the_old_program),
      TEST(confirm_refused_some_times_is_no_failure),
      TEST(settling_refused_with_any_cause_touches_nothing),
      TEST(going_back_refused_with_any_cause_leaves_what_runs),
      TEST(a_confirmation_that_never_happened_is_no_success),
      TEST(a_confirmation_that_came_too_early_is_asked_for_again),
      TEST(a_confirmation_cut_short_is_found_out_by_asking),
      TEST(any_bit_of_the_new_identity_wrong_never_makes_a_false_success),
      TEST(any_bit_of_the_first_identity_wrong_never_makes_a_false_success),
      TEST(any_bit_of_any_answer_wrong_never_makes_a_false_success),
      TEST(a_trial_state_that_cannot_be_is_not_taken_for_the_end),
      TEST(confirmed_is_not_enough_when_another_program_runs),
      TEST(chatter_without_end_holds_no_job_up),
      TEST(endless_refusals_of_each_kind_of_request_end),
  };

  loop_set_style(argc, argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
