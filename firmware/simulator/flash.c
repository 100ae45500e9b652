/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The flash cells and what becomes of them: erase, program, torn operations, broken ECC.
 *
 * The byte array holds what a read gives, ECC correction included; `cells` says for each 16-byte
 * line how it came about. An operation takes its time and changes the array when it ends or is cut.
 * What chip.h says of torn flash is an engineering assumption, as no maker's text describes it.
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

/* Broken stays broken: that is worse. */
static void make_weak(SimChip *chip, unsigned line)
{
  if (chip->cells[line] != SIM_CELLS_BROKEN)
    chip->cells[line] = SIM_CELLS_WEAK;
}

void sim_flash_taken_over(SimChip *chip)
{
  sim_boot_write_rom(chip->flash_bytes + SIM_BOOT_FLASH_ADDR);
  for (unsigned line = 0; line < SIM_LINE_COUNT; line++)
    chip->cells[line] = is_blank(line_bytes(chip, line)) ? SIM_CELLS_BLANK : SIM_CELLS_PROGRAMMED;
}

/* Half of the times nothing has changed since the last, however many lines are weak: else a sector
 * full of them would show at once. */
void sim_flash_read_weak(SimChip *chip)
{
  if ((sim_random(chip) & 1) == 0)
    return;
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

/* Whoever programs a line that was programmed before is to blame, but for one that an interrupted
 * operation left blank to the eye. */
static void blame_second_program(SimChip *chip, unsigned line)
{
  uint8_t cells = chip->cells[line];
  if (cells == SIM_CELLS_BLANK || (cells == SIM_CELLS_WEAK && is_blank(line_bytes(chip, line))))
    return;
  sim_report(chip, SIM_REPORT_LINE_PROGRAMMED_TWICE, line * SIM_LINE_SIZE);
}

/* A line of 0xff leaves cells and ECC as they are (UM10114 §21.7: the erased state has good ECC).
 * Programming adds zeros only; a second time, data and ECC byte cannot agree any more. */
static void program_line(SimChip *chip, unsigned line, const uint8_t *data)
{
  if (is_blank(data))
    return;
  uint8_t *bytes = line_bytes(chip, line);
  uint8_t before = chip->cells[line];
  blame_second_program(chip, line);
  for (unsigned i = 0; i < SIM_LINE_SIZE; i++)
    bytes[i] &= data[i];
  chip->cells[line] = chip->flash.weak ? SIM_CELLS_WEAK : SIM_CELLS_PROGRAMMED;
  if (before == SIM_CELLS_BLANK)
    return;
  chip->cells[line] = SIM_CELLS_BROKEN;
  garble(chip, line);
}

static void spoil_one(SimChip *chip, unsigned first, unsigned count)
{
  unsigned bad = first + sim_random(chip) % count;
  garble(chip, bad);
  chip->cells[bad] =
      chip->flash.operation.kind == SIM_FLASH_ERASE ? SIM_CELLS_WEAK : SIM_CELLS_BROKEN;
}

/* One line for certain, and some of the others, of those whose cells the operation touched. */
static void weaken_some(SimChip *chip, unsigned first, unsigned count)
{
  unsigned start = sim_random(chip) % count;
  bool any = false;
  for (unsigned i = 0; i < count; i++) {
    unsigned at = (start + i) % count;
    if (chip->cells[first + at] == SIM_CELLS_BLANK &&
        chip->flash.operation.kind == SIM_FLASH_PROGRAM)
      continue;
    if (!any || (sim_random(chip) & 3) == 0)
      make_weak(chip, first + at);
    any = true;
  }
  if (!any)
    make_weak(chip, first + start);
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
  if (chip->flash.fate == SIM_FLASH_GOES_BAD)
    spoil_one(chip, first, count);
  if (chip->flash.fate == SIM_FLASH_GOES_WEAK)
    weaken_some(chip, first, count);
}

/* ---- Torn operations ---- */

/* Each line for itself: 0xff already, something in between, or still as it was. One in eight of
 * those that look clear-cut is not. */
static void tear_lines(SimChip *chip, unsigned first, unsigned count, unsigned depth)
{
  for (unsigned line = first; line < first + count; line++) {
    unsigned luck = sim_random(chip) >> 24;
    if (luck >= depth && luck < depth + 48) {
      sim_randomise(chip, line_bytes(chip, line), SIM_LINE_SIZE);
      chip->cells[line] = SIM_CELLS_WEAK;
      continue;
    }
    if (luck < depth)
      erase_line(chip, line);
    if ((sim_random(chip) & 7) == 0)
      make_weak(chip, line);
  }
}

/* All cells are erased at once, so all lines may have got equally far: over the threshold of a read
 * but not far enough, or not even that far. */
static void tear_erase(SimChip *chip, unsigned first, unsigned count, unsigned depth)
{
  enum { ALL_TOO_LITTLE, MOST_TOO_LITTLE, NOT_TO_BE_SEEN, KINDS = 16 };
  unsigned kind = sim_random(chip) % KINDS;
  if (kind > NOT_TO_BE_SEEN) {
    tear_lines(chip, first, count, depth);
    return;
  }
  for (unsigned line = first; line < first + count; line++) {
    if (kind != NOT_TO_BE_SEEN)
      erase_line(chip, line);
    if (kind == ALL_TOO_LITTLE || (sim_random(chip) & 3) != 0)
      make_weak(chip, line);
  }
}

/* The line that was being written. */
static void tear_line(SimChip *chip, unsigned line, const uint8_t *data)
{
  enum { NOT_TO_BE_SEEN, READS_RIGHT, KINDS = 8 };
  unsigned kind = sim_random(chip) % KINDS;
  uint8_t part[SIM_LINE_SIZE];
  switch (kind) {
  case NOT_TO_BE_SEEN:
    blame_second_program(chip, line);
    make_weak(chip, line);
    break;
  case READS_RIGHT:
    program_line(chip, line, data);
    make_weak(chip, line);
    break;
  default:
    sim_randomise(chip, part, sizeof part);
    for (unsigned i = 0; i < SIM_LINE_SIZE; i++)
      part[i] |= data[i];
    program_line(chip, line, part);
    garble(chip, line);
    chip->cells[line] = SIM_CELLS_BROKEN;
  }
}

/* Lines are written in rising order: those before the cut are good, one is partly written. */
static void tear_program(SimChip *chip, unsigned first, unsigned count, unsigned depth)
{
  unsigned done = count * depth / 256;
  for (unsigned i = 0; i < done; i++)
    program_line(chip, first + i, chip->flash.data + i * SIM_LINE_SIZE);
  if (done < count)
    tear_line(chip, first + done, chip->flash.data + done * SIM_LINE_SIZE);
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

bool sim_flash_begin(SimChip *chip, SimFlashOperationKind kind, uint32_t addr, uint32_t length,
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
  if (flash->fate == SIM_FLASH_REFUSED)
    return false;
  flash->weak = cclk_khz * 10ull < nominal_khz * 9;
  flash->busy = true;
  flash->begin = chip->cpu.cycles;
  uint64_t cycles = duration(chip, cclk_khz);
  flash->end = cycles == SIM_NEVER ? SIM_NEVER : flash->begin + cycles;
  flash->latched_line = UINT32_MAX; /* the MAM forgets (UM10114 §3.4.3) */
  sim_cpu_forget_fetch_window(&chip->cpu);
  sim_schedule(chip, SIM_EVENT_FLASH, cycle_of_event(flash, cycles));
  return true;
}

/* A successful operation protects its sectors again (UM10114 table 323). */
static void protect(SimChip *chip)
{
  const SimFlashOperation *operation = &chip->flash.operation;
  unsigned first = operation->addr / WIRE_SECTOR_SIZE;
  unsigned last = (operation->addr + operation->length - 1) / WIRE_SECTOR_SIZE;
  for (unsigned sector = first; sector <= last; sector++)
    chip->flash.prepared &= (uint16_t) ~(1u << sector);
}

void sim_flash_event(SimChip *chip, uint64_t cycle)
{
  (void)cycle;
  SimFlash *flash = &chip->flash;
  const SimChipHooks *hooks = &chip->config.hooks;
  flash->busy = false;
  chip->stalled = false;
  if (flash->fate == SIM_FLASH_CUT_INSIDE) {
    tear(chip, flash->depth);
  } else if (flash->fate != SIM_FLASH_CUT_BEFORE) {
    finish(chip);
    protect(chip);
    if (hooks->flash_done != NULL)
      hooks->flash_done(hooks->context, &flash->operation);
  }
  if (flash->fate == SIM_FLASH_CUT_BEFORE || flash->fate == SIM_FLASH_CUT_INSIDE ||
      flash->fate == SIM_FLASH_CUT_AFTER)
    sim_cut_power(chip);
}

/* ---- The flash as a whole ---- */

void sim_chip_save_flash(const SimChip *chip, uint8_t saved[SIM_SAVED_FLASH_SIZE])
{
  memcpy(saved, chip->flash_bytes, WIRE_FLASH_SIZE);
  memcpy(saved + WIRE_FLASH_SIZE, chip->cells, SIM_LINE_COUNT);
}

/* Blank cells read blank, programmed ones never do. */
static bool can_be(const uint8_t *bytes, uint8_t cells)
{
  if (cells == SIM_CELLS_BLANK || cells == SIM_CELLS_PROGRAMMED)
    return is_blank(bytes) == (cells == SIM_CELLS_BLANK);
  return cells == SIM_CELLS_BROKEN || cells == SIM_CELLS_WEAK;
}

bool sim_chip_restore_flash(SimChip *chip, const uint8_t *saved, size_t length)
{
  const uint8_t *cells = length == SIM_SAVED_FLASH_SIZE ? saved + WIRE_FLASH_SIZE : NULL;
  if (length != WIRE_FLASH_SIZE && length != SIM_SAVED_FLASH_SIZE)
    return false;
  for (unsigned line = 0; cells != NULL && line < SIM_LINE_COUNT; line++)
    if (!can_be(saved + line * SIM_LINE_SIZE, cells[line]))
      return false;
  memcpy(chip->flash_bytes, saved, WIRE_FLASH_SIZE);
  sim_flash_taken_over(chip);
  if (cells != NULL) /* the boot block is the model's own and cannot be torn */
    memcpy(chip->cells, cells, SIM_BOOT_FLASH_ADDR / SIM_LINE_SIZE);
  return true;
}

/* Each word is folded downwards too, or two changes of top bits would cancel out. */
static uint64_t hash_words(uint64_t hash, const uint8_t *bytes, size_t length)
{
  for (size_t i = 0; i < length; i += sizeof hash) {
    uint64_t word;
    memcpy(&word, bytes + i, sizeof word);
    hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
    hash ^= hash >> 32;
  }
  return hash;
}

uint64_t sim_chip_hash_flash(const SimChip *chip)
{
  uint64_t hash = hash_words(0xcbf29ce484222325u, chip->flash_bytes, sizeof chip->flash_bytes);
  return hash_words(hash, chip->cells, sizeof chip->cells);
}
