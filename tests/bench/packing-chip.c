/* SPDX-License-Identifier: GPL-3.0-or-later */

#include "packing-chip.h"

#include "cpu.h"
#include "wire-bytes.h"

#include <glib.h>
#include <string.h>

enum {
  CODE = WIRE_FLASH_SIZE, /* the decoder, as the build links it */
  CODE_SIZE = 0x1000,
  RETURN = CODE + CODE_SIZE - 4,
  RAM = 0x40000000,
  RAM_SIZE = 0x2000,
  SOURCE = RAM, /* WireUnpack: two words */
  READABLE = RAM + 0x20,
  PACKED = RAM + 0x100,
  OUTPUT = RAM + 0x800,
  STACK = RAM + 0x1f00,
  ENTRY_OFFSET = 24, /* e_entry of an ELF file for 32 bits */
  CYCLES_MAX = 10000000,
};

static uint8_t memory[CODE + CODE_SIZE], ram[RAM_SIZE];
static uint32_t entry;

static uint8_t *find(uint32_t addr, unsigned width)
{
  if (addr <= sizeof memory - width)
    return memory + addr;
  if (addr >= RAM && addr - RAM <= sizeof ram - width)
    return ram + (addr - RAM);
  return NULL;
}

static bool fetch(void *context, uint32_t addr, SimFetchWindow *window)
{
  (void)context;
  *window = (SimFetchWindow){0, sizeof memory, memory, 0};
  return addr < sizeof memory;
}

static bool load(void *context, uint32_t addr, unsigned width, bool user, uint32_t *value)
{
  const uint8_t *bytes = find(addr, width);

  (void)context;
  (void)user;
  *value = 0;
  if (bytes)
    memcpy(value, bytes, width);
  return bytes != NULL;
}

static bool store(void *context, uint32_t addr, unsigned width, bool user, uint32_t value)
{
  uint8_t *bytes = find(addr, width);

  (void)context;
  (void)user;
  if (bytes && addr >= RAM)
    memcpy(bytes, &value, width);
  return bytes && addr >= RAM;
}

size_t packing_chip_load(const char *elf, const char *bin)
{
  g_autofree char *elf_bytes = NULL, *bin_bytes = NULL;
  gsize elf_length, bin_length;

  if (!g_file_get_contents(elf, &elf_bytes, &elf_length, NULL) ||
      !g_file_get_contents(bin, &bin_bytes, &bin_length, NULL) || bin_length > CODE_SIZE - 4)
    return 0;
  memcpy(memory + CODE, bin_bytes, bin_length);
  entry = wire_get_u32((const uint8_t *)elf_bytes + ENTRY_OFFSET) & ~1u;
  return bin_length;
}

uint64_t packing_chip_unpack(const WireUnpack *source, const uint8_t *packed, size_t packed_length,
                             uint32_t addr, uint8_t *to, size_t length)
{
  static const SimBus bus = {NULL, fetch, load, store, NULL, NULL};
  SimCpu cpu = {0};

  memcpy(memory, source->flash, WIRE_FLASH_SIZE);
  memcpy(find(READABLE, 1), source->readable, WIRE_UNPACK_READABLE_SIZE);
  memcpy(find(PACKED, 1), packed, packed_length);
  wire_put_u32(find(SOURCE, 4), 0);
  wire_put_u32(find(SOURCE + 4, 4), READABLE);
  wire_put_u32(find(STACK, 4), OUTPUT); /* the fifth and the sixth argument */
  wire_put_u32(find(STACK + 4, 4), (uint32_t)length);
  sim_cpu_reset(&cpu, &bus);
  cpu.cpsr |= SIM_PSR_T;
  cpu.r[0] = SOURCE;
  cpu.r[1] = PACKED;
  cpu.r[2] = (uint32_t)packed_length;
  cpu.r[3] = addr;
  cpu.r[13] = STACK;
  cpu.r[14] = RETURN | 1;
  cpu.r[15] = entry;
  while (cpu.r[15] != RETURN && cpu.cycles < CYCLES_MAX)
    sim_cpu_step(&cpu);
  memcpy(to, find(OUTPUT, 1), length);
  return cpu.r[15] == RETURN && cpu.r[0] == 1 ? cpu.cycles : 0;
}
