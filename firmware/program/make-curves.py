#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes curves.c: what each ADC count means on the four inputs of the demo substation.

Channel 0  NTC thermistor 10 kOhm, B 3950, to ground under a 10 kOhm pull-up; tenths of a degree C
Channel 1  Pt1000 to ground under a 2.2 kOhm pull-up; tenths of a degree C (IEC 60751)
Channel 2  4-20 mA over 150 ohms, 3.3 V reference; tenths of a percent of range
Channel 3  battery through a divider of 11; tenths of a volt
"""

import math
import sys

COUNTS = 1024
REFERENCE_V = 3.3
LOW, HIGH = -32768, 32767


def resistance(count, pull_up):
    """Ohms to ground that give this count; the ends stand for open and short."""
    count = min(max(count, 1), COUNTS - 2)
    return pull_up * count / (COUNTS - 1 - count)


def ntc(count):
    kelvin = 1 / (1 / 298.15 + math.log(resistance(count, 10e3) / 10e3) / 3950)
    return (kelvin - 273.15) * 10


def pt1000(count):
    """Callendar and Van Dusen, solved for temperature (its quadratic part)."""
    a, b = 3.9083e-3, -5.775e-7
    ratio = resistance(count, 2.2e3) / 1000
    root = a * a - 4 * b * (1 - ratio)
    celsius = (-a + math.sqrt(max(root, 0))) / (2 * b)
    return celsius * 10


def loop(count):
    milliamps = count / (COUNTS - 1) * REFERENCE_V / 150 * 1000
    return (milliamps - 4) / 16 * 1000


def battery(count):
    return count / (COUNTS - 1) * REFERENCE_V * 11 * 10


def table(function):
    values = [min(max(round(function(n)), LOW), HIGH) for n in range(COUNTS)]
    rows = [", ".join(map(str, values[n:n + 12])) for n in range(0, COUNTS, 12)]
    return "    {" + ",\n     ".join(rows) + "},"


def main():
    with open(sys.argv[1], "w", encoding="ascii") as out:
        out.write("/* Made by make-curves.py. */\n#include \"curves.h\"\n\n")
        out.write(f"const int16_t curves[{4}][CURVE_POINTS] = {{\n")
        for function in (ntc, pt1000, loop, battery):
            out.write(f"    /* {function.__name__} */\n{table(function)}\n")
        out.write("};\n")


main()
