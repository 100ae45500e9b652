/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What an ADC count means: one point a count, so that no channel needs arithmetic the core is slow
 * at. The table is made by make-curves.py. */

#pragma once

#include <stdint.h>

enum { CURVE_POINTS = 1024 };

/* By channel, then count; tenths of the channel's unit. */
extern const int16_t curves[4][CURVE_POINTS];
