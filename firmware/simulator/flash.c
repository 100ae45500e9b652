/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The flash cells and what becomes of them: erase, program, torn operations, broken ECC.
 *
 * The byte array holds what a read gives, ECC correction included; `cells` says for each 16-byte
 * line how it came about. An operation takes its time and changes the array when it ends or is cut.
 * Torn results are those of an engineering assumption, as no maker's text describes them.
 */

#include "chip-private.h"

#include <string.h>

static uint8_t *line_bytes(SimChip *chip, unsigned line)
{
  return chip->flash_bytes + line * SIM_LINE_SIZE;
}

static bool is_blank(const uint8_t *bytes)
{
  for (unsigned i = 0; i < SIM_LINE_SIZE; i++)
    if (bytes[i] != 0xff)
      return false;
  return true;
}

/* Flips one to four bits: a correction by the wrong syndrome, or cells that did not take. */
static void garble(SimChip *chip, unsigned line)
{
  uint8_t *bytes = line_bytes(chip, line);
  uint32_t random = sim_random(chip);
  unsigned bit = random & 127;
  bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
  for (unsigned i = 0; i < ((random >> 7) & 3); i++) {
    unsigned other = (bit + 1 + (sim_random(chip) & 63)) & 127;
    if (other != bit)
      bytes[other / 8] ^= (uint8_t)(1u << other % 8);
  }
}

void sim_flash_taken_over(SimChip *chip)
{
  sim_boot_write_rom(chip->flash_bytes + SIM_BOOT_FLASH_ADDR);
  for (unsigned line = 0; line < SIM_LINE_COUNT; line++)
    chip->cells[line] = is_blank(line_bytes(chip, line)) ? SIM_CELLS_BLANK : SIM_CELLS_PROGRAMMED;
}

void sim_flash_read_weak(SimChip *chip)
{
  for (unsigned line = 0; line < SIM_LINE_COUNT; line++)
    if (chip->cells[line] == SIM_CELLS_WEAK && (sim_random(chip) & 3) == 0)
      garble(chip, line);
}

/* ---- Whole operations ---- */

static void erase_line(SimChip *chip, unsigned line)
{
  memset(line_bytes(chip, line), 0xff, SIM_LINE_SIZE);
  chip->cells[line] = chip->flash.weak ? SIM_CELLS_WEAK : SIM_CELLS_BLANK;
}

/* A line of 0xff leaves cells and ECC as they are (UM10114 §21.7: the erased state has good ECC).
 * Programming adds zeros only; a second time, data and ECC byte cannot agree any more. */
static void program_line(SimChip *chip, unsigned line, const uint8_t *data)
{
  if (is_blank(data))
    return;
  uint8_t *bytes = line_bytes(chip, line);
  uint8_t before = chip->cells[line];
  for (unsigned i = 0; i < SIM_LINE_SIZE; i++)
    bytes[i] &= data[i];
  chip->cells[line] = chip->flash.weak ? SIM_CELLS_WEAK : SIM_CELLS_PROGRAMMED;
  if (before == SIM_CELLS_BLANK)
    return;
  chip->cells[line] = SIM_CELLS_BROKEN;
  garble(chip, line);
  if (before != SIM_CELLS_WEAK)
    sim_report(chip, SIM_REPORT_LINE_PROGRAMMED_TWICE, line * SIM_LINE_SIZE);
}

static void finish(SimChip *chip)
{
  const SimFlashOperation *operation = &chip->flash.operation;
  unsigned first = operation->addr / SIM_LINE_SIZE;
  unsigned count = operation->length / SIM_LINE_SIZE;
  for (unsigned i = 0; i < count; i++) {
    if (operation->kind == SIM_FLASH_ERASE)
      erase_line(chip, first + i);
    else
      program_line(chip, first + i, chip->flash.data + i * SIM_LINE_SIZE);
  }
  if (chip->flash.fate != SIM_FLASH_GOES_BAD || count == 0)
    return;
  unsigned bad = first + sim_random(chip) % count;
  garble(chip, bad);
  chip->cells[bad] = operation->kind == SIM_FLASH_ERASE ? SIM_CELLS_WEAK : SIM_CELLS_BROKEN;
}

/* ---- Torn operations ---- */

/* Each line for itself: 0xff already, something in between, or still as it was. One in eight that
 * read blank is not erased enough. */
static void tear_erase(SimChip *chip, unsigned first, unsigned count, unsigned depth)
{
  for (unsigned line = first; line < first + count; line++) {
    unsigned luck = sim_random(chip) >> 24;
    if (luck < depth) {
      erase_line(chip, line);
      if ((sim_random(chip) & 7) == 0)
        chip->cells[line] = SIM_CELLS_WEAK;
    } else if (luck < depth + 48) {
      sim_randomise(chip, line_bytes(chip, line), SIM_LINE_SIZE);
      chip->cells[line] = SIM_CELLS_WEAK;
    }
  }
}

/* Lines are written in rising order: those before the cut are good, one is partly written. */
static void tear_program(SimChip *chip, unsigned first, unsigned count, unsigned depth)
{
  unsigned done = count * depth / 256;
  for (unsigned i = 0; i < done; i++)
    program_line(chip, first + i, chip->flash.data + i * SIM_LINE_SIZE);
  if (done >= count)
    return;
  uint8_t part[SIM_LINE_SIZE];
  sim_randomise(chip, part, sizeof part);
  for (unsigned i = 0; i < SIM_LINE_SIZE; i++)
    part[i] |= chip->flash.data[done * SIM_LINE_SIZE + i];
  program_line(chip, first + done, part);
  garble(chip, first + done);
  chip->cells[first + done] = SIM_CELLS_BROKEN;
}

static void tear(SimChip *chip, unsigned depth)
{
  const SimFlashOperation *operation = &chip->flash.operation;
  unsigned first = operation->addr / SIM_LINE_SIZE;
  unsigned count = operation->length / SIM_LINE_SIZE;
  if (operation->kind == SIM_FLASH_ERASE)
    tear_erase(chip, first, count, depth);
  else
    tear_program(chip, first, count, depth);
}

/* How far an operation has come, in 256ths. */
static unsigned depth_now(const SimChip *chip)
{
  const SimFlash *flash = &chip->flash;
  uint64_t elapsed = chip->cpu.cycles - flash->begin;
  uint64_t length = flash->end - flash->begin;
  if (flash->end == SIM_NEVER || length == 0)
    return 255;
  return elapsed >= length ? 255 : (unsigned)(elapsed * 256 / length);
}

void sim_flash_reset(SimChip *chip)
{
  if (chip->flash.busy)
    tear(chip, depth_now(chip));
  chip->flash.busy = false;
  chip->flash.prepared = 0;
  chip->flash.latched_line = UINT32_MAX;
  sim_schedule(chip, SIM_EVENT_FLASH, SIM_NEVER);
  sim_flash_read_weak(chip);
}

/* ---- The operation's time ---- */

/* The ROM makes its pulses by loops that count what the caller said CCLK is, so a wrong parameter
 * makes them longer or shorter; 0 never ends (sheet of facts §2.6). */
static uint64_t duration(const SimChip *chip, uint32_t cclk_khz)
{
  if (cclk_khz == 0)
    return SIM_NEVER;
  if (chip->flash.operation.kind == SIM_FLASH_ERASE)
    return (uint64_t)chip->config.erase_ms * cclk_khz;
  uint64_t cycles = (uint64_t)chip->config.program_us * cclk_khz * chip->flash.operation.length;
  return cycles / (1000u * WIRE_BLOCK_SIZE);
}

static uint64_t cycle_of_event(const SimFlash *flash, uint64_t length)
{
  if (flash->fate == SIM_FLASH_CUT_BEFORE)
    return flash->begin;
  if (length == SIM_NEVER)
    return SIM_NEVER;
  if (flash->fate == SIM_FLASH_CUT_INSIDE)
    return flash->begin + length * flash->depth / 256;
  return flash->begin + length;
}

void sim_flash_begin(SimChip *chip, SimFlashOperationKind kind, uint32_t addr, uint32_t length,
                     uint32_t cclk_khz)
{
  SimFlash *flash = &chip->flash;
  uint64_t nominal_khz = chip->config.crystal_hz / 1000;
  flash->operation = (SimFlashOperation){
      .kind = kind, .addr = addr, .length = length, .number = ++flash->count[kind]};
  flash->fate = SIM_FLASH_GOES_WELL;
  flash->depth = 0;
  if (chip->config.hooks.flash_operation != NULL)
    flash->fate = chip->config.hooks.flash_operation(chip->config.hooks.context, &flash->operation,
                                                     &flash->depth);
  flash->weak = cclk_khz * 10ull < nominal_khz * 9;
  flash->busy = true;
  flash->begin = chip->cpu.cycles;
  uint64_t cycles = duration(chip, cclk_khz);
  flash->end = cycles == SIM_NEVER ? SIM_NEVER : flash->begin + cycles;
  flash->latched_line = UINT32_MAX; /* the MAM forgets (UM10114 §3.4.3) */
  sim_cpu_forget_fetch_window(&chip->cpu);
  sim_schedule(chip, SIM_EVENT_FLASH, cycle_of_event(flash, cycles));
}

void sim_flash_event(SimChip *chip, uint64_t cycle)
{
  (void)cycle;
  SimFlash *flash = &chip->flash;
  flash->busy = false;
  chip->stalled = false;
  if (flash->fate == SIM_FLASH_CUT_INSIDE)
    tear(chip, flash->depth);
  else if (flash->fate != SIM_FLASH_CUT_BEFORE)
    finish(chip);
  /* A successful operation protects its sectors again (UM10114 table 323). */
  unsigned first = flash->operation.addr / WIRE_SECTOR_SIZE;
  unsigned last = (flash->operation.addr + flash->operation.length - 1) / WIRE_SECTOR_SIZE;
  for (unsigned sector = first; sector <= last; sector++)
    flash->prepared &= (uint16_t) ~(1u << sector);
  if (flash->fate >= SIM_FLASH_CUT_BEFORE)
    sim_cut_power(chip);
}
