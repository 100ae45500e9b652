#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The control channel of switchyard-substation, as a script uses it.

Takes the same environment variables as cli-test.py.
"""

import os
import socket
import time

import station
import tap
from station import EXIT_LINK, EXIT_UNKNOWN, FACTORY_RUNS, UPGRADED, Station, cli, wait_until

CLIENTS = 8
LINE = 128  # bytes, its end counted


class Control:
    """A connection to the control channel of a substation."""

    def __init__(self, case, path):
        self.socket = socket.socket(socket.AF_UNIX)
        case.on_end(self.socket.close)
        self.socket.settimeout(60)
        self.socket.connect(str(path))
        self.lines = self.socket.makefile("r")
        case.on_end(self.lines.close)

    def say(self, text):
        self.socket.sendall(text.encode())

    def hear(self):
        return self.lines.readline()

    def ask(self, command):
        self.say(command + "\n")
        return self.hear().rstrip("\n")

    def count(self, kind):
        words = dict(word.split("=") for word in self.ask("status").split()[1:])
        return words[kind]


class Controlled(Station):
    """A substation with a control channel."""

    def __init__(self, case, *options, **more):
        home = more.pop("home", None) or station.folder(case)
        self.socket_path = home / "control"
        super().__init__(case, "--control", self.socket_path, *options, home=home, **more)
        self.control = Control(case, self.socket_path)

    def obey(self, command):
        self.case.equal(self.control.ask(command), "ok", command)


def test_what_is_no_command_is_refused_and_the_next_is_obeyed(case):
    with Controlled(case) as there:
        wrong = ["", "faults", "fault", "fault ", "fault worn=1", "fault noise=0", "power", "line"]
        for command in wrong:
            case.contains(there.control.ask(command), "error ", f"“{command}”")
        there.obey("clear")


def test_lines_come_in_pieces_or_several_at_once(case):
    with Controlled(case) as there:
        there.control.say("cle")
        there.control.say("ar\nclear\nfoo\ncl")
        there.control.say("ear\n")
        case.equal([there.control.hear()[:3] for _ in range(4)], ["ok\n", "ok\n", "err", "ok\n"], "")


def test_a_line_that_is_too_long_is_hung_up(case):
    with Controlled(case) as there:
        case.contains(there.control.ask("x" * (LINE - 1)), "error ", "the longest line")
        there.control.say("x" * LINE)
        case.equal(there.control.hear(), "", "the answer to a line too long")
        case.equal(Control(case, there.socket_path).ask("clear"), "ok", "another client")


def test_more_clients_than_there_is_room_for_are_hung_up(case):
    with Controlled(case) as there:
        others = [Control(case, there.socket_path) for _ in range(CLIENTS - 1)]
        for other in others:
            case.equal(other.ask("clear"), "ok", "one of those that fit")
        last = Control(case, there.socket_path)
        case.equal(last.hear(), "", "one too many")
        others[0].lines.close()
        others[0].socket.close()
        there.obey("clear")
        wait_until(lambda: is_taken(case, there), "room for another", 60)


# Another test's child may hold the closed socket for a moment.
def is_taken(case, there):
    try:
        return Control(case, there.socket_path).ask("clear") == "ok"
    except ConnectionError:
        return False


def test_faults_count_from_now_and_are_told_to_whoever_watches(case):
    with Controlled(case) as there:
        there.identify()
        watcher = Control(case, there.socket_path)
        case.equal(watcher.ask("watch"), "ok", "watch")
        there.obey("fault drop-rx=1")
        case.equal(there.control.count("drop-rx"), "0", "before")
        there.identify()
        case.equal(watcher.hear(), "fired drop-rx 1\n", "what is told")
        case.equal(there.control.count("drop-rx"), "1", "afterwards")
        there.happened("drop-rx=1")


def test_noise_and_losses_heal_and_are_counted(case):
    for kind, spec in (("noise", "noise=100"), ("drop-every", "drop-every=800")):
        with Controlled(case) as there:
            there.obey(f"fault {spec}")
            end = there.upgrade().exited(0).last()
            case.check(end["retries"] > 0, f"no retries: {end}")
            case.check(int(there.control.count(kind)) > 1, f"{kind} did not happen")
            there.obey("clear")
            before = there.control.count(kind)
            there.identify()
            case.equal(there.control.count(kind), before, f"{kind} after it was cleared")


def test_noise_is_as_much_as_was_asked_for(case):
    with Controlled(case) as there:
        there.obey("fault noise=1000")
        link = os.open(there.path, os.O_RDWR | os.O_NOCTTY)
        for _ in range(50):
            os.write(link, bytes(1000))
        wait_until(lambda: int(there.control.count("noise")) > 395, "400 bits to be turned", 60)
        os.close(link)
        wait_until(lambda: int(there.control.count("noise")) <= 460, "no more than that", 1)


def test_a_long_line_answers_late(case):
    with Controlled(case) as there:
        there.obey("fault latency=300")
        start = time.monotonic()
        there.identify()
        took = time.monotonic() - start
        case.check(took >= 0.6, f"answered after {took:.2f} s")
        case.check(int(there.control.count("latency")) > 1, "latency did not happen")


def test_unplugged_the_line_is_gone_and_the_substation_goes_on(case):
    with Controlled(case) as there:
        there.upgrade().exited(0)
        link = os.open(there.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        there.obey("unplug")
        wait_until(lambda: is_hung_up(link), "the hang-up")
        os.close(link)
        case.check(not os.path.lexists(there.path), "the name is still there")
        case.contains(there.control.ask("status"), "cable=pulled", "status")
        cli(case, "identify", "--port", there.port).exited(EXIT_LINK)
        there.obey("plug")
        case.contains(there.control.ask("status"), "cable=plugged", "status")
        case.equal(there.identify(), UPGRADED, "what runs")


def is_hung_up(link):
    try:
        return os.read(link, 4096) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True


def test_a_cable_pulled_in_the_middle_loses_the_link(case):
    with Controlled(case) as there:
        there.obey("fault unplug-block=8")
        last = there.upgrade().exited(EXIT_UNKNOWN).last()
        case.contains(last["text"], "The connection was lost", "the sentence")
        there.happened("unplug-block=8")
        there.obey("plug")
        wait_until(lambda: there.identify() == FACTORY_RUNS, "the old program", 60)


def test_a_dead_line_speaks_again_when_it_is_cleared(case):
    with Controlled(case) as there:
        there.obey("fault silent-after=0")
        cli(case, "identify", "--port", there.port).exited(EXIT_LINK)
        there.obey("clear")
        case.equal(there.identify(), FACTORY_RUNS, "what runs")


def test_power_goes_and_comes_by_hand(case):
    with Controlled(case) as there:
        there.obey("power off")
        case.contains(there.control.ask("status"), "power=off", "status")
        cli(case, "identify", "--port", there.port).exited(EXIT_LINK)
        there.obey("power on")
        wait_until(lambda: there.identify() == FACTORY_RUNS, "the program", 60)


def test_factory_is_as_on_the_first_day(case):
    with Controlled(case) as there:
        there.upgrade().exited(0)
        there.obey("fault silent-after=0")
        there.obey("unplug")
        there.obey("factory")
        case.equal(there.identify(), FACTORY_RUNS, "what runs")
        case.contains(there.control.ask("status"), "silent-after=1", "what has happened")


def test_a_socket_left_behind_is_replaced_and_nothing_else(case):
    home = station.folder(case)
    with Controlled(case, home=home) as there:
        used = [str(there.path) + "2", str(there.socket_path)]
        run = cli(case, "--pty", used[0], "--control", used[1], program=station.SUBSTATION)
        case.contains(run.exited(1).err, "control", "stderr, of one that is in use")
        there.stop(9)
    case.check(there.socket_path.exists(), "it was killed, so the socket is left")
    with Controlled(case, home=home) as there:
        there.obey("clear")
    case.check(not there.socket_path.exists(), "the socket is left behind")
    there.socket_path.write_text("precious")
    run = cli(case, "--control", there.socket_path, program=station.SUBSTATION).exited(1)
    case.equal(there.socket_path.read_text(), "precious", "a file of that name")


if __name__ == "__main__":
    tap.main(globals(), jobs=8)
