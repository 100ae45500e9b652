/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Watchdog (UM10114 ch. 17): counts down every fourth PCLK; once on, it stays on until a reset.
 */

#include "chip-private.h"

enum { WDMOD = 0x0, WDTC = 0x4, WDFEED = 0x8, WDTV = 0xc };
enum { WDEN = 1, WDRESET = 2, WDTOF = 4, WDINT = 8 };
enum { PCLKS_PER_COUNT = 4, TC_MIN = 0xff };

void sim_watchdog_schedule(SimChip *chip)
{
  const SimWatchdog *watchdog = &chip->watchdog;
  sim_schedule_tick(chip, SIM_EVENT_WATCHDOG, watchdog->running ? watchdog->end_tick : SIM_NEVER);
}

/* WDTOF tells a watchdog's reset from the others (UM10114 table 231). */
void sim_watchdog_reset(SimChip *chip, SimResetCause cause)
{
  uint8_t mod = cause == SIM_RESET_WATCHDOG ? WDTOF : 0;
  chip->watchdog = (SimWatchdog){.mod = mod, .tc = TC_MIN, .reload = TC_MIN};
  sim_vic_set_request(chip, SIM_CHANNEL_WATCHDOG, false);
  sim_watchdog_schedule(chip);
}

bool sim_watchdog_is_flagged(const SimChip *chip)
{
  return chip->watchdog.mod & WDTOF;
}

/* WDTC acts from the feed on; 0xff means 256 counts. */
static void reload(SimChip *chip)
{
  SimWatchdog *watchdog = &chip->watchdog;
  watchdog->reload = watchdog->tc;
  watchdog->start_tick = sim_ticks_now(chip);
  watchdog->end_tick = watchdog->start_tick + ((uint64_t)watchdog->reload + 1) * PCLKS_PER_COUNT;
  watchdog->running = true;
}

/* Ran out, or was fed wrongly: reset, or an interrupt that nothing but a reset ends. */
static void run_out(SimChip *chip)
{
  SimWatchdog *watchdog = &chip->watchdog;
  watchdog->running = false;
  watchdog->mod |= WDTOF;
  if (watchdog->mod & WDRESET) {
    sim_report(chip, SIM_REPORT_WATCHDOG_RESET, 0);
    chip->reset_due = true;
    sim_leave_core(chip);
  } else {
    watchdog->mod |= WDINT;
    sim_vic_set_request(chip, SIM_CHANNEL_WATCHDOG, true);
  }
}

void sim_watchdog_event(SimChip *chip, uint64_t cycle)
{
  (void)cycle;
  run_out(chip);
}

/* Before it runs, feed errors are ignored (UM10114 §17.5.3). The effect comes in the second PCLK.
 */
static void feed_error(SimChip *chip, uint32_t value)
{
  SimWatchdog *watchdog = &chip->watchdog;
  sim_report(chip, SIM_REPORT_WATCHDOG_FEED, value);
  if (watchdog->running)
    watchdog->end_tick = sim_ticks_now(chip) + 2;
}

/* After 0xaa the next access to any register here must be the write of 0x55. */
static void feed(SimChip *chip, uint8_t value)
{
  SimWatchdog *watchdog = &chip->watchdog;
  bool second = watchdog->fed_first_half;
  watchdog->fed_first_half = !second && value == 0xaa;
  if (second && value == 0x55) {
    if (watchdog->mod & WDEN)
      reload(chip);
  } else if (second) {
    feed_error(chip, value);
  } else if (value != 0xaa) {
    /* Not a sequence at all: what the silicon does is not told. */
    sim_report(chip, SIM_REPORT_WATCHDOG_FEED, value);
  }
}

/* An access that comes between the two halves. */
static void disturb(SimChip *chip, uint32_t offset)
{
  if (!chip->watchdog.fed_first_half)
    return;
  chip->watchdog.fed_first_half = false;
  feed_error(chip, offset);
}

static uint32_t current_count(const SimChip *chip)
{
  const SimWatchdog *watchdog = &chip->watchdog;
  if (!watchdog->running)
    return watchdog->reload;
  uint64_t counted = (sim_ticks_now(chip) - watchdog->start_tick) / PCLKS_PER_COUNT;
  return counted > watchdog->reload ? 0 : watchdog->reload - (uint32_t)counted;
}

bool sim_watchdog_load(SimChip *chip, unsigned unit, uint32_t offset, uint32_t *value)
{
  (void)unit;
  disturb(chip, offset);
  sim_watchdog_schedule(chip);
  switch (offset) {
  case WDMOD:
    *value = chip->watchdog.mod;
    return true;
  case WDTC:
    *value = chip->watchdog.tc;
    return true;
  case WDTV:
    *value = current_count(chip);
    return true;
  default:
    return false;
  }
}

bool sim_watchdog_store(SimChip *chip, unsigned unit, uint32_t offset, uint32_t value)
{
  (void)unit;
  SimWatchdog *watchdog = &chip->watchdog;
  bool known = true;
  if (offset != WDFEED)
    disturb(chip, offset);
  switch (offset) {
  case WDMOD: /* WDEN and WDRESET can only be set, WDTOF only be cleared */
    watchdog->mod |= value & (WDEN | WDRESET);
    if (!(value & WDTOF))
      watchdog->mod &= (uint8_t)~WDTOF;
    break;
  case WDTC:
    watchdog->tc = value < TC_MIN ? TC_MIN : value;
    break;
  case WDFEED:
    feed(chip, (uint8_t)value);
    break;
  default:
    known = false;
  }
  sim_watchdog_schedule(chip);
  return known;
}
