/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Packed blocks, which lean on others that may be lost; and substations that refuse or claim what
 * is not so in the middle of a stream, for ever. */

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
  return 0;
}

static int tear_down(void **state)
{
  free(*state);
  return 0;
}

static void prepare(Loop *loop)
{
  loop_reset(loop, WIRE_BANK_LOW);
  loop->packs = true;
}

static void packed_blocks_take_less_of_the_line_and_are_the_same(void **state)
{
  Loop *loop = *state;
  const SyLife *life = &loop->session.result.life;
  uint32_t plain;

  loop_run_clean(loop, LOOP_UPGRADE);
  plain = life->frame_bytes;
  assert_int_equal(life->blocks_packed, 0);
  prepare(loop);
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  assert_true(life->blocks_packed > LOOP_LONG_BLOCKS / 2);
  assert_true(life->frame_bytes < plain * 3 / 4);
  assert_int_equal(loop->session.result.counts.naks, 0);
}

/* What leans on the lost one is refused, and all of it sent otherwise. */
static void packed_against_what_was_lost_is_sent_again(void **state)
{
  Loop *loop = *state;
  unsigned data, frames, refused = 0;

  prepare(loop);
  assert_int_equal(loop_run(loop), SY_OUTCOME_DONE);
  data = loop_find_frame(loop, WIRE_DATA);
  frames = loop_count_frames(loop, WIRE_DATA);
  for (unsigned lost = 1; lost <= 3; lost++)
    for (unsigned at = 0; at < frames; at++) {
      const SyResult *result = &loop->session.result;

      prepare(loop);
      loop->to_device.fault = (LoopFault){.kind = LOOP_DROP,
                                          .active = true,
                                          .frames = true,
                                          .first = data + at,
                                          .every = 2,
                                          .times = lost};
      if (loop_run(loop) != SY_OUTCOME_DONE)
        fail_msg("%u from frame %u: reason %d, cause %d", lost, at, result->reason,
                 result->nak.cause);
      refused += result->counts.naks > 1;
      assert_true(result->life.blocks_sent < 2 * LOOP_LONG_BLOCKS);
    }
  assert_true(refused > 5);
}

static void packed_blocks_over_a_bad_line_are_always_done(void **state)
{
  Loop *loop = *state;
  unsigned naks = 0;

  for (uint32_t seed = 1; seed <= 60; seed++) {
    prepare(loop);
    loop->to_device.random = wire_random(seed);
    loop->to_host.random = wire_random(seed + 100);
    loop->to_device.fault = (LoopFault){
        .kind = seed % 2 ? LOOP_DROP : LOOP_FLIP, .active = true, .frames = true, .random = 1500};
    loop->to_host.fault = loop->to_device.fault;
    if (loop_run(loop) != SY_OUTCOME_DONE)
      fail_msg("seed %u: outcome %d, reason %d", seed, loop->session.result.outcome,
               loop->session.result.reason);
    naks += loop->session.result.counts.naks;
  }
  assert_true(naks > 60);
}

static void lie_nak(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  WireNak nak = {.cause = (uint8_t)loop->lie_number, .type = WIRE_DATA};

  answer->type = WIRE_NAK;
  answer->length = (uint16_t)wire_nak_write(&nak, payload);
}

/* From any frame on, obeyed and not: it ends, and no block is sent for ever. */
static void refusals_of_blocks_without_end_are_given_up(void **state)
{
  static const uint8_t causes[] = {WIRE_CAUSE_UNPACKABLE, WIRE_CAUSE_DAMAGED,
                                   WIRE_CAUSE_OUT_OF_RANGE};
  Loop *loop = *state;

  for (unsigned i = 0; i < 3; i++)
    for (unsigned after = 0; after < 24; after += 6)
      for (unsigned obeyed = 0; obeyed < 2; obeyed++) {
        prepare(loop);
        loop->packs = after % 12 == 0;
        loop->lie_type = WIRE_DATA;
        loop->lie_times = UINT_MAX;
        loop->lie_after = after;
        loop->lie_number = causes[i];
        loop->lie_instead = !obeyed;
        loop->lie = lie_nak;
        assert_int_not_equal(loop_run(loop), SY_OUTCOME_LINK);
        if (!obeyed)
          assert_int_equal(loop->session.result.outcome, SY_OUTCOME_OLD_RUNS);
        assert_true(loop->lies > 0);
        assert_true(loop->session.data_frames <= LOOP_LONG_BLOCKS * 40);
      }
}

/* All blocks are there, says each answer, from the first that lies on, and nothing is obeyed. */
static void lie_all_there(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  WireDataStatus status = {.verified = 1, .missing = LOOP_LONG_BLOCKS};
  WireData data;

  assert_true(wire_data_read(&loop->lie_request, &data));
  status.block = data.block;
  answer->type = WIRE_DATA | WIRE_REPLY;
  answer->length = (uint16_t)wire_data_status_write(&status, payload);
}

static void claims_of_blocks_that_never_came_end_without_a_false_success(void **state)
{
  Loop *loop = *state;

  for (unsigned after = 0; after < 20; after += 3)
    for (unsigned times = 1; times < 4; times++) {
      prepare(loop);
      loop->lie_type = WIRE_DATA;
      loop->lie_times = times == 3 ? UINT_MAX : times;
      loop->lie_after = after;
      loop->lie_instead = true;
      loop->lie = lie_all_there;
      loop_run(loop);
      assert_true(loop->lies > 0);
      assert_int_equal(loop->session.result.outcome,
                       times == 3 ? SY_OUTCOME_OLD_RUNS : SY_OUTCOME_DONE);
    }
}

/* A map may also take back what it has said, for ever. */
static void lie_nothing_there(Loop *loop, WireFrame *answer, uint8_t *payload)
{
  WireDataStatus status = {.verified = 0};
  WireData data;

  assert_true(wire_data_read(&loop->lie_request, &data));
  status.block = data.block;
  answer->type = WIRE_DATA | WIRE_REPLY;
  answer->length = (uint16_t)wire_data_status_write(&status, payload);
}

static void a_map_that_takes_everything_back_for_ever_is_given_up(void **state)
{
  Loop *loop = *state;

  for (unsigned after = 0; after < 20; after += 4) {
    prepare(loop);
    loop->lie_type = WIRE_DATA;
    loop->lie_times = UINT_MAX;
    loop->lie_after = after;
    loop->lie = lie_nothing_there;
    loop_run(loop);
    assert_true(loop->lies > 0);
    assert_int_equal(loop->session.result.outcome, SY_OUTCOME_OLD_RUNS);
    assert_true(loop->session.data_frames <= LOOP_LONG_BLOCKS * 40);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      TEST(packed_blocks_take_less_of_the_line_and_are_the_same),
      TEST(packed_against_what_was_lost_is_sent_again),
      TEST(packed_blocks_over_a_bad_line_are_always_done),
      TEST(refusals_of_blocks_without_end_are_given_up),
      TEST(claims_of_blocks_that_never_came_end_without_a_false_success),
      TEST(a_map_that_takes_everything_back_for_ever_is_given_up),
  };

  loop_set_style(argc, argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
