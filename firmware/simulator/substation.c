/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The chip on a line with faults. */

#include "substation.h"

#include "delay.h"

#include <stdlib.h>

enum { LOST_AT_ONCE = 16, MILLION = 1000000 };

typedef struct {
  SimFaultKind kind;
  uint32_t number;
  uint32_t origin; /* which count is 0 for it */
  bool fired;
} Fault;

struct SimSubstation {
  SimChip *chip;
  SimSubstationConfig config;
  Fault faults[SIM_FAULTS_MAX];
  unsigned fault_count;
  unsigned fired[SIM_FAULT_COUNT];
  uint32_t sent, received; /* bytes on the line, to and from the substation */
  bool silent, unplugged;
  uint64_t noise_random;
  uint32_t noise_gap;        /* bits until the next that noise turns */
  uint32_t drop_gap;         /* bytes until the next loss … */
  uint32_t drop_left;        /* … and how many it still takes */
  SimDelay to_chip, to_host; /* what is on its way */
  uint64_t power_back_cycle; /* 0: power is as it should be */
};

/* What a kind's number means. */
typedef enum { OF_THE_LINE, OF_OPERATION, OF_BLOCK } Numbered;

typedef struct {
  const char *name;
  Numbered numbered;
  SimFlashOperationKind operation;
  SimFlashFate fate;
} Kind;

static const Kind kinds[SIM_FAULT_COUNT] = {
    [SIM_FAULT_POWER_CUT_BLOCK] = {"power-cut-block", OF_OPERATION, SIM_FLASH_PROGRAM,
                                   SIM_FLASH_CUT_INSIDE},
    [SIM_FAULT_DROP_RX] = {.name = "drop-rx"},
    [SIM_FAULT_FLIP_RX] = {.name = "flip-rx"},
    [SIM_FAULT_SILENT_AFTER] = {.name = "silent-after"},
    [SIM_FAULT_BAD_PROGRAM] = {"bad-program", OF_OPERATION, SIM_FLASH_PROGRAM, SIM_FLASH_GOES_BAD},
    [SIM_FAULT_DROP_TX] = {.name = "drop-tx"},
    [SIM_FAULT_POWER_CUT_ERASE] = {"power-cut-erase", OF_OPERATION, SIM_FLASH_ERASE,
                                   SIM_FLASH_CUT_INSIDE},
    [SIM_FAULT_BAD_ERASE] = {"bad-erase", OF_OPERATION, SIM_FLASH_ERASE, SIM_FLASH_GOES_BAD},
    [SIM_FAULT_REFUSE_ERASE] = {"refuse-erase", OF_OPERATION, SIM_FLASH_ERASE, SIM_FLASH_REFUSED},
    [SIM_FAULT_REFUSE_PROGRAM] = {"refuse-program", OF_OPERATION, SIM_FLASH_PROGRAM,
                                  SIM_FLASH_REFUSED},
    [SIM_FAULT_WORN_BLOCK] = {"worn-block", OF_BLOCK, SIM_FLASH_PROGRAM, SIM_FLASH_GOES_BAD},
    [SIM_FAULT_WEAK_BLOCK] = {"weak-block", OF_BLOCK, SIM_FLASH_PROGRAM, SIM_FLASH_GOES_WEAK},
    [SIM_FAULT_NOISE] = {.name = "noise"},
    [SIM_FAULT_DROP_EVERY] = {.name = "drop-every"},
    [SIM_FAULT_SILENT_BLOCK] = {"silent-block", OF_OPERATION, SIM_FLASH_PROGRAM,
                                SIM_FLASH_GOES_WELL},
    [SIM_FAULT_UNPLUG_BLOCK] = {"unplug-block", OF_OPERATION, SIM_FLASH_PROGRAM,
                                SIM_FLASH_GOES_WELL},
    [SIM_FAULT_LATENCY] = {.name = "latency"},
};

const char *sim_fault_name(SimFaultKind kind)
{
  return kind < SIM_FAULT_COUNT ? kinds[kind].name : NULL;
}

void sim_fault_get_range(SimFaultKind kind, uint32_t *first, uint32_t *last)
{
  bool is_block = kinds[kind].numbered == OF_BLOCK;

  *first = is_block || kind == SIM_FAULT_SILENT_AFTER ? 0 : 1;
  *last = is_block ? WIRE_BOOT_SECTOR * WIRE_BLOCKS_PER_SECTOR - 1 : UINT32_MAX;
  if (kind == SIM_FAULT_NOISE)
    *last = SIM_NOISE_MAX;
  if (kind == SIM_FAULT_LATENCY)
    *last = SIM_LATENCY_MAX_MS;
}

static void note_fired(SimSubstation *substation, Fault *fault)
{
  bool was_fired = fault->fired;

  fault->fired = true;
  substation->fired[fault->kind]++;
  if (!was_fired && substation->config.fault_fired)
    substation->config.fault_fired(substation->config.context, fault->kind, fault->number);
}

/* Whether a fault is due at one of these numbers; counts it then. */
static bool fires_within(SimSubstation *substation, SimFaultKind kind, uint32_t first,
                         uint32_t last)
{
  for (unsigned i = 0; i < substation->fault_count; i++) {
    Fault *fault = &substation->faults[i];
    uint64_t number = (uint64_t)fault->origin + fault->number;

    if (fault->kind != kind || number < first || number > last ||
        (fault->fired && kinds[kind].numbered != OF_BLOCK))
      continue;
    note_fired(substation, fault);
    return true;
  }
  return false;
}

static bool fires(SimSubstation *substation, SimFaultKind kind, uint32_t number)
{
  return fires_within(substation, kind, number, number);
}

static bool meets(SimSubstation *substation, SimFaultKind kind, const SimFlashOperation *operation)
{
  uint32_t first_block = operation->addr / WIRE_BLOCK_SIZE;
  uint32_t last_block = (operation->addr + operation->length - 1) / WIRE_BLOCK_SIZE;

  if (kinds[kind].numbered == OF_THE_LINE || kinds[kind].operation != operation->kind)
    return false;
  if (kinds[kind].numbered == OF_BLOCK)
    return fires_within(substation, kind, first_block, last_block);
  return fires(substation, kind, operation->number);
}

/* What a program does to the line, whatever becomes of the flash. */
static void strike_line(SimSubstation *substation, const SimFlashOperation *operation)
{
  if (operation->kind != SIM_FLASH_PROGRAM)
    return;
  if (fires(substation, SIM_FAULT_SILENT_BLOCK, operation->number))
    substation->silent = true;
  if (fires(substation, SIM_FAULT_UNPLUG_BLOCK, operation->number))
    substation->unplugged = true;
}

static SimFlashFate decide_flash(void *context, const SimFlashOperation *operation, uint8_t *depth)
{
  SimSubstation *substation = context;
  const SimChipHooks *hooks = &substation->config.chip.hooks;

  strike_line(substation, operation);
  for (SimFaultKind kind = 0; kind < SIM_FAULT_COUNT; kind++) {
    if (kinds[kind].fate == SIM_FLASH_GOES_WELL || !meets(substation, kind, operation))
      continue;
    *depth = substation->config.cut_depth;
    return kinds[kind].fate;
  }
  if (hooks->flash_operation)
    return hooks->flash_operation(hooks->context, operation, depth);
  return SIM_FLASH_GOES_WELL;
}

static void pass_flash_done(void *context, const SimFlashOperation *operation)
{
  SimSubstation *substation = context;
  const SimChipHooks *hooks = &substation->config.chip.hooks;

  if (hooks->flash_done)
    hooks->flash_done(hooks->context, operation);
}

static void pass_report(void *context, const SimReport *report)
{
  SimSubstation *substation = context;
  const SimChipHooks *hooks = &substation->config.chip.hooks;

  if (hooks->report)
    hooks->report(hooks->context, report);
}

void sim_substation_config_init(SimSubstationConfig *config)
{
  *config = (SimSubstationConfig){.cut_depth = 128, .power_back_ms = SIM_POWER_BACK_MS};
  sim_chip_config_init(&config->chip);
}

SimSubstation *sim_substation_new(const SimSubstationConfig *config)
{
  SimSubstation *substation = calloc(1, sizeof *substation);
  SimChipConfig chip = config->chip;

  if (!substation)
    return NULL;
  substation->config = *config;
  substation->noise_random = config->chip.seed | 1;
  chip.hooks = (SimChipHooks){
      .context = substation,
      .report = pass_report,
      .flash_operation = decide_flash,
      .flash_done = pass_flash_done,
  };
  substation->chip = sim_chip_new(&chip);
  if (!substation->chip) {
    free(substation);
    return NULL;
  }
  return substation;
}

void sim_substation_free(SimSubstation *substation)
{
  if (!substation)
    return;
  sim_delay_clear(&substation->to_chip);
  sim_delay_clear(&substation->to_host);
  sim_chip_free(substation->chip);
  free(substation);
}

void sim_substation_copy(SimSubstation *to, const SimSubstation *from)
{
  sim_chip_copy(to->chip, from->chip);
  to->sent = from->sent;
  to->received = from->received;
  to->silent = from->silent;
  to->unplugged = from->unplugged;
  to->noise_random = from->noise_random;
  to->noise_gap = from->noise_gap;
  to->drop_gap = from->drop_gap;
  to->drop_left = from->drop_left;
  to->power_back_cycle = from->power_back_cycle;
}

SimChip *sim_substation_get_chip(SimSubstation *substation)
{
  return substation->chip;
}

/* Xorshift: the same seed makes the same noise. */
static uint32_t draw(SimSubstation *substation, uint32_t below)
{
  substation->noise_random ^= substation->noise_random << 13;
  substation->noise_random ^= substation->noise_random >> 7;
  substation->noise_random ^= substation->noise_random << 17;
  return (uint32_t)((substation->noise_random >> 32) % below);
}

/* How many of what a kind counts there have been. */
static uint32_t count_so_far(const SimSubstation *substation, SimFaultKind kind)
{
  if (kinds[kind].numbered == OF_BLOCK)
    return 0;
  if (kinds[kind].numbered == OF_OPERATION)
    return sim_chip_count_operations(substation->chip, kinds[kind].operation);
  return kind == SIM_FAULT_DROP_TX ? substation->received : substation->sent;
}

static bool add_fault(SimSubstation *substation, SimFaultKind kind, uint32_t number,
                      uint32_t origin)
{
  uint32_t first, last;

  sim_fault_get_range(kind, &first, &last);
  if (substation->fault_count == SIM_FAULTS_MAX || number < first || number > last)
    return false;
  substation->faults[substation->fault_count++] =
      (Fault){.kind = kind, .number = number, .origin = origin};
  if (kind == SIM_FAULT_SILENT_AFTER && number == 0)
    substation->silent = fires(substation, kind, origin);
  if (kind == SIM_FAULT_NOISE)
    substation->noise_gap = draw(substation, MILLION / number);
  if (kind == SIM_FAULT_DROP_EVERY)
    substation->drop_gap = number;
  return true;
}

bool sim_substation_add_fault(SimSubstation *substation, SimFaultKind kind, uint32_t number)
{
  return add_fault(substation, kind, number, 0);
}

bool sim_substation_add_fault_now(SimSubstation *substation, SimFaultKind kind, uint32_t number)
{
  return add_fault(substation, kind, number, count_so_far(substation, kind));
}

void sim_substation_clear_faults(SimSubstation *substation)
{
  substation->fault_count = 0;
  substation->silent = false;
  substation->drop_left = 0;
}

unsigned sim_substation_count_fired(const SimSubstation *substation, SimFaultKind kind)
{
  return substation->fired[kind];
}

void sim_substation_set_plugged(SimSubstation *substation, bool plugged)
{
  substation->unplugged = !plugged;
  if (plugged)
    return;
  sim_chip_line_drop(substation->chip);
  sim_delay_clear(&substation->to_chip);
  sim_delay_clear(&substation->to_host);
}

bool sim_substation_is_plugged(const SimSubstation *substation)
{
  return !substation->unplugged;
}

void sim_substation_set_power(SimSubstation *substation, bool on)
{
  substation->power_back_cycle = 0;
  if (on == sim_chip_is_powered(substation->chip))
    return;
  if (on)
    sim_chip_power_on(substation->chip);
  else
    sim_chip_power_off(substation->chip);
}

static Fault *find_fault(SimSubstation *substation, SimFaultKind kind)
{
  for (unsigned i = 0; i < substation->fault_count; i++)
    if (substation->faults[i].kind == kind)
      return &substation->faults[i];
  return NULL;
}

static uint8_t add_noise(SimSubstation *substation, uint8_t byte)
{
  Fault *fault = find_fault(substation, SIM_FAULT_NOISE);

  if (!fault)
    return byte;
  for (; substation->noise_gap < 8;
       substation->noise_gap += (MILLION / 2 + draw(substation, MILLION)) / fault->number) {
    byte ^= (uint8_t)(1u << substation->noise_gap);
    note_fired(substation, fault);
  }
  substation->noise_gap -= 8;
  return byte;
}

static bool is_lost(SimSubstation *substation)
{
  Fault *fault = find_fault(substation, SIM_FAULT_DROP_EVERY);

  if (!fault)
    return false;
  if (substation->drop_left == 0 && substation->drop_gap > 0) {
    substation->drop_gap--;
    return false;
  }
  if (substation->drop_left == 0) {
    note_fired(substation, fault);
    substation->drop_left = LOST_AT_ONCE;
    substation->drop_gap = fault->number;
  }
  substation->drop_left--;
  return true;
}

static bool is_dead(const SimSubstation *substation)
{
  return substation->silent || substation->unplugged;
}

/* When a byte that comes to one end of the line now is at the other. */
static uint64_t when_across(SimSubstation *substation)
{
  uint64_t now = sim_chip_get_cycle(substation->chip);
  Fault *fault = find_fault(substation, SIM_FAULT_LATENCY);

  if (!fault)
    return now;
  note_fired(substation, fault);
  return now + sim_chip_cycles_from_us(substation->chip, fault->number * 1000ull);
}

static void deliver(SimSubstation *substation)
{
  uint64_t now = sim_chip_get_cycle(substation->chip);
  uint8_t byte;

  while (sim_delay_take(&substation->to_chip, now, &byte))
    sim_chip_line_send(substation->chip, &byte, 1);
}

/* Without latency past all queues: nearly always so, and it has to be quick. */
static void carry_to_chip(SimSubstation *substation, uint8_t byte)
{
  uint64_t cycle = when_across(substation);

  if (substation->to_chip.count == 0 && cycle <= sim_chip_get_cycle(substation->chip))
    sim_chip_line_send(substation->chip, &byte, 1);
  else
    sim_delay_add(&substation->to_chip, cycle, byte);
}

void sim_substation_send(SimSubstation *substation, const uint8_t *bytes, size_t length)
{
  for (size_t i = 0; i < length && !is_dead(substation); i++) {
    uint8_t byte = add_noise(substation, bytes[i]);
    uint32_t number = ++substation->sent;

    if (fires(substation, SIM_FAULT_FLIP_RX, number))
      byte ^= 0x10;
    if (!fires(substation, SIM_FAULT_DROP_RX, number) && !is_lost(substation))
      carry_to_chip(substation, byte);
    substation->silent = fires(substation, SIM_FAULT_SILENT_AFTER, number);
  }
}

size_t sim_substation_receive(SimSubstation *substation, uint8_t *bytes, size_t room)
{
  size_t length = sim_chip_line_receive(substation->chip, bytes, room), kept = 0;
  bool is_late = substation->to_host.count > 0 || find_fault(substation, SIM_FAULT_LATENCY);

  if (is_dead(substation))
    return 0;
  for (size_t i = 0; i < length; i++) {
    uint8_t byte = add_noise(substation, bytes[i]);

    if (fires(substation, SIM_FAULT_DROP_TX, ++substation->received) || is_lost(substation))
      continue;
    if (is_late)
      sim_delay_add(&substation->to_host, when_across(substation), byte);
    else
      bytes[kept++] = byte;
  }
  while (is_late && kept < room &&
         sim_delay_take(&substation->to_host, sim_chip_get_cycle(substation->chip), &bytes[kept]))
    kept++;
  return kept;
}

bool sim_substation_is_late(const SimSubstation *substation)
{
  return substation->to_chip.count > 0 || substation->to_host.count > 0;
}

void sim_substation_run_until(SimSubstation *substation, uint64_t cycle)
{
  SimChip *chip = substation->chip;
  bool was_powered = sim_chip_is_powered(chip);

  while (sim_chip_get_cycle(chip) < cycle) {
    uint64_t stop = cycle;

    if (substation->power_back_cycle != 0 && substation->power_back_cycle < stop)
      stop = substation->power_back_cycle;
    if (sim_delay_get_next(&substation->to_chip) < stop)
      stop = sim_delay_get_next(&substation->to_chip);
    sim_chip_run_until(chip, stop);
    deliver(substation);
    if (was_powered && !sim_chip_is_powered(chip))
      substation->power_back_cycle =
          sim_chip_get_cycle(chip) +
          sim_chip_cycles_from_us(chip, substation->config.power_back_ms * 1000ull);
    if (substation->power_back_cycle != 0 &&
        sim_chip_get_cycle(chip) >= substation->power_back_cycle) {
      substation->power_back_cycle = 0;
      sim_chip_power_on(chip);
    }
    was_powered = sim_chip_is_powered(chip);
  }
}
