/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The virtual substation: a modelled chip with the project's firmware in its flash, at the end of a
 * line on which things can go wrong. Virtual time only; the program switchyard-substation paces it.
 * One thread.
 */

#pragma once

#include "chip.h"

typedef struct SimSubstation SimSubstation;

/* What shall go wrong. N counts bytes or flash operations from 1, or is a flash block: the address
 * by 512. Each happens once, a bad block at each program of it, noise, losses and latency as long
 * as they are there; each time is counted. If several meet in one operation the first of this list
 * happens.
 */
typedef enum {
  SIM_FAULT_POWER_CUT_BLOCK, /* power fails in the middle of the N-th program, comes back */
  SIM_FAULT_DROP_RX,         /* the N-th byte sent to the substation is lost */
  SIM_FAULT_FLIP_RX,         /* one bit of it is turned */
  SIM_FAULT_SILENT_AFTER,    /* after N bytes the line is dead, both ways, for good */
  SIM_FAULT_BAD_PROGRAM,     /* the N-th block programmed does not hold what it should */
  SIM_FAULT_DROP_TX,         /* the N-th byte that the substation sends is lost */
  SIM_FAULT_POWER_CUT_ERASE, /* power fails in the middle of the N-th erase, comes back */
  SIM_FAULT_BAD_ERASE,       /* after the N-th erase a line is not blank, nor good */
  SIM_FAULT_REFUSE_ERASE,    /* the ROM answers the N-th erase with BUSY */
  SIM_FAULT_REFUSE_PROGRAM,  /* the ROM answers the N-th program with BUSY */
  SIM_FAULT_WORN_BLOCK,      /* block N never holds what it should */
  SIM_FAULT_WEAK_BLOCK,      /* block N holds it, but may read otherwise after a reset */
  SIM_FAULT_NOISE,           /* of a million bits on the line N are turned, both ways, at intervals
                                of half to three halves of that; the first one sooner */
  SIM_FAULT_DROP_EVERY,      /* after each N bytes on the line, both ways together, 16 are lost */
  SIM_FAULT_SILENT_BLOCK,    /* with the N-th program the line goes dead, both ways */
  SIM_FAULT_UNPLUG_BLOCK,    /* with the N-th program the cable is pulled */
  SIM_FAULT_LATENCY,         /* each byte on the line, both ways, takes N ms more */
  SIM_FAULT_COUNT,
} SimFaultKind;

enum {
  SIM_FAULTS_MAX = 64,
  SIM_POWER_BACK_MS = 500,
  SIM_NOISE_MAX = 100000,
  SIM_LATENCY_MAX_MS = 1000
};

/* "power-cut-block" and so on; NULL for SIM_FAULT_COUNT. */
const char *sim_fault_name(SimFaultKind kind);
/* The numbers that a kind takes, both included. */
void sim_fault_get_range(SimFaultKind kind, uint32_t *first, uint32_t *last);

/* The first time that a fault happens. */
typedef void (*SimFaultFunc)(void *context, SimFaultKind kind, uint32_t number);

typedef struct {
  SimChipConfig chip;
  void *context;
  SimFaultFunc fault_fired; /* may be NULL */
  uint8_t cut_depth;        /* how far a program or erase is when power fails: of 256; 128 */
  uint32_t power_back_ms;   /* after which power that a fault cut comes back; SIM_POWER_BACK_MS */
} SimSubstationConfig;

void sim_substation_config_init(SimSubstationConfig *config);

/* Without power. NULL when memory is short. Of the config's chip.hooks, flash_operation is asked
 * when no fault decides. */
SimSubstation *sim_substation_new(const SimSubstationConfig *config);
void sim_substation_free(SimSubstation *substation);

/* Copies the whole state, time included, but for what latency keeps on its way; hooks and faults
 * stay those of `to`. */
void sim_substation_copy(SimSubstation *to, const SimSubstation *from);

SimChip *sim_substation_get_chip(SimSubstation *substation);

/* False when there are too many already, or the kind takes no such number. */
bool sim_substation_add_fault(SimSubstation *substation, SimFaultKind kind, uint32_t number);
/* The same, but N counts from now. */
bool sim_substation_add_fault_now(SimSubstation *substation, SimFaultKind kind, uint32_t number);
/* None is to come any more, and a dead line speaks again. A cable that is pulled stays so, power
 * that a fault cut still comes back, what was done to flash is done, and what happened stays
 * counted. */
void sim_substation_clear_faults(SimSubstation *substation);
unsigned sim_substation_count_fired(const SimSubstation *substation, SimFaultKind kind);

/* The cable: without it nothing comes through, and what was on its way is lost. */
void sim_substation_set_plugged(SimSubstation *substation, bool plugged);
bool sim_substation_is_plugged(const SimSubstation *substation);

/* Power by hand: it does not come back by itself. */
void sim_substation_set_power(SimSubstation *substation, bool on);

/* The line, through the faults. */
void sim_substation_send(SimSubstation *substation, const uint8_t *bytes, size_t length);
size_t sim_substation_receive(SimSubstation *substation, uint8_t *bytes, size_t room);
/* Something is on its way that latency keeps there. */
bool sim_substation_is_late(const SimSubstation *substation);

/* Runs to a cycle; power that a fault cut comes back on the way. */
void sim_substation_run_until(SimSubstation *substation, uint64_t cycle);
