/* SPDX-License-Identifier: GPL-3.0-or-later */

/* By seed: everything at once. Faults of both directions, late lines, power cuts, programs that
 * fail, cancels, lost links, flash that fails, a substation that is slow and an owner of the
 * session who is. loop_run_job holds all of it to the truth; what stands here is that good comes of
 * what is good. */

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

enum { SEEDS = 2400 };

typedef struct {
  LoopJob job;
  bool heals;  /* the line is good again before anybody runs out of patience */
  bool honest; /* nothing else goes wrong */
} Plan;

static unsigned pick(WireRandom *random, unsigned below)
{
  return wire_random_below(random, below);
}

static void set_line(LoopLine *line, WireRandom *random, uint64_t until_us)
{
  bool frames = pick(random, 2);

  line->random = wire_random(wire_random_next(random));
  line->fault = (LoopFault){
      .kind = (LoopFaultKind)pick(random, 4),
      .active = pick(random, 4) > 0,
      .frames = frames,
      .random = 1 + pick(random, frames ? 5000 : 80),
      .until_us = until_us,
      .delay_us = pick(random, frames ? 300 : 40) * 1000ull,
  };
  if (pick(random, 8) == 0) {
    line->latency_us = pick(random, 900) * 1000ull;
    line->prompt_us = until_us;
  }
}

static void set_replay(Loop *loop, WireRandom *random, const Plan *plan)
{
  unsigned later = 1 + pick(random, LOOP_RECENT - 1);

  if (plan->heals || pick(random, 8) > 0)
    return;
  loop->to_host.replay = later;
  loop->to_device.replay = later;
}

static void set_trouble(Loop *loop, WireRandom *random)
{
  loop->new_character = pick(random, 2) ? LOOP_GOOD : (LoopCharacter)pick(random, LOOP_CHARACTERS);
  loop->other_character = loop->new_character;
  loop->power_off_us = pick(random, 16) ? pick(random, 3000) * 1000ull : UINT64_MAX;
  loop->power_cut_times = pick(random, 5);
  loop->power_cut_again_us = pick(random, 2000) * 1000ull;
  switch (pick(random, 8)) {
  case 0:
    loop->power_cut_before = pick(random, 30);
    break;
  case 1:
    loop->power_cut_after = pick(random, 30);
    break;
  case 2:
    loop->power_cut_before_send = pick(random, 30);
    break;
  case 3:
    loop->power_cut_after_send = pick(random, 30);
    break;
  case 4:
    loop->cancel_at = pick(random, 40);
    loop->act_delay_us = pick(random, 2000) * 1000ull;
    break;
  case 5:
    loop->lose_at = pick(random, 40);
    loop->act_delay_us = pick(random, 2000) * 1000ull;
    break;
  case 6:
    loop->to_device.silent_from = pick(random, 40);
    loop->to_host.silent_from = pick(random, 2) ? UINT_MAX : pick(random, 40);
    break;
  default:
    loop->flash.fail_addr = WIRE_HIGH_ADDR + pick(random, LOOP_BLOCKS) * WIRE_BLOCK_SIZE;
    loop->flash.fail_times = pick(random, 4);
    break;
  }
}

/* Of use to the style that goes faster: rates that one of the three does not carry, or no more. */
static void set_rates(Loop *loop, WireRandom *random)
{
  static const uint32_t rates[] = {115200, 230400, 345600, 691200};

  switch (pick(random, 6)) {
  case 0:
    loop->to_device.carries = rates[pick(random, 4)];
    break;
  case 1:
    loop->to_host.carries = rates[pick(random, 4)];
    break;
  case 2:
    loop->to_device.dies_at = pick(random, 30);
    break;
  case 3:
    loop->to_host.dies_at = pick(random, 30);
    break;
  case 4:
    loop->station_makes = rates[pick(random, 4)];
    break;
  default:
    loop->host_makes = rates[pick(random, 4)];
    loop->host_says = pick(random, 2) ? 0 : 614400;
    break;
  }
}

static Plan make_plan(Loop *loop, uint32_t seed)
{
  WireRandom random = wire_random(seed);
  Plan plan = {.job = (LoopJob)pick(&random, LOOP_JOBS),
               .heals = pick(&random, 2),
               .honest = pick(&random, 2)};
  uint64_t until_us;

  loop_set_length(seed % 4 == 0 ? LOOP_LONG : LOOP_LENGTH);
  loop_reset_job(loop, plan.job);
  until_us = plan.heals ? loop->now_us + 100000 + pick(&random, 1000) * 1000ull : 0;
  set_line(&loop->to_device, &random, until_us);
  set_line(&loop->to_host, &random, until_us);
  set_replay(loop, &random, &plan);
  set_rates(loop, &random);
  loop->self_test_us = pick(&random, 3000) * 1000ull;
  loop->lazy = pick(&random, 4) == 0;
  loop->mute_announce = pick(&random, 4) == 0;
  if (!plan.honest)
    set_trouble(loop, &random);
  return plan;
}

static void whatever_happens_together_what_is_said_is_so(void **state)
{
  Loop *loop = *state;
  unsigned outcomes[5] = {0}, hits = 0, cuts = 0, good = 0;

  for (uint32_t seed = 1; seed <= SEEDS; seed++) {
    Plan plan = make_plan(loop, seed);
    SyOutcome outcome = loop_run_job(loop, plan.job);

    outcomes[outcome]++;
    hits += loop->to_device.hits + loop->to_host.hits;
    cuts += loop->cuts;
    if (!plan.heals || !plan.honest)
      continue;
    good++;
    if (outcome != SY_OUTCOME_DONE)
      fail_msg("seed %u: outcome %d, reason %d", seed, outcome, loop->session.result.reason);
  }
  assert_true(good > SEEDS / 6);
  assert_true(hits > 10000);
  assert_true(cuts > 200);
  for (unsigned i = 0; i < 5; i++)
    assert_true(outcomes[i] > 10);
}

/* Job after job on the same substation, each broken off or disturbed somehow; at the end a clean
 * upgrade is done, whatever the ones before have left. */
static void after_any_row_of_troubles_a_clean_upgrade_is_done(void **state)
{
  Loop *loop = *state;

  for (uint32_t seed = 1; seed <= 200; seed++) {
    WireRandom random = wire_random(seed);

    loop_reset(loop, WIRE_BANK_LOW);
    for (unsigned round = 0; round < 4; round++) {
      set_trouble(loop, &random);
      loop->flash.fail_times = 0;
      loop->to_device.silent_from = loop->to_host.silent_from = UINT_MAX;
      loop_run(loop);
      loop_start_anew(loop);
      loop->handled = loop->to_device.frames = loop->to_host.frames = 0;
      loop->cuts = loop->lies = 0;
    }
    loop->new_character = LOOP_GOOD;
    if (loop_run(loop) != SY_OUTCOME_DONE)
      fail_msg("seed %u: reason %d", seed, loop->session.result.reason);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      TEST(whatever_happens_together_what_is_said_is_so),
      TEST(after_any_row_of_troubles_a_clean_upgrade_is_done),
  };

  loop_set_style(argc, argv);
  return cmocka_run_group_tests(tests, NULL, NULL);
}
