/* SPDX-License-Identifier: GPL-3.0-or-later */

/* ADC driver. PINSEL1 gives P0.27 to P0.30 to the ADC after reset (UM10114 table 87). */

#include "adc.h"

#include "lpc2114.h"

/* 11.0592 MHz / 3 = 3.69 MHz, below the 4.5 MHz limit (UM10114 table 291). */
enum { ADC_CLOCK = 2 << 8, RESULT_SHIFT = 6, RESULT_MASK = 0x3ff, LOOKS_MAX = 100 };

uint16_t adc_sample(unsigned channel)
{
  uint32_t result;
  unsigned looks = LOOKS_MAX;

  LPC_ADCR = LPC_ADC_ON | ADC_CLOCK | 1u << channel | LPC_ADC_START;
  do
    result = LPC_ADDR;
  while ((result & LPC_ADC_DONE) == 0 && --looks > 0);
  if (looks == 0)
    return ADC_FAILED;
  return result >> RESULT_SHIFT & RESULT_MASK;
}
