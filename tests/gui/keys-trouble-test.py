#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""Upgrades that go wrong, by keys and clicks only: a new program hangs, then the substation loses its
power in the middle. The old program runs each time, and the second try succeeds.

Environment: see keys.py, and SWITCHYARD_FIRMWARE_DIR, SWITCHYARD_SUBSTATION, SWITCHYARD_TEST_RELEASE.
"""

import os
import time

import keys

# Counted from the start: after what the first program and its records take.
POWER_CUT = "power-cut-block=20"
HANGING = "Upgrade HIGH to 1.2.0"
GOOD = "Upgrade HIGH to 1.1.0"
OLD_RUNS = "The substation runs LOW 1.0.0, as before."


class Run(keys.Window):
    def the_button_names_the_change(self):
        self.wait_until_ready(HANGING)

    def a_program_that_hangs_is_left(self):
        keys.click(self.button, self.window)
        keys.wait_for("HIGH 1.2.0 was left")
        keys.wait_for(OLD_RUNS)
        time.sleep(0.5)  # what slides in pushes the button up: its place must be the last one
        keys.take_picture(self.window, "keys-returned.png")

    def another_release_is_opened(self):
        keys.press("ctrl+o", self.window)
        end = time.monotonic() + keys.DEADLINE_S
        while keys.get_window(self.process.pid) == self.window:
            assert time.monotonic() < end, "the chooser never opened"
            time.sleep(0.1)
        chooser = keys.get_window(self.process.pid)
        keys.press("ctrl+l", chooser)
        time.sleep(0.5)
        keys.xdotool("type", keys.get_path("SWITCHYARD_TEST_RELEASE"))
        keys.press_here("Return")
        self.wait_until_alone()
        self.wait_until_ready(GOOD)

    def a_power_cut_is_told(self):
        time.sleep(0.5)
        keys.click(self.button, self.window)
        keys.wait_for("The substation restarted in the middle of the upgrade. " + OLD_RUNS)
        time.sleep(0.5)
        keys.take_picture(self.window, "keys-power-cut.png")

    def the_log_has_it_too(self):
        keys.press("alt+3", self.window)
        keys.wait_for("HIGH 1.2.0 was left", "hung")

    def the_second_try_succeeds(self):
        self.wait_until_ready(GOOD)
        self.tab_to_button()
        keys.press("space", self.window)
        keys.wait_for("The substation runs HIGH 1.1.0.")
        time.sleep(0.5)
        keys.take_picture(self.window, "keys-second-try.png")


def tests_of(home):
    substation = keys.Substation(home, POWER_CUT)
    release = os.path.join(keys.get_path("SWITCHYARD_FIRMWARE_DIR"), "drill-hang.hex")
    run = Run(home, "--port", "pty:" + substation.line, release)
    tests = [
        ("the window shows the change on its button", run.the_button_names_the_change),
        ("a click starts it, and a program that hangs is left", run.a_program_that_hangs_is_left),
        ("Ctrl+O opens another release", run.another_release_is_opened),
        ("a click starts it, and a power cut is told", run.a_power_cut_is_told),
        ("Alt+3 shows what happened in the log", run.the_log_has_it_too),
        ("Tab and space try again, and it succeeds", run.the_second_try_succeeds),
        ("Ctrl+Q ends the program", run.quits),
    ]
    return tests, [run, substation]


keys.main(tests_of)
