#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later

"""The real program, a real pointer and real keys: open by command line, click Upgrade, read the
closing sentence, look into the log.

Positions come from AT-SPI, clicks and keys go through the X server by xdotool. TAP on stdout.
Environment: SWITCHYARD_TEST_PROGRAM (or the first argument), SWITCHYARD_TEST_RELEASE,
SWITCHYARD_TEST_OUTPUT (a folder for the picture; none is taken without it). The test starts itself
again under Xvfb with a session bus of its own: a person's desktop is left alone.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time

DEADLINE_S = 60
TABS_MAX = 60
TESTS = [
    "the window shows the change on its button",
    "F1 shows the keyboard shortcuts",
    "Ctrl+2 shows the bytes, and the cursor moves by keys",
    "Ctrl+J goes to an address that is typed",
    "Ctrl+F finds text, and Escape closes the bar",
    "Ctrl+3 shows what was found, and Enter leads to its bytes",
    "Ctrl+S asks what to save, and Escape leaves it",
    "Ctrl+1 shows the summary again",
    "Tab reaches Upgrade",
    "Escape cancels an upgrade",
    "a click on Upgrade starts it",
    "it ends with what the substation runs now",
    "Alt+W shows where the time went, and Escape closes it",
    "Alt+3 shows the log with the whole story",
    "the menu names the program to go back to, and a question follows",
    "Alt+G goes back to it",
    "Ctrl+B asks whether to go forth again, and Escape leaves it",
    "Ctrl+Q ends the program",
]


# A picture of an empty window compresses to less than this.
BLANK_PICTURE = 10000


def skip(reason):
    print(f"1..0 # SKIP {reason}")
    sys.exit(0)


def restart_under_xvfb():
    for tool in ("xvfb-run", "dbus-run-session"):
        if not shutil.which(tool):
            skip(f"{tool} is missing")
    # What the session's services print must not get between the lines of the report.
    report = os.dup(sys.stdout.fileno())
    os.set_inheritable(report, True)
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.environ["SWITCHYARD_TEST_REPORT_FD"] = str(report)
    wrapper = ["xvfb-run", "-a", "-s", "-screen 0 1920x1200x24", "dbus-run-session", "--"]
    os.execvp(wrapper[0], wrapper + [sys.executable, *sys.argv])


for tool in ("xdotool", "import"):
    if not shutil.which(tool):
        skip(f"{tool} is missing")
try:
    import gi

    gi.require_version("Atspi", "2.0")
    from gi.repository import Atspi, GLib
except (ImportError, ValueError) as error:
    skip(f"AT-SPI for Python is missing: {error}")
if "SWITCHYARD_TEST_REPORT_FD" not in os.environ:
    restart_under_xvfb()
sys.stdout = os.fdopen(int(os.environ["SWITCHYARD_TEST_REPORT_FD"]), "w")


def is_on_screen(node):
    """What is hidden or on another page has no size; GTK 4 does not report the showing state."""
    if not node.get_component_iface():
        return True  # applications and pages of a stack: only what is in them has a size
    box = node.get_extents(Atspi.CoordType.WINDOW)
    return box.width > 0 and box.height > 0


def walk(node):
    """All that is on screen below a node, last first: what changes stands at the bottom."""
    try:
        children = [node.get_child_at_index(n) for n in range(node.get_child_count())]
    except GLib.Error:  # it vanished while we looked
        return
    for child in reversed(children):
        try:
            if not child or not is_on_screen(child):
                continue
        except GLib.Error:
            continue
        yield child
        yield from walk(child)


def find(texts, role=None):
    """The first thing on screen whose name contains one of the texts: names may come doubled."""
    for node in walk(Atspi.get_desktop(0)):
        try:
            name = node.get_name() or ""
            if any(text in name for text in texts) and (not role or node.get_role() == role):
                return node
        except GLib.Error:
            continue
    return None


def wait_for(*texts, role=None):
    end = time.monotonic() + DEADLINE_S
    while time.monotonic() < end:
        # Without this the library never hears what changed.
        while GLib.MainContext.default().iteration(False):
            pass
        Atspi.get_desktop(0).clear_cache()
        node = find(texts, role)
        if node:
            return node
        time.sleep(0.05)
    raise AssertionError(f"waited {DEADLINE_S} s in vain for {texts}")


def xdotool(*arguments):
    command = ["xdotool", *map(str, arguments)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    if result.returncode != 0:
        raise AssertionError(f"{command}: {result.stderr}")
    return result.stdout.strip()


def ask_of_window(*arguments):
    """A window that comes or goes while it is asked about is an X error: asked again, it is harmless."""
    end = time.monotonic() + DEADLINE_S
    while True:
        try:
            return xdotool(*arguments)
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def get_window(pid):
    return ask_of_window("search", "--onlyvisible", "--pid", pid).split()[-1]


def click(node, window):
    node.clear_cache()
    box = node.get_extents(Atspi.CoordType.WINDOW)
    xdotool("mousemove", "--window", window, box.x + box.width // 2, box.y + box.height // 2)
    time.sleep(0.1)
    xdotool("click", 1)


def press(keys, window):
    # There is no window manager to give the focus, and the program must hear of it first.
    ask_of_window("windowfocus", "--sync", window)
    time.sleep(0.2)
    xdotool("key", "--clearmodifiers", keys)


def press_here(keys):
    """To whatever has the focus: a menu or a question takes it by itself."""
    time.sleep(0.5)
    xdotool("key", "--clearmodifiers", keys)


def take_picture(window, name="keys-done.png"):
    folder = os.environ.get("SWITCHYARD_TEST_OUTPUT")
    if not folder:
        return
    os.makedirs(folder, exist_ok=True)
    picture = os.path.join(folder, name)
    subprocess.run(["import", "-window", window, picture], check=True, timeout=30)
    size = os.path.getsize(picture)
    if size < BLANK_PICTURE:
        raise AssertionError(f"the picture has only {size} bytes: the window is blank")


class Run:
    def __init__(self, program, release, home):
        environment = dict(os.environ, GSK_RENDERER="cairo", GTK_A11Y="atspi", LC_ALL="C.UTF-8", LANGUAGE="",
                           XDG_DATA_HOME=home, XDG_CONFIG_HOME=home, XDG_CACHE_HOME=home)
        environment.pop("G_DEBUG", None)
        self.process = subprocess.Popen([program, "--port", "virtual", release], env=environment)
        self.window = None

    def the_button_names_the_change(self):
        wait_for("Upgrade HIGH to 1.1.0", role=Atspi.Role.PUSH_BUTTON)
        self.window = get_window(self.process.pid)
        self.wait_until_ready()

    def wait_until_ready(self):
        self.button = wait_for("Upgrade HIGH to 1.1.0", role=Atspi.Role.PUSH_BUTTON)
        end = time.monotonic() + DEADLINE_S
        while not self.button.get_state_set().contains(Atspi.StateType.SENSITIVE):
            assert time.monotonic() < end, "the button never became sensitive"
            time.sleep(0.05)

    def f1_shows_the_shortcuts(self):
        press("F1", self.window)
        wait_for("Cancel the upgrade that runs")
        shortcuts = get_window(self.process.pid)
        assert shortcuts != self.window, "the shortcuts have no window of their own"
        press("Escape", shortcuts)
        self.wait_until_alone()

    def wait_until_alone(self):
        end = time.monotonic() + DEADLINE_S
        while get_window(self.process.pid) != self.window:
            assert time.monotonic() < end, "the other window never closed"
            time.sleep(0.1)

    def ctrl_2_shows_the_bytes(self):
        press("ctrl+2", self.window)
        wait_for("reset vector")
        press("ctrl+Home", self.window)
        press("Down", self.window)
        wait_for("0x00002010")
        take_picture(self.window, "keys-bytes.png")

    def ctrl_j_goes_to_an_address(self):
        press("ctrl+j", self.window)
        wait_for("Go to address")
        xdotool("type", "high")
        press_here("Return")
        wait_for("0x00010000")
        press("Right", self.window)
        wait_for("0x00010001")

    def ctrl_f_finds_text(self):
        press("ctrl+f", self.window)
        time.sleep(0.5)
        xdotool("type", "53 57 59 48")
        wait_for(" of ")
        press_here("Escape")
        press("Right", self.window)

    def enter_leads_to_the_bytes(self):
        press("ctrl+3", self.window)
        wait_for("This file can be sent.")
        press("Return", self.window)
        wait_for("reset vector")

    def ctrl_s_asks_what_to_save(self):
        press("ctrl+s", self.window)
        wait_for("Fill Gaps")
        dialog = get_window(self.process.pid)
        assert dialog != self.window, "the question has no window of its own"
        take_picture(dialog, "keys-save.png")
        press("Escape", dialog)
        self.wait_until_alone()

    def ctrl_1_shows_the_summary(self):
        press("ctrl+1", self.window)
        wait_for("Vectors and header")

    def tab_reaches_it(self):
        for _ in range(TABS_MAX):
            press("Tab", self.window)
            time.sleep(0.1)
            self.button.clear_cache()
            if self.button.get_state_set().contains(Atspi.StateType.FOCUSED):
                return
        raise AssertionError(f"{TABS_MAX} times Tab did not reach the button")

    def escape_cancels(self):
        press("space", self.window)
        wait_for("An upgrade is running.")
        press("Escape", self.window)
        wait_for("The upgrade was cancelled.")
        time.sleep(0.5)  # what slides in pushes the button up: its place must be the last one
        self.wait_until_ready()

    def a_click_starts_it(self):
        click(self.button, self.window)
        wait_for("An upgrade is running.", "The substation runs HIGH")

    def it_ends_with_what_runs(self):
        wait_for("The substation runs HIGH 1.1.0.")
        time.sleep(0.5)
        take_picture(self.window)

    def alt_w_shows_the_life(self):
        press("alt+w", self.window)
        wait_for("Programming flash")
        life = get_window(self.process.pid)
        assert life != self.window, "the table has no window of its own"
        take_picture(life, "keys-life.png")
        press("Escape", life)
        self.wait_until_alone()

    def the_log_has_the_story(self):
        press("alt+3", self.window)
        wait_for("Checking and sealing HIGH")

    def the_menu_asks(self):
        press("F10", self.window)
        wait_for("Go Back to LOW 1.0.0…")
        take_picture("root", "keys-menu.png")
        press_here("Return")
        wait_for("Go Back to LOW 1.0.0?")
        take_picture("root", "keys-question.png")

    def alt_g_goes_back(self):
        press_here("alt+g")
        wait_for("The substation runs LOW 1.0.0.")
        self.wait_until_ready()

    def ctrl_b_goes_forth(self):
        press("ctrl+b", self.window)
        wait_for("Go Back to HIGH 1.1.0?")
        press_here("Escape")
        self.wait_until_alone()

    def quits(self):
        press("ctrl+q", self.window)
        assert self.process.wait(timeout=DEADLINE_S) == 0, "it ended with an error"


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("SWITCHYARD_TEST_PROGRAM")
    release = os.environ.get("SWITCHYARD_TEST_RELEASE")
    if not program or not release:
        skip("SWITCHYARD_TEST_PROGRAM or SWITCHYARD_TEST_RELEASE is not set")
    print(f"1..{len(TESTS)}")
    failed = 0
    # The registry must stand before the program looks for it.
    Atspi.get_desktop(0).get_child_count()
    with tempfile.TemporaryDirectory() as home:
        run = Run(program, release, home)
        steps = [run.the_button_names_the_change, run.f1_shows_the_shortcuts,
                 run.ctrl_2_shows_the_bytes, run.ctrl_j_goes_to_an_address, run.ctrl_f_finds_text,
                 run.enter_leads_to_the_bytes, run.ctrl_s_asks_what_to_save,
                 run.ctrl_1_shows_the_summary, run.tab_reaches_it,
                 run.escape_cancels, run.a_click_starts_it, run.it_ends_with_what_runs,
                 run.alt_w_shows_the_life, run.the_log_has_the_story, run.the_menu_asks,
                 run.alt_g_goes_back, run.ctrl_b_goes_forth, run.quits]
        for number, (step, name) in enumerate(zip(steps, TESTS), 1):
            if failed:
                print(f"not ok {number} - {name} # what came before failed")
                failed += 1
                continue
            try:
                step()
                print(f"ok {number} - {name}", flush=True)
            except (AssertionError, subprocess.SubprocessError, GLib.Error) as error:
                reason = str(error).replace("\n", "\n# ")
                print(f"not ok {number} - {name}\n# {reason}", flush=True)
                failed += 1
        if run.process.poll() is None:
            run.process.kill()
            run.process.wait()
    return 1 if failed else 0


sys.exit(main())
