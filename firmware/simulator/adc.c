/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A/D converter (UM10114 tables 290-298; no-suffix part: ADCR and ADDR only). Starts by edges of
 * pins or match outputs never come.
 */

#include "chip-private.h"

enum { ADCR = 0x00, ADDR = 0x04 };
enum { CR_BURST = 1u << 16, CR_PDN = 1u << 21, DR_OVERRUN = 1u << 30, START_NOW = 1 };
#define DR_DONE (1u << 31)

/* AIN0-3 left to themselves: slow triangles of different period, height and place. */
static uint16_t own_wave(const SimChip *chip, unsigned channel, uint64_t cycle)
{
  static const struct {
    uint16_t seconds, low, height;
  } waves[SIM_ADC_CHANNELS] = {{7, 480, 120}, {11, 610, 60}, {23, 300, 300}, {41, 90, 40}};
  uint64_t half = (uint64_t)chip->config.crystal_hz * waves[channel].seconds;
  uint64_t phase = cycle % (2 * half);
  uint64_t rise = phase < half ? phase : 2 * half - phase;
  return (uint16_t)(waves[channel].low + rise * waves[channel].height / half);
}

static uint16_t level(const SimChip *chip, unsigned channel, uint64_t cycle)
{
  if (channel >= SIM_ADC_CHANNELS)
    return 0;
  if (chip->config.hooks.adc == NULL)
    return own_wave(chip, channel, cycle);
  uint16_t value = chip->config.hooks.adc(chip->config.hooks.context, channel, cycle);
  return value > 1023 ? 1023 : value;
}

/* Valid only where PINSEL1 selects the analog function (01 of P0.27-30, UM10114 table 87). */
static bool is_analog(const SimChip *chip, unsigned channel)
{
  return channel < SIM_ADC_CHANNELS && (chip->gpio.pinsel[1] >> (22 + 2 * channel) & 3) == 1;
}

void sim_adc_schedule(SimChip *chip)
{
  sim_schedule_tick(chip, SIM_EVENT_ADC, chip->adc.converting ? chip->adc.end_tick : SIM_NEVER);
}

void sim_adc_reset(SimChip *chip)
{
  chip->adc = (SimAdc){.cr = 1};
  sim_vic_set_request(chip, SIM_CHANNEL_ADC, false);
  sim_adc_schedule(chip);
}

/* The first selected channel from `from` on, round the end; none selected acts as channel 0. */
static unsigned next_channel(uint32_t cr, unsigned from)
{
  for (unsigned i = 0; i < 8; i++)
    if (cr >> ((from + i) & 7) & 1)
      return (from + i) & 7;
  return 0;
}

/* 11 clocks for 10 bits, fewer by CLKS in burst mode; each CLKDIV+1 PCLKs (UM10114 tables 290-298).
 */
static void start(SimChip *chip, unsigned channel, uint64_t tick)
{
  SimAdc *adc = &chip->adc;
  unsigned clocks = 11 - (adc->cr & CR_BURST ? adc->cr >> 17 & 7 : 0);
  adc->converting = true;
  adc->channel = channel;
  adc->end_tick = tick + clocks * ((adc->cr >> 8 & 0xff) + 1);
}

void sim_adc_event(SimChip *chip, uint64_t cycle)
{
  SimAdc *adc = &chip->adc;
  unsigned dropped = adc->cr & CR_BURST ? adc->cr >> 17 & 7 : 0;
  uint32_t result = is_analog(chip, adc->channel) ? level(chip, adc->channel, cycle) : 0;
  result = result >> dropped << dropped;
  uint32_t overrun = adc->dr & DR_DONE ? DR_OVERRUN : 0;
  adc->dr = result << 6 | adc->channel << 24 | overrun | DR_DONE;
  adc->converting = false;
  if (adc->cr & CR_BURST)
    start(chip, next_channel(adc->cr, adc->channel + 1), sim_ticks_at(chip, cycle));
  sim_vic_set_request(chip, SIM_CHANNEL_ADC, true);
  sim_adc_schedule(chip);
}

bool sim_adc_load(SimChip *chip, unsigned unit, uint32_t offset, uint32_t *value)
{
  (void)unit;
  SimAdc *adc = &chip->adc;
  if (offset == ADCR) {
    *value = adc->cr;
    return true;
  }
  if (offset != ADDR)
    return false; /* ADINTEN, ADSTAT and a register per channel exist in the /01 parts only */
  *value = adc->dr;
  adc->dr &= ~(DR_DONE | DR_OVERRUN);
  sim_vic_set_request(chip, SIM_CHANNEL_ADC, false);
  return true;
}

bool sim_adc_store(SimChip *chip, unsigned unit, uint32_t offset, uint32_t value)
{
  (void)unit;
  SimAdc *adc = &chip->adc;
  if (offset != ADCR)
    return false;
  adc->cr = value;
  adc->dr &= ~DR_DONE;
  sim_vic_set_request(chip, SIM_CHANNEL_ADC, false);
  bool powered = value & CR_PDN;
  bool now = (value & CR_BURST) || (value >> 24 & 7) == START_NOW;
  adc->converting = false;
  if (powered && now)
    start(chip, next_channel(value, 0), sim_ticks_now(chip));
  sim_adc_schedule(chip);
  return true;
}
