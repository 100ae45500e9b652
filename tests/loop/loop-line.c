/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The line between the two sides, one direction. */

#include "loop-line.h"

#include "wire-message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include <string.h>

void loop_line_init(LoopLine *line, uint32_t seed)
{
  memset(line, 0, offsetof(LoopLine, chunks));
  line->silent_from = line->dies_at = UINT_MAX;
  line->random = wire_random(seed);
  loop_line_forget_types(line);
}

void loop_line_forget_types(LoopLine *line)
{
  memset(line->type_counts, 0, sizeof line->type_counts);
  for (unsigned type = 0; type < 256; type++)
    line->type_firsts[type] = UINT_MAX;
}

static void note_type(LoopLine *line, unsigned index, uint8_t type)
{
  if (line->type_counts[type]++ == 0)
    line->type_firsts[type] = index;
}

/* Whether this byte or frame is hit. */
static bool is_hit(LoopLine *line, unsigned index, uint64_t now_us)
{
  const LoopFault *fault = &line->fault;
  bool hit;

  if (!fault->active || (fault->until_us != 0 && now_us >= fault->until_us) ||
      (fault->times != 0 && line->hits >= fault->times))
    return false;
  if (fault->random > 0)
    hit = wire_random_below(&line->random, 10000) < fault->random;
  else
    hit = index == fault->first ||
          (fault->every > 0 && index > fault->first && (index - fault->first) % fault->every == 0);
  line->hits += hit;
  return hit;
}

static LoopChunk *add_chunk(LoopLine *line, uint32_t baud)
{
  LoopChunk *chunk = &line->chunks[(line->first + line->count) % LOOP_CHUNKS];

  assert_true(line->count < LOOP_CHUNKS);
  line->count++;
  chunk->length = 0;
  chunk->baud = baud;
  return chunk;
}

/* Ends a chunk: it arrives when its last byte does. The line never overtakes itself. */
static void end_chunk(LoopLine *line, LoopChunk *chunk, uint64_t now_us)
{
  bool late = line->prompt_us == 0 || now_us < line->prompt_us;

  line->free_us += chunk->length * 10ull * 1000000 / chunk->baud;
  if (line->relay) { /* which has times of its own */
    relay_push(line->relay, line->way, chunk->bytes, chunk->length, chunk->baud, line->free_us);
    line->count--;
    return;
  }
  chunk->at_us = line->free_us + (late ? line->latency_us : 0);
  if (line->jitter_us > 0)
    chunk->at_us += wire_random_below(&line->random, (uint32_t)line->jitter_us);
  if (chunk->at_us < line->last_us)
    chunk->at_us = line->last_us;
  line->last_us = chunk->at_us;
  if (chunk->length == 0)
    line->count--;
}

static void send_bytes(LoopLine *line, const uint8_t *bytes, size_t length, uint32_t baud,
                       uint64_t now_us)
{
  LoopChunk *chunk = add_chunk(line, baud);

  for (size_t i = 0; i < length; i++) {
    bool hit = !line->fault.frames && is_hit(line, line->bytes, now_us);
    LoopFaultKind kind = line->fault.kind;

    line->bytes++;
    if (hit && kind == LOOP_DROP)
      continue;
    if (hit && kind == LOOP_DELAY) {
      end_chunk(line, chunk, now_us);
      line->free_us += line->fault.delay_us;
      chunk = add_chunk(line, baud);
    }
    chunk->bytes[chunk->length++] = hit && kind == LOOP_FLIP ? bytes[i] ^ 0x10 : bytes[i];
    if (hit && kind == LOOP_DOUBLE)
      chunk->bytes[chunk->length++] = bytes[i];
  }
  end_chunk(line, chunk, now_us);
}

/* What was sent `line->replay` frames ago comes once more. */
static void send_again(LoopLine *line, const uint8_t *bytes, size_t length, uint32_t baud,
                       uint64_t now_us)
{
  LoopFrame *frame = &line->recent[line->recent_count % LOOP_RECENT];

  memcpy(frame->bytes, bytes, length);
  frame->length = length;
  line->recent_count++;
  if (line->replay == 0 || line->recent_count <= line->replay)
    return;
  frame = &line->recent[(line->recent_count - 1 - line->replay) % LOOP_RECENT];
  send_bytes(line, frame->bytes, frame->length, baud, now_us);
  line->replays++;
}

/* Noise, of the same length. */
static void make_rubbish(LoopLine *line, uint8_t *bytes, size_t length)
{
  for (size_t i = 0; i < length; i++)
    bytes[i] ^= (uint8_t)(1 + wire_random_below(&line->random, 255));
}

/* Whether the line is too bad for what is sent at this rate. */
static bool is_too_fast(const LoopLine *line, unsigned index, uint32_t baud)
{
  uint32_t carries = index >= line->dies_at ? WIRE_RATE_DEFAULT : line->carries;

  return carries != 0 && baud > carries;
}

void loop_line_send(LoopLine *line, const uint8_t *bytes, size_t length, uint32_t baud,
                    uint64_t now_us)
{
  unsigned index = line->frames++;
  bool hit = line->fault.frames && is_hit(line, index, now_us);
  uint8_t copy[WIRE_FRAME_MAX];

  note_type(line, index, bytes[WIRE_FRAME_TYPE_OFFSET]);
  if (index < LOOP_SIZES)
    line->sizes[index] = (uint16_t)length;
  if (line->free_us < now_us)
    line->free_us = now_us;
  if (index >= line->silent_from) {
    line->hits++;
    return;
  }
  if (hit && line->fault.kind == LOOP_DROP)
    return;
  if (hit && line->fault.kind == LOOP_DELAY)
    line->free_us += line->fault.delay_us;
  memcpy(copy, bytes, length);
  if (hit && line->fault.kind == LOOP_FLIP)
    copy[wire_random_below(&line->random, (uint32_t)length)] ^= 0x08;
  if (is_too_fast(line, index, baud))
    make_rubbish(line, copy, length);
  send_bytes(line, copy, length, baud, now_us);
  if (hit && line->fault.kind == LOOP_DOUBLE)
    send_bytes(line, copy, length, baud, now_us);
  send_again(line, copy, length, baud, now_us);
}

/* What comes out of the relay stands where it would without one. */
static void take_from_relay(LoopLine *line, uint64_t now_us)
{
  LoopChunk *chunk;

  if (!line->relay || line->count > 0 || relay_get_next_us(line->relay, line->way) > now_us)
    return;
  chunk = add_chunk(line, 0);
  chunk->at_us = now_us;
  chunk->length =
      relay_pop(line->relay, line->way, chunk->bytes, sizeof chunk->bytes, &chunk->baud, now_us);
}

uint64_t loop_line_get_next_us(const LoopLine *line)
{
  if (line->count > 0)
    return line->chunks[line->first].at_us;
  return line->relay ? relay_get_next_us(line->relay, line->way) : UINT64_MAX;
}

LoopChunk *loop_line_peek(LoopLine *line, uint32_t baud, uint64_t now_us)
{
  LoopChunk *chunk = &line->chunks[line->first];

  take_from_relay(line, now_us);
  if (line->count == 0 || chunk->at_us > now_us)
    return NULL;
  if (chunk->baud != 0 && chunk->baud != baud) {
    make_rubbish(line, chunk->bytes, chunk->length);
    chunk->baud = 0;
  }
  return chunk;
}

void loop_line_drop(LoopLine *line)
{
  line->first = (line->first + 1) % LOOP_CHUNKS;
  line->count--;
}
