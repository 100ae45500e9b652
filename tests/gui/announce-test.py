#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a screen reader hears of an upgrade: each phase, in order, and the closing sentence.

A screen reader speaks a new name of the window that is in use, and announcements where there are any.
Environment: see keys.py, and SWITCHYARD_TEST_LARGE,
SWITCHYARD_FIRMWARE_DIR, SWITCHYARD_SUBSTATION.
"""

import os
import threading
import time
import tty

import keys
from keys import Atspi, GLib

EVENTS = ("object:property-change:accessible-name", "object:announcement")
CHANGE = "Upgrade HIGH to 1.3.0"
PHASES = ("Starting", "Asking the substation for its identity", "Starting the loader",
          "Trying whether the line carries a higher rate", "Erasing HIGH", "Writing HIGH",
          "Checking and sealing HIGH", "Starting HIGH 1.3.0", "HIGH 1.3.0 tests itself",
          "Finding out what runs now", "Finished")
RESULT = "The substation runs HIGH 1.3.0."


# Of a line of 115200 baud.
BYTES_PER_S = 11520


def carry(source, target):
    while True:
        try:
            some = os.read(source, 64)
        except OSError:  # the other end is gone
            return
        os.write(target, some)
        time.sleep(len(some) / BYTES_PER_S)


def slow_down(line):
    """The name of a terminal that leads to the line; bytes take as long as on a cable."""
    far = os.open(line, os.O_RDWR | os.O_NOCTTY)
    near, end = os.openpty()  # the end stays open here, or the line would break with its user
    for terminal in (far, end):
        tty.setraw(terminal)
    for ends in ((far, near), (near, far)):
        threading.Thread(target=carry, args=ends, daemon=True).start()
    return os.ttyname(end)


class Listener:
    """Hears as a screen reader does."""

    def __init__(self):
        self.said = []  # (when, text)
        self.listener = Atspi.EventListener.new(self.on_event)
        for event in EVENTS:
            self.listener.register(event)

    def on_event(self, event):
        try:
            if event.type.startswith(EVENTS[1]) or self.is_window_in_use(event.source):
                self.said.append((time.monotonic(), event.any_data))
        except GLib.Error:  # it is gone already
            pass

    @staticmethod
    def is_window_in_use(source):
        return (source.get_role() == Atspi.Role.FRAME
                and source.get_state_set().contains(Atspi.StateType.ACTIVE))


class Run(keys.Window):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.listener = Listener()
        self.begin = None

    def it_is_ready(self):
        self.wait_until_ready(CHANGE)
        assert not self.listener.said, f"there was nothing to say: {self.listener.said}"

    def it_runs(self):
        self.begin = time.monotonic()
        keys.press("ctrl+u", self.window)
        keys.wait_for(RESULT)
        end = time.monotonic() + keys.DEADLINE_S
        while RESULT not in self.texts():
            assert time.monotonic() < end, f"the result was never said: {self.texts()}"
            keys.listen()

    def texts(self):
        return [text for _, text in self.listener.said]

    def phases_are_said_in_order(self):
        texts = self.texts()
        for text in texts:
            print(f"# {text}")
        assert texts[-1] == RESULT, f"the result is not the last: {texts}"
        assert texts.count(RESULT) == 1, f"the result is said again: {texts}"
        assert "Writing HIGH" in texts, f"what takes longest is not said: {texts}"
        places = [PHASES.index(text) for text in texts[:-1]]
        assert places == sorted(set(places)), f"phases are in disorder or said twice: {texts}"

    def nobody_is_talked_down(self):
        """However late each is heard: with a second between them, so many cannot have been said sooner."""
        heard = [when - self.begin for when, text in self.listener.said if text != RESULT]
        assert len(heard) >= 2, f"there is nothing to compare: {heard}"
        assert all(when > 0.99 * before for before, when in enumerate(heard)), f"too many too soon: {heard}"


def tests_of(home):
    substation = keys.Substation(home)
    port = "pty:" + slow_down(substation.line)
    run = Run(home, "--port", port, keys.get_path("SWITCHYARD_TEST_LARGE"))
    tests = [
        ("before an upgrade nothing is said", run.it_is_ready),
        ("the closing sentence is said", run.it_runs),
        ("phases are said in order, and the result is the last", run.phases_are_said_in_order),
        ("phases are a second apart", run.nobody_is_talked_down),
        ("Ctrl+Q ends the program", run.quits),
    ]
    return tests, [run, substation]


keys.main(tests_of)
