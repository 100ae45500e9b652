/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A substation that answers falsely: refusals of every cause at every step, numbers that cannot be,
 * an identity that changes, chatter without end. The session ends, in bounded time (loop_run), and
 * says nothing that is not so. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <limits.h>
#include <stdlib.h>

#include "loop-bench.h"
#include "wire-bytes.h"

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

/* Of a clean upgrade. */
static unsigned find_frame(Loop *loop, uint8_t type)
{
  loop_run_clean(loop, LOOP_UPGRADE);
  return loop_find_frame(loop, type);
}

static void prepare(Loop *loop, uint8_t type, unsigned times, LoopLie lie)
{
  loop_reset(loop, WIRE_BANK_LOW);
  loop->lie_type = type;
  loop->lie_times = times;
  loop->lie = lie;
}

static void lie_nak(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  WireNak nak = {.cause = loop->lie_number, .type = loop->lie_type, .detail = 1};

  answer->type = WIRE_NAK;
  answer->length = (uint16_t)wire_nak_write(&nak, payload);
}

/* The request is refused, with this cause, and not obeyed. */
static SyOutcome run_refused(Loop *loop, uint8_t type, uint8_t cause, unsigned times)
{
  SyOutcome outcome;

  prepare(loop, type, times, lie_nak);
  loop->lie_number = cause;
  loop->lie_instead = true;
  outcome = loop_run(loop);
  assert_true(loop->lies > 0);
  if (outcome != SY_OUTCOME_DONE && loop->session.result.reason == SY_REASON_NAK)
    assert_int_equal(loop->session.result.nak.type, type);
  return outcome;
}

enum { CAUSES = 23 }; /* all there are, 0, and some of a later version */

/* DAMAGED asks for the same once more, which ends like silence. */
static SyOutcome refused_or_silent(uint8_t cause)
{
  return cause == WIRE_CAUSE_DAMAGED ? SY_OUTCOME_LINK : SY_OUTCOME_REFUSED;
}

static void identify_refused_with_any_cause_is_a_refusal(void **state)
{
  for (uint8_t cause = 0; cause < CAUSES; cause++)
    assert_int_equal(run_refused(*state, WIRE_IDENTIFY, cause, UINT_MAX), refused_or_silent(cause));
}

static void the_upgrade_command_refused_with_any_cause_is_a_refusal(void **state)
{
  Loop *loop = *state;

  for (uint8_t cause = 0; cause < CAUSES; cause++) {
    assert_int_equal(run_refused(loop, WIRE_ENTER_LOADER, cause, UINT_MAX),
                     refused_or_silent(cause));
    assert_int_equal(loop->session.result.reason, cause == WIRE_CAUSE_UNKNOWN_TYPE
                                                      ? SY_REASON_NO_LOADER
                                                  : cause == WIRE_CAUSE_DAMAGED ? SY_REASON_SILENT
                                                                                : SY_REASON_NAK);
  }
}

/* Only flash that failed was touched; and who hears for ever that its request is damaged cannot
 * know. */
static void begin_refused_with_any_cause_erased_nothing_but_by_its_own_failure(void **state)
{
  Loop *loop = *state;

  for (uint8_t cause = 0; cause < CAUSES; cause++) {
    bool touched = cause == WIRE_CAUSE_ERASE_FAILED || cause == WIRE_CAUSE_RECORD_FAILED ||
                   cause == WIRE_CAUSE_DAMAGED;

    assert_int_equal(run_refused(loop, WIRE_BEGIN, cause, UINT_MAX),
                     touched ? SY_OUTCOME_OLD_RUNS : SY_OUTCOME_REFUSED);
    assert_int_equal(loop->session.result.touched, touched);
  }
}

static void data_refused_with_any_cause_leaves_the_old_program(void **state)
{
  for (uint8_t cause = 0; cause < CAUSES; cause++)
    assert_int_equal(run_refused(*state, WIRE_DATA, cause, UINT_MAX), SY_OUTCOME_OLD_RUNS);
}

/* INCOMPLETE asks for a block again; for ever it is a lie that ends all the same. */
static void commit_refused_with_any_cause_leaves_the_old_program(void **state)
{
  Loop *loop = *state;

  for (uint8_t cause = 0; cause < CAUSES; cause++)
    assert_int_equal(run_refused(loop, WIRE_COMMIT, cause, UINT_MAX), SY_OUTCOME_OLD_RUNS);
  assert_int_equal(run_refused(loop, WIRE_COMMIT, WIRE_CAUSE_INCOMPLETE, 1), SY_OUTCOME_DONE);
}

/* RUN is a courtesy: the loader leaves by itself, into what has been committed. */
static void run_refused_with_any_cause_is_still_done(void **state)
{
  Loop *loop = *state;

  for (uint8_t cause = 0; cause < CAUSES; cause++) {
    assert_int_equal(run_refused(loop, WIRE_RUN, cause, UINT_MAX), SY_OUTCOME_DONE);
    assert_int_equal(loop->session.failure, SY_REASON_NONE); /* patience was enough */
  }
}

static void abort_refused_after_a_cancel_is_waited_out(void **state)
{
  Loop *loop = *state;
  unsigned data;

  loop_set_length(LOOP_LONG); /* COMMIT is not under way yet */
  data = find_frame(loop, WIRE_DATA);
  prepare(loop, WIRE_ABORT, UINT_MAX, lie_nak);
  loop->lie_number = WIRE_CAUSE_NOT_NOW;
  loop->lie_instead = true;
  loop->cancel_at = data + 2;
  assert_int_equal(loop_run(loop), SY_OUTCOME_OLD_RUNS);
  assert_int_equal(loop->session.result.reason, SY_REASON_CANCELLED);
  assert_true(loop->lies > 0);
}

/* A refusal of another request than the one asked is none. That of DATA is final whenever it comes,
 * so COMMIT's is not made to look like one. */
static void lie_nak_of_other(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  lie_nak(loop, answer, payload);
  payload[1] ^= 2;
}

static void a_refusal_of_something_else_is_not_taken_for_an_answer(void **state)
{
  static const uint8_t types[] = {WIRE_IDENTIFY, WIRE_ENTER_LOADER, WIRE_BEGIN, WIRE_DATA,
                                  WIRE_COMMIT};
  Loop *loop = *state;

  for (unsigned i = 0; i < sizeof types; i++) {
    prepare(loop, types[i], 1, lie_nak_of_other);
    loop->lie_number = WIRE_CAUSE_NOT_NOW;
    loop->lie_instead = true;
    assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
    /* Of DATA the next answer tells, or COMMIT's, that it was lost. */
    assert_int_equal(loop->session.result.counts.timeouts,
                     types[i] == WIRE_DATA && loop_get_style() != LOOP_ONE_BY_ONE ? 0 : 1);
  }
}

static void lie_short(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  (void)loop;
  (void)payload;
  /* A byte less than an old substation's. */
  if (answer->type == (WIRE_BEGIN | WIRE_REPLY))
    answer->length = WIRE_BEGUN_LENGTH_1_1 - 1;
  else if (answer->type == (WIRE_COMMIT | WIRE_REPLY))
    answer->length = WIRE_COMMITTED_LENGTH_1_1 - 1;
  else if (answer->length >= WIRE_IDENTITY_LENGTH_1_0)
    answer->length = WIRE_IDENTITY_LENGTH_1_0 - 1;
  else if (answer->length > 0)
    answer->length--;
}

static void answers_too_short_are_wrong_answers(void **state)
{
  static const uint8_t types[] = {WIRE_IDENTIFY, WIRE_BEGIN, WIRE_DATA, WIRE_COMMIT};
  static const SyOutcome outcomes[] = {SY_OUTCOME_REFUSED, SY_OUTCOME_OLD_RUNS, SY_OUTCOME_OLD_RUNS,
                                       SY_OUTCOME_DONE};
  Loop *loop = *state;

  loop_set_length(LOOP_LONG);
  for (unsigned i = 0; i < sizeof types; i++) {
    prepare(loop, types[i], 1, lie_short);
    assert_int_equal(loop_run(loop), outcomes[i]);
    assert_int_equal(loop->lies, 1);
    if (outcomes[i] != SY_OUTCOME_DONE)
      assert_int_equal(loop->session.result.reason, SY_REASON_WRONG_ANSWER);
  }
}

static void lie_add_to_byte(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  (void)answer;
  payload[loop->lie_number]++;
}

typedef struct {
  uint8_t type, byte;
  SyOutcome outcome;
  const char *what;
} ByteLie;

/* A COMMITTED that is false follows a commit that stands: what runs then is the new program, and
 * that is what is said. */
static void numbers_that_cannot_be_are_wrong_answers(void **state)
{
  static const ByteLie lies[] = {
      {WIRE_BEGIN, 0, SY_OUTCOME_OLD_RUNS, "begun for another bank"},
      {WIRE_BEGIN, 2, SY_OUTCOME_OLD_RUNS, "begun with more blocks"},
      {WIRE_BEGIN, 5, SY_OUTCOME_OLD_RUNS, "begun with block 256 missing"},
      {WIRE_DATA, 0, SY_OUTCOME_OLD_RUNS, "another block's status"},
      {WIRE_DATA, 1, SY_OUTCOME_OLD_RUNS, "block 256's status"},
      {WIRE_DATA, 5, SY_OUTCOME_OLD_RUNS, "block 256 and up missing"},
      {WIRE_COMMIT, 0, SY_OUTCOME_DONE, "committed another bank"},
      {WIRE_COMMIT, 8, SY_OUTCOME_DONE, "committed with another CRC"},
  };
  Loop *loop = *state;

  loop_set_length(LOOP_LONG);
  for (unsigned i = 0; i < sizeof lies / sizeof *lies; i++) {
    prepare(loop, lies[i].type, 1, lie_add_to_byte);
    loop->lie_number = lies[i].byte;
    if (loop_run(loop) != lies[i].outcome || loop->lies != 1)
      fail_msg("%s: outcome %d", lies[i].what, loop->session.result.outcome);
    assert_int_equal(loop->session.failure, SY_REASON_WRONG_ANSWER);
  }
}

static void lie_committed(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  WireCommitted committed = {.bank = WIRE_BANK_HIGH, .sequence = 2, .crc = loop->halves[1].crc};

  answer->length = (uint16_t)wire_committed_write(&committed, payload);
}

/* It says that it has committed and has not: the old program is heard, and that is said. */
static void a_commit_that_never_happened_is_no_success(void **state)
{
  Loop *loop = *state;

  prepare(loop, WIRE_COMMIT, UINT_MAX, lie_committed);
  loop->lie_instead = true;
  assert_int_equal(loop_run(loop), SY_OUTCOME_OLD_RUNS);
  assert_int_equal(loop->session.result.reason, SY_REASON_OTHER_RUNS);
}

/* verified, missing: the status whatever the truth is. */
static void lie_status(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  WireDataStatus status = {.verified = loop->lie_number & 1, .missing = loop->lie_number >> 1};
  WireData data;

  assert_true(wire_data_read(&loop->lie_request, &data));
  status.block = data.block;
  answer->length = (uint16_t)wire_data_status_write(&status, payload);
}

/* All blocks but the first can only be lied about so long. */
static void a_status_that_never_changes_ends(void **state)
{
  Loop *loop = *state;

  loop_set_length(LOOP_LONG);
  for (unsigned missing = 0; missing < LOOP_BLOCKS; missing++)
    for (unsigned verified = 0; verified < 2; verified++) {
      prepare(loop, WIRE_DATA, UINT_MAX, lie_status);
      loop->lie_number = (uint8_t)(missing << 1 | verified);
      assert_int_equal(loop_run(loop), SY_OUTCOME_OLD_RUNS);
      assert_int_equal(loop->session.result.reason, SY_REASON_WRONG_ANSWER);
      assert_true(loop->lies <= LOOP_LONG_BLOCKS * 40);
    }
}

/* "Nothing is missing" after the first block: commit then names the one that is. */
static void a_status_that_says_all_is_there_is_set_right_by_commit(void **state)
{
  Loop *loop = *state;

  prepare(loop, WIRE_DATA, 1, lie_status);
  loop->lie_number = LOOP_BLOCKS << 1 | 1;
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  assert_int_equal(loop->lies, 1);
}

static void lie_identity(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  (void)answer;
  switch (loop->lie_number) {
  case 0:
    payload[0]++; /* protocol */
    break;
  case 1:
    payload[2] = 3; /* neither program nor loader */
    break;
  case 2:
    payload[3] = 3; /* no such bank */
    break;
  case 3:
    payload[3] = WIRE_BANK_NONE; /* a program that runs in no bank */
    break;
  case 4:
    payload[4]++; /* product */
    break;
  default:
    payload[24] = 0; /* obeys no upgrade */
    break;
  }
}

static void an_identity_that_does_not_fit_is_refused(void **state)
{
  static const SyReason reasons[] = {SY_REASON_NOT_COMPATIBLE, SY_REASON_WRONG_ANSWER,
                                     SY_REASON_WRONG_ANSWER,   SY_REASON_WRONG_ANSWER,
                                     SY_REASON_PRODUCT,        SY_REASON_NO_LOADER};
  Loop *loop = *state;

  for (uint8_t i = 0; i < 6; i++) {
    prepare(loop, WIRE_IDENTIFY, 1, lie_identity);
    loop->lie_number = i;
    assert_int_equal(loop_run(loop), SY_OUTCOME_REFUSED);
    assert_int_equal(loop->session.result.reason, reasons[i]);
  }
}

/* LOW runs, and the substation says HIGH: LOW would be written, which the loader refuses. */
static void lie_other_bank(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  (void)loop;
  (void)answer;
  payload[3] = WIRE_BANK_HIGH;
}

static void a_substation_that_names_the_wrong_bank_keeps_its_program(void **state)
{
  Loop *loop = *state;

  prepare(loop, WIRE_IDENTIFY, 1, lie_other_bank);
  loop_run(loop);
  assert_false(loop_is_erased(loop));
  assert_int_equal(loop->session.result.nak.cause, WIRE_CAUSE_WRONG_BANK);
  assert_int_equal(loop->session.result.outcome, SY_OUTCOME_REFUSED);
}

/* After the upgrade it says it is somebody else; each field that makes the new program. */
static void lie_after_upgrade(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  static const uint8_t bytes[] = {16 /* version */, 52 /* HIGH's state */, 64 /* HIGH's CRC */};

  (void)answer;
  if (loop->running == WIRE_BANK_HIGH)
    payload[bytes[loop->lie_number]]--;
}

static void a_program_that_is_not_quite_the_new_one_is_no_success(void **state)
{
  Loop *loop = *state;

  for (uint8_t i = 0; i < 3; i++) {
    prepare(loop, WIRE_IDENTIFY, UINT_MAX, lie_after_upgrade);
    loop->lie_number = i;
    loop->mute_announce = true;
    assert_int_equal(loop_run(loop), SY_OUTCOME_UNKNOWN);
    assert_int_equal(loop->session.result.reason, SY_REASON_OTHER_RUNS);
  }
}

/* It announces itself every 20 ms for as long as it is asked anything. */
static void lie_confirmed_announce(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  (void)loop;
  (void)answer;
  payload[21] = WIRE_TRIAL_CONFIRMED;
}

/* As one from another day does that the line has held back: it has no token. The truth that
 * loop_run knows is that the new program is on trial still. */
static void an_announce_that_it_is_confirmed_is_no_success_by_itself(void **state)
{
  Loop *loop = *state;

  prepare(loop, WIRE_ANNOUNCE, 1, lie_confirmed_announce);
  loop->lie_when_new = true;
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  assert_int_equal(loop->lies, 1);
  assert_true(loop_count_frames(loop, WIRE_CONFIRM) > 0);
}

static void chatter_without_end_does_not_hold_the_end_up(void **state)
{
  Loop *loop = *state;

  loop->chatter = true;
  loop_run(loop);
  prepare(loop, WIRE_ENTER_LOADER, UINT_MAX, lie_short); /* "yes", and it stays in the program */
  loop->lie_instead = true;
  loop->chatter = true;
  assert_int_equal(loop_run(loop), SY_OUTCOME_REFUSED);
  assert_int_equal(loop->session.result.reason, SY_REASON_RESTARTED);
}

/* LEAVING floods: more events from one read than the session keeps; none is lost, none too much. */
/* What nobody asked for. */
static void lie_nothing(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  (void)loop;
  (void)payload;
  answer->type = WIRE_READING;
  answer->length = 0;
}

/* The same answer to DATA again and again, and no other: nothing goes on, and it is not taken for
 * patience that is asked for. With no program to go back to the loader never leaves. */
static void an_answer_repeated_without_end_does_not_hold_the_end_up(void **state)
{
  Loop *loop = *state;

  for (unsigned after = 1; after <= 4; after++) {
    loop_set_length(LOOP_LONG);
    loop_reset(loop, WIRE_BANK_NONE);
    loop->lie_type = WIRE_DATA;
    loop->lie_times = UINT_MAX;
    loop->lie = lie_nothing;
    loop->lie_after = after;
    loop->chatter = loop->stutter = true;
    assert_int_equal(loop_run(loop), SY_OUTCOME_UNKNOWN);
    assert_int_equal(loop->session.result.reason, SY_REASON_SILENT);
    assert_true(loop->session.result.duration_us < 60 * 1000000ull);
  }
}

static void more_news_than_there_is_room_for_waits_its_turn(void **state)
{
  SySession *session = &((Loop *)*state)->session;
  uint8_t payload[WIRE_LEAVING_LENGTH] = {WIRE_LEAVING_RUN, 1}, frame[32], stream[1000];
  WireFrame leaving = {WIRE_LEAVING, 0, 0, sizeof payload, payload};
  size_t size = wire_frame_write(&leaving, frame), length = 0, taken;
  unsigned told = 0;
  SyEvent event;

  for (; length + size <= sizeof stream; length += size)
    wire_copy(stream + length, frame, size);
  sy_session_start_identify(session, 0);
  taken = sy_session_feed(session, stream, length, 0);
  for (unsigned round = 0; round < 10; round++) {
    while (sy_session_next_event(session, &event))
      told += event.kind == SY_EVENT_LEAVING;
    taken += sy_session_feed(session, stream + taken, length - taken, 0);
    sy_session_tick(session, 0);
  }
  assert_int_equal(taken, length);
  assert_int_equal(told, length / size);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      TEST(identify_refused_with_any_cause_is_a_refusal),
      TEST(the_upgrade_command_refused_with_any_cause_is_a_refusal),
      TEST(begin_refused_with_any_cause_erased_nothing_but_by_its_own_failure),
      TEST(data_refused_with_any_cause_leaves_the_old_program),
      TEST(commit_refused_with_any_cause_leaves_the_old_program),
      TEST(run_refused_with_any_cause_is_still_done),
      TEST(abort_refused_after_a_cancel_is_waited_out),
      TEST(a_refusal_of_something_else_is_not_taken_for_an_answer),
      TEST(answers_too_short_are_wrong_answers),
      TEST(numbers_that_cannot_be_are_wrong_answers),
      TEST(a_commit_that_never_happened_is_no_success),
      TEST(a_status_that_never_changes_ends),
      TEST(a_status_that_says_all_is_there_is_set_right_by_commit),
      TEST(an_identity_that_does_not_fit_is_refused),
      TEST(a_substation_that_names_the_wrong_bank_keeps_its_program),
      TEST(a_program_that_is_not_quite_the_new_one_is_no_success),
      TEST(an_announce_that_it_is_confirmed_is_no_success_by_itself),
      TEST(chatter_without_end_does_not_hold_the_end_up),
      TEST(an_answer_repeated_without_end_does_not_hold_the_end_up),
      TEST(more_news_than_there_is_room_for_waits_its_turn),
  };

  loop_set_style(argc, argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
