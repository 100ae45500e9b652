/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The analog inputs AIN0 to AIN3. */

#pragma once

#include <stdint.h>

enum { ADC_COUNTS = 1024, ADC_FAILED = 0xffff };

/* One conversion, 3 µs: 0 to ADC_COUNTS - 1, or ADC_FAILED when it does not end. */
uint16_t adc_sample(unsigned channel);
