/* SPDX-License-Identifier: GPL-3.0-or-later */

/* For the tests of wire, firmware and loop: seeded random numbers, so that a failure comes back,
 * and a CRC-32 written down from its definition, bit by bit, to judge the one under test. */

#pragma once

#include <stddef.h>
#include <stdint.h>

typedef struct {
  uint32_t state; /* not 0 */
} WireRandom;

/* Xorshift, 32 bits; any `seed` will do. */
static inline WireRandom wire_random(uint32_t seed)
{
  return (WireRandom){.state = seed * 2654435761u | 1};
}

static inline uint32_t wire_random_next(WireRandom *random)
{
  random->state ^= random->state << 13;
  random->state ^= random->state >> 17;
  random->state ^= random->state << 5;
  return random->state;
}

/* 0 to below - 1. */
static inline uint32_t wire_random_below(WireRandom *random, uint32_t below)
{
  return (wire_random_next(random) >> 7) % below;
}

static inline void wire_random_fill(WireRandom *random, uint8_t *to, size_t length)
{
  for (size_t i = 0; i < length; i++)
    to[i] = (uint8_t)(wire_random_next(random) >> 9);
}

/* The register of a CRC-32 still running: start with UINT32_MAX, end with its complement. */
static inline uint32_t wire_reference_crc_step(uint32_t state, const uint8_t *bytes, size_t length)
{
  for (size_t i = 0; i < length; i++)
    for (unsigned bit = 0; bit < 8; bit++) {
      uint32_t feedback = (state ^ bytes[i] >> bit) & 1;

      state = state >> 1 ^ (feedback ? 0xedb88320u : 0);
    }
  return state;
}

static inline uint32_t wire_reference_crc(const uint8_t *bytes, size_t length)
{
  return ~wire_reference_crc_step(UINT32_MAX, bytes, length);
}
