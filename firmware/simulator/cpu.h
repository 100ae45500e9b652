/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The processor behind the modelled chip: an ARM7TDMI (ARMv4T), instruction exact.
 *
 * The core knows registers, modes, exceptions and the cycle costs of ARM DDI 0029E chapter 10.
 * It knows no address: each access that leaves it goes through SimBus. One core belongs to one
 * thread; nothing here allocates.
 *
 * Units: `cycles` count CCLK. Addresses are byte addresses. All words are little endian.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct SimCpu SimCpu;

/* CPSR bits (ARM DDI 0029E §3.7). */
enum {
  SIM_PSR_N = 1u << 31,
  SIM_PSR_Z = 1u << 30,
  SIM_PSR_C = 1u << 29,
  SIM_PSR_V = 1u << 28,
  SIM_PSR_I = 1u << 7,
  SIM_PSR_F = 1u << 6,
  SIM_PSR_T = 1u << 5,
  SIM_PSR_MODE = 0x1f,
};

typedef enum {
  SIM_MODE_USER = 0x10,
  SIM_MODE_FIQ = 0x11,
  SIM_MODE_IRQ = 0x12,
  SIM_MODE_SVC = 0x13,
  SIM_MODE_ABORT = 0x17,
  SIM_MODE_UNDEFINED = 0x1b,
  SIM_MODE_SYSTEM = 0x1f,
} SimMode;

/* A stretch of memory that may be fetched from without asking the bus again:
 * [base, base + size) is backed by `bytes` and each fetch costs `wait` cycles more than one.
 * size 0: no stretch. */
typedef struct {
  uint32_t base;
  uint32_t size;
  const uint8_t *bytes;
  uint32_t wait;
} SimFetchWindow;

/* What the core is wired to. `context` is handed back unchanged. Each call may add wait states with
 * sim_cpu_stall(), may lower `run_until` and may change the interrupt lines. Registers are the
 * bus's to change in `trap` only, where r[15] is the address of the next instruction; in the data
 * accesses, sim_cpu_accessing_instruction() tells who asks. */
typedef struct {
  void *context;
  /* Finds the code at the aligned `addr`. Fills `window` (it must contain addr) and returns true;
   * false: nothing is there, the core takes a prefetch abort if it comes to execute it. */
  bool (*fetch)(void *context, uint32_t addr, SimFetchWindow *window);
  /* Data access, `width` 1, 2 or 4 bytes, `addr` already aligned to the width as the ARM7TDMI
   * drives it. `user` is true when the access is made with user privilege (user mode, or LDRT and
   * STRT). false: data abort. */
  bool (*load)(void *context, uint32_t addr, unsigned width, bool user, uint32_t *value);
  bool (*store)(void *context, uint32_t addr, unsigned width, bool user, uint32_t value);
  /* A data access whose address was not a multiple of its width: legal on this core (rotation), a
   * bug in firmware that GCC built. Called before the aligned access. May be NULL. */
  void (*unaligned)(void *context, uint32_t addr, unsigned width);
  /* The instruction BKPT #number (ARM 0xE12xxx7x or Thumb 0xBExx), which ARMv4T does not have.
   * True: the bus has done what stands there (the IAP ROM), carry on behind it, with whatever
   * registers it changed. False or NULL: undefined instruction exception. */
  bool (*trap)(void *context, uint32_t number);
} SimBus;

/* The state is a plain value: copying the struct is a snapshot, copying it back a restore (the bus
 * pointer stays with the chip it belongs to; call sim_cpu_forget_fetch_window() after a restore).
 */
struct SimCpu {
  uint32_t r[16]; /* of the present mode; r[15] is the address of the NEXT instruction to execute */
  uint32_t cpsr;  /* whole, including the flags */
  uint32_t spsr[6]; /* banks: user and system (unused), FIQ, IRQ, SVC, abort, undefined */
  uint32_t bank_r13_r14[6][2]; /* in the same order; those of the present mode are in r[] */
  uint32_t bank_fiq_r8_r12[5];
  uint32_t bank_usr_r8_r12[5];
  bool irq_line, fiq_line; /* levels, set by the chip */
  uint64_t cycles;         /* CCLK since power-on */
  uint64_t run_until;      /* sim_cpu_run stops at the first boundary with cycles >= run_until */
  uint64_t instructions;   /* executed since power-on, failed conditions counted */
  SimFetchWindow window;
  const SimBus *bus;
};

/* Power-on or reset: SVC mode, ARM state, I and F set, PC 0. Registers that the architecture leaves
 * undefined are kept; cycles and instructions go on counting. `bus` must outlive the core. Not to
 * be called from a data access or a fetch: lower `run_until` there and reset at the boundary. */
void sim_cpu_reset(SimCpu *cpu, const SimBus *bus);

/* Executes one instruction, or enters one exception that is due. */
void sim_cpu_step(SimCpu *cpu);

/* Steps until cycles >= run_until; the bus may lower run_until meanwhile. */
void sim_cpu_run(SimCpu *cpu, uint64_t run_until);

/* Adds wait states to the access under way. */
static inline void sim_cpu_stall(SimCpu *cpu, uint32_t cycles)
{
  cpu->cycles += cycles;
}

/* To be called when what the fetch window shows has changed (MEMMAP, MAMTIM, a flash operation). */
static inline void sim_cpu_forget_fetch_window(SimCpu *cpu)
{
  cpu->window.size = 0;
}

/* Within a bus call for a data access: the address of the instruction that makes it. */
static inline uint32_t sim_cpu_accessing_instruction(const SimCpu *cpu)
{
  return cpu->r[15] - (cpu->cpsr & SIM_PSR_T ? 4 : 8);
}

/* Registers as a mode sees them, for tests, the IAP ROM and reports. n 0..15. */
uint32_t sim_cpu_get_register(const SimCpu *cpu, SimMode mode, unsigned n);
void sim_cpu_set_register(SimCpu *cpu, SimMode mode, unsigned n, uint32_t value);
uint32_t sim_cpu_get_spsr(const SimCpu *cpu, SimMode mode);
