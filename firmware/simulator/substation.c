/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The chip on a line with faults. */

#include "substation.h"

#include <stdlib.h>

typedef struct {
  SimFaultKind kind;
  uint32_t number;
  bool fired;
} Fault;

struct SimSubstation {
  SimChip *chip;
  SimSubstationConfig config;
  Fault faults[SIM_FAULTS_MAX];
  unsigned fault_count;
  unsigned fired[SIM_FAULT_COUNT];
  uint32_t sent, received; /* bytes on the line, to and from the substation */
  bool silent;
  uint64_t power_back_cycle; /* 0: power is as it should be */
};

const char *sim_fault_name(SimFaultKind kind)
{
  static const char *const names[SIM_FAULT_COUNT] = {
      [SIM_FAULT_POWER_CUT_BLOCK] = "power-cut-block",
      [SIM_FAULT_DROP_RX] = "drop-rx",
      [SIM_FAULT_FLIP_RX] = "flip-rx",
      [SIM_FAULT_SILENT_AFTER] = "silent-after",
      [SIM_FAULT_BAD_PROGRAM] = "bad-program",
      [SIM_FAULT_DROP_TX] = "drop-tx",
  };

  return kind < SIM_FAULT_COUNT ? names[kind] : NULL;
}

/* Whether the fault is due at this count; marks it as happened. */
static bool fires(SimSubstation *substation, SimFaultKind kind, uint32_t number)
{
  for (unsigned i = 0; i < substation->fault_count; i++) {
    Fault *fault = &substation->faults[i];

    if (fault->fired || fault->kind != kind || fault->number != number)
      continue;
    fault->fired = true;
    substation->fired[kind]++;
    if (substation->config.fault_fired)
      substation->config.fault_fired(substation->config.context, kind, number);
    return true;
  }
  return false;
}

static SimFlashFate decide_flash(void *context, const SimFlashOperation *operation, uint8_t *depth)
{
  SimSubstation *substation = context;

  if (operation->kind != SIM_FLASH_PROGRAM)
    return SIM_FLASH_GOES_WELL;
  if (fires(substation, SIM_FAULT_POWER_CUT_BLOCK, operation->number)) {
    *depth = substation->config.cut_depth;
    return SIM_FLASH_CUT_INSIDE;
  }
  if (fires(substation, SIM_FAULT_BAD_PROGRAM, operation->number))
    return SIM_FLASH_GOES_BAD;
  return SIM_FLASH_GOES_WELL;
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
  *config = (SimSubstationConfig){.cut_depth = 128};
  sim_chip_config_init(&config->chip);
}

SimSubstation *sim_substation_new(const SimSubstationConfig *config)
{
  SimSubstation *substation = calloc(1, sizeof *substation);
  SimChipConfig chip = config->chip;

  if (!substation)
    return NULL;
  substation->config = *config;
  chip.hooks = (SimChipHooks){
      .context = substation,
      .report = pass_report,
      .flash_operation = decide_flash,
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
  sim_chip_free(substation->chip);
  free(substation);
}

SimChip *sim_substation_get_chip(SimSubstation *substation)
{
  return substation->chip;
}

bool sim_substation_add_fault(SimSubstation *substation, SimFaultKind kind, uint32_t number)
{
  if (substation->fault_count == SIM_FAULTS_MAX)
    return false;
  substation->faults[substation->fault_count++] = (Fault){.kind = kind, .number = number};
  if (kind == SIM_FAULT_SILENT_AFTER && number == 0)
    substation->silent = fires(substation, kind, 0);
  return true;
}

unsigned sim_substation_count_fired(const SimSubstation *substation, SimFaultKind kind)
{
  return substation->fired[kind];
}

void sim_substation_send(SimSubstation *substation, const uint8_t *bytes, size_t length)
{
  for (size_t i = 0; i < length && !substation->silent; i++) {
    uint8_t byte = bytes[i];
    uint32_t number = ++substation->sent;

    if (fires(substation, SIM_FAULT_FLIP_RX, number))
      byte ^= 0x10;
    if (!fires(substation, SIM_FAULT_DROP_RX, number))
      sim_chip_line_send(substation->chip, &byte, 1);
    substation->silent = fires(substation, SIM_FAULT_SILENT_AFTER, number);
  }
}

size_t sim_substation_receive(SimSubstation *substation, uint8_t *bytes, size_t room)
{
  size_t length = sim_chip_line_receive(substation->chip, bytes, room), kept = 0;

  if (substation->silent)
    return 0;
  for (size_t i = 0; i < length; i++)
    if (!fires(substation, SIM_FAULT_DROP_TX, ++substation->received))
      bytes[kept++] = bytes[i];
  return kept;
}

void sim_substation_run_until(SimSubstation *substation, uint64_t cycle)
{
  SimChip *chip = substation->chip;
  bool was_powered = sim_chip_is_powered(chip);

  while (sim_chip_get_cycle(chip) < cycle) {
    uint64_t stop = cycle;

    if (substation->power_back_cycle != 0 && substation->power_back_cycle < stop)
      stop = substation->power_back_cycle;
    sim_chip_run_until(chip, stop);
    if (was_powered && !sim_chip_is_powered(chip))
      substation->power_back_cycle =
          sim_chip_get_cycle(chip) + sim_chip_cycles_from_us(chip, SIM_POWER_BACK_MS * 1000);
    if (substation->power_back_cycle != 0 &&
        sim_chip_get_cycle(chip) >= substation->power_back_cycle) {
      substation->power_back_cycle = 0;
      sim_chip_power_on(chip);
    }
    was_powered = sim_chip_is_powered(chip);
  }
}
