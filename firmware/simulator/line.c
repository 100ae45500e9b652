/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * The line of UART0 and its far end: bytes under way both ways, each in its own time, and what
 * becomes of them when the two ends do not agree on the rate.
 */

#include "chip-private.h"

#include <stdlib.h>
#include <string.h>

enum { LSR_FE = 8, LSR_BI = 0x10, LCR_8N = 3, LCR_FRAME = 0x3b, BITS = 10 };

/* ---- Queues ---- */

static bool queue_reserve(SimQueue *queue, size_t capacity)
{
  if (queue->capacity >= capacity)
    return true;
  size_t larger = queue->capacity < 64 ? 64 : queue->capacity;
  while (larger < capacity)
    larger *= 2;
  uint8_t *bytes = malloc(larger);
  if (bytes == NULL)
    return false;
  for (size_t i = 0; i < queue->count; i++)
    bytes[i] = queue->bytes[(queue->head + i) & (queue->capacity - 1)];
  free(queue->bytes);
  queue->bytes = bytes;
  queue->capacity = larger;
  queue->head = 0;
  return true;
}

static void queue_push(SimQueue *queue, uint8_t byte)
{
  if (!queue_reserve(queue, queue->count + 1))
    abort();
  queue->bytes[(queue->head + queue->count++) & (queue->capacity - 1)] = byte;
}

static uint8_t queue_pop(SimQueue *queue)
{
  uint8_t byte = queue->bytes[queue->head];
  queue->head = (queue->head + 1) & (queue->capacity - 1);
  queue->count--;
  return byte;
}

bool sim_queue_copy(SimQueue *to, const SimQueue *from)
{
  to->head = to->count = 0;
  if (!queue_reserve(to, from->count))
    return false;
  for (size_t i = 0; i < from->count; i++)
    to->bytes[i] = from->bytes[(from->head + i) & (from->capacity - 1)];
  to->count = from->count;
  return true;
}

void sim_line_free(SimLine *line)
{
  free(line->to_chip.bytes);
  free(line->from_chip.bytes);
}

/* ---- Rates ---- */

/* A bit of the chip's in cycles. */
static uint64_t chip_bit(const SimChip *chip)
{
  return (uint64_t)16 * sim_uart_get_divisor(&chip->uart[0]) * chip->pclk_divider;
}

/* More than 4 % apart: the stop bit is missed. */
static bool is_mismatch(const SimChip *chip)
{
  uint64_t ours = chip_bit(chip) * chip->line.baud;
  uint64_t theirs = chip->config.crystal_hz;
  return (ours > theirs ? ours - theirs : theirs - ours) * 100 > theirs * 4;
}

/* What a receiver makes of 8N1 bits that last `sent` while it looks at the middle of bits that last
 * `looked` (any unit). Past the character the line is high. The result is never the byte itself. */
static uint8_t sample(uint8_t byte, uint64_t sent, uint64_t looked)
{
  unsigned wave = 1u << 9 | (unsigned)byte << 1;
  unsigned seen = 0;
  for (unsigned bit = 0; bit < 8; bit++) {
    uint64_t at = (2 * bit + 3) * looked / (2 * sent);
    seen |= (at >= BITS ? 1 : wave >> at & 1) << bit;
  }
  return (uint8_t)(seen == byte ? seen ^ 0xa5 : seen);
}

/* ---- To the chip ---- */

/* When byte n (from 1) of the present run has arrived, rounded up to a cycle. */
static uint64_t arrival(const SimChip *chip, uint64_t n)
{
  uint64_t baud = chip->line.baud;
  return chip->line.epoch + (n * BITS * chip->config.crystal_hz + baud - 1) / baud;
}

static void schedule(SimChip *chip)
{
  bool any = chip->line.to_chip.count > 0;
  sim_schedule(chip, SIM_EVENT_LINE, any ? arrival(chip, chip->line.arrived + 1) : SIM_NEVER);
}

/* A line whose rate changes goes on at the new rate with the byte that has just begun. */
void sim_chip_line_set_baud(SimChip *chip, uint32_t baud)
{
  if (baud == 0 || baud == chip->line.baud)
    return;
  chip->line.epoch = arrival(chip, chip->line.arrived);
  chip->line.arrived = 0;
  chip->line.baud = baud;
  schedule(chip);
}

void sim_chip_line_send(SimChip *chip, const uint8_t *bytes, size_t length)
{
  SimLine *line = &chip->line;
  if (line->to_chip.count == 0) {
    line->epoch = chip->cpu.cycles;
    line->arrived = 0;
  }
  for (size_t i = 0; i < length; i++)
    queue_push(&line->to_chip, bytes[i]);
  schedule(chip);
}

/* Bytes that come while no one listens (no power, boot ROM, pin or UART not set up) are lost. */
static void deliver(SimChip *chip, uint64_t tick, uint8_t byte)
{
  if (chip->state != SIM_STATE_RUNNING || !sim_gpio_has_uart0(chip, true) ||
      !(chip->system.pconp & SIM_POWER_UART0))
    return;
  if (!is_mismatch(chip) && (chip->uart[0].lcr & LCR_FRAME) == LCR_8N) {
    sim_uart_receive(chip, 0, tick, byte, 0);
    return;
  }
  uint64_t ours = chip_bit(chip) * chip->line.baud;
  byte = sample(byte, chip->config.crystal_hz, ours);
  sim_uart_receive(chip, 0, tick, byte, byte == 0 ? LSR_FE | LSR_BI : LSR_FE);
}

void sim_line_event(SimChip *chip, uint64_t cycle)
{
  chip->line.arrived++;
  deliver(chip, sim_ticks_at(chip, cycle), queue_pop(&chip->line.to_chip));
  schedule(chip);
}

size_t sim_chip_line_get_queued(const SimChip *chip)
{
  return chip->line.to_chip.count;
}

void sim_chip_line_drop(SimChip *chip)
{
  chip->line.to_chip.count = 0;
  schedule(chip);
}

/* ---- From the chip ---- */

void sim_line_from_chip(SimChip *chip, uint8_t byte)
{
  if (!sim_gpio_has_uart0(chip, false))
    return;
  if (is_mismatch(chip) || (chip->uart[0].lcr & LCR_FRAME) != LCR_8N)
    byte = sample(byte, chip_bit(chip) * chip->line.baud, chip->config.crystal_hz);
  queue_push(&chip->line.from_chip, byte);
}

size_t sim_chip_line_receive(SimChip *chip, uint8_t *bytes, size_t room)
{
  size_t length = 0;
  while (length < room && chip->line.from_chip.count > 0)
    bytes[length++] = queue_pop(&chip->line.from_chip);
  return length;
}
