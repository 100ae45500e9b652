#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real program, a real pointer and real keys: open by command line, click Upgrade, read the
closing sentence, look into the log.

Environment: see keys.py, and SWITCHYARD_TEST_RELEASE.
"""

import time

import keys

CHANGE = "Upgrade HIGH to 1.1.0"


class Run(keys.Window):
    def the_button_names_the_change(self):
        self.wait_until_ready(CHANGE)

    def f1_shows_the_shortcuts(self):
        keys.press("F1", self.window)
        keys.wait_for("Cancel the upgrade that runs")
        shortcuts = keys.get_window(self.process.pid)
        assert shortcuts != self.window, "the shortcuts have no window of their own"
        keys.press("Escape", shortcuts)
        self.wait_until_alone()

    def ctrl_2_shows_the_bytes(self):
        keys.press("ctrl+2", self.window)
        keys.wait_for("reset vector")
        keys.press("ctrl+Home", self.window)
        keys.press("Down", self.window)
        keys.wait_for("0x00002010")
        keys.take_picture(self.window, "keys-bytes.png")

    def ctrl_j_goes_to_an_address(self):
        keys.press("ctrl+j", self.window)
        keys.wait_for("Go to address")
        keys.xdotool("type", "high")
        keys.press_here("Return")
        keys.wait_for("0x00010000")
        keys.press("Right", self.window)
        keys.wait_for("0x00010001")

    def ctrl_f_finds_text(self):
        keys.press("ctrl+f", self.window)
        time.sleep(0.5)
        keys.xdotool("type", "53 57 59 48")
        keys.wait_for(" of ")
        keys.press_here("Escape")
        keys.press("Right", self.window)

    def enter_leads_to_the_bytes(self):
        keys.press("ctrl+3", self.window)
        keys.wait_for("This file can be sent.")
        keys.press("Return", self.window)
        keys.wait_for("reset vector")

    def ctrl_s_asks_what_to_save(self):
        keys.press("ctrl+s", self.window)
        keys.wait_for("Fill Gaps")
        dialog = keys.get_window(self.process.pid)
        assert dialog != self.window, "the question has no window of its own"
        keys.take_picture(dialog, "keys-save.png")
        keys.press("Escape", dialog)
        self.wait_until_alone()

    def ctrl_1_shows_the_summary(self):
        keys.press("ctrl+1", self.window)
        keys.wait_for("Vectors and header")

    def escape_cancels(self):
        keys.press("space", self.window)
        keys.wait_for("An upgrade is running.")
        keys.press("Escape", self.window)
        keys.wait_for("The upgrade was cancelled.")
        time.sleep(0.5)  # what slides in pushes the button up: its place must be the last one
        self.wait_until_ready(CHANGE)

    def a_click_starts_it(self):
        keys.click(self.button, self.window)
        keys.wait_for("An upgrade is running.", "The substation runs HIGH")

    def it_ends_with_what_runs(self):
        keys.wait_for("The substation runs HIGH 1.1.0.")
        time.sleep(0.5)
        keys.take_picture(self.window)

    def alt_w_shows_the_life(self):
        keys.press("alt+w", self.window)
        keys.wait_for("Programming flash")
        life = keys.get_window(self.process.pid)
        assert life != self.window, "the table has no window of its own"
        keys.take_picture(life, "keys-life.png")
        keys.press("Escape", life)
        self.wait_until_alone()

    def the_log_has_the_story(self):
        keys.press("alt+3", self.window)
        keys.wait_for("Checking and sealing HIGH")

    def the_menu_asks(self):
        keys.press("F10", self.window)
        keys.wait_for("Go Back to LOW 1.0.0…")
        keys.take_picture("root", "keys-menu.png")
        keys.press_here("Return")
        keys.wait_for("Go Back to LOW 1.0.0?")
        keys.take_picture("root", "keys-question.png")

    def alt_g_goes_back(self):
        keys.press_here("alt+g")
        keys.wait_for("The substation runs LOW 1.0.0.")
        self.wait_until_ready(CHANGE)

    def ctrl_b_goes_forth(self):
        keys.press("ctrl+b", self.window)
        keys.wait_for("Go Back to HIGH 1.1.0?")
        keys.press_here("Escape")
        self.wait_until_alone()


def tests_of(home):
    run = Run(home, "--port", "virtual", keys.get_path("SWITCHYARD_TEST_RELEASE"))
    tests = [
        ("the window shows the change on its button", run.the_button_names_the_change),
        ("F1 shows the keyboard shortcuts", run.f1_shows_the_shortcuts),
        ("Ctrl+2 shows the bytes, and the cursor moves by keys", run.ctrl_2_shows_the_bytes),
        ("Ctrl+J goes to an address that is typed", run.ctrl_j_goes_to_an_address),
        ("Ctrl+F finds text, and Escape closes the bar", run.ctrl_f_finds_text),
        ("Ctrl+3 shows what was found, and Enter leads to its bytes", run.enter_leads_to_the_bytes),
        ("Ctrl+S asks what to save, and Escape leaves it", run.ctrl_s_asks_what_to_save),
        ("Ctrl+1 shows the summary again", run.ctrl_1_shows_the_summary),
        ("Tab reaches Upgrade", run.tab_to_button),
        ("Escape cancels an upgrade", run.escape_cancels),
        ("a click on Upgrade starts it", run.a_click_starts_it),
        ("it ends with what the substation runs now", run.it_ends_with_what_runs),
        ("Alt+W shows where the time went, and Escape closes it", run.alt_w_shows_the_life),
        ("Alt+3 shows the log with the whole story", run.the_log_has_the_story),
        ("the menu names the program to go back to, and a question follows", run.the_menu_asks),
        ("Alt+G goes back to it", run.alt_g_goes_back),
        ("Ctrl+B asks whether to go forth again, and Escape leaves it", run.ctrl_b_goes_forth),
        ("Ctrl+Q ends the program", run.quits),
    ]
    return tests, [run]


keys.main(tests_of)
