#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading a substation back from the command line.

Takes the same environment variables as cli-test.py.
"""

import os
import signal

import hextool
import station
import tap
from station import (
    EXIT_DONE,
    EXIT_LINK,
    EXIT_REFUSED,
    EXIT_USAGE,
    FACTORY_RUNS,
    FIRMWARE,
    UPGRADED,
    Client,
    Station,
    cli,
)

READABLE_START, READABLE_END = 0x40, 0x1E000
LOW_SIZE, HIGH_SIZE = 0xE000, 0xC000


def read(case, there, output, *more):
    return cli(case, "read", "--port", there.port, "--output", output, *more)


def check_holds(case, memory, file, what):
    """`memory` holds what the hex file says, but for what nobody can read."""
    wanted = {at: byte for at, byte in hextool.read(file).items() if at >= READABLE_START}
    wrong = [at for at, byte in wanted.items() if memory.get(at) != byte]
    case.check(not wrong, f"{what}: {len(wrong)} bytes are others, the first at {wrong[:1]}")


def test_all_that_can_be_read_is_saved_and_the_program_runs_again(case):
    output = station.folder(case) / "read.hex"
    with Station(case) as there:
        run = read(case, there, output).exited(EXIT_DONE)
        case.equal(there.identify(), FACTORY_RUNS, "what runs")
    memory = hextool.read(output)
    case.equal((min(memory), max(memory) + 1), (READABLE_START, READABLE_END), "from and to")
    case.equal(len(memory), READABLE_END - READABLE_START, "bytes")
    check_holds(case, memory, FIRMWARE / "factory.hex", "the factory image")
    case.contains(run.out, "The substation was read. It runs LOW 1.0.0, as before.", "stdout")
    case.contains(run.out, f"{output} holds 122816 bytes from 0x00040 on.", "stdout")


def test_a_bank_is_read_as_it_was_written(case):
    home = station.folder(case)
    with Station(case) as there:
        there.upgrade().exited(EXIT_DONE)
        read(case, there, home / "high.hex", "--only", "HIGH").exited(EXIT_DONE)
        read(case, there, home / "low.hex", "--only", "low").exited(EXIT_DONE)
        case.equal(there.identify(), UPGRADED, "what runs")
    high, low = hextool.read(home / "high.hex"), hextool.read(home / "low.hex")
    case.equal((min(high), len(high)), (hextool.HIGH, HIGH_SIZE), "where HIGH lies")
    case.equal((min(low), len(low)), (hextool.LOW, LOW_SIZE), "where LOW lies")
    check_holds(case, high, FIRMWARE / "program-high.hex", "HIGH")
    check_holds(case, low, FIRMWARE / "program-low-1.0.0.hex", "LOW")


def test_what_cannot_be_read_is_a_gap_and_said(case):
    output = station.folder(case) / "read.hex"
    with Station(case) as there:
        run = read(case, there, output, "--only", "0:0x400").exited(EXIT_DONE)
        case.contains(run.out, "64 bytes of what was asked for cannot be read back", "stdout")
        memory = hextool.read(output)
        case.equal((min(memory), max(memory) + 1), (0x40, 0x400), "from and to")
        events = read(case, there, output, "--only", "0x1DFFF:2", "--force", "--json").events()
        saved = next(event for event in events if event["event"] == "saved")
        case.equal((saved["bytes"], saved["unreadable"]), (1, 1), "bytes there and not")
        case.equal(saved["address"], "0x0001dfff", "the first address")
        case.equal(list(hextool.read(output)), [0x1DFFF], "what is in the file")


def test_json_tells_phases_progress_and_the_result_last(case):
    output = station.folder(case) / "read.hex"
    with Station(case) as there:
        events = read(case, there, output, "--json").exited(EXIT_DONE).events()
    phases = [event["phase"] for event in events if event["event"] == "phase"]
    case.equal(phases, ["connect", "enter", "rate", "read", "what-runs", "finished"], "the phases")
    progress = [event for event in events if event["event"] == "progress"]
    case.equal((progress[-1]["percent"], progress[-1]["bytes"]), (100, 120 * 1024), "the end")
    last = events[-1]
    case.equal((last["event"], last["outcome"], last["exit"]), ("result", "done", 0), "the result")
    case.equal((last["bank"], last["version"]), FACTORY_RUNS, "what runs")


def test_a_file_that_is_there_stays_unless_forced(case):
    output = station.folder(case) / "read.hex"
    output.write_text("mine\n")
    with Station(case) as there:
        run = read(case, there, output, "--only", "0x2000:16").exited(EXIT_REFUSED)
        case.contains(run.err, "is there already", "stderr")
        case.contains(run.err, "--force", "stderr")
        case.equal(output.read_text(), "mine\n", "the file")
        read(case, there, output, "--only", "0x2000:16", "--force").exited(EXIT_DONE)
        case.equal(len(hextool.read(output)), 16, "bytes in the file")
        case.equal(os.listdir(output.parent), ["read.hex"], "files in the folder")


def test_a_link_that_leads_nowhere_is_no_free_name(case):
    output = station.folder(case) / "read.hex"
    output.symlink_to("elsewhere.hex")
    with Station(case) as there:
        run = read(case, there, output, "--only", "0x2000:16").exited(EXIT_REFUSED)
        case.contains(run.err, "Nothing was read", "stderr")
    case.equal(os.listdir(output.parent), ["read.hex"], "files in the folder")


def test_a_place_that_cannot_be_written_is_said(case):
    output = station.folder(case) / "absent" / "read.hex"
    with Station(case) as there:
        run = read(case, there, output, "--only", "0x2000:16").exited(EXIT_REFUSED)
        case.contains(run.err, "absent", "stderr")
        case.equal(there.identify(), FACTORY_RUNS, "what runs")


def compare(case, there, file, *more):
    return cli(case, "compare", file, "--port", there.port, *more)


def test_a_file_is_compared_with_what_the_substation_holds(case):
    home = station.folder(case)
    with Station(case) as there:
        run = compare(case, there, FIRMWARE / "factory.hex").exited(EXIT_DONE)
        case.contains(run.out, "Alike: ", "stdout")
        case.contains(run.err, "64 bytes of the file were not compared", "stderr")
        last = compare(case, there, FIRMWARE / "release.hex", "--json").exited(EXIT_REFUSED).last()
        case.equal(last["event"], "summary", "the last event")
        case.check(last["differences"] > 0, f"no differences: {last}")
        case.equal(last["only_b_bytes"], 0, "bytes that the file does not speak of")
        there.upgrade().exited(EXIT_DONE)
        last = compare(case, there, FIRMWARE / "release.hex", "--within", "HIGH", "--json")
        case.equal(last.exited(EXIT_DONE).last()["alike"], True, "what was just written")
        (home / "far.hex").write_text(":020000042000DA\n:0100000001FE\n:00000001FF\n")
        run = compare(case, there, home / "far.hex").exited(EXIT_REFUSED)
        case.contains(run.err, "can be read back", "stderr")


def test_wrong_usage_ends_with_2_before_anybody_is_asked(case):
    home = station.folder(case)
    output = home / "read.hex"
    port = ("--port", f"pty:{home}/absent")
    wrong = [(), ("--output", output), (*port,), (*port, "--output", output, "surplus")]
    parts = ("", "MIDDLE", "0x2000", "0x2000:", ":16", "0x2000:16:1", "-1:16", "0x2000:0", "0:0x40")
    parts += ("0x1e000:16", "0x20001:1", "0x2000:0x100000000", "0x2000: 16", "2000g:16")
    wrong += [(*port, "--output", output, "--only", part) for part in parts]
    for arguments in wrong:
        run = cli(case, "read", *arguments).exited(EXIT_USAGE)
        case.check(run.err.strip(), f"nothing on stderr: {run}")
    cli(case, "read", *port, "--output", output).exited(EXIT_LINK)
    case.check(not output.exists(), "a file was written")


def test_an_interrupted_read_saves_nothing_and_the_program_runs_again(case):
    output = station.folder(case) / "read.hex"
    with Station(case, fast=False) as there:
        words = ("read", "--port", there.port, "--output", output, "--json")
        client = Client(case, *words, held=True)
        client.read_until(b"0x02800 are read")
        client.signal(signal.SIGINT)
        last = client.end().exited(EXIT_REFUSED).last()
        case.equal(last["reason"], "cancelled", "the reason")
        case.contains(last["text"], "Reading was cancelled. Nothing was changed.", "the sentence")
        case.equal(there.identify(), FACTORY_RUNS, "what runs")
    case.check(not output.exists(), "a file was written")


def test_bytes_that_are_lost_and_turned_on_the_line_heal(case):
    output = station.folder(case) / "read.hex"
    specs = ("drop-rx=70", "flip-rx=400", "drop-tx=3000", "drop-tx=40000", "drop-tx=90000")
    with Station(case, *station.faults(*specs)) as there:
        last = read(case, there, output, "--json").exited(EXIT_DONE).last()
        there.happened(*specs)
        case.check(last["retries"] > 0, f"no retries: {last}")
        case.equal(there.identify(), FACTORY_RUNS, "what runs")
    check_holds(case, hextool.read(output), FIRMWARE / "factory.hex", "the factory image")


def test_a_substation_that_falls_silent_ends_with_3_and_saves_nothing(case):
    output = station.folder(case) / "read.hex"
    with Station(case, *station.faults("silent-after=900")) as there:
        run = read(case, there, output, "--json").exited(EXIT_LINK)
        there.happened("silent-after=900")
        case.contains(run.last()["text"], "The substation stopped answering", "the sentence")
    case.check(not output.exists(), "a file was written")


if __name__ == "__main__":
    tap.main(globals(), jobs=4)
