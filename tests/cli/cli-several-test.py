#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""switchyard-cli upgrade with several substations at once."""

import contextlib
import os
import pty
import re
import select
import shlex
import signal
import struct
import subprocess
import fcntl
import termios
import time
import unicodedata

import station
import tap
from station import (
    EXIT_DONE,
    EXIT_LINK,
    EXIT_OLD_RUNS,
    EXIT_REFUSED,
    EXIT_USAGE,
    FACTORY_RUNS,
    FIRMWARE,
    OLD_RELEASE,
    RELEASE,
    UPGRADED,
    Station,
    cli,
)

MANY = 32
ROUNDS = 5
ABSENT = "pty:/nonexistent/station"


def name(ports):
    return [word for port in ports for word in ("--port", port)]


def upgrade(case, ports, *more, file=RELEASE, **options):
    return cli(case, "upgrade", *name(ports), "--json", *more, file, **options)


def results(run):
    """The last result of each port."""
    return {event["port"]: event for event in run.events() if event["event"] == "result"}


@contextlib.contextmanager
def stations(case, *options_of_each):
    """Substations, each with options of its own."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Station(case, *options)) for options in options_of_each]


@tap.limit(240)
def test_many_at_once_all_pass_and_nobody_is_asked_twice(case):
    with stations(case, *[()] * MANY) as there:
        ports = [one.port for one in there]
        # A machine that has other things to do may hold up a model so long that it is asked again.
        for round_ in range(ROUNDS):
            file, version = ((RELEASE, "1.1.0"), (OLD_RELEASE, "1.0.0"))[round_ % 2]
            run = upgrade(case, ports, file=file).exited(EXIT_DONE)
            ended = results(run)
            case.equal(sorted(ended), sorted(ports), "who ended")
            for port, result in ended.items():
                case.equal(result["version"], version, f"what {port} runs")
            last = run.last()
            case.equal((last["event"], last["total"], last["passed"]), ("summary", MANY, MANY), "it")
            case.equal(last["command"], None, "the command to try again")
            case.equal(last["text"], f"{MANY} of {MANY} upgraded", "the summary's text")
            for count in ("retries", "timeouts"):
                case.equal(last[count], sum(end[count] for end in ended.values()), f"all {count}")
            case.note(f"round {round_}: {last}")
            # Models that share too few processors answer late, which is asked about and no retry.
            if last["retries"] == 0:
                return
    raise AssertionError(f"in each of {ROUNDS} rounds something was sent twice")


def test_every_event_says_which_port_it_is_about(case):
    events = upgrade(case, ["virtual", "virtual", ABSENT]).events()
    case.equal(events[-1]["event"], "summary", "the last event")
    case.equal([e for e in events[:-1] if "port" not in e], [], "events without a port")
    for port in ("virtual 1", "virtual 2"):
        told = [event for event in events if event.get("port") == port]
        kinds = {event["event"] for event in told}
        case.equal(kinds, {"phase", "progress", "log", "result"}, f"the events of {port}")
        percents = [event["percent"] for event in told if event["event"] == "progress"]
        case.equal(percents, sorted(percents), f"the progress of {port}")
        case.equal(percents[-1], 100, f"the end of {port}'s progress")
    absent = [event["event"] for event in events[:-1] if event["port"] == ABSENT]
    case.equal([kind for kind in absent if kind != "log"], ["trouble", "result"], "of who is absent")


def test_the_one_that_fails_is_named_and_the_command_that_is_given_mends_it(case):
    cut = station.faults("power-cut-block=6")
    with stations(case, (), cut, ()) as there:
        ports = [one.port for one in there]
        run = cli(case, "upgrade", *name(ports), RELEASE).exited(EXIT_OLD_RUNS)
        there[1].happened("power-cut-block=6")
        table = run.out[run.out.rindex("\n\n", 0, len(run.out) - 1) :]
        for port, state in zip(ports, ("Passed", "Failed", "Passed")):
            case.check(re.search(rf"^{state} +{port} +The ", table, re.M), f"no line of {port}: {table}")
        case.contains(run.err, f"2 of 3 upgraded, 1 failed: {ports[1]}\n", "the summary")
        case.check(not re.search(r"[\r\033]", run.out + run.err), "drawn over where nobody looks")
        while_it_ran = run.out[: -len(table)].splitlines()
        case.check("Writing" in run.out[: -len(table)], f"no phase is told: {run.out}")
        for port in ports:
            told = [line for line in while_it_ran if line.startswith(f"{port}: ")]
            again = [line for line, before in zip(told[1:], told) if line == before]
            case.equal(again, [], f"what is told of {port} twice in a row")
        command = run.err.strip().splitlines()[-1]
        case.equal(shlex.split(command), ["switchyard-cli", "upgrade", "--port", ports[1], str(RELEASE)],
                   "the command")
        case.equal(there[1].identify(), FACTORY_RUNS, "what runs where power was cut")
        # As it stands there, in a shell that finds the program.
        found = {**station.environment(), "XDG_DATA_HOME": str(station.folder(case))}
        found["PATH"] = f"{station.CLI.parent}:{found['PATH']}"
        done = subprocess.run(command, shell=True, env=found, capture_output=True, timeout=50, check=False)
        case.equal(done.returncode, EXIT_DONE, f"the command's exit: {done.stderr}")
        for one in there:
            case.equal(one.identify(), UPGRADED, "what runs in the end")


def test_retry_tries_what_failed_again_and_nothing_else(case):
    cut = station.faults("power-cut-block=6")
    with stations(case, (), cut) as there:
        run = upgrade(case, [one.port for one in there], "--retry", "2").exited(EXIT_DONE)
        there[1].happened("power-cut-block=6")
        again = [event["port"] for event in run.events() if event["event"] == "retry"]
        case.equal(again, [there[1].port], "who was tried again")
        case.equal((run.last()["passed"], run.last()["attempts"]), (2, 2), "the summary")
        ends = [e["outcome"] for e in run.events() if e["event"] == "result" and e["port"] == again[0]]
        case.equal(ends, ["old-runs", "done"], "how it ended each time")
        case.equal(there[1].identify(), UPGRADED, "what runs")


def test_what_would_fail_the_same_way_is_not_tried_again(case):
    low = FIRMWARE / "program-low.hex"
    run = upgrade(case, ["virtual", "virtual"], "--retry", "3", file=low).exited(EXIT_REFUSED)
    case.equal(run.last()["attempts"], 1, "the attempts")
    case.contains(run.texts(), "Nothing was changed.", "the texts")
    run = upgrade(case, [ABSENT], "--retry", "2").exited(EXIT_LINK)
    case.equal(run.last()["attempts"], 3, "the attempts at who is absent")
    case.equal(run.last()["not_reached"], 1, "the summary")


def test_the_exit_is_the_highest_of_all(case):
    dead = station.faults("silent-after=0")
    with stations(case, dead) as there:
        run = upgrade(case, ["virtual", there[0].port]).exited(EXIT_LINK)
        case.equal(results(run)["virtual"]["exit"], EXIT_DONE, "the good one's")
    cut = station.faults("power-cut-block=6")
    with stations(case, cut) as there:
        run = upgrade(case, [there[0].port, ABSENT, "virtual"]).exited(EXIT_OLD_RUNS)
        case.equal(run.last()["exit"], EXIT_OLD_RUNS, "the summary's")
        case.equal(run.last()["text"], f"1 of 3 upgraded, 1 failed, 1 not reached: {there[0].port}, "
                   f"{ABSENT}", "the summary's text")


def test_a_dry_run_of_several_changes_nothing(case):
    with stations(case, (), ()) as there:
        ports = [one.port for one in there]
        run = upgrade(case, ports, "--dry-run").exited(EXIT_DONE)
        case.equal({r["outcome"] for r in results(run).values()}, {"dry-run"}, "the outcomes")
        case.equal(run.last()["text"], "2 of 2 checked", "the summary")
        for one in there:
            case.equal(one.identify(), FACTORY_RUNS, "what runs")
        run = upgrade(case, [*ports, ABSENT], "--dry-run").exited(EXIT_LINK)
        case.contains(run.last()["command"], f"upgrade --dry-run --port {ABSENT} ", "the command")
    run = upgrade(case, ["virtual", ABSENT], "--dry-run", "--dtr", "on").exited(EXIT_LINK)
    case.contains(run.last()["command"], f" --dtr on --port {ABSENT} ", "the command with a line on")


def test_ctrl_c_cancels_all_and_each_finds_out_what_runs(case):
    large = FIRMWARE / "release-large-1.3.0.hex"
    with contextlib.ExitStack() as stack:
        there = [stack.enter_context(Station(case, fast=False)) for _ in range(2)]
        words = ["upgrade", *name([one.port for one in there]), "--json", "--retry", "3"]
        client = station.Client(case, *words, large, held=True)
        for one in there:
            client.read_until(b'"event":"phase","port":"%s","phase":"write"' % one.port.encode())
        client.signal(signal.SIGINT)
        run = client.end().exited(EXIT_OLD_RUNS)
        case.equal(run.last()["cancelled"], 2, "the summary")
        case.equal(run.last()["attempts"], 1, "the attempts")
        for port, result in results(run).items():
            case.equal(result["reason"], "cancelled", f"why {port} ended")
            case.equal((result["bank"], result["version"]), FACTORY_RUNS, f"what {port} runs")


def test_nothing_starts_when_a_port_is_named_wrongly_or_twice(case):
    with stations(case, ()) as there:
        port = there[0].port
        alias = there[0].home / "alias"
        alias.symlink_to(there[0].path)
        for ports, said in (
            ([port, port], "named twice"),
            ([port, f"pty:{alias}"], "another name"),
            ([port, "ttyUSB0"], "is no port"),
            ([port, "auto"], "--port auto stands alone"),
        ):
            run = cli(case, "upgrade", *name(ports), RELEASE).exited(EXIT_USAGE)
            case.contains(run.err, said, f"stderr for {ports}")
        case.equal(there[0].identify(), FACTORY_RUNS, "what runs")
    run = cli(case, "upgrade", *name(["virtual"] * 65), RELEASE).exited(EXIT_USAGE)
    case.contains(run.err, "64 substations are the most", "stderr for 65")
    run = cli(case, "upgrade", *name(["virtual"] * 2), "--rts", "maybe", RELEASE).exited(EXIT_USAGE)
    case.contains(run.err, "--rts is on or off", "stderr for a line")
    for number in ("-1", "101", "often"):
        cli(case, "upgrade", "--port", "virtual", "--retry", number, RELEASE).exited(EXIT_USAGE)
    for command in ("identify", "confirm", "rollback"):
        run = cli(case, command, *name([ABSENT, "virtual"])).exited(EXIT_USAGE)
        case.contains(run.err, f"{command} takes one --port", "stderr")


def test_a_trace_names_the_port_of_each_frame(case):
    words = [*name(["virtual", "virtual"]), "--dry-run", "--trace"]
    run = cli(case, "upgrade", *words, RELEASE).exited(EXIT_DONE)
    for n in (1, 2):
        case.contains(run.err, f"virtual {n}: → IDENTIFY seq 1\n", "the trace")
    case.check("IDENTIFY" not in run.out, "frames stand among the results")
    events = cli(case, "upgrade", *words, "--json", RELEASE).exited(EXIT_DONE).events()
    asked = [e["port"] for e in events if e["event"] == "frame" and e["text"] == "→ IDENTIFY seq 1"]
    case.equal(sorted(asked), ["virtual 1", "virtual 2"], "who was asked")
    case.equal({e["direction"] for e in events if e["event"] == "frame"}, {"in", "out"}, "the ways")


def run_on_terminal(case, size, *words, language="en"):
    """What the program writes to a terminal of (lines, columns), and that it is done."""
    master, slave = pty.openpty()
    case.on_end(lambda: os.close(master))
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
    client = station.Client(case, *words, stdout=slave,
                            env={**station.environment(), "LANGUAGE": language})
    os.close(slave)
    said, end = b"", time.monotonic() + 50
    while time.monotonic() < end:
        if not select.select([master], [], [], 1)[0]:
            continue
        try:
            said += os.read(master, 65536)
        except OSError:  # its last user has closed it
            break
    client.end().exited(EXIT_DONE)
    return said.decode().replace("\r\n", "\n")


class Screen:
    """What is left on a terminal: enough of one for lines that are drawn over."""

    def __init__(self, said):
        self.lines, self.row = [""], 0
        for part in re.findall(r"\033\[\d*[A-Z]|[\r\n]|[^\033\r\n]+", said):
            self.take(part)

    def take(self, part):
        if part == "\n":
            self.row += 1
            if self.row == len(self.lines):
                self.lines.append("")
        elif part.endswith("A") and part.startswith("\033"):
            self.row -= int(part[2:-1])
            assert self.row >= 0, "drawn above its first line"
        elif part == "\033[J":
            self.lines = [*self.lines[: self.row], ""]
        elif part not in ("\r", "\033[K"):
            self.lines[self.row] = part


def test_on_a_terminal_each_has_a_line_that_is_drawn_over_and_goes(case):
    words = ["upgrade", *name(["virtual"] * 3), RELEASE]
    said = run_on_terminal(case, (24, 60), *words)
    case.check(said.count("\033[3A") > 3, f"three lines were not drawn over: {said!r}")
    for n in (1, 2, 3):
        case.check(re.search(rf"virtual {n}  [█░]+ +\d+ % ", said), f"no bar of virtual {n}")
    widest = max(len(line) for line in re.split(r"\n|\r|\033\[\w+", said.split("\n\n")[0]))
    case.check(widest < 60, f"a line of {widest} columns on a terminal of 60")
    left = "\n".join(Screen(said).lines)
    case.check("█" not in left, f"bars are left: {left}")
    case.equal(left.count("Passed"), 3, "lines of the table")
    case.contains(left, "3 of 3 upgraded", "the summary")


def count_columns(line):
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def test_a_line_that_is_too_long_ends_in_an_ellipsis_within_the_terminal(case):
    words = ["upgrade", *name(["virtual"] * 2), RELEASE]
    for language, columns in (("en", 40), ("zh_CN", 40), ("zh_CN", 41)):
        said = run_on_terminal(case, (24, columns), *words, language=language)
        drawn = {line for line in re.split(r"\n|\r|\033\[\w+", said[: said.rindex("█")]) if line}
        cut = [line for line in drawn if line.endswith("…")]
        case.check(len(cut) > 1, f"no line of {drawn} is cut")
        case.check(all("virtual" in line for line in cut), f"a cut line of nobody: {cut}")
        widths = {count_columns(line) for line in cut}
        case.check(max(widths) < columns and min(widths) >= columns - 2, f"{widths}: {cut}")
        if language == "zh_CN":
            case.check(any(unicodedata.east_asian_width(c) == "W" for c in "".join(cut)), "not wide")


def test_on_a_low_terminal_there_is_a_summary_of_who_has_no_line(case):
    words = ["upgrade", *name(["virtual"] * 5), RELEASE]
    said = run_on_terminal(case, (4, 80), *words)
    case.contains(said, "0 of 5 upgraded, 5 running", "the line of the others")
    case.check("\033[4A" not in said, "more lines than there are")
    case.equal("\n".join(Screen(said).lines).count("Passed"), 5, "lines of the table")


if __name__ == "__main__":
    tap.main(globals(), jobs=2)
