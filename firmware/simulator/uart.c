/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * UART0 and UART1 (UM10114 ch. 10, 11; a 16550 with 16-byte FIFOs). UART0 has a line (line.c);
 * UART1 sends into nothing and receives nothing.
 *
 * A character takes its bits times 16 times the divisor in PCLK ticks.
 */

#include "chip-private.h"

enum {
  RBR_THR_DLL = 0x00,
  IER_DLM = 0x04,
  IIR_FCR = 0x08,
  LCR = 0x0c,
  MCR = 0x10,
  LSR = 0x14,
  MSR = 0x18,
  SCR = 0x1c,
};

enum { IER_RBR = 1, IER_THRE = 2, IER_RLS = 4 };
enum { FCR_ENABLE = 1, FCR_RX_RESET = 2, FCR_TX_RESET = 4 };
enum { LCR_STOP_BITS = 4, LCR_PARITY = 8, LCR_DLAB = 0x80 };
enum {
  LSR_RDR = 1,
  LSR_OE = 2,
  LSR_ERRORS = 0x1c,
  LSR_THRE = 0x20,
  LSR_TEMT = 0x40,
  LSR_RXFE = 0x80
};
enum { IIR_NONE = 1, IIR_THRE = 2, IIR_RDA = 4, IIR_RLS = 6, IIR_CTI = 12 };

uint32_t sim_uart_get_divisor(const SimUart *uart)
{
  uint32_t divisor = (uint32_t)uart->dlm << 8 | uart->dll;
  return divisor == 0 ? 1 : divisor;
}

static unsigned word_length(const SimUart *uart)
{
  return 5 + (uart->lcr & 3);
}

static unsigned stop_bits(const SimUart *uart)
{
  return uart->lcr & LCR_STOP_BITS ? 2 : 1;
}

/* Ticks of a character, with so many of its stop bits. */
static uint64_t character_ticks(const SimUart *uart, unsigned stops)
{
  unsigned bits = 1 + word_length(uart) + (uart->lcr & LCR_PARITY ? 1 : 0) + stops;
  return (uint64_t)bits * 16 * sim_uart_get_divisor(uart);
}

/* Without FIFOs one character fits. */
static unsigned fifo_size(const SimUart *uart)
{
  return uart->fcr & FCR_ENABLE ? SIM_FIFO_SIZE : 1;
}

static unsigned trigger_level(const SimUart *uart)
{
  static const uint8_t levels[4] = {1, 4, 8, 14};
  return uart->fcr & FCR_ENABLE ? levels[uart->fcr >> 6] : 1;
}

/* LSR error bits of the character at the top of the FIFO. */
static unsigned top_errors(const SimUart *uart)
{
  return uart->rx_count == 0 ? 0 : uart->rx_fifo[uart->rx_head] >> 8;
}

/* UM10114 table 142, in order of priority. */
static unsigned identify_interrupt(const SimUart *uart)
{
  if ((uart->ier & IER_RLS) && (uart->overrun || top_errors(uart) != 0))
    return IIR_RLS;
  if ((uart->ier & IER_RBR) && uart->rx_count >= trigger_level(uart))
    return IIR_RDA;
  if ((uart->ier & IER_RBR) && uart->timeout)
    return IIR_CTI;
  if ((uart->ier & IER_THRE) && uart->thre)
    return IIR_THRE;
  return IIR_NONE;
}

static void update_request(SimChip *chip, unsigned unit)
{
  sim_vic_set_request(chip, SIM_CHANNEL_UART0 + unit,
                      identify_interrupt(&chip->uart[unit]) != IIR_NONE);
}

void sim_uart_schedule(SimChip *chip, unsigned unit)
{
  const SimUart *uart = &chip->uart[unit];
  uint64_t tick = uart->tx_busy ? uart->tx_end_tick : SIM_NEVER;
  if (uart->thre_tick < tick)
    tick = uart->thre_tick;
  if (uart->cti_tick < tick)
    tick = uart->cti_tick;
  sim_schedule_tick(chip, SIM_EVENT_UART0 + unit, tick);
}

void sim_uart_reset(SimChip *chip)
{
  for (unsigned unit = 0; unit < 2; unit++) {
    chip->uart[unit] = (SimUart){.dll = 1, .cti_tick = SIM_NEVER, .thre_tick = SIM_NEVER};
    update_request(chip, unit);
    sim_uart_schedule(chip, unit);
  }
}

/* ---- Receiving ---- */

/* Starts the character time-out anew: [(word × 7 − 2) × 8 + (trigger − characters) × 8 + 1] RCLKs,
 * where RCLK is the divisor in PCLKs (UM10114 table 142). */
static void restart_timeout(SimUart *uart, uint64_t tick)
{
  uart->timeout = false;
  uart->cti_tick = SIM_NEVER;
  if (uart->rx_count == 0 || !(uart->fcr & FCR_ENABLE))
    return;
  int missing = (int)trigger_level(uart) - (int)uart->rx_count;
  int clocks = ((int)word_length(uart) * 7 - 2) * 8 + missing * 8 + 1;
  uart->cti_tick = tick + (uint64_t)clocks * sim_uart_get_divisor(uart);
}

/* When the FIFO is full it stays as it is: the newest character is lost (UM10114 table 145). */
void sim_uart_receive(SimChip *chip, unsigned unit, uint64_t tick, uint8_t byte, uint8_t errors)
{
  SimUart *uart = &chip->uart[unit];
  if (uart->rx_count >= fifo_size(uart)) {
    uart->overrun = true;
    sim_report(chip, SIM_REPORT_UART_OVERRUN, byte);
  } else {
    unsigned place = (uart->rx_head + uart->rx_count++) % SIM_FIFO_SIZE;
    uart->rx_fifo[place] = (uint16_t)(errors << 8 | byte);
    restart_timeout(uart, tick);
  }
  update_request(chip, unit);
  sim_uart_schedule(chip, unit);
}

static uint8_t read_rbr(SimChip *chip, SimUart *uart)
{
  if (uart->rx_count > 0) {
    uart->rx_last = (uint8_t)uart->rx_fifo[uart->rx_head];
    uart->rx_head = (uart->rx_head + 1) % SIM_FIFO_SIZE;
    uart->rx_count--;
    restart_timeout(uart, sim_ticks_now(chip));
  }
  return uart->rx_last;
}

/* Reading clears OE and the errors of the top character (UM10114 table 145). */
static uint8_t read_lsr(SimUart *uart)
{
  unsigned lsr = top_errors(uart);
  if (uart->rx_count > 0)
    lsr |= LSR_RDR;
  if (uart->overrun)
    lsr |= LSR_OE;
  if (uart->tx_count == 0)
    lsr |= LSR_THRE;
  if (uart->tx_count == 0 && !uart->tx_busy)
    lsr |= LSR_TEMT;
  for (unsigned i = 0; i < uart->rx_count; i++)
    if (uart->rx_fifo[(uart->rx_head + i) % SIM_FIFO_SIZE] >> 8 && (uart->fcr & FCR_ENABLE))
      lsr |= LSR_RXFE;
  uart->overrun = false;
  if (uart->rx_count > 0)
    uart->rx_fifo[uart->rx_head] &= 0xff;
  return (uint8_t)lsr;
}

/* ---- Sending ---- */

/* The transmit FIFO has become empty. The interrupt is raised at once if it held two characters
 * since the last time, else one character time less the stop bit later, unless THR is written
 * meanwhile (UM10114 §10.4.6). */
static void transmit_empty(SimUart *uart, uint64_t tick)
{
  if (!(uart->ier & IER_THRE))
    uart->thre_tick = SIM_NEVER;
  else if (uart->held_two)
    uart->thre = true;
  else
    uart->thre_tick = tick + character_ticks(uart, 0);
  uart->held_two = false;
}

static void start_character(SimUart *uart, uint64_t tick)
{
  uart->tx_busy = uart->tx_count > 0;
  if (!uart->tx_busy)
    return;
  uart->tx_shift = uart->tx_fifo[uart->tx_head];
  uart->tx_head = (uart->tx_head + 1) % SIM_FIFO_SIZE;
  uart->tx_count--;
  uart->tx_end_tick = tick + character_ticks(uart, stop_bits(uart));
  if (uart->tx_count == 0)
    transmit_empty(uart, tick);
}

static void write_thr(SimChip *chip, SimUart *uart, uint8_t byte)
{
  if (uart->tx_count >= fifo_size(uart)) {
    sim_report(chip, SIM_REPORT_UART_TX_OVERRUN, byte);
    return;
  }
  uart->tx_fifo[(uart->tx_head + uart->tx_count++) % SIM_FIFO_SIZE] = byte;
  uart->thre = false;
  uart->thre_tick = SIM_NEVER;
  if (uart->tx_count >= 2)
    uart->held_two = true;
  if (!uart->tx_busy)
    start_character(uart, sim_ticks_now(chip));
}

void sim_uart_event(SimChip *chip, unsigned unit, uint64_t cycle)
{
  SimUart *uart = &chip->uart[unit];
  uint64_t tick = sim_ticks_at(chip, cycle);
  if (uart->tx_busy && tick >= uart->tx_end_tick) {
    if (unit == 0)
      sim_line_from_chip(chip, uart->tx_shift);
    start_character(uart, uart->tx_end_tick);
  }
  if (tick >= uart->thre_tick) {
    uart->thre_tick = SIM_NEVER;
    uart->thre = true;
  }
  if (tick >= uart->cti_tick) {
    uart->cti_tick = SIM_NEVER;
    uart->timeout = true;
  }
  update_request(chip, unit);
  sim_uart_schedule(chip, unit);
}

/* ---- Registers ---- */

static uint8_t read_iir(SimUart *uart)
{
  unsigned id = identify_interrupt(uart);
  if (id == IIR_THRE)
    uart->thre = false;
  return (uint8_t)(id | (uart->fcr & FCR_ENABLE ? 0xc0 : 0));
}

/* Any change of the enable bit clears both FIFOs (UM10114 §10.4). */
static void write_fcr(SimChip *chip, SimUart *uart, uint8_t value)
{
  bool changed = ((value ^ uart->fcr) & FCR_ENABLE) != 0;
  uart->fcr = value & 0xc1;
  if (changed || (value & FCR_RX_RESET)) {
    uart->rx_count = 0;
    uart->timeout = false;
    uart->cti_tick = SIM_NEVER;
  }
  if ((changed || (value & FCR_TX_RESET)) && uart->tx_count > 0) {
    uart->tx_count = 0;
    transmit_empty(uart, sim_ticks_now(chip));
  }
}

/* Enabling THRE with the FIFO empty raises it, but late: there is time to write THR first. */
static void write_ier(SimChip *chip, SimUart *uart, uint8_t value)
{
  bool enabled = (value & ~uart->ier & IER_THRE) != 0;
  uart->ier = value & 15;
  if (enabled && uart->tx_count == 0)
    transmit_empty(uart, sim_ticks_now(chip));
  if (!(uart->ier & IER_THRE)) {
    uart->thre = false;
    uart->thre_tick = SIM_NEVER;
  }
}

static bool load_by_offset(SimChip *chip, SimUart *uart, uint32_t offset, uint32_t *value)
{
  bool dlab = uart->lcr & LCR_DLAB;
  switch (offset) {
  case RBR_THR_DLL:
    *value = dlab ? uart->dll : read_rbr(chip, uart);
    return true;
  case IER_DLM:
    *value = dlab ? uart->dlm : uart->ier;
    return true;
  case IIR_FCR:
    *value = read_iir(uart);
    return true;
  case LCR:
    *value = uart->lcr;
    return true;
  case LSR:
    *value = read_lsr(uart);
    return true;
  case SCR:
    *value = uart->scr;
    return true;
  case MCR:
    *value = uart->mcr;
    return uart == &chip->uart[1];
  case MSR:
    *value = 0; /* no modem on the line */
    return uart == &chip->uart[1];
  default:
    return false; /* ACR, FDR, TER exist in the /01 parts only */
  }
}

static bool store_by_offset(SimChip *chip, SimUart *uart, uint32_t offset, uint8_t value)
{
  bool dlab = uart->lcr & LCR_DLAB;
  switch (offset) {
  case RBR_THR_DLL:
    if (dlab)
      uart->dll = value;
    else
      write_thr(chip, uart, value);
    return true;
  case IER_DLM:
    if (dlab)
      uart->dlm = value;
    else
      write_ier(chip, uart, value);
    return true;
  case IIR_FCR:
    write_fcr(chip, uart, value);
    return true;
  case LCR:
    uart->lcr = value;
    return true;
  case SCR:
    uart->scr = value;
    return true;
  case MCR:
    uart->mcr = value;
    return uart == &chip->uart[1];
  default:
    return false;
  }
}

bool sim_uart_load(SimChip *chip, unsigned unit, uint32_t offset, uint32_t *value)
{
  bool known = load_by_offset(chip, &chip->uart[unit], offset, value);
  update_request(chip, unit);
  sim_uart_schedule(chip, unit);
  return known;
}

bool sim_uart_store(SimChip *chip, unsigned unit, uint32_t offset, uint32_t value)
{
  bool known = store_by_offset(chip, &chip->uart[unit], offset, (uint8_t)value);
  update_request(chip, unit);
  sim_uart_schedule(chip, unit);
  return known;
}
