#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""Substations at the far end of a network, whose segments take their time and now and then are lost.

What TCP loses it sends again, and all behind it waits: nothing is missing, much is late. Takes the same
environment variables as cli-test.py.
"""

import collections
import os
import select
import socket
import threading
import time
import tty

import station
import tap
from station import EXIT_DONE, FIRMWARE, cli

LARGE_RELEASE = FIRMWARE / "release-large-1.3.0.hex"
BLOCKS = 96


class Path:
    """A TCP port, and a path of `latency_s` each way from there to a substation's pty.

    Every `every_s` a piece is held up for `stall_s`, and with it all that follows.
    """

    def __init__(self, case, there, latency_s, every_s=None, stall_s=0.0):
        self.latency_s, self.every_s, self.stall_s = latency_s, every_s, stall_s
        self.stalled, self.next_stall = 0, time.monotonic()
        self.pty = os.open(there.path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.pty)
        case.on_end(lambda: os.close(self.pty))
        self.listener = socket.create_server(("127.0.0.1", 0))
        case.on_end(self.listener.close)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._carry)
        self.thread.start()
        case.on_end(self._end)
        self.port = f"socket://127.0.0.1:{self.listener.getsockname()[1]}"

    def _end(self):
        self.over.set()
        self.thread.join()

    def _put(self, way, data):
        """Behind what is on its way already, however late that is."""
        now = time.monotonic()
        due = now + self.latency_s
        if self.every_s and now >= self.next_stall:
            due += self.stall_s
            self.stalled += 1
            self.next_stall = now + self.every_s
        way.append((max(due, way[-1][0]) if way else due, data))

    def _carry(self):
        self.listener.settimeout(60)
        connection, _ = self.listener.accept()
        out, back = collections.deque(), collections.deque()
        with connection:
            while not self.over.is_set():
                ready, _, _ = select.select([connection, self.pty], [], [], 0.002)
                if connection in ready:
                    data = connection.recv(4096)
                    if not data:
                        return
                    self._put(out, data)
                if self.pty in ready:
                    self._put(back, os.read(self.pty, 4096))
                now = time.monotonic()
                while out and out[0][0] <= now:
                    os.write(self.pty, out.popleft()[1])
                while back and back[0][0] <= now:
                    connection.sendall(back.popleft()[1])


def upgrade(case, path):
    run = cli(case, "upgrade", "--port", path.port, "--json", LARGE_RELEASE).exited(EXIT_DONE)
    last = run.last()
    case.equal((last["bank"], last["version"]), ("HIGH", "1.3.0"), "what runs")
    return run, last


@station.keeping_pace
def test_over_300_ms_nothing_is_sent_twice_and_no_other_rate_is_tried(case):
    with station.Station(case, fast=False) as there:
        run, last = upgrade(case, Path(case, there, 0.15))
        case.check(last["round_trip_ms"] >= 300, f"a round trip of {last['round_trip_ms']} ms")
        if last["retries"] or last["timeouts"]:
            raise station.Behind(f"something was asked twice\n{run}")
        case.equal(last["link_quality"], "good", "the link")
        case.check("from here" not in run.texts(), "another rate was tried")


def test_what_is_held_up_is_waited_for_and_not_sent_in_storms(case):
    with station.Station(case, fast=False) as there:
        path = Path(case, there, 0.05, every_s=0.8, stall_s=0.5)
        run, last = upgrade(case, path)
        case.check(path.stalled >= 3, f"held up only {path.stalled} times")
        blocks = last["life"]["blocks_sent"]
        # A frame that is held up in its middle is given up by the loader, with what leans on it.
        case.check(blocks <= BLOCKS * 1.5, f"{blocks} blocks sent, of {BLOCKS}\n{run}")


if __name__ == "__main__":
    tap.main(globals(), jobs=2)
