#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The command line tells where an upgrade's time went, packs, goes faster, and resumes.

Takes the same environment variables as cli-test.py.
"""

import re
import signal

import station
import tap
from station import (
    BLOCKS,
    EXIT_DONE,
    EXIT_OLD_RUNS,
    FIRMWARE,
    RELEASE,
    UPGRADED,
    Client,
    Station,
    cli,
)

LARGE_RELEASE = FIRMWARE / "release-large-1.3.0.hex"
STAGES = ["host", "wire", "uart", "frame", "unpack", "flash", "answer", "erase", "start"]
ONCE = ("erase", "start")
FAST_RATE, CLOCKS_OF_A_BYTE = 691200, 160
BLOCK_BYTES = 512


def upgrade_life(case, there, file=RELEASE, **options):
    run = cli(case, "upgrade", "--port", there.port, "--json", file, **options)
    return run.exited(EXIT_DONE).last()["life"]


def fast_life(case, there):
    return there.upgrade().exited(EXIT_DONE).went_at(FAST_RATE).last()["life"]


@station.keeping_pace
def test_the_result_tells_where_the_time_went(case):
    with Station(case, fast=False) as there:
        life = fast_life(case, there)
    case.equal([stage["id"] for stage in life["stages"]], STAGES, "the stages")
    for stage in life["stages"]:
        name, spent = stage["id"], stage["microseconds"]
        case.check(0 < spent <= life["microseconds"], f"{name}'s time: {stage}")
        share = spent / life["microseconds"]
        case.check(abs(stage["share"] - share) < 0.001, f"{name}'s share: {stage}")
        case.equal(stage["per_block_us"] is None, name in ONCE, f"whether {name} happens once")
    case.equal(life["baud"], FAST_RATE, "the rate")
    case.equal((life["blocks_sent"], life["blocks_kept"]), (BLOCKS, 0), "the blocks")
    case.check(0 < life["blocks_packed"] <= BLOCKS, f"packed blocks: {life}")
    case.check(BLOCKS / 2 <= life["frames"] <= BLOCKS, f"frames: {life}")
    case.check(0 < life["bytes_on_wire"] < life["image_bytes"], f"bytes on the wire: {life}")
    case.equal(-(-life["image_bytes"] // BLOCK_BYTES), BLOCKS, "the image's length in blocks")
    case.check(life["host_microseconds"] > 0, "the time of packing")
    case.equal(life["difference"], False, "whether it was packed against the running program")
    if sum(stage["share"] for stage in life["stages"]) <= 0.5:
        raise station.Behind(f"most of it is not explained: {life}")


@station.keeping_pace
def test_stages_agree_with_what_was_sent(case):
    with Station(case, fast=False) as there:
        life = fast_life(case, there)
    stages = {stage["id"]: stage for stage in life["stages"]}
    wire_us = life["bytes_on_wire"] * 10 * 1000000 / life["baud"]
    case.check(abs(stages["wire"]["microseconds"] - wire_us) <= 1, "the time on the wire")
    case.equal(stages["host"]["microseconds"], life["host_microseconds"], "the time of packing")
    # The data sheet's millisecond for each block, and 100 for the bank.
    case.check(900 < stages["flash"]["per_block_us"] < 2000, f"programming: {stages['flash']}")
    case.check(90000 < stages["erase"]["microseconds"] < 500000, f"erasing: {stages['erase']}")


@station.keeping_pace
def test_interrupts_are_told_by_cause(case):
    with Station(case, fast=False) as there:
        life = fast_life(case, there)
    uart, tick = life["interrupts"]["uart"], life["interrupts"]["tick"]
    case.equal(life["overruns"], 0, "overruns")
    case.equal(uart["clocks_of_a_byte"], CLOCKS_OF_A_BYTE, "clocks that a byte lasts")
    case.check(0 < uart["clocks_per_byte"] < CLOCKS_OF_A_BYTE, f"it cannot keep up: {uart}")
    # Eight bytes an interrupt at most, from the FIFO.
    case.check(uart["count"] >= life["bytes_on_wire"] / 16, f"too few: {uart}")
    case.check(uart["clocks"] >= uart["count"], f"too short: {uart}")
    case.check(tick["count"] > 10 and tick["clocks"] > tick["count"], f"the tick: {tick}")


@station.keeping_pace
def test_a_line_and_at_wish_a_table_come_before_the_sentence(case):
    for more in ([], ["--figures"], ["-f"]):
        run = cli(case, "upgrade", "--port", "virtual", *more, RELEASE).exited(EXIT_DONE)
        run.went_at(FAST_RATE)
        lines = run.out.splitlines()
        case.equal(lines[-1], "The substation runs HIGH 1.1.0.", "the last line")
        summary = [line for line in lines if " at 691200 baud, packed to " in line]
        case.equal(len(summary), 1, "summaries")
        case.check(re.match(r"1[34]\.\d KB in ", summary[0]), f"the summary: {summary}")
        case.equal("Programming flash" in run.out, bool(more), f"whether there is a table {more}")
        case.equal("Serial line" in run.out, bool(more), f"whether there are interrupts {more}")
        table = lines[lines.index(summary[0]) :]
        case.check(max(map(len, table)) < 80, "a line is too long")


def test_only_an_upgrade_that_is_done_tells_it(case):
    with Station(case) as there:
        run = there.upgrade(FIRMWARE / "drill-self-test.hex").exited(EXIT_OLD_RUNS)
        case.check("life" not in run.last(), "a failed upgrade tells it")
        case.check("life" not in there.upgrade(RELEASE, "--dry-run").last(), "a dry run tells it")
        case.check("life" in there.upgrade().exited(EXIT_DONE).last(), "an upgrade does not")
        for command in ("confirm", "rollback"):
            last = cli(case, command, "--port", there.port, "--json").exited(EXIT_DONE).last()
            case.check("life" not in last, f"{command} tells it")
        out = cli(case, "rollback", "--port", there.port).exited(EXIT_DONE).out
        case.check(" baud" not in out, "a rollback tells a rate")


def test_a_program_that_is_known_makes_the_next_one_a_difference(case):
    env = station.environment(XDG_DATA_HOME=str(station.folder(case)))
    with Station(case) as there:
        alone = upgrade_life(case, there)
    cli(case, "inspect", FIRMWARE / "factory.hex", env=env).exited(EXIT_DONE)
    with Station(case) as there:
        life = upgrade_life(case, there, env=env)
        case.equal(there.identify(), UPGRADED, "what runs")
    case.equal(life["difference"], True, "whether it was packed against the running program")
    half = alone["bytes_on_wire"] / 2
    case.check(life["bytes_on_wire"] < half, f"no smaller than half of {alone}: {life}")


@station.keeping_pace
def test_the_rate_is_told(case):
    with Station(case) as there:
        texts = there.upgrade().exited(EXIT_DONE).went_at(FAST_RATE).texts()
    case.contains(texts, f"The line runs at {FAST_RATE} baud from here", "the log")


def test_an_interrupted_upgrade_is_resumed(case):
    with Station(case, fast=False) as there:
        words = ("upgrade", "--port", there.port, "--json", LARGE_RELEASE)
        client = Client(case, *words, held=True)
        client.read_until(b"Block 50 is written")
        client.signal(signal.SIGINT)
        client.end().exited(EXIT_OLD_RUNS)
        run = there.upgrade(LARGE_RELEASE).exited(EXIT_DONE)
        life = run.last()["life"]
        case.check(life["blocks_kept"] >= 16, f"too few were kept: {life}")
        words = f"{life['blocks_kept']} blocks are there from an interrupted upgrade and stay"
        case.contains(run.texts(), words, "the log")
        blocks = -(-life["image_bytes"] // BLOCK_BYTES)
        case.equal(life["blocks_sent"] + life["blocks_kept"], blocks, "blocks sent and kept")
        case.equal(there.identify(), ("HIGH", "1.3.0"), "what runs")


if __name__ == "__main__":
    tap.main(globals(), jobs=4)
