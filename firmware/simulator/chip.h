/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The modelled LPC2114: processor, flash with its rules, boot ROM, IAP ROM and the peripherals the
 * firmware uses, in virtual time. Facts and their sources are those of UM10114 rev. 4; where sheets
 * disagree the option stands in SimChipConfig.
 *
 * Time is the processor clock, CCLK = crystal (PLL not modelled): everything happens at a cycle and
 * the same inputs at the same cycles give the same run, always. Nothing here looks at a real clock,
 * a file or a socket; one chip belongs to one thread.
 *
 * What the firmware does wrong is done as the silicon would do it, and reported.
 */

#pragma once

#include "wire-flash-map.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct SimChip SimChip;

enum {
  SIM_RAM_ADDR = 0x40000000,
  SIM_RAM_SIZE = 0x4000,
  SIM_PART_ID = 0x0101ff12, /* 16908050, LPC2114 (UM10114 table 318) */
  SIM_ADC_CHANNELS = 4,
  SIM_SAVED_FLASH_SIZE = WIRE_FLASH_SIZE + WIRE_FLASH_SIZE / 16,
};

/* What can be wrong with firmware. Each has a counter and a text. */
typedef enum {
  SIM_REPORT_LINE_PROGRAMMED_TWICE, /* second program of a 16-byte flash line: ECC broken; not of a
                                       weak one that reads blank, which nobody can know */
  SIM_REPORT_UNALIGNED,             /* data access not aligned to its width */
  SIM_REPORT_UNKNOWN_REGISTER,      /* no such register in a block, or one of the /01 parts only */
  SIM_REPORT_ABORT,                 /* access to nothing: the core took an abort */
  SIM_REPORT_UNDEFINED,             /* undefined instruction taken */
  SIM_REPORT_FLASH_STORE,           /* store to a flash address */
  SIM_REPORT_FETCH_WHILE_BUSY,      /* code, vector or data read from flash during an operation */
  SIM_REPORT_IAP,                   /* an IAP call answered with something other than success, and
                                       no hook wanted that */
  SIM_REPORT_IAP_CLOCK,             /* CCLK parameter wrong by more than 1 % */
  SIM_REPORT_UART_OVERRUN,          /* a received byte was lost */
  SIM_REPORT_UART_TX_OVERRUN,       /* a byte was written to a full transmit FIFO and lost */
  SIM_REPORT_WATCHDOG_FEED,         /* wrong feed sequence */
  SIM_REPORT_WATCHDOG_RESET,        /* the watchdog ran out */
  SIM_REPORT_SPURIOUS_IRQ,          /* VICVectAddr read with nothing pending */
  SIM_REPORT_STACK,                 /* IAP called with sp outside RAM or above 0x40003FE0 */
  SIM_REPORT_NO_PROGRAM,            /* boot ROM: vector sum wrong, stays in ISP */
  SIM_REPORT_CRP,                   /* boot ROM: code read protection word found */
  SIM_REPORT_COUNT,
} SimReportKind;

typedef struct {
  SimReportKind kind;
  uint64_t cycle;
  uint32_t pc;
  uint32_t value; /* address, register or status, as fits the kind */
} SimReport;

/* Short English name of a kind ("line programmed twice"). */
const char *sim_report_name(SimReportKind kind);

typedef enum { SIM_FLASH_ERASE, SIM_FLASH_PROGRAM } SimFlashOperationKind;

/* One erase or program operation. */
typedef struct {
  SimFlashOperationKind kind;
  unsigned number; /* counts operations of this kind since sim_chip_new, from 1; refused ones too */
  uint32_t addr;   /* first byte */
  uint32_t length; /* bytes */
} SimFlashOperation;

/* What becomes of it. */
typedef enum {
  SIM_FLASH_GOES_WELL,
  SIM_FLASH_GOES_BAD,   /* some bits of one line are wrong, the ROM answers success */
  SIM_FLASH_GOES_WEAK,  /* well to the eye, but one line or more may read otherwise after a reset */
  SIM_FLASH_REFUSED,    /* the ROM answers BUSY at once, and nothing happens; still prepared */
  SIM_FLASH_CUT_BEFORE, /* power fails before the first cell changes */
  SIM_FLASH_CUT_INSIDE, /* power fails at `depth` 0..255 of 256 through it; torn, see below */
  SIM_FLASH_CUT_AFTER,  /* power fails when it is done, before the ROM returns */
} SimFlashFate;

/*
 * Torn flash, as assumed (no maker's text tells; sheet of facts §1.6). By power, pin and watchdog
 * alike; the seed decides. A weak line may read otherwise after each reset and each blank check,
 * and programming it spoils it; an erase makes any line good again.
 *
 * Erase: each line of the range old, blank or random, some of them weak. Of 16, two leave all of it
 * blank to the eye but most or all lines weak, and one leaves all as it was but many lines weak.
 * Program: the lines before the cut good, the later ones untouched, the one between wrong; of
 * eight, one leaves that one as it was to the eye and one leaves it right, both weak.
 */

typedef struct {
  void *context;
  /* Any of these may be NULL. */
  void (*report)(void *context, const SimReport *report);
  /* Decides the fate of each flash operation; *depth as above. NULL: all go well. */
  SimFlashFate (*flash_operation)(void *context, const SimFlashOperation *operation,
                                  uint8_t *depth);
  /* One is done: neither refused nor torn. The flash shows its result. */
  void (*flash_done)(void *context, const SimFlashOperation *operation);
  /* The level at AIN0-3 now, 0..1023. NULL: SIM's own slow waves, different on each channel. */
  uint16_t (*adc)(void *context, unsigned channel, uint64_t cycle);
} SimChipHooks;

typedef struct {
  uint32_t crystal_hz; /* 11059200 */
  uint32_t erase_ms;   /* of a range of sectors, one call; 100 (UM) or 400 (older texts) */
  uint32_t program_us; /* of 512 bytes; 1000 */
  uint64_t seed;       /* of everything that is random: RAM at power-on, torn flash */
  bool um_copy_sizes;  /* false: 512 boundary, 512/1024/4096/8192; true: UM10114's 256 set */
  SimChipHooks hooks;
} SimChipConfig;

void sim_chip_config_init(SimChipConfig *config);

/* A chip without power, flash blank. Returns NULL only when memory is short. */
SimChip *sim_chip_new(const SimChipConfig *config);
void sim_chip_free(SimChip *chip);

/* Copies the whole state, time included: a snapshot taken or restored. Hooks stay those of `to`. */
void sim_chip_copy(SimChip *to, const SimChip *from);

/* The 128 KB of flash as cells hold them. Writing (only while without power) counts as a factory
 * programmer's work: sim_chip_flash_loaded tells the chip to take it over, ECC good. */
uint8_t *sim_chip_flash(SimChip *chip);
void sim_chip_flash_loaded(SimChip *chip);

/* Flash with what its cells are like, for a file: its bytes, then a byte for each 16-byte line.
 * Restore takes that or the bytes alone (a factory programmer's work), and only without power;
 * false and nothing changed when the length is neither or the lines' bytes cannot be. */
void sim_chip_save_flash(const SimChip *chip, uint8_t saved[SIM_SAVED_FLASH_SIZE]);
bool sim_chip_restore_flash(SimChip *chip, const uint8_t *saved, size_t length);
/* The same bytes and cells give the same number, within one run of the program. */
uint64_t sim_chip_hash_flash(const SimChip *chip);

/* The 16 KB of static RAM. */
uint8_t *sim_chip_ram(SimChip *chip);

/* Power. Switching on randomises RAM, clears WDTOF and starts the boot ROM. Off stops everything at
 * this cycle. */
void sim_chip_power_on(SimChip *chip);
void sim_chip_power_off(SimChip *chip);
bool sim_chip_is_powered(const SimChip *chip);
/* The RESET pin is pulled low for a moment. RAM is kept but for the word written last and for what
 * the boot ROM may use: 0x40000120-0x400001ff always (UM10114 §21.5.11); its stack and the flash
 * commands' area at the top, if ISP ran since power-on. The same holds for a watchdog reset. */
void sim_chip_reset_pin(SimChip *chip);
/* The watchdog's counter reaches zero now: WDTOF, and a reset if WDRESET is set, else its
 * interrupt. False and nothing if it does not count. Not from within a hook. */
bool sim_chip_watchdog_bite(SimChip *chip);

/* Runs to the given cycle, or to a power cut that a hook called for. Without power time goes on. */
void sim_chip_run_until(SimChip *chip, uint64_t cycle);
/* Runs one instruction, or idles to the next event. For sweeps over instruction boundaries. */
void sim_chip_step(SimChip *chip);
uint64_t sim_chip_get_cycle(const SimChip *chip);
uint64_t sim_chip_cycles_from_us(const SimChip *chip, uint64_t us);
uint64_t sim_chip_us_from_cycles(const SimChip *chip, uint64_t cycles);
uint32_t sim_chip_get_pc(const SimChip *chip);
uint32_t sim_chip_get_cpsr(const SimChip *chip);
/* The VIC's channel whose interrupt is in service (UM10114 table 51), the innermost; -1: none. */
int sim_chip_get_channel_in_service(const SimChip *chip);
uint64_t sim_chip_get_instructions(const SimChip *chip);
unsigned sim_chip_count_reports(const SimChip *chip, SimReportKind kind);
unsigned sim_chip_count_operations(const SimChip *chip, SimFlashOperationKind kind);
/* The resets since sim_chip_new: power, pin and watchdog. */
unsigned sim_chip_count_resets(const SimChip *chip);
/* True when the core sleeps (PCON.IDL) with nothing pending. */
bool sim_chip_is_idle(const SimChip *chip);
/* True when the boot ROM found no program (or P0.14 low) and waits for ISP; nothing answers there.
 */
bool sim_chip_is_in_isp(const SimChip *chip);

/* UART0's line as the far end sees it. `baud` is the far end's: if the chip's differs by more than
 * 4 % it receives garbage with framing errors, and so does the far end.
 * Bytes sent queue up and arrive one after the other, 10 bit times each, from now on. Any number is
 * taken. Bytes received are those whose stop bit has passed. */
void sim_chip_line_set_baud(SimChip *chip, uint32_t baud);
void sim_chip_line_send(SimChip *chip, const uint8_t *bytes, size_t length);
size_t sim_chip_line_receive(SimChip *chip, uint8_t *bytes, size_t room);
/* Bytes sent that have not yet reached the chip. */
size_t sim_chip_line_get_queued(const SimChip *chip);

/* Whoever was sending is gone: what has not arrived never will. */
void sim_chip_line_drop(SimChip *chip);

/* The level that the board puts on an input pin. From the start high: P0.0, P0.1, P0.14, P1.16-31.
 */
void sim_chip_set_input(SimChip *chip, unsigned port, unsigned pin, bool high);

/* Outputs of the GPIO ports, for the test that wants to see the lamp blink. port 0 or 1. */
uint32_t sim_chip_get_port(const SimChip *chip, unsigned port);
