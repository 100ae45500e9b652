/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The processor core in lockstep with another one: the ARM7TDMI of mGBA executes the same random
 * instructions, and after each of them all registers of all modes and all stores must agree.
 *
 * The streams are the same in each run. `--full` or SWITCHYARD_FULL=1 makes them twenty times as
 * long.
 *
 * What this cannot show, because mGBA leaves it to the code around its core or has it not: cycles,
 * FIQ, both aborts, user privilege of accesses, what BKPT hands to the bus, and the rotation of
 * unaligned words. cpu-test has golden values for them.
 */

#include "cpu-streams.h"

#include <inttypes.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <mgba/internal/arm/arm.h>
#include <mgba/internal/arm/isa-inlines.h>

enum {
  MEMORY_SIZE = 0x10000, /* appears over and over in the whole address space */
  GUARD = 8,             /* the other core reads ahead behind the end */
  LOG_SIZE = 64,         /* accesses of one instruction */
  SESSION = 200,         /* steps from one random state */
  AWAY = 8,              /* of them in the other instruction set, before the session ends */
  STEPS = 3000000,       /* in each of ARM and Thumb state */
  FULL_FACTOR = 20,
  MISMATCHES_SHOWN = 10,
  BANKS = 6,
};

typedef struct {
  uint32_t addr;
  uint32_t value;
  uint32_t kind; /* width, + 0x100 for a store */
} Event;

/* One core's world. */
typedef struct {
  uint8_t memory[MEMORY_SIZE + GUARD];
  Event log[LOG_SIZE];
  unsigned logged;
} World;

typedef struct {
  SimCpu cpu;
  SimBus bus;
  World ours;
  struct ARMCore other;
  World theirs;
  Random random;
  uint64_t steps[2]; /* ARM, Thumb */
  uint64_t interrupts;
  unsigned mismatches;
} Lockstep;

static Lockstep lockstep;
static uint64_t steps_wanted = STEPS;

/* All modes; user and system share their registers. */
static const SimMode banked_modes[BANKS] = {SIM_MODE_SYSTEM, SIM_MODE_FIQ,   SIM_MODE_IRQ,
                                            SIM_MODE_SVC,    SIM_MODE_ABORT, SIM_MODE_UNDEFINED};

/* ---- Memory, both sides ---- */

static void log_event(World *world, uint32_t addr, uint32_t value, uint32_t kind)
{
  if (world->logged < LOG_SIZE)
    world->log[world->logged++] = (Event){.addr = addr, .value = value, .kind = kind};
}

static uint32_t read_memory(World *world, uint32_t addr, unsigned width)
{
  uint32_t value = 0;
  addr &= ~(width - 1);
  for (unsigned i = 0; i < width; i++)
    value |= (uint32_t)world->memory[(addr + i) % MEMORY_SIZE] << (8 * i);
  log_event(world, addr, value, width);
  return value;
}

static void write_memory(World *world, uint32_t addr, unsigned width, uint32_t value)
{
  addr &= ~(width - 1);
  value &= 0xffffffff >> (32 - 8 * width);
  for (unsigned i = 0; i < width; i++)
    world->memory[(addr + i) % MEMORY_SIZE] = (uint8_t)(value >> (8 * i));
  log_event(world, addr, value, width + 0x100);
}

static bool our_fetch(void *context, uint32_t addr, SimFetchWindow *window)
{
  World *world = context;
  *window = (SimFetchWindow){
      .base = addr & ~(uint32_t)(MEMORY_SIZE - 1), .size = MEMORY_SIZE, .bytes = world->memory};
  return true;
}

static bool our_load(void *context, uint32_t addr, unsigned width, bool user, uint32_t *value)
{
  (void)user;
  *value = read_memory(context, addr, width);
  return true;
}

static bool our_store(void *context, uint32_t addr, unsigned width, bool user, uint32_t value)
{
  (void)user;
  write_memory(context, addr, width, value);
  return true;
}

static uint32_t rotate(uint32_t value, unsigned amount)
{
  return amount == 0 ? value : value >> amount | value << (32 - amount);
}

/* mGBA's core expects its memory to do what the ARM7TDMI does to unaligned loads. */
static uint32_t their_load32(struct ARMCore *core, uint32_t addr, int *cycles)
{
  (void)core, (void)cycles;
  return rotate(read_memory(&lockstep.theirs, addr, 4), 8 * (addr & 3));
}

static uint32_t their_load16(struct ARMCore *core, uint32_t addr, int *cycles)
{
  (void)core, (void)cycles;
  return rotate(read_memory(&lockstep.theirs, addr, 2), 8 * (addr & 1));
}

static uint32_t their_load8(struct ARMCore *core, uint32_t addr, int *cycles)
{
  (void)core, (void)cycles;
  return read_memory(&lockstep.theirs, addr, 1);
}

static void their_store32(struct ARMCore *core, uint32_t addr, int32_t value, int *cycles)
{
  (void)core, (void)cycles;
  write_memory(&lockstep.theirs, addr, 4, (uint32_t)value);
}

static void their_store16(struct ARMCore *core, uint32_t addr, int16_t value, int *cycles)
{
  (void)core, (void)cycles;
  write_memory(&lockstep.theirs, addr, 2, (uint16_t)value);
}

static void their_store8(struct ARMCore *core, uint32_t addr, int8_t value, int *cycles)
{
  (void)core, (void)cycles;
  write_memory(&lockstep.theirs, addr, 1, (uint8_t)value);
}

/* The lowest address of a block transfer, and through `back` what the base becomes. */
static uint32_t block_start(uint32_t base, int mask, enum LSMDirection direction, uint32_t *back)
{
  uint32_t size = mask ? 4 * (uint32_t)__builtin_popcount((unsigned)mask) : 64;
  *back = direction & LSM_D ? base - size : base + size;
  switch (direction) {
  case LSM_IA:
    return base;
  case LSM_IB:
    return base + 4;
  case LSM_DA:
    return base - size + 4;
  case LSM_DB:
  default:
    return base - size;
  }
}

static uint32_t their_load_multiple(struct ARMCore *core, uint32_t base, int mask,
                                    enum LSMDirection direction, int *cycles)
{
  uint32_t back;
  uint32_t addr = block_start(base, mask, direction, &back);
  (void)cycles;
  for (unsigned n = 0; n < 16; n++) {
    if (((mask ? mask : 0x8000) >> n & 1) == 0)
      continue;
    core->gprs[n] = (int32_t)read_memory(&lockstep.theirs, addr, 4);
    addr += 4;
  }
  return back;
}

static uint32_t their_store_multiple(struct ARMCore *core, uint32_t base, int mask,
                                     enum LSMDirection direction, int *cycles)
{
  uint32_t back;
  uint32_t addr = block_start(base, mask, direction, &back);
  uint32_t pc = (uint32_t)core->gprs[15] + (core->executionMode == MODE_THUMB ? 2 : 4);
  (void)cycles;
  for (unsigned n = 0; n < 16; n++) {
    if (((mask ? mask : 0x8000) >> n & 1) == 0)
      continue;
    write_memory(&lockstep.theirs, addr, 4, n == 15 ? pc : (uint32_t)core->gprs[n]);
    addr += 4;
  }
  return back;
}

static int32_t their_stall(struct ARMCore *core, int32_t wait)
{
  (void)core;
  return wait;
}

static void their_region(struct ARMCore *core, uint32_t addr)
{
  (void)addr;
  core->memory.activeRegion = (const uint32_t *)(const void *)lockstep.theirs.memory;
  core->memory.activeMask = (MEMORY_SIZE - 1) & (core->executionMode == MODE_THUMB ? ~1u : ~3u);
}

/* ---- mGBA's core ---- */

static void no_events(struct ARMCore *core)
{
  core->cycles = 0;
  core->nextEvent = INT_MAX;
}

static void nothing(struct ARMCore *core)
{
  (void)core;
}

static void nothing_component(void *core, struct mCPUComponent *component)
{
  (void)core, (void)component;
}

static void nothing_deinit(struct mCPUComponent *component)
{
  (void)component;
}

static void their_swi(struct ARMCore *core, int immediate)
{
  (void)immediate;
  ARMRaiseSWI(core);
}

static void their_breakpoint(struct ARMCore *core, int immediate)
{
  (void)immediate;
  ARMRaiseUndefined(core);
}

static void their_undefined(struct ARMCore *core, uint32_t opcode)
{
  (void)opcode;
  ARMRaiseUndefined(core);
}

static void start_other(void)
{
  static struct mCPUComponent component = {.init = nothing_component, .deinit = nothing_deinit};
  struct ARMCore *core = &lockstep.other;
  memset(core, 0, sizeof *core);
  ARMSetComponents(core, &component, 0, NULL);
  ARMInit(core);
  core->memory = (struct ARMMemory){
      .load32 = their_load32,
      .load16 = their_load16,
      .load8 = their_load8,
      .store32 = their_store32,
      .store16 = their_store16,
      .store8 = their_store8,
      .loadMultiple = their_load_multiple,
      .storeMultiple = their_store_multiple,
      .stall = their_stall,
      .setActiveRegion = their_region,
  };
  core->irqh = (struct ARMInterruptHandler){
      .reset = nothing,
      .processEvents = no_events,
      .swi16 = their_swi,
      .swi32 = their_swi,
      .hitIllegal = their_undefined,
      .bkpt16 = their_breakpoint,
      .bkpt32 = their_breakpoint,
      .readCPSR = nothing,
      .hitStub = their_undefined,
  };
  their_region(core, 0);
  ARMReset(core);
}

/* ---- Both states ---- */

static void begin_bank(SimMode mode)
{
  SimCpu *cpu = &lockstep.cpu;
  struct ARMCore *other = &lockstep.other;
  enum RegisterBank bank = ARMSelectBank((enum PrivilegeMode)mode);
  ARMSetPrivilegeMode(other, (enum PrivilegeMode)mode);
  for (unsigned n = mode == SIM_MODE_SYSTEM || mode == SIM_MODE_FIQ ? 8 : 13; n < 15; n++) {
    uint32_t value = random_word(&lockstep.random);
    sim_cpu_set_register(cpu, mode, n, value);
    other->gprs[n] = (int32_t)value;
  }
  /* The order of our banks is that of mGBA's. */
  cpu->spsr[bank] = bank == BANK_NONE ? 0 : random_psr(&lockstep.random);
  other->spsr.packed = (int32_t)cpu->spsr[bank];
}

/* Both cores in the same random state. */
static void begin_session(bool thumb)
{
  SimCpu *cpu = &lockstep.cpu;
  struct ARMCore *other = &lockstep.other;
  uint32_t cpsr = random_psr(&lockstep.random) & ~(uint32_t)SIM_PSR_T;
  uint32_t pc = random_next(&lockstep.random) & ~3u;
  sim_cpu_reset(cpu, &lockstep.bus);
  cpu->cpsr = cpsr | (thumb ? SIM_PSR_T : 0);
  for (unsigned i = 0; i < BANKS; i++)
    begin_bank(banked_modes[i]);
  ARMSetPrivilegeMode(other, cpsr & SIM_PSR_MODE);
  other->cpsr.packed = (int32_t)cpu->cpsr;
  other->executionMode = thumb ? MODE_THUMB : MODE_ARM;
  their_region(other, pc);
  for (unsigned n = 0; n < 8; n++) {
    cpu->r[n] = random_word(&lockstep.random);
    other->gprs[n] = (int32_t)cpu->r[n];
  }
  cpu->r[15] = pc;
  other->gprs[15] = (int32_t)(pc + (thumb ? 2 : 4));
}

/* mGBA keeps r13 and r14, then r8 to r12 in a bank; the last five only in the first two banks. */
static uint32_t their_register(SimMode mode, unsigned n)
{
  const struct ARMCore *other = &lockstep.other;
  enum RegisterBank present = ARMSelectBank(other->privilegeMode);
  enum RegisterBank wanted = ARMSelectBank((enum PrivilegeMode)mode);
  if (n >= 13 && wanted != present)
    return (uint32_t)other->bankedRegisters[wanted][n - 13];
  if (n < 13 && (wanted == BANK_FIQ) != (present == BANK_FIQ))
    return (uint32_t)other->bankedRegisters[wanted == BANK_FIQ ? BANK_FIQ : BANK_NONE][n - 6];
  return (uint32_t)other->gprs[n];
}

static bool banks_agree(void)
{
  const struct ARMCore *other = &lockstep.other;
  enum RegisterBank present = ARMSelectBank(other->privilegeMode);
  for (unsigned i = 0; i < BANKS; i++) {
    SimMode mode = banked_modes[i];
    enum RegisterBank bank = ARMSelectBank((enum PrivilegeMode)mode);
    int32_t spsr = bank == present ? other->spsr.packed : other->bankedSPSRs[bank];
    if (bank != BANK_NONE && (uint32_t)spsr != sim_cpu_get_spsr(&lockstep.cpu, mode))
      return false;
    for (unsigned n = mode == SIM_MODE_FIQ || mode == SIM_MODE_SYSTEM ? 8 : 13; n < 15; n++)
      if (sim_cpu_get_register(&lockstep.cpu, mode, n) != their_register(mode, n))
        return false;
  }
  return true;
}

static bool accesses_agree(void)
{
  return lockstep.ours.logged == lockstep.theirs.logged &&
         memcmp(lockstep.ours.log, lockstep.theirs.log,
                lockstep.ours.logged * sizeof lockstep.ours.log[0]) == 0;
}

static uint32_t their_pc(void)
{
  return (uint32_t)lockstep.other.gprs[15] - (lockstep.other.executionMode == MODE_THUMB ? 2 : 4);
}

static bool states_agree(void)
{
  return memcmp(lockstep.cpu.r, lockstep.other.gprs, 15 * sizeof lockstep.cpu.r[0]) == 0 &&
         lockstep.cpu.r[15] == their_pc() &&
         lockstep.cpu.cpsr == (uint32_t)lockstep.other.cpsr.packed && accesses_agree() &&
         banks_agree();
}

static void show_mismatch(const SimCpu *before, uint32_t op)
{
  if (lockstep.mismatches++ >= MISMATCHES_SHOWN)
    return;
  const SimCpu *cpu = &lockstep.cpu;
  print_message("step %" PRIu64 ": %s %0*" PRIx32 "\n", cpu->instructions,
                before->cpsr & SIM_PSR_T ? "Thumb" : "ARM", before->cpsr & SIM_PSR_T ? 4 : 8, op);
  for (unsigned n = 0; n < 16; n++)
    print_message("  r%-2u %08" PRIx32 "  ours %08" PRIx32 "  theirs %08" PRIx32 "\n", n,
                  before->r[n], cpu->r[n], n == 15 ? their_pc() : (uint32_t)lockstep.other.gprs[n]);
  print_message("  psr %08" PRIx32 "  ours %08" PRIx32 "  theirs %08" PRIx32 "\n", before->cpsr,
                cpu->cpsr, (uint32_t)lockstep.other.cpsr.packed);
  print_message("  accesses ours %u theirs %u, equal %d; banks equal %d\n", lockstep.ours.logged,
                lockstep.theirs.logged, accesses_agree(), banks_agree());
  for (unsigned i = 0; i < lockstep.ours.logged; i++)
    if (memcmp(&lockstep.ours.log[i], &lockstep.theirs.log[i], sizeof(Event)) != 0)
      print_message("  access %u: ours %08" PRIx32 " = %08" PRIx32 " (%" PRIx32
                    "), theirs %08" PRIx32 " = %08" PRIx32 " (%" PRIx32 ")\n",
                    i, lockstep.ours.log[i].addr, lockstep.ours.log[i].value,
                    lockstep.ours.log[i].kind, lockstep.theirs.log[i].addr,
                    lockstep.theirs.log[i].value, lockstep.theirs.log[i].kind);
}

/* ---- The race ---- */

/* Puts the instruction under both pcs; mGBA has fetched what was there before. */
static void plant(uint32_t op, bool thumb)
{
  uint32_t pc = lockstep.cpu.r[15] % MEMORY_SIZE;
  for (unsigned i = 0; i < (thumb ? 2 : 4); i++) {
    lockstep.ours.memory[pc + i] = (uint8_t)(op >> (8 * i));
    lockstep.theirs.memory[pc + i] = (uint8_t)(op >> (8 * i));
  }
  lockstep.other.prefetch[0] = op;
}

/* Evens out what two right cores may have different, so that it does not spread. */
static void even_out(bool was_thumb, uint32_t op)
{
  struct ARMCore *other = &lockstep.other;
  if (stream_is_flag_multiplication(was_thumb, op))
    other->cpsr.c = (lockstep.cpu.cpsr & SIM_PSR_C) != 0;
  /* TEQP only moves SPSR to CPSR; mGBA also refills its pipeline and so skips an instruction. */
  if (!was_thumb && stream_is_old_comparison(op) && their_pc() == lockstep.cpu.r[15] + 4)
    other->gprs[15] -= 4;
  /* The data sheet leaves open what bit 1 of a pc does in ARM state. Ours ignores it. */
  if (other->executionMode == MODE_ARM)
    other->gprs[15] &= ~3;
}

static uint32_t step_both(void)
{
  SimCpu *cpu = &lockstep.cpu;
  bool thumb = (cpu->cpsr & SIM_PSR_T) != 0;
  Instruction next = (thumb ? stream_thumb : stream_arm)(&lockstep.random, cpu);
  if (next.operand >= 0) {
    cpu->r[next.operand] = next.operand_value;
    lockstep.other.gprs[next.operand] = (int32_t)next.operand_value;
  }
  plant(next.op, thumb);
  sim_cpu_step(cpu);
  ARMRun(&lockstep.other);
  even_out(thumb, next.op);
  lockstep.steps[thumb]++;
  return next.op;
}

/* A raised line is seen at a boundary if I lets it, and only there. */
static bool interrupt_both(void)
{
  if ((lockstep.cpu.cpsr & SIM_PSR_I) != 0)
    return false;
  lockstep.cpu.irq_line = true;
  sim_cpu_step(&lockstep.cpu);
  ARMRaiseIRQ(&lockstep.other);
  lockstep.interrupts++;
  return true;
}

static void run_session(bool thumb)
{
  unsigned away = 0;
  begin_session(thumb);
  for (unsigned i = 0; i < SESSION && away < AWAY; i++) {
    SimCpu before = lockstep.cpu;
    uint32_t op = 0;
    lockstep.ours.logged = 0;
    lockstep.theirs.logged = 0;
    /* A line that stays up behind a masking I must change nothing. */
    bool line = random_next(&lockstep.random) % 32 == 0;
    if (!line || !interrupt_both()) {
      lockstep.cpu.irq_line = line;
      op = step_both();
    }
    lockstep.cpu.irq_line = false;
    away += ((lockstep.cpu.cpsr & SIM_PSR_T) != 0) != thumb;
    if (!states_agree()) {
      show_mismatch(&before, op);
      return;
    }
  }
}

static void random_programs_leave_both_cores_in_the_same_state(void **state)
{
  (void)state;
  lockstep.random.state = 0x5a17c4a2d;
  lockstep.bus =
      (SimBus){.context = &lockstep.ours, .fetch = our_fetch, .load = our_load, .store = our_store};
  for (unsigned i = 0; i < MEMORY_SIZE; i++)
    lockstep.ours.memory[i] = lockstep.theirs.memory[i] = (uint8_t)random_next(&lockstep.random);
  start_other();
  while (lockstep.steps[0] < steps_wanted || lockstep.steps[1] < steps_wanted)
    run_session(lockstep.steps[1] < lockstep.steps[0]);
  print_message("# compared %" PRIu64 " ARM steps, %" PRIu64 " Thumb steps, %" PRIu64
                " interrupts\n",
                lockstep.steps[0], lockstep.steps[1], lockstep.interrupts);
  assert_int_equal(lockstep.mismatches, 0);
  assert_memory_equal(lockstep.ours.memory, lockstep.theirs.memory, MEMORY_SIZE);
}

int main(int argc, char **argv)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(random_programs_leave_both_cores_in_the_same_state),
  };
  const char *full = getenv("SWITCHYARD_FULL");
  if ((argc > 1 && strcmp(argv[1], "--full") == 0) || (full != NULL && *full == '1'))
    steps_wanted *= FULL_FACTOR;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
