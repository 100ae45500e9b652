#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""Substations behind serial servers: Debian's ser2net, and pyserial's side of RFC 2217.

Takes the same environment variables as cli-test.py.
"""

import shutil
import signal
import socket
import subprocess
import threading

import station
import tap
from station import (
    EXIT_DONE,
    EXIT_LINK,
    EXIT_OLD_RUNS,
    EXIT_UNKNOWN,
    EXIT_USAGE,
    FACTORY_RUNS,
    FIRMWARE,
    UPGRADED,
    Client,
    Station,
    cli,
)

LARGE_RELEASE = FIRMWARE / "release-large-1.3.0.hex"
SER2NET = shutil.which("ser2net") or shutil.which("ser2net", path="/usr/sbin")
SOON_S = 60


def free_port(family=socket.AF_INET, host="127.0.0.1"):
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def is_listening(port):
    """Without a connection, which would take the only place."""
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as lines:
                fields = [line.split() for line in lines]
        except OSError:
            continue  # no IPv6
        if any(line[1].endswith(f":{port:04X}") and line[3] == "0A" for line in fields):
            return True
    return False


class Server:
    """ser2net in front of a substation's pty, for a with statement; `kind` as in a port's name."""

    def __init__(self, case, there, kind, host="127.0.0.1"):
        if not SER2NET:
            raise tap.Skip("there is no ser2net")
        self.case, self.there = case, there
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.number = free_port(family, host)
        self.port = f"{kind}://{f'[{host}]' if ':' in host else host}:{self.number}"
        stack = "telnet(rfc2217),tcp" if kind == "rfc2217" else "tcp"
        self.config = station.folder(case) / "ser2net.yaml"
        self.config.write_text(
            "%YAML 1.1\n---\n"
            "connection: &line\n"
            f"  accepter: {stack},{host},{self.number}\n"
            f"  connector: serialdev,{there.path},115200n81,local\n"
        )

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, kind, value, trace):
        self.stop()

    def start(self):
        self.process = self.case.track(
            subprocess.Popen(
                [SER2NET, "-n", "-u", "-c", self.config],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        station.wait_until(lambda: is_listening(self.number), "ser2net listens", SOON_S)

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait()

    def identify(self):
        last = cli(self.case, "identify", "--port", self.port, "--json").exited(EXIT_DONE).last()
        return last["bank"], last["version"]


def upgrade(case, port, *more, file=station.RELEASE):
    return cli(case, "upgrade", "--port", port, "--json", *more, file)


def fail(case, port, trouble, *said):
    """identify fails alike for people and for scripts."""
    run = cli(case, "identify", "--port", port).exited(EXIT_LINK)
    last = cli(case, "identify", "--port", port, "--json").exited(EXIT_LINK).last()
    case.equal((last["event"], last["trouble"]), ("error", trouble), "the event")
    for part in said:
        case.contains(run.err, part, "stderr")
        case.contains(last["text"], part, "the text")


def test_an_upgrade_goes_through_a_raw_server_at_its_own_rate(case):
    with Station(case) as there, Server(case, there, "socket") as server:
        run = upgrade(case, server.port).exited(EXIT_DONE)
        last = run.last()
        case.equal((last["bank"], last["version"]), UPGRADED, "what runs")
        case.check("higher rate" not in run.texts(), "a rate was tried that nobody can set")
        case.equal(server.identify(), UPGRADED, "what runs afterwards")


@station.keeping_pace
def test_an_upgrade_through_rfc2217_goes_at_the_highest_rate(case):
    with Station(case, fast=False) as there, Server(case, there, "rfc2217") as server:
        run = upgrade(case, server.port, file=LARGE_RELEASE).exited(EXIT_DONE).went_at(691200)
        case.equal((run.last()["bank"], run.last()["version"]), ("HIGH", "1.3.0"), "what runs")
        case.equal(server.identify(), ("HIGH", "1.3.0"), "what runs afterwards, at 115200 baud")


def test_a_server_is_reached_over_ipv6(case):
    try:
        free_port(socket.AF_INET6, "::1")
    except OSError:
        raise tap.Skip("this machine has no IPv6")
    with Station(case) as there, Server(case, there, "rfc2217", host="::1") as server:
        case.equal(server.identify(), FACTORY_RUNS, "what runs")


def test_a_killed_server_is_told_and_with_a_new_one_the_upgrade_goes_on(case):
    with Station(case, fast=False) as there, Server(case, there, "socket") as server:
        words = ("upgrade", "--port", server.port, "--json", LARGE_RELEASE)
        client = Client(case, *words, held=True)
        client.read_until(b"Block 20 is written")
        server.stop(signal.SIGKILL)
        run = client.end()
        case.note(run)
        case.check(run.code in (EXIT_OLD_RUNS, EXIT_UNKNOWN), f"exit {run.code}\n{run}")
        told = [event for event in run.events() if event["event"] == "trouble"]
        case.equal([event["trouble"] for event in told], ["closed"], "the troubles")
        case.contains(told[0]["text"], "closed the connection", "the trouble")
        server.start()
        station.wait_until(
            lambda: cli(case, "identify", "--port", server.port).code == EXIT_DONE
            and server.identify() == FACTORY_RUNS,
            "the old program runs",
            SOON_S,
        )
        again = upgrade(case, server.port, file=LARGE_RELEASE).exited(EXIT_DONE)
        case.equal((again.last()["bank"], again.last()["version"]), ("HIGH", "1.3.0"), "what runs")
        case.contains(again.texts(), "from an interrupted upgrade and stay", "the log")


def test_a_server_whose_port_is_in_use_is_told_with_its_words(case):
    with Station(case) as there, Server(case, there, "socket") as server:
        holder = socket.create_connection(("127.0.0.1", server.number))
        case.on_end(holder.close)
        holder.recv(1)  # a reading: it has the line
        fail(case, server.port, "taken", "“Port already in use”", "Close what uses it")


def test_a_raw_server_asked_for_rfc2217_is_told_as_one(case):
    with Station(case) as there, Server(case, there, "socket") as server:
        fail(
            case,
            server.port.replace("socket", "rfc2217"),
            "no-rfc2217",
            f"socket://127.0.0.1:{server.number}",
        )


def test_an_rfc2217_server_asked_as_a_raw_one_is_told_as_one(case):
    with Station(case) as there, Server(case, there, "rfc2217") as server:
        right, server.port = server.port, server.port.replace("rfc2217", "socket")
        fail(case, server.port, "not-raw", right)
        found = cli(case, "find", "--json", server.port).exited(EXIT_LINK).out
        case.contains(found, right, "what find says")
        run = upgrade(case, server.port).exited(EXIT_LINK)
        case.contains(run.out, right, "what an upgrade says")
        server.stop()
        case.equal(there.identify(), FACTORY_RUNS, "what runs")


def test_servers_that_are_not_there_and_wrong_names_are_told_apart(case):
    fail(case, f"socket://127.0.0.1:{free_port()}", "refused", "takes no connection on port")
    fail(case, "rfc2217://no-such-host.invalid:2001", "no-host", "no-such-host.invalid")
    run = cli(case, "identify", "--port", "socket://127.0.0.1:0").exited(EXIT_USAGE)
    case.contains(run.err, "from 1 to 65535", "stderr")


# ---- pyserial's server side ----


def load_pyserial():
    try:
        import serial
        import serial.rfc2217
    except ImportError:
        raise tap.Skip("there is no pyserial")
    return serial


class Slow:
    """A serial port that makes no more than 230400 baud, and keeps what it has when asked for more.
    Its modem lines are noted."""

    def __init__(self, inner, lines):
        self.__dict__["inner"], self.__dict__["lines"] = inner, lines

    def __getattr__(self, name):
        return getattr(self.inner, name)

    def __setattr__(self, name, value):
        if name in ("dtr", "rts"):
            self.lines[name] = value
        if name != "baudrate" or value <= 230400:
            setattr(self.inner, name, value)


class PySerialServer:
    """One connection at a time from a network to a pty, through pyserial's PortManager."""

    def __init__(self, case, there):
        self.serial = load_pyserial()
        self.case, self.there, self.rates, self.lines = case, there, [], {}
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = f"rfc2217://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()
        case.on_end(self._end)

    def _end(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self._serve_one(connection)

    def _serve_one(self, connection):
        # No modem lines: a pty has none.
        inner = self.serial.serial_for_url(str(self.there.path), timeout=0.02, do_not_open=True)
        inner.dtr = inner.rts = None
        for name in ("_update_dtr_state", "_update_rts_state"):
            setattr(inner, name, lambda: None)
        for name in ("cts", "dsr", "ri", "cd"):
            setattr(type(inner), name, property(lambda self: False))
        inner.open()
        lock = threading.Lock()
        over = threading.Event()

        class Connection:
            def write(self, data):
                with lock:
                    connection.sendall(data)

        manager = self.serial.rfc2217.PortManager(Slow(inner, self.lines), Connection())

        def read_line():
            while not over.is_set():
                try:
                    data = inner.read(inner.in_waiting or 1)
                    if data:
                        Connection().write(b"".join(manager.escape(data)))
                except OSError:
                    return

        reader = threading.Thread(target=read_line)
        reader.start()
        try:
            while data := connection.recv(1024):
                inner.write(b"".join(manager.filter(data)))
                self.rates.append(inner.baudrate)
        except OSError:
            pass  # the client is gone
        over.set()
        reader.join()
        inner.close()


@station.keeping_pace
def test_a_server_of_another_make_that_keeps_its_rate_is_believed(case):
    with Station(case, fast=False) as there:
        server = PySerialServer(case, there)
        run = upgrade(case, server.port, file=LARGE_RELEASE).exited(EXIT_DONE)
        case.check("691200 baud from here" not in run.texts(), "a refused rate was believed")
        run.went_at(230400)
        case.equal((run.last()["bank"], run.last()["version"]), ("HIGH", "1.3.0"), "what runs")
        case.check(230400 in server.rates, "the server was never at 230400 baud")
        case.equal(server.rates[-1], 115200, "the rate it was left at")


def test_dtr_and_rts_are_as_told_with_several_substations_too(case):
    with Station(case) as one, Station(case) as other:
        servers = [PySerialServer(case, there) for there in (one, other)]
        for ports in ([servers[0].port], [server.port for server in servers]):
            for line, other_line in (("dtr", "rts"), ("rts", "dtr")):
                words = [word for port in ports for word in ("--port", port)]
                cli(case, "upgrade", *words, f"--{line}", "on", "--dry-run", station.RELEASE).exited(EXIT_DONE)
                for server in servers[: len(ports)]:
                    case.equal(server.lines, {line: True, other_line: False}, f"{server.port}'s lines")


if __name__ == "__main__":
    tap.main(globals(), jobs=4)
