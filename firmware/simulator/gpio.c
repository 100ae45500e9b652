/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Legacy GPIO (UM10114 ch. 9) and the pin connect block (ch. 8).
 */

#include "chip-private.h"

enum { IOPIN, IOSET, IODIR, IOCLR };

/* Pins that the 64-pin part has: P0.0-25, P0.27-30, P1.16-31. */
static const uint32_t pins[2] = {0x7bffffff, 0xffff0000};

/* PINSEL1 makes P0.27-30 AIN0-3 from the start (UM10114 table 87). */
void sim_gpio_reset(SimChip *chip)
{
  SimGpio *gpio = &chip->gpio;
  for (unsigned port = 0; port < 2; port++)
    gpio->latch[port] = gpio->dir[port] = 0;
  gpio->pinsel[0] = 0;
  gpio->pinsel[1] = 0x15400000;
  gpio->pinsel[2] = 0;
}

static uint32_t levels(const SimGpio *gpio, unsigned port)
{
  uint32_t driven = gpio->latch[port] & gpio->dir[port];
  return (driven | (gpio->input[port] & ~gpio->dir[port])) & pins[port];
}

bool sim_gpio_load(SimChip *chip, unsigned unit, uint32_t offset, uint32_t *value)
{
  (void)unit;
  const SimGpio *gpio = &chip->gpio;
  unsigned port = offset / 0x10;
  if (port > 1)
    return false;
  switch (offset % 0x10 / 4) {
  case IOPIN:
    *value = levels(gpio, port);
    return true;
  case IOSET:
    *value = gpio->latch[port];
    return true;
  case IODIR:
    *value = gpio->dir[port];
    return true;
  default:
    return false; /* IOCLR is for writing only */
  }
}

bool sim_gpio_store(SimChip *chip, unsigned unit, uint32_t offset, uint32_t value)
{
  (void)unit;
  SimGpio *gpio = &chip->gpio;
  unsigned port = offset / 0x10;
  if (port > 1)
    return false;
  switch (offset % 0x10 / 4) {
  case IOPIN:
    gpio->latch[port] = value & pins[port];
    break;
  case IOSET:
    gpio->latch[port] |= value & pins[port];
    break;
  case IODIR:
    gpio->dir[port] = value & pins[port];
    break;
  case IOCLR:
    gpio->latch[port] &= ~value;
    break;
  }
  return true;
}

/* PINSEL0, PINSEL1, and PINSEL2 apart from them. */
static bool pinsel_index(uint32_t offset, unsigned *index)
{
  *index = offset == 0x14 ? 2 : offset / 4;
  return offset == 0x00 || offset == 0x04 || offset == 0x14;
}

bool sim_pinsel_load(SimChip *chip, unsigned unit, uint32_t offset, uint32_t *value)
{
  (void)unit;
  unsigned index;
  if (!pinsel_index(offset, &index))
    return false;
  *value = chip->gpio.pinsel[index];
  return true;
}

bool sim_pinsel_store(SimChip *chip, unsigned unit, uint32_t offset, uint32_t value)
{
  (void)unit;
  unsigned index;
  if (!pinsel_index(offset, &index))
    return false;
  chip->gpio.pinsel[index] = value;
  return true;
}

/* P0.0 is TXD0 and P0.1 RXD0 with function 01 (UM10114 table 86). */
bool sim_gpio_has_uart0(const SimChip *chip, bool rx)
{
  return (chip->gpio.pinsel[0] >> (rx ? 2 : 0) & 3) == 1;
}

uint32_t sim_chip_get_port(const SimChip *chip, unsigned port)
{
  return port < 2 ? chip->gpio.latch[port] & chip->gpio.dir[port] : 0;
}

void sim_chip_set_input(SimChip *chip, unsigned port, unsigned pin, bool high)
{
  if (port > 1 || pin > 31)
    return;
  if (high)
    chip->gpio.input[port] |= 1u << pin;
  else
    chip->gpio.input[port] &= ~(1u << pin);
}
