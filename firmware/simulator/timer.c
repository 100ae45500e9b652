/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * TIMER0 and TIMER1 (UM10114 ch. 15). Capture pins do nothing; match outputs show in EMR only.
 *
 * TC steps every PR+1 ticks. A comparison has its effect one tick after TC got to the value: flag,
 * stop, or "TC becomes 0 at its next step" (Fig. 59, 60).
 */

#include "chip-private.h"

enum {
  IR = 0x00,
  TCR = 0x04,
  TC = 0x08,
  PR = 0x0c,
  PC = 0x10,
  MCR = 0x14,
  MR0 = 0x18,
  MR3 = 0x24,
  CCR = 0x28,
  CR0 = 0x2c,
  CR3 = 0x38,
  EMR = 0x3c,
};

enum { TCR_ENABLE = 1, TCR_RESET = 2 };
enum { MCR_INTERRUPT = 1, MCR_RESET = 2, MCR_STOP = 4 };

static bool is_counting(const SimTimer *timer)
{
  return (timer->tcr & (TCR_ENABLE | TCR_RESET)) == TCR_ENABLE;
}

/* What the match registers equal to TC are to do. */
static bool has_action(const SimTimer *timer, unsigned n)
{
  return (timer->mcr >> (3 * n) & 7) != 0 || (timer->emr >> (4 + 2 * n) & 3) != 0;
}

static bool is_match(const SimTimer *timer)
{
  for (unsigned n = 0; n < 4; n++)
    if (timer->mr[n] == timer->tc && has_action(timer, n))
      return true;
  return false;
}

/* Counts ticks within which no comparison has its effect. True: TC has stepped at the last one. */
static bool count(SimTimer *timer, uint64_t ticks)
{
  uint64_t period = (uint64_t)timer->pr + 1;
  uint64_t phase = timer->pc < period ? timer->pc : period - 1;
  uint64_t total = phase + ticks;
  uint64_t steps = total / period;
  timer->pc = (uint32_t)(total % period);
  if (steps > 0 && timer->reset_next) {
    timer->reset_next = false;
    timer->tc = 0;
    steps--;
  }
  timer->tc += (uint32_t)steps;
  timer->tick += ticks;
  return timer->pc == 0 && total >= period;
}

/* Steps of TC until it gets to a match register that has something to do, 0: never. */
static uint64_t steps_to_match(const SimTimer *timer)
{
  uint64_t best = 0;
  for (unsigned n = 0; n < 4; n++) {
    if (!has_action(timer, n))
      continue;
    uint64_t steps = timer->reset_next ? (uint64_t)timer->mr[n] + 1 : timer->mr[n] - timer->tc;
    if (steps == 0)
      steps = 1ull << 32;
    if (best == 0 || steps < best)
      best = steps;
  }
  return best;
}

/* `matched`: TC got to its value just now. */
static void find_fire_tick(SimTimer *timer, bool matched)
{
  timer->fire_tick = SIM_NEVER;
  if (!is_counting(timer))
    return;
  if (matched && is_match(timer)) {
    timer->fire_tick = timer->tick + 1;
    return;
  }
  uint64_t steps = steps_to_match(timer);
  uint64_t period = (uint64_t)timer->pr + 1;
  if (steps == 0 || steps > (1ull << 62) / period)
    return;
  uint64_t first = timer->pc < period ? period - timer->pc : 1;
  timer->fire_tick = timer->tick + first + (steps - 1) * period + 1;
}

static void change_output(SimTimer *timer, unsigned n)
{
  uint16_t bit = (uint16_t)(1u << n);
  switch (timer->emr >> (4 + 2 * n) & 3) {
  case 1:
    timer->emr &= (uint16_t)~bit;
    break;
  case 2:
    timer->emr |= bit;
    break;
  case 3:
    timer->emr ^= bit;
    break;
  }
}

/* The tick before fire_tick has been counted; this is fire_tick. */
static void fire(SimTimer *timer)
{
  for (unsigned n = 0; n < 4; n++) {
    if (timer->mr[n] != timer->tc)
      continue;
    unsigned action = timer->mcr >> (3 * n);
    change_output(timer, n);
    if (action & MCR_INTERRUPT)
      timer->ir |= (uint8_t)(1u << n);
    if (action & MCR_RESET)
      timer->reset_next = true;
    if (action & MCR_STOP)
      timer->tcr &= (uint8_t)~TCR_ENABLE;
  }
  bool stepped = false;
  if (is_counting(timer))
    stepped = count(timer, 1);
  else
    timer->tick++;
  find_fire_tick(timer, stepped);
}

static void advance(SimTimer *timer, uint64_t tick)
{
  while (timer->fire_tick <= tick) {
    count(timer, timer->fire_tick - 1 - timer->tick);
    fire(timer);
  }
  if (is_counting(timer))
    count(timer, tick - timer->tick);
  timer->tick = tick;
}

void sim_timer_schedule(SimChip *chip, unsigned unit)
{
  sim_schedule_tick(chip, SIM_EVENT_TIMER0 + unit, chip->timer[unit].fire_tick);
}

static void settle(SimChip *chip, unsigned unit)
{
  sim_vic_set_request(chip, SIM_CHANNEL_TIMER0 + unit, chip->timer[unit].ir != 0);
  sim_timer_schedule(chip, unit);
}

void sim_timer_reset(SimChip *chip)
{
  for (unsigned unit = 0; unit < 2; unit++) {
    chip->timer[unit] = (SimTimer){.tick = sim_ticks_now(chip), .fire_tick = SIM_NEVER};
    settle(chip, unit);
  }
}

void sim_timer_event(SimChip *chip, unsigned unit, uint64_t cycle)
{
  advance(&chip->timer[unit], sim_ticks_at(chip, cycle));
  settle(chip, unit);
}

bool sim_timer_load(SimChip *chip, unsigned unit, uint32_t offset, uint32_t *value)
{
  SimTimer *timer = &chip->timer[unit];
  advance(timer, sim_ticks_now(chip));
  if (offset >= MR0 && offset <= MR3 && offset % 4 == 0) {
    *value = timer->mr[(offset - MR0) / 4];
    return true;
  }
  if (offset >= CR0 && offset <= CR3 && offset % 4 == 0) {
    *value = 0;
    return true;
  }
  switch (offset) {
  case IR:
    *value = timer->ir;
    return true;
  case TCR:
    *value = timer->tcr;
    return true;
  case TC:
    *value = timer->tc;
    return true;
  case PR:
    *value = timer->pr;
    return true;
  case PC:
    *value = timer->pc;
    return true;
  case MCR:
    *value = timer->mcr;
    return true;
  case CCR:
    *value = timer->ccr;
    return true;
  case EMR:
    *value = timer->emr;
    return true;
  default:
    return false; /* CTCR exists in the /01 parts only */
  }
}

static void write_tcr(SimTimer *timer, uint32_t value)
{
  timer->tcr = value & 3;
  if (!(value & TCR_RESET))
    return;
  timer->tc = timer->pc = 0;
  timer->reset_next = false;
}

static bool store_by_offset(SimTimer *timer, uint32_t offset, uint32_t value)
{
  switch (offset) {
  case IR:
    timer->ir &= (uint8_t)~value;
    return true;
  case TCR:
    write_tcr(timer, value);
    return true;
  case TC:
    timer->tc = value;
    timer->reset_next = false;
    return true;
  case PR:
    timer->pr = value;
    return true;
  case PC:
    timer->pc = value;
    return true;
  case MCR:
    timer->mcr = value & 0xfff;
    return true;
  case CCR:
    timer->ccr = value & 0xfff;
    return true;
  case EMR:
    timer->emr = value & 0xfff;
    return true;
  default:
    return false;
  }
}

bool sim_timer_store(SimChip *chip, unsigned unit, uint32_t offset, uint32_t value)
{
  SimTimer *timer = &chip->timer[unit];
  advance(timer, sim_ticks_now(chip));
  bool is_mr = offset >= MR0 && offset <= MR3 && offset % 4 == 0;
  bool known = true;
  /* A match found at this very tick still counts; one that the write itself makes counts too. */
  bool matched = timer->fire_tick == timer->tick + 1 || is_mr || offset == TC || offset == TCR;
  if (offset == TCR && (timer->tcr & TCR_RESET) == 0)
    matched = timer->fire_tick == timer->tick + 1;
  if (is_mr)
    timer->mr[(offset - MR0) / 4] = value;
  else
    known = store_by_offset(timer, offset, value);
  find_fire_tick(timer, matched);
  settle(chip, unit);
  return known;
}
