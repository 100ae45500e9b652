/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The test bench around the modelled chip.
 */

#include "chip-bench.h"

#include <string.h>

enum { BRANCH_TO_SELF = (int)0xeafffffe };

void bench_put_words(SimChip *chip, uint32_t addr, const uint32_t *words, unsigned count)
{
  uint8_t *bytes = addr >= SIM_RAM_ADDR ? sim_chip_ram(chip) + (addr - SIM_RAM_ADDR)
                                        : sim_chip_flash(chip) + addr;
  for (unsigned i = 0; i < 4 * count; i++)
    bytes[i] = (uint8_t)(words[i / 4] >> 8 * (i % 4));
}

uint32_t bench_get_word(SimChip *chip, uint32_t addr)
{
  uint32_t word = 0;
  assert_true(sim_bus_peek(chip, addr, &word));
  return word;
}

void bench_put_vectors(SimChip *chip)
{
  uint32_t vectors[WIRE_VECTOR_COUNT];
  for (unsigned i = 0; i < WIRE_VECTOR_COUNT; i++)
    vectors[i] = (uint32_t)BRANCH_TO_SELF;
  vectors[5] = 0 - 7 * (uint32_t)BRANCH_TO_SELF;
  bench_put_words(chip, 0, vectors, WIRE_VECTOR_COUNT);
  sim_chip_flash_loaded(chip);
}

SimChip *bench_new_with(const SimChipConfig *config)
{
  SimChip *chip = sim_chip_new(config);
  assert_non_null(chip);
  bench_put_vectors(chip);
  return chip;
}

SimChip *bench_new(void)
{
  SimChipConfig config;
  sim_chip_config_init(&config);
  return bench_new_with(&config);
}

static SimFlashFate decide(void *context, const SimFlashOperation *operation, uint8_t *depth)
{
  BenchPlan *plan = context;
  if (operation->kind != plan->kind || operation->number != plan->number)
    return SIM_FLASH_GOES_WELL;
  plan->fired++;
  plan->seen = *operation;
  *depth = plan->depth;
  return plan->fate;
}

static void note_done(void *context, const SimFlashOperation *operation)
{
  BenchPlan *plan = context;
  plan->done++;
  plan->seen_done = *operation;
}

SimChip *bench_new_with_plan(BenchPlan *plan, uint64_t seed)
{
  SimChipConfig config;
  sim_chip_config_init(&config);
  config.seed = seed;
  config.hooks.context = plan;
  config.hooks.flash_operation = decide;
  config.hooks.flash_done = note_done;
  SimChip *chip = bench_new_with(&config);
  memset(sim_chip_flash(chip) + BENCH_SECTOR_3, BENCH_OLD, WIRE_SECTOR_SIZE);
  sim_chip_flash_loaded(chip);
  bench_start(chip);
  return chip;
}

void bench_fill_source(SimChip *chip, unsigned length)
{
  for (unsigned i = 0; i < length; i++)
    sim_chip_ram(chip)[BENCH_SOURCE - SIM_RAM_ADDR + i] = (uint8_t)(i * 7 + i / 256);
}

void bench_boot(SimChip *chip)
{
  while (chip->state == SIM_STATE_BOOTING)
    sim_chip_step(chip);
}

void bench_park(SimChip *chip)
{
  static const uint32_t code[3] = {0xe5801000, 0xe5901000, (uint32_t)BRANCH_TO_SELF};
  bench_put_words(chip, BENCH_CODE, code, 3);
  chip->cpu.cpsr = SIM_PSR_I | SIM_PSR_F | SIM_MODE_SVC;
  chip->cpu.r[13] = BENCH_STACK;
  chip->cpu.r[15] = BENCH_PARK;
  chip->cpu.window.size = 0;
}

void bench_start(SimChip *chip)
{
  sim_chip_power_on(chip);
  bench_boot(chip);
  assert_int_equal(chip->state, SIM_STATE_RUNNING);
  bench_park(chip);
  bench_poke(chip, MAMTIM, 1);
  bench_poke(chip, VPBDIV, 1);
}

SimChip *bench_new_started(void)
{
  SimChip *chip = bench_new();
  bench_start(chip);
  return chip;
}

/* One instruction of the bench's code, whatever the core does meanwhile. */
static void execute(SimChip *chip, uint32_t addr)
{
  chip->cpu.r[15] = addr;
  sim_chip_step(chip);
  if (chip->state == SIM_STATE_RUNNING && chip->cpu.r[15] == addr + 4)
    chip->cpu.r[15] = BENCH_PARK;
}

void bench_poke(SimChip *chip, uint32_t addr, uint32_t value)
{
  chip->cpu.r[0] = addr;
  chip->cpu.r[1] = value;
  execute(chip, BENCH_CODE);
}

uint32_t bench_peek(SimChip *chip, uint32_t addr)
{
  chip->cpu.r[0] = addr;
  execute(chip, BENCH_CODE + 4);
  return chip->cpu.r[1];
}

void bench_sleep_until(SimChip *chip, uint64_t cycle)
{
  chip->idle = true;
  sim_chip_run_until(chip, cycle);
  chip->idle = false;
}

uint32_t bench_peek_at(SimChip *chip, uint64_t cycle, uint32_t addr)
{
  bench_sleep_until(chip, cycle - BENCH_ACCESS);
  assert_int_equal(chip->cpu.cycles, cycle - BENCH_ACCESS);
  return bench_peek(chip, addr);
}

void bench_pass(SimChip *chip, uint64_t cycles)
{
  sim_chip_run_until(chip, sim_chip_get_cycle(chip) + cycles);
}

void bench_iap_begin(SimChip *chip, const uint32_t command[5])
{
  bench_put_words(chip, BENCH_TABLE, command, 5);
  chip->cpu.r[0] = BENCH_TABLE;
  chip->cpu.r[1] = BENCH_TABLE + 0x20;
  chip->cpu.r[14] = BENCH_PARK;
  chip->cpu.r[15] = SIM_IAP_ENTRY;
  chip->cpu.cpsr |= SIM_PSR_T;
}

bool bench_iap_is_over(const SimChip *chip)
{
  return chip->cpu.r[15] == BENCH_PARK;
}

uint32_t bench_iap(SimChip *chip, const uint32_t command[5], uint32_t results[2])
{
  bench_iap_begin(chip, command);
  while (sim_chip_is_powered(chip) && !bench_iap_is_over(chip))
    sim_chip_step(chip);
  for (unsigned i = 0; results != NULL && i < 2; i++)
    results[i] = bench_get_word(chip, BENCH_TABLE + 0x24 + 4 * i);
  return bench_get_word(chip, BENCH_TABLE + 0x20);
}

uint32_t bench_prepare(SimChip *chip, uint32_t first, uint32_t last)
{
  return bench_iap(chip, (uint32_t[5]){50, first, last}, NULL);
}

uint32_t bench_erase(SimChip *chip, uint32_t first, uint32_t last)
{
  assert_int_equal(bench_prepare(chip, first, last), 0);
  return bench_iap(chip, (uint32_t[5]){52, first, last, 11059}, NULL);
}

uint32_t bench_program(SimChip *chip, uint32_t dst, uint32_t src, uint32_t count)
{
  assert_int_equal(
      bench_prepare(chip, dst / WIRE_SECTOR_SIZE, (dst + count - 1) / WIRE_SECTOR_SIZE), 0);
  return bench_iap(chip, (uint32_t[5]){51, dst, src, count, 11059}, NULL);
}

void bench_setup_uart(SimChip *chip, uint32_t divisor, unsigned trigger)
{
  bench_poke(chip, PINSEL0, 5);
  bench_poke(chip, U0LCR, 0x83);
  bench_poke(chip, U0DLL, divisor & 0xff);
  bench_poke(chip, U0DLM, divisor >> 8);
  bench_poke(chip, U0LCR, 0x03);
  bench_poke(chip, U0FCR, 1 | trigger << 6);
}

uint8_t bench_lsr(SimChip *chip)
{
  return (uint8_t)bench_peek(chip, U0LSR);
}

void bench_install_irq(SimChip *chip, uint32_t period)
{
  static const uint32_t vector = 0xe59ff018; /* ldr pc, [pc, #0x18] */
  static const uint32_t target = 0x40000100;
  static const uint32_t handler[] = {
      0xe92d0003, /* stmdb sp!, {r0, r1} */
      0xe59f0030, /* ldr r0, counter */
      0xe5901000, /* ldr r1, [r0] */
      0xe2811001, /* add r1, r1, #1 */
      0xe5801000, /* str r1, [r0] */
      0xe59f0028, /* ldr r0, vic */
      0xe5901000, /* ldr r1, [r0]: in service */
      0xe59f001c, /* ldr r0, timer */
      0xe3a010ff, /* mov r1, #0xff */
      0xe5801000, /* str r1, [r0]: the request goes */
      0xe59f0014, /* ldr r0, vic */
      0xe5801000, /* str r1, [r0]: out of service */
      0xe8bd0003, /* ldmia sp!, {r0, r1} */
      0xe25ef004, /* subs pc, lr, #4 */
      0xe1a00000, /* nop */
      BENCH_COUNTER, T0IR, VIC_VECT_ADDR,
  };
  bench_put_words(chip, target, handler, sizeof handler / 4);
  static const uint32_t zero = 0;
  bench_put_words(chip, SIM_RAM_ADDR + 0x18, &vector, 1);
  bench_put_words(chip, SIM_RAM_ADDR + 0x38, &target, 1);
  bench_put_words(chip, BENCH_COUNTER, &zero, 1);
  sim_cpu_set_register(&chip->cpu, SIM_MODE_IRQ, 13, 0x40000400);
  bench_poke(chip, MEMMAP, 2);
  bench_poke(chip, VIC_VECT_ADDR_N(0), target);
  bench_poke(chip, VIC_VECT_CNTL_N(0), 0x20 | SIM_CHANNEL_TIMER0);
  bench_poke(chip, VIC_ENABLE, 1u << SIM_CHANNEL_TIMER0);
  bench_poke(chip, T0MR0, period - 1);
  bench_poke(chip, T0MCR, 3);
  bench_poke(chip, T0TCR, 1);
  chip->cpu.cpsr &= ~(uint32_t)SIM_PSR_I;
}
