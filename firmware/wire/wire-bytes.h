/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Little-endian fields in byte buffers. The target has no unaligned access (lpc2114 sheet §8.5), so
 * no structure is ever laid over a buffer: each field is read and written byte by byte. */

#pragma once

#include <stddef.h>
#include <stdint.h>

static inline uint16_t wire_get_u16(const uint8_t *bytes)
{
  return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t wire_get_u32(const uint8_t *bytes)
{
  return (uint32_t)wire_get_u16(bytes) | (uint32_t)wire_get_u16(bytes + 2) << 16;
}

/* The same for a field that lies on a word boundary on the chip: headers and records, in flash or
 * in aligned RAM. One load there, and the jump program's 1 KB thanks it; the host, where a file's
 * bytes may lie anywhere, goes byte by byte. */
static inline uint32_t wire_get_word(const uint8_t *bytes)
{
#ifdef WIRE_ON_CHIP
  typedef uint32_t __attribute__((may_alias)) Word;

  return *(const Word *)bytes;
#else
  return wire_get_u32(bytes);
#endif
}

static inline void wire_put_u16(uint8_t *bytes, uint16_t value)
{
  bytes[0] = (uint8_t)value;
  bytes[1] = (uint8_t)(value >> 8);
}

static inline void wire_put_u32(uint8_t *bytes, uint32_t value)
{
  wire_put_u16(bytes, (uint16_t)value);
  wire_put_u16(bytes + 2, (uint16_t)(value >> 16));
}

/* The same for halfwords. */
static inline uint32_t wire_get_half(const uint8_t *bytes)
{
#ifdef WIRE_ON_CHIP
  typedef uint16_t __attribute__((may_alias)) Half;

  return *(const Half *)bytes;
#else
  return wire_get_u16(bytes);
#endif
}

static inline void wire_put_half(uint8_t *bytes, uint32_t value)
{
#ifdef WIRE_ON_CHIP
  typedef uint16_t __attribute__((may_alias)) Half;

  *(Half *)bytes = (uint16_t)value;
#else
  wire_put_u16(bytes, (uint16_t)value);
#endif
}

/* memcpy and memset for code that may not include string.h. On the chip they are those that the
 * compiler calls by itself anyway (lpc2114/cpu.c), one copy of each. */
static inline void wire_copy(uint8_t *to, const uint8_t *from, size_t length)
{
#ifdef WIRE_ON_CHIP
  __builtin_memcpy(to, from, length);
#else
  for (size_t i = 0; i < length; i++)
    to[i] = from[i];
#endif
}

static inline void wire_fill(uint8_t *to, uint8_t value, size_t length)
{
#ifdef WIRE_ON_CHIP
  __builtin_memset(to, value, length);
#else
  for (size_t i = 0; i < length; i++)
    to[i] = value;
#endif
}
