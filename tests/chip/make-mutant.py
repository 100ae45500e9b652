#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""Copies a source file with one deliberate mistake, for the test of the power-cut sweep.

make-mutant.py MUTANT INPUT OUTPUT. Each mutant is one exact replacement; when the text it replaces is
gone, the build fails, so that a mutant never turns into the right firmware unnoticed.
"""

import sys

MUTANTS = {
    # The record log is emptied while both banks are whole: cut there, the newer header decides, which
    # need not be the program that ran.
    "log-first": (
        "  *status = flash->erase(flash->context, install->first_erased, last);\n"
        "  if (*status == 0 && !sound)\n"
        "    *status = flash->erase(flash->context, WIRE_RECORD_SECTOR, WIRE_RECORD_SECTOR);\n",
        "  if (!sound)\n"
        "    flash->erase(flash->context, WIRE_RECORD_SECTOR, WIRE_RECORD_SECTOR);\n"
        "  *status = flash->erase(flash->context, install->first_erased, last);\n",
    ),
    # The new program counts as proved as soon as it is sealed.
    "no-trial": (
        "can_return ? WIRE_RECORD_TRIAL",
        "can_return ? WIRE_RECORD_CONFIRMED",
    ),
    # The last place of the record log is taken once more without an erase.
    "used-place": (
        "unsigned slot = fw_record_find_free_slot(flash->memory);",
        "unsigned slot = fw_record_find_free_slot(flash->memory) - 1;",
    ),
    # Everything that does not read blank is kept, the block that power was cut in as well.
    "keep-torn": (
        "(used - FW_WINDOW) / WIRE_BLOCKS_PER_SECTOR * WIRE_BLOCKS_PER_SECTOR;\n",
        "used;\n",
    ),
    # When an upgrade that empties the log is cut, an old record of a trial may come to light, and the
    # only program there is does not start any more.
    "no-listening": (
        "[IMAGE_AS_RECORDED] = {LISTEN, TRIAL}",
        "[IMAGE_AS_RECORDED] = {LOADER, TRIAL}",
    ),
}


def main():
    name, source, target = sys.argv[1:]
    before, after = MUTANTS[name]
    text = open(source, encoding="utf-8").read()
    if text.count(before) != 1:
        sys.exit(f"{source}: the text that mutant {name} replaces is there {text.count(before)} times")
    with open(target, "w", encoding="utf-8") as file:
        file.write(text.replace(before, after))


main()
