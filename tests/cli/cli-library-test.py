#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The programs that inspect and upgrade keep in the user's data folder.

Takes the same environment variables as cli-test.py.
"""

import re

import hextool
import station
import tap
from station import EXIT_DONE, EXIT_LINK, EXIT_REFUSED, FIRMWARE, RELEASE, UPGRADED, Station, cli

KEPT_NAME = re.compile(r"(low|high)-[0-9]+-[0-9a-f]{8}\.bin")


class Home:
    """A data folder of the test's own."""

    def __init__(self, case):
        self.path = station.folder(case) / "data"
        self.images = self.path / "switchyard" / "images"
        self.env = station.environment(XDG_DATA_HOME=str(self.path))

    def names(self):
        return sorted(entry.name for entry in self.images.iterdir()) if self.images.exists() else []

    def holds(self, case, file):
        """Just the programs that `inspect` tells of the file, as the file has them."""
        found = {}
        for event in cli(case, "inspect", file, "--json").events():
            if event["event"] == "program" and event["usable"]:
                crc = int(event["crc"], 16)
                found[f"{event['bank'].lower()}-{event['bytes']}-{crc:08x}.bin"] = event["bytes"]
        case.equal(self.names(), sorted(found), f"what is kept of {file.name}")
        for name, length in found.items():
            case.check(KEPT_NAME.fullmatch(name), f"{name} is no such name")
            case.equal((self.images / name).stat().st_size, length, f"the length of {name}")


def test_inspect_keeps_both_programs_for_their_owner_only(case):
    home = Home(case)
    cli(case, "inspect", RELEASE, env=home.env).exited(EXIT_DONE)
    home.holds(case, RELEASE)
    case.equal(len(home.names()), 2, "programs")
    case.equal(home.images.stat().st_mode & 0o777, 0o700, "the folder's mode")
    for name in home.names():
        case.equal((home.images / name).stat().st_mode & 0o777, 0o600, f"the mode of {name}")


def test_a_factory_files_program_is_kept_as_every_new_substation_runs_it(case):
    home = Home(case)
    cli(case, "inspect", FIRMWARE / "factory.hex", env=home.env).exited(EXIT_DONE)
    home.holds(case, FIRMWARE / "factory.hex")
    case.equal(len(home.names()), 1, "programs")


def test_what_is_kept_is_the_program_as_it_lies_in_flash(case):
    home = Home(case)
    file = FIRMWARE / "program-high.hex"
    cli(case, "inspect", file, env=home.env).exited(EXIT_DONE)
    image = hextool.read(file)
    length = hextool.get_length(file, hextool.HIGH)
    (name,) = home.names()
    wanted = bytes(image[hextool.HIGH + offset] for offset in range(length))
    case.check((home.images / name).read_bytes() == wanted, "other bytes than the file's")


def test_upgrade_keeps_them_too_and_also_where_nobody_answers(case):
    home = Home(case)
    with Station(case) as there:
        last = cli(
            case, "upgrade", "--port", there.port, "--json", RELEASE, env=home.env
        ).exited(EXIT_DONE).last()
        case.equal((last["bank"], last["version"]), UPGRADED, "the result")
    home.holds(case, RELEASE)
    absent = Home(case)
    cli(case, "upgrade", "--port", "pty:/absent", RELEASE, env=absent.env).exited(EXIT_LINK)
    absent.holds(case, RELEASE)


def test_twice_is_once(case):
    home = Home(case)
    cli(case, "inspect", RELEASE, env=home.env).exited(EXIT_DONE)
    before = {name: (home.images / name).stat().st_ino for name in home.names()}
    cli(case, "inspect", RELEASE, env=home.env).exited(EXIT_DONE)
    after = {name: (home.images / name).stat().st_ino for name in home.names()}
    case.equal(after, before, "the files")


def test_a_file_that_cannot_be_read_keeps_nothing(case):
    home = Home(case)
    file = station.folder(case) / "no.hex"
    file.write_text("this is no hex file\n")
    cli(case, "inspect", file, env=home.env).exited(EXIT_REFUSED)
    cli(case, "inspect", file.parent / "absent.hex", env=home.env).exited(EXIT_REFUSED)
    case.equal(home.names(), [], "what is kept")


def test_an_upgrade_does_not_need_the_folder(case):
    # A file where it should be: that stops the superuser too.
    home = Home(case)
    home.path.write_text("kept\n")
    with Station(case) as there:
        run = cli(case, "upgrade", "--port", there.port, RELEASE, env=home.env).exited(EXIT_DONE)
        case.equal(run.err, "", "stderr")
        case.equal(there.identify(), UPGRADED, "what runs")
    case.equal(home.path.read_text(), "kept\n", "the file")


if __name__ == "__main__":
    tap.main(globals(), jobs=4)
