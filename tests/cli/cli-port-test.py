#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the command line says of ports: their names, and why there is no substation behind one.

Takes the same environment variables as cli-test.py.
"""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import threading
import tty

import station
import tap
from station import (
    EXIT_DONE,
    EXIT_LINK,
    EXIT_USAGE,
    FACTORY_RUNS,
    NOBODY,
    RELEASE,
    Station,
    cli,
    reachable_cli,
)

ADAPTER = "usb-FTDI_FT232R_USB_UART_A10K2-if00-port0"

# Opens a terminal, locks it as a well-behaved program does or does not, and waits to be killed.
HOLDER = """
import fcntl, os, sys, time
fd = os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY)
if sys.argv[2] == "locks":
    fcntl.flock(fd, fcntl.LOCK_EX)
print("ready", flush=True)
time.sleep(600)
"""


class Terminal:
    """A port with something else behind it: `answer` is written again and again, a piece a time."""

    def __init__(self, case, answer=None):
        self.master, slave = pty.openpty()
        tty.setraw(slave)
        self.port = f"pty:{os.ttyname(slave)}"
        self._slave, self._answer = slave, answer
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._speak)
        self._thread.start()
        case.on_end(self._end)

    def _speak(self):
        while not self._over.wait(0.2):
            if self._answer:
                os.write(self.master, self._answer())

    def _end(self):
        self._over.set()
        self._thread.join()
        os.close(self._slave)
        os.close(self.master)


class Device(Terminal):
    """One that keeps what it is sent, and says `reply` to it."""

    def __init__(self, case, reply=b""):
        self.got, self._reply = b"", reply
        super().__init__(case)

    def _speak(self):
        while not self._over.is_set():
            if select.select([self.master], [], [], 0.05)[0]:
                self.got += os.read(self.master, 4096)
                os.write(self.master, self._reply)


TCGETS2, TERMIOS2 = 0x802C542A, "4I20B2I"  # of which the C library does not know


class Relay(Terminal):
    """Leads to a substation while the port is at one rate, and brings rubbish at others."""

    def __init__(self, case, path, rate):
        self._far = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self._rate = rate
        tty.setraw(self._far)
        case.on_end(lambda: os.close(self._far))
        super().__init__(case)

    def get_rate(self):
        """What the port is set to."""
        raw = fcntl.ioctl(self._slave, TCGETS2, bytes(struct.calcsize(TERMIOS2)))
        return struct.unpack(TERMIOS2, raw)[-1]

    def _speak(self):
        while not self._over.is_set():
            for fd in select.select([self.master, self._far], [], [], 0.05)[0]:
                piece = os.read(fd, 4096)
                if self.get_rate() != self._rate:
                    piece = bytes(byte | 0x80 for byte in piece)
                os.write(self._far if fd == self.master else self.master, piece)


class Machine:
    """A computer with these ports and no others."""

    def __init__(self, case):
        devices = station.folder(case)
        self._links = devices / "serial" / "by-id"
        self._links.mkdir(parents=True)
        for folder in (devices, devices / "serial", self._links):
            folder.chmod(0o755)
        self.env = station.environment(SWITCHYARD_DEVICES=str(devices))

    def plug_in(self, port, serial):
        """Returns the name of the port as it is listed."""
        name = f"usb-FTDI_FT232R_USB_UART_{serial}-if00-port0"
        (self._links / name).symlink_to(os.path.realpath(port.removeprefix("pty:")))
        return f"pty:{os.path.realpath(self._links / name)}"


def hold(case, port, how):
    """Has another program open the port; returns its id."""
    path = port.removeprefix("pty:")
    command = [sys.executable, "-c", HOLDER, path, how]
    holder = case.track(subprocess.Popen(command, stdout=subprocess.PIPE))
    case.equal(holder.stdout.readline(), b"ready\n", "what the holder says")
    case.on_end(holder.stdout.close)
    return holder.pid


def fail(case, port, trouble, *said):
    """identify fails alike for people and for scripts; returns the event."""
    run = cli(case, "identify", "--port", port).exited(EXIT_LINK)
    last = cli(case, "identify", "--port", port, "--json").exited(EXIT_LINK).last()
    case.equal((last["event"], last["trouble"]), ("error", trouble), "the event")
    for part in said:
        case.contains(run.err, part, "stderr")
        case.contains(last["text"], part, "the text")
    return last


def test_a_program_that_holds_the_port_is_named_with_its_process(case):
    with Station(case) as there:
        pid = hold(case, there.port, "locks")
        fail(case, there.port, "busy", f"(process {pid})", "Close it")


def test_a_program_that_only_listens_too_is_named_when_nobody_answers(case):
    terminal = Terminal(case)
    pid = hold(case, terminal.port, "does not lock")
    fail(case, terminal.port, "busy", f"(process {pid})")


def test_a_silent_port_tells_what_to_check(case):
    fail(case, Terminal(case).port, "silent", "nothing arrives", "has power", "TXD", "P0.14")


def test_a_login_prompt_is_quoted_and_is_not_a_substation(case):
    terminal = Terminal(case, lambda: b"\r\nbox login: ")
    fail(case, terminal.port, "not-a-substation", "“box login: ", "Choose another port")


def test_bytes_without_sense_are_another_rate(case):
    terminal = Terminal(case, lambda: bytes(byte | 0x80 for byte in os.urandom(40)))
    fail(case, terminal.port, "wrong-rate", "115,200 baud")


def test_a_loop_back_plug_is_an_echo(case):
    terminal = Terminal(case)
    loop = threading.Thread(target=echo, args=(os.dup(terminal.master),), daemon=True)
    loop.start()
    fail(case, terminal.port, "echo", "only what is sent comes back")


def echo(master):
    try:
        while piece := os.read(master, 4096):
            os.write(master, piece)
    except OSError:
        pass  # the terminal is gone
    finally:
        os.close(master)


def test_an_upgrade_says_the_same_before_its_last_line(case):
    terminal = Terminal(case, lambda: b"\r\nbox login: ")
    events = cli(case, "upgrade", "--port", terminal.port, "--json", RELEASE).exited(EXIT_LINK).events()
    told = [event for event in events if event["event"] == "trouble"]
    case.equal([event["trouble"] for event in told], ["not-a-substation"], "the troubles")
    case.equal(events[-1]["event"], "result", "the last event")
    case.contains(events[-1]["text"], "is not a substation; it says “box login: ", "the result")
    case.contains(events[-1]["text"], "Nothing was erased", "the result")


def test_a_port_is_listed_and_opened_by_the_name_that_stays(case):
    devices = station.folder(case)
    links = devices / "serial" / "by-id"
    links.mkdir(parents=True)
    env = station.environment(SWITCHYARD_DEVICES=str(devices))
    with Station(case) as there:
        (links / ADAPTER).symlink_to(there.path)
        ports = cli(case, "ports", "--json", env=env).exited(EXIT_DONE).events()
        case.equal([port["virtual"] for port in ports], [True, False], "the ports")
        case.equal(ports[1]["stable_name"], str(links / ADAPTER), "the stable name")
        case.contains(ports[1]["label"], "FTDI FT232R USB UART · A10K2", "the label")
        run = cli(case, "identify", "--port", links / ADAPTER, "--json", env=env)
        last = run.exited(EXIT_DONE).last()
        case.equal((last["bank"], last["version"]), FACTORY_RUNS, "what runs")
    (links / ADAPTER).unlink()
    run = cli(case, "identify", "--port", links / ADAPTER, "--json", env=env).exited(EXIT_LINK)
    case.equal(run.last()["trouble"], "absent", "the trouble")


FRAME_BYTES = 13  # of IDENTIFY


def test_the_substation_is_found_and_others_get_one_frame_at_most(case):
    machine = Machine(case)
    login, silent, busy = Device(case, b"\r\nbox login: "), Device(case), Device(case)
    pid = hold(case, busy.port, "does not lock")
    with Station(case, fast=False) as there:
        ports = {
            machine.plug_in(there.port, "A1"): "found",
            machine.plug_in(login.port, "A2"): "not-a-substation",
            machine.plug_in(silent.port, "A3"): "silent",
            machine.plug_in(busy.port, "A4"): "busy",
        }
        events = cli(case, "find", "--json", env=machine.env).exited(EXIT_DONE).events()
        case.equal({event["port"]: event["state"] for event in events}, ports, "the ports")
        found = next(event for event in events if event["state"] == "found")
        case.equal((found["bank"], found["version"]), FACTORY_RUNS, "what runs")
        case.equal((found["rate"], found["asked"]), (115200, 1), "how it was found")
        case.contains(found["label"], "FTDI FT232R USB UART · A1", "the label")
        case.equal([len(device.got) for device in (login, silent, busy)], [FRAME_BYTES, FRAME_BYTES, 0], "bytes")
        told = cli(case, "find", env=machine.env).exited(EXIT_DONE).out
        for part in ("✓ pty:", "The substation runs LOW 1.0.0.", "“box login:", f"(process {pid})"):
            case.contains(told, part, "the table")


def test_port_auto_is_the_only_substation_there_is(case):
    machine = Machine(case)
    login = Device(case, b"\r\nbox login: ")
    machine.plug_in(login.port, "A1")
    run = cli(case, "identify", "--port", "auto", env=machine.env).exited(EXIT_LINK)
    case.contains(run.err, "“box login:", "stderr")
    case.contains(run.err, "No substation was found", "stderr")
    with Station(case, fast=False) as one, Station(case, fast=False) as two:
        machine.plug_in(one.port, "A2")
        events = cli(case, "identify", "--port", "auto", "--json", env=machine.env).exited(EXIT_DONE).events()
        case.equal([event["event"] for event in events], ["found", "identity"], "the events")
        case.equal(events[0]["port"], f"pty:{os.path.realpath(one.path)}", "the port")
        run = cli(case, "identify", "--port", "auto", env=machine.env).exited(EXIT_DONE)
        case.contains(run.out, "A substation was found on FTDI FT232R USB UART · A2", "stdout")
        machine.plug_in(two.port, "A3")
        run = cli(case, "identify", "--port", "auto", env=machine.env).exited(EXIT_USAGE)
        case.equal(run.err.count("The substation runs LOW 1.0.0."), 2, "how many are listed")
        case.contains(run.err, "Several substations were found", "stderr")
        case.equal(run.out, "", "stdout")


def test_with_no_adapter_nothing_is_found_at_once(case):
    machine = Machine(case)
    run = cli(case, "find", env=machine.env).exited(EXIT_LINK)
    case.contains(run.err, "no adapter is plugged in", "stderr")
    last = cli(case, "upgrade", "--port", "auto", "--json", RELEASE, env=machine.env).exited(EXIT_LINK).last()
    case.equal((last["event"], last["exit"]), ("error", EXIT_LINK), "the event")


def test_a_substation_at_another_rate_is_found_and_told_but_not_used(case):
    machine = Machine(case)
    with Station(case, fast=False, clean=False) as there:
        relay = Relay(case, there.path, 57600)
        machine.plug_in(relay.port, "A1")
        run = cli(case, "find", "--json", env=machine.env).exited(EXIT_LINK)
        found = run.events()[0]
        case.equal((found["state"], found["rate"]), ("other-rate", 57600), "how it was found")
        case.equal((found["bank"], found["version"]), FACTORY_RUNS, "what runs")
        case.contains(found["text"], "at 57600 baud", "the text")
        case.equal(relay.get_rate(), 115200, "the rate that is left")


def test_a_port_that_may_not_be_opened_says_so(case):
    if os.geteuid() != 0:
        case.skip("only root can run as somebody else")
    machine = Machine(case)
    device = Device(case)
    os.chmod(device.port.removeprefix("pty:"), 0o600)
    machine.plug_in(device.port, "A1")
    options = {"user": NOBODY, "group": NOBODY, "extra_groups": [], "program": reachable_cli(case)}
    run = cli(case, "find", "--json", env=machine.env, **options).exited(EXIT_LINK)
    case.equal(run.events()[0]["state"], "denied", "the state")
    case.equal(device.got, b"", "what it was sent")



def test_find_asks_no_port_twice_and_none_that_is_no_port(case):
    with Station(case) as there:
        run = cli(case, "find", there.port, there.port).exited(EXIT_USAGE)
        case.contains(run.err, "Name each substation once", "stderr")
    run = cli(case, "find", "/tmp/line").exited(EXIT_USAGE)
    case.contains(run.err, "is no port", "stderr")


if __name__ == "__main__":
    tap.main(globals(), jobs=4)
