#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints each firmware image's size against its budget; fails when one is exceeded.

usage: check-sizes.py STAMP SIZE_PROGRAM ELF=FLASH_BUDGET=RAM_BUDGET...
FLASH counts code, constants and the load image of initialised data; RAM what the image keeps there,
stacks excluded. Budgets in bytes.
"""

import pathlib
import subprocess
import sys


def sections(size_program, elf):
    out = subprocess.run([size_program, "-A", elf], check=True, capture_output=True, text=True).stdout
    rows = (line.split() for line in out.splitlines() if line.startswith("."))
    return {row[0]: int(row[1]) for row in rows}


def main():
    stamp, size_program, *images = sys.argv[1:]
    lines, broken = [f"{'image':14} {'flash':>7} {'budget':>7} {'RAM':>7} {'budget':>7}"], False
    for image in images:
        elf, flash_budget, ram_budget = image.rsplit("=", 2)
        size = sections(size_program, elf)
        flash = sum(size.get(name, 0) for name in (".head", ".text", ".data"))
        ram = size.get(".data", 0) + size.get(".bss", 0)
        over = flash > int(flash_budget) or ram > int(ram_budget)
        broken = broken or over
        lines.append(f"{pathlib.Path(elf).stem:14} {flash:7} {flash_budget:>7} {ram:7} {ram_budget:>7}"
                     + ("  OVER BUDGET" if over else ""))
    print("\n".join(lines), flush=True)
    if broken:
        sys.exit("a firmware image is over its budget")
    pathlib.Path(stamp).write_text("\n".join(lines) + "\n", encoding="ascii")


main()
