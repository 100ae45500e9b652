/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The IAP ROM (UM10114 §21.10): commands, checks, and what a call costs its caller.
 *
 * The ROM's code is a few breakpoints that end up here. What the ROM knows during a call it keeps
 * in the caller's registers, as real code would: an interrupt handler may even change to another
 * task, and the call goes on when that task does. While it waits, interrupts are taken as usual.
 */

#include "chip-private.h"

/* The places of the ROM, each with its own breakpoint number (boot-rom.c writes them). */
enum {
  ENTRY = SIM_IAP_ENTRY,
  RETURN = SIM_IAP_ENTRY + 2,
  WAIT = SIM_BOOT_ADDR + 0x1f00,
  BLANK_SCAN = SIM_BOOT_ADDR + 0x1f02,
  COMPARE_SCAN = SIM_BOOT_ADDR + 0x1f04,
};

/* UM10114 tables 321 and 330. */
enum {
  CMD_SUCCESS = 0,
  INVALID_COMMAND = 1,
  SRC_ADDR_ERROR = 2,
  DST_ADDR_ERROR = 3,
  SRC_ADDR_NOT_MAPPED = 4,
  DST_ADDR_NOT_MAPPED = 5,
  COUNT_ERROR = 6,
  INVALID_SECTOR = 7,
  SECTOR_NOT_BLANK = 8,
  SECTOR_NOT_PREPARED = 9,
  COMPARE_ERROR = 10,
  BUSY = 11,
  ADDR_ERROR = 13,
  ADDR_NOT_MAPPED = 14,
};

enum {
  STACK_USE = 128,       /* bytes below sp (UM10114 §21.5.12) */
  BOOT_VERSION = 0x0145, /* 1.69, the version of no-suffix parts with all three CRP levels */
  CALL_CYCLES = 60,      /* of the ROM's own code; not documented */
  SCAN_WORDS = 16,       /* words read between two chances for an interrupt */
  SCAN_CYCLES = 10,      /* per word; not documented */
  R_STATUS = 0,
  R_RESULT = 1,
  R_SP = 13,
  R_LR = 14,
  R_PC = 15,
};

/* ---- The caller's memory and registers ---- */

static uint32_t read_word(SimChip *chip, uint32_t addr)
{
  uint32_t word = 0xffffffff;
  if ((addr & 3) != 0)
    sim_report(chip, SIM_REPORT_UNALIGNED, addr);
  if (!sim_bus_peek(chip, addr, &word))
    sim_report(chip, SIM_REPORT_ABORT, addr);
  return word;
}

static void write_word(SimChip *chip, uint32_t addr, uint32_t word)
{
  if ((addr & 3) != 0)
    sim_report(chip, SIM_REPORT_UNALIGNED, addr);
  addr &= ~3u;
  if (addr - SIM_RAM_ADDR < SIM_RAM_SIZE)
    sim_ram_store(chip, addr - SIM_RAM_ADDR, 4, word);
  else
    sim_report(chip, addr < WIRE_FLASH_SIZE ? SIM_REPORT_FLASH_STORE : SIM_REPORT_ABORT, addr);
}

/* The flash commands use the top of SRAM. */
static void spoil_top(SimChip *chip)
{
  for (unsigned i = 0; i < 8; i++)
    sim_ram_store(chip, SIM_IAP_RAM_ADDR - SIM_RAM_ADDR + 4 * i, 4, sim_random(chip));
}

static void spoil_stack(SimChip *chip, uint32_t sp)
{
  if (sp < SIM_RAM_ADDR + STACK_USE || sp > SIM_IAP_RAM_ADDR || (sp & 3) != 0)
    sim_report(chip, SIM_REPORT_STACK, sp);
  for (uint32_t addr = (sp & ~3u) - STACK_USE; addr != (sp & ~3u); addr += 4)
    if (addr - SIM_RAM_ADDR < SIM_RAM_SIZE)
      sim_ram_store(chip, addr - SIM_RAM_ADDR, 4, sim_random(chip));
}

/* Ends a call: result table, registers a callee may change, and back to the BX lr. */
static void answer(SimChip *chip, uint32_t status, const uint32_t *results, unsigned count)
{
  SimCpu *cpu = &chip->cpu;
  uint32_t table = cpu->r[R_RESULT];
  write_word(chip, table, status);
  for (unsigned i = 0; i < count; i++)
    write_word(chip, table + 4 + 4 * i, results[i]);
  static const uint8_t clobbered[] = {0, 1, 2, 3, 12};
  for (unsigned i = 0; i < sizeof clobbered; i++)
    cpu->r[clobbered[i]] = sim_random(chip);
  cpu->cpsr = (cpu->cpsr & 0x0fffffff) | (sim_random(chip) & 0xf0000000);
  cpu->r[R_SP] += STACK_USE;
  cpu->r[R_PC] = RETURN;
}

static void finish(SimChip *chip, uint32_t status, const uint32_t *results, unsigned count)
{
  if (status != CMD_SUCCESS)
    sim_report_at(chip, SIM_REPORT_IAP, chip->cpu.r[R_LR] & ~1u, status);
  answer(chip, status, results, count);
}

/* ---- Commands. Each answers with a status, or arranges for the ROM to go on elsewhere ---- */

typedef enum { DONE, GOES_ON, REFUSED_BY_FATE } Progress;

typedef struct {
  uint32_t command[5];
  uint32_t status;
  uint32_t results[2];
  unsigned count;
} Call;

static bool bad_sectors(const Call *call, unsigned last_allowed)
{
  return call->command[1] > call->command[2] || call->command[2] > last_allowed;
}

static uint16_t sector_mask(uint32_t first, uint32_t last)
{
  return (uint16_t)((2u << last) - (1u << first));
}

static Progress refuse(Call *call, uint32_t status)
{
  call->status = status;
  return DONE;
}

static Progress go_on_at(SimChip *chip, uint32_t place)
{
  chip->cpu.r[R_PC] = place;
  return GOES_ON;
}

static Progress prepare(SimChip *chip, Call *call)
{
  if (bad_sectors(call, WIRE_BOOT_SECTOR - 1))
    return refuse(call, INVALID_SECTOR);
  if (chip->flash.busy)
    return refuse(call, BUSY);
  chip->flash.prepared |= sector_mask(call->command[1], call->command[2]);
  return DONE;
}

static bool start_flash(SimChip *chip, SimFlashOperationKind kind, uint32_t addr, uint32_t length,
                        uint32_t cclk_khz)
{
  uint32_t nominal = chip->config.crystal_hz / 1000;
  uint32_t error = cclk_khz > nominal ? cclk_khz - nominal : nominal - cclk_khz;
  if (error > nominal / 100)
    sim_report_at(chip, SIM_REPORT_IAP_CLOCK, chip->cpu.r[R_LR] & ~1u, cclk_khz);
  if (!sim_flash_begin(chip, kind, addr, length, cclk_khz))
    return false;
  spoil_top(chip);
  chip->cpu.r[R_STATUS] = CMD_SUCCESS;
  return true;
}

static bool is_copy_size(const SimChip *chip, uint32_t count)
{
  if (chip->config.um_copy_sizes && count == 256)
    return true;
  if (!chip->config.um_copy_sizes && count == 8192)
    return true;
  return count == 512 || count == 1024 || count == 4096;
}

static bool is_within(uint32_t addr, uint32_t length, uint32_t base, uint32_t size)
{
  return addr - base < size && length <= size - (addr - base);
}

/* Checks in the order command, alignment, mapping, count, prepared, busy: the true order is not
 * documented (sheet of facts §2.5). */
static Progress copy(SimChip *chip, Call *call)
{
  uint32_t dst = call->command[1], src = call->command[2], count = call->command[3];
  uint32_t boundary = chip->config.um_copy_sizes ? 256 : WIRE_BLOCK_SIZE;
  if ((src & 3) != 0)
    return refuse(call, SRC_ADDR_ERROR);
  if (dst % boundary != 0)
    return refuse(call, DST_ADDR_ERROR);
  if (!is_within(src, count, SIM_RAM_ADDR, SIM_RAM_SIZE))
    return refuse(call, SRC_ADDR_NOT_MAPPED);
  if (!is_within(dst, count, 0, WIRE_FLASH_SIZE))
    return refuse(call, DST_ADDR_NOT_MAPPED);
  if (!is_copy_size(chip, count))
    return refuse(call, COUNT_ERROR);
  uint16_t sectors = sector_mask(dst / WIRE_SECTOR_SIZE, (dst + count - 1) / WIRE_SECTOR_SIZE);
  if ((chip->flash.prepared & sectors) != sectors)
    return refuse(call, SECTOR_NOT_PREPARED);
  if (chip->flash.busy)
    return refuse(call, BUSY);
  for (uint32_t i = 0; i < count; i++)
    chip->flash.data[i] = chip->ram[src - SIM_RAM_ADDR + i];
  if (!start_flash(chip, SIM_FLASH_PROGRAM, dst, count, call->command[4]))
    return REFUSED_BY_FATE;
  return go_on_at(chip, WAIT);
}

static Progress erase(SimChip *chip, Call *call)
{
  if (bad_sectors(call, WIRE_BOOT_SECTOR - 1))
    return refuse(call, INVALID_SECTOR);
  uint32_t first = call->command[1], last = call->command[2];
  uint16_t sectors = sector_mask(first, last);
  if ((chip->flash.prepared & sectors) != sectors)
    return refuse(call, SECTOR_NOT_PREPARED);
  if (chip->flash.busy)
    return refuse(call, BUSY);
  if (!start_flash(chip, SIM_FLASH_ERASE, first * WIRE_SECTOR_SIZE,
                   (last - first + 1) * WIRE_SECTOR_SIZE, call->command[3]))
    return REFUSED_BY_FATE;
  return go_on_at(chip, WAIT);
}

/* The scans keep: r0 compare's other address, r2 and r3 position and end, r12 the start. */
static Progress blank_check(SimChip *chip, Call *call)
{
  SimCpu *cpu = &chip->cpu;
  if (bad_sectors(call, WIRE_BOOT_SECTOR))
    return refuse(call, INVALID_SECTOR);
  if (chip->flash.busy)
    return refuse(call, BUSY);
  sim_flash_read_weak(chip);
  cpu->r[2] = cpu->r[12] = call->command[1] * WIRE_SECTOR_SIZE;
  cpu->r[3] = (call->command[2] + 1) * WIRE_SECTOR_SIZE;
  return go_on_at(chip, BLANK_SCAN);
}

static bool is_mapped(uint32_t addr, uint32_t count)
{
  return is_within(addr, count, 0, WIRE_FLASH_SIZE) ||
         is_within(addr, count, SIM_RAM_ADDR, SIM_RAM_SIZE) ||
         is_within(addr, count, SIM_BOOT_ADDR, WIRE_SECTOR_SIZE);
}

static Progress compare(SimChip *chip, Call *call)
{
  SimCpu *cpu = &chip->cpu;
  uint32_t dst = call->command[1], src = call->command[2], count = call->command[3];
  if ((dst & 3) != 0 || (src & 3) != 0)
    return refuse(call, ADDR_ERROR);
  if (!is_mapped(dst, count) || !is_mapped(src, count))
    return refuse(call, ADDR_NOT_MAPPED);
  if (count % 4 != 0)
    return refuse(call, COUNT_ERROR);
  cpu->r[0] = src;
  cpu->r[2] = cpu->r[12] = dst;
  cpu->r[3] = dst + count;
  return go_on_at(chip, COMPARE_SCAN);
}

static Progress part_id(SimChip *chip, Call *call)
{
  (void)chip;
  call->results[0] = SIM_PART_ID;
  call->count = 1;
  return DONE;
}

static Progress boot_version(SimChip *chip, Call *call)
{
  (void)chip;
  call->results[0] = BOOT_VERSION;
  call->count = 1;
  return DONE;
}

/* UM10114 tables 323-329, from 50 on. 57 (reinvoke ISP) does not exist on these parts. */
static Progress (*const commands[])(SimChip *chip, Call *call) = {
    prepare, copy, erase, blank_check, part_id, boot_version, compare,
};

/* ---- The ROM's code ---- */

static void enter(SimChip *chip)
{
  SimCpu *cpu = &chip->cpu;
  Call call = {.status = CMD_SUCCESS};
  sim_cpu_stall(cpu, CALL_CYCLES);
  sim_catch_up(chip);
  uint32_t table = cpu->r[0];
  call.command[0] = read_word(chip, table);
  uint32_t index = call.command[0] - 50;
  bool known = index < sizeof commands / sizeof commands[0];
  for (unsigned i = 1; known && i < 5; i++)
    if (!sim_bus_peek(chip, table + 4 * i, &call.command[i]))
      call.command[i] = 0xffffffff; /* short commands need not have all five words */
  spoil_stack(chip, cpu->r[R_SP]);
  cpu->r[R_SP] -= STACK_USE;
  if (!known) {
    finish(chip, INVALID_COMMAND, NULL, 0);
    return;
  }
  Progress progress = commands[index](chip, &call);
  if (progress == DONE)
    finish(chip, call.status, call.results, call.count);
  else if (progress == REFUSED_BY_FATE) /* not for anything the firmware did */
    answer(chip, BUSY, NULL, 0);
}

/* Goes round in a loop until the flash is ready. All rounds up to the next event are one here; they
 * count neither as instructions nor as more than the time that passes. */
static bool still_waits(SimChip *chip)
{
  SimCpu *cpu = &chip->cpu;
  cpu->instructions--;
  sim_catch_up(chip);
  if (!chip->flash.busy)
    return false;
  if (cpu->cycles < cpu->run_until && cpu->run_until != SIM_NEVER)
    cpu->cycles = cpu->run_until;
  cpu->r[R_PC] -= 2;
  return true;
}

static void wait(SimChip *chip)
{
  if (still_waits(chip))
    return;
  spoil_top(chip);
  finish(chip, chip->cpu.r[R_STATUS], NULL, 0);
}

static void scan_blank(SimChip *chip)
{
  SimCpu *cpu = &chip->cpu;
  if (still_waits(chip))
    return;
  for (unsigned i = 0; i < SCAN_WORDS && cpu->r[2] != cpu->r[3]; i++, cpu->r[2] += 4) {
    uint32_t results[2] = {cpu->r[2] - cpu->r[12], read_word(chip, cpu->r[2])};
    sim_cpu_stall(cpu, SCAN_CYCLES);
    if (results[1] != 0xffffffff) {
      finish(chip, SECTOR_NOT_BLANK, results, 2);
      return;
    }
  }
  if (cpu->r[2] == cpu->r[3])
    finish(chip, CMD_SUCCESS, NULL, 0);
  else
    cpu->r[R_PC] = BLANK_SCAN;
}

static void scan_compare(SimChip *chip)
{
  SimCpu *cpu = &chip->cpu;
  if (still_waits(chip))
    return;
  for (unsigned i = 0; i < SCAN_WORDS && cpu->r[2] != cpu->r[3]; i++) {
    sim_cpu_stall(cpu, SCAN_CYCLES);
    if (read_word(chip, cpu->r[2]) != read_word(chip, cpu->r[0])) {
      uint32_t offset = cpu->r[2] - cpu->r[12];
      finish(chip, COMPARE_ERROR, &offset, 1);
      return;
    }
    cpu->r[2] += 4;
    cpu->r[0] += 4;
  }
  if (cpu->r[2] == cpu->r[3])
    finish(chip, CMD_SUCCESS, NULL, 0);
  else
    cpu->r[R_PC] = COMPARE_SCAN;
}

/* The boot block shows at two places; only Thumb code reaches its breakpoints. */
bool sim_iap_trap(SimChip *chip, uint32_t number)
{
  static void (*const places[])(SimChip *) = {enter, wait, scan_blank, scan_compare};
  static const uint32_t addresses[] = {ENTRY, WAIT, BLANK_SCAN, COMPARE_SCAN};
  uint32_t at = chip->cpu.r[R_PC] - 2;
  if (at - SIM_BOOT_FLASH_ADDR < WIRE_SECTOR_SIZE)
    at += SIM_BOOT_ADDR - SIM_BOOT_FLASH_ADDR;
  bool thumb = (chip->cpu.cpsr & SIM_PSR_T) != 0;
  if (!thumb || number >= sizeof places / sizeof places[0] || at != addresses[number])
    return false;
  places[number](chip);
  return true;
}
