/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Vectored interrupt controller (UM10114 ch. 5; an ARM PL190).
 *
 * Requests are levels. Reading VICVectAddr puts the priority it answers for in service: the same
 * and lower ones stay quiet until VICVectAddr is written.
 */

#include "chip-private.h"

enum {
  IRQ_STATUS = 0x000,
  FIQ_STATUS = 0x004,
  RAW_INTR = 0x008,
  INT_SELECT = 0x00c,
  INT_ENABLE = 0x010,
  INT_EN_CLR = 0x014,
  SOFT_INT = 0x018,
  SOFT_INT_CLEAR = 0x01c,
  PROTECTION = 0x020,
  VECT_ADDR = 0x030,
  DEF_VECT_ADDR = 0x034,
  VECT_ADDR_0 = 0x100,
  VECT_CNTL_0 = 0x200,
};

enum {
  SLOTS = 16,
  DEFAULT_PRIORITY = 16, /* of channels in no slot */
  NO_PRIORITY = 17,
  SLOT_ENABLE = 0x20,
};

static uint32_t raw_requests(const SimVic *vic)
{
  return vic->requests | vic->soft;
}

static uint32_t irq_requests(const SimVic *vic)
{
  return raw_requests(vic) & vic->enable & ~vic->select;
}

/* The best priority that asks now. */
static unsigned pending_priority(const SimVic *vic)
{
  uint32_t pending = irq_requests(vic);
  if (pending == 0)
    return NO_PRIORITY;
  for (unsigned slot = 0; slot < SLOTS; slot++)
    if ((vic->control[slot] & SLOT_ENABLE) && (pending >> (vic->control[slot] & 31) & 1))
      return slot;
  return DEFAULT_PRIORITY;
}

static unsigned priority_in_service(const SimVic *vic)
{
  return vic->depth == 0 ? NO_PRIORITY : vic->in_service[vic->depth - 1];
}

int sim_vic_get_channel_in_service(const SimVic *vic)
{
  unsigned slot = priority_in_service(vic);
  return slot < SLOTS ? (int)(vic->control[slot] & 31) : -1;
}

static void update(SimChip *chip)
{
  const SimVic *vic = &chip->vic;
  uint32_t enabled = raw_requests(vic) & vic->enable;
  chip->cpu.fiq_line = (enabled & vic->select) != 0;
  chip->cpu.irq_line = pending_priority(vic) < priority_in_service(vic);
  if (enabled != 0)
    chip->idle = false;
}

void sim_vic_reset(SimChip *chip)
{
  chip->vic = (SimVic){0};
  update(chip);
}

void sim_vic_set_request(SimChip *chip, unsigned channel, bool level)
{
  uint32_t bit = 1u << channel;
  uint32_t requests = level ? chip->vic.requests | bit : chip->vic.requests & ~bit;
  if (requests == chip->vic.requests)
    return;
  chip->vic.requests = requests;
  update(chip);
}

/* A spurious interrupt (the request has gone meanwhile) gets the default vector (UM10114 §5.7). It
 * too awaits its write, and masks no more than is masked already. */
static uint32_t acknowledge(SimChip *chip)
{
  SimVic *vic = &chip->vic;
  unsigned masked = priority_in_service(vic);
  unsigned priority = pending_priority(vic);
  bool spurious = priority >= masked;
  if (spurious) {
    sim_report(chip, SIM_REPORT_SPURIOUS_IRQ, raw_requests(vic));
    priority = masked == NO_PRIORITY ? DEFAULT_PRIORITY : masked;
  }
  if (vic->depth < sizeof vic->in_service)
    vic->in_service[vic->depth++] = (uint8_t)priority;
  update(chip);
  return spurious || priority == DEFAULT_PRIORITY ? vic->default_vector : vic->vector[priority];
}

static void end_of_interrupt(SimChip *chip)
{
  if (chip->vic.depth > 0)
    chip->vic.depth--;
}

/* Slot registers: true with *slot set if offset is one of the 16 from `first`. */
static bool is_slot(uint32_t offset, uint32_t first, unsigned *slot)
{
  *slot = (offset - first) / 4;
  return offset - first < 4 * SLOTS && (offset & 3) == 0;
}

bool sim_vic_load(SimChip *chip, unsigned unit, uint32_t offset, uint32_t *value)
{
  (void)unit;
  const SimVic *vic = &chip->vic;
  unsigned slot;
  if (is_slot(offset, VECT_ADDR_0, &slot)) {
    *value = vic->vector[slot];
    return true;
  }
  if (is_slot(offset, VECT_CNTL_0, &slot)) {
    *value = vic->control[slot];
    return true;
  }
  switch (offset) {
  case IRQ_STATUS:
    *value = irq_requests(vic);
    return true;
  case FIQ_STATUS:
    *value = raw_requests(vic) & vic->enable & vic->select;
    return true;
  case RAW_INTR:
    *value = raw_requests(vic);
    return true;
  case INT_SELECT:
    *value = vic->select;
    return true;
  case INT_ENABLE:
    *value = vic->enable;
    return true;
  case SOFT_INT:
    *value = vic->soft;
    return true;
  case PROTECTION:
    *value = vic->protection;
    return true;
  case VECT_ADDR:
    *value = acknowledge(chip);
    return true;
  case DEF_VECT_ADDR:
    *value = vic->default_vector;
    return true;
  default:
    return false;
  }
}

static bool store_control(SimChip *chip, uint32_t offset, uint32_t value)
{
  SimVic *vic = &chip->vic;
  switch (offset) {
  case INT_SELECT:
    vic->select = value;
    return true;
  case INT_ENABLE:
    vic->enable |= value;
    return true;
  case INT_EN_CLR:
    vic->enable &= ~value;
    return true;
  case SOFT_INT:
    vic->soft |= value;
    return true;
  case SOFT_INT_CLEAR:
    vic->soft &= ~value;
    return true;
  case PROTECTION:
    vic->protection = value & 1;
    return true;
  case VECT_ADDR:
    end_of_interrupt(chip);
    return true;
  case DEF_VECT_ADDR:
    vic->default_vector = value;
    return true;
  default:
    return false;
  }
}

bool sim_vic_store(SimChip *chip, unsigned unit, uint32_t offset, uint32_t value)
{
  (void)unit;
  unsigned slot;
  bool known = true;
  if (is_slot(offset, VECT_ADDR_0, &slot))
    chip->vic.vector[slot] = value;
  else if (is_slot(offset, VECT_CNTL_0, &slot))
    chip->vic.control[slot] = value & 0x3f;
  else
    known = store_control(chip, offset, value);
  update(chip);
  return known;
}
