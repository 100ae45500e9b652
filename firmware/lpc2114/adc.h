/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The analog inputs AIN0 to AIN3. */

#pragma once

#include <stdint.h>

/* One conversion, 3 µs; 0 to 1023. */
uint16_t adc_sample(unsigned channel);
