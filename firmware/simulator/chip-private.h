/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * What the parts of the modelled chip share: the whole state in one struct, time, events, reports.
 *
 * Time. cpu.cycles is the one clock. Peripherals count PCLK ticks, which sim_ticks_at() derives
 * from it; VPBDIV changes the rate from then on and each tick keeps its number. Nothing is stepped:
 * a peripheral knows the tick at which something happens next and schedules an event for it. The
 * core runs to the next event; an access to a register first lets all events happen that are due.
 * So a register always shows what it would show had everything been stepped cycle by cycle.
 */

#pragma once

#include "chip.h"
#include "cpu.h"

#define SIM_NEVER UINT64_MAX

enum {
  SIM_LINE_SIZE = 16, /* flash line with one ECC byte (UM10114 §21.7) */
  SIM_LINE_COUNT = WIRE_FLASH_SIZE / SIM_LINE_SIZE,
  SIM_COPY_SIZE_MAX = 8192,
  SIM_FIFO_SIZE = 16,
  SIM_BOOT_ADDR = 0x7fffe000, /* second view of the boot block (UM10114 §21.5.1) */
  SIM_BOOT_FLASH_ADDR = WIRE_BOOT_SECTOR * WIRE_SECTOR_SIZE,
  SIM_IAP_ENTRY = 0x7ffffff0,
  SIM_IAP_RAM_ADDR = 0x40003fe0, /* 32 bytes the flash commands overwrite (UM10114 §21.5.12) */
  SIM_WINDOW_SIZE = 0x40,        /* what MEMMAP moves (UM10114 §6.8) */
};

/* Channels of the VIC (UM10114 table 51). */
enum {
  SIM_CHANNEL_WATCHDOG = 0,
  SIM_CHANNEL_TIMER0 = 4,
  SIM_CHANNEL_TIMER1 = 5,
  SIM_CHANNEL_UART0 = 6,
  SIM_CHANNEL_UART1 = 7,
  SIM_CHANNEL_ADC = 18,
};

/* PCONP bits (UM10114 table 74). */
enum {
  SIM_POWER_TIMER0 = 1u << 1,
  SIM_POWER_TIMER1 = 1u << 2,
  SIM_POWER_UART0 = 1u << 3,
  SIM_POWER_UART1 = 1u << 4,
  SIM_POWER_ADC = 1u << 12,
};

/* At one cycle they happen in this order. */
typedef enum {
  SIM_EVENT_FLASH,
  SIM_EVENT_WATCHDOG,
  SIM_EVENT_BOOT,
  SIM_EVENT_LINE,
  SIM_EVENT_UART0,
  SIM_EVENT_UART1,
  SIM_EVENT_TIMER0,
  SIM_EVENT_TIMER1,
  SIM_EVENT_ADC,
  SIM_EVENT_COUNT
} SimEvent;

typedef enum {
  SIM_STATE_OFF,
  SIM_STATE_BOOTING, /* wake-up timer, flash initialisation and boot ROM */
  SIM_STATE_RUNNING,
  SIM_STATE_ISP,        /* boot ROM waits on UART0 for ever; its commands are not modelled */
  SIM_STATE_POWER_DOWN, /* PCON.PD: no oscillator; only a reset ends it here */
} SimState;

typedef enum { SIM_RESET_POWER, SIM_RESET_PIN, SIM_RESET_WATCHDOG } SimResetCause;

/* What the cells of a flash line are like. */
typedef enum {
  SIM_CELLS_BLANK,
  SIM_CELLS_PROGRAMMED,
  SIM_CELLS_BROKEN, /* data and ECC disagree */
  SIM_CELLS_WEAK,   /* not erased or programmed enough: some bits read differently now and then */
} SimCells;

/* Bytes in a ring that grows. */
typedef struct {
  uint8_t *bytes;
  size_t capacity, head, count;
} SimQueue;

typedef struct {
  bool busy;
  SimFlashOperation operation;
  SimFlashFate fate;
  uint8_t depth;
  bool weak; /* the pulse is too short, by the CCLK parameter */
  uint64_t begin, end;
  uint16_t prepared; /* bit n: sector n */
  uint8_t data[SIM_COPY_SIZE_MAX];
  unsigned count[2];     /* operations, by kind */
  uint32_t latched_line; /* line that MAM mode 2 holds for data */
} SimFlash;

typedef struct {
  uint16_t rx_fifo[SIM_FIFO_SIZE]; /* LSR error bits above the byte */
  uint8_t tx_fifo[SIM_FIFO_SIZE];
  unsigned rx_head, rx_count, tx_head, tx_count;
  uint8_t ier, fcr, lcr, mcr, scr, dll, dlm;
  uint8_t rx_last; /* what an empty RBR shows */
  bool overrun;
  bool timeout;      /* character time-out indicated */
  uint64_t cti_tick; /* when it will be */
  bool tx_busy;
  uint8_t tx_shift;
  uint64_t tx_end_tick;
  bool thre;     /* THRE interrupt raised */
  bool held_two; /* two characters were in the FIFO since the last one */
  uint64_t thre_tick;
} SimUart;

/* The far end of UART0. */
typedef struct {
  uint32_t baud;
  SimQueue to_chip, from_chip;
  uint64_t epoch;   /* cycle at which the first byte of the present run of bytes began */
  uint64_t arrived; /* bytes of that run that have arrived */
} SimLine;

typedef struct {
  uint32_t requests; /* of the peripherals; levels */
  uint32_t soft, enable, select;
  bool protection;
  uint32_t vector[16], default_vector;
  uint8_t control[16];
  uint8_t in_service[32]; /* priorities, 16 is the default vector's */
  unsigned depth;
} SimVic;

typedef struct {
  uint32_t tc, pc, pr, mr[4];
  uint8_t ir, tcr;
  uint16_t mcr, ccr, emr;
  bool reset_next;    /* a match said so: TC becomes 0 at its next step */
  uint64_t tick;      /* the state is that of this tick */
  uint64_t fire_tick; /* when a comparison has its effect next: one tick after TC got there */
} SimTimer;

typedef struct {
  uint8_t mod;
  uint32_t tc, reload;
  bool running, fed_first_half;
  uint64_t start_tick; /* of the present count */
  uint64_t end_tick;
} SimWatchdog;

typedef struct {
  uint32_t cr, dr;
  bool converting;
  unsigned channel;
  uint64_t end_tick;
} SimAdc;

typedef struct {
  uint32_t latch[2], dir[2], input[2];
  uint32_t pinsel[3];
} SimGpio;

typedef struct {
  uint8_t mamcr, mamtim, memmap, pcon, vpbdiv;
  uint32_t pconp;
  uint8_t pllcon, pllcfg, extint, extwake, extmode, extpolar;
  uint16_t pllstat;
  bool pll_fed_first_half;
} SimSystem;

enum { SIM_PLAIN_REGISTERS = 80 };

struct SimChip {
  SimChipConfig config;
  SimCpu cpu;
  SimBus bus;
  SimState state;
  bool isp_ran;   /* since power-on */
  bool idle;      /* PCON.IDL */
  bool stalled;   /* a fetch waits for the flash */
  bool in_core;   /* a bus call is under way: r15 runs ahead */
  bool reset_due; /* the watchdog ran out; done between two instructions */
  uint64_t stalled_instructions;
  uint64_t random;
  unsigned resets;
  unsigned reports[SIM_REPORT_COUNT];

  uint64_t events[SIM_EVENT_COUNT]; /* cycles */
  uint64_t next_event;
  uint32_t pclk_divider;
  uint64_t pclk_cycle, pclk_ticks; /* a cycle and the number of the tick that began there */

  uint32_t ram_last_offset; /* the word in SRAM's write buffer, and what the cells hold instead */
  uint32_t ram_last_cells;

  SimFlash flash;
  SimUart uart[2];
  SimLine line;
  SimVic vic;
  SimTimer timer[2];
  SimWatchdog watchdog;
  SimAdc adc;
  SimGpio gpio;
  SimSystem system;
  uint32_t plain[SIM_PLAIN_REGISTERS];

  uint8_t cells[SIM_LINE_COUNT]; /* SimCells */
  uint8_t flash_bytes[WIRE_FLASH_SIZE];
  uint8_t ram[SIM_RAM_SIZE];
};

/* ---- chip.c ---- */

void sim_report(SimChip *chip, SimReportKind kind, uint32_t value);
void sim_report_at(SimChip *chip, SimReportKind kind, uint32_t pc, uint32_t value);

/* Sets when an event happens; SIM_NEVER: not at all. */
void sim_schedule(SimChip *chip, SimEvent event, uint64_t cycle);
void sim_schedule_tick(SimChip *chip, SimEvent event, uint64_t tick);
/* Lets everything happen that is due by now. */
void sim_catch_up(SimChip *chip);
/* Ends sim_cpu_run() at the next boundary. */
void sim_leave_core(SimChip *chip);

uint64_t sim_ticks_at(const SimChip *chip, uint64_t cycle);
uint64_t sim_cycle_of_tick(const SimChip *chip, uint64_t tick);
static inline uint64_t sim_ticks_now(const SimChip *chip)
{
  return sim_ticks_at(chip, chip->cpu.cycles);
}

uint32_t sim_random(SimChip *chip);
void sim_randomise(SimChip *chip, void *bytes, size_t length);

/* Power fails now. */
void sim_cut_power(SimChip *chip);
/* Resets everything and starts the boot ROM. Not while the core is in an instruction. */
void sim_reset(SimChip *chip, SimResetCause cause);

/* ---- bus.c ---- */

void sim_bus_init(SimChip *chip);
/* What a load would give, without cost or effect. Flash, SRAM and their views only. */
bool sim_bus_peek(const SimChip *chip, uint32_t addr, uint32_t *word);
void sim_ram_store(SimChip *chip, uint32_t offset, unsigned width, uint32_t value);

/* ---- flash.c ---- */

void sim_flash_reset(SimChip *chip); /* what is under way is torn */
void sim_flash_taken_over(SimChip *chip);
/* A program's data stand in chip->flash.data. False: refused, nothing has happened. */
bool sim_flash_begin(SimChip *chip, SimFlashOperationKind kind, uint32_t addr, uint32_t length,
                     uint32_t cclk_khz);
void sim_flash_event(SimChip *chip, uint64_t cycle);
void sim_flash_read_weak(SimChip *chip); /* weak cells may make up their minds anew */

/* ---- iap.c, boot-rom.c ---- */

bool sim_iap_trap(SimChip *chip, uint32_t number);
void sim_boot_write_rom(uint8_t *boot_block);
void sim_boot_begin(SimChip *chip);
void sim_boot_event(SimChip *chip, uint64_t cycle);

/* ---- Peripherals. load and store: false when there is no such register. ---- */

typedef bool SimLoad(SimChip *chip, unsigned unit, uint32_t offset, uint32_t *value);
typedef bool SimStore(SimChip *chip, unsigned unit, uint32_t offset, uint32_t value);

SimLoad sim_uart_load, sim_timer_load, sim_watchdog_load, sim_adc_load, sim_gpio_load,
    sim_pinsel_load, sim_system_load, sim_vic_load, sim_plain_load;
SimStore sim_uart_store, sim_timer_store, sim_watchdog_store, sim_adc_store, sim_gpio_store,
    sim_pinsel_store, sim_system_store, sim_vic_store, sim_plain_store;

void sim_uart_reset(SimChip *chip);
void sim_uart_event(SimChip *chip, unsigned unit, uint64_t cycle);
void sim_uart_schedule(SimChip *chip, unsigned unit);
/* A byte has arrived at a tick; `errors` are LSR bits. */
void sim_uart_receive(SimChip *chip, unsigned unit, uint64_t tick, uint8_t byte, uint8_t errors);
uint32_t sim_uart_get_divisor(const SimUart *uart);

void sim_line_event(SimChip *chip, uint64_t cycle);
void sim_line_from_chip(SimChip *chip, uint8_t byte); /* its stop bit has passed */
void sim_line_free(SimLine *line);
bool sim_queue_copy(SimQueue *to, const SimQueue *from);

void sim_vic_reset(SimChip *chip);
void sim_vic_set_request(SimChip *chip, unsigned channel, bool level);
int sim_vic_get_channel_in_service(const SimVic *vic);

void sim_timer_reset(SimChip *chip);
void sim_timer_event(SimChip *chip, unsigned unit, uint64_t cycle);
void sim_timer_schedule(SimChip *chip, unsigned unit);

void sim_watchdog_reset(SimChip *chip, SimResetCause cause);
void sim_watchdog_event(SimChip *chip, uint64_t cycle);
void sim_watchdog_schedule(SimChip *chip);
bool sim_watchdog_is_flagged(const SimChip *chip); /* WDTOF */

void sim_adc_reset(SimChip *chip);
void sim_adc_event(SimChip *chip, uint64_t cycle);
void sim_adc_schedule(SimChip *chip);

void sim_gpio_reset(SimChip *chip);
bool sim_gpio_has_uart0(const SimChip *chip, bool rx); /* the pin is RXD0 or TXD0 */

void sim_system_reset(SimChip *chip);
void sim_plain_reset(SimChip *chip);
/* Cycles a flash fetch or data access takes beyond one (MAM off). */
uint32_t sim_system_flash_wait(const SimChip *chip);
