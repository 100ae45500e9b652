/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * A processor core in a small memory, for the golden tests.
 */

#include "cpu-fixture.h"

#include <string.h>

SimCpu cpu;
static uint8_t memory[SIZE];

Seen seen;

/* ---- The bus ---- */

static bool bus_fetch(void *context, uint32_t addr, SimFetchWindow *window)
{
  (void)context;
  if (addr < SIZE)
    *window = (SimFetchWindow){.base = 0, .size = SIZE, .bytes = memory};
  else if (addr - WAITING < SIZE)
    *window = (SimFetchWindow){.base = WAITING, .size = SIZE, .bytes = memory, .wait = 2};
  else
    return false;
  return true;
}

static void note(uint32_t addr, unsigned width, bool user, uint32_t value)
{
  seen.last_addr = addr;
  seen.last_width = width;
  seen.last_user = user;
  seen.last_value = value;
  seen.last_instruction = sim_cpu_accessing_instruction(&cpu);
  sim_cpu_stall(&cpu, seen.stall);
}

static bool bus_load(void *context, uint32_t addr, unsigned width, bool user, uint32_t *value)
{
  (void)context;
  seen.loads++;
  note(addr, width, user, 0);
  assert_int_equal(addr % width, 0);
  if (addr >= FAULTS)
    return false;
  *value = 0;
  for (unsigned i = 0; i < width; i++)
    *value |= (uint32_t)memory[addr + i] << (8 * i);
  return true;
}

static bool bus_store(void *context, uint32_t addr, unsigned width, bool user, uint32_t value)
{
  (void)context;
  seen.stores++;
  note(addr, width, user, value);
  assert_int_equal(addr % width, 0);
  if (seen.lower_after != 0 && seen.stores == seen.lower_after)
    cpu.run_until = 0;
  if (addr >= FAULTS)
    return false;
  for (unsigned i = 0; i < width; i++)
    memory[addr + i] = (uint8_t)(value >> (8 * i));
  return true;
}

static void bus_unaligned(void *context, uint32_t addr, unsigned width)
{
  (void)context, (void)addr, (void)width;
  seen.unaligned++;
}

static bool bus_trap(void *context, uint32_t number)
{
  (void)context;
  seen.trapped = number;
  seen.trap_pc = cpu.r[15];
  if (seen.trap_result)
    cpu.r[0] = 0x7ab;
  return seen.trap_result;
}

static const SimBus bus = {.fetch = bus_fetch,
                           .load = bus_load,
                           .store = bus_store,
                           .unaligned = bus_unaligned,
                           .trap = bus_trap};

/* ---- Helpers ---- */

void put_word(uint32_t addr, uint32_t word)
{
  for (unsigned i = 0; i < 4; i++)
    memory[addr + i] = (uint8_t)(word >> (8 * i));
}

uint32_t get_word(uint32_t addr)
{
  return memory[addr] | (uint32_t)memory[addr + 1] << 8 | (uint32_t)memory[addr + 2] << 16 |
         (uint32_t)memory[addr + 3] << 24;
}

void start(uint32_t cpsr)
{
  static const SimMode modes[6] = {SIM_MODE_SYSTEM, SIM_MODE_FIQ,   SIM_MODE_IRQ,
                                   SIM_MODE_SVC,    SIM_MODE_ABORT, SIM_MODE_UNDEFINED};
  memset(&cpu, 0, sizeof cpu);
  memset(memory, 0, sizeof memory);
  memset(&seen, 0, sizeof seen);
  sim_cpu_reset(&cpu, &bus);
  cpu.cpsr = cpsr;
  for (unsigned n = 0; n < 15; n++)
    for (unsigned i = 0; i < sizeof modes / sizeof modes[0]; i++)
      sim_cpu_set_register(&cpu, modes[i], n, n * 0x100);
  cpu.r[15] = CODE;
}

uint64_t arm(uint32_t op)
{
  uint64_t before = cpu.cycles;
  assert_int_equal(cpu.cpsr & SIM_PSR_T, 0);
  cpu.r[15] = CODE;
  put_word(CODE, op);
  sim_cpu_step(&cpu);
  return cpu.cycles - before;
}

uint64_t thumb(uint32_t op)
{
  uint64_t before = cpu.cycles;
  assert_int_equal(cpu.cpsr & SIM_PSR_T, SIM_PSR_T);
  cpu.r[15] = CODE + 2;
  memory[CODE + 2] = (uint8_t)op;
  memory[CODE + 3] = (uint8_t)(op >> 8);
  sim_cpu_step(&cpu);
  return cpu.cycles - before;
}

unsigned flags(void)
{
  return cpu.cpsr >> FLAG_BITS;
}

void set_flags(unsigned nzcv)
{
  cpu.cpsr = (cpu.cpsr & 0x0fffffff) | nzcv << FLAG_BITS;
}

void assert_exception(SimMode mode, uint32_t vector, uint32_t lr, uint32_t spsr)
{
  assert_word(cpu.cpsr & SIM_PSR_MODE, mode);
  assert_word(cpu.r[15], vector);
  assert_word(cpu.r[14], lr);
  assert_word(sim_cpu_get_spsr(&cpu, mode), spsr);
  assert_word(cpu.cpsr & (SIM_PSR_T | SIM_PSR_I), SIM_PSR_I);
}
