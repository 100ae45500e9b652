/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The processor's state, its modes and exceptions, and the loop that fetches and executes.
 */

#include "cpu-private.h"

/* ---- Modes and banks ---- */

SimBank sim_bank_of(uint32_t psr)
{
  switch (psr & SIM_PSR_MODE) {
  case SIM_MODE_FIQ:
    return SIM_BANK_FIQ;
  case SIM_MODE_IRQ:
    return SIM_BANK_IRQ;
  case SIM_MODE_SVC:
    return SIM_BANK_SVC;
  case SIM_MODE_ABORT:
    return SIM_BANK_ABORT;
  case SIM_MODE_UNDEFINED:
    return SIM_BANK_UNDEFINED;
  default:
    return SIM_BANK_USER;
  }
}

/* r8 to r12 as FIQ mode or as all the other modes see them, when they are not in r[]. */
static uint32_t *middle_bank(SimCpu *cpu, SimBank bank)
{
  return bank == SIM_BANK_FIQ ? cpu->bank_fiq_r8_r12 : cpu->bank_usr_r8_r12;
}

static void switch_bank(SimCpu *cpu, SimBank from, SimBank to)
{
  if (from == to)
    return;
  for (unsigned i = 0; i < 2; i++) {
    cpu->bank_r13_r14[from][i] = cpu->r[SIM_SP + i];
    cpu->r[SIM_SP + i] = cpu->bank_r13_r14[to][i];
  }
  if (from != SIM_BANK_FIQ && to != SIM_BANK_FIQ)
    return;
  for (unsigned i = 0; i < 5; i++) {
    middle_bank(cpu, from)[i] = cpu->r[8 + i];
    cpu->r[8 + i] = middle_bank(cpu, to)[i];
  }
}

void sim_set_cpsr(SimCpu *cpu, uint32_t value)
{
  value = (value & (SIM_PSR_FLAGS | SIM_PSR_CONTROL)) | SIM_MODE_ALWAYS;
  switch_bank(cpu, sim_bank_of(cpu->cpsr), sim_bank_of(value));
  cpu->cpsr = value;
}

bool sim_restore_cpsr(SimCpu *cpu)
{
  SimBank bank = sim_bank_of(cpu->cpsr);
  if (bank == SIM_BANK_USER)
    return false;
  sim_set_cpsr(cpu, cpu->spsr[bank]);
  return true;
}

/* Where register n of a mode lives at present. */
static uint32_t *register_of(SimCpu *cpu, SimMode mode, unsigned n)
{
  SimBank present = sim_bank_of(cpu->cpsr);
  SimBank wanted = sim_bank_of(mode);
  if ((n == SIM_SP || n == SIM_LR) && wanted != present)
    return &cpu->bank_r13_r14[wanted][n - SIM_SP];
  if (n >= 8 && n <= 12 && (wanted == SIM_BANK_FIQ) != (present == SIM_BANK_FIQ))
    return &middle_bank(cpu, wanted)[n - 8];
  return &cpu->r[n & 15];
}

uint32_t sim_cpu_get_register(const SimCpu *cpu, SimMode mode, unsigned n)
{
  /* Only read through: the cast saves a second copy of the look-up. */
  return *register_of((SimCpu *)cpu, mode, n);
}

void sim_cpu_set_register(SimCpu *cpu, SimMode mode, unsigned n, uint32_t value)
{
  *register_of(cpu, mode, n) = value;
}

uint32_t sim_cpu_get_spsr(const SimCpu *cpu, SimMode mode)
{
  return cpu->spsr[sim_bank_of(mode)];
}

/* ---- Exceptions ---- */

/* Each exception but reset saves the CPSR, masks IRQ and goes on in ARM state. */
static void enter_exception(SimCpu *cpu, SimMode mode, SimVector vector, uint32_t lr)
{
  uint32_t old = cpu->cpsr;
  uint32_t kept = old & (SIM_PSR_FLAGS | SIM_PSR_F);
  if (vector == SIM_VECTOR_FIQ)
    kept |= SIM_PSR_F;
  sim_set_cpsr(cpu, kept | SIM_PSR_I | mode);
  cpu->spsr[sim_bank_of(mode)] = old;
  cpu->r[SIM_LR] = lr;
  sim_branch(cpu, vector);
}

/* An exception that is not an instruction of its own begins with a fetch that it throws away. */
static void pay_for_discarded_fetch(SimCpu *cpu)
{
  uint32_t wait = cpu->r[SIM_PC] - cpu->window.base < cpu->window.size ? cpu->window.wait : 0;
  cpu->cycles += 1 + (uint64_t)wait;
}

void sim_take_swi(SimCpu *cpu)
{
  uint32_t next = cpu->r[SIM_PC] - sim_instruction_length(cpu);
  enter_exception(cpu, SIM_MODE_SVC, SIM_VECTOR_SWI, next);
}

/* One internal cycle more than a SWI: the core waits for a coprocessor to claim the instruction. */
void sim_take_undefined(SimCpu *cpu)
{
  uint32_t next = cpu->r[SIM_PC] - sim_instruction_length(cpu);
  sim_internal_cycles(cpu, 1);
  enter_exception(cpu, SIM_MODE_UNDEFINED, SIM_VECTOR_UNDEFINED, next);
}

/* lr is the address of the aborted instruction + 8 in both states, so that one SUBS pc, lr, #8
 * repeats it. FIQ stays unmasked: one that waits is taken at the boundary before the vector, which
 * is the order of priority that the data sheet wants. */
void sim_take_data_abort(SimCpu *cpu)
{
  uint32_t lr = cpu->r[SIM_PC] + (sim_is_thumb(cpu) ? 4 : 0);
  pay_for_discarded_fetch(cpu);
  enter_exception(cpu, SIM_MODE_ABORT, SIM_VECTOR_DATA_ABORT, lr);
}

void sim_take_breakpoint(SimCpu *cpu, uint32_t number)
{
  uint32_t pc = cpu->r[SIM_PC];
  if (cpu->bus->trap != NULL) {
    /* The bus sees and may change the state as it stands between two instructions. */
    cpu->r[SIM_PC] -= sim_instruction_length(cpu);
    if (cpu->bus->trap(cpu->bus->context, number)) {
      sim_continue_at(cpu, cpu->r[SIM_PC]);
      return;
    }
    cpu->r[SIM_PC] = pc;
  }
  sim_take_undefined(cpu);
}

/* At a boundary: takes FIQ or else IRQ, if one is due. */
static bool take_interrupt(SimCpu *cpu)
{
  bool fiq = cpu->fiq_line && (cpu->cpsr & SIM_PSR_F) == 0;
  bool irq = cpu->irq_line && (cpu->cpsr & SIM_PSR_I) == 0;
  if (!fiq && !irq)
    return false;
  pay_for_discarded_fetch(cpu);
  uint32_t lr = cpu->r[SIM_PC] + 4;
  if (fiq)
    enter_exception(cpu, SIM_MODE_FIQ, SIM_VECTOR_FIQ, lr);
  else
    enter_exception(cpu, SIM_MODE_IRQ, SIM_VECTOR_IRQ, lr);
  return true;
}

static void take_prefetch_abort(SimCpu *cpu)
{
  pay_for_discarded_fetch(cpu);
  enter_exception(cpu, SIM_MODE_ABORT, SIM_VECTOR_PREFETCH_ABORT, cpu->r[SIM_PC] + 4);
}

/* ---- Reset and the loop ---- */

void sim_cpu_reset(SimCpu *cpu, const SimBus *bus)
{
  cpu->bus = bus;
  sim_cpu_forget_fetch_window(cpu);
  sim_set_cpsr(cpu, (cpu->cpsr & SIM_PSR_FLAGS) | SIM_PSR_I | SIM_PSR_F | SIM_MODE_SVC);
  cpu->r[SIM_PC] = SIM_VECTOR_RESET;
}

bool sim_find_window(SimCpu *cpu, uint32_t addr)
{
  cpu->window = (SimFetchWindow){0};
  if (cpu->bus->fetch(cpu->bus->context, addr & ~3u, &cpu->window) &&
      addr - cpu->window.base < cpu->window.size)
    return true;
  cpu->window = (SimFetchWindow){0};
  return false;
}

void sim_jump(SimCpu *cpu, uint32_t target)
{
  sim_branch(cpu, target);
}

/* One bit a state of the flags NZCV (N is bit 3 of the index), one word a condition. */
static const uint16_t conditions[16] = {
    0xf0f0, 0x0f0f, 0xcccc, 0x3333, 0xff00, 0x00ff, 0xaaaa, 0x5555, /* EQ NE CS CC MI PL VS VC */
    0x0c0c, 0xf3f3, 0xaa55, 0x55aa, 0x0a05, 0xf5fa, 0xffff, 0x0000, /* HI LS GE LT GT LE AL NV */
};

/* Condition NV never holds. BLX <label> of ARMv5 lives there; to skip it would hide code that was
 * built for the wrong core, and ARMv4 leaves the effect open, so it counts as undefined. */
static void skip_arm(SimCpu *cpu, uint32_t op)
{
  if ((op & 0xfe000000) == 0xfa000000)
    sim_take_undefined(cpu);
}

/* The three parts of a step take and return the address of the next instruction. It stays out of
 * r[15] between instructions: that most of them just go on is then a matter of branch prediction,
 * while a way through memory would cost each instruction its latency. */

SIM_INLINE uint32_t next_address(const SimCpu *cpu)
{
  return cpu->r[SIM_PC] - sim_instruction_length(cpu);
}

SIM_INLINE uint32_t execute_arm(SimCpu *cpu, const uint8_t *code, uint32_t pc)
{
  uint32_t op =
      code[0] | (uint32_t)code[1] << 8 | (uint32_t)code[2] << 16 | (uint32_t)code[3] << 24;
  cpu->r[SIM_PC] = pc + 8;
  if (op >> 28 == 0xe || (conditions[op >> 28] >> (cpu->cpsr >> 28)) & 1)
    sim_arm_handlers[(op >> 20) & 0xff][(op >> 4) & 15](cpu, op);
  else
    skip_arm(cpu, op);
  return cpu->r[SIM_PC] == pc + 8 && !sim_is_thumb(cpu) ? pc + 4 : next_address(cpu);
}

SIM_INLINE uint32_t execute_thumb(SimCpu *cpu, const uint8_t *code, uint32_t pc)
{
  uint32_t op = code[0] | (uint32_t)code[1] << 8;
  cpu->r[SIM_PC] = pc + 4;
  sim_thumb_handlers[op >> 6](cpu, op);
  return cpu->r[SIM_PC] == pc + 4 && sim_is_thumb(cpu) ? pc + 2 : next_address(cpu);
}

SIM_INLINE uint32_t execute_next(SimCpu *cpu, uint32_t pc)
{
  if (pc - cpu->window.base >= cpu->window.size) {
    cpu->r[SIM_PC] = pc;
    if (!sim_find_window(cpu, pc)) {
      take_prefetch_abort(cpu);
      return next_address(cpu);
    }
  }
  const uint8_t *code = cpu->window.bytes + (pc - cpu->window.base);
  cpu->cycles += 1 + (uint64_t)cpu->window.wait;
  cpu->instructions++;
  return sim_is_thumb(cpu) ? execute_thumb(cpu, code, pc) : execute_arm(cpu, code, pc);
}

SIM_INLINE uint32_t step(SimCpu *cpu, uint32_t pc)
{
  if (cpu->irq_line || cpu->fiq_line) {
    cpu->r[SIM_PC] = pc;
    if (take_interrupt(cpu))
      return next_address(cpu);
  }
  return execute_next(cpu, pc);
}

void sim_cpu_step(SimCpu *cpu)
{
  cpu->r[SIM_PC] = step(cpu, cpu->r[SIM_PC]);
}

void sim_cpu_run(SimCpu *cpu, uint64_t run_until)
{
  uint32_t pc = cpu->r[SIM_PC];
  cpu->run_until = run_until;
  while (cpu->cycles < cpu->run_until)
    pc = step(cpu, pc);
  cpu->r[SIM_PC] = pc;
}
