/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The address map (UM10114 ch. 2): who answers an access of the core, what it costs, what aborts.
 */

#include "chip-private.h"

#include <string.h>

enum {
  SLOT_SIZE = 0x4000,
  SLOT_COUNT = 128,
  APB_WAIT = 3, /* bridge; the true figure is not documented. Then the PCLK edge is awaited. */
};

#define APB_ADDR      0xe0000000u
#define AHB_ADDR      0xfffc0000u /* from here on slots of 16 KB of which only the last has a device */
#define VIC_SLOT_ADDR 0xffffc000u
#define VIC_ADDR      0xfffff000u

typedef struct {
  SimLoad *load;
  SimStore *store;
  unsigned unit;
  uint32_t power; /* PCONP bit, 0: always on */
} Block;

/* UM10114 table 18. Slots without a block abort. */
static const Block blocks[SLOT_COUNT] = {
    [0] = {sim_watchdog_load, sim_watchdog_store, 0, 0},
    [1] = {sim_timer_load, sim_timer_store, 0, SIM_POWER_TIMER0},
    [2] = {sim_timer_load, sim_timer_store, 1, SIM_POWER_TIMER1},
    [3] = {sim_uart_load, sim_uart_store, 0, SIM_POWER_UART0},
    [4] = {sim_uart_load, sim_uart_store, 1, SIM_POWER_UART1},
    [5] = {sim_plain_load, sim_plain_store, 5, 1u << 5}, /* PWM */
    [7] = {sim_plain_load, sim_plain_store, 7, 1u << 7}, /* I2C */
    [8] = {sim_plain_load, sim_plain_store, 8, 1u << 8}, /* SPI0 */
    [9] = {sim_plain_load, sim_plain_store, 9, 1u << 9}, /* RTC */
    [10] = {sim_gpio_load, sim_gpio_store, 0, 0},
    [11] = {sim_pinsel_load, sim_pinsel_store, 0, 0},
    [12] = {sim_plain_load, sim_plain_store, 12, 1u << 10}, /* SPI1 */
    [13] = {sim_adc_load, sim_adc_store, 0, SIM_POWER_ADC},
    [127] = {sim_system_load, sim_system_store, 0, 0},
};

/* ---- Memory ---- */

/* What lies at a memory address; NULL: none. *is_flash: it is read through the flash. */
static const uint8_t *memory_at(const SimChip *chip, uint32_t addr, bool *is_flash)
{
  *is_flash = true;
  if (addr - SIM_RAM_ADDR < SIM_RAM_SIZE) {
    *is_flash = false;
    return chip->ram + (addr - SIM_RAM_ADDR);
  }
  if (addr < SIM_WINDOW_SIZE && chip->system.memmap == 2) {
    *is_flash = false;
    return chip->ram + addr;
  }
  if (addr < SIM_WINDOW_SIZE && chip->system.memmap == 0)
    return chip->flash_bytes + SIM_BOOT_FLASH_ADDR + addr;
  if (addr < WIRE_FLASH_SIZE)
    return chip->flash_bytes + addr;
  if (addr - SIM_BOOT_ADDR < WIRE_SECTOR_SIZE)
    return chip->flash_bytes + SIM_BOOT_FLASH_ADDR + (addr - SIM_BOOT_ADDR);
  return NULL;
}

static uint32_t read_bytes(const uint8_t *bytes, unsigned width)
{
  uint32_t value = bytes[0];
  if (width > 1)
    value |= (uint32_t)bytes[1] << 8;
  if (width > 2)
    value |= (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
  return value;
}

bool sim_bus_peek(const SimChip *chip, uint32_t addr, uint32_t *word)
{
  bool is_flash;
  const uint8_t *bytes = memory_at(chip, addr & ~3u, &is_flash);
  if (bytes != NULL)
    *word = read_bytes(bytes, 4);
  return bytes != NULL;
}

/* The write buffer holds the word written last: what the cells hold is kept beside, in case of a
 * reset (UM10114 ch. 1). */
void sim_ram_store(SimChip *chip, uint32_t offset, unsigned width, uint32_t value)
{
  uint8_t *bytes = chip->ram + offset;
  chip->ram_last_offset = offset & ~3u;
  memcpy(&chip->ram_last_cells, chip->ram + chip->ram_last_offset, 4);
  bytes[0] = (uint8_t)value;
  if (width > 1)
    bytes[1] = (uint8_t)(value >> 8);
  if (width > 2) {
    bytes[2] = (uint8_t)(value >> 16);
    bytes[3] = (uint8_t)(value >> 24);
  }
}

/* A data access keeps the core waiting until the flash is ready (UM10114 §3.4.3). The instruction
 * is under way, so time runs here; a reset or a power cut ends the wait. */
static void wait_for_flash(SimChip *chip, uint32_t addr)
{
  sim_catch_up(chip);
  if (!chip->flash.busy)
    return;
  sim_report(chip, SIM_REPORT_FETCH_WHILE_BUSY, addr);
  while (chip->flash.busy && !chip->reset_due) {
    if (chip->flash.end == SIM_NEVER && chip->events[SIM_EVENT_WATCHDOG] == SIM_NEVER) {
      chip->stalled = true; /* for ever: only the outside can end this */
      chip->stalled_instructions = chip->cpu.instructions;
      sim_leave_core(chip);
      return;
    }
    if (chip->cpu.cycles < chip->next_event)
      chip->cpu.cycles = chip->next_event;
    sim_catch_up(chip);
  }
}

/* With the MAM fully on, data comes from one latched line (UM10114 §3.4); else each access pays. */
static void pay_for_flash_data(SimChip *chip, uint32_t addr)
{
  uint32_t line = addr / SIM_LINE_SIZE;
  if (chip->system.mamcr == 2 && chip->flash.latched_line == line)
    return;
  chip->flash.latched_line = line;
  sim_cpu_stall(&chip->cpu, sim_system_flash_wait(chip));
}

/* ---- Fetches ---- */

static const uint8_t arm_nop[4] = {0x00, 0x00, 0xa0, 0xe1};   /* mov r0, r0 */
static const uint8_t thumb_nop[4] = {0xc0, 0x46, 0xc0, 0x46}; /* mov r8, r8 twice */

/* The flash is busy: the core waits. It gets something harmless, see suspend_fetch(). */
static void stall_fetch(SimChip *chip, uint32_t addr, SimFetchWindow *window)
{
  if (!chip->stalled)
    sim_report_at(chip, SIM_REPORT_FETCH_WHILE_BUSY, addr, addr);
  chip->stalled = true;
  chip->stalled_instructions = chip->cpu.instructions;
  sim_leave_core(chip);
  const uint8_t *nop = chip->cpu.cpsr & SIM_PSR_T ? thumb_nop : arm_nop;
  *window = (SimFetchWindow){.base = addr, .size = 4, .bytes = nop, .wait = 0};
}

/* The core tells no one when it takes these two; but each vector is a window of its own, so it has
 * to ask for it. */
static void report_exception(SimChip *chip, uint32_t addr)
{
  const SimCpu *cpu = &chip->cpu;
  uint32_t mode = cpu->cpsr & SIM_PSR_MODE;
  if (addr == 0x04 && mode == SIM_MODE_UNDEFINED) {
    bool thumb = (sim_cpu_get_spsr(cpu, SIM_MODE_UNDEFINED) & SIM_PSR_T) != 0;
    uint32_t at = cpu->r[14] - (thumb ? 2 : 4);
    uint32_t word = 0;
    sim_bus_peek(chip, at, &word);
    sim_report_at(chip, SIM_REPORT_UNDEFINED, at, thumb && (at & 2) ? word >> 16 : word);
  } else if (addr == 0x0c && mode == SIM_MODE_ABORT) {
    sim_report_at(chip, SIM_REPORT_ABORT, cpu->r[14] - 4, cpu->r[14] - 4);
  }
}

/* The stretch around an address within which nothing changes. */
static void find_stretch(uint32_t addr, SimFetchWindow *window)
{
  if (addr < 0x1c)
    *window = (SimFetchWindow){.base = addr, .size = 4};
  else if (addr < SIM_WINDOW_SIZE)
    *window = (SimFetchWindow){.base = 0x1c, .size = SIM_WINDOW_SIZE - 0x1c};
  else if (addr < WIRE_FLASH_SIZE)
    *window = (SimFetchWindow){.base = SIM_WINDOW_SIZE, .size = WIRE_FLASH_SIZE - SIM_WINDOW_SIZE};
  else if (addr - SIM_RAM_ADDR < SIM_RAM_SIZE)
    *window = (SimFetchWindow){.base = SIM_RAM_ADDR, .size = SIM_RAM_SIZE};
  else
    *window = (SimFetchWindow){.base = SIM_BOOT_ADDR, .size = WIRE_SECTOR_SIZE};
}

static void fetch_from_flash(SimChip *chip, uint32_t addr, SimFetchWindow *window)
{
  if (chip->flash.busy)
    sim_catch_up(chip);
  if (chip->flash.busy)
    stall_fetch(chip, addr, window);
  else if (chip->system.mamcr == 0)
    window->wait = sim_system_flash_wait(chip);
  else
    sim_cpu_stall(&chip->cpu, sim_system_flash_wait(chip)); /* a jump; then the MAM runs ahead */
}

static bool fetch(void *context, uint32_t addr, SimFetchWindow *window)
{
  SimChip *chip = context;
  bool is_flash;
  if (memory_at(chip, addr, &is_flash) == NULL)
    return false;
  find_stretch(addr, window);
  window->bytes = memory_at(chip, window->base, &is_flash);
  /* The ROM's own waiting runs in RAM on the true chip; here its view is never kept waiting. */
  if (is_flash && window->base != SIM_BOOT_ADDR)
    fetch_from_flash(chip, addr, window);
  if (addr < SIM_WINDOW_SIZE && !chip->stalled)
    report_exception(chip, addr);
  return true;
}

/* ---- Registers ---- */

static void pay_for_apb(SimChip *chip)
{
  SimCpu *cpu = &chip->cpu;
  sim_cpu_stall(cpu, APB_WAIT);
  uint32_t past = (uint32_t)((cpu->cycles - chip->pclk_cycle) % chip->pclk_divider);
  if (past != 0)
    sim_cpu_stall(cpu, chip->pclk_divider - past);
  sim_catch_up(chip);
}

/* The block in whose slot an APB address lies; NULL: none. Notes the use of one without power. */
static const Block *find_block(SimChip *chip, uint32_t addr)
{
  const Block *block = &blocks[(addr - APB_ADDR) / SLOT_SIZE];
  if (block->load == NULL)
    return NULL;
  pay_for_apb(chip);
  if (block->power != 0 && (chip->system.pconp & block->power) == 0)
    sim_report(chip, SIM_REPORT_UNKNOWN_REGISTER, addr);
  return block;
}

static bool load_register(SimChip *chip, uint32_t addr, unsigned width, uint32_t *value)
{
  const Block *block = find_block(chip, addr);
  if (block == NULL)
    return false;
  *value = 0;
  if ((addr & 3) != 0 || !block->load(chip, block->unit, addr % SLOT_SIZE, value))
    sim_report(chip, SIM_REPORT_UNKNOWN_REGISTER, addr);
  if (width < 4)
    *value &= (1u << (8 * width)) - 1;
  return true;
}

static bool store_register(SimChip *chip, uint32_t addr, uint32_t value)
{
  const Block *block = find_block(chip, addr);
  if (block == NULL)
    return false;
  if ((addr & 3) != 0 || !block->store(chip, block->unit, addr % SLOT_SIZE, value))
    sim_report(chip, SIM_REPORT_UNKNOWN_REGISTER, addr);
  return true;
}

/* The VIC takes words only (UM10114 §5.3), and from user mode only if VICProtection allows. */
static bool reach_vic(SimChip *chip, uint32_t addr, unsigned width, bool user, bool *known)
{
  if (addr < VIC_SLOT_ADDR || (user && chip->vic.protection))
    return false;
  sim_catch_up(chip);
  *known = addr >= VIC_ADDR && width == 4;
  return true;
}

static bool load_vic(SimChip *chip, uint32_t addr, unsigned width, bool user, uint32_t *value)
{
  bool known;
  if (!reach_vic(chip, addr, width, user, &known))
    return false;
  *value = 0;
  if (!known || !sim_vic_load(chip, 0, addr - VIC_ADDR, value))
    sim_report(chip, SIM_REPORT_UNKNOWN_REGISTER, addr);
  return true;
}

static bool store_vic(SimChip *chip, uint32_t addr, unsigned width, bool user, uint32_t value)
{
  bool known;
  if (!reach_vic(chip, addr, width, user, &known))
    return false;
  if (!known || !sim_vic_store(chip, 0, addr - VIC_ADDR, value))
    sim_report(chip, SIM_REPORT_UNKNOWN_REGISTER, addr);
  return true;
}

/* ---- Data accesses ---- */

static bool load(void *context, uint32_t addr, unsigned width, bool user, uint32_t *value)
{
  SimChip *chip = context;
  bool is_flash;
  const uint8_t *bytes = memory_at(chip, addr, &is_flash);
  if (bytes != NULL) {
    if (is_flash) {
      if (chip->flash.busy)
        wait_for_flash(chip, addr);
      pay_for_flash_data(chip, addr);
    }
    *value = read_bytes(bytes, width);
    return true;
  }
  bool done = false;
  if (addr - APB_ADDR < SLOT_COUNT * SLOT_SIZE)
    done = load_register(chip, addr, width, value);
  else if (addr >= AHB_ADDR)
    done = load_vic(chip, addr, width, user, value);
  if (!done)
    sim_report(chip, SIM_REPORT_ABORT, addr);
  return done;
}

static bool store(void *context, uint32_t addr, unsigned width, bool user, uint32_t value)
{
  SimChip *chip = context;
  if (addr - SIM_RAM_ADDR < SIM_RAM_SIZE) {
    sim_ram_store(chip, addr - SIM_RAM_ADDR, width, value);
    return true;
  }
  if (addr < SIM_WINDOW_SIZE && chip->system.memmap == 2) {
    sim_ram_store(chip, addr, width, value);
    return true;
  }
  if (addr < WIRE_FLASH_SIZE || addr - SIM_BOOT_ADDR < WIRE_SECTOR_SIZE) {
    sim_report(chip, SIM_REPORT_FLASH_STORE, addr);
    return true;
  }
  bool done = false;
  if (addr - APB_ADDR < SLOT_COUNT * SLOT_SIZE)
    done = store_register(chip, addr, value);
  else if (addr >= AHB_ADDR)
    done = store_vic(chip, addr, width, user, value);
  if (!done)
    sim_report(chip, SIM_REPORT_ABORT, addr);
  return done;
}

static void unaligned(void *context, uint32_t addr, unsigned width)
{
  (void)width;
  sim_report(context, SIM_REPORT_UNALIGNED, addr);
}

static bool trap(void *context, uint32_t number)
{
  return sim_iap_trap(context, number);
}

void sim_bus_init(SimChip *chip)
{
  chip->bus = (SimBus){.context = chip,
                       .fetch = fetch,
                       .load = load,
                       .store = store,
                       .unaligned = unaligned,
                       .trap = trap};
}
