/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Blocks of which only the registers are modelled: PWM, I2C, SPI0, SPI1, RTC. What is written can
 * be read again; nothing else happens.
 */

#include "chip-private.h"

typedef struct {
  uint8_t slot; /* number of the APB slot */
  uint8_t offset;
  bool survives; /* a reset does not change it */
  uint16_t reset;
  uint32_t writable;
} Register;

#define ALL 0xffffffffu

/* RTC: UM10114 ch. 18. The others: the family's common register set; no more is claimed for them
 * than that they can be read back. */
static const Register registers[] = {
    {5, 0x00, false, 0, 0x70f},  {5, 0x04, false, 0, 0xb},    {5, 0x08, false, 0, ALL},
    {5, 0x0c, false, 0, ALL},    {5, 0x10, false, 0, ALL},    {5, 0x14, false, 0, 0x1fffff},
    {5, 0x18, false, 0, ALL},    {5, 0x1c, false, 0, ALL},    {5, 0x20, false, 0, ALL},
    {5, 0x24, false, 0, ALL},    {5, 0x40, false, 0, ALL},    {5, 0x44, false, 0, ALL},
    {5, 0x48, false, 0, ALL},    {5, 0x4c, false, 0, 0x7e7c}, {5, 0x50, false, 0, 0x7f},

    {7, 0x00, false, 0, 0x7c},   {7, 0x04, false, 0xf8, 0},   {7, 0x08, false, 0, 0xff},
    {7, 0x0c, false, 0, 0xff},   {7, 0x10, false, 4, 0xffff}, {7, 0x14, false, 4, 0xffff},
    {7, 0x18, false, 0, 0},

    {8, 0x00, false, 0, 0xf8},   {8, 0x04, false, 0, 0},      {8, 0x08, false, 0, 0xff},
    {8, 0x0c, false, 0, 0xff},   {8, 0x1c, false, 0, 0},      {12, 0x00, false, 0, 0xf8},
    {12, 0x04, false, 0, 0},     {12, 0x08, false, 0, 0xff},  {12, 0x0c, false, 0, 0xff},
    {12, 0x1c, false, 0, 0},

    {9, 0x00, false, 0, 0},      {9, 0x04, false, 0, 0},      {9, 0x08, true, 0, 0x13},
    {9, 0x0c, true, 0, 0xff},    {9, 0x10, true, 0, 0xff},    {9, 0x14, true, 0, 0},
    {9, 0x18, true, 0, 0},       {9, 0x1c, true, 0, 0},       {9, 0x20, true, 0, 0x3f},
    {9, 0x24, true, 0, 0x3f},    {9, 0x28, true, 0, 0x1f},    {9, 0x2c, true, 0, 0x1f},
    {9, 0x30, true, 0, 0x7},     {9, 0x34, true, 0, 0x1ff},   {9, 0x38, true, 0, 0xf},
    {9, 0x3c, true, 0, 0xfff},   {9, 0x60, true, 0, 0x3f},    {9, 0x64, true, 0, 0x3f},
    {9, 0x68, true, 0, 0x1f},    {9, 0x6c, true, 0, 0x1f},    {9, 0x70, true, 0, 0x7},
    {9, 0x74, true, 0, 0x1ff},   {9, 0x78, true, 0, 0xf},     {9, 0x7c, true, 0, 0xfff},
    {9, 0x80, false, 0, 0x1fff}, {9, 0x84, false, 0, 0x7fff},
};

enum { COUNT = sizeof registers / sizeof registers[0] };
_Static_assert((int)COUNT <= (int)SIM_PLAIN_REGISTERS, "room for every plain register");

void sim_plain_reset(SimChip *chip)
{
  for (unsigned i = 0; i < COUNT; i++)
    if (!registers[i].survives)
      chip->plain[i] = registers[i].reset;
}

static bool find(unsigned slot, uint32_t offset, unsigned *index)
{
  for (unsigned i = 0; i < COUNT; i++) {
    if (registers[i].slot == slot && registers[i].offset == offset) {
      *index = i;
      return true;
    }
  }
  return false;
}

bool sim_plain_load(SimChip *chip, unsigned unit, uint32_t offset, uint32_t *value)
{
  unsigned index;
  if (!find(unit, offset, &index))
    return false;
  *value = chip->plain[index];
  return true;
}

bool sim_plain_store(SimChip *chip, unsigned unit, uint32_t offset, uint32_t value)
{
  unsigned index;
  if (!find(unit, offset, &index))
    return false;
  chip->plain[index] = value & registers[index].writable;
  return true;
}
