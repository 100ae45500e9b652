#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the command line says of ports: their names, and why there is no substation behind one.

Takes the same environment variables as cli-test.py.
"""

import os
import pty
import subprocess
import sys
import threading
import tty

import station
import tap
from station import EXIT_DONE, EXIT_LINK, FACTORY_RUNS, RELEASE, Station, cli

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


if __name__ == "__main__":
    tap.main(globals(), jobs=4)
