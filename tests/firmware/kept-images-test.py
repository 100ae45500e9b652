#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The images kept in firmware/images are those that the sources give: whoever builds with
-Dfirmware=prebuilt ships the same bytes.

usage: kept-images-test.py KEPT_FOLDER BUILT_FOLDER COMPILER
"""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
import tap  # noqa: E402

KEPT, BUILT, COMPILER = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]
UPDATE = "ninja switchyard-update-images keeps the new ones"


def ask_compiler():
    return subprocess.run([COMPILER, "--version"], capture_output=True, text=True,
                          check=True).stdout.splitlines()[0]


def names_in(folder):
    return sorted(path.name for path in folder.glob("*.bin"))


def test_each_image_is_kept_and_nothing_else(case):
    case.equal(names_in(KEPT), names_in(BUILT), f"the images ({UPDATE})")


def test_the_kept_ones_are_what_is_built(case):
    made_by = (KEPT / "compiler").read_text(encoding="utf-8").strip()
    if ask_compiler() != made_by:
        raise tap.Skip(f"the kept ones were made by {made_by}, and this is {ask_compiler()}")
    both = sorted({*names_in(KEPT)} & {*names_in(BUILT)})
    changed = [name for name in both
               if (KEPT / name).read_bytes() != (BUILT / name).read_bytes()]
    case.equal(changed, [], f"images that differ ({UPDATE})")


if __name__ == "__main__":
    del sys.argv[1:4]
    tap.main(globals(), jobs=1)
