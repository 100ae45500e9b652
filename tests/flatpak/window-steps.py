#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The installed Flatpak's window, by keys and clicks from outside its sandbox: it starts, has opened a
file of the person's, upgrades the virtual substation and ends. TAP; started by flatpak-test.py.

usage: window-steps.py APP_ID [OPTION of flatpak run...] [FILE | @@ FILE @@]
"""

import os
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "gui"))
import keys  # noqa: E402

APP_ID = sys.argv[1]
OPTIONS = [word for word in sys.argv[2:] if word.startswith("--")]
FILE = [word for word in sys.argv[2:] if not word.startswith("--")]  # with @@ through the document portal
CHANGE = "Upgrade HIGH to 1.1.0"


class Sandboxed(keys.Window):
    def __init__(self, *arguments):
        environment = dict(os.environ, GSK_RENDERER="cairo", GTK_A11Y="atspi", LC_ALL="C.UTF-8", LANGUAGE="")
        self.process = subprocess.Popen(
            ["flatpak", "run", "--user", "--file-forwarding", *OPTIONS, APP_ID, *arguments], env=environment)
        self.window = None
        self.button = None

    def find_window(self):
        """Processes have other numbers in the sandbox: by what the window calls itself."""
        return keys.ask_of_window("search", "--onlyvisible", "--class", "switchyard").split()[-1]

    def it_starts(self):
        end = time.monotonic() + keys.DEADLINE_S
        while not keys.find(["Switchyard"]):
            assert self.process.poll() is None, f"it ended with {self.process.returncode} and no window"
            assert time.monotonic() < end, "no window came"
            keys.listen()
            keys.Atspi.get_desktop(0).clear_cache()

    def the_file_is_open(self):
        keys.wait_for("release-of-mine.hex")

    def the_button_names_the_change(self):
        self.wait_until_ready(CHANGE)

    def a_click_upgrades(self):
        keys.click(self.button, self.window)
        keys.wait_for("The substation runs HIGH 1.1.0.")
        time.sleep(0.5)
        keys.take_picture(self.window, "flatpak-window.png")

    def kill(self):
        if self.process.poll() is None:
            subprocess.run(["flatpak", "kill", APP_ID], check=False, timeout=keys.DEADLINE_S)
            self.process.wait(timeout=keys.DEADLINE_S)


def tests_of(_home):
    window = Sandboxed("--port", "virtual", *FILE)
    steps = [
        ("it starts", window.it_starts),
        ("the file is open", window.the_file_is_open),
        ("the button names the change", window.the_button_names_the_change),
        ("a click upgrades the virtual substation inside", window.a_click_upgrades),
        ("ctrl+q ends it", window.quits),
    ]
    return steps, [window]


if __name__ == "__main__":
    keys.main(tests_of)
