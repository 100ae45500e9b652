#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line with S-records, with raw bytes, and with files that are damaged.

Takes the same environment variables as cli-test.py.
"""

import hextool
import station
import tap
from station import EXIT_DONE, EXIT_REFUSED, RELEASE, cli


def events_of(case, file, *more):
    return cli(case, "inspect", file, "--json", *more).events()


def told_file(case, file, *more):
    (told,) = [event for event in events_of(case, file, *more) if event["event"] == "file"]
    return told


def test_a_release_goes_through_s_records_and_back(case):
    home = station.folder(case)
    srec, again = home / "release.s19", home / "again.hex"
    cli(case, "convert", RELEASE, "-o", srec).exited(EXIT_DONE)
    cli(case, "convert", srec, "-o", again).exited(EXIT_DONE)
    case.equal(hextool.read(again), hextool.read(RELEASE), "the bytes")
    case.equal(told_file(case, srec)["format"], "srec", "the format that is told")
    cli(case, "inspect", srec).exited(EXIT_DONE)
    cli(case, "compare", srec, RELEASE).exited(EXIT_DONE)


def test_raw_bytes_are_read_where_they_are_said_to_belong(case):
    home = station.folder(case)
    low, again = home / "low.bin", home / "again.hex"
    cli(case, "convert", RELEASE, "--only", "LOW", "-o", low).exited(EXIT_DONE)
    where = ["--format", "bin", "--address", "0x2000"]
    told = told_file(case, low, *where)
    case.equal((told["format"], told["lines"]), ("bin", 0), "the file")
    case.equal(told["bytes"], low.stat().st_size, "its bytes")
    cli(case, "inspect", low, *where).exited(EXIT_DONE)
    cli(case, "convert", low, *where, "-o", again).exited(EXIT_DONE)
    case.equal(cli(case, "compare", again, RELEASE, "--within", "LOW").code, EXIT_DONE, "the bytes")


def test_raw_bytes_that_end_at_4_gib_are_taken_and_no_more(case):
    home = station.folder(case)
    file = home / "end.bin"
    file.write_bytes(bytes(range(16)))
    read = ["--format", "bin", "--address"]
    out = cli(case, "inspect", file, *read, "FFFFFFF0", "--bytes", "FFFFFFF0:16").exited(EXIT_DONE).out
    case.check(out.startswith("fffffff0  00 01 02"), out)
    run = cli(case, "compare", file, file, *read, "FFFFFFF1").exited(EXIT_REFUSED)
    case.check(run.err != "", "no reason is said")


def test_inspect_lists_every_damaged_line_and_goes_on(case):
    home = station.folder(case)
    first, both = home / "first.hex", home / "both.hex"
    hextool.damage_line(RELEASE, first, 7)
    hextool.damage_line(first, both, 100)
    events = events_of(case, both)
    problems = [event for event in events if event["event"] == "problem"]
    errors = [event["line"] for event in problems if event["severity"] == "error"]
    case.equal(errors, [7, 100], "the lines")
    case.equal((events[-1]["sound"], events[-1]["errors"]), (False, 2), "the summary")
    out = cli(case, "inspect", both).exited(EXIT_REFUSED).out
    case.contains(out, "line 100", "the text")
    case.equal(out.count("line 100"), 1, "how often it is told")
    case.contains(out, "must not be used", "the verdict")


def test_lines_and_length_of_the_file_are_told(case):
    told = told_file(case, RELEASE)
    text = RELEASE.read_bytes()
    case.equal((told["lines"], told["file_bytes"]), (text.count(b"\n"), len(text)), "the file")


if __name__ == "__main__":
    tap.main(globals(), jobs=4)
