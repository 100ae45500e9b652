/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The modelled chip as a whole: life, power, resets, time and its events, reports, snapshots.
 */

#include "chip-private.h"

#include <stdlib.h>
#include <string.h>

static const char *const report_names[SIM_REPORT_COUNT] = {
    [SIM_REPORT_LINE_PROGRAMMED_TWICE] = "flash line programmed twice",
    [SIM_REPORT_UNALIGNED] = "unaligned access",
    [SIM_REPORT_UNKNOWN_REGISTER] = "unknown register",
    [SIM_REPORT_ABORT] = "abort",
    [SIM_REPORT_UNDEFINED] = "undefined instruction",
    [SIM_REPORT_FLASH_STORE] = "store to flash",
    [SIM_REPORT_FETCH_WHILE_BUSY] = "flash read while busy",
    [SIM_REPORT_IAP] = "IAP call refused",
    [SIM_REPORT_IAP_CLOCK] = "wrong IAP clock parameter",
    [SIM_REPORT_UART_OVERRUN] = "UART overrun",
    [SIM_REPORT_UART_TX_OVERRUN] = "UART transmit FIFO overrun",
    [SIM_REPORT_WATCHDOG_FEED] = "wrong watchdog feed",
    [SIM_REPORT_WATCHDOG_RESET] = "watchdog reset",
    [SIM_REPORT_SPURIOUS_IRQ] = "spurious interrupt",
    [SIM_REPORT_STACK] = "bad stack for IAP",
    [SIM_REPORT_NO_PROGRAM] = "no valid program",
    [SIM_REPORT_CRP] = "code read protection",
};

const char *sim_report_name(SimReportKind kind)
{
  return (unsigned)kind < SIM_REPORT_COUNT ? report_names[kind] : "unknown report";
}

void sim_report_at(SimChip *chip, SimReportKind kind, uint32_t pc, uint32_t value)
{
  chip->reports[kind]++;
  if (chip->config.hooks.report == NULL)
    return;
  SimReport report = {.kind = kind, .cycle = chip->cpu.cycles, .pc = pc, .value = value};
  chip->config.hooks.report(chip->config.hooks.context, &report);
}

void sim_report(SimChip *chip, SimReportKind kind, uint32_t value)
{
  /* During an instruction r15 stands two instructions ahead. */
  uint32_t ahead = !chip->in_core ? 0 : chip->cpu.cpsr & SIM_PSR_T ? 4 : 8;
  sim_report_at(chip, kind, chip->cpu.r[15] - ahead, value);
}

/* ---- Randomness (xorshift64*): part of the state, so that a run can be repeated ---- */

uint32_t sim_random(SimChip *chip)
{
  uint64_t x = chip->random;
  x ^= x >> 12;
  x ^= x << 25;
  x ^= x >> 27;
  chip->random = x;
  return (uint32_t)((x * 0x2545f4914f6cdd1du) >> 32);
}

void sim_randomise(SimChip *chip, void *bytes, size_t length)
{
  uint8_t *out = bytes;
  uint32_t random = 0;
  for (size_t i = 0; i < length; i++) {
    random = i % 4 == 0 ? sim_random(chip) : random >> 8;
    out[i] = (uint8_t)random;
  }
}

/* ---- Time and events ---- */

uint64_t sim_ticks_at(const SimChip *chip, uint64_t cycle)
{
  return chip->pclk_ticks + (cycle - chip->pclk_cycle) / chip->pclk_divider;
}

uint64_t sim_cycle_of_tick(const SimChip *chip, uint64_t tick)
{
  if (tick <= chip->pclk_ticks)
    return chip->pclk_cycle;
  uint64_t ahead = tick - chip->pclk_ticks;
  if (ahead > (UINT64_MAX - chip->pclk_cycle) / chip->pclk_divider)
    return SIM_NEVER;
  return chip->pclk_cycle + ahead * chip->pclk_divider;
}

void sim_schedule(SimChip *chip, SimEvent event, uint64_t cycle)
{
  chip->events[event] = cycle;
  uint64_t next = SIM_NEVER;
  for (unsigned i = 0; i < SIM_EVENT_COUNT; i++)
    next = chip->events[i] < next ? chip->events[i] : next;
  chip->next_event = next;
  if (next < chip->cpu.run_until)
    chip->cpu.run_until = next;
}

void sim_schedule_tick(SimChip *chip, SimEvent event, uint64_t tick)
{
  sim_schedule(chip, event, tick == SIM_NEVER ? SIM_NEVER : sim_cycle_of_tick(chip, tick));
}

void sim_leave_core(SimChip *chip)
{
  chip->cpu.run_until = 0;
}

static void dispatch(SimChip *chip, SimEvent event, uint64_t cycle)
{
  switch (event) {
  case SIM_EVENT_FLASH:
    sim_flash_event(chip, cycle);
    break;
  case SIM_EVENT_WATCHDOG:
    sim_watchdog_event(chip, cycle);
    break;
  case SIM_EVENT_BOOT:
    sim_boot_event(chip, cycle);
    break;
  case SIM_EVENT_LINE:
    sim_line_event(chip, cycle);
    break;
  case SIM_EVENT_UART0:
  case SIM_EVENT_UART1:
    sim_uart_event(chip, event - SIM_EVENT_UART0, cycle);
    break;
  case SIM_EVENT_TIMER0:
  case SIM_EVENT_TIMER1:
    sim_timer_event(chip, event - SIM_EVENT_TIMER0, cycle);
    break;
  case SIM_EVENT_ADC:
    sim_adc_event(chip, cycle);
    break;
  case SIM_EVENT_COUNT:
    break;
  }
}

void sim_catch_up(SimChip *chip)
{
  while (chip->next_event <= chip->cpu.cycles && !chip->reset_due) {
    unsigned event = 0;
    while (chip->events[event] != chip->next_event)
      event++;
    uint64_t cycle = chip->next_event;
    sim_schedule(chip, event, SIM_NEVER);
    dispatch(chip, event, cycle);
  }
}

/* ---- Running ---- */

static bool can_run(const SimChip *chip)
{
  return chip->state == SIM_STATE_RUNNING && !chip->idle && !chip->stalled;
}

/* A fetch that had to wait got one harmless instruction instead. If the core has executed it, this
 * undoes that, so that the true instruction is fetched when the flash is ready. */
static void suspend_fetch(SimChip *chip)
{
  SimCpu *cpu = &chip->cpu;
  sim_cpu_forget_fetch_window(cpu);
  if (cpu->instructions == chip->stalled_instructions)
    return;
  cpu->instructions--;
  cpu->cycles--;
  cpu->r[15] -= cpu->cpsr & SIM_PSR_T ? 2 : 4;
}

/* To the next event that is due, or to the limit. */
static void advance(SimChip *chip, uint64_t limit)
{
  if (chip->next_event < limit)
    limit = chip->next_event;
  if (!can_run(chip)) {
    if (chip->cpu.cycles < limit)
      chip->cpu.cycles = limit;
    return;
  }
  chip->in_core = true;
  sim_cpu_run(&chip->cpu, limit);
  chip->in_core = false;
  if (chip->stalled)
    suspend_fetch(chip);
}

/* Events, and what could not be done within an instruction. */
static void settle(SimChip *chip)
{
  sim_catch_up(chip);
  while (chip->reset_due) {
    sim_reset(chip, SIM_RESET_WATCHDOG);
    sim_catch_up(chip);
  }
}

void sim_chip_run_until(SimChip *chip, uint64_t cycle)
{
  bool powered = chip->state != SIM_STATE_OFF;
  settle(chip);
  while (chip->cpu.cycles < cycle && (chip->state != SIM_STATE_OFF) == powered) {
    advance(chip, cycle);
    settle(chip);
  }
}

void sim_chip_step(SimChip *chip)
{
  settle(chip);
  if (can_run(chip)) {
    chip->in_core = true;
    /* The waiting ROM goes to run_until in one step. */
    chip->cpu.run_until = chip->next_event == SIM_NEVER ? chip->cpu.cycles + 1 : chip->next_event;
    sim_cpu_step(&chip->cpu);
    chip->in_core = false;
    if (chip->stalled)
      suspend_fetch(chip);
  } else if (chip->next_event != SIM_NEVER) {
    chip->cpu.cycles = chip->next_event;
  } else {
    chip->cpu.cycles++;
  }
  settle(chip);
}

/* ---- Power and resets ---- */

/* All peripherals to their reset state. PCLK is CCLK/4 from here (UM10114 table 76). */
static void reset_peripherals(SimChip *chip, SimResetCause cause)
{
  for (unsigned i = 0; i < SIM_EVENT_COUNT; i++)
    if (i != SIM_EVENT_LINE)
      sim_schedule(chip, i, SIM_NEVER);
  sim_system_reset(chip);
  sim_vic_reset(chip);
  sim_gpio_reset(chip);
  sim_plain_reset(chip);
  sim_uart_reset(chip);
  sim_timer_reset(chip);
  sim_adc_reset(chip);
  sim_watchdog_reset(chip, cause);
}

/* What a reset leaves of SRAM: not the word in the write buffer (UM10114 ch. 1), not the ISP
 * handler's variables (§21.5.11), nor its stack and the flash commands' area if it ran. */
static void reset_ram(SimChip *chip)
{
  memcpy(chip->ram + chip->ram_last_offset, &chip->ram_last_cells, 4);
  sim_randomise(chip, chip->ram + 0x120, 0xe0);
  if (chip->isp_ran)
    sim_randomise(chip, chip->ram + 0x3ee0, 0x120);
}

void sim_reset(SimChip *chip, SimResetCause cause)
{
  chip->reset_due = false;
  chip->idle = false;
  chip->stalled = false;
  chip->resets++;
  sim_flash_reset(chip);
  sim_flash_read_weak(chip);
  if (cause == SIM_RESET_POWER) {
    chip->isp_ran = false;
    sim_randomise(chip, chip->ram, sizeof chip->ram);
    sim_randomise(chip, chip->cpu.r, sizeof chip->cpu.r);
  } else {
    reset_ram(chip);
  }
  memcpy(&chip->ram_last_cells, chip->ram + chip->ram_last_offset, 4);
  reset_peripherals(chip, cause);
  sim_cpu_reset(&chip->cpu, &chip->bus);
  sim_boot_begin(chip);
}

void sim_cut_power(SimChip *chip)
{
  if (chip->state == SIM_STATE_OFF)
    return;
  sim_flash_reset(chip);
  reset_peripherals(chip, SIM_RESET_POWER);
  chip->state = SIM_STATE_OFF;
  chip->idle = false;
  chip->stalled = false;
  chip->reset_due = false;
  sim_leave_core(chip);
}

void sim_chip_power_on(SimChip *chip)
{
  if (chip->state == SIM_STATE_OFF)
    sim_reset(chip, SIM_RESET_POWER);
}

void sim_chip_power_off(SimChip *chip)
{
  sim_cut_power(chip);
}

bool sim_chip_is_powered(const SimChip *chip)
{
  return chip->state != SIM_STATE_OFF;
}

void sim_chip_reset_pin(SimChip *chip)
{
  if (chip->state != SIM_STATE_OFF)
    sim_reset(chip, SIM_RESET_PIN);
}

bool sim_chip_watchdog_bite(SimChip *chip)
{
  if (chip->events[SIM_EVENT_WATCHDOG] == SIM_NEVER)
    return false;
  sim_schedule(chip, SIM_EVENT_WATCHDOG, SIM_NEVER);
  sim_watchdog_event(chip, chip->cpu.cycles);
  settle(chip);
  return true;
}

/* ---- Life and snapshots ---- */

void sim_chip_config_init(SimChipConfig *config)
{
  *config = (SimChipConfig){.crystal_hz = 11059200,
                            .erase_ms = 100,
                            .program_us = 1000,
                            .seed = 1,
                            .um_copy_sizes = false};
}

SimChip *sim_chip_new(const SimChipConfig *config)
{
  SimChip *chip = calloc(1, sizeof *chip);
  if (chip == NULL)
    return NULL;
  chip->config = *config;
  /* Any seed will do, and neighbours shall differ: never 0, well mixed. */
  chip->random = (config->seed + 0x9e3779b97f4a7c15u) * 0xbf58476d1ce4e5b9u | 1;
  chip->line.baud = 115200;
  chip->gpio.input[0] = 0x4003; /* P0.14 (no ISP), RXD0, TXD0 */
  chip->gpio.input[1] = 0xffff0000;
  for (unsigned i = 0; i < SIM_EVENT_COUNT; i++)
    chip->events[i] = SIM_NEVER;
  chip->next_event = SIM_NEVER;
  chip->pclk_divider = 4;
  sim_bus_init(chip);
  memset(chip->flash_bytes, 0xff, sizeof chip->flash_bytes);
  sim_flash_taken_over(chip);
  reset_peripherals(chip, SIM_RESET_POWER);
  sim_cpu_reset(&chip->cpu, &chip->bus);
  return chip;
}

void sim_chip_free(SimChip *chip)
{
  if (chip == NULL)
    return;
  sim_line_free(&chip->line);
  free(chip);
}

/* A pointer into `from` becomes the same place in `to`; others are constants of the program. */
static const uint8_t *relocated(const uint8_t *bytes, SimChip *to, const SimChip *from)
{
  uintptr_t offset = (uintptr_t)bytes - (uintptr_t)from;
  return offset < sizeof *from ? (const uint8_t *)to + offset : bytes;
}

void sim_chip_copy(SimChip *to, const SimChip *from)
{
  if (to == from)
    return;
  SimQueue to_chip = to->line.to_chip;
  SimQueue from_chip = to->line.from_chip;
  SimChipHooks hooks = to->config.hooks;
  *to = *from;
  to->config.hooks = hooks;
  to->bus.context = to;
  to->cpu.bus = &to->bus;
  if (to->cpu.window.size != 0)
    to->cpu.window.bytes = relocated(from->cpu.window.bytes, to, from);
  to->line.to_chip = to_chip;
  to->line.from_chip = from_chip;
  if (!sim_queue_copy(&to->line.to_chip, &from->line.to_chip) ||
      !sim_queue_copy(&to->line.from_chip, &from->line.from_chip))
    abort();
}

/* ---- Questions ---- */

uint8_t *sim_chip_flash(SimChip *chip)
{
  return chip->flash_bytes;
}

void sim_chip_flash_loaded(SimChip *chip)
{
  sim_flash_taken_over(chip);
}

uint8_t *sim_chip_ram(SimChip *chip)
{
  return chip->ram;
}

uint64_t sim_chip_get_cycle(const SimChip *chip)
{
  return chip->cpu.cycles;
}

/* a * b / c without overflow on the way, rounded down. */
static uint64_t scale(uint64_t a, uint64_t b, uint64_t c)
{
  return a / c * b + a % c * b / c;
}

uint64_t sim_chip_cycles_from_us(const SimChip *chip, uint64_t us)
{
  return scale(us, chip->config.crystal_hz, 1000000);
}

uint64_t sim_chip_us_from_cycles(const SimChip *chip, uint64_t cycles)
{
  return scale(cycles, 1000000, chip->config.crystal_hz);
}

uint32_t sim_chip_get_pc(const SimChip *chip)
{
  return chip->cpu.r[15];
}

uint32_t sim_chip_get_cpsr(const SimChip *chip)
{
  return chip->cpu.cpsr;
}

int sim_chip_get_channel_in_service(const SimChip *chip)
{
  return sim_vic_get_channel_in_service(&chip->vic);
}

uint64_t sim_chip_get_instructions(const SimChip *chip)
{
  return chip->cpu.instructions;
}

unsigned sim_chip_count_reports(const SimChip *chip, SimReportKind kind)
{
  return (unsigned)kind < SIM_REPORT_COUNT ? chip->reports[kind] : 0;
}

unsigned sim_chip_count_operations(const SimChip *chip, SimFlashOperationKind kind)
{
  return chip->flash.count[kind == SIM_FLASH_PROGRAM];
}

unsigned sim_chip_count_resets(const SimChip *chip)
{
  return chip->resets;
}

bool sim_chip_is_idle(const SimChip *chip)
{
  return chip->state == SIM_STATE_RUNNING && chip->idle;
}

bool sim_chip_is_in_isp(const SimChip *chip)
{
  return chip->state == SIM_STATE_ISP;
}
